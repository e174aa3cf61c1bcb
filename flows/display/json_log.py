"""Structured logs: one JSON object per line on standard error, with `--log-format json`."""

import logging
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from articles.harmless import json_line

LOG_FORMAT_VARIABLE = "IRTYSH_LOG_FORMAT"
PROGRESS_SECONDS = 10.0  # between two lines about one stage; a run of hours writes some thousands
WARNING_EVENTS = frozenset({"failed", "bad_line", "damaged", "rejected", "unread", "quarantined", "stopped", "left"})
RESERVED = ("time", "level", "event", "message")  # fields of each line; a fact of such a name gets an underscore


@dataclass(slots=True)
class JsonLog:
    """Writes log lines. Each has `time` (UTC), `level`, `event`, `message`, and the facts of the event."""

    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _shown: dict[str, float] = field(default_factory=dict)  # when each stage was last written

    def write(self, level: str, event: str, message: str, facts: Mapping[str, Any] | None = None) -> None:
        """Write one line."""
        line = {
            "time": self.now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": level,
            "event": event,
            "message": message,
        }
        named = {f"{name}_" if name in RESERVED else name: value for name, value in (facts or {}).items()}
        with suppress(BrokenPipeError):  # nobody reads the log any more; the run goes on
            sys.stderr.write(json_line(line | named) + "\n")
            sys.stderr.flush()

    def note(self, kind: str, text: str, facts: Mapping[str, Any]) -> None:
        """Write a note of a stage."""
        level = str(facts.get("level") or ("warning" if kind in WARNING_EVENTS else "info")).lower()
        self.write(level, kind, text, {name: value for name, value in facts.items() if name != "level"})

    def progress(self, stage: str, done: int, whole: int | None, detail: str) -> None:
        """Write the progress of a stage, at most every `PROGRESS_SECONDS`, and its end."""
        at = self.clock()
        if done != whole and at - self._shown.get(stage, -PROGRESS_SECONDS) < PROGRESS_SECONDS:
            return
        self._shown[stage] = at
        self.write("info", "progress", stage, {"stage": stage, "done": done, "whole": whole, "detail": detail})


class JsonHandler(logging.Handler):
    """Passes records of Python's own logging on to a `JsonLog`."""

    def __init__(self, log: JsonLog) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        facts = {"logger": record.name}
        if record.exc_info:
            facts["exception"] = logging.Formatter().formatException(record.exc_info)
        self._log.write(record.levelname.lower(), "log", record.getMessage(), facts)


@contextmanager
def everything_as_json(log: JsonLog) -> Iterator[None]:
    """Write the records of Python's own logging, and an error that nobody handles, to a `JsonLog` in the block."""
    root, handler, hook = logging.getLogger(), JsonHandler(log), sys.excepthook

    def crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        text = "".join(traceback.format_exception(kind, error, trace))
        log.write("critical", "crashed", f"{kind.__name__}: {error}", {"exception": text})

    root.addHandler(handler)
    sys.excepthook = crashed  # stays in force after an error: it is called when the block has been left
    try:
        yield
    finally:
        root.removeHandler(handler)
    sys.excepthook = hook
