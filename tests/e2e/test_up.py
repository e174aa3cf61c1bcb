"""`make up` to the first scheduled run's snapshot; without Prefect's database nothing of the corpus is lost."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.commanding import ROOT
from tests.flows.deployment.prefect_server import OUTLET
from tests.site import RunningSite
from tests.site.running import serve

pytestmark = [
    pytest.mark.slow,
    pytest.mark.prefect,
    pytest.mark.skipif("IRTYSH_UP" not in os.environ, reason="`make up-test` runs it: it takes minutes"),
]


@pytest.fixture
def web() -> Iterator[RunningSite]:
    with serve() as running:
        yield running


def up(data: Path, outlets: Path, web: RunningSite) -> str:
    options = [f"--resolve={pair}" for pair in web.resolve]
    words = ["--once", "steppe", "azat", "--allow-private-hosts", "--delay=0", *options, "--interval=20", "--workers=1"]
    command = [sys.executable, "-m", "infra.up", "--data", str(data), *words, f"--outlets={outlets}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def objects(data: Path, kept: dict[str, str]) -> list[str]:
    """Start the store alone, and return what `irtysh` says of its documents."""
    code = (
        "import json, sys; from pathlib import Path; from infra import up; import os; "
        "stack = up.prepare(Path(sys.argv[1]), os.environ); "
        "stack.start('store', lambda: up._bucket_is_ready(stack.environment)); "
        "up._irtysh(stack, 'documents', '--json'); up._irtysh(stack, 'verify'); stack.stop()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(data)], cwd=ROOT, env=kept, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "has no problems" in done.stdout
    return sorted(line for line in done.stdout.splitlines() if line.startswith(("{", "[")))


def test_the_first_scheduled_run_makes_a_snapshot_and_the_loss_of_prefects_database_loses_nothing(tmp_path, web):
    data, outlets = tmp_path / "up", tmp_path / "outlets"
    outlets.mkdir()
    for name in ("steppe", "azat"):
        feed = web.url(name, "/feed/", by_host=True)
        (outlets / f"{name}.py").write_text(OUTLET.format(name=name, feed=feed))
    said = up(data, outlets, web)
    assert "Completed" in said or "Degraded" in said
    assert "process" in said  # the list of snapshots
    before = objects(data, dict(os.environ))
    assert json.loads(before[0])
    environment = dict(line.split("=", 1) for line in (data / "environment").read_text().splitlines())
    lost = Path(environment["UP_DATABASE"]) / "data" if environment["UP_DATABASE"] else data / "prefect"
    shutil.rmtree(lost)
    shutil.rmtree(data / "prefect", ignore_errors=True)
    up(data, outlets, web)  # deploys and runs again as if nothing had happened
    assert objects(data, dict(os.environ)) == before
    shutil.rmtree(environment["UP_DATABASE"] or data / "prefect")  # for root, it lies outside of `data`
