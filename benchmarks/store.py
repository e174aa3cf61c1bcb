"""Measure what reading and continuing a store costs, for growing numbers of documents: costs should follow what changed.

    python -m benchmarks.store [--documents 1000 10000 100000] [--commit 1000] [--keep FOLDER] [--markdown] [--chart FILE.svg]

Makes stores of simulated documents (`benchmarks.simulated_store`) and runs the real commands on them, each in a process of
its own. Prints seconds (wall; the processor's in brackets) and the peak memory of each. `copy` is a plain read and write
of the packs that a full pull reads, here by Python; `s5cmd` and `rclone` are run too where they are installed. DuckDB and
Polars count the current view alone. *Before* is what issue 14 measured at 100,000 documents.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.simulated_store import make
from flows.display import charts
from storage.objects.directory import DirectoryStore
from storage.tables import packs
from storage.tables.log_reader import LogReader
from tests.flows.making import Seen, article, put

NEW_PAGES = 10
CHANGED_SHARE = 100  # the last so-manieth part of a store's commits is pulled
BYTES_PER_MB = 10**6
KB_PER_MB = 1_000
LEAST_DRAWN_SECONDS = 0.01
KEEP = """
import sys
from storage.objects import open_store
from storage.snapshots.contents import keep_lookups, keep_view
from storage.tables.log_reader import LogReader
store = open_store(sys.argv[1])
log = LogReader(store)
for number in (log.head() - 1, log.head()):  # as a writer does at each commit
    keep_view(store, log.state(number))
    keep_lookups(store, log.state(number))
"""
COUNT = "SELECT count(*) FROM delta_scan('{root}/index/current') WHERE representative AND topic_verdict = 'accept'"
BEFORE = {  # seconds at 100,000 documents, before views and look-ups were stored
    "show": 17.0,
    "history": 14.0,
    "diff of neighbours": 27.0,
    "process, nothing new": 7.5,
    f"process, {NEW_PAGES} new pages": 10.6,
    "full pull": 24.0,
    "pull of the last 1%": 19.7,
}
TARGETS = {
    "show": 1.0,
    "history": 0.5,
    "diff of neighbours": 1.5,
    "process, nothing new": 1.5,
    f"process, {NEW_PAGES} new pages": 3.0,
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one command cost."""

    seconds: float
    cpu: float  # seconds, of the process and its children
    megabytes: float  # peak of the largest process

    def __str__(self) -> str:
        return f"{self.seconds:.2f} ({self.cpu:.2f}), {self.megabytes:.0f} MB"


