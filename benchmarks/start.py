"""Measure what commands cost before they do anything: a crawl of one page, and commands that read.

    python -m benchmarks.start [--rounds 3]

Each command is a process. CPU seconds of all its processes are sampled, so that the last few hundredths of each are missing;
the median of the rounds is printed. Bytecode must be cached: PYTHONDONTWRITEBYTECODE is unset for the commands.
"""

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.growth import watched
from tests.site import serve

READING = (
    "--version",
    "snapshots",
    "show",
    "history {page}",
    "documents",
    "outlets list",
    "verify",
    "topic list",
    "process",
)
SAMPLE_SECONDS = 0.02
WITHOUT_STORE = frozenset({"--version", "topic list"})


def main() -> None:
    """Crawl a page of the local news web, then run the reading commands on the store."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=3, help="how often each command runs")
    rounds = parser.parse_args().rounds
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as scratch, serve() as site:
        page = site.urls()[0]
        local = [word for pair in site.resolve for word in ("--resolve", pair)]
        politeness = [*local, "--allow-private-hosts", "--delay", "0", "--topic", "any", "--no-prefect"]
        stores = [str(Path(scratch) / str(number)) for number in range(rounds + 1)]
        crawls = [["crawl", page, *politeness, "--store", store] for store in stores]
        cost(crawls[0])  # fills the caches of bytecode and of the language model
        show("crawl of one page", [cost(arguments) for arguments in crawls[1:]])
        for command in READING:
            at = [] if command in WITHOUT_STORE else ["--store", stores[0]]
            arguments = [*command.format(page=page).split(), *at]
            show(command.partition(" {")[0], [cost(arguments) for _ in range(rounds)])


def cost(arguments: list[str]) -> float:
    """Return the CPU seconds of a command."""
    return watched([sys.executable, "-m", "irtysh", *arguments], every=SAMPLE_SECONDS)[1]


def show(name: str, found: list[float]) -> None:
    """Print a line of the table."""
    print(f"{name:<20} {statistics.median(found):.2f} s   ({min(found):.2f} to {max(found):.2f})")


if __name__ == "__main__":
    main()
