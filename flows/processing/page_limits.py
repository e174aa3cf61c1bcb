"""What one page may cost the process that reads it: processor time and memory, both held by the kernel.

They are a backstop. What a page would cost is judged from its form before the work (`articles.page.intake`, `articles.costs`),
so that a page is refused for what it is and not for how busy the machine was; only what slips through is stopped here.
Time is the process's own and not the clock's for the same reason, and is taken while a library's code runs as well.
"""

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PAGE_SECONDS = 5.0  # of processor time; of the 412 development pages none takes .5
PAGE_BYTES = 500_000_000  # beyond what the process holds already; the same pages take 30 MB at most
STATM = Path("/proc/self/statm")  # Linux; elsewhere memory is not bounded
DATA_FIELD = 5  # of statm: pages of data and stack, what RLIMIT_DATA counts


def prepare() -> None:
    """Let the end of a page's time end the process, whoever started it."""
    signal.signal(signal.SIGPROF, signal.SIG_DFL)


@contextmanager
def bounded(seconds: float, size: int) -> Iterator[None]:
    """Bound what is done inside: past `seconds` SIGPROF ends the process, past `size` bytes more there is MemoryError."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if STATM.exists():
        held = int(STATM.read_text(encoding="ascii").split()[DATA_FIELD]) * os.sysconf("SC_PAGE_SIZE")
        limit = held + size if hard == resource.RLIM_INFINITY else min(held + size, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
