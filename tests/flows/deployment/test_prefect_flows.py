"""Flows on a real Prefect server with a real worker: schedules, cancellation, and commands as flow runs."""

import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from random import Random
from typing import Any

import psutil
import pytest

from articles.model import Capture, Purpose
from flows.cli import run
from storage import leases
from storage.captures.segments import list_segments, read_segment
from storage.objects import open_store
from storage.tables.log import Log
from tests.flows.deployment.prefect_server import BIN, OUTLET, Prefect, prefect_server, process, wait_for
from tests.site import RunningSite, serve

# The first test waits for a server, a deployment and a worker: 40 s, and more than the usual limit on a loaded machine.
pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def prefect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prefect]:
    """A Prefect server for these tests."""
    with prefect_server(tmp_path_factory.mktemp("prefect")) as server:
        yield server


@pytest.fixture(scope="module")
def web() -> Iterator[RunningSite]:
    """The local news web, for these tests."""
    with serve() as running:
        yield running


@pytest.fixture(scope="module")
def local(web: RunningSite) -> tuple[str, ...]:
    """Options for crawling the local news web."""
    return ("--allow-private-hosts", "--delay=0", *(f"--resolve={pair}" for pair in web.resolve))


@pytest.fixture(scope="module")
def corpus(prefect: Prefect, web: RunningSite, local: tuple[str, ...]) -> Iterator[Path]:
    """A store into which a worker ingests two outlets every few seconds."""
    outlets = prefect.folder / "outlets"
    outlets.mkdir()
    for name in ("steppe", "azat"):
        text = OUTLET.format(name=name, feed=web.url(name, "/feed/", by_host=True))
        (outlets / f"{name}.py").write_text(text)
    store = prefect.folder / "store"
    options = (*local, f"--outlets={outlets}", f"--store={store}", "--interval=30", "--workers=1")
    done = prefect.irtysh("deploy", "steppe", "azat", *options)
    assert done.returncode == 0, done.stderr
    # One run at a time: on a busy machine a second is due before the first begins, and each would fetch one of the outlets.
    worker = ("worker", "start", "--pool", "irtysh", "--name", "tests", "--limit", "1")
    with process(prefect.env, prefect.folder / "worker.log", str(BIN / "prefect"), *worker):
        yield store


KILLED = """
import os, subprocess, sys
from flows.deployment.witness import witnessed
with witnessed({run!r}):
    os.kill(os.getpid(), 9)
"""
WORKER = "import subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}])"  # ends when its run was killed


def _log(store: Path) -> Log:
    return Log(open_store(str(store)), lambda: datetime.now(UTC), Random(0))  # noqa: S311  unused: the log is only read


def _ended(prefect: Prefect, flow_run: dict[str, Any]) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found = prefect.ask(f"flow_runs/{flow_run['id']}", method="GET")
        return found if found["state_type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"} else None

    return wait_for("the end of a run", look)


def test_a_scheduled_run_makes_a_snapshot(prefect: Prefect, corpus: Path):
    def begun() -> dict[str, Any] | None:
        begun = [one for one in prefect.runs("ingest") if one["state_type"] not in {"SCHEDULED", "CANCELLED"}]
        return begun[-1] if begun else None  # on a slow machine the next one has begun too

    scheduled = wait_for("a scheduled run", begun)
    deployment = prefect.ask("deployments/name/ingest/ingest", method="GET")
    prefect.ask(f"deployments/{deployment['id']}/pause_deployment")
    scheduled = _ended(prefect, scheduled)
    assert scheduled["state_type"] == "COMPLETED", prefect.log(scheduled)
    assert scheduled["auto_scheduled"]

    state = _log(corpus).state()
    pages = state.history[0].counts["pages"]
    assert set(pages) == {"azat", "steppe"}
    assert min(pages[outlet]["new"] for outlet in pages) > 0

    artifacts = prefect.artifacts(scheduled)
    table = {row.pop("outlet"): row for row in json.loads(artifacts["pages"]["data"])}
    assert {outlet: table[outlet] for outlet in pages} == pages
    assert "Snapshot 0" in artifacts["snapshot"]["data"]
    assert {artifacts[f"{name}-fetching-{name}"]["data"] for name in pages} == {100.0}
    wait_for("the run's log", lambda: "snapshot 0" in prefect.log(scheduled))  # lines are sent in batches
    assert any("articles" in line and "/feed/" in line for line in prefect.log(scheduled))
    limit = prefect.ask("v2/concurrency_limits/outlet:azat", method="GET")
    assert limit["active_slots"] == 0


