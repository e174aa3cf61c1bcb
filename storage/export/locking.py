"""One writer at a time for a place on the local disk, whatever becomes of the writers."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from articles.errors import UsageError


@contextlib.contextmanager
def only_writer(dest: Path) -> Iterator[None]:
    """Hold the place that is to be written while the block runs. UsageError if another process holds it; OSError.

    The lock is a file beside it that goes at the end. A process that dies lets go of it, whatever file it leaves.
    """
    path = dest.absolute().parent / f".{dest.absolute().name}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            stack.callback(os.close, descriptor)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UsageError(
                    f"another process is writing {dest}: wait for its end, or name another place"
                ) from None
            if _is(path, descriptor):
                break  # and not the file of a writer that ended between the two calls
        stack.callback(path.unlink)
        yield


def _is(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
