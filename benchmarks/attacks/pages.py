"""Measure what hostile pages cost: seconds of processor time, additional memory in MB, and the result.

Extracts every kind of page of `tests/site/costly.py`. `--pumps` adds strings that make careless regular expressions
backtrack, in every place that is matched against a pattern. Each page is extracted in its own process, forked from a
warm one, under the limits of `irtysh process` (5 s, 500 MB). Prints the ten pages that cost most, and every page over 2 s
or 250 MB; `--all` prints all. Exit code 1 if a page reaches a limit: it should have been rejected for its form.
"""

import argparse
import json
import os
import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from articles.model import Capture, CaptureRef
from articles.pipeline import read_chunk, warm_up
from flows.processing import page_limits
from tests.site import costly

SHOWN_PAGES = 10
SHOWN_SECONDS, SHOWN_MB = 2.0, 250


class Cost(NamedTuple):
    """Cost and result of extracting one page."""

    seconds: float
    megabytes: int
    result: str
    name: str
    size: float  # of the page, in MB


def read(name: str, body: bytes) -> Cost:
    """Extract a page in a fork of this process, under the limits of one page."""
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
        output = pipe.read()
    _, status = os.waitpid(child, 0)
    ended = (page_limits.MAX_PAGE_CPU_SECONDS, 0, f"ENDED by signal {-os.waitstatus_to_exitcode(status)}")
    seconds, megabytes, result = json.loads(output) if output else ended
    return Cost(seconds, megabytes, result, name, len(body) / 1e6)


def _measured(capture: Capture) -> tuple[float, int, str]:
    page_limits.prepare()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    try:
        with page_limits.bounded(page_limits.MAX_PAGE_CPU_SECONDS, page_limits.MAX_PAGE_MEMORY_BYTES):
            fetch = read_chunk([capture], {"any": ""})[0].fetch
        result = f"{fetch.reason or 'document'} {fetch.detail}"[:60]
    except MemoryError:
        result = "ENDED by MemoryError"
    seconds = time.process_time() - start
    return seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10, result


def pages(scale: float, *, pumps: bool) -> Iterator[tuple[str, bytes]]:
    """Yield the names and bodies of hostile pages."""
    for name, build in costly.KINDS.items():
        yield name, build(scale)
    if pumps:
        for pump, text in costly.PUMPS.items():
            for place, page in costly.pump_pages(text, scale):
                yield f"{pump}: {place}", page


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the measurement."""
    parser.add_argument("--scale", type=float, default=1.0, help="size of the pages, 1.0 is full size")
    parser.add_argument("--pumps", action="store_true", help="add strings that make patterns backtrack")
    parser.add_argument("--all", action="store_true", help="print all pages")


def main(options: argparse.Namespace) -> int:
    """Extract all pages and print their costs."""
    warm_up()
    costs = [read(name, page) for name, page in pages(options.scale, pumps=options.pumps) if options.only in name]
    costs.sort(reverse=True)
    print(f"{'':<46}{'page MB':>8}{'s':>8}{'MB':>6}")
    for rank, cost in enumerate(costs):
        if options.all or rank < SHOWN_PAGES or cost.seconds > SHOWN_SECONDS or cost.megabytes > SHOWN_MB:
            print(f"{cost.name:<46}{cost.size:>8.1f}{cost.seconds:>8.2f}{cost.megabytes:>6}  {cost.result}")
    ended = sum("ENDED" in cost.result for cost in costs)
    print(f"{len(costs)} pages, {ended} of them ended by a limit")
    return int(ended > 0)
