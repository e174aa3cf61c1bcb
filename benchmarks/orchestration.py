"""Measure what Prefect costs: the same pages processed directly, and as a flow run on a Prefect server.

    python -m benchmarks.orchestration [--pages 10000] [--workers 2]

Makes distinct pages of the local news web, the same ones each time, stores their captures in two stores of the same content,
and runs `irtysh process` on each in a process of its own: with `--no-prefect`, and with a server of its own. Prints the CPU
seconds of all processes and the wall time, the share of both that orchestration takes, and whether both made the same documents.
A server also works while no flow runs; that is measured before the run, shown by itself, and not counted to the run.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from benchmarks.growth import watched
from benchmarks.memory import fill
from storage.corpus import StoredCorpus
from storage.objects import open_store
from tests.flows.deployment.prefect_server import prefect_server

IDLE_SECONDS = 30.0  # in which the idle server is measured; its services look at the database every few seconds
SETTLE_SECONDS = 10.0  # after its start
MAX_SHARE = 0.10  # of the CPU seconds: what the issue allows


def main() -> int:
    """Make the pages, process them twice, and print the shares; 1 if orchestration takes more than it may."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="orchestration-") as at:
        folder = Path(at)
        direct, flow = folder / "direct", folder / "flow"
        fill(open_store(str(direct)), options.pages, folder / "spool")
        shutil.copytree(direct, flow)
        command = [sys.executable, "-m", "flows.cli", "process", f"--workers={options.workers}", "--quiet"]
        alone, alone_wall = _timed([*command, "--no-prefect", "--store", str(direct)], {})
        with prefect_server(folder) as server:
            time.sleep(SETTLE_SECONDS)
            with _server_cpu() as idle:
                time.sleep(IDLE_SECONDS)
            with _server_cpu() as used:
                whole, wall = _timed([*command, "--store", str(flow)], server.env)
        same = _documents(direct) == _documents(flow)
        number = len(_documents(direct))
    print("| | CPU, s | wall, s |\n|---|---|---|")
    print(f"| directly | {alone:.1f} | {alone_wall:.0f} |")
    print(f"| as a flow run | {whole:.1f} | {wall:.0f} |")
    at_rest = idle[0] / IDLE_SECONDS * wall
    print(f"| Prefect's server meanwhile | {used[0]:.1f} | |")
    print(f"| an idle server in that time | {at_rest:.1f} | |")
    total = whole + max(0.0, used[0] - at_rest)
    share = (total - alone) / total
    print(f"| orchestration's share | {share:.1%} | {(wall - alone_wall) / wall:.1%} |")
    print(f"{options.pages:,} pages, {number:,} documents, {'the same' if same else 'NOT the same'} in both")
    return int(share > MAX_SHARE or not same)


def _timed(command: list[str], env: Mapping[str, str]) -> tuple[float, float]:
    """Run a command; return its CPU seconds, with those of all processes below it, and its wall time."""
    before = dict(os.environ)
    os.environ.update({name: value for name, value in env.items() if name.startswith(("PREFECT_", "IRTYSH_"))})
    began = time.monotonic()
    try:
        _, cpu = watched(command)
    finally:
        os.environ.clear()
        os.environ.update(before)
    return cpu, time.monotonic() - began


@contextmanager
def _server_cpu() -> Iterator[list[float]]:
    """Measure the CPU seconds of the Prefect server, which this process has started, during the block."""
    found = [one for one in psutil.Process().children() if "prefect" in " ".join(one.cmdline())]
    servers = [*found, *(child for one in found for child in one.children(recursive=True))]
    before, used = _cpu(servers), [0.0]
    yield used
    used[0] = _cpu(servers) - before


def _cpu(processes: list[psutil.Process]) -> float:
    seconds = 0.0
    for one in processes:
        with suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            seconds += times.user + times.system
    return seconds


def _documents(store: Path) -> dict[str, str]:
    return {row["url"]: row["text"] for row in StoredCorpus.open(str(store)).snapshot().documents()}


if __name__ == "__main__":
    sys.exit(main())
