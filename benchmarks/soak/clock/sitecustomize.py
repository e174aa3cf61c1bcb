"""Shift the clock of Irtysh's processes by the seconds in the file SOAK_CLOCK. Python loads this module at its start from PYTHONPATH.

Only `datetime.now` of our own modules is shifted, and with it the times of files and objects in a store, so that both
clocks agree. Timeouts, delays, Prefect's times and the libraries keep the real time. At its end each process appends its
command, its day, the peak of its memory and its processor time to the file SOAK_USED.
"""

import atexit
import datetime as dt
import importlib.abc
import importlib.machinery
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

REAL = dt.datetime
CLOCK = os.environ.get("SOAK_CLOCK", "")
OFFSET = dt.timedelta(seconds=float(Path(CLOCK).read_text() if CLOCK else "0"))
OURS = ("flows", "spiders", "storage")
OF_PREFECT = "flows.deployment"  # compares its times with those of Prefect's server
OF_FILES, OF_OBJECTS = "storage.objects.directory", "storage.objects.s3"
KB_PER_MB = 1_000


class _AnyDatetime(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, REAL)


class Shifted(REAL, metaclass=_AnyDatetime):
    """A `datetime` whose now is later. It makes plain `datetime` objects only."""

    def __new__(cls, *parts: Any, **named: Any) -> dt.datetime:  # type: ignore[misc]  # that is its purpose
        """Return a plain datetime."""
        return REAL(*parts, **named)

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]  # the same
        """Return the shifted time."""
        return REAL.now(tz) + OFFSET


class ShiftedFiles(Shifted):
    """The same where `fromtimestamp` gives the times of files."""

    @classmethod
    def fromtimestamp(cls, timestamp: float, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]  # the same
        """Return the time of a file, shifted as the clock is."""
        return REAL.fromtimestamp(timestamp, tz) + OFFSET


def _shift(name: str, module: Any) -> None:
    if getattr(module, "datetime", None) is REAL:
        module.datetime = ShiftedFiles if name == OF_FILES else Shifted
    if name == OF_OBJECTS:
        info, parse = module.ObjectInfo, module.parsedate_to_datetime
        module.ObjectInfo = lambda key, size, modified: info(key, size, modified + OFFSET)
        module.parsedate_to_datetime = lambda text: parse(text) + OFFSET


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:  # noqa: ARG002  the protocol
        """Find one of our modules, and shift its clock when it has been loaded."""
        if name.partition(".")[0] not in OURS or name.startswith(OF_PREFECT):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is None or spec.loader is None:
            return spec
        load = spec.loader.exec_module

        def shifted(module: Any) -> None:
            load(module)
            _shift(name, module)

        spec.loader.exec_module = shifted  # type: ignore[method-assign]  # of this one module
        return spec


def _peak_kb() -> int:
    """Return the peak memory of this process; `ru_maxrss` would include that of the process which has started it."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))


def _note_used() -> None:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    used = {
        "command": sys.argv[:3],
        "day": OFFSET / dt.timedelta(days=1),
        "memory": round(_peak_kb() / KB_PER_MB),
        "cpu": round(own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime, 1),
    }
    with Path(os.environ["SOAK_USED"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(used) + "\n")


if CLOCK:
    atexit.register(_note_used)
if OFFSET:
    sys.meta_path.insert(0, _Finder())
