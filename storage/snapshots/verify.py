"""Verify a store: the whole log, every file and capture of a snapshot, and what stands beside the tables.

A problem does not end the check. Each one names its object, says what is wrong with it, and what to do.
"""

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from articles.errors import CorruptError, DeniedError, MissingError, RefError
from storage.captures import sums as segment_sums
from storage.objects import ObjectStore
from storage.snapshots import catalog
from storage.snapshots.damage import REPAIR, REPAIR_OR_RESTORE, RESTORE_CAPTURE, Damage
from storage.snapshots.verify_layers import check_layers
from storage.snapshots.verify_log import check_log
from storage.snapshots.verify_named import check_named, check_releases, check_tags, tagged
from storage.tables.file_ref import FileRef
from storage.tables.log_format import SegmentSum
from storage.tables.log_reader import LogReader
from storage.tables.prefetch import prefetch
from storage.tables.state import State

READ_THREADS = 4  # files in memory at once, of up to 64 MB


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """Result of a check. The snapshot is sound if `findings` is empty."""

    snapshot: int
    digest: str
    entries: int  # of the log
    files: int
    rows: int
    size: int  # bytes of the files
    captures: int
    findings: tuple[Damage, ...]
    notes: tuple[str, ...]  # sentences: nothing is wrong, but it should be known
    learned: int  # segments whose checksums no commit named, and that are known from now on

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong, as sentences."""
        return tuple(map(str, self.findings))


def verify(log: LogReader, number: int, progress: Callable[[int, int], None]) -> VerifyReport:
    """Check the log, and each file and capture of a snapshot; and tags, configurations, profiles, releases.

    -1 checks a store whose log is lost. `progress` gets two numbers of bytes: checked, and in all. Raises RefError if
    there is no such snapshot.
    """
    store = log.store
    if number < -1 or number > log.head():
        raise RefError(f"there is no snapshot {number}")
    tags, findings = tagged(store)
    checked = check_log(log, number, {tag.snapshot for tag in tags} | {number})
    state = checked.state
    findings = [*checked.findings, *findings, *check_tags(tags, checked)]
    refs = [ref for table in sorted(state.files) for ref in state.live(table)]
    sums, unread = _sums(store, state)
    findings += unread
    consumed = sum(found.size for key, found in sums.items() if key in state.captures)
    size, done = sum(ref.size for ref in refs), 0
    for ref, problem in _files(store, refs):
        done += ref.size
        progress(done, size + consumed)
        if problem:
            findings.append(Damage(ref.key, problem, REPAIR_OR_RESTORE))
    notes: list[str] = []
    fresh = {}
    for one in segment_sums.check(store, state.captures, sums):
        done += one.found.size if one.found else 0
        progress(done, max(done, size + consumed))
        if one.fault:
            findings.append(Damage(one.key, one.fault, RESTORE_CAPTURE))
        elif one.expected is None and one.found is not None:
            fresh[one.key] = one.found
    if fresh:
        notes.append(_learn(store, fresh))
    notes += [f"{key} was damaged, and a rebuild was told to leave it out" for key in sorted(state.left_out)]
    notes += [
        f"a takedown on {one.when:%Y-%m-%d} took {one.rows:,} rows out of the store ({one.why}); snapshots from before lack them"
        for one in log.redactions.takedowns
    ]
    findings += check_named(store, checked)
    findings += check_layers(store, state)
    broken, unfinished = check_releases(store)
    return VerifyReport(
        snapshot=number,
        digest=catalog.digest(state),
        entries=checked.head + 1,
        files=len(refs),
        rows=sum(ref.rows for ref in refs),
        size=size,
        captures=len(state.captures),
        findings=tuple(findings + broken),
        notes=tuple(notes + unfinished),
        learned=len(fresh),
    )


def _sums(store: ObjectStore, state: State) -> tuple[dict[str, SegmentSum], list[Damage]]:
    try:
        return segment_sums.known(store, state), []
    except CorruptError as error:
        finding = Damage(segment_sums.LEARNED_PREFIX, f"is damaged: {error}", f"{REPAIR}; then verify again")
        return dict(state.sums), [finding]


def _learn(store: ObjectStore, fresh: dict[str, SegmentSum]) -> str:
    what = f"the commits name no checksums of {len(fresh):,} segments, since they are older than this check"
    try:
        segment_sums.learn(store, fresh)
    except DeniedError:
        return f"{what}. They could not be kept, because these credentials must not write; verify as the store's owner"
    return f"{what}. They are known from now on: the next check will see any change"


def _files(store: ObjectStore, refs: Iterable[FileRef]) -> Iterator[tuple[FileRef, str]]:
    return prefetch(lambda ref: (ref, check_file(store, ref)), refs, READ_THREADS)


def check_file(store: ObjectStore, ref: FileRef) -> str:
    """Return what is wrong with a file, as the rest of a sentence; empty if nothing is."""
    try:
        data = store.get(ref.key)
    except MissingError:
        return "is missing"
    if len(data) != ref.size:
        return f"is damaged: it has {len(data):,} bytes, its commit says {ref.size:,}"
    if hashlib.sha256(data).hexdigest() != ref.sha256:
        return "is damaged: its checksum differs (SHA-256), although its size is right"
    try:
        rows = pq.read_metadata(io.BytesIO(data)).num_rows
    except pa.ArrowException as error:
        return f"is not a Parquet file: {error}"
    return "" if rows == ref.rows else f"has {rows} rows, but its commit says {ref.rows}"
