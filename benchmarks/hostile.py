"""Measure attacks: seconds of processor time, memory in MB, what came of each, and how fast a stop ends it.

    python benchmarks/hostile.py [--only TEXT] [--markdown]
    python benchmarks/hostile.py --pages [--scale 1.0] [--only TEXT] [--pumps] [--all]

Runs every attack of `benchmarks/attacks/` in a process of its own and prints a table: what the attack did before it was
mended, what it costs now, and the seconds from SIGTERM to the end of all processes, of those that take long. With
`--pages`, extracts hostile pages instead: see `benchmarks/attacks/pages.py`. Exit code 1 if an attack is not held, or if a
page reaches a limit.
"""

import argparse
import sys

from benchmarks.attacks import pages
from benchmarks.attacks.catalog import ATTACKS
from benchmarks.attacks.measure import Attack, Cost, run

MAX_CPU_SECONDS = 120.0  # of an attack; the costliest has 24 pages of a megabyte each
MAX_STOP_SECONDS = 10.0


def main() -> int:
    """Run all attacks and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="only attacks or pages whose name contains this text")
    parser.add_argument("--markdown", action="store_true", help="print the table as docs/measurements.md has it")
    parser.add_argument("--pages", action="store_true", help="extract hostile pages, and print their costs")
    pages.add_options(parser)
    options = parser.parse_args()
    if options.pages:
        return pages.main(options)
    row = _markdown if options.markdown else _plain
    print(row("attack", "before", "CPU s", "MB", "stop s", "now"))
    if options.markdown:
        print("|---|---|--:|--:|--:|---|")
    bad = 0
    for attack in ATTACKS:
        if options.only in attack.name:
            cost = run(attack)
            bad += not _is_good(cost)
            print(row(*_cells(attack, cost)), flush=True)
    print(f"\n{bad} attacks not held" if bad else "\nall attacks held")
    return int(bad > 0)


def _is_good(cost: Cost) -> bool:
    return cost.held and cost.cpu_seconds <= MAX_CPU_SECONDS and (cost.stop_seconds or 0.0) <= MAX_STOP_SECONDS


def _cells(attack: Attack, cost: Cost) -> tuple[str, ...]:
    stop = "" if cost.stop_seconds is None else f"{cost.stop_seconds:.1f}"
    return attack.name, attack.before, f"{cost.cpu_seconds:.1f}", str(cost.megabytes), stop, cost.result


def _plain(*cells: str) -> str:
    name, before, cpu, memory, stop, now = cells
    return f"{name:<58}{before:<40}{cpu:>7}{memory:>6}{stop:>8}  {now}"


def _markdown(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
