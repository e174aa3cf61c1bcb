"""Limit the memory that reading one object may take, enforced by the kernel: a file of a kilobyte may ask for terabytes."""

import os
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROC_STATM = Path("/proc/self/statm")  # Linux only; elsewhere memory is not limited
DATA_FIELD = 5  # index in statm: memory pages of data and stack, which RLIMIT_DATA counts

_lock = threading.Lock()
_before: list[tuple[int, int]] = []  # the limits before the first of the running blocks, if any runs
_running = 0


@contextmanager
def memory_limited(size: int) -> Iterator[None]:
    """Limit the block: beyond `size` more bytes of this process, allocating raises MemoryError. Only on Linux.

    Blocks may run in several threads; one that begins renews the limit for all. A lower limit in force stays.
    """
    _enter(size)
    try:
        yield
    finally:
        _leave()


def _enter(size: int) -> None:
    global _running  # noqa: PLW0603  the limit is the process's
    with _lock:
        _running += 1
        if not PROC_STATM.exists():
            return
        if not _before:
            _before.append(resource.getrlimit(resource.RLIMIT_DATA))
        soft, hard = _before[0]
        used = int(PROC_STATM.read_text(encoding="ascii").split()[DATA_FIELD]) * os.sysconf("SC_PAGE_SIZE")
        limit = used + size if soft == resource.RLIM_INFINITY else min(used + size, soft)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def _leave() -> None:
    global _running  # noqa: PLW0603
    with _lock:
        _running -= 1
        if not _running and _before:
            resource.setrlimit(resource.RLIMIT_DATA, _before.pop())
