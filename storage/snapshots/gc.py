"""Garbage collection: remove files that no commit lists, left by writers that died or lost a race, and views out of use.

Old snapshots stay readable: every file that any commit added is kept, and for a month those of a rebuild that was compared and
not yet published (`storage.snapshots.rebuilds`). Files younger than a day are kept too, because a
running writer may commit them. A writer writes a file again that no commit lists, unless it is younger than
`storage.tables.packs.MAX_REUSED_AGE`. Therefore a run must not take longer than `MIN_AGE` less that age. A file of a stored
view that is lost so, because a new view begins to use it at this moment, is named with what to do when it is read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from articles.errors import CorruptError, MissingError
from storage.objects import ObjectInfo, ObjectStore
from storage.snapshots.current_log import CURRENT_PREFIX, LOG_PREFIX, replaced
from storage.snapshots.current_table import files_in_use
from storage.snapshots.layer_tables import LayerKind
from storage.snapshots.layers import files_of
from storage.snapshots.lookup_layers import LOOKUPS
from storage.snapshots.rebuilds import kept_files
from storage.snapshots.release_index import abandoned
from storage.snapshots.view_layers import VIEWS
from storage.tables.accounts import ACCOUNTS_PATTERN, ACCOUNTS_PREFIX, accounts_key
from storage.tables.log_reader import LogReader
from storage.tables.schemas import SCHEMAS

MIN_AGE = timedelta(hours=24)  # docs/measurements.md §10
# Of entries that a checkpoint replaces. It is Delta's `logRetentionDuration`. Older code takes checkpoints for unused files: as
# long as the entries are there, nothing is lost.
ENTRIES_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class GcReport:
    """What was removed, or with `dry_run` would be."""

    keys: tuple[str, ...]
    size: int  # bytes
    unfinished: int  # temporary files and multipart uploads that were never finished


def gc(log: LogReader, now: datetime, *, dry_run: bool) -> GcReport:
    """Remove files that no commit lists, and stored views of other code or from before a takedown, if older than `MIN_AGE`.

    Without any commit nothing is removed: if the log is lost, the files must not be lost as well. Raises CorruptError if
    its newest entries are lost.
    """
    log.check_tail()
    before = now - MIN_AGE
    found = [
        info
        for table in SCHEMAS
        for info in log.store.list(table + "/")
        if info.key.count("/") == 1 and info.key.endswith(".parquet") and info.modified < before
    ]
    named = [info for info in log.store.list(ACCOUNTS_PREFIX) if ACCOUNTS_PATTERN.fullmatch(info.key)]
    found += [info for info in named if info.modified < before]
    # read the log after the listing, so that files committed in between are found in it
    commits = log.read_many(range(log.head() + 1))
    kept = {ref.key for commit in commits for ref in commit.add}
    kept |= {accounts_key(commit.accounts) for commit in commits if commit.accounts}
    waiting, outdated = kept_files(log.store, now)
    orphans = [info for info in found if info.key not in kept and info.key not in waiting] if kept else []
    orphans += [*outdated, *abandoned(log.store, now)] if kept else ()
    for kind in (VIEWS, LOOKUPS):
        orphans += _unused_layers(log.store, kind, before) if kept else []
    orphans += _old_current(log.store, now) if kept else []
    if not dry_run:
        orphans = [info for info in orphans if _delete(log.store, info)]
    unfinished = 0 if dry_run else log.store.sweep(before)
    return GcReport(tuple(info.key for info in orphans), sum(info.size for info in orphans), unfinished)


def _unused_layers(store: ObjectStore, kind: LayerKind, before: datetime) -> Iterator[ObjectInfo]:
    """Yield the layers of other editions than the current one, then the files that no other layer lists."""
    old_files = [info for info in store.list(kind.files_prefix) if info.modified < before]
    current = f"{kind.prefix}{kind.edition(store)}/"
    used: set[str] = set()
    for info in store.list(kind.prefix):
        if info.key.startswith(kind.files_prefix):
            continue
        if info.modified < before and not info.key.startswith(current):
            yield info
            continue
        try:
            used |= files_of(store, kind, info.key)
        except (CorruptError, MissingError):  # another gc has removed it, or `find` ignores it
            continue
    yield from (info for info in old_files if info.key not in used)


def _old_current(store: ObjectStore, now: datetime) -> list[ObjectInfo]:
    """Return files of older versions of the table of the current view, and old log entries before its newest checkpoint."""
    try:
        used = files_in_use(store)
    except CorruptError:  # the next writer makes the table again, but may not be allowed to delete this one
        return [info for info in store.list(CURRENT_PREFIX) if info.modified < now - MIN_AGE]
    files = [info for info in store.list(CURRENT_PREFIX) if not info.key.startswith(LOG_PREFIX)]
    unused = [info for info in files if info.key not in used and info.modified < now - MIN_AGE]
    return [*unused, *(info for info in replaced(store) if info.modified < now - ENTRIES_KEPT)]


def _delete(store: ObjectStore, info: ObjectInfo) -> bool:
    """Delete a file unless a writer has written it again since the listing, and may commit it at any moment."""
    if info not in store.list(info.key):
        return False
    store.delete(info.key)
    return True
