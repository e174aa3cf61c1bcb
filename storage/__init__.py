"""Where everything is kept: the one place that knows keys.

Everything lies below one root, a directory or `s3://bucket/prefix`:

    captures/<outlet>/<yyyy>/<mm>/<dd>/<run>-<n:05>.warc.gz   raw exchanges; closed segments, one gzip member a record
    runs/<run>.json                      what a crawl was asked for and whether it finished; lets the same command resume
    topics/<sha256>.yaml                 topic files that crawls were asked to use, by content
    profiles/<sha256>.json               what was learned of a site, by content
    profiles/in-force/<n:010>.json       create-only: {site: sha256}; the last one says which profiles pages are read by
    configurations/<sha256>.json         what the readings of a commit rested on: its config_sha256 names it
    quarantine/<n:010>.json              create-only: which runs are held out of the corpus; the last one counts
    documents/_delta_log/<n:020>.json    the log: commit n is snapshot n; the only thing that makes anything visible
    documents/_delta_log/<n:020>.checkpoint.parquet, _last_checkpoint
    documents/<sha256>.parquet           packs of document rows: the clean text (a Delta Lake table)
    links/ removals/ rejections/ fetches/ sketches/ health/   <sha256>.parquet, named by the commits
    anchors/ vectors/ alignments/        the same: what texts name, their sentences' vectors, sentences that say the same
    tags/<name>.json                     create-only: {snapshot, digest, created, note}
    releases/<name>/                     plain Parquet, dataset card, SHA256SUMS
    index/states/<n:020>.json.gz         rebuildable: what is live at a snapshot, and one line of history a snapshot
    index/conditional-writes             the mark by which a store proves that create-only writes are honoured
    .tmp/                                of a directory store: files that have no name yet

Packs and side files are named by the SHA-256 of their bytes and never change. A commit is one create-only PUT.

    objects (directory, s3)              bytes under keys
    warc, captures, decode, importing    exchanges as WARC segments, and back
    schemas, tables, kin_rows, packs     rows as content-addressed Parquet, and back
    delta, state, log                    the protocol by which files become visible, all at once
    profiles, quarantine                 what was learned of sites, and what is in force; which runs are held
    contents, snapshots, verify, gc      what a snapshot holds; its names; whether it is sound; what nothing needs
    selection, formats, pull             a snapshot in a folder of the user's
    bitext                               its translations as a parallel corpus
"""
