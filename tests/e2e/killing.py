"""Run functions in forks of this process and kill them, at a change of the store or at any time.

A fork has loaded the program already, so that a kill costs no start. This process must have no threads: only the forks
may call what starts some.
"""

import mmap
import os
import pickle
import signal
import struct
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHANGES = frozenset({"os.link", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"})  # audit events
COUNTER = struct.Struct("Q")
POLL_SECONDS = 0.002
MAX_SECONDS = 120.0  # of a function


@dataclass(frozen=True)
class Ended:
    """How a fork ended."""

    value: Any  # what its function returned; None if it was killed
    killed: bool
    changes: int  # of files below the watched folder, begun
    seconds: float


def forked(
    function: Callable[[], Any], watched: Path, *, kill_at: int | None = None, kill_after: float | None = None
) -> Ended:
    """Call a function in a fork. Kill it (-9) and its children before change number `kill_at`, or after some seconds."""
    counter = mmap.mmap(-1, COUNTER.size)
    sys.stdout.flush()
    sys.stderr.flush()
    with tempfile.TemporaryFile() as answer:
        began = time.monotonic()
        if (child := os.fork()) == 0:
            _child(function, watched, kill_at, counter, answer.fileno())
        status, killed = _wait(child, kill_after)
        answer.seek(0)
        data = answer.read()
    if not killed and not os.WIFSIGNALED(status):
        value, error = pickle.loads(data)  # noqa: S301  our own child's
        assert error is None, error
    else:
        value, killed = None, True
    return Ended(value, killed, COUNTER.unpack(counter[:])[0], time.monotonic() - began)


def _wait(child: int, kill_after: float | None) -> tuple[int, bool]:
    """Return the exit status of a child and whether it was killed after the time that it had."""
    until = time.monotonic() + (MAX_SECONDS if kill_after is None else kill_after)
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status, False
        if time.monotonic() >= until:
            os.killpg(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            assert kill_after is not None, f"no end after {MAX_SECONDS} s"
            return status, True
        time.sleep(POLL_SECONDS)


def _child(function: Callable[[], Any], watched: Path, kill_at: int | None, counter: mmap.mmap, answer: int) -> None:
    os.setpgid(0, 0)
    root = str(watched)
    count = 0

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        if event == "open":
            changes = isinstance(arguments[2], int) and bool(arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        else:
            changes = event in CHANGES
        if not changes or not any(str(one).startswith(root) for one in arguments[:2]):
            return
        count += 1
        counter[:] = COUNTER.pack(count)
        if count == kill_at:
            os.killpg(0, signal.SIGKILL)

    sys.addaudithook(watch)
    result: tuple[Any, str | None]
    try:
        result = function(), None
    except BaseException:  # noqa: BLE001  the parent says what it was
        result = None, traceback.format_exc()
    os.write(answer, pickle.dumps(result))
    os._exit(0)
