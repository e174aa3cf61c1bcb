"""Let old snapshots expire: delete the files that only they list.

    index/expired/<n>.json     create-only: which snapshots have expired, and when

A snapshot that has expired cannot be read any more; the log keeps its entry, and the chain of hashes stays whole. The
newest snapshot never expires, nor do tagged ones, if tags are kept. First the record is written, then the files are
deleted: who is interrupted deletes the rest the next time. Files of a rebuild that waits for approval stay.
"""

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from articles.errors import CorruptError, RefError, UsageError
from storage.objects import ObjectStore
from storage.objects.json_objects import read_json
from storage.snapshots.rebuilds import kept_files
from storage.tables.file_ref import TABLE_NAMES
from storage.tables.log_reader import LogReader
from storage.tables.state import dates

EXPIRED_PREFIX = "index/expired/"
AGE = re.compile(r"(\d{1,5})([dwmy])")
DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}


@dataclass(frozen=True, slots=True)
class ExpiryReport:
    """What has expired, or would."""

    snapshots: tuple[int, ...]
    kept: tuple[int, ...]
    keys: tuple[str, ...]  # of the files that were deleted, or would be
    size: int  # bytes


def instant_of(text: str, now: datetime) -> datetime:
    """Return the instant that an age (90d, 8w, 6m, 2y) or a date (2026-03-31: its beginning, UTC) names. Raises UsageError."""
    try:
        if match := AGE.fullmatch(text):
            return now - timedelta(days=int(match[1]) * DAYS[match[2]])
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):  # OverflowError: an age of more years than there are
        raise UsageError(
            f"--older-than {text!r}: give an age such as 90d, 8w, 6m or 2y, or a date such as 2026-03-31"
        ) from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def expired(store: ObjectStore) -> dict[int, datetime]:
    """Return the snapshots that have expired, and when. Raises CorruptError."""
    found: dict[int, datetime] = {}
    for info in store.list(EXPIRED_PREFIX):
        record = read_json(store, info.key)
        try:
            when = datetime.fromisoformat(record["when"])
            found |= {int(number): when for number in record["snapshots"] if int(number) not in found}
        except (LookupError, TypeError, ValueError) as error:
            raise CorruptError(f"{info.key} is damaged: {error!r}") from error
    return found


def check_there(store: ObjectStore, number: int) -> int:
    """Return a snapshot's number. Raises RefError if it has expired."""
    if (when := expired(store).get(number)) is not None:
        raise RefError(
            f"snapshot {number} expired on {when:%Y-%m-%d}: its files are deleted; `irtysh snapshots` lists the others"
        )
    return number


def expire(log: LogReader, before: datetime, now: datetime, *, tagged: Collection[int], delete: bool) -> ExpiryReport:
    """Let the snapshots from before an instant expire, except the newest one and those in `tagged`. Without `delete`, only list."""
    store = log.store
    log.check_tail()
    head = log.head()
    gone = expired(store)
    times = dates(log.state().history) if head >= 0 else []
    fresh = [number for number, time in enumerate(times) if time < before and number not in {head, *tagged, *gone}]
    kept = set(range(head + 1)) - gone.keys() - set(fresh)
    needed, added = _files(log, kept)
    deletable = (
        added - needed - kept_files(store, now)[0]
    )  # a rebuild that waits for approval may need an old file again
    listed = [info for table in TABLE_NAMES for info in store.list(table + "/") if info.key in deletable]
    if delete and fresh:
        record = {"when": now.isoformat(), "before": before.isoformat(), "snapshots": fresh}
        number = sum(1 for _ in store.list(EXPIRED_PREFIX))
        store.put_new(f"{EXPIRED_PREFIX}{number:010}.json", json.dumps(record).encode())
    if delete and _files(log, kept | set(range(head + 1, log.head() + 1)))[0] & {info.key for info in listed}:
        raise UsageError("another process has just made a snapshot of files that were to be deleted; try again")
    for info in listed if delete else ():
        store.delete(info.key)
    return ExpiryReport(
        tuple(fresh), tuple(sorted(kept)), tuple(info.key for info in listed), sum(info.size for info in listed)
    )


def lost_keys(log: LogReader) -> frozenset[str]:
    """Return the keys of the files that only expired snapshots list."""
    gone = expired(log.store)
    if not gone:
        return frozenset()
    needed, added = _files(log, set(range(log.head() + 1)) - gone.keys())
    return frozenset(added - needed)


def _files(log: LogReader, kept: Iterable[int]) -> tuple[set[str], set[str]]:
    """Return the keys of the files that some snapshots list, and of all that any commit ever added."""
    wanted, needed, added = set(kept), set[str](), set[str]()
    live: dict[tuple[str, str], str] = {}
    for commit in log.read_many(range(log.head() + 1)):
        if commit.replaces:
            live = {}
        for ref in commit.remove:
            live.pop((ref.table, ref.sha256), None)
        live |= {(ref.table, ref.sha256): ref.key for ref in commit.add}
        added.update(ref.key for ref in commit.add)
        if commit.number in wanted:
            needed.update(live.values())
    return needed, added
