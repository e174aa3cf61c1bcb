"""Removing what no commit refers to: files of writers that died, or lost the race and had nothing left to commit.

Old snapshots stay readable: what any commit ever added is kept. So is everything younger than a day, which a writer at
work may be about to commit. A writer puts each of its files anew, so that a file it needs is never older than its run:
a run must not take longer than `MIN_AGE`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.objects import ObjectInfo, ObjectStore
from storage.tables.log_reader import LogReader
from storage.tables.schemas import SCHEMAS

MIN_AGE = timedelta(hours=24)  # docs/measurements.md §10


@dataclass(frozen=True, slots=True)
class GcReport:
    """What was removed, or would be."""

    keys: tuple[str, ...]
    size: int  # bytes
    unfinished: int  # temporary files and uploads in parts that were never finished


def gc(log: LogReader, now: datetime, *, dry_run: bool) -> GcReport:
    """Remove files that no commit refers to and that are older than `MIN_AGE`.

    Without any commit nothing is removed: a log that was lost must not cost the files as well.
    """
    before = now - MIN_AGE
    found = [
        info
        for table in SCHEMAS
        for info in log.store.list(table + "/")
        if info.key.count("/") == 1 and info.key.endswith(".parquet") and info.modified < before
    ]
    # the log is read after the listing: what is committed in between is referred to
    kept = {ref.key for commit in log.read_many(range(log.head() + 1)) for ref in commit.add}
    orphans = [info for info in found if info.key not in kept] if kept else []
    if not dry_run:
        orphans = [info for info in orphans if _delete(log.store, info)]
    unfinished = 0 if dry_run else log.store.sweep(before)
    return GcReport(tuple(info.key for info in orphans), sum(info.size for info in orphans), unfinished)


def _delete(store: ObjectStore, info: ObjectInfo) -> bool:
    """Delete a file, unless a writer has put it anew since it was listed: it may commit it at any moment."""
    if info not in store.list(info.key):
        return False
    store.delete(info.key)
    return True
