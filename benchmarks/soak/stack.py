"""The stack of `make up` under an accelerated clock: start its parts, kill them, and wait for scheduled runs."""

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import psutil

from infra import up
from infra.up_programs import UpError

ROOT = Path(__file__).parents[2]
CLOCK = Path(__file__).parent / "clock"
TERMINAL = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})
MAX_RUN_SECONDS = 1_200.0  # for a run that takes one minute on an idle machine
POLL_SECONDS = 0.5
ASK_SECONDS = 60.0  # for one answer of the Prefect server
STARTED_AFTER = timedelta(seconds=1)  # a run that began later than the clock was moved has read the new time
WORKERS = 1
RUNS_AT_ONCE = "1"  # a run that still goes on when the clock moves would find its temporary files swept


@dataclass
class SoakStack:
    """The stack, its clock and the web's outlets."""

    folder: Path
    names: tuple[str, ...]
    interval: int  # seconds between two scheduled runs
    deploying: tuple[str, ...] = ()  # more options of `irtysh deploy`
    stack: up.Stack = field(init=False)

    def __post_init__(self) -> None:
        """Choose ports and keys, and set the clock to day 0."""
        outer = {name: value for name, value in os.environ.items() if not name.startswith("IRTYSH_")}
        self.stack = up.prepare(self.folder / "up", outer)
        (self.folder / "tmp").mkdir()
        self.stack.environment |= {
            "PYTHONPATH": os.pathsep.join((str(CLOCK), str(ROOT))),
            "SOAK_CLOCK": str(self.folder / "clock"),
            "SOAK_USED": str(self.used_path),
            "IRTYSH_CONTACT": "mailto:soak@irtysh.example",
            "TMPDIR": str(self.folder / "tmp"),  # a run at a later clock sweeps the old folders of others in its TMPDIR
            "UP_RUNS": RUNS_AT_ONCE,
            "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "5",
            "PREFECT_WORKER_QUERY_SECONDS": "1",
        }
        self.move_clock(0.0)

    @property
    def store(self) -> str:
        """URL of the store."""
        return self.stack.environment["IRTYSH_STORE"]

    @property
    def used_path(self) -> Path:
        """File to which each process of ours appends what it has used."""
        return self.folder / "used"

    @property
    def log(self) -> Path:
        """File with the output of all commands."""
        return self.folder / "log"

    def move_clock(self, day: float) -> None:
        """Set the clock of processes that start from now on."""
        path = self.folder / "clock.new"
        path.write_text(str(timedelta(days=day).total_seconds()))
        path.rename(self.folder / "clock")

    def start(self) -> None:
        """Start the servers, deploy the flows with their schedule, and start a worker."""
        up.start_servers(self.stack)
        options = ["--allow-private-hosts", "--delay=0", "--topic=any", f"--workers={WORKERS}"]
        options += [f"--resolve={name}.example=127.0.0.1" for name in self.names]
        words = [*self.names, *options, f"--outlets={self.folder / 'outlets'}", f"--interval={self.interval}"]
        words += self.deploying
        done = self.irtysh("deploy", *words)
        if done:
            raise UpError(f"irtysh deploy failed: {self.log.read_text()[-2000:]}")
        self.start_worker()

    def start_worker(self) -> None:
        """Start the worker."""
        self.stack.start("worker", lambda: True)

    def restart_servers(self) -> None:
        """Start servers that were killed."""
        up.start_servers(self.stack)

    def stop(self) -> None:
        """End all parts; PostgreSQL's data lie elsewhere if root runs this."""
        self.stack.stop()
        if self.stack.has_database:
            shutil.rmtree(self.stack.environment["UP_DATABASE"], ignore_errors=True)

    def kill(self, name: str) -> None:
        """End a part and all processes below it as a crash of the machine does: without a warning."""
        (part,) = (one for one in self.stack.parts if one.name == name)
        family = [psutil.Process(part.running.pid)]
        family += family[0].children(recursive=True)
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        part.running.wait()
        psutil.wait_procs(family)
        self.stack.parts.remove(part)

    def memory(self) -> dict[str, int]:
        """Return what the long-lived parts have in memory now, MB."""
        found = {}
        for part in self.stack.parts:
            process = psutil.Process(part.running.pid)
            with suppress(psutil.NoSuchProcess):
                found[part.name] = process.memory_info().rss // 1_000_000
        return found

    def irtysh(self, *words: str) -> int:
        """Run a command at today's clock, and return its exit code."""
        with self.log.open("ab") as output:
            running = psutil.Popen(
                [sys.executable, "-m", "flows.cli", *words],
                env=self.stack.environment,
                cwd=ROOT,
                stdout=output,
                stderr=output,
            )
            return int(running.wait())

    def ask(self, path: str, body: Mapping[str, Any]) -> Any:
        """Ask Prefect's API; None if it does not answer."""
        url = f"{self.stack.environment['PREFECT_API_URL']}/{path}"
        request = Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
        try:
            with urlopen(request, timeout=ASK_SECONDS) as answer:
                return json.loads(answer.read() or b"null")
        except (URLError, OSError):
            return None

    def runs_since(self, began: datetime) -> list[dict[str, Any]]:
        """Return the runs of `ingest` that have begun since then, the oldest first."""
        after = {"start_time": {"after_": (began + STARTED_AFTER).isoformat()}}
        asked = {"flows": {"name": {"any_": ["ingest"]}}, "flow_runs": after, "sort": "START_TIME_ASC"}
        return self.ask("flow_runs/filter", asked) or []

    def wait_for_run(self, began: datetime, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the first run since `began` that is as wanted; empty if there is none after a long time. UpError if a part has ended."""
        until = time.monotonic() + MAX_RUN_SECONDS
        while time.monotonic() < until:
            for part in self.stack.parts:
                part.check()
            for run in self.runs_since(began):
                if wanted(run):
                    return run
            time.sleep(POLL_SECONDS)
        return {}

    def ingest_again(self, parameters: Mapping[str, Any]) -> None:
        """Pause the schedule, and start one run with other parameters."""
        deployment = self._deployment()
        self.ask(f"deployments/{deployment['id']}/pause_deployment", {})
        asked = {**deployment["parameters"], **parameters}
        self.ask(f"deployments/{deployment['id']}/create_flow_run", {"parameters": asked})

    def _deployment(self) -> dict[str, Any]:
        found = self.ask("deployments/filter", {"deployments": {"name": {"any_": ["ingest"]}}})
        return dict(found[0])


def now() -> datetime:
    """Return the real time, by which Prefect schedules."""
    return datetime.now(UTC)


def has_ended(run: Mapping[str, Any]) -> bool:
    """Whether a run is in its last state."""
    return run["state_type"] in TERMINAL
