"""Extract segments on a Dask cluster: a task is a segment, which its worker reads from the store itself.

The workers share nothing with this process but the store and the code. This process links, writes and commits what they
return, so that the tables are byte for byte those of one machine, in whatever order the tasks end, and however often Dask
runs one again because its worker died.
"""

import atexit
import hashlib
import multiprocessing
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from articles.errors import CorruptError, UsageError
from articles.extractor_version import extractor_version
from articles.metadata import rights
from articles.model import Capture, Reason
from articles.pipeline import PageResult
from flows.processing.segments import JudgingReader, SegmentBatch, SegmentReader, without_reading
from flows.processing.sites import Sites
from flows.processing.snapshot_index import SnapshotIndex
from flows.processing.topics import Topics
from flows.processing.workers import READER_FAILED, Workers
from storage.captures.reader import CaptureReader
from storage.captures.sums import sum_of
from storage.objects import open_store
from storage.tables import redactions
from storage.tables.log_format import SegmentSum

AHEAD = 3  # segments that each thread of the cluster has waiting: enough to keep it busy, few enough to keep in memory
CONNECT_SECONDS = 30.0  # a scheduler on another continent answers in one; workers that just start need some
OTHER_CODE = "a Dask worker runs other code than this process; install the same version of Irtysh on both"
DAEMON = (
    "the Dask workers cannot start processes, in which pages are extracted under limits: start them with "
    "`dask worker ADDRESS --no-nanny --nthreads 1`"
)


@dataclass(frozen=True, slots=True)
class FarTask:
    """What a worker needs to read segments, besides the store and the code."""

    store: str
    extractor: str  # version of the code that this process has
    topic: str = ""
    outlets: tuple[tuple[str, str], ...] = ()  # names and contents of outlet files in addition to the built-in ones


@dataclass(frozen=True, slots=True)
class FarSegment:
    """What a worker has read of a segment."""

    results: tuple[tuple[PageResult, bool], ...]  # with: whether it counts although the body was read before
    records: int
    sum: SegmentSum
    damage: str = ""


class FarFuture(Protocol):
    """A task that runs somewhere."""

    def result(self) -> FarSegment:
        """Wait for its result."""
        ...


class Cluster(Protocol):
    """Runs tasks. Dask's client is one, and so is an executor of the standard library."""

    def submit(self, function: Callable[..., FarSegment], *arguments: Any) -> FarFuture:
        """Run a function somewhere."""
        ...


@dataclass(frozen=True, slots=True)
class FarReader(SegmentReader):
    """Reads segments by tasks of a cluster. What earlier snapshots have consumed is read again in this process."""

    cluster: Cluster
    threads: int
    task: FarTask
    _ahead: deque[tuple[str, FarFuture]] = field(default_factory=deque)

    def read_batch(self, pending: Sequence[str], known: SnapshotIndex, captures: int) -> SegmentBatch:
        """Read segments in order until they hold `captures` captures, but at least one segment."""
        segment_batch, seen = SegmentBatch(), 0
        for key, segment in self._segments(pending, known.refused):
            segment_batch.keys.append(key)
            segment_batch.sums[key] = segment.sum
            seen += segment.records
            for result, always in segment.results:
                self._take(result if always else _as_known(result, known), segment_batch)
            if segment.damage:
                segment_batch.damaged.append(key)
                self.listener.note("damaged", f"{segment.damage}; the intact records of the segment are kept", key=key)
            if seen >= captures:
                break
        segment_batch.reread.extend(self.workers.read(self._stale(segment_batch, known)))
        return segment_batch

    def _segments(self, pending: Sequence[str], refused: Mapping[str, str]) -> Iterator[tuple[str, FarSegment]]:
        """Yield the segments in order, with some tasks ahead, which the next batch takes over if they fit."""
        if [key for key, _ in self._ahead] != list(pending[: len(self._ahead)]):
            self._ahead.clear()
        left = iter(pending[len(self._ahead) :])
        while True:
            while len(self._ahead) < AHEAD * self.threads and (key := next(left, "")):
                self._ahead.append((key, self.cluster.submit(read_far, self.task, key, dict(refused))))
            if not self._ahead:
                return
            key, future = self._ahead.popleft()
            yield key, future.result()

    def _take(self, result: PageResult, segment_batch: SegmentBatch) -> None:
        segment_batch.results.append(result)
        fetch = result.fetch
        self.listener.progress("reading", len(segment_batch.results), None, fetch.url)
        if fetch.detail.startswith(READER_FAILED):
            self.listener.note("unread", f"{fetch.url}: {fetch.detail}", url=fetch.url, detail=fetch.detail)


