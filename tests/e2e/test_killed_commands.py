"""kill -9 of every command that writes to a store, then the same command again: nothing is lost, doubled or half visible."""

import json
import os
import subprocess
import sys

import pytest

from flows.cli import COMMANDS
from tests.e2e.commanding import ROOT, environment
from tests.e2e.killed_commands import CASES

# In the gate two kills of processing; `make faults` sets more, and takes all commands.
KILLS = int(os.environ.get("IRTYSH_FAULT_KILLS", "2"))
KILLED = list(CASES) if "IRTYSH_FAULT_KILLS" in os.environ else ["process, in several commits"]
FETCHING = {"crawl", "ingest"}  # test_crash.py
LEARNING = {"verify"}  # of commits of older versions, by one write
READING = {  # they write nothing to a store, but files that appear when they are complete
    "bitext", "browse", "cite", "config", "diff", "documents", "explain", "history", "metrics", "plan", "rejections", "report",
    "show", "snapshots", "stats", "wacz", "outlets list", "outlets check", "outlets new", "outlets heal", "outlets adopt",
    "topic list", "topic show", "topic test", "topic new", "topic review", "deploy", "serve",
}  # fmt: skip


def test_every_command_is_killed_or_writes_nothing():
    killed = {" ".join(case.command).partition(" -")[0] for case in CASES.values()}
    unknown = {
        name for name in COMMANDS if not any(one.startswith(name) for one in killed | FETCHING | LEARNING | READING)
    }
    assert not unknown


@pytest.mark.slow
def test_a_killed_command_is_completed_by_the_same_command():
    words = [sys.executable, "-m", "tests.e2e.killed_commands", str(KILLS), *KILLED]
    done = subprocess.run(words, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["command"] for one in found] == KILLED
    for one in found:
        assert one["kills"] >= KILLS
        assert (one["lost"], one["doubled"], one["half visible"]) == (0, 0, 0), (one, done.stderr)
    print("".join(f"| {one['command']} | {one['kills']} | 0 | 0 | 0 |\n" for one in found))  # noqa: T201  for `make faults`
