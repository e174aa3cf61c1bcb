"""A real Prefect server, and outlets of the local news web that flows on it ask."""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import psutil

from tests.seaweed import free_ports

MAX_BUSY_TRIES = 20
MAX_WAIT_SECONDS = 120.0  # for what takes ten seconds on an idle machine
BIN = Path(sys.executable).parent
OUTLET = """
from spiders.outlet import Outlet
from spiders.sources import Feed


class Local(Outlet):
    domains = ("{name}.example",)
    languages = ("en",)
    sources = (Feed("{feed}"),)
    article = r"http://{name}\\.example:\\d+/(\\d{{4}}|a)/.+"
    delay = 0
"""


def wait_for(what: str, look: Callable[[], Any]) -> Any:
    """Call `look` until it returns a true value, and return that value. TimeoutError names `what`."""
    until = time.monotonic() + MAX_WAIT_SECONDS
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.2)
    raise TimeoutError(f"{what}: not reached after {MAX_WAIT_SECONDS:.0f} s")


@dataclass
class Prefect:
    """A Prefect server, with a folder for its files and those of its clients."""

    url: str
    env: dict[str, str]
    folder: Path

    def ask(self, path: str, body: dict[str, Any] | None = None, method: str = "POST") -> Any:
        """Send a request to the REST API of the server."""
        data = json.dumps(body or {}).encode() if method != "GET" else None
        request = urllib.request.Request(
            f"{self.url}/{path}", data, {"content-type": "application/json"}, method=method
        )
        for _ in range(MAX_BUSY_TRIES):
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return json.loads(answer.read() or b"null")
            except urllib.error.HTTPError as error:
                with error:
                    if error.code != HTTPStatus.SERVICE_UNAVAILABLE:
                        raise
                time.sleep(0.5)  # SQLite is locked by another request
        raise TimeoutError(f"{path} is busy")

    def irtysh(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run an `irtysh` command with this server configured."""
        command = [sys.executable, "-m", "flows.cli", *arguments]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)

    def runs(self, flow: str) -> list[dict[str, Any]]:
        """The runs of a flow, the newest first."""
        return self.ask("flow_runs/filter", {"flows": {"name": {"any_": [flow]}}, "sort": "EXPECTED_START_TIME_DESC"})

    def artifacts(self, flow_run: dict[str, Any]) -> dict[str, Any]:
        """The artifacts of a run, by key."""
        found = self.ask("artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [flow_run["id"]]}}})
        return {one["key"]: one for one in found}

    def log(self, flow_run: dict[str, Any]) -> list[str]:
        """The lines of a run's log."""
        asked = {"logs": {"flow_run_id": {"any_": [flow_run["id"]]}}, "sort": "TIMESTAMP_ASC"}
        return [one["message"] for one in self.ask("logs/filter", asked)]


@contextlib.contextmanager
def process(env: dict[str, str], log: Path, *command: str) -> Iterator[psutil.Process]:
    """Run a program, and end it with all its child processes."""
    with log.open("wb") as output:
        started = psutil.Popen(command, env=env, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
    try:
        yield started
    finally:
        family = [started, *started.children(recursive=True)]
        started.terminate()
        _, alive = psutil.wait_procs([started], timeout=15)
        for one in {*alive, *(one for one in family if one.is_running())}:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(family, timeout=15)


@contextlib.contextmanager
def prefect_server(folder: Path) -> Iterator[Prefect]:
    """Run a Prefect server on a free port, with its files in a folder."""
    (port,) = free_ports(1)
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "IRTYSH_"))}
    env |= {
        "PREFECT_HOME": str(folder / "home"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "2",
        "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "1",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PREFECT_RUNNER_POLL_FREQUENCY": "2",
        "IRTYSH_CONTACT": "mailto:tests@irtysh.example",
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }
    server = ("server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui")
    with process(env, folder / "server.log", str(BIN / "prefect"), *server) as running:
        made = Prefect(env["PREFECT_API_URL"], env, folder)

        def healthy() -> bool:
            assert running.is_running(), (folder / "server.log").read_text()
            try:
                return made.ask("health", method="GET") is True
            except OSError:
                return False

        wait_for("a Prefect server", healthy)
        yield made
