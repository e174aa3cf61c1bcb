"""Quarantine: pages of a redesign stay out of the corpus until their run passes the checks or is released."""

import shutil
from typing import Any

import pytest

from articles.model import Discovery, Reason
from flows import process as stages
from flows import reports
from flows.rebuild import rebuild
from storage import quarantine
from storage.objects.directory import DirectoryStore
from storage.snapshots import lookup_layers
from tests.flows.making import SENTENCES, Seen, put
from tests.flows.tables import Direct, context, rows

SOURCE = Discovery("Feed:http://steppe.example/rss", "http://steppe.example/rss")
OLD, NEW = (
    "<main><article class='story'>{}</article></main>",
    "<section class='react-root'><div class='x'>{}</div></section>",
)


@pytest.fixture(autouse=True)
def direct(monkeypatch):
    monkeypatch.setattr("flows.processing.table.Workers", Direct)
    monkeypatch.setattr(lookup_layers, "MIN_TEXTS", 0)  # with stored look-ups; other tests read all rows


@pytest.fixture
def store(tmp_path):
    return DirectoryStore(tmp_path / "store")


@pytest.fixture(scope="module")
def after_first_run(tmp_path_factory):
    """A folder with a store after a first run: 30 pages of each of two outlets, in their usual template."""
    folder = tmp_path_factory.mktemp("first")
    hosts = ("steppe.example", "orda.example")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.processing.table.Workers", Direct)
        pages = (page(host, number, OLD, 0) for host in hosts for number in range(30))
        crawl(DirectoryStore(folder / "store"), folder, "one", *pages)
    return folder / "store"


@pytest.fixture
def begun(after_first_run, tmp_path):
    """A copy of that store for one test."""
    shutil.copytree(after_first_run, tmp_path / "store")
    return DirectoryStore(tmp_path / "store")


def page(host: str, number: int, template: str, day: int, discovery: Discovery | None = SOURCE) -> Seen:
    text = "".join(f"<p>{sentence} It was day {number} of the count.</p>" for sentence in SENTENCES)
    body = template.format(f"<h1>Wagons, day {number}</h1>{text}")
    head = '<meta charset="utf-8"><meta property="article:published_time" content="2026-11-01T08:00:00+05:00">'
    html = (
        f"<!doctype html><html lang=en><head>{head}<title>Wagons, day {number}</title></head><body>{body}</body></html>"
    )
    return Seen(f"http://{host}/{number}", html.encode(), hour=24 * day, discovery=discovery)


def crawl(store, tmp_path, run: str, *seen: Seen) -> reports.ProcessReport:
    put(store, tmp_path / "spool", run, seen)
    return stages.process(context(store))


def urls(store) -> set[str]:
    return {row["url"] for row in rows(store, "documents")}


def quarantined(store) -> set[str]:
    return {row["url"] for row in rows(store, "fetches") if row["reason"] == Reason.QUARANTINED}


def test_a_redesign_is_quarantined_and_other_outlets_are_not(begun, tmp_path):
    before = urls(begun)
    new = [page("steppe.example", n, NEW, 1) for n in range(30, 38)]
    same = [page("orda.example", n, OLD, 1) for n in range(30, 38)]
    report = crawl(begun, tmp_path, "two", *new, *same)
    assert urls(begun) - before == {one.url for one in same}
    assert quarantined(begun) == {one.url for one in new}
    assert report.counts["steppe.example"]["held"] == len(new)
    marks = quarantine.marks(begun)
    assert [*marks] == [("steppe.example", "two")]
    assert "template" in marks["steppe.example", "two"].why[0]


def test_a_released_run_enters_the_corpus_without_another_fetch(begun, tmp_path):
    new = [page("steppe.example", n, NEW, 1) for n in range(30, 38)]
    crawl(begun, tmp_path, "two", *new)
    assert stages.process(context(begun)).snapshots == ()  # nothing has changed: the run stays in quarantine
    quarantine.change(begun, lambda _: {})
    report = stages.process(context(begun))
    assert {one.url for one in new} <= urls(begun)
    assert report.counts["steppe.example"]["kept"] == len(new)
    assert stages.process(context(begun)).snapshots == ()
    later = [page("steppe.example", n, NEW, 2) for n in range(40, 48)]
    crawl(begun, tmp_path, "three", *later)  # the released template is now the usual one
    assert {one.url for one in later} <= urls(begun)


def test_a_quarantined_run_enters_the_corpus_if_it_passes_with_changed_rules(begun, tmp_path, monkeypatch):
    new = [page("steppe.example", n, NEW, 1) for n in range(30, 38)]
    crawl(begun, tmp_path, "two", *new)
    quarantine.change(
        begun, lambda marks: {key: quarantine.QuarantineMark(*key, mark.why, "older") for key, mark in marks.items()}
    )
    stages.process(context(begun))
    assert {one.url for one in new} <= urls(begun)
    assert quarantine.marks(begun) == {}


def test_a_run_without_dates_stays_quarantined_with_changed_rules(begun, tmp_path):
    new = [page("steppe.example", n, NEW, 1) for n in range(30, 38)]
    dateless = [
        Seen(one.url, one.body.replace(b"2026-11-01T08:00:00+05:00", b""), hour=one.hour, discovery=SOURCE)
        for one in new
    ]
    crawl(begun, tmp_path, "two", *dateless)
    before = urls(begun)
    quarantine.change(
        begun, lambda marks: {key: quarantine.QuarantineMark(*key, mark.why, "older") for key, mark in marks.items()}
    )
    stages.process(context(begun))
    assert urls(begun) == before
    (mark,) = quarantine.marks(begun).values()
    assert mark.rules != "older"
    assert mark.why[0].startswith("dated")


def test_a_rebuild_keeps_quarantined_runs_out(begun, tmp_path):
    crawl(begun, tmp_path, "two", *(page("steppe.example", n, NEW, 1) for n in range(30, 38)))
    before = urls(begun)
    rebuild(context(begun))
    assert urls(begun) == before
    assert len(quarantined(begun)) == 8


@pytest.mark.parametrize(
    "discovery", [None, Discovery("Wayback:http://archive.example/cdx", "http://archive.example/")]
)
def test_listed_urls_and_archived_pages_are_never_quarantined(begun, tmp_path, discovery):
    new = [page("steppe.example", n, NEW, 1, discovery) for n in range(30, 38)]
    crawl(begun, tmp_path, "two", *new)
    assert {one.url for one in new} <= urls(begun)


def test_pages_older_than_the_known_runs_are_not_judged_by_them(begun, tmp_path):
    new = [page("steppe.example", n, NEW, -400) for n in range(30, 38)]
    crawl(begun, tmp_path, "two", *new)
    assert {one.url for one in new} <= urls(begun)


def test_marks_of_two_writers_are_both_kept(store):
    one, two = (quarantine.QuarantineMark("steppe.example", run, ("dated: 0%",), "r") for run in ("a", "b"))
    asked: list[Any] = []

    def slow(before):
        if not asked:
            asked.append(quarantine.change(store, lambda marks: {**marks, two.key: two}))
        return {**before, one.key: one}

    assert quarantine.change(store, slow) == {one.key: one, two.key: two}
