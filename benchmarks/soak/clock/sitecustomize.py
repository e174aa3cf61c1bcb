"""Shift the clock of Irtysh's processes by IRTYSH_SOAK_SECONDS. Python loads this module at its start from PYTHONPATH.

Only `datetime.now` of our own modules is shifted, and with it the times of files that a directory store sees, so that both
clocks agree. Timeouts, delays and the libraries keep the real time.
"""

import datetime as dt
import importlib.abc
import importlib.machinery
import os
import sys
from typing import Any

REAL = dt.datetime
OFFSET = dt.timedelta(seconds=float(os.environ.get("IRTYSH_SOAK_SECONDS", "0")))
OURS = ("flows", "spiders", "storage")
OF_FILES = "storage.objects.directory"


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


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:  # noqa: ARG002  the protocol
        """Find one of our modules, and shift its clock when it has been loaded."""
        if name.partition(".")[0] not in OURS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is None or spec.loader is None:
            return spec
        load = spec.loader.exec_module

        def shifted(module: Any) -> None:
            load(module)
            if getattr(module, "datetime", None) is REAL:
                module.datetime = ShiftedFiles if name == OF_FILES else Shifted

        spec.loader.exec_module = shifted  # type: ignore[method-assign]  # of this one module
        return spec


if OFFSET:
    sys.meta_path.insert(0, _Finder())
