"""Lock a destination on the local disk, so that only one process writes it at a time."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from articles.errors import UsageError


@contextlib.contextmanager
def only_writer(dest: Path) -> Iterator[None]:
    """Lock the destination while the block runs. Raises UsageError if another process has locked it, or OSError.

    The lock is taken on a file beside the destination, which is removed at the end. If a process dies, the system
    releases the lock, even if the file stays.
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
                    f"another process is writing {dest}; wait until it ends, or choose another destination"
                ) from None
            if _is_same_file(path, descriptor):
                break  # otherwise the file belonged to a writer that ended between the two calls
        stack.callback(path.unlink)
        yield


def _is_same_file(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
