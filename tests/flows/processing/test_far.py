"""Pages that a cluster extracts give the tables of one machine, byte for byte."""

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from articles.errors import StoreError, UsageError
from articles.model import Reason
from flows import process as stages
from flows.cli import run
from flows.processing import far
from flows.rebuild import rebuild
from storage.captures.segments import list_segments
from storage.objects.directory import DirectoryStore
from tests.flows.making import Seen, article, put, site_page
from tests.flows.tables import Direct, context, log_of, problems
from tests.site import manifest

STRIP = """
from spiders.outlet import Outlet


class Kurier(Outlet):
    domains = ("kurier.example",)
    languages = ("en",)
    article = r"https?://kurier\\.example/\\d+"
    strip = (".boots",)
"""


class Cluster(ThreadPoolExecutor):
    """Runs tasks in threads, and closes as Dask's client does."""

    def close(self):
        self.shutdown()


@pytest.fixture(autouse=True)
def direct(monkeypatch):
    monkeypatch.setattr("flows.processing.table.Workers", Direct)
    monkeypatch.setattr(far, "Workers", Direct)
    monkeypatch.setattr(far, "connect", lambda _: (Cluster(3), 3))


def fill(store, spool, run_name, hour=0):
    pages = [page for page in manifest.pages() if page.documents][:7]
    seen = [site_page(one.outlet, one.path, hour=hour) for one in pages]
    seen += [Seen("http://kurier.example/1", article("Boots") + b'<p class="boots">Boots of felt for all of us.</p>')]
    seen += [Seen("http://kurier.example/2", missed=Reason.TIMEOUT, hour=hour)]
    return put(store, spool, run_name, seen, records=3)


def files(store):
    state = log_of(store).state()
    return {table: sorted(ref.sha256 for ref in state.live(table)) for table in state.files}


def test_a_cluster_gives_the_tables_of_one_machine_whatever_ends_first(tmp_path, monkeypatch):
    read = far._FarSegmentReader.read

    def mixed(self, key, refused):
        segment = read(self, key, refused)
        results = list(segment.results)
        random.Random(key).shuffle(results)  # noqa: S311  no secret
        return far.FarSegment(tuple(results), segment.records, segment.sum, segment.damage)

    monkeypatch.setattr(far._FarSegmentReader, "read", mixed)
    (tmp_path / "kurier.py").write_text(STRIP)
    found = []
    for name, scheduler in (("near", ""), ("far", "tcp://x")):
        store = DirectoryStore(tmp_path / name)
        for number in range(2):  # the second run shows known bodies again
            keys = fill(store, tmp_path / f"spool-{name}", f"run{number}", hour=number)
            if number:  # damaged in its middle
                store.put(keys[1], store.get(keys[1])[:-400])
            options: dict[str, Any] = {
                "scheduler": scheduler,
                "batch_captures": 5,
                "outlets": str(tmp_path / "kurier.py"),
            }
            stages.process(context(store, **options))
        found.append(files(store))
        assert problems(store) == []
        rebuild(context(store, topic="kazakhstan-russia", **options))
        found.append(files(store))
    assert found[:2] == found[2:]
    assert found[0] != found[1]


def test_tasks_that_were_sent_ahead_are_used_by_the_next_batch(tmp_path, monkeypatch):
    store = DirectoryStore(tmp_path / "store")
    keys = [put(store, tmp_path, str(n), [Seen(f"http://steppe.example/{n}", article(f"T {n}"))])[0] for n in range(5)]
    sent = []
    read = far.read_far

    def noted(task, key, refused):
        sent.append(key)
        return read(task, key, refused)

    monkeypatch.setattr(far, "read_far", noted)
    stages.process(context(store, scheduler="tcp://x", batch_captures=1))
    assert sorted(sent) == sorted(keys) == list(list_segments(store))


def test_a_worker_with_other_code_is_refused(tmp_path):
    task = far.FarTask(str(tmp_path), "older")
    with pytest.raises(UsageError, match="other code"):
        far.read_far(task, "captures/a/2026/11/01/r-00000.warc.gz", {})


def test_a_failing_store_on_a_worker_is_an_error_here(tmp_path, monkeypatch):
    store = DirectoryStore(tmp_path / "store")
    put(store, tmp_path / "spool", "run", [Seen("http://steppe.example/1", article("T"))])

    def broken(*_):
        raise StoreError("no disk")

    monkeypatch.setattr(far, "read_far", broken)
    with pytest.raises(StoreError, match="no disk"):
        stages.process(context(store, scheduler="tcp://x"))
    assert log_of(store).head() == -1


@pytest.mark.parametrize("words", [["--engine", "dask"], ["--scheduler", "tcp://127.0.0.1:1"], ["--engine", "ray"]])
def test_engine_and_scheduler_go_together(words, tmp_path, capfd):
    assert run(["process", "--no-prefect", "--store", str(tmp_path), *words]) == 2
    assert words[0] in capfd.readouterr().err.lower()


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.undo()
    monkeypatch.setattr(far, "CONNECT_SECONDS", 0.2)
    with pytest.raises(UsageError, match=r"tcp://127\.0\.0\.1:9"):
        far.connect("tcp://127.0.0.1:9")
