"""Measure the memory of processing for growing numbers of captures: it should stay the same.

    python -m benchmarks.memory [--pages 1000 10000] [--workers 2]

Writes that many bulk pages of the local web as captures into a new store, runs `irtysh process` on it, and samples the
memory (unique set size) of its processes. Prints one line for each size, and the ratio of the last size to the first.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from storage.captures.segments import SegmentLimits, SegmentWriter, upload
from storage.captures.warc import Exchange, WarcInfo, exchange_member, http_head
from storage.objects import ObjectStore, open_store
from tests.site.bulk_pages import page

BASE = "http://bulk.example"
MADE = datetime(2026, 11, 1, tzinfo=UTC)
SAMPLE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures of one run of `irtysh process`."""

    pages: int
    seconds: float
    parent_mib: float  # peak of the main process
    all_mib: float  # peak of the main process and its workers together


def main() -> None:
    """Measure all sizes and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, nargs="+", default=[1_000, 10_000], help="numbers of captures")
    parser.add_argument("--workers", type=int, default=2, help="worker processes")
    options = parser.parse_args()
    measured = [measure(pages, options.workers) for pages in options.pages]
    print("pages   seconds  pages/s  parent MiB  all MiB")
    for figures in measured:
        rate = figures.pages / figures.seconds
        print(f"{figures.pages:6} {figures.seconds:8.1f} {rate:8.1f} {figures.parent_mib:11.0f} {figures.all_mib:8.0f}")
    first, last = measured[0], measured[-1]
    print(f"ratio  parent {last.parent_mib / first.parent_mib:.2f}  all {last.all_mib / first.all_mib:.2f}")


def measure(pages: int, workers: int) -> Measured:
    """Process `pages` pages in a new store, and return the figures."""
    with tempfile.TemporaryDirectory(prefix="irtysh-memory-") as scratch:
        store = Path(scratch) / "store"
        fill(open_store(str(store)), pages, Path(scratch) / "spool")
        command = ["process", "--store", str(store), "--workers", str(workers), "--json"]
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.cli", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        parent, everything = watch(process)
        if process.returncode:
            raise SystemExit(f"irtysh process ended with exit code {process.returncode}")
        return Measured(pages, time.monotonic() - began, parent / 2**20, everything / 2**20)


def fill(store: ObjectStore, pages: int, spool: Path) -> None:
    """Store bulk pages as captures of one run."""
    about = WarcInfo("bulk", "any", "irtysh/benchmark")
    writer = SegmentWriter(spool, "bulk.example", about, SegmentLimits(age=timedelta.max))
    head = http_head(b"HTTP/1.1 200 OK", [(b"Content-Type", b"text/html; charset=utf-8")])
    for number in range(pages):
        exchange = Exchange(f"{BASE}/{number}.html", MADE, b"", head, page(number, BASE))
        writer.append(exchange_member(exchange, about), MADE)
        if writer.due(MADE) and (segment := writer.close()):
            upload(store, segment)
    if segment := writer.close():
        upload(store, segment)


def watch(process: "subprocess.Popen[bytes]") -> tuple[int, int]:
    """Wait for a process; return its peak memory, alone and with its children, in bytes."""
    root = psutil.Process(process.pid)
    parent = everything = 0
    while process.poll() is None:
        try:
            mine = root.memory_full_info().uss
            sizes = [mine, *(child.memory_full_info().uss for child in root.children(recursive=True))]
        except (psutil.NoSuchProcess, psutil.AccessDenied):  # it ended between two samples
            sizes = [0]
        parent, everything = max(parent, sizes[0]), max(everything, sum(sizes))
        time.sleep(SAMPLE_SECONDS)
    return parent, everything


if __name__ == "__main__":
    main()
