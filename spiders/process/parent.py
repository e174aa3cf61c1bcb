"""Run a crawl in a subprocess: start it, receive its events, stop it, and report how it ended.

A crawl runs in its own process because Scrapy's event loop cannot run twice in one process, and to keep its memory apart
from that of the flow. If this process dies, the child stops gracefully, since its standard input ends.
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import FrameType
from typing import IO, Self

from articles.errors import CrawlError, CrawlStopError, InputError
from spiders.spec import CrawlSpec, Event
from storage.child_environment import child_environment

STOP_SECONDS = 30.0  # docs/measurements.md §2: Prefect kills a cancelled flow after 30
MAX_SILENCE_SECONDS = 120.0  # of a child, which reports each second once it has read its files; then it is killed
MAX_STOPPING_SILENCE_SECONDS = 8.0  # the same once it was told to stop, so that a stop ends within ten seconds
WATCH_SECONDS = 0.5  # between two checks whether the child has sent anything
MAX_STDERR_LINES = 20  # of a failed child's standard error, shown in the error message
INPUT_ERROR = "InputError"
STANDARD_ERROR = 2
ON_STOP = (
    b"\nstopping: what is being fetched is finished and stored; the same command continues from there. "
    b"Press Ctrl-C again to stop at once.\n"
)

_live: set["CrawlHandle"] = set()
_live_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class CrawlResult:
    """How a crawl ended. What it fetched is in the store in any case."""

    run: str
    finished: bool  # every URL has a result; else the crawl was stopped
    reason: str  # why it was stopped; empty if it was not
    counts: Mapping[str, int]
    segments: tuple[str, ...] = field(default=())  # keys, in order of upload
    seconds: float = 0.0


class CrawlHandle:
    """A child process that crawls. Created before its specification is known, it imports its modules meanwhile."""

    def __init__(self, *command: str) -> None:
        """Start `python` with the arguments `command`, by default the crawler."""
        self._process = subprocess.Popen(
            [sys.executable, "-P", *(command or ("-m", "spiders.process.child"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=child_environment(),
            start_new_session=True,  # Ctrl-C reaches only this process, which passes it on
        )
        self._stderr: deque[str] = deque(maxlen=MAX_STDERR_LINES)
        self._drain = threading.Thread(target=self._read_stderr, name="child-stderr", daemon=True)
        self._drain.start()
        self._stops = 0
        self._why = ""
        self._sent = False
        self._messages = 0  # lines received
        self._listening = False  # whether we wait for the child, rather than the child for us
        self._silenced = 0.0  # the silence in seconds for which it was killed
        with _live_lock:
            _live.add(self)

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    @property
    def is_stopping(self) -> bool:
        """Whether the child was told to stop."""
        return self._stops > 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, spec: CrawlSpec, on_event: Callable[[Event], None]) -> CrawlResult:
        """Let the child crawl, pass its events on, and return how it ended.

        CrawlError if the child died, fell silent or failed, CrawlStopError if it was told to stop before; InputError if
        the specification is invalid.
        """
        began = time.monotonic()
        self._send(spec)
        segments: list[str] = []
        last = Event("none")
        with self._watched():
            for event in self._events():
                if event.kind == "segment":
                    segments.append(event.key)
                elif event.kind in {"finished", "error"}:
                    last = event
                on_event(event)
            code = self._process.wait()
        if self._stops and code == -signal.SIGTERM:  # stopped while it still imported modules: nothing was requested
            last, code = Event("finished", reason="stopped"), 0
        if last.kind != "finished" or code != 0:
            self._drain.join()
            raise self._error(last, code)
        stopped = "" if last.reason == "finished" else (self._why or last.detail or last.reason)
        return CrawlResult(spec.run, not stopped, stopped, dict(last.counts), tuple(segments), time.monotonic() - began)

    def stop(self, why: str = "") -> None:
        """Stop the child gracefully; the second call kills it. `why` becomes the reason in the result."""
        self._why = self._why or why
        self._stops += 1
        if self._stops == 1:
            self._process.terminate()
        else:
            self._process.kill()

    def close(self) -> None:
        """End the child if it still runs, gracefully within `STOP_SECONDS`, and release its resources."""
        if not self._sent:
            self._process.kill()  # it has fetched nothing yet
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                _close_quietly(stream)
        self.wait(STOP_SECONDS)
        self._drain.join()
        if self._process.stderr is not None:
            self._process.stderr.close()
        with _live_lock:
            _live.discard(self)

    def wait(self, seconds: float) -> None:
        """Wait some seconds for the child to end, then kill it."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send(self, spec: CrawlSpec) -> None:
        if self._process.stdin is None:
            raise CrawlError("the crawling process has no standard input")
        self._sent = True
        try:
            self._process.stdin.write(spec.to_json().encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return  # it died before reading; `run` reports why

    def _events(self) -> Iterator[Event]:
        if self._process.stdout is None:
            raise CrawlError("the crawling process has no standard output")
        self._listening = True
        for line in self._process.stdout:
            self._listening = False
            self._messages += 1
            try:
                event = Event.from_json(line)
            except (ValueError, TypeError):  # output of a library, or half a line of a killed child
                event = Event("log", detail=line.decode("utf-8", "replace").rstrip(), reason="warning")
            yield event
            self._listening = True
        self._listening = True

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Kill the child if it sends nothing for too long while we wait for it."""
        ended = threading.Event()
        watch = threading.Thread(target=self._watch, args=[ended], name="child-watch", daemon=True)
        watch.start()
        try:
            yield
        finally:
            ended.set()
            watch.join()

    def _watch(self, ended: threading.Event) -> None:
        # Silence is counted in checks, not by the clock: this process may have been suspended meanwhile.
        silence, heard = 0.0, self._messages
        while not ended.wait(WATCH_SECONDS):
            if self._messages != heard or not self._listening:
                silence, heard = 0.0, self._messages
                continue
            silence += WATCH_SECONDS
            if silence >= (MAX_STOPPING_SILENCE_SECONDS if self._stops else MAX_SILENCE_SECONDS):
                self._silenced = silence
                self._process.kill()
                return

    def _read_stderr(self) -> None:
        if self._process.stderr is not None:
            for line in self._process.stderr:
                self._stderr.append(line.decode("utf-8", "replace").rstrip())

    def _error(self, last: Event, code: int) -> CrawlError | InputError:
        kind = CrawlStopError if self._stops else CrawlError
        if self._silenced:
            how = f"the crawling process sent nothing for {self._silenced:.0f} s and was killed"
            return kind("\n".join([how, *self._stderr]))
        if last.kind == "error" and last.reason == INPUT_ERROR:
            return InputError(last.detail)
        if last.kind == "error":
            return CrawlError(last.detail)
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return kind("\n".join([f"the crawling process {how}", *self._stderr]))


def run_crawl(spec: CrawlSpec, on_event: Callable[[Event], None], child: CrawlHandle | None = None) -> CrawlResult:
    """Crawl in a subprocess, by default a new one; `on_event` is called in this thread.

    In the main thread SIGINT and SIGTERM stop the crawl: the first gracefully, the second at once. CrawlError and
    InputError as in `CrawlHandle.run`.
    """
    with (
        child or CrawlHandle() as crawling,
        _passing_signals(crawling),
        tempfile.TemporaryDirectory(prefix="irtysh-") as spool,
    ):
        return crawling.run(spec if spec.spool else replace(spec, spool=spool), on_event)


def stop_each(why: str) -> None:
    """Stop all crawls of this process gracefully, without waiting; a second call kills them."""
    with _live_lock:
        crawlings = list(_live)
    for crawling in crawlings:
        crawling.stop(why)


def stop_all() -> None:
    """Stop all crawls of this process gracefully, and kill those that have not ended within `STOP_SECONDS`."""
    with _live_lock:
        crawlings = list(_live)
    for crawling in crawlings:
        crawling.stop()
    until = time.monotonic() + STOP_SECONDS
    for crawling in crawlings:
        crawling.wait(max(0.0, until - time.monotonic()))


def announce_stop() -> None:
    """Say on standard error what the stop of a crawl means. A signal handler may call it: it uses no stream of Python."""
    os.write(STANDARD_ERROR, ON_STOP)


@contextmanager
def _passing_signals(crawling: CrawlHandle) -> Iterator[None]:
    """Pass SIGINT and SIGTERM on to a crawl. Only the main thread may set handlers; in other threads do nothing."""
    told = False

    def stop(number: int, _frame: FrameType | None) -> None:
        nonlocal told
        if not told:
            announce_stop()
        told = True
        crawling.stop(signal.Signals(number).name)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _close_quietly(stream: IO[bytes]) -> None:
    try:
        stream.close()
    except BrokenPipeError:  # the child exited without reading everything
        return