def test_what_dead_runs_left_is_settled_and_a_run_says_how_it_went(
    prefect: Prefect, corpus: Path, local: tuple[str, ...]
):
    store = prefect.folder / "settled"
    deployment = prefect.ask("deployments/name/ingest/ingest", method="GET")
    dead = prefect.ask(f"deployments/{deployment['id']}/create_flow_run", {"state": {"type": "PAUSED"}})
    prefect.ask(f"flow_runs/{dead['id']}", {"tags": [f"store:{store}"]}, "PATCH")
    prefect.ask(f"flow_runs/{dead['id']}/set_state", {"state": {"type": "RUNNING"}, "force": True})
    left = leases.acquire(open_store(str(store)), f"flow-{dead['id']}", "a dead run", datetime.now(UTC))
    left.release(datetime.now(UTC))
    stopped = prefect.ask(f"deployments/{deployment['id']}/create_flow_run", {"state": {"type": "PAUSED"}})
    prefect.ask(f"flow_runs/{stopped['id']}/set_state", {"state": {"type": "RUNNING"}, "force": True})
    worker = WORKER.format(code=KILLED.format(run=stopped["id"]))
    subprocess.run([sys.executable, "-c", worker], env=prefect.env, check=True)
    assert "Stopped with its worker" in _ended(prefect, stopped)["state"]["message"]
    prefect.ask("v2/concurrency_limits/outlet:steppe", {"active_slots": 1}, "PATCH")
    (prefect.folder / "outlets" / "silent.py").write_text(
        OUTLET.format(name="silent", feed="http://silent.example:9/feed/")
    )

    options = (*local, "--resolve=silent.example=127.0.0.1", f"--outlets={prefect.folder / 'outlets'}", "--workers=1")
    done = prefect.irtysh("ingest", "steppe", "silent", *options, f"--store={store}", "--topic=any", "--json")
    assert done.returncode == 1, done.stderr
    outcome = json.loads(done.stdout.splitlines()[-1])
    assert outcome["state"] == "degraded", outcome
    assert {one["name"]: one["trouble"] for one in outcome["outlets"]} == {"steppe": None, "silent": "silent"}

    settled = prefect.ask(f"flow_runs/{dead['id']}", method="GET")
    assert (settled["state_type"], "No sign of life" in settled["state"]["message"]) == ("CRASHED", True)
    assert prefect.ask("v2/concurrency_limits/outlet:steppe", method="GET")["active_slots"] == 0
    named = next(one for one in prefect.runs("ingest") if f"store:{store}" in one["tags"] and one["id"] != dead["id"])
    assert (named["state_type"], named["state_name"]) == ("COMPLETED", "Degraded")
    assert named["name"].startswith("ingest 2 outlets · ")
    assert named["name"].endswith(" new · 1 silent")
    assert {"outlet:steppe", "outlet:silent", "trouble:silent"} <= set(named["tags"])
    assert "silent silent: no source answered" in named["state"]["message"]
    assert "no source answered" in prefect.artifacts(named)["outlets"]["data"]
    assert prefect.ask("deployments/name/ingest/ingest", method="GET")["global_concurrency_limit"] is None


ALERTED = """
from pathlib import Path
from flows.deployment.alerts import make_alerts, read_alerts
from flows.deployment.events import emit
alerts = read_alerts(Path("infra/alerts.yaml").read_text(), 10)
make_alerts({hook!r}, alerts)
about = {{"store": "x", "outlet": "azat", "trouble": "silent", "why": 'no "source"', "runs": 3, "since": "x"}}
for alert in alerts:
    for event in alert["trigger"]["expect"]:
        if event.startswith("irtysh."):
            emit(event, "irtysh.store.x", about)
"""


def test_every_alert_arrives_and_a_long_quiet_run_raises_none(prefect: Prefect, corpus: Path):
    heard: list[dict[str, Any]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            heard.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *arguments):
            """Print nothing."""

    deployment = prefect.ask("deployments/name/verify/verify", method="GET")
    asked = {"state": {"type": "PAUSED"}}
    quiet, failed, dead = (
        prefect.ask(f"deployments/{deployment['id']}/create_flow_run", asked) for _ in ("quiet", "failed", "dead")
    )
    prefect.ask(f"flow_runs/{quiet['id']}/set_state", {"state": {"type": "RUNNING"}, "force": True})
    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        code = ALERTED.format(hook=f"http://127.0.0.1:{server.server_port}/")
        subprocess.run(
            [sys.executable, "-c", code],
            env=prefect.env,
            cwd=Path(__file__).parents[3],
            check=True,
            capture_output=True,
        )
        for run_, kind in ((failed, "FAILED"), (dead, "CRASHED")):
            prefect.ask(f"flow_runs/{run_['id']}/set_state", {"state": {"type": kind, "message": "x"}, "force": True})
        wanted = {
            "outlet-quarantined", "outlet-failing", "outlet-quiet", "store-unreachable", "verify-failed", "run-died",
            "snapshot-old", "rebuild-waiting",
        }  # fmt: skip
        crashed = _crash_an_ingest(prefect)
        wait_for("all alerts", lambda: {one["alert"] for one in heard} == wanted)
        wait_for("its processing", lambda: [one for one in prefect.runs("process") if _store_of(one) == crashed])
        server.shutdown()
    assert 'azat is silent, 3 runs in a row: no "source"' in {one["text"] for one in heard}
    assert prefect.ask(f"flow_runs/{quiet['id']}", method="GET")["state_type"] == "RUNNING"
    assert not any(quiet["name"] in one["text"] for one in heard)
    prefect.ask(f"flow_runs/{quiet['id']}/set_state", {"state": {"type": "CANCELLED"}, "force": True})


