"""Try what goes wrong on a running stack, and print what an operator sees: states, times, messages and alerts.

    python -m benchmarks.trials [--flood 50000] [--rounds 3]

The stack of `make up` runs on a local web with two good outlets and four bad ones: `drip` sends its pages byte by byte, `broken` answers
500, `busy` answers 429, and `flood` names as many new addresses as `--flood` says. Trials:

rounds   deployed runs of all outlets, one after the other: when the good outlets are in a snapshot, and when the run ends
twice    two `irtysh ingest` of the good outlets at once: who asks them, and how often each page is requested
reboot   store, server, worker and the run are killed in the middle of a run and started again; a run must go on by itself

Alerts go to a local webhook, and are printed as they arrive.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from benchmarks.ingest import OUTLET, source
from benchmarks.soak.stack import ROOT, SoakStack, has_ended, now
from tests.flows.making import article
from tests.site import RunningSite
from tests.site.wire import Answer, Connection, Request, Script

GOOD = ("fine1", "fine2")
BAD = ("drip", "broken", "busy", "flood")
ARTICLES = 30  # of each outlet but `flood`
FLOOD_PAGES = 100  # that a run may fetch of `flood`
BYTE_SECONDS = 0.5  # between two bytes of `drip`
DAY_SECONDS = 86_400
LEFT_ALONE_SECONDS = 5.0  # before a run is killed
ALERT_SECONDS = 30.0  # for the last alerts to arrive
MESSAGE_CHARACTERS = 160


@dataclass
class TrialWeb:
    """The outlets."""

    flood: int
    added: int = 0  # new articles of each outlet, one for each trial
    hits: Counter[str] = field(default_factory=Counter)  # pages by URL

    def answer(self, request: Request) -> Answer | Script:
        """Answer a request."""
        name = request.host.partition(".")[0]
        if request.path == "/robots.txt":
            return Answer(404)
        if not request.path.startswith("/a/"):
            number = self.flood if name == "flood" else ARTICLES
            urls = [f"http://{request.host}/a/{n}.html" for n in range(number + self.added)]
            return source(request.path.strip("/"), urls)
        self.hits[f"{request.host}{request.path}"] += 1
        if name == "drip":
            return _drip
        if name in {"broken", "busy"}:
            return Answer(500 if name == "broken" else 429)
        return Answer(200, [("Content-Type", "text/html")], article(f"Article {request.path} of {name}"))


async def _drip(connection: Connection) -> None:
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000000\r\n\r\n")
    while True:  # until the client has gone
        await connection.send(b"<")
        await asyncio.sleep(BYTE_SECONDS)


def main() -> None:
    """Run the trials."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flood", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    web = TrialWeb(options.flood)
    with tempfile.TemporaryDirectory(prefix="trials-") as at, RunningSite(web) as site, webhook() as hook:  # type: ignore[arg-type]  # only `answer` is used
        folder = Path(at)
        write_outlets(folder / "outlets", site.port)
        stack = SoakStack(folder, (*GOOD, *BAD), DAY_SECONDS, (f"--alerts={hook}",))
        try:
            stack.start()
            for number in range(options.rounds):
                round_of_all(stack, web, number + 1)
            twice(stack, web, site.port)
            reboot(stack, web)
            time.sleep(ALERT_SECONDS)
        finally:
            stack.stop()


def round_of_all(stack: SoakStack, web: TrialWeb, number: int) -> None:
    """Run the deployment once, and say when the good outlets' articles were in a snapshot, and how it ended."""
    began, at = now(), time.monotonic()
    web.added += 1
    before = _snapshots(stack)
    stack.ingest_again({})
    snapshot = _seconds(lambda: _snapshots(stack) > before, at)
    run = stack.wait_for_run(began, has_ended)
    say(f"round {number}", f"first snapshot after {snapshot:.0f} s, end after {time.monotonic() - at:.0f} s", run)


