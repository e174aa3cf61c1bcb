"""Storage: the layout of the store, and the packages that read and write it.

Everything is below one root, a directory or `s3://bucket/prefix`. These are its keys:

    captures/<outlet>/<yyyy>/<mm>/<dd>/<run>-<n:05>.warc.gz   raw exchanges: closed segments, one gzip member per record
    runs/<request>/<run>.json            the request of a crawl, and whether it finished; the same command resumes it
    leases/<name>/<n:010>.json           who asks an outlet or a list now; the highest n applies, and it expires
    status/<outlet>.json                 how the last run of an outlet went
    topics/<sha256>.yaml                 topic files that crawls used, named by their content
    profiles/<sha256>.json               site profiles, named by their content
    profiles/in-force/<n:010>.json       create-only: {site: sha256}; the highest n says which profiles apply
    configurations/<sha256>.json         what the extractions of a commit depend on; `config_sha256` of the commit names it
    quarantine/<n:010>.json              create-only: the runs in quarantine; the highest n applies
    documents/_delta_log/<n:020>.json    the log: commit n is snapshot n; nothing else makes files visible
    documents/_delta_log/<n:020>.checkpoint.parquet, _last_checkpoint
    documents/<sha256>.parquet           packs of document rows: the clean text (a Delta Lake table)
    links/ removals/ rejections/ fetches/ sketches/ health/   <sha256>.parquet, listed by the commits
    anchors/ vectors/ alignments/        the same: names and numbers in texts, sentence vectors, aligned sentences
    tags/<name>.json                     create-only: {snapshot, digest, created, note}
    releases/<name>/SHA256SUMS           create-only: which files are the release
    releases/<name>/<sha256>/            its files: plain Parquet, data set card; the folder's name is the SHA-256 of their sums
    index/states/<n:020>.json.gz         rebuildable: the live files at a snapshot, and one line of history per snapshot
    index/accounts/<sha256>.json         pages of a commit by outlet, where they are many; the entry names it
    index/accounts/<n:020>.json          rebuildable: pages by outlet since the last rebuild, up to snapshot n
    index/fetches/<outlet>/<n:020>.parquet  rebuildable: the fetches of an outlet up to snapshot n
    index/views/<edition>/<n:020>-<m:020>.json, index/views/files/<sha256>.parquet  rebuildable: the view of snapshot n,
                                         or what commits m to n change in it
    index/current/                       rebuildable: the current view, a Delta Lake table for other tools
    index/lookups/<edition>/<n:020>-<m:020>.json, index/lookups/files/<sha256>.parquet  rebuildable: what writers look up
    redactions/<n:010>.json              create-only: takedowns, and the files that replace others since
    index/expired/<n:010>.json           create-only: which snapshots have expired
    index/heads/<n:020>.json             the SHA-256 of entry n: a proof that it was there
    index/sums/<sha256>.json             checksums of segments that commits of older versions do not name
    index/conditional-writes             the marker that proves that the store honours create-only writes
    .tmp/                                temporary files of a directory store

Packs and side files are named by the SHA-256 of their bytes and never change. A commit is one create-only PUT. So is
every other write but those to `runs/`, `leases/`, `status/` and `_last_checkpoint`; `infra/bucket-policy.json` holds
workers to it.

    objects/                             bytes under keys: in a directory or in a bucket
    captures/                            HTTP exchanges as WARC segments: written, read, imported
    tables/                              rows as content-addressed Parquet, and the log that makes them visible
    leases                               names that one process holds at a time
    clock                                this machine's clock compared with the store's
    profiles, quarantine                 the site profiles that apply; the runs in quarantine
    snapshots/                           names, contents, checks and garbage collection of snapshots
    export/                              a snapshot written to a folder, or its translations as a parallel corpus
    corpus                               a snapshot read from Python
"""
