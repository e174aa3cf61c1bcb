"""Verify a snapshot: every log entry, file and capture on which it rests."""

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import pyarrow as pa
import pyarrow.parquet as pq

from articles.errors import CorruptError, MissingError
from storage.captures.segments import list_segments
from storage.objects import ObjectStore
from storage.snapshots import catalog
from storage.tables.log_reader import LogReader
from storage.tables.packs import FileRef
from storage.tables.prefetch import prefetch
from storage.tables.state import State, advance

READ_THREADS = 4  # files in memory at once, of up to 64 MB


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """Result of a check. The snapshot is sound if `problems` is empty."""

    snapshot: int
    digest: str
    entries: int  # of the log
    files: int
    rows: int
    size: int  # bytes of the files
    captures: int
    problems: tuple[str, ...]  # sentences


def verify(log: LogReader, number: int, progress: Callable[[int, int], None]) -> VerifyReport:
    """Check the log up to a snapshot, each file of the snapshot, and that its captures exist.

    `progress` gets two numbers of bytes: checked, and in all. Raises RefError if there is no such snapshot.
    """
    state = log.state(number)
    problems = list(_log(log, state))
    refs = [ref for table in sorted(state.files) for ref in state.live(table)]
    size, done = sum(ref.size for ref in refs), 0
    for ref, problem in _files(log.store, refs):
        done += ref.size
        progress(done, size)
        if problem:
            problems.append(problem)
    problems += _captures(log.store, state)
    problems += _tags(log, state)
    return VerifyReport(
        snapshot=number,
        digest=catalog.digest(state),
        entries=number + 1,
        files=len(refs),
        rows=sum(ref.rows for ref in refs),
        size=size,
        captures=len(state.captures),
        problems=tuple(problems),
    )


def _log(log: LogReader, indexed: State) -> Iterator[str]:
    """Check all entries: each names the hash of the one before and is later, and together they give the indexed state."""
    try:
        commits = log.read_many(range(indexed.number + 1))
        state = advance(State(), commits)
    except (MissingError, CorruptError) as error:
        yield f"the log: {error}"
        return
    for commit, following in pairwise(commits):
        if following.timestamp <= commit.timestamp:
            yield f"log entry {following.number} is not later than the entry before it"
    if state != indexed:
        yield f"the index of snapshot {indexed.number} differs from the log; rebuild it with `Log.reindex`"


def _files(store: ObjectStore, refs: Iterable[FileRef]) -> Iterator[tuple[FileRef, str]]:
    return prefetch(lambda ref: (ref, _file(store, ref)), refs, READ_THREADS)


def _file(store: ObjectStore, ref: FileRef) -> str:
    """Return what is wrong with a file; empty if nothing is."""
    try:
        data = store.get(ref.key)
    except MissingError:
        return f"{ref.key} is missing"
    if len(data) != ref.size:
        return f"{ref.key} is damaged: it has {len(data):,} bytes, its commit says {ref.size:,}"
    if hashlib.sha256(data).hexdigest() != ref.sha256:
        return f"{ref.key} is damaged: its checksum differs (SHA-256), although its size is right"
    try:
        rows = pq.read_metadata(io.BytesIO(data)).num_rows
    except pa.ArrowException as error:
        return f"{ref.key} is not a Parquet file: {error}"
    return "" if rows == ref.rows else f"{ref.key} has {rows} rows, but its commit says {ref.rows}"


def _captures(store: ObjectStore, state: State) -> Iterator[str]:
    for key in sorted(state.captures.difference(list_segments(store))):
        yield f"{key} is missing, although a commit has consumed it"


def _tags(log: LogReader, state: State) -> Iterator[str]:
    for tag in catalog.tags(log.store):
        if tag.snapshot == state.number and tag.digest != catalog.digest(state):
            yield f"the tag {tag.name} does not match snapshot {state.number}: it was made for another digest"
