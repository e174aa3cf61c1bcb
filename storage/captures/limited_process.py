"""A child process with limits of processor time and memory, in which bytes from outside are parsed and decoded.

The kernel ends the child after `MAX_ITEM_CPU_SECONDS` without an item; this process kills it after
`MAX_SILENCE_SECONDS` without a word. A child whose parent has died ends itself.
"""

import contextlib
import importlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, Self

from storage.captures import process_limits
from storage.child_environment import child_environment

MAX_ITEM_CPU_SECONDS = 5.0  # of one record; a record at the limits of `storage.captures.decode` takes 0.5 s
MAX_MEMORY_BYTES = 500_000_000  # beyond what the child needs to start; a record at these limits needs 100 MB
MAX_SILENCE_SECONDS = 60.0  # by the clock; reached only if the child, or the machine, sleeps
SIGN_OF_LIFE_SECONDS = 1.0  # between two of them
END_SECONDS = 5.0  # that a killed process may take to end

Send = Callable[[Any], None]


class EndedError(Exception):
    """Raised by `LimitedProcess.stream` if the child reached a limit, died or raised an error; the text says which."""


class LimitedProcess:
    """Runs functions in a child process, which is started when needed. A context manager; not thread-safe."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def stream(self, function: Callable[..., None], *arguments: object) -> Iterator[Any]:
        """Call `function(*arguments, send)` in the child and yield what it sends, except None: a sign of life.

        `function` is known by its module and name. Raises EndedError.
        """
        pipe = self._start()
        whole = False
        try:
            pipe.send((function.__module__, function.__name__, arguments))
            while True:
                if not pipe.poll(MAX_SILENCE_SECONDS):
                    raise EndedError(f"reading took over {MAX_SILENCE_SECONDS:.0f} s by the clock")
                kind, value = pipe.recv()
                if kind == "item":
                    yield value
                elif kind == "end":
                    whole = True
                    return
                elif kind == "failed":
                    raise EndedError(value)
        except (EOFError, ConnectionError) as error:
            raise EndedError(self._why()) from error
        finally:
            if not whole:
                self.close()

    def close(self) -> None:
        """End the child at once."""
        child, self._child = self._child, None
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            pipe.close()
        if child is not None:
            child.kill()
            child.wait(END_SECONDS)

    def _start(self) -> Connection:
        if self._pipe is not None and self._child is not None and self._child.poll() is None:
            return self._pipe
        self.close()
        ours, theirs = Pipe()
        with theirs:
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-m", "storage.captures.limited_process", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env=child_environment(),
                start_new_session=True,  # Ctrl-C reaches only this process, which ends the child
            )
        self._pipe = ours
        return ours

    def _why(self) -> str:
        if self._child is None:
            return "reading ended"
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(END_SECONDS)
        if self._child.returncode == -signal.SIGPROF:
            return f"reading took over {MAX_ITEM_CPU_SECONDS:.0f} s of processor time"
        return "reading ended the process, as too little memory does"


def serve(pipe: Connection) -> None:
    """Carry out one task after the other, in the child process, until the parent closes the pipe."""
    process_limits.prepare()
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            module, name, arguments = pipe.recv()
            function = getattr(importlib.import_module(module), name)
            with process_limits.bounded(MAX_ITEM_CPU_SECONDS, MAX_MEMORY_BYTES):
                last = _carry_out(pipe, function, arguments)
            pipe.send(last)


def _carry_out(pipe: Connection, function: Callable[..., None], arguments: tuple[object, ...]) -> tuple[str, str]:
    spoken = time.monotonic()

    def send(item: object) -> None:
        nonlocal spoken
        if item is not None:
            pipe.send(("item", item))
        elif time.monotonic() - spoken > SIGN_OF_LIFE_SECONDS:
            pipe.send(("alive", ""))
        else:
            return process_limits.restart_clock(MAX_ITEM_CPU_SECONDS)
        spoken = time.monotonic()
        return process_limits.restart_clock(MAX_ITEM_CPU_SECONDS)

    try:
        function(*arguments, send)
    except MemoryError:
        return "failed", f"reading took over {MAX_MEMORY_BYTES // 1_000_000} MB of memory"
    except ConnectionError:
        raise  # the parent has ended
    except Exception as error:  # noqa: BLE001  a defect of our code, or of a library: the other records are still read
        return "failed", f"the reader failed: {type(error).__name__}: {error}"
    return "end", ""


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
