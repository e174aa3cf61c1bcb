"""Limits on the processor time and memory of one page, enforced by the kernel.

They are the last line of defence. Pages that are too large or too deep are rejected before extraction, from their form
alone (`articles.page.intake`), so that a rejection does not depend on how busy the machine is. These limits stop only
pages that pass that check. For the same reason they count processor time, not clock time; SIGPROF ends the process also
while the code of a library runs.
"""

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MAX_PAGE_CPU_SECONDS = 5.0  # processor time; none of the 412 development pages takes 0.5 s
MAX_PAGE_MEMORY_BYTES = 500_000_000  # beyond what the process already uses; the same pages need at most 30 MB
PROC_STATM = Path("/proc/self/statm")  # Linux only; elsewhere memory is not limited
DATA_FIELD = 5  # index in statm: memory pages of data and stack, which RLIMIT_DATA counts


def prepare() -> None:
    """Let SIGPROF end this process, even if the parent process ignores the signal."""
    signal.signal(signal.SIGPROF, signal.SIG_DFL)


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
