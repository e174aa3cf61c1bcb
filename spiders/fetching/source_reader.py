"""Parse sources in a process of their own, so that no source can block or exhaust the crawl.

The process starts with the first source, parses one at a time, and is replaced after a source that had to be stopped.
"""

import asyncio
import json
import pickle
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from typing import Any

from articles.errors import CrawlError, SourceError
from spiders.discovery.source_tasks import RecordTask, SourceTask, body_of
from spiders.discovery.source_worker import LENGTH_BYTES, MAX_CPU_SECONDS, packed
from spiders.fetching.crawl import StoppedError

WORKER_MODULE = "spiders.discovery.source_worker"
MAX_WAIT_SECONDS = 60.0  # by the clock, for one message of the process: four times its limit of processor time
MAX_MESSAGE_BYTES = 64 << 20  # a thousand entries with the longest URLs and dates have 17 MB
NOTHING: Mapping[str, str] = {}
MAX_STOPPED_SOURCES = (
    3  # of a run; then no further source is parsed: an outlet whose sources are hostile costs a minute
)
MAX_STOPPED_RECORDS = 30  # the same for records of a web archive, of which a run has thousands: five minutes


class _OutOfTimeError(SourceError):
    """Raised if the kernel ended the process for its processor time: the same bytes would take as long again."""


def _ignore(_digest: str, _why: str) -> None:
    return


class SourceReader:
    """Parses the sources of one crawl in a child process."""

    def __init__(self, refused: Mapping[str, str] = NOTHING, on_refusal: Callable[[str, str], None] = _ignore) -> None:
        """`refused` maps the SHA-256 of sources that are not parsed to the reasons; `on_refusal` gets further ones."""
        self._refused = dict(refused)
        self._on_refusal = on_refusal
        self._process: Process | None = None
        self._turn = asyncio.Lock()
        self._closed = False
        self._stopped: Counter[bool] = Counter()  # by whether they were records

    async def read(self, task: SourceTask) -> AsyncGenerator[Any, None]:
        """Yield the batches of a task's result.

        `SourceError` if the source costs too much, `StoppedError` if the crawl is being stopped, `CrawlError` for a
        failure of our own code. Use `contextlib.aclosing` to leave it early.
        """
        async with self._turn:
            digest = sha256(body_of(task)).hexdigest()
            if why := self._refused.get(digest):
                raise SourceError(f"{why} (when it was parsed before)")
            is_record = isinstance(task, RecordTask)
            if (stopped := self._stopped[is_record]) >= (MAX_STOPPED_RECORDS if is_record else MAX_STOPPED_SOURCES):
                raise SourceError(f"not parsed: {stopped} sources of this run had to be stopped")
            complete = False
            try:
                process = await self._started()
                await self._send(process, pickle.dumps(task))
                while True:
                    message = await self._receive(process, is_record=is_record)
                    if "batch" in message:
                        yield message["batch"]
                        continue
                    complete = True
                    if "refused" in message:
                        raise SourceError(str(message["refused"]))
                    if "costly" in message:
                        self._remember(digest, str(message["costly"]))
                        raise SourceError(str(message["costly"]))
                    if "failed" in message:
                        raise CrawlError(str(message["failed"]))
                    return
            except _OutOfTimeError as error:
                self._remember(digest, str(error))
                raise
            finally:
                if not complete:
                    await self._end()

    def _remember(self, digest: str, why: str) -> None:
        """Do not parse the same bytes again."""
        self._refused[digest] = why
        self._on_refusal(digest, why)

    def stop(self) -> None:
        """Stop parsing at once: a running `read` raises `StoppedError`, and so does every later one."""
        self._closed = True
        self._kill()

    async def close(self) -> None:
        """End the process."""
        self._closed = True
        await self._end()

    async def _started(self) -> Process:
        if self._closed:
            raise StoppedError
        if self._process is None or self._process.returncode is not None:
            command = (sys.executable, "-P", "-m", WORKER_MODULE)
            # Without our standard error: the pipe to the parent process must end with this process.
            self._process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
        return self._process

    async def _send(self, process: Process, message: bytes) -> None:
        if process.stdin is None:
            raise CrawlError("the parsing process has no standard input")
        process.stdin.write(packed(message))
        with suppress(ConnectionError):  # it has ended: reading says how
            await process.stdin.drain()

    async def _receive(self, process: Process, *, is_record: bool) -> dict[str, Any]:
        if process.stdout is None:
            raise CrawlError("the parsing process has no standard output")
        try:
            async with asyncio.timeout(MAX_WAIT_SECONDS):
                length = int.from_bytes(await process.stdout.readexactly(LENGTH_BYTES), "big")
                if length > MAX_MESSAGE_BYTES:
                    raise self._stopped_source(is_record, f"its entries take {length} bytes at a time")
                message: dict[str, Any] = json.loads(await process.stdout.readexactly(length))
                return message
        except TimeoutError:
            raise self._stopped_source(is_record, f"parsing took over {MAX_WAIT_SECONDS:.0f} s by the clock") from None
        except asyncio.IncompleteReadError:
            code = await process.wait()
            if self._closed:
                raise StoppedError from None
            stopped = self._stopped_source(is_record, _ending(code))
            raise (_OutOfTimeError(str(stopped)) if code == -signal.SIGXCPU else stopped) from None

    def _stopped_source(self, is_record: bool, detail: str) -> SourceError:  # noqa: FBT001  a key
        self._stopped[is_record] += 1
        return SourceError(detail)

    async def _end(self) -> None:
        self._kill()
        process, self._process = self._process, None
        if process is not None:
            await process.wait()

    def _kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()


def _ending(code: int) -> str:
    """Return why the process ended while it parsed a source."""
    if code == -signal.SIGXCPU:
        return f"parsing took over {MAX_CPU_SECONDS} s of processor time"
    how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return f"parsing ended the process ({how}), as too little memory does"
