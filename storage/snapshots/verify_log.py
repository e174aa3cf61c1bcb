"""Check the log to its end: every entry, the chain of hashes, what other objects say of its end, indexes, checkpoints."""

import contextlib
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pyarrow as pa
import pyarrow.parquet as pq

from articles.errors import CorruptError, MissingError, RefError
from storage.objects.json_objects import get_bounded, parse_json, read_json
from storage.objects.memory_limit import memory_limited
from storage.snapshots import catalog
from storage.snapshots.damage import REPAIR, RESTORE, Damage
from storage.tables import accounts
from storage.tables.delta import Commit
from storage.tables.file_ref import DELTA_TABLE
from storage.tables.listed import LOG_PREFIX
from storage.tables.log_reader import INDEX_KEY_PATTERN, INDEX_PREFIX, LAST_CHECKPOINT_KEY, LogReader, entry_key
from storage.tables.prefetch import prefetch
from storage.tables.state import State, advance

CHECKPOINT_PATTERN = re.compile(re.escape(LOG_PREFIX) + r"(\d{20})\.checkpoint\.parquet")
READ_THREADS = 8  # for entries
MAX_NAMED_GAP = 1_000  # entries of one gap that are named; an object's name may say any number
MAX_CHECKPOINT_BYTES = 64 << 20  # of 3,000 commits: .3 MB
MAX_CHECKPOINT_MEMORY_BYTES = 4 << 30  # as for packs: the allocator of Arrow reserves a gigabyte at once
LOST_ENTRY = (
    f"{RESTORE}. Without one, `irtysh repair` continues at the last sound entry; the captures hold the rest, and "
    "`irtysh process` makes it again"
)
DAMAGED_ENTRY = (
    f"{RESTORE}. Without one, copy captures/, topics/, profiles/ and runs/ to a new store and process them there"
)


@dataclass(slots=True)
class CheckedLog:
    """The log as far as it can be read."""

    findings: list[Damage] = field(default_factory=list)
    commits: list[Commit] = field(default_factory=list)  # that can be decoded, in order
    state: State = field(default_factory=State)  # at the snapshot to check: the sum of those commits
    head: int = -1  # the last entry that is there
    digests: dict[int, str] = field(default_factory=dict)  # of the wanted snapshots
    packs: dict[int, frozenset[str]] = field(default_factory=dict)  # file names, by checkpoint


def check_log(log: LogReader, number: int, wanted: Collection[int]) -> CheckedLog:
    """Check the whole log. The state is that of snapshot `number`, and digests are those of the snapshots `wanted`."""
    found = CheckedLog()
    numbers = sorted(log.entries())
    found.head = numbers[-1] if numbers else -1
    for entry in prefetch(lambda one: _read(log, one), numbers, READ_THREADS):
        if isinstance(entry, Damage):
            found.findings.append(entry)
        else:
            found.commits.append(entry)
    for before, after in pairwise((-1, *numbers)):  # however long a gap is, so many entries are named
        for missing in range(before + 1, min(after, before + 1 + MAX_NAMED_GAP)):
            found.findings.append(Damage(entry_key(missing), "is missing: the log has a gap", DAMAGED_ENTRY))
    found.findings += _chain(found.commits)
    state = State()
    checkpoints = {
        int(match[1]) for info in log.store.list(LOG_PREFIX) if (match := CHECKPOINT_PATTERN.fullmatch(info.key))
    }
    for commit in found.commits:
        state = advance(replace(state, number=commit.number - 1, sha256=commit.parent_sha256), [commit])
        if commit.number in wanted:
            found.digests[commit.number] = catalog.digest(state)
        if commit.number <= number:
            found.state = state
        if commit.number in checkpoints:
            found.packs[commit.number] = frozenset(
                f"{ref.origin or ref.sha256}.parquet" for ref in state.live(DELTA_TABLE)
            )
    found.findings += _end(log, found)
    if found.findings:  # an index may know what damaged entries said
        with contextlib.suppress(CorruptError, MissingError, RefError):
            found.state = log.state(number)
    sums = _unreadable_sums if found.findings else altered_sums
    found.findings += _indexes(log, found)
    found.findings += sums(log, found.commits)
    return found


def _read(log: LogReader, number: int) -> Commit | Damage:
    try:
        return log.read(number)
    except MissingError:
        return Damage(entry_key(number), "is missing", DAMAGED_ENTRY)
    except CorruptError as error:
        return Damage(entry_key(number), f"is damaged: {error}", DAMAGED_ENTRY)


def _chain(commits: list[Commit]) -> Iterator[Damage]:
    """Check that each entry names the hash of the one before, and is later."""
    for before, after in pairwise(commits):
        if after.number != before.number + 1:
            continue
        if after.parent_sha256 != before.sha256:
            what = f"does not have the SHA-256 that entry {after.number} names: one of the two was altered or replaced"
            yield Damage(entry_key(before.number), what, DAMAGED_ENTRY)
        if after.timestamp <= before.timestamp:
            yield Damage(entry_key(after.number), f"is not later than log entry {before.number} before it", RESTORE)


