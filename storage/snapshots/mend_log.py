"""Mend the log's end, and make again what follows from the log: indexes, checkpoints, notes on heads."""

import json
from collections.abc import Iterator

from articles.errors import CorruptError
from storage.objects import put_once
from storage.snapshots.verify_log import CHECKPOINT_PATTERN, altered_sums, check_log
from storage.tables.accounts import ACCOUNTS_PREFIX, SUMS_PATTERN, keep_sums
from storage.tables.listed import LOG_PREFIX
from storage.tables.log import Log
from storage.tables.log_reader import INDEX_KEY_PATTERN, INDEX_PREFIX, LAST_CHECKPOINT_KEY, entry_key, head_key

ASIDE_PREFIX = "index/aside/"  # entries that could not be read, so that nothing is thrown away


def mend_log(log: Log) -> Iterator[str]:
    """Set aside entries behind the last sound one, and make indexes, checkpoints and notes again. Yield what was done.

    Raises CorruptError if an entry in the middle of the log is damaged: nothing but a backup can mend that.
    """
    store = log.store
    numbers = sorted(log.entries())
    sound = _sound(log, numbers)
    behind = [number for number in numbers if number > sound]
    if len(behind) > 1:
        raise CorruptError(
            f"{entry_key(sound + 1)} is damaged or missing, and {len(behind) - 1} entries follow it: restore it from a backup"
        )
    for number in behind:
        key = entry_key(number)
        put_once(store, ASIDE_PREFIX + key, store.get(key))
        store.delete(key)
        yield (
            f"{key} could not be read; it was moved to {ASIDE_PREFIX}{key}. The log ends at entry {sound}, and `irtysh "
            "process` makes a new snapshot of its captures"
        )
    faults = [damage.key for damage in check_log(log, sound, ()).findings]
    lost = sorted(number for number in log.heads() if number > sound and number not in behind)
    for number in lost:
        yield (
            f"{entry_key(number)} is lost. The log ends at entry {sound}; `irtysh process` makes a new snapshot of its "
            "captures, but a snapshot that had other content under this number is gone"
        )
    for key in _derived_behind(log, sound):
        store.delete(key)
    for key in faults:
        if key.startswith(INDEX_PREFIX) or SUMS_PATTERN.fullmatch(key) or CHECKPOINT_PATTERN.fullmatch(key):
            store.delete(key)
            yield f"{key} was damaged; it can be made again from the log, and was removed"
    if sound < 0:
        store.delete(LAST_CHECKPOINT_KEY)
        return
    fresh = Log(store, lambda: log.read(sound).timestamp, log.rng)
    fresh.reindex()
    head = log.read(sound)
    if head_key(sound) in faults or behind or lost:
        store.put(head_key(sound), json.dumps({"sha256": head.sha256}).encode())
    for number, key in log.heads().items():
        if key in faults and number <= sound:
            store.put(key, json.dumps({"sha256": log.read(number).sha256}).encode())
            yield f"{key} was written again from the log"
    if LAST_CHECKPOINT_KEY in faults:
        yield f"{LAST_CHECKPOINT_KEY} was written again from the log"


def mend_sums(log: Log) -> Iterator[str]:
    """Remove sums of pages that differ from the log, which shows only once lost files with pages are there again."""
    for damage in list(altered_sums(log, log.read_many(range(log.head() + 1)))):
        log.store.delete(damage.key)
        yield f"{damage.key} was damaged; it can be made again from the log, and was removed"
    keep_sums(log.store, log.state())


def _sound(log: Log, numbers: list[int]) -> int:
    """Return the last entry up to which all follow each other; -1 for none."""
    before = ""
    for place, number in enumerate(numbers):
        try:
            commit = log.read(number)
        except CorruptError:
            return number - 1 if place == number else place - 1
        if number != place or commit.parent_sha256 != before:
            return place - 1
        before = commit.sha256
    return len(numbers) - 1


def _derived_behind(log: Log, sound: int) -> Iterator[str]:
    """Yield the keys of notes, indexes and checkpoints of entries that are gone."""
    yield from [key for number, key in log.heads().items() if number > sound]
    derived = ((INDEX_PREFIX, INDEX_KEY_PATTERN), (LOG_PREFIX, CHECKPOINT_PATTERN), (ACCOUNTS_PREFIX, SUMS_PATTERN))
    for prefix, pattern in derived:
        for info in list(log.store.list(prefix)):
            if (match := pattern.fullmatch(info.key)) and int(match[1]) > sound:
                yield info.key
