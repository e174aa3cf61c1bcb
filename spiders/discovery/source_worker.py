"""Process that parses sources, with limits on time and memory: `python -m spiders.discovery.source_worker`.

`spiders.fetching.source_reader` starts it, sends tasks to its standard input and reads results from its standard output.
Each message is its length in four bytes, and then a pickled task, or a result as JSON:

    {"batch": …}      part of the result
    {"end": true}     the result is complete
    {"refused": why}  parsing would cost too much, as the form of the source shows
    {"costly": why}   parsing reached a limit
    {"failed": why}   our own code failed

The kernel ends the process if a task takes more than `MAX_CPU_SECONDS`, and refuses it memory beyond `MAX_MEMORY_BYTES`.
It ends by itself if its standard input does.
"""

import json
import math
import os
import pickle
import resource
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from articles.errors import SourceError
from spiders.discovery.source_tasks import SourceTask

MAX_CPU_SECONDS = 10  # of one source; a sitemap of 50,000 URLs and 20 MB takes 3
MAX_MEMORY_BYTES = 600_000_000  # beyond what the process uses at its start; the same sitemap takes 100 MB
LENGTH_BYTES = 4  # of a message's length
PROC_STATM = Path("/proc/self/statm")  # Linux only; elsewhere memory is not limited
DATA_FIELD = 5  # index in statm: memory pages of data and stack, which RLIMIT_DATA counts


def results(task: SourceTask) -> Iterator[dict[str, Any]]:
    """Yield the messages that answer a task."""
    try:
        for batch in task.batches():
            yield {"batch": batch}
    except SourceError as error:
        yield {"refused": str(error)}
    except MemoryError:
        yield {"costly": f"parsing took over {MAX_MEMORY_BYTES // 1_000_000} MB of memory"}
    except Exception as error:  # noqa: BLE001 - the crawl reports it, and goes on with the other sources
        yield {"failed": f"{type(error).__name__}: {error}"[:1000]}
    else:
        yield {"end": True}


def packed(message: bytes) -> bytes:
    """Return a message with its length before it."""
    return len(message).to_bytes(LENGTH_BYTES, "big") + message


def main() -> None:
    """Answer tasks until standard input ends."""
    for ignored in (signal.SIGINT, signal.SIGTERM):  # the crawl decides when to stop
        signal.signal(ignored, signal.SIG_IGN)
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _limit_memory()
    with os.fdopen(os.dup(0), "rb") as tasks, os.fdopen(os.dup(1), "wb") as answers:
        while head := tasks.read(LENGTH_BYTES):
            task: SourceTask = pickle.loads(tasks.read(int.from_bytes(head, "big")))  # noqa: S301 - the crawl sent it
            _limit_time()
            for result in results(task):
                _send(answers, json.dumps(result, separators=(",", ":")).encode())


def _send(answers: BinaryIO, message: bytes) -> None:
    answers.write(packed(message))
    answers.flush()


def _limit_time() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    limit = math.ceil(time.process_time()) + MAX_CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def _limit_memory() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if PROC_STATM.exists():
        used = int(PROC_STATM.read_text(encoding="ascii").split()[DATA_FIELD]) * os.sysconf("SC_PAGE_SIZE")
        limit = used + MAX_MEMORY_BYTES
        resource.setrlimit(resource.RLIMIT_DATA, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


if __name__ == "__main__":
    main()