def twice(stack: SoakStack, web: TrialWeb, port: int) -> None:
    """Start two commands at once, and count the requests of each page."""
    web.added += 1
    fresh = [f"{name}.example:{port}/a/{ARTICLES + web.added - 1}.html" for name in GOOD]
    words = [
        *GOOD,
        "--allow-private-hosts",
        "--delay=0",
        "--topic=any",
        "--workers=1",
        f"--outlets={stack.folder / 'outlets'}",
    ]
    words += [f"--resolve={name}.example=127.0.0.1" for name in GOOD]
    command = [sys.executable, "-m", "flows.cli", "ingest", *words, "--json"]
    running = [
        subprocess.Popen(
            command, cwd=ROOT, env=stack.stack.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        for _ in range(2)
    ]
    for one in running:
        said = json.loads(one.communicate()[0].splitlines()[-1])
        busy = [outlet["name"] for outlet in said.get("outlets", []) if outlet.get("busy")]
        say(
            "twice",
            f"exit code {one.returncode}, {said.get('state')}, left to the other run: {', '.join(busy) or 'none'}",
            {},
        )
    say("twice", f"requests of each new page: {sorted(web.hits[url] for url in fresh)}", {})


def reboot(stack: SoakStack, web: TrialWeb) -> None:
    """Kill everything in the middle of a run, start it again, and wait for a run that goes on by itself."""
    web.added += 1
    began = now()
    stack.ingest_again({})
    killed = stack.wait_for_run(began, lambda run: run["state_type"] == "RUNNING")
    time.sleep(LEFT_ALONE_SECONDS)
    for name in ("worker", "server", "store"):
        stack.kill(name)
    at, again = time.monotonic(), now()
    stack.restart_servers()
    stack.start_worker()
    say("reboot", f"everything runs again after {time.monotonic() - at:.0f} s", {})
    stack.ingest_again({})
    run = stack.wait_for_run(again, has_ended)
    say("reboot", f"next run ended {time.monotonic() - at:.0f} s after the start, with no one's help", run)
    (before,) = [one for one in stack.runs_since(began) if one["id"] == killed["id"]]
    say("reboot", "the run that was killed", before)


def write_outlets(folder: Path, port: int) -> None:
    """Write the files of the outlets."""
    folder.mkdir()
    for name in (*GOOD, *BAD):
        text = OUTLET.format(host=f"{name}.example", port=port, source="Sitemap", path="sitemap.xml")
        if name == "flood":
            text = text.replace("by_day = 0", f"by_day = {FLOOD_PAGES}").replace(
                "by_night = 0", f"by_night = {FLOOD_PAGES}"
            )
        (folder / f"{name}.py").write_text(text)


def say(trial: str, text: str, run: dict[str, Any]) -> None:
    """Print a line of the table."""
    message = str((run.get("state") or {}).get("message") or "")
    told = f" | {run['state_name']}: {run['name']} | {message[:MESSAGE_CHARACTERS]}" if run else ""
    sys.stdout.write(f"{trial} | {text}{told}\n")
    sys.stdout.flush()


@contextmanager
def webhook() -> Iterator[str]:
    """Print the alerts that arrive at a local address, and yield that address."""
    began = time.monotonic()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Print an alert."""
            told = json.loads(self.rfile.read(int(self.headers["content-length"])))
            say(
                "alert",
                f"{told['alert']} after {time.monotonic() - began:.0f} s: {told['text'][:MESSAGE_CHARACTERS]}",
                {},
            )
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def _snapshots(stack: SoakStack) -> int:
    command = [sys.executable, "-m", "flows.cli", "snapshots", "--json"]
    done = subprocess.run(command, cwd=ROOT, env=stack.stack.environment, capture_output=True, text=True, check=False)
    return len(done.stdout.splitlines())


def _seconds(look: Callable[[], bool], at: float) -> float:
    while not look():
        time.sleep(1)
    return time.monotonic() - at


if __name__ == "__main__":
    main()
