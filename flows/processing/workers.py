"""Pool of processes that extract pages. A hostile page costs only its own result.

Captures are sent in small chunks, and each page is extracted under its own limits (`flows.processing.page_limits`). If a
worker hangs or dies, its chunk is extracted again page by page. The page at fault is rejected as `TOO_COSTLY`, and the
detail names the limit; all other pages keep their results. If our own code raises an error, the page is rejected as
`UNREADABLE` with a detail that begins with `READER_FAILED`; the error is reported, and the other pages go on.
"""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext

from pebble import ProcessExpired, ProcessPool

from articles.errors import IrtyshError
from articles.extractor_version import extractor_version, state_version
from articles.model import Capture, Reason
from articles.pipeline import PageResult, fetch_of, read_chunk, warm_up
from articles.site import PLAIN, Site
from flows.processing import page_limits
from flows.processing.page_limits import BY_THE_CLOCK, MAX_PAGE_CPU_SECONDS, MAX_PAGE_MEMORY_BYTES
from storage.child_environment import python_path

MAX_CHUNK_CAPTURES = 8  # of one task: sending a task costs about 1 ms, extracting a page about 10 ms
CHUNKS_PER_WORKER = 3  # sent ahead: enough to keep a worker busy, few enough to limit memory
MAX_CHUNK_BYTES = 16 << 20  # bodies of one task: sending them to a process needs three times their memory
CLOCK_FACTOR = 6  # times `MAX_PAGE_CPU_SECONDS` by the clock: exceeded only if the page, or the machine, sleeps
MAX_POOL_BREAKS = 3  # for one page: the pool breaks if a process dies before its start is noticed
READER_FAILED = "the reader failed"


def _plain_site(_: Capture) -> Site:
    return PLAIN


class Workers:
    """Extracts captures in parallel, in order. The processes start with the first page and end with `close`.

    `topic_text` returns the text of a topic file, `site_of` the site of a capture; `count` is the largest number of
    processes, by default one for each processor core. They are copies of one server process that has loaded everything
    (a second of CPU, once), so that a second worker, or one in place of a killed one, starts in milliseconds.
    """

    def __init__(
        self,
        topic_text: Callable[[str], str],
        count: int | None = None,
        site_of: Callable[[Capture], Site] = _plain_site,
    ) -> None:
        self._topic_text = topic_text
        self._site_of = site_of
        self._count = count or os.cpu_count() or 1
        self._started = 0  # processes of the pool
        self._pool: ProcessPool | None = None

    def close(self, *, at_once: bool = False) -> None:
        """End the processes; with `at_once`, without waiting for the current chunks."""
        if self._pool is None:
            return
        if at_once:
            self._pool.stop()  # type: ignore[no-untyped-call]  # pebble has no types for it
        else:
            self._pool.close()  # type: ignore[no-untyped-call]  # pebble has no types for it
        self._pool.join()
        self._pool = None

    def read(self, captures: Iterable[Capture]) -> Iterator[PageResult]:
        """Yield one result for each capture, in the same order, with at most a few chunks in memory."""
        chunks = _chunks(captures)
        first = list(islice(chunks, self._count))
        if self._started < len(first):
            self.close()
            self._started = len(first)
        chunks = chain(first, chunks)
        waiting: deque[tuple[list[Capture], Future[list[PageResult]]]] = deque()
        while True:
            while len(waiting) < self._started * CHUNKS_PER_WORKER and (chunk := next(chunks, None)):
                waiting.append((chunk, self._schedule(chunk)))
            if not waiting:
                return
            chunk, future = waiting.popleft()
            if future.exception() is None:
                yield from future.result()
            else:
                yield from map(self._read_alone, chunk)

    def _schedule(self, chunk: list[Capture]) -> "Future[list[PageResult]]":
        if self._pool is not None and not self._pool.active:
            self.close(at_once=True)
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=self._started,
                context=_fork_server(),
                initializer=_start_worker,
                initargs=[extractor_version()],
            )
        topics = {spec: self._topic_text(spec) for spec in {capture.topic for capture in chunk}}
        sites = [self._site_of(capture) for capture in chunk]
        future: Future[list[PageResult]] = self._pool.schedule(
            _read,
            args=[read_chunk, chunk, topics, sites, MAX_PAGE_CPU_SECONDS],
            timeout=CLOCK_FACTOR
            * MAX_PAGE_CPU_SECONDS
            * len(chunk),  # from the moment a process has loaded and starts the task
        )
        return future

    def _read_alone(self, capture: Capture) -> PageResult:
        site = self._site_of(capture)
        for _ in range(MAX_POOL_BREAKS):
            future = self._schedule([capture])
            match future.exception():
                case None:
                    return future.result()[0]
                case FutureTimeoutError():
                    detail = f"reading took over {CLOCK_FACTOR * MAX_PAGE_CPU_SECONDS:.0f} s {BY_THE_CLOCK}"
                case ProcessExpired() as ended if ended.exitcode == -signal.SIGPROF:
                    detail = f"reading took over {MAX_PAGE_CPU_SECONDS:.0f} s of processor time"
                case ProcessExpired():
                    detail = "reading ended the process, as too little memory does"
                case MemoryError():
                    detail = f"reading took over {MAX_PAGE_MEMORY_BYTES // 1_000_000} MB of memory"
                case BrokenProcessPool():
                    continue
                case error:  # a defect of our own code: the other pages are still extracted
                    fault = f"{READER_FAILED}: {type(error).__name__}: {error}"
                    return PageResult(fetch_of(capture, reason=Reason.UNREADABLE, detail=fault, site=site))
            return PageResult(fetch_of(capture, reason=Reason.TOO_COSTLY, detail=detail, site=site))
        raise IrtyshError(
            f"the worker processes end before they start working, the last one at {capture.url}; is there enough memory?"
        )


_STARTING = threading.Lock()


def _fork_server() -> ForkServerContext:
    """Return how workers start: forked by a server without threads, which this process, with Prefect's, may not be.

    The server imports the same code as this process, whatever the current folder contains or the environment says.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["flows.processing.preloaded"])
    with _STARTING, _environment(PYTHONSAFEPATH="1", PYTHONPATH=python_path()):
        forkserver.ensure_running()
    return context


@contextlib.contextmanager
def _environment(**variables: str) -> Iterator[None]:
    """Set environment variables for a moment: `multiprocessing` offers no other way to give them to its server."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _chunks(captures: Iterable[Capture]) -> Iterator[list[Capture]]:
    """Split captures into tasks; read no more captures than the next task needs."""
    chunk: list[Capture] = []
    size = 0
    for capture in captures:
        chunk.append(capture)
        size += len(capture.body)
        if len(chunk) == MAX_CHUNK_CAPTURES or size >= MAX_CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _start_worker(version: str) -> None:
    """Prepare a worker process: load what the first page would otherwise wait for."""
    state_version(version)
    page_limits.prepare()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # pebble's handler waits while the code of a library runs
    warm_up()


def _read(
    read: Callable[[list[Capture], Mapping[str, str], list[Site]], list[PageResult]],
    captures: list[Capture],
    topics: Mapping[str, str],
    sites: list[Site],
    seconds: float,
) -> list[PageResult]:
    """Extract a chunk in a worker process, each page under its own limits."""
    found: list[PageResult] = []
    for capture, site in zip(captures, sites, strict=True):
        with page_limits.bounded(seconds, MAX_PAGE_MEMORY_BYTES):
            found += read([capture], topics, [site])
    return found
