"""A Dask scheduler and two workers that share only the bucket; one is killed; the tables are those of one machine."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psutil
import pytest

from storage.objects import open_store
from storage.objects.directory import DirectoryStore
from storage.tables.log_reader import LogReader
from tests.e2e.commanding import ROOT, irtysh
from tests.flows.making import put, site_page
from tests.seaweed import S3Server, free_ports, seaweed
from tests.site import manifest

PAGES = 80
DEADLINE_SECONDS = 120.0

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("IRTYSH_KILLS" not in os.environ, reason="`make faults` runs it; test_far.py is its short form"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with seaweed(tmp_path_factory.mktemp("weed")) as running:
        yield running


@contextlib.contextmanager
def started(folder: Path, env: Mapping[str, str], *words: str) -> Iterator[psutil.Process]:
    """Run a module of Dask in a folder of its own, and kill it and what it started."""
    folder.mkdir()
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen([sys.executable, "-m", *words], cwd=folder, env=dict(env), stdout=log, stderr=log)
    process = psutil.Process(running.pid)
    try:
        yield process
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            for one in [*process.children(recursive=True), process]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.kill()
        running.wait()


def wait_for(what: str, look: Callable[[], object]) -> None:
    until = time.monotonic() + DEADLINE_SECONDS
    while not look():
        assert time.monotonic() < until, f"waited in vain for {what}"
        time.sleep(0.05)


def files(url: str) -> dict[str, list[str]]:
    state = LogReader(open_store(url)).state()
    return {table: sorted(ref.sha256 for ref in state.live(table)) for table in state.files}


def test_a_cluster_of_which_one_worker_is_killed_makes_the_snapshot_of_one_machine(tmp_path, server, monkeypatch):
    pytest.importorskip("distributed")
    local = DirectoryStore(tmp_path / "local")
    pages = [page for page in manifest.pages() if page.documents][:PAGES]
    put(local, tmp_path / "spool", "run", (site_page(one.outlet, one.path) for one in pages), records=4)
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
    url = f"s3://{server.bucket}/far"
    far = open_store(url)
    for info in local.list("captures/"):
        far.put_new(info.key, local.get(info.key))
    assert irtysh("process", "--store", local.url, "--no-prefect", "--workers", "1").code == 0

    (port,) = free_ports(1)
    address = f"tcp://127.0.0.1:{port}"
    env = {**os.environ, **server.env, "PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "10s"}
    worker = ("distributed.cli.dask_worker", address, "--no-nanny", "--nthreads", "1", "--no-dashboard")
    with (
        started(
            tmp_path / "scheduler", env, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"
        ),
        started(tmp_path / "one", env, *worker, "--local-directory", str(tmp_path / "one")) as victim,
        started(tmp_path / "two", env, *worker, "--local-directory", str(tmp_path / "two")),
    ):  # fmt: skip
        command = ["process", "--store", url, "--no-prefect", "--engine", "dask", "--scheduler", address, "--json"]
        with subprocess.Popen(
            [sys.executable, "-m", "flows.cli", *command], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
        ) as running:
            wait_for("the worker's first segment", lambda: victim.children(recursive=True))
            for one in victim.children(recursive=True):
                one.kill()
            victim.kill()
            out, _ = running.communicate(timeout=DEADLINE_SECONDS)
        assert running.returncode == 0, out
    assert files(url) == files(local.url)
    assert len(files(url)["documents"]) > 0
