"""Reading processes that outlive their reader: the next reader of the same test process takes them over.

Each command that reads pages starts a `LimitedProcess` and kills it at its end. The tests call a thousand commands in their own
process. A child that has carried out its tasks to the end, and is asked nothing, is as good as a new one. One that was stopped,
or that reached a limit, is killed as before.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from storage.captures import limited_process
from storage.captures.limited_process import LimitedProcess

if TYPE_CHECKING:
    import subprocess

USUAL_STREAM, USUAL_START, USUAL_CLOSE = LimitedProcess.stream, LimitedProcess._start, LimitedProcess.close
USUAL_METHODS = {"stream": USUAL_STREAM, "_start": USUAL_START, "close": USUAL_CLOSE}
NAME_OF_THE_TEST = "PYTEST_CURRENT_TEST"  # a variable that pytest sets
Surroundings = tuple[str, dict[str, str]]


class KeptProcesses:
    """The idle children, each with the folder and the environment in which it was started."""

    def __init__(self) -> None:
        self._idle: list[tuple[Surroundings, subprocess.Popen[bytes], Connection]] = []
        self._started: dict[int, Surroundings] = {}  # by `Popen` object
        self._busy: set[int] = set()  # ids of `LimitedProcess` objects

    def stream(self, process: LimitedProcess, function: Callable[..., None], *arguments: object) -> Iterator[Any]:
        """Do as `LimitedProcess.stream`, and note whether it comes to its end."""
        self._busy.add(id(process))
        try:
            yield from USUAL_STREAM(process, function, *arguments)
        finally:
            self._busy.discard(id(process))

    def _start(self, process: LimitedProcess) -> Connection:
        """Do as `LimitedProcess._start`, with an idle child if there is one."""
        surroundings = (str(Path.cwd()), {name: text for name, text in os.environ.items() if name != NAME_OF_THE_TEST})
        while process._child is None and self._idle:
            theirs, child, idle = self._idle.pop()
            if theirs == surroundings and child.poll() is None:
                process._child, process._pipe = child, idle
            else:
                end(child, idle)
        before = process._child
        pipe = USUAL_START(process)
        if process._child is not before:
            self._started[id(process._child)] = surroundings
        return pipe

    def close(self, process: LimitedProcess) -> None:
        """Keep the child if it is idle, or do as `LimitedProcess.close`."""
        child, pipe = process._child, process._pipe
        if child is None or pipe is None or id(process) in self._busy or child.poll() is not None:
            return USUAL_CLOSE(process)
        process._child = process._pipe = None
        self._idle.append((self._started[id(child)], child, pipe))
        return None

    def end(self) -> None:
        """End all idle children."""
        while self._idle:
            end(*self._idle.pop()[1:])


def end(child: "subprocess.Popen[bytes]", pipe: Connection) -> None:
    pipe.close()
    child.kill()
    child.wait(limited_process.END_SECONDS)


@contextlib.contextmanager
def kept_processes() -> Iterator[None]:
    """Keep reading processes, in a block."""
    kept = KeptProcesses()

    def method(name: str) -> Callable[..., Any]:
        instead = getattr(kept, name)

        def call(process: LimitedProcess, *given: Any) -> Any:
            return instead(process, *given)

        return call

    with contextlib.ExitStack() as stack:
        for name in USUAL_METHODS:
            stack.enter_context(mock.patch.object(LimitedProcess, name, method(name)))
        yield
    kept.end()