def reader_of(address: str, local: SegmentReader, topic: str, outlets: str) -> tuple[FarReader, Any]:
    """Return a reader whose segments are read by the cluster at an address, and the client to be closed. UsageError."""
    client, threads = connect(address)
    task = FarTask(local.store.url, extractor_version(), topic, outlet_files(outlets))
    reader = FarReader(
        local.store,
        local.workers,
        local.listener,
        local.sites,
        local.captures,
        cluster=client,
        threads=threads,
        task=task,
    )
    return reader, client


def connect(address: str) -> tuple[Any, int]:
    """Return a client of the scheduler at an address, and the number of its workers' threads.

    UsageError if Dask is missing, if the scheduler does not answer, or if it has no worker.
    """
    try:
        from distributed import Client  # noqa: PLC0415  optional
    except ImportError as error:
        raise UsageError(f"--engine dask: {error.name} is not installed; `pip install 'irtysh[scale]'`") from error
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        client.wait_for_workers(1, timeout=CONNECT_SECONDS)
    except (OSError, TimeoutError, ValueError) as error:
        raise UsageError(
            f"--scheduler {address}: it does not answer, or has no worker: {error}. Start them with `dask scheduler` and "
            f"`dask worker ADDRESS --no-nanny --nthreads 1`"
        ) from error
    return client, sum(client.nthreads().values())


def outlet_files(path: str) -> tuple[tuple[str, str], ...]:
    """Return the names and contents of the files of outlets, for workers that cannot see them."""
    if not path:
        return ()
    found = [Path(path)] if Path(path).is_file() else sorted(Path(path).glob("*.py"))
    return tuple((one.name, one.read_text(encoding="utf-8")) for one in found)


def read_far(task: FarTask, key: str, refused: Mapping[str, str]) -> FarSegment:
    """Read a segment, on a worker of the cluster. UsageError if the worker has other code, or may start no processes."""
    if task.extractor != extractor_version():
        raise UsageError(OTHER_CODE)
    if multiprocessing.current_process().daemon:
        raise UsageError(DAEMON)
    with _LOCK:  # one segment at a time: the processes below it are as many as there are workers
        return _reader(task).read(key, refused)


_LOCK = threading.Lock()


@cache
def _reader(task: FarTask) -> "_FarSegmentReader":
    return _FarSegmentReader(task)


class _FarSegmentReader:
    """Reads segments on a worker; its processes live as long as the worker."""

    def __init__(self, task: FarTask) -> None:
        self._store = open_store(task.store)
        self._sites = Sites(self._store, _written(task.outlets))
        self._captures = JudgingReader(task.topic) if task.topic else CaptureReader()
        atexit.register(self._captures.close)  # a worker that stops leaves no process behind
        self._pool = Workers(Topics(self._store).text, 1, self._sites.of_capture)
        self._known = SnapshotIndex(task.extractor, self._sites.rules)  # of nothing

    def read(self, key: str, refused: Mapping[str, str]) -> FarSegment:
        results: list[tuple[PageResult, bool]] = []
        read: list[Capture] = []  # captures on their way through the pool
        damage, records, taken_down = "", 0, redactions.load(self._store).articles
        with tempfile.TemporaryDirectory(prefix="irtysh-") as scratch:
            path = Path(scratch) / "segment.warc.gz"
            self._store.download(key, path)
            found_sum = sum_of(path)

            def captures() -> Iterator[Capture]:
                nonlocal damage, records
                try:
                    for found in self._captures.segment(path, key, refused):
                        records += 1
                        result = without_reading(found, self._known, self._sites, taken_down)
                        if result is not None:
                            results.append((result, True))
                        elif isinstance(found, Capture):
                            read.append(replace(found, body=b""))
                            yield found
                except CorruptError as error:
                    damage = str(error)

            for place, result in enumerate(self._pool.read(captures())):
                always = bool(read[place].reserved_use and rights.of_capture(read[place]))
                results.append((result, always))
        return FarSegment(tuple(results), records, found_sum, damage)


@cache
def _written(files: tuple[tuple[str, str], ...]) -> str:
    """Return a folder with outlet files; empty if there are none."""
    if not files:
        return ""
    digest = hashlib.sha256(repr(files).encode()).hexdigest()[:16]
    folder = Path(
        tempfile.mkdtemp(prefix=f"dask-irtysh-{digest}-")
    )  # not `irtysh-…`, which an ingest sweeps after two days
    for name, text in files:
        (folder / name).write_text(text, encoding="utf-8")
    return str(folder)


def _as_known(result: PageResult, known: SnapshotIndex) -> PageResult:
    """Return the result that an earlier snapshot has for the same body, as a reader that knew it would."""
    fetch = result.fetch
    seen = known.body(fetch.url, fetch.body_sha256, fetch.extractor)
    if seen is None:
        return result
    reason = Reason(seen.reason).value if seen.reason else ""
    return PageResult(replace(fetch, reason=reason, detail=seen.detail, rows=seen.rows), purpose=result.purpose)
