"""Run the whole stack for simulated months, with outages and kills, and compare the corpus with what was planted.

    python -m benchmarks.soak [--outlets 30] [--days 60] [--every 120] [--a-day 0.1] [--outages 6] [--redesigns 3]
                              [--store-outages 2] [--server-outages 2] [--kills 3] [--interval 60] [--seed 7]

Local outlets publish, edit, delete and redesign by a plan. The stack of `make up` runs with its own SeaweedFS, Prefect server and
worker; `irtysh deploy --interval` schedules the runs, and an accelerated clock (`benchmarks/soak/clock`) moves on by `--every`
hours after each run. In some steps an outlet answers 503, or the store, the Prefect server or the worker with all its processes is
killed in the middle of a run (`kill -9`), and started again; the next scheduled run must then go on by itself. A person releases
runs in quarantine one step after a redesign. At the end all known articles are fetched once more, and `irtysh verify --deep` runs.

The program prints a line for each step, and as JSON: recall of the planted articles whose outlet was reachable, wrong texts,
deletions that were seen, lost captures, and the memory of the first and last runs.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.soak.stack import SoakStack, has_ended, now
from benchmarks.soak.truth import compare
from benchmarks.soak.web import PlantedWeb, ServedPage, planned, write_outlets
from tests.site import RunningSite

HOURS_PER_DAY = 24
OUTAGE_SECONDS = (5.0, 25.0)  # of the store and the server, in real time; task retries ride out some of them
STRIKE_AFTER = (0.1, 0.9)  # of the requests of a usual run
USUAL_REQUESTS = 2  # of each outlet in a run: robots.txt and its source
COMPARED = 4  # runs at the beginning and at the end, for the growth of memory
# name -> what their commands have, and more CPU seconds than processes of their kind need that do nothing worth measuring
KINDS = {"flow runs": ("prefect/engine.py", 10.0), "extraction": ("-c", 1.0)}
GOOD = "COMPLETED"
BUSY = " busy"  # in the name of a run that has left outlets to another run
OPTIONS = (
    ("outlets", 30), ("days", 60), ("every", 120), ("outages", 6), ("redesigns", 3), ("store-outages", 2),
    ("server-outages", 2), ("kills", 3), ("interval", 60), ("seed", 7),
)  # fmt: skip


@dataclass
class Soak:
    """The steps, and what is known of each."""

    web: PlantedWeb
    stack: SoakStack
    rng: random.Random
    every: float  # days between two steps
    served: set[ServedPage] = field(default_factory=set)
    stored: set[ServedPage] = field(default_factory=set)  # served to runs that were not killed
    unexpected: list[str] = field(default_factory=list)

    def step(self, day: float, strike: str) -> None:
        """Move the clock, let a part fail if `strike` names one, and wait for a run that goes well."""
        self.web.day = day
        self.stack.move_clock(day)
        began, asked, at = now(), self.web.requests, time.monotonic()
        states = [self._struck(strike, began, asked)] if strike else []
        began, seen, good = now() if strike else began, set[str](), False
        while not good:
            run = self.stack.wait_for_run(began, lambda one: has_ended(one) and one["id"] not in seen)
            if not run:
                self.unexpected.append(f"day {day:.1f}: no run has ended well")
                break
            seen.add(run["id"])
            good = run["state_type"] == GOOD and BUSY not in run["name"]
            states.append(f"{run['state_name']}: {run['name']}")
        self._take(stored=True)
        if any(day - first < self.every and day >= first for first in self.web.redesigned.values()):
            self.release()
        self._say(day, strike, states, time.monotonic() - at)

    def release(self) -> None:
        """Release runs in quarantine after a look, as a person does."""
        for name in self.web.redesigned:
            self.stack.irtysh("outlets", "release", name, "--store", self.stack.store)

    def finish(self) -> int:
        """Fetch all known articles once more, and return the exit code of `verify --deep`."""
        self.web.day += 1
        self.stack.move_clock(self.web.day)
        began = now()
        self.stack.ingest_again({"revisit": "all"})
        run = self.stack.wait_for_run(began, lambda one: has_ended(one) and one["parameters"].get("revisit") == "all")
        self._take(stored=True)
        self._say(self.web.day, "all again", [str(run.get("name", "no run"))], 0.0)
        self.release()
        where = ("--store", self.stack.store, f"--outlets={self.stack.folder / 'outlets'}")
        self.stack.irtysh("process", "--no-prefect", *where)
        begin = self.stack.log.stat().st_size
        code = self.stack.irtysh("verify", "--deep", *where)
        if code:
            sys.stderr.write(self.stack.log.read_bytes()[begin:].decode())
        return code

    def _struck(self, part: str, began: datetime, asked: int) -> str:
        """Kill a part in the middle of a run, start it again after a while, and say how that run ended."""
        run = self.stack.wait_for_run(began, lambda one: one["state_type"] == "RUNNING")
        until = asked + USUAL_REQUESTS * len(self.web.names) * self.rng.uniform(*STRIKE_AFTER)
        while self.web.requests < until and not has_ended((self.stack.runs_since(began) or [run])[-1]):
            time.sleep(0.1)
        self.stack.kill(part)
        time.sleep(self.rng.uniform(*OUTAGE_SECONDS))
        self._take(stored=False)
        if part == "worker":
            self.stack.start_worker()
            return "killed"
        self.stack.restart_servers()
        ended = self.stack.wait_for_run(began, lambda one: has_ended(one) and one["id"] == run.get("id"))
        return f"{ended.get('state_name', 'unknown')} in the outage"

    def _take(self, *, stored: bool) -> None:
        served = self.web.taken()
        self.served |= served
        if stored:
            self.stored |= served

    def _say(self, day: float, strike: str, states: Sequence[str], seconds: float) -> None:
        memory = " ".join(f"{name} {size}" for name, size in self.stack.memory().items())
        sys.stderr.write(f"day {day:5.1f} {strike or '-':9} {seconds:4.0f} s · {' | '.join(states)} · MB: {memory}\n")


def main() -> None:
    """Plant, run, and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, usual in OPTIONS:
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument(
        "--a-day", type=float, default=0.1, help="articles of an outlet; every tenth publishes 5 times as many"
    )
    options = parser.parse_args()
    rng = random.Random(options.seed)  # noqa: S311  the same plan each time
    web = planned(
        rng, options.outlets, options.days, options.a_day, outages=options.outages, redesigns=options.redesigns
    )
    steps = [step * options.every / HOURS_PER_DAY for step in range(options.days * HOURS_PER_DAY // options.every + 1)]
    strikes = drawn(
        rng, steps, {"store": options.store_outages, "server": options.server_outages, "worker": options.kills}
    )
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="soak-") as at,
        RunningSite(web) as site,  # type: ignore[arg-type]  # only `answer` is used
        running(Path(at), web, site.port, options.interval) as stack,
    ):
        soak = Soak(web, stack, rng, options.every / HOURS_PER_DAY)
        for day in steps:
            soak.step(day, strikes.get(day, ""))
        verified = soak.finish()
        os.environ.update({name: value for name, value in stack.stack.environment.items() if name.startswith("AWS_")})
        figures = compare(stack.store, web, soak.served, soak.served - soak.stored)
        figures |= {"verify": verified, "strikes": len(strikes), "unexpected": soak.unexpected}
        figures |= memory(stack.used_path) | {"minutes": round((time.monotonic() - began) / 60, 1)}
    sys.stdout.write(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")


@contextmanager
def running(folder: Path, web: PlantedWeb, port: int, interval: int) -> Iterator[SoakStack]:
    """Run the stack."""
    write_outlets(folder / "outlets", web.names, port)
    made = SoakStack(folder, web.names, interval)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def drawn(rng: random.Random, steps: Sequence[float], wanted: dict[str, int]) -> dict[float, str]:
    """Return the part that fails in each of some steps: not in the first and the last, and never two in one."""
    parts = [part for part, number in wanted.items() for _ in range(number)]
    inner = list(steps[1:-1])
    return dict(zip(rng.sample(inner, min(len(parts), len(inner))), rng.sample(parts, len(parts)), strict=False))


def memory(used: Path) -> dict[str, Any]:
    """Return the peak memory of flow runs, crawls and extraction at the beginning and the end, MB."""
    lines = [json.loads(line) for line in used.read_text().splitlines()]
    found: dict[str, Any] = {}
    for kind, (mark, idle) in KINDS.items():
        ours = [one for one in lines if mark in " ".join(one["command"]) and one["cpu"] > idle]
        sizes = [one["memory"] for one in ours]
        found[kind] = {"processes": len(ours), "first MB": sizes[:COMPARED], "last MB": sizes[-COMPARED:]}
    return {"memory": found}


if __name__ == "__main__":
    main()
