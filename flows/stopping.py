"""Stop a run gracefully: on Ctrl-C, on SIGTERM, and when the worker that started it has exited."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from spiders.process.parent import announce_stop, stop_each

WATCH_SECONDS = 1.0  # between two looks whether the worker still lives
ORPHAN = "SIGHUP: the worker that started this run has exited"


class StoppedRun:
    """Whether somebody has stopped this run, and how. The first signal stops its crawls, the second ends it at once."""

    def __init__(self, on_stop: Callable[[], object] = lambda: None, *, has_worker: bool = False) -> None:
        """`on_stop` is called once. `has_worker`: another process has started this one, and waits for it."""
        self.why = ""
        self._on_stop = on_stop
        self._parent = os.getppid() if has_worker else 0

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        """Handle a signal."""
        again, self.why = bool(self.why), signal.Signals(number).name
        if not again:
            announce_stop()
        self._on_stop()
        stop_each(self.why)
        if again:
            raise KeyboardInterrupt

    def __bool__(self) -> bool:
        """Whether this run is being stopped. This is also where an exit of the worker is noticed."""
        if not self.why and self._parent and os.getppid() != self._parent:
            self.why = ORPHAN
            self._on_stop()
            stop_each(self.why)
        return bool(self.why)

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Handle SIGINT and SIGTERM while the block runs, if this is the main thread, and notice an exit of the worker."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self) for number in (signal.SIGINT, signal.SIGTERM)}
        ended = threading.Event()
        if self._parent:
            threading.Thread(target=self._watch, args=(ended,), name="worker-watch", daemon=True).start()
        try:
            yield
        finally:
            ended.set()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _watch(self, ended: threading.Event) -> None:
        while not ended.wait(WATCH_SECONDS) and not self:
            pass
