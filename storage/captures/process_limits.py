"""Limits on the processor time and memory of a part of a process's work, enforced by the kernel.

They count processor time, not clock time, so that a result does not depend on how busy the machine is. SIGPROF ends the
process also while the code of a library runs.
"""

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from storage.objects.memory_limit import DATA_FIELD, PROC_STATM


def prepare() -> None:
    """Let SIGPROF end this process, even if the parent process ignores the signal."""
    signal.signal(signal.SIGPROF, signal.SIG_DFL)


def restart_clock(seconds: float) -> None:
    """Let `seconds` of processor time begin anew, in a block that `bounded` limits."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


@contextmanager
def bounded(seconds: float, size: int) -> Iterator[None]:
    """Limit the block: after `seconds` of processor time SIGPROF ends the process, beyond `size` more bytes MemoryError.

    Memory is limited only on Linux.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if PROC_STATM.exists():
        used = int(PROC_STATM.read_text(encoding="ascii").split()[DATA_FIELD]) * os.sysconf("SC_PAGE_SIZE")
        limit = used + size if hard == resource.RLIM_INFINITY else min(used + size, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
