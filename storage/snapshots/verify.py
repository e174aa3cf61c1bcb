"""Whether a snapshot is what it says it is: every entry, file and capture that it rests on."""

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
from storage.tables.prefetch import ahead
from storage.tables.state import State, advance

READERS = 4  # files held at once: four of 64 MB


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What was checked, and in words what is wrong; nothing in `problems` is a sound snapshot."""

    snapshot: int
    digest: str
    entries: int
    files: int
    rows: int
    size: int  # bytes of the files
    captures: int
    problems: tuple[str, ...]


def verify(log: LogReader, number: int, progress: Callable[[int, int], None]) -> VerifyReport:
    """Check the log up to a snapshot, each of its files and that its captures are there.

    `progress` gets the bytes checked and to be checked. RefError if there is no such snapshot.
    """
    told = log.state(number)
    problems = list(_log(log, told))
    refs = [ref for table in sorted(told.files) for ref in told.live(table)]
    size, done = sum(ref.size for ref in refs), 0
    for ref, problem in _files(log.store, refs):
        done += ref.size
        progress(done, size)
        if problem:
            problems.append(problem)
    problems += _captures(log.store, told)
    problems += _tags(log, told)
    return VerifyReport(
        snapshot=number,
        digest=catalog.digest(told),
        entries=number + 1,
        files=len(refs),
        rows=sum(ref.rows for ref in refs),
        size=size,
        captures=len(told.captures),
        problems=tuple(problems),
    )


def _log(log: LogReader, told: State) -> Iterator[str]:
    """Read every entry: they must follow each other by hash and in time, and add up to what the index says."""
    try:
        commits = log.read_many(range(told.number + 1))
        state = advance(State(), commits)
    except (MissingError, CorruptError) as error:
        yield f"the log: {error}"
        return
    for one, following in pairwise(commits):
        if following.timestamp <= one.timestamp:
            yield f"entry {following.number} of the log is not later than the one before"
    if state != told:
        yield f"the index of snapshot {told.number} differs from the log; make it anew (`LogReader.reindex`)"


def _files(store: ObjectStore, refs: Iterable[FileRef]) -> Iterator[tuple[FileRef, str]]:
    return ahead(lambda ref: (ref, _file(store, ref)), refs, READERS)


def _file(store: ObjectStore, ref: FileRef) -> str:
    """Return what is wrong with a file, empty if nothing is."""
    try:
        data = store.get(ref.key)
    except MissingError:
        return f"{ref.key} is missing"
    if len(data) != ref.size or hashlib.sha256(data).hexdigest() != ref.sha256:
        return f"{ref.key} is not what its name says: {len(data)} bytes where {ref.size} were written"
    try:
        rows = pq.read_metadata(io.BytesIO(data)).num_rows
    except pa.ArrowException as error:
        return f"{ref.key} is no Parquet: {error}"
    return "" if rows == ref.rows else f"{ref.key} has {rows} rows where its commit says {ref.rows}"


def _captures(store: ObjectStore, told: State) -> Iterator[str]:
    for key in sorted(told.captures.difference(list_segments(store))):
        yield f"{key} was consumed and is missing"


def _tags(log: LogReader, told: State) -> Iterator[str]:
    for tag in catalog.tags(log.store):
        if tag.snapshot == told.number and tag.digest != catalog.digest(told):
            yield f"the tag {tag.name} was made for another content of snapshot {told.number}"
