"""Pairs that a cluster compares give the links and the files of one machine, byte for byte."""

import random

import pytest

from articles.errors import UsageError
from articles.links import pair_budget
from flows import process as stages
from flows.cli import run
from flows.processing import far, far_links, pair_work
from storage.objects.directory import DirectoryStore
from tests.flows.making import Seen, article, put
from tests.flows.processing.test_far import Cluster
from tests.flows.tables import Direct, context, log_of, rows
from tests.parallel.making import event, other_report, write_report


@pytest.fixture
def sent(monkeypatch):
    """Tasks that a cluster of three threads got."""
    sent = []
    compare = far_links.compare_far

    def noted(task):
        sent.append(task)
        return compare(task)

    monkeypatch.setattr("flows.processing.table.Workers", Direct)
    monkeypatch.setattr(far, "Workers", Direct)
    monkeypatch.setattr(far, "connect", lambda _: (Cluster(3), 3))
    monkeypatch.setattr(far_links, "compare_far", noted)
    monkeypatch.setattr(pair_work, "MIN_FAR_PAIRS", 1)
    monkeypatch.setattr(far_links, "MIN_TASK_PAIRS", 1)
    return sent


@pytest.fixture(scope="module")
def seen():
    """Two reports of two events each, in two languages."""
    dice = random.Random(5)  # noqa: S311  synthetic texts
    pages = []
    for number in range(2):
        first = event(dice)
        for place, report in enumerate((first, other_report(dice, first))):
            for lang in ("en", "ru"):
                text = write_report(report, lang, dice)
                body = article(text.split(".")[0][:60], *text.split("\n\n"))
                body = body.replace(b'lang="en"', f'lang="{lang}"'.encode())
                pages.append(Seen(f"http://{lang}{place}.example/{number}", body, hour=number))
    return pages


def files(store):
    state = log_of(store).state()
    return {table: sorted(ref.sha256 for ref in state.live(table)) for table in state.files}


def made(tmp_path, seen, name, scheduler):
    store = DirectoryStore(tmp_path / name)
    late = seen[3::4]  # these rows meet rows with stored vectors
    for number, pages in enumerate(([one for one in seen if one not in late], late)):
        put(store, tmp_path / f"spool-{name}", f"run{number}", pages)
        stages.process(context(store, scheduler=scheduler))
    return store


def test_a_cluster_links_as_one_machine_does(tmp_path, seen, sent):
    near, distant = (made(tmp_path, seen, name, scheduler) for name, scheduler in (("near", ""), ("far", "tcp://x")))
    assert files(near) == files(distant)
    assert any(row["kind"] == "translation_of" for row in rows(distant, "links", "kind"))
    assert files(distant)["vectors"]
    assert any(task.vectors for task in sent)
    assert len(sent) > 1


def test_rows_without_budget_are_cut_on_a_cluster_as_on_one_machine(tmp_path, seen, sent, monkeypatch):
    monkeypatch.setattr(pair_budget, "ROW_UNITS", 3_000)
    monkeypatch.setattr(pair_budget, "MAX_ROW_UNITS", 5_000)
    monkeypatch.setattr(pair_budget, "POOL_UNITS", 4_000)
    near, distant = (made(tmp_path, seen, name, scheduler) for name, scheduler in (("near", ""), ("far", "tcp://x")))
    assert files(near) == files(distant)
    counts = [commit.counts for commit in log_of(distant).state().history]
    assert any(one.get("links_cut") for one in counts)
    assert sent


def test_pairs_that_the_cluster_gave_up_are_compared_here(tmp_path, seen, sent, monkeypatch):
    compare = far_links.compare_far

    def none(task):
        results, codes = compare(task)
        return (None, *results[1:]), codes

    near = made(tmp_path, seen, "near", "")
    monkeypatch.setattr(far_links, "compare_far", none)
    assert files(made(tmp_path, seen, "far", "tcp://x")) == files(near)
    assert sent


def test_a_worker_with_other_encoders_is_refused(tmp_path):
    task = far_links.LinkTask(str(tmp_path), ("x", "y", "z"), (), (), {}, ())
    with pytest.raises(UsageError, match="other code"):
        far_links.compare_far(task)


def test_relink_finds_near_duplicates_and_translations_on_a_cluster(tmp_path, seen, sent, capfd):
    pytest.importorskip("dask")
    near, distant = made(tmp_path, seen, "near", ""), made(tmp_path, seen, "far", "")
    assert run(["relink", "--store", near.url]) == 0
    assert sent == []
    assert run(["relink", "--engine", "dask", "--scheduler", "tcp://x", "--store", distant.url]) == 0
    assert files(near) == files(distant)
    assert sent
    assert run(["relink", "--scheduler", "tcp://x", "--store", distant.url]) == 2
    assert "is for --engine dask" in capfd.readouterr().err