def _end(log: LogReader, found: CheckedLog) -> Iterator[Damage]:
    """Compare the end of the log with what the notes on heads and the checkpoints say of it."""
    hashes = {commit.number: commit.sha256 for commit in found.commits}
    ends: dict[int, str] = {}
    for number, key in log.heads().items():
        try:
            noted = str(read_json(log.store, key)["sha256"])
        except (CorruptError, LookupError, TypeError) as error:
            yield Damage(key, f"is damaged: {error!r}", REPAIR)
            continue
        if number > found.head:
            ends[number] = key
        elif number in hashes and noted != hashes[number]:
            if noted in hashes.values():
                yield Damage(key, "is the note on another entry: it was swapped or copied", REPAIR)
                continue
            what = f"is damaged or was altered: {key} says that it had another SHA-256 when it was written"
            yield Damage(entry_key(number), what, DAMAGED_ENTRY)
    for info in log.store.list(INDEX_PREFIX):
        if (match := INDEX_KEY_PATTERN.fullmatch(info.key)) and int(match[1]) > found.head:
            ends.setdefault(int(match[1]), info.key)
    for info in log.store.list(LOG_PREFIX):
        if (match := CHECKPOINT_PATTERN.fullmatch(info.key)) and int(match[1]) > found.head:
            ends.setdefault(int(match[1]), info.key)
    for number, key in sorted(ends.items()):
        yield Damage(entry_key(number), f"is missing: {key} says that it was there", LOST_ENTRY)


def _indexes(log: LogReader, found: CheckedLog) -> Iterator[Damage]:
    """Check the sums of the log and the checkpoints, which can be made again from the log."""
    for info in log.store.list(INDEX_PREFIX):
        match = INDEX_KEY_PATTERN.fullmatch(info.key)
        if match is None or int(match[1]) > found.head:
            continue
        try:
            indexed = log.index(int(match[1]))
        except (CorruptError, MissingError) as error:
            yield Damage(info.key, f"(an index) cannot be used: {error}", REPAIR)
            continue
        if indexed.number == found.state.number and not found.findings and indexed != found.state:
            yield Damage(info.key, "differs from the log: this index was altered", REPAIR)
    for info in log.store.list(LOG_PREFIX):
        match = CHECKPOINT_PATTERN.fullmatch(info.key)
        if match is None or int(match[1]) > found.head:
            continue
        if fault := _checkpoint(log, info.key, found.packs.get(int(match[1]))):
            yield Damage(info.key, fault, REPAIR)
    try:
        if int(read_json(log.store, LAST_CHECKPOINT_KEY)["version"]) > found.head:
            yield Damage(LAST_CHECKPOINT_KEY, f"names a checkpoint after the log's end, entry {found.head}", REPAIR)
    except MissingError:
        return
    except (CorruptError, LookupError, TypeError, ValueError, OverflowError) as error:
        yield Damage(LAST_CHECKPOINT_KEY, f"is damaged: {error!r}", REPAIR)


def altered_sums(log: LogReader, commits: Sequence[Commit]) -> Iterator[Damage]:
    """Yield what is wrong with the sums of pages by outlet, by all commits in order. Each is read once.

    What a lost file with pages would add is unknown, so later sums are not compared.
    """
    numbers = frozenset(accounts.stored(log.store))
    last = max((commit.number for commit in commits if commit.number in numbers), default=-1)
    needed = [commit for commit in commits if commit.number <= last]
    for commit, found, whole in accounts.running(log.store, Counter(), needed):
        if commit.number not in numbers:
            continue
        known = _stored_sums(log, commit)
        if isinstance(known, Damage):
            yield known
        elif known is not None and whole and known != found:
            yield Damage(accounts.sums_key(commit.number), "differs from the log: it was altered", REPAIR)


def _unreadable_sums(log: LogReader, commits: Sequence[Commit]) -> Iterator[Damage]:
    """Yield which sums of pages cannot be used. They are compared only with a log that is sound."""
    numbers = frozenset(accounts.stored(log.store))
    for commit in commits:
        if commit.number in numbers and isinstance(known := _stored_sums(log, commit), Damage):
            yield known


def _stored_sums(log: LogReader, commit: Commit) -> accounts.Sums | Damage | None:
    """Return the sums that are stored of a commit; None if a writer has deleted them since they were listed."""
    try:
        return accounts.stored_sums(log.store, commit.number, commit.sha256)
    except MissingError:
        return None
    except CorruptError as error:
        return Damage(accounts.sums_key(commit.number), f"cannot be used: {error}", REPAIR)


def _checkpoint(log: LogReader, key: str, packs: frozenset[str] | None) -> str:
    """Return what is wrong with a checkpoint: it must list the packs that the log gives."""
    try:
        data = get_bounded(log.store, key, MAX_CHECKPOINT_BYTES)
        with memory_limited(MAX_CHECKPOINT_MEMORY_BYTES):
            rows = pq.read_table(io.BytesIO(data), page_checksum_verification=True).to_pylist()
        listed = frozenset(row["add"]["path"] for row in rows if row["add"] is not None)
        parse_json(next(row["metaData"]["schemaString"] for row in rows if row["metaData"] is not None), key)
    except (
        CorruptError, pa.ArrowException, OSError, LookupError, TypeError, ValueError, StopIteration, MemoryError
    ) as error:  # fmt: skip
        return f"is damaged: {error}"
    return "" if packs is None or listed == packs else "is damaged or was altered: it lists other packs than the log"
