"""The child's side of the pipe: events as JSON lines, from any thread."""

import logging
import threading
import time
from collections.abc import Callable
from typing import BinaryIO

from spiders.spec import Event

FLUSH = 0.1  # seconds that an event may wait for company; a terminal's progress bar is no faster


class EventWriter:
    """Writes events. Once the parent has gone, events go nowhere and `gone` is called once."""

    def __init__(self, stream: BinaryIO, gone: Callable[[], None]) -> None:
        self._stream = stream
        self._gone = gone
        self._lock = threading.Lock()
        self._flushed = 0.0
        self._deaf = False

    def emit(self, event: Event) -> None:
        """Write an event; it is on its way within `FLUSH` seconds if `flush` is called that often."""
        line = event.to_json().encode() + b"\n"
        with self._lock:
            self._write(line, flush=time.monotonic() - self._flushed >= FLUSH)

    def flush(self) -> None:
        """Send what has been written."""
        with self._lock:
            self._write(b"", flush=True)

    def _write(self, line: bytes, *, flush: bool) -> None:
        if self._deaf:
            return
        try:
            self._stream.write(line)
            if flush:
                self._stream.flush()
                self._flushed = time.monotonic()
        except (OSError, ValueError):  # EPIPE, or closed
            self._deaf = True
            self._gone()


class EventHandler(logging.Handler):
    """Turns log records into events; the parent makes run logs of them."""

    def __init__(self, report: EventWriter) -> None:
        super().__init__(logging.WARNING)
        self._report = report

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record, with its traceback if it has one."""
        self._report.emit(Event("log", detail=f"{record.name}: {self.format(record)}", reason=record.levelname.lower()))
