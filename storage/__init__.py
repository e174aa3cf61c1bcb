"""Where everything is kept: the one place that knows keys.

Everything lies below one root, a directory or `s3://bucket/prefix`:

    captures/<outlet>/<yyyy>/<mm>/<dd>/<run>-<n:05>.warc.gz   raw exchanges; closed segments, one gzip member a record
    runs/<run>.json                      what a crawl was asked for and whether it finished; lets the same command resume
    topics/<sha256>.yaml                 topic files that crawls were asked to use, by content
    documents/_delta_log/<n:020>.json    the log: commit n is snapshot n; the only thing that makes anything visible
    documents/_delta_log/<n:020>.checkpoint.parquet, _last_checkpoint
    documents/<sha256>.parquet           packs of document rows: the clean text (a Delta Lake table)
    links/ removals/ rejections/ fetches/ sketches/ health/   <sha256>.parquet, named by the commits
    tags/<name>.json                     create-only: {snapshot, digest, created, note}
    releases/<name>/                     plain Parquet, dataset card, SHA256SUMS
    index/                               rebuildable: one row per snapshot, compacted state

Packs and side files are named by the SHA-256 of their bytes and never change. A commit is one create-only PUT.
"""
