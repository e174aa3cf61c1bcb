"""Measure how time, memory, requests and bytes grow with the corpus, and what follows for 10 million pages and 1,000 outlets.

    python -m benchmarks.growth [--pages 1000 4000 10000] [--simulated 10000 100000] [--into build/growth]
    python -m benchmarks.growth --model build/growth/growth.json

`pages` are pages of the local news web that are really processed; `simulated` are stores of `benchmarks.simulated_store`, on
which only what follows is measured: a run with nothing new, one with 100 new pages, and reading the newest snapshot. They get
their views and look-up tables before, by a run that does not count. Each step is measured in a process of its own, with a
store that counts requests and bytes. Writes growth.json and growth.svg, and prints the tables and the model. Sizes that are
there already are not measured again.
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from storage.objects import ObjectInfo, ObjectStore, open_store

NEW_PAGES = 100
SAMPLE_SECONDS = 0.2
MIN_POINTS = 2  # of a line
KB = 1_000  # of peak memory, in MB
STEPS = ("process", "nothing new", f"{NEW_PAGES} new pages", "read")
OUTLETS, PAGES = 1_000, 10_000_000  # of the model
PAGES_A_DAY = 20  # new ones of an outlet: the mean of `daily` in spiders/outlets is of this order
RUNS_A_DAY = 24
PAGE_BYTES = 100_000 * 0.23  # of a capture: docs/measurements.md §3, pages of 102 kB, ratio of isal .231
SECONDS_PER_HOUR, SECONDS_PER_DAY = 3_600, 86_400
LARGEST_SHARE = 0.1  # of all pages that one outlet has; a news agency among magazines
CORES = 32  # of a cluster of four machines
DELAY_SECONDS = 1.0  # between two requests to one host


@dataclass
class CountingStore:
    """A store that counts requests and bytes as an S3 server would bill them."""

    store: ObjectStore
    requests: Counter[str] = field(default_factory=Counter)
    read: int = 0
    written: int = 0

    def __hash__(self) -> int:
        return id(self)

    @property
    def url(self) -> str:
        """The URL of the store."""
        return self.store.url

    def _got(self, data: bytes) -> bytes:
        self.requests["GET"] += 1
        self.read += len(data)
        return data

    def _put(self, size: int) -> None:
        self.requests["PUT"] += 1
        self.written += size

    def get(self, key: str) -> bytes:
        """Count a GET."""
        return self._got(self.store.get(key))

    def get_range(self, key: str, start: int, length: int) -> bytes:
        """Count a GET."""
        return self._got(self.store.get_range(key, start, length))

    def download(self, key: str, path: Path) -> None:
        """Count a GET."""
        self.store.download(key, path)
        self.requests["GET"] += 1
        self.read += path.stat().st_size

    def put(self, key: str, data: bytes) -> None:
        """Count a PUT."""
        self._put(len(data))
        self.store.put(key, data)

    def put_new(self, key: str, data: bytes) -> None:
        """Count a PUT."""
        self._put(len(data))
        self.store.put_new(key, data)

    def put_new_file(self, key: str, path: Path) -> None:
        """Count a PUT."""
        self._put(path.stat().st_size)
        self.store.put_new_file(key, path)

    def list(self, prefix: str, after: str = "") -> Iterator[ObjectInfo]:
        """Count a LIST for each thousand keys."""
        self.requests["LIST"] += 1
        for number, info in enumerate(self.store.list(prefix, after), start=1):
            self.requests["LIST"] += number % KB == 0  # a page of a listing has a thousand keys
            yield info

    def delete(self, key: str) -> None:
        """Count a DELETE."""
        self.requests["DELETE"] += 1
        self.store.delete(key)

    def time(self) -> datetime | None:
        """Return the time of the store."""
        return self.store.time()

    def sweep(self, before: datetime) -> int:
        """Remove unfinished objects."""
        return self.store.sweep(before)


@dataclass(frozen=True)
class Grown:
    """What a step cost on a corpus of some pages."""

    kind: str  # "pages" or "simulated"
    pages: int
    step: str
    seconds: float
    cpu: float  # seconds, of the process and its children
    megabytes: float  # peak of the process
    requests: int
    read: int  # bytes
    written: int
    stored: int  # bytes of all objects but captures
    captured: int  # bytes of captures


def main() -> None:
    """Measure all sizes, draw them, and print the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, nargs="*", default=[1_000, 4_000, 10_000])
    parser.add_argument("--simulated", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--into", type=Path, default=Path("build/growth"))
    parser.add_argument("--model", type=Path, help="only print the tables and the model of this growth.json")
    parser.add_argument("--measure", nargs=3, metavar=("STEP", "STORE", "PAGES"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure[0], open_store(options.measure[1]))))
        return
    if options.model:
        report([Grown(**one) for one in json.loads(options.model.read_text())])
        return
    options.into.mkdir(parents=True, exist_ok=True)
    path = options.into / "growth.json"
    found = [Grown(**one) for one in json.loads(path.read_text())] if path.exists() else []
    for kind, sizes in (("pages", options.pages), ("simulated", options.simulated)):
        for pages in sizes:
            if not any((one.kind, one.pages) == (kind, pages) for one in found):
                found += grow(kind, pages)
                path.write_text(json.dumps([asdict(one) for one in found], indent=1) + "\n")
    draw(found, options.into / "growth.svg")
    report(found)


