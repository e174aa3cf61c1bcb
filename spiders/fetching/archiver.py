"""Archive exchanges in threads: build, compress and upload records while the crawl goes on.

One thread builds and writes records, so that each outlet's segment keeps the order of its exchanges. Others upload the
closed segments. `Archiver.keep` makes the crawl wait while too much is unwritten, so memory stays bounded if the disk or
the store is slower than the web.
"""

import asyncio
import queue
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from articles.errors import StoreError
from spiders.spec import Event
from storage.captures.segments import Segment, SegmentLimits, SegmentWriter, upload
from storage.captures.warc import Exchange, FetchFailure, WarcInfo, exchange_member, failure_member
from storage.objects import ObjectStore, open_store
from storage.tracing import top_span

MAX_UNWRITTEN_BYTES = 64 << 20  # of bodies: four pages of the maximum size, or a thousand of usual size
MAX_UNSTORED_SEGMENTS = 8  # 256 MB of disk at their usual size
UPLOAD_THREADS = 2
MAX_UPLOAD_TRIES = 5  # in addition to the store's own retries: together they bridge half a minute
UPLOAD_BACKOFF_SECONDS = 1.0  # before the second try; doubled for each further one
AGE_CHECK_SECONDS = 1.0  # between two checks for segments that have reached their maximum age
POLL_SECONDS = 0.01  # between two checks whether unwritten bytes are below the limit


class Archiver:
    """Write exchanges and failures to segments, and upload these to the store.

    `on_event` receives an event for each stored segment, `on_error` the first error, which ends archiving. Both are
    called from threads of the archiver.
    """

    def __init__(
        self,
        store: str,
        about: WarcInfo,
        spool: Path,
        limits: SegmentLimits,
        *,
        on_event: Callable[[Event], None],
        on_error: Callable[[StoreError], None],
    ) -> None:
        self._store = store
        self._opened: ObjectStore | None = None
        self._opening = threading.Lock()
        self._about = about
        self._spool = spool
        self._limits = limits
        self._on_event = on_event
        self._on_error = on_error
        self._error: StoreError | None = None
        self._jobs: queue.SimpleQueue[tuple[str, Exchange | FetchFailure] | None] = queue.SimpleQueue()
        self._put_bytes = 0  # set only by the event loop's thread
        self._done_bytes = 0  # set only by the writing thread
        self._writers: dict[str, SegmentWriter] = {}
        self._records: Counter[str] = Counter()  # outlet -> records in its open segment
        self._unstored = threading.BoundedSemaphore(MAX_UNSTORED_SEGMENTS)
        self._uploads = ThreadPoolExecutor(UPLOAD_THREADS, thread_name_prefix="upload")
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="archive")
        self._writing.submit(self._work).add_done_callback(self._check)

    async def keep(self, outlet: str, record: Exchange | FetchFailure) -> None:
        """Queue a record. Wait while more than `MAX_UNWRITTEN_BYTES` are unwritten; StoreError if archiving has failed."""
        while self._put_bytes - self._done_bytes > MAX_UNWRITTEN_BYTES and self._error is None:  # noqa: ASYNC110 - set by a thread
            await asyncio.sleep(POLL_SECONDS)
        if self._error is not None:
            raise self._error
        self._put_bytes += _weight(record)
        self._jobs.put((outlet, record))

    async def close(self) -> None:
        """Write, close and upload everything. StoreError if a segment did not reach the store."""
        await asyncio.to_thread(self._finish)
        if self._error is not None:
            raise self._error

    def _finish(self) -> None:
        self._jobs.put(None)
        self._writing.shutdown(wait=True)
        self._uploads.shutdown(wait=True)

    def _work(self) -> None:
        """Write records from the queue until it delivers None."""
        checked = time.monotonic()
        open_ended = True
        while open_ended:
            try:
                job = self._jobs.get(timeout=AGE_CHECK_SECONDS)
                open_ended = job is not None
            except queue.Empty:
                job = None
            if job is not None:
                self._write(*job)
            if time.monotonic() - checked >= AGE_CHECK_SECONDS:
                checked = time.monotonic()
                self._close_old()
        for outlet in list(self._records):
            self._close(outlet)

    def _write(self, outlet: str, record: Exchange | FetchFailure) -> None:
        if self._error is None:
            if isinstance(record, FetchFailure):
                member = failure_member(record, self._about)
            else:
                member = exchange_member(record, self._about)
            writer = self._writers.get(outlet)
            if writer is None:
                writer = self._writers[outlet] = SegmentWriter(self._spool, outlet, self._about, self._limits)
            now = datetime.now(UTC)  # not the exchange's time: old captures of web archives go into today's segment too
            try:
                writer.append(member, now)
            except StoreError as error:
                self._fail(error)
            else:
                self._records[outlet] += 1
                if writer.due(now):
                    self._close(outlet)
        self._done_bytes += _weight(record)

    def _close_old(self) -> None:
        now = datetime.now(UTC)
        for outlet in list(self._records):
            if self._writers[outlet].due(now):
                self._close(outlet)

    def _close(self, outlet: str) -> None:
        """Close an outlet's open segment and queue its upload; wait while `MAX_UNSTORED_SEGMENTS` are queued."""
        segment = self._writers[outlet].close()
        records = self._records.pop(outlet)
        if segment is None or self._error is not None:
            return
        self._unstored.acquire()
        self._uploads.submit(self._upload, segment, records).add_done_callback(self._uploaded)

    def _upload(self, segment: Segment, records: int) -> None:
        size = segment.path.stat().st_size
        key = ""
        for attempt in range(MAX_UPLOAD_TRIES):
            try:
                with top_span("upload", bytes=size, records=records):
                    key = upload(self._open_store(), segment)
                break
            except StoreError:
                if attempt == MAX_UPLOAD_TRIES - 1:
                    raise
                time.sleep(UPLOAD_BACKOFF_SECONDS * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, no secret
        self._on_event(Event("segment", key=key, records=records, size=size))

    def _uploaded(self, done: "Future[None]") -> None:
        self._unstored.release()
        self._check(done)

    def _check(self, done: "Future[None]") -> None:
        error = done.exception()
        if error is not None:
            self._fail(error if isinstance(error, StoreError) else StoreError(f"archiving failed: {error!r}"))

    def _open_store(self) -> ObjectStore:
        """Open the store at the first upload, so that importing boto3 does not delay the first fetch."""
        with self._opening:
            if self._opened is None:
                self._opened = open_store(self._store)
            return self._opened

    def _fail(self, error: StoreError) -> None:
        if self._error is None:
            self._error = error
            self._on_error(error)


def _weight(record: Exchange | FetchFailure) -> int:
    return len(record.body) if isinstance(record, Exchange) else 0