def _crash_an_ingest(prefect: Prefect) -> str:
    """Make a deployed run of `ingest` that was killed; return its store."""
    store = str(prefect.folder / "crashed")
    deployment = prefect.ask("deployments/name/ingest/ingest", method="GET")
    asked = {"state": {"type": "PAUSED"}, "parameters": {"store": store}}
    made = prefect.ask(f"deployments/{deployment['id']}/create_flow_run", asked)
    prefect.ask(f"flow_runs/{made['id']}/set_state", {"state": {"type": "CRASHED", "message": "x"}, "force": True})
    return store


def _store_of(flow_run: dict[str, Any]) -> str:
    return str(flow_run["parameters"].get("store", ""))


def test_a_stopped_serve_pauses_its_schedule(prefect: Prefect):
    def paused() -> bool | None:
        try:
            return prefect.ask("deployments/name/ingest/serve", method="GET")["paused"]
        except urllib.error.HTTPError:
            return None  # not deployed yet

    outlet = prefect.folder / "served.py"
    outlet.write_text(OUTLET.format(name="served", feed="http://served.invalid/feed/"))
    options = ("--interval=86400", f"--outlets={outlet}", f"--store={prefect.folder / 'served'}")
    command = ("-m", "flows.cli", "serve", "served", *options)
    with process(prefect.env, prefect.folder / "serve.log", sys.executable, *command):
        wait_for("a schedule that is served", lambda: paused() is False)
    assert paused() is True, (prefect.folder / "serve.log").read_text()


def test_a_cancelled_run_keeps_what_its_crawl_has_fetched(prefect: Prefect, corpus: Path, web: RunningSite):
    urls = [web.url("hostile", f"/fine/{n}") for n in range(500)]
    store = prefect.folder / "cancelled"
    deployment = prefect.ask("deployments/name/crawl/crawl", method="GET")
    crawling = {"delay": 0.05, "allow_private_hosts": True, "topic": "any"}
    asked = {"urls": urls, "store": str(store), "crawling": crawling}
    started = prefect.ask(f"deployments/{deployment['id']}/create_flow_run", {"parameters": asked})

    wait_for("the first pages", lambda: sum(path.startswith("hostile/fine/") for path in tuple(web.web.hits)) >= 20)
    crawlers = [
        one for one in psutil.Process().children(recursive=True) if "spiders.process.child" in " ".join(one.cmdline())
    ]
    assert crawlers
    prefect.ask(f"flow_runs/{started['id']}/set_state", {"state": {"type": "CANCELLING"}})
    assert _ended(prefect, started)["state_type"] == "CANCELLED"
    wait_for("the crawl's end", lambda: not any(one.is_running() for one in crawlers))

    opened = open_store(str(store))
    records = [record for key in list_segments(opened) for record in read_segment(opened.get(key), key)]
    fetched = {one.url for one in records if isinstance(one, Capture) and one.purpose is Purpose.PAGE}
    assert 20 <= len(fetched) < len(urls)
    assert run(["process", "--no-prefect", "--store", str(store), "--workers=1"]) == 0
    head = _log(store).state().head
    assert head is not None
    assert sum(tally["asked"] for tally in head.counts["pages"].values()) == len(fetched)


def test_a_command_prints_the_same_as_a_flow_run_and_directly(
    prefect: Prefect, web: RunningSite, local: tuple[str, ...], capsys
):
    listed = prefect.folder / "urls.txt"
    listed.write_text("\n".join([*web.urls()[:5], "no url"]))
    command = ["crawl", "--from", str(listed), "--json", "--workers=1", *local]
    wrong = ["crawl", "http://a.example/", "--topic=no-such-topic", f"--store={prefect.folder / 'wrong'}"]
    with ThreadPoolExecutor(2) as pool:
        refused = pool.submit(prefect.irtysh, *wrong)
        done = pool.submit(prefect.irtysh, *command, f"--store={prefect.folder / 'flow-run'}").result()
    assert done.returncode == 1, done.stderr
    assert run([*command, f"--store={prefect.folder / 'direct'}", "--no-prefect"]) == 1
    flow_run, direct = _output(done.stdout), _output(capsys.readouterr().out)
    assert flow_run.pop("api") == prefect.url
    assert flow_run == direct

    newest = next(one for one in prefect.runs("crawl") if one["state_type"] == "COMPLETED")
    assert newest["parameters"]["list_path"] == str(listed)
    assert "no url" in prefect.artifacts(newest)["snapshot"]["data"]

    assert refused.result().returncode == 2
    assert "no-such-topic" in refused.result().stderr
    assert "Traceback" not in refused.result().stderr


def _output(lines: str) -> dict[str, Any]:
    """The output of a command with --json, without what differs from run to run."""
    output: dict[str, Any] = {"texts": []}
    for event in map(json.loads, lines.splitlines()):
        match event.pop("event"):
            case "done":
                output |= {key: value for key, value in event.items() if key not in {"runs", "store"}}
            case "prefect":
                output["api"] = event["api"]
            case _ if "IRTYSH_CONTACT" not in event["text"]:
                output["texts"].append(event["text"])
    output["texts"].sort()
    return output
