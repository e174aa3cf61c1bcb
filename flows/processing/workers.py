"""A pool of processes that read pages, and that a page may not take down with it.

Work goes out in small chunks, and each page is read under limits of its own (`flows.processing.page_limits`). A chunk whose worker
hangs or dies is read again page by page; the page at fault is accounted for as `TOO_COSTLY`, its detail naming the
limit, and nothing else is lost. A page over which our own code stumbles is `UNREADABLE`, its detail beginning with
`READER_FAILED`: it is told aloud, and does not stop the others.
"""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool

from pebble import ProcessExpired, ProcessPool

from articles.errors import IrtyshError
from articles.model import Capture, Reason
from articles.pipeline import PageResult, fetch_of, read_chunk, warm_up
from articles.site import PLAIN, Site
from flows.processing import page_limits
from flows.processing.page_limits import PAGE_BYTES, PAGE_SECONDS

CHUNK = 8  # captures a task: a task costs about 1 ms to hand over, a page about 10 ms to read
AHEAD = 3  # chunks in flight for each worker: enough to keep it busy, little enough to keep memory flat
CHUNK_BYTES = 16 << 20  # of bodies a task: what is sent to a process is held three times on the way
PATIENCE = 6  # times `PAGE_SECONDS` that a page may take by the clock: only one that sleeps, or a machine that does
BREAKS = 3  # times that a pool may break over one page: it does when a process dies before it is seen to have begun
READER_FAILED = "the reader failed"


def _plain(_: Capture) -> Site:
    return PLAIN


class Workers:
    """Reads captures in parallel and in order. Processes are started at the first page and end with `close`."""

    def __init__(
        self,
        topic_text: Callable[[str], str],
        count: int | None = None,
        site_of: Callable[[Capture], Site] = _plain,
    ) -> None:
        self._topic_text = topic_text
        self._site_of = site_of
        self._count = count or os.cpu_count() or 1
        self._pool: ProcessPool | None = None

    def close(self, *, at_once: bool = False) -> None:
        """End the processes; `at_once` without waiting for what they are doing."""
        if self._pool is None:
            return
        if at_once:
            self._pool.stop()  # type: ignore[no-untyped-call]  # pebble leaves it untyped
        else:
            self._pool.close()  # type: ignore[no-untyped-call]  # pebble leaves it untyped
        self._pool.join()
        self._pool = None

    def read(self, captures: Iterable[Capture]) -> Iterator[PageResult]:
        """Yield one reading a capture, in the captures' order, holding at most a few chunks."""
        chunks = _chunks(captures)
        waiting: deque[tuple[list[Capture], Future[list[PageResult]]]] = deque()
        while True:
            while len(waiting) < self._count * AHEAD and (chunk := next(chunks, None)):
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
            # spawned, not forked: the parent may hold threads of Prefect's
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPool(max_workers=self._count, context=context, initializer=_begin)
        topics = {spec: self._topic_text(spec) for spec in {capture.topic for capture in chunk}}
        sites = [self._site_of(capture) for capture in chunk]
        future: Future[list[PageResult]] = self._pool.schedule(
            _read,
            args=[read_chunk, chunk, topics, sites, PAGE_SECONDS],
            timeout=PATIENCE * PAGE_SECONDS * len(chunk),  # from when a process takes it up, its loading done
        )
        return future

    def _read_alone(self, capture: Capture) -> PageResult:
        site = self._site_of(capture)
        for _ in range(BREAKS):
            future = self._schedule([capture])
            match future.exception():
                case None:
                    return future.result()[0]
                case FutureTimeoutError():
                    detail = f"reading took over {PATIENCE * PAGE_SECONDS:.0f} s by the clock"
                case ProcessExpired() as ended if ended.exitcode == -signal.SIGPROF:
                    detail = f"reading took over {PAGE_SECONDS:.0f} s of processor time"
                case ProcessExpired():
                    detail = "reading ended the process, as too little memory does"
                case MemoryError():
                    detail = f"reading took over {PAGE_BYTES // 1_000_000} MB of memory"
                case BrokenProcessPool():
                    continue
                case error:  # a fault of ours, and no reason to lose the other pages
                    fault = f"{READER_FAILED}: {type(error).__name__}: {error}"
                    return PageResult(fetch_of(capture, reason=Reason.UNREADABLE, detail=fault, site=site))
            return PageResult(fetch_of(capture, reason=Reason.TOO_COSTLY, detail=detail, site=site))
        raise IrtyshError(f"the processes that read pages end before they have begun, the last at {capture.url}")


def _chunks(captures: Iterable[Capture]) -> Iterator[list[Capture]]:
    """Part captures into tasks, taking no more of them than a task needs."""
    chunk: list[Capture] = []
    size = 0
    for capture in captures:
        chunk.append(capture)
        size += len(capture.body)
        if len(chunk) == CHUNK or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _begin() -> None:
    """Prepare a process: load what the first page would wait for."""
    page_limits.prepare()
    warm_up()


def _read(
    read: Callable[[list[Capture], Mapping[str, str], list[Site]], list[PageResult]],
    captures: list[Capture],
    topics: Mapping[str, str],
    sites: list[Site],
    seconds: float,
) -> list[PageResult]:
    """Read a chunk in a process of the pool, each page under limits of its own."""
    found: list[PageResult] = []
    for capture, site in zip(captures, sites, strict=True):
        with page_limits.bounded(seconds, PAGE_BYTES):
            found += read([capture], topics, [site])
    return found