def grow(kind: str, pages: int) -> list[Grown]:
    """Make a corpus, and measure each step on it."""
    from benchmarks.memory import fill  # noqa: PLC0415  the child processes need none of it
    from benchmarks.simulated_store import make  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="irtysh-growth-") as folder:
        url = str(Path(folder) / "store")
        store = open_store(url)
        if kind == "pages":
            fill(store, pages, Path(folder) / "spool")
        else:
            make(store, pages, min(1_000, pages // 10))
            _add(store, Path(folder), pages + NEW_PAGES)
            watched([sys.executable, "-m", "benchmarks.growth", "--measure", "first views", url, str(pages)])
        found = []
        for step in STEPS[kind == "simulated" :]:
            if step.endswith("new pages"):
                _add(store, Path(folder), pages)
            command = [sys.executable, "-m", "benchmarks.growth", "--measure", step, url, str(pages)]
            said, cpu = watched(command)
            found.append(Grown(kind=kind, pages=pages, step=step, cpu=round(cpu, 2), **json.loads(said)))
            print(found[-1], file=sys.stderr)
        shutil.rmtree(url)
        return found


def watched(command: list[str], every: float = SAMPLE_SECONDS) -> tuple[str, float]:
    """Run a command; return the last line of its output, and the CPU seconds of it and of all that it started."""
    used: dict[int, float] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        root = psutil.Process(running.pid)
        while running.poll() is None:
            with suppress(psutil.NoSuchProcess):
                for one in (root, *root.children(recursive=True)):
                    with suppress(psutil.NoSuchProcess):
                        times = one.cpu_times()
                        used[one.pid] = times.user + times.system
            time.sleep(every)
        said = running.stdout.read() if running.stdout else ""
    if running.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {running.returncode}")
    return said.strip().rpartition("\n")[2], sum(used.values())


def measure(step: str, store: ObjectStore) -> dict[str, Any]:
    """Do a step, and return what it cost. Called in a process of its own."""
    from flows.listener import SilentListener  # noqa: PLC0415
    from flows.process import process  # noqa: PLC0415  what the step needs is part of its cost
    from flows.processing.table import ProcessingContext  # noqa: PLC0415
    from storage.snapshots.contents import load  # noqa: PLC0415
    from storage.tables.log_reader import LogReader  # noqa: PLC0415

    counting, began = CountingStore(store), time.monotonic()
    if step == "read":
        load(counting, LogReader(counting).state())
    else:
        context = ProcessingContext(
            counting,
            "growth",
            lambda: datetime.now(UTC),
            random.Random(0),  # noqa: S311  jitter
            SilentListener(),
            workers=2,
        )
        process(context)
    seconds = time.monotonic() - began
    sizes: Counter[bool] = Counter()
    for info in store.list(""):
        sizes[info.key.startswith("captures/")] += info.size
    return {
        "seconds": round(seconds, 2),
        "megabytes": round(peak_kb() / KB),
        "requests": counting.requests.total(),
        "read": counting.read,
        "written": counting.written,
        "stored": sizes[False],
        "captured": sizes[True],
    }


def peak_kb() -> int:
    """Return the peak memory of this process; `ru_maxrss` would include that of the process which has started it."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))


def _add(store: ObjectStore, folder: Path, after: int) -> None:
    """Store captures of new pages, as a crawl does."""
    from tests.flows.making import Seen, put  # noqa: PLC0415
    from tests.site.bulk_pages import page  # noqa: PLC0415

    base = "http://bulk.example"
    new = [Seen(f"{base}/{n}.html", page(n, base), hour=24 * 40) for n in range(after, after + NEW_PAGES)]
    put(store, folder / "spool", "later", new)


def draw(found: list[Grown], path: Path) -> None:
    """Draw the curves: a panel for each of time, memory, requests and bytes, all axes logarithmic."""
    from flows.display import charts  # noqa: PLC0415  only pictures need it

    panels = [
        ("cpu", "CPU, s"),
        ("megabytes", "peak memory, MB"),
        ("requests", "requests"),
        ("moved", "bytes read and written, MB"),
    ]
    rows = [asdict(one) | {"moved": (one.read + one.written) / 1e6} for one in found]
    rows = [row | {"series": f"{row['step']}{' (simulated)' if row['kind'] == 'simulated' else ''}"} for row in rows]
    scale = {"type": "log"}

    def panel(name: str, title: str) -> charts.Spec:
        return {
            "width": 280,
            "height": 200,
            "mark": {"type": "line", "point": True},
            "encoding": {
                "x": {"field": "pages", "type": "quantitative", "scale": scale, "title": "pages in the corpus"},
                "y": {"field": name, "type": "quantitative", "scale": scale, "title": title},
                "color": {"field": "series", "type": "nominal", "title": None},
            },
        }

    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "config": charts.CONFIG,
        "data": {"values": rows},
        "columns": 2,
        "concat": [panel(name, title) for name, title in panels],
    }
    charts.draw(spec, path)


def report(found: list[Grown]) -> None:
    """Print the tables and the model, in Markdown."""
    print("| corpus | step | CPU, s | memory, MB | requests | read, MB | written, MB | stored, MB |")
    print("|---|---|---|---|---|---|---|---|")
    for one in found:
        corpus = f"{one.pages:,}{' simulated' if one.kind == 'simulated' else ''}"
        print(
            f"| {corpus} | {one.step} | {one.cpu:.1f} | {one.megabytes:.0f} | {one.requests:,} | {one.read / 1e6:.1f} "
            f"| {one.written / 1e6:.1f} | {one.stored / 1e6:.1f} |"
        )
    print(f"\n| {PAGES:,} pages of {OUTLETS:,} outlets | estimate | assumption |\n|---|---|---|")
    for line in model(found):
        print("| " + " | ".join(line) + " |")


def model(found: list[Grown]) -> list[tuple[str, str, str]]:
    """Return what follows for many pages and outlets: what, how much, and the assumption behind it."""
    done = max((one for one in found if one.step == "process"), key=lambda one: one.pages)
    last = {one.step: one for one in sorted(found, key=lambda one: one.pages)}
    new, idle, read = last[STEPS[2]], last[STEPS[1]], last[STEPS[3]]
    cpu, stored = done.cpu / done.pages, done.stored / done.pages
    daily = OUTLETS * PAGES_A_DAY
    return [
        (
            "first processing, core-hours",
            f"{cpu * PAGES / SECONDS_PER_HOUR:,.0f}",
            f"{cpu * 1_000:.0f} ms a page, as with {done.pages:,} pages; linking stays a constant share",
        ),
        (
            f"the same on a Dask cluster of {CORES} cores, hours",
            f"{cpu * PAGES / SECONDS_PER_HOUR / CORES:,.1f}",
            "extraction is nearly all of it, and is shared evenly; linking and commits stay in one process beside it",
        ),
        (
            "captures, GB",
            f"{PAGE_BYTES * PAGES / 1e9:,.0f}",
            "pages of 102 kB, compressed to .23 (§3); each seen once",
        ),
        (
            "tables, GB",
            f"{stored * PAGES / 1e9:,.0f}",
            f"{stored / 1_000:.1f} kB a page, as with {done.pages:,} pages of the local news web",
        ),
        (
            "memory to process, GB",
            f"{_line(found, STEPS[2]) / KB:,.1f}",
            f"a straight line through {NEW_PAGES} new pages on the simulated stores; {new.megabytes:.0f} MB at {new.pages:,} pages",
        ),
        (
            "memory to read a snapshot, GB",
            f"{_line(found, STEPS[3]) / KB:,.1f}",
            f"the same for reading without texts; {read.megabytes:.0f} MB at {read.pages:,} pages",
        ),
        (
            "new pages a day",
            f"{daily:,}",
            f"{PAGES_A_DAY} of each outlet",
        ),
        (
            "extraction a day, core-hours",
            f"{cpu * daily / SECONDS_PER_HOUR:,.1f}",
            "the same cost a page",
        ),
        (
            "requests to the bucket by crawls a day",
            f"{OUTLETS * RUNS_A_DAY * 10:,}",
            f"{RUNS_A_DAY} runs of each outlet with some 10 requests: leases, status, run, one segment, its index of fetches",
        ),
        (
            "requests of a processing run",
            f"{idle.requests:,} to {new.requests:,}",
            f"as with {new.pages:,} pages: nothing new, and {NEW_PAGES} new pages",
        ),
        (
            "backfill, days",
            f"{PAGES * LARGEST_SHARE * DELAY_SECONDS / SECONDS_PER_DAY:,.1f}",
            f"one request a second and host, all outlets at once; the largest outlet has {LARGEST_SHARE:.0%} of all pages",
        ),
    ]  # fmt: skip


def _line(found: list[Grown], step: str) -> float:
    """Return the memory of a step at `PAGES`, from a straight line through the two largest simulated stores, in MB."""
    points = sorted((one.pages, one.megabytes) for one in found if one.step == step and one.kind == "simulated")[-2:]
    if len(points) < MIN_POINTS:
        return float("nan")
    (less, low), (more, high) = points
    return high + (PAGES - more) * (high - low) / (more - less)


if __name__ == "__main__":
    main()
