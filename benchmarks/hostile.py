"""What hostile pages cost their reader: seconds of processor time, megabytes beyond what it holds, and what became of them.

    python benchmarks/hostile.py [--scale 1.0] [--only TEXT] [--pumps] [--all]

Every kind of page of `tests/site/costly.py`; `--pumps` adds strings that make careless patterns go back, in every place
that is matched against patterns. Each page is read in a process of its own, forked from one that is warm, under the
limits that `irtysh process` sets (5 s, 500 MB). Printed are the ten that cost most, and every one over 2 s or 250 MB;
`--all` prints all. Exit code 1 if a page reaches a limit: it should have been refused for its form.
"""

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from articles.model import Capture, CaptureRef
from articles.pipeline import read_chunk, warm_up
from flows.processing import page_limits
from tests.site import costly

TOP = 10
SECONDS, MEGABYTES = 2.0, 250


class Cost(NamedTuple):
    """What reading one page took."""

    seconds: float
    megabytes: int
    became: str
    name: str
    size: float  # of the page, megabytes


def read(name: str, body: bytes) -> Cost:
    """Read a page in a fork of this process, under the limits of one page."""
    ref = CaptureRef("", 0, "")
    capture = Capture(
        ref, "http://example.org/2022/01/01/a", "example.org", datetime(2026, 1, 1, tzinfo=UTC), 200, (), body, ""
    )
    end, start = os.pipe()
    child = os.fork()
    if not child:
        os.write(start, json.dumps(_measured(capture)).encode())
        os._exit(0)
    os.close(start)
    with os.fdopen(end, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    ended = (page_limits.MAX_PAGE_CPU_SECONDS, 0, f"ENDED by signal {-os.waitstatus_to_exitcode(status)}")
    seconds, megabytes, became = json.loads(told) if told else ended
    return Cost(seconds, megabytes, became, name, len(body) / 1e6)


def _measured(capture: Capture) -> tuple[float, int, str]:
    page_limits.prepare()
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    try:
        with page_limits.bounded(page_limits.MAX_PAGE_CPU_SECONDS, page_limits.MAX_PAGE_MEMORY_BYTES):
            fetch = read_chunk([capture], {"any": ""})[0].fetch
        became = f"{fetch.reason or 'document'} {fetch.detail}"[:60]
    except MemoryError:
        became = "ENDED by MemoryError"
    taken = time.process_time() - start
    return taken, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - held) >> 10, became


def pages(scale: float, *, pumps: bool) -> Iterator[tuple[str, bytes]]:
    """Yield hostile pages with their names."""
    for name, build in costly.KINDS.items():
        yield name, build(scale)
    if pumps:
        for pump, text in costly.PUMPS.items():
            for place, page in costly.pump_pages(text, scale):
                yield f"{pump}: {place}", page


def main() -> int:
    """Read them all and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--only", default="", help="names that hold this text")
    parser.add_argument("--pumps", action="store_true")
    parser.add_argument("--all", action="store_true")
    given = parser.parse_args()
    warm_up()
    costs = [read(name, page) for name, page in pages(given.scale, pumps=given.pumps) if given.only in name]
    costs.sort(reverse=True)
    print(f"{'':<46}{'page MB':>8}{'s':>8}{'MB':>6}")
    for rank, cost in enumerate(costs):
        if given.all or rank < TOP or cost.seconds > SECONDS or cost.megabytes > MEGABYTES:
            print(f"{cost.name:<46}{cost.size:>8.1f}{cost.seconds:>8.2f}{cost.megabytes:>6}  {cost.became}")
    ended = sum("ENDED" in cost.became for cost in costs)
    print(f"{len(costs)} pages, {ended} of them ended by a limit")
    return int(ended > 0)


if __name__ == "__main__":
    sys.exit(main())
