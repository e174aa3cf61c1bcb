"""kill -9 at random moments, then the same command again: no page is lost, doubled, or visible in part."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from articles.model import Capture, Purpose
from spiders.process.runs import read_run
from storage.objects import ObjectStore
from storage.objects.directory import DirectoryStore
from storage.snapshots.contents import load
from tests.e2e.commanding import ROOT, command, environment, site_options, write_list
from tests.flows.making import put, records
from tests.flows.processing.test_incremental import captures
from tests.flows.tables import log_of, problems, rows
from tests.site import RunningSite, manifest

# In the gate; `make faults` sets more. A run takes 10 to 20 s, most of it until the process has started.
CRAWL_KILLS = int(os.environ.get("IRTYSH_KILLS", "2"))
PROCESS_KILLS = (CRAWL_KILLS + 1) // 2
MAX_RUN_SECONDS = 120.0  # of one run; 15 s on a quiet machine


def run(arguments: list[str], seconds: float) -> bool:
    """Run a command, and kill it and its children after `seconds`. Return whether it ended by itself before that."""
    with subprocess.Popen(
        arguments, cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as one:
        try:
            _, errors = one.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            family = [psutil.Process(one.pid), *psutil.Process(one.pid).children(recursive=True)]
            for member in family:
                with suppress(ProcessLookupError):
                    os.kill(member.pid, signal.SIGKILL)
            psutil.wait_procs(family[1:], timeout=MAX_RUN_SECONDS)
            one.communicate()
            return False
    assert one.returncode == 0, errors.decode()
    return True


def timed(arguments: list[str]) -> float:
    began = time.monotonic()
    assert run(arguments, MAX_RUN_SECONDS)
    return time.monotonic() - began


def pages(store: DirectoryStore) -> list[Capture]:
    """Return the pages in closed segments, in any order."""
    return [one for one in records(store) if isinstance(one, Capture) and one.purpose is Purpose.PAGE]


def corpus(store: ObjectStore) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    """Return the documents and links of the newest snapshot, without the times of their captures."""
    view = load(store, log_of(store).state()).view
    documents = {name: standing.head.row_id for name, standing in view.documents.items()}
    return documents, [(link.kind.value, link.a_document_id, link.b_document_id) for link in view.links]


def resumed_runs(store: DirectoryStore) -> list[set[str]]:
    """Return the groups of runs that continue each other after a kill. After a snapshot a new group begins."""
    runs = [read_run(store, found.key) for found in store.list("runs/")]
    resumed = {name for one in runs for name in one.resumes}
    return [{one.run, *one.resumes} for one in runs if one.run not in resumed]


def consumed(store: DirectoryStore) -> Counter[str]:
    """Count how often the newest snapshot refers to each record."""
    return Counter(row["capture_record_id"] for row in rows(store, "fetches", "capture_record_id"))


def crawl_command(site: RunningSite, folder: Path, store: Path) -> list[str]:
    wanted = [page for page in manifest.pages() if page.documents and not page.disallowed]
    source = write_list(folder, [site.url(page.outlet, page.path, by_host=True) for page in wanted])
    politeness = [*site_options(site, delay=0.15, concurrency=1), "--allow-private-hosts"]
    more = ["--segment-seconds", "0.2", "--workers", "1", "--topic", "any"]
    return command("crawl", "--from", source, "--store", store, *politeness, *more)


@pytest.mark.slow
def test_a_killed_crawl_continues_where_it_stopped(quiet_site: RunningSite, tmp_path: Path):
    rng = random.Random(20261122)  # noqa: S311  the same moments every time
    whole = timed(crawl_command(quiet_site, tmp_path, tmp_path / "whole"))
    expected = corpus(DirectoryStore(tmp_path / "whole"))
    assert len(expected[0]) > 20
    kills = ends = interrupted = 0
    while kills < CRAWL_KILLS or not ends:
        store = DirectoryStore(tmp_path / f"killed-{ends}")
        arguments = crawl_command(quiet_site, tmp_path, Path(store.url))
        stored: set[str] = set()
        while not run(arguments, rng.uniform(0.3, 1.0) * whole if kills < CRAWL_KILLS else MAX_RUN_SECONDS):
            kills += 1
            assert problems(store) == []
            now = {one.ref.record_id for one in pages(store)}
            assert stored <= now
            interrupted += len(now) > len(stored)
            stored = now
        ends += 1
        assert problems(store) == []
        once = consumed(store)
        assert set(once.values()) == {1}
        assert stored <= once.keys()
        for chain in resumed_runs(store):  # stored pages are not fetched again
            assert set(Counter(one.url for one in pages(store) if one.run in chain).values()) == {1}
        assert corpus(store) == expected
    assert interrupted  # at least one kill hit the fetching


@pytest.mark.slow
@pytest.mark.skipif(
    "IRTYSH_KILLS" not in os.environ, reason="`make faults` runs it; test_killed_commands.py is its short form"
)
def test_a_killed_process_continues_where_it_stopped(tmp_path: Path):
    rng = random.Random(20261123)  # noqa: S311  the same moments every time

    def filled(name: str) -> tuple[DirectoryStore, list[str]]:
        store = DirectoryStore(tmp_path / name)
        put(store, tmp_path / "spool", "run", captures(), records=1)
        return store, [sys.executable, "-m", "tests.flows.process_store", store.url, "2"]

    whole_store, arguments = filled("whole")
    whole = timed(arguments)
    expected = corpus(whole_store)
    kills = ends = heads = 0
    while kills < PROCESS_KILLS or not ends:
        store, arguments = filled(f"killed-{ends}")
        while not run(arguments, rng.uniform(0.3, 1.0) * whole if kills < PROCESS_KILLS else MAX_RUN_SECONDS):
            kills += 1
            heads += log_of(store).head() >= 0
            assert problems(store) == []
        ends += 1
        assert problems(store) == []
        assert consumed(store) == consumed(whole_store)
        assert corpus(store) == expected
    assert heads  # at least one kill was between two commits