def main() -> None:
    """Make and measure a store of each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--commit", type=int, default=1_000, help="captures per commit; at least 100 commits are made")
    parser.add_argument("--keep", type=Path, help="keep the stores in this folder, and use those that are there")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--chart", type=Path, help="also draw how the costs grow, as SVG")
    options = parser.parse_args()
    found: dict[int, dict[str, Cost]] = {}
    with tempfile.TemporaryDirectory(prefix="irtysh-store-") as scratch:
        for documents in options.documents:
            folder = (options.keep or Path(scratch)) / str(documents)
            if not folder.exists():
                began = time.monotonic()
                per_commit = min(options.commit, documents // CHANGED_SHARE)
                make(DirectoryStore(folder), documents, per_commit)
                print(f"made {documents:,} documents in {time.monotonic() - began:.0f} s", file=sys.stderr)
            work = Path(scratch) / f"work-{documents}"
            shutil.copytree(folder, work)
            found[documents] = measure(work, Path(scratch))
            for name, cost in found[documents].items():
                print(f"{documents:,} {name}: {cost}", file=sys.stderr)
            shutil.rmtree(work)
    if options.chart:
        draw(found, options.chart)
    table = [["", "before", *(f"{documents:,}" for documents in found), "target, s"]]
    for name in next(iter(found.values())):
        cells = [str(costs[name]) if name in costs else "" for costs in found.values()]
        table.append([name, str(BEFORE.get(name, "")), *cells, str(TARGETS.get(name, ""))])
    divider = " | " if options.markdown else "  "
    for number, row in enumerate(table):
        line = divider.join(cell.ljust(24) for cell in row)
        print(f"| {line} |" if options.markdown else line)
        if options.markdown and number == 0:
            print("|---" * len(row) + "|")
    for documents, costs in found.items():
        share = costs["pull of the last 1%"].cpu / costs["full pull"].cpu
        speed = costs["copy of the same packs"].seconds / costs["full pull"].seconds
        print(
            f"{documents:,}: a pull of the last 1% takes {share:.0%} of a full pull's CPU; copying is {speed:.2f} of its time"
        )


def draw(found: Mapping[int, Mapping[str, Cost]], path: Path) -> None:
    """Draw CPU seconds by documents, both on logarithmic axes."""
    rows = [
        {"documents": documents, "command": name, "seconds": max(cost.cpu, LEAST_DRAWN_SECONDS)}
        for documents, costs in found.items()
        for name, cost in costs.items()
        if name in BEFORE
    ]
    log = {"type": "quantitative", "scale": {"type": "log"}}
    spec = {
        "data": {"values": rows},
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {"field": "documents", "title": "documents", **log},
            "y": {"field": "seconds", "title": "seconds of CPU", **log},
            "color": {"field": "command", "type": "nominal", "title": None},
        },
        "width": 520,
        "height": 320,
        "title": "What commands cost as the store grows",
    }
    charts.draw(spec, path)


def measure(store: Path, scratch: Path) -> dict[str, Cost]:
    """Return the cost of each command on a store, which is changed."""
    where = DirectoryStore(store)
    log = LogReader(where)
    head = log.head()
    keeping = _timed([sys.executable, "-c", KEEP, str(store)])  # by a process of its own, so that this one stays small
    state = log.state()
    first = min(state.live("documents"))
    url = packs.read(where, first, ["url"])["url"][first.rows // 2].as_py()
    irtysh = _Commands(store)
    out = scratch / "pulled"
    found = {
        "first view and look-ups": keeping,
        "start": irtysh.run("config"),
        "process, nothing new": irtysh.run("process", "--workers", "1"),
        "show": irtysh.run("show"),
        "history": irtysh.run("history", url),
        "explain's look-up": irtysh.look_up(url),
        "diff of neighbours": irtysh.run("diff", str(head - 1), str(head)),
        "full pull": irtysh.run("pull", "latest", str(out), after=lambda: shutil.rmtree(out)),
        "pull of the last 1%": irtysh.run(
            "pull", "latest", str(out), "--changed-since", str(head - max(1, (head + 1) // CHANGED_SHARE)),
            after=lambda: shutil.rmtree(out),
        ),
        "snapshots": irtysh.run("snapshots"),
    }  # fmt: skip
    found |= _copies(where, log, scratch)
    found |= _alone(store)
    _add_pages(where, scratch)
    found[f"process, {NEW_PAGES} new pages"] = irtysh.run("process", "--workers", "1")
    return found


@dataclass(frozen=True, slots=True)
class _Commands:
    """Runs commands on a store, each in a process of its own."""

    store: Path

    def run(self, *words: str, after: Callable[[], None] | None = None) -> Cost:
        return _timed([sys.executable, "-m", "flows.cli", *words, "--store", str(self.store)], after)

    def look_up(self, url: str) -> Cost:
        code = (
            "import os, sys; from storage.objects import open_store; from storage.tables.log_reader import LogReader\n"
            "from storage.snapshots.find_capture import newest_fetch\n"
            "store = open_store(sys.argv[1]); newest_fetch(store, LogReader(store).state(), sys.argv[2]); os._exit(0)"
        )
        return _timed([sys.executable, "-c", code, str(self.store), url])


def _timed(command: Sequence[str], after: Callable[[], None] | None = None) -> Cost:
    """Run a command in a child of its own, so that its peak memory is told from that of others."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = process.stdout.read() if process.stdout else b""
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {process.returncode}\n{output.decode()}")
    if after:
        after()
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / KB_PER_MB)


def _copies(store: DirectoryStore, log: LogReader, scratch: Path) -> dict[str, Cost]:
    """Return what copying the packs of documents costs without reading them."""
    keys = [ref.key for ref in log.state().live("documents")]
    target = scratch / "copied"
    target.mkdir()
    before = resource.getrusage(resource.RUSAGE_SELF)
    began = time.monotonic()
    for number, key in enumerate(keys):
        store.download(key, target / str(number))
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    found = {"copy of the same packs": Cost(time.monotonic() - began, cpu, 0)}
    shutil.rmtree(target)
    for name, command in (
        ("s5cmd", ["s5cmd", "cp", f"{store.root}/documents/*", f"{target}/"]),
        ("rclone", ["rclone", "copy", f"{store.root}/documents", str(target)]),
    ):
        if shutil.which(name):
            found[name] = _timed(command, lambda: shutil.rmtree(target))
    return found


def _alone(store: Path) -> dict[str, Cost]:
    """Return what it costs DuckDB and Polars to count the current view, each in a process of its own."""
    duck = (
        "import sys, duckdb, duckdb_extension_delta as e, pathlib\n"
        "c = duckdb.connect(config={'allow_unsigned_extensions': 'true'})\n"
        "c.execute(f\"LOAD '{next(pathlib.Path(e.__file__).parent.glob('extensions/*/delta.duckdb_extension'))}'\")\n"
        "print(c.execute(sys.argv[1]).fetchall())"
    )
    polars = (
        "import sys, polars as pl\n"
        "t = pl.scan_delta(sys.argv[1] + '/index/current')\n"
        "print(t.filter(pl.col('representative') & (pl.col('topic_verdict') == 'accept')).select(pl.len()).collect())"
    )
    return {
        "count by DuckDB alone": _timed([sys.executable, "-c", duck, COUNT.format(root=store)]),
        "count by Polars alone": _timed([sys.executable, "-c", polars, str(store)]),
    }


def _add_pages(store: DirectoryStore, scratch: Path) -> None:
    """Store captures of new pages, as a crawl does."""
    pages = [
        Seen(
            f"https://station.example/news/{n}",
            article(f"Wagon number {n} has left the station", *(f"It carries {n + k} sacks of flour to the town of Aktobe, and the guard says so twice, once in {k} words." for k in range(8))),
        )
        for n in range(NEW_PAGES)
    ]  # fmt: skip
    put(store, scratch / "spool", "benchmark", pages)


if __name__ == "__main__":
    main()
