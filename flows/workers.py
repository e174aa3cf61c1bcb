"""A pool of processes that read pages, and that a page may not take down with it.

Work goes out in small chunks. A chunk whose worker hangs or dies is read again page by page, each under its own time
limit; the page at fault is accounted for as `TOO_COSTLY` and nothing else is lost. A page over which our own code
stumbles is `UNREADABLE`, its detail beginning with `READER_FAILED`: it is told aloud, and does not stop the others.
"""

import multiprocessing
import os
import resource
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from itertools import islice

from pebble import ProcessExpired, ProcessPool

from articles.errors import IrtyshError
from articles.model import Capture, Reason
from articles.site import PLAIN, Site
from flows.reading import Reading, fetch_of, read_chunk, warm_up

CHUNK = 8  # captures a task: a task costs about 1 ms to hand over, a page about 10 ms to read
AHEAD = 3  # chunks in flight for each worker: enough to keep it busy, little enough to keep memory flat
PAGE_SECONDS = 10.0  # no page of the 412 measured took over 2 s; the pure core refuses the costly ones up front
BREAKS = 3  # times that a pool may break over one page: it does when a process dies before it is seen to have begun
WORKER_BYTES = 2 << 30  # of address space for data beyond which an allocation fails
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

    def read(self, captures: Iterable[Capture]) -> Iterator[Reading]:
        """Yield one reading a capture, in the captures' order, holding at most a few chunks."""
        source = iter(captures)
        waiting: deque[tuple[list[Capture], Future[list[Reading]]]] = deque()
        while True:
            while len(waiting) < self._count * AHEAD and (chunk := list(islice(source, CHUNK))):
                waiting.append((chunk, self._schedule(chunk)))
            if not waiting:
                return
            chunk, future = waiting.popleft()
            if future.exception() is None:
                yield from future.result()
            else:
                yield from map(self._read_alone, chunk)

    def _schedule(self, chunk: list[Capture]) -> "Future[list[Reading]]":
        if self._pool is not None and not self._pool.active:
            self.close(at_once=True)
        if self._pool is None:
            # spawned, not forked: the parent may hold threads of Prefect's
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPool(max_workers=self._count, context=context, initializer=_begin)
        seconds = PAGE_SECONDS * len(chunk)  # from when a process takes it up, its imports and loading done
        topics = {spec: self._topic_text(spec) for spec in {capture.topic for capture in chunk}}
        sites = [self._site_of(capture) for capture in chunk]
        future: Future[list[Reading]] = self._pool.schedule(read_chunk, args=[chunk, topics, sites], timeout=seconds)
        return future

    def _read_alone(self, capture: Capture) -> Reading:
        site = self._site_of(capture)
        for _ in range(BREAKS):
            future = self._schedule([capture])
            match future.exception():
                case None:
                    return future.result()[0]
                case FutureTimeoutError():
                    detail = f"reading took over {PAGE_SECONDS:.0f} s"
                case ProcessExpired() | MemoryError():
                    detail = f"reading took over {WORKER_BYTES >> 20} MiB or ended the process"
                case BrokenProcessPool():
                    continue
                case error:  # a fault of ours, and no reason to lose the other pages
                    fault = f"{READER_FAILED}: {type(error).__name__}: {error}"
                    return Reading(fetch_of(capture, reason=Reason.UNREADABLE, detail=fault, site=site))
            return Reading(fetch_of(capture, reason=Reason.TOO_COSTLY, detail=detail, site=site))
        raise IrtyshError(f"the processes that read pages end before they have begun, the last at {capture.url}")


def _begin() -> None:
    """Prepare a process: load what the first page would wait for, and bound its memory."""
    warm_up()
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = WORKER_BYTES if hard == resource.RLIM_INFINITY else min(WORKER_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
