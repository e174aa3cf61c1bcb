"""Run one attack in a process of its own, and measure what it and its children cost.

`python -m benchmarks.attacks.measure NAME` runs an attack and prints its cost and result as JSON, after a line that says
that it begins. The parent process reads both, or stops the attack in the middle.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psutil

MODULE = "benchmarks.attacks.measure"
ROOT = Path(__file__).parents[2]
MAX_SECONDS = 600.0  # by the clock, for one attack
BUSY_CPU_SECONDS = 2.0  # of the attack's processes, before it is stopped in the middle
MAX_STOP_SECONDS = 60.0  # then what does not end is killed


@dataclass(frozen=True, slots=True)
class Attack:
    """An input made to do harm. `run` gets an empty folder and returns what came of it, or raises AssertionError."""

    name: str
    before: str  # what it did before it was mended
    run: Callable[[Path], str]
    stopped: bool = False  # whether it takes so long that a stop in the middle is measured


class Cost(NamedTuple):
    """Cost and result of an attack."""

    cpu_seconds: float
    megabytes: int  # the largest process, beyond what it had before the attack
    result: str
    held: bool
    stop_seconds: float | None = None  # from SIGTERM to the end of all its processes; None: it had ended before


def run(attack: Attack) -> Cost:
    """Run an attack in its own process; if it takes long, run it again and stop it."""
    with _started(attack.name) as child:
        try:
            output, _ = child.communicate(timeout=MAX_SECONDS)
        except subprocess.TimeoutExpired:
            _kill(child)
            return Cost(MAX_SECONDS, 0, f"NOT HELD: it took over {MAX_SECONDS:.0f} s", held=False)
    lines = output.splitlines()
    if child.returncode or len(lines) < 2:
        return Cost(0.0, 0, f"NOT HELD: exit code {child.returncode}", held=False)
    cost = Cost(*json.loads(lines[-1]))
    return cost._replace(stop_seconds=_stop(attack.name)) if attack.stopped else cost


def _started(name: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", MODULE, name], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT
    )


def _stop(name: str) -> float | None:
    """Return the seconds that all processes of a running attack need to end after SIGTERM; None if it ends before."""
    with _started(name) as child:
        assert child.stdout is not None
        child.stdout.readline()
        process = psutil.Process(child.pid)
        before = _cpu_seconds(process)
        while child.poll() is None and _cpu_seconds(process) < before + BUSY_CPU_SECONDS:
            time.sleep(0.05)
        try:
            everyone = [process, *process.children(recursive=True)]
            start = time.monotonic()
            process.send_signal(signal.SIGTERM)
        except psutil.NoSuchProcess:
            return None
        child.wait(MAX_STOP_SECONDS)
        _, alive = psutil.wait_procs(everyone, MAX_STOP_SECONDS)
        seconds = time.monotonic() - start
        for one in alive:
            one.kill()
    return seconds


def _cpu_seconds(process: psutil.Process) -> float:
    total = 0.0
    try:
        for one in (process, *process.children(recursive=True)):
            times = one.cpu_times()
            total += times.user + times.system
    except psutil.NoSuchProcess:
        pass
    return total


def _kill(child: "subprocess.Popen[str]") -> None:
    for one in (*psutil.Process(child.pid).children(recursive=True), psutil.Process(child.pid)):
        one.kill()


def main(name: str) -> None:
    """Run an attack in this process."""
    from benchmarks.attacks import catalog  # noqa: PLC0415  it imports this module

    attack = next(attack for attack in catalog.ATTACKS if attack.name == name)
    catalog.prepare()
    output, sys.stdout = sys.stdout, sys.stderr  # what an attack prints is not its result
    cpu, own = _spent(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print("begins", file=output, flush=True)
    with tempfile.TemporaryDirectory(prefix="irtysh-") as folder:
        try:
            result, held = attack.run(Path(folder)), True
        except AssertionError as error:
            result, held = f"NOT HELD: {error}", False
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - own
    peak = max(peak, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss - own)
    print(json.dumps([_spent() - cpu, peak >> 10, result, held]), file=output, flush=True)
    os._exit(0)  # without waiting for threads of servers


def _spent() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main(sys.argv[1])
