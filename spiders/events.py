"""Writer of crawl events: the child's side of the pipe, JSON Lines, thread-safe."""

import logging
import threading
import time
from collections.abc import Callable
from typing import BinaryIO

from spiders.spec import Event

FLUSH_SECONDS = 0.1  # an event may wait so long to be written with others; progress bars are no faster


class EventWriter:
    """Write events to the parent process. If the parent has exited, call `gone` once and drop all further events."""

    def __init__(self, stream: BinaryIO, gone: Callable[[], None]) -> None:
        self._stream = stream
        self._gone = gone
        self._lock = threading.Lock()
        self._flushed = 0.0
        self._closed = False

    def emit(self, event: Event) -> None:
        """Write an event; it is sent within `FLUSH_SECONDS` if `flush` is called that often."""
        line = event.to_json().encode() + b"\n"
        with self._lock:
            self._write(line, flush=time.monotonic() - self._flushed >= FLUSH_SECONDS)

    def flush(self) -> None:
        """Send the events written so far."""
        with self._lock:
            self._write(b"", flush=True)

    def _write(self, line: bytes, *, flush: bool) -> None:
        if self._closed:
            return
        try:
            self._stream.write(line)
            if flush:
                self._stream.flush()
                self._flushed = time.monotonic()
        except (OSError, ValueError):  # EPIPE, or closed
            self._closed = True
            self._gone()


class EventHandler(logging.Handler):
    """Turn log records into events; the parent writes them to its run log."""

    def __init__(self, report: EventWriter) -> None:
        super().__init__(logging.WARNING)
        self._report = report

    def emit(self, record: logging.LogRecord) -> None:
        """Send a log record as an event, with its traceback if it has one."""
        self._report.emit(Event("log", detail=f"{record.name}: {self.format(record)}", reason=record.levelname.lower()))
