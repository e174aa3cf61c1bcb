import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from articles.errors import InputError, StoreError
from flows import crawl as stage
from flows import reports
from flows.cli import run
from flows.commands.process import import_
from flows.options import CommonOptions
from spiders.process.parent import CrawlResult
from spiders.spec import CrawlSpec, Event
from storage.captures.warc import Exchange, WarcInfo, exchange_member, http_head
from tests.site import RunningSite

MADE = datetime(2026, 11, 1, tzinfo=UTC)


class Heard:
    def __init__(self) -> None:
        self.notes: list[tuple[str, dict[str, Any]]] = []

    def note(self, kind: str, text: str, **facts: Any) -> None:
        self.notes.append((kind, facts))

    def progress(self, stage: str, done: int, whole: int | None, detail: str = "") -> None:
        pass


def told(monkeypatch: pytest.MonkeyPatch, *events: Event) -> tuple[reports.CrawlReport, Heard]:
    def run(spec: CrawlSpec, hear: Callable[[Event], None], now: datetime) -> CrawlResult:
        for event in events:
            hear(event)
        return CrawlResult("run", finished=True, reason="", counts={})

    monkeypatch.setattr(stage, "run_marked", run)
    heard = Heard()
    return stage.crawl(CrawlSpec(run="", store=""), clock=lambda: MADE, listener=heard), heard


@pytest.mark.parametrize(("status", "reason"), [(404, "gone"), (410, "gone"), (500, "http_error"), (403, "http_error")])
def test_a_url_that_is_answered_with_an_error_is_lost_and_named(monkeypatch: pytest.MonkeyPatch, status, reason):
    url = "https://steppe.example/missing"
    report, heard = told(monkeypatch, Event("fetched", url, url, status=status))
    assert report.lost == [reports.LostUrl(url, reason, str(status))]
    assert not report.whole
    assert heard.notes == [("failed", {"url": url, "reason": reason, "detail": str(status)})]


def test_a_url_that_another_one_answers_is_named_as_it_was_given(monkeypatch: pytest.MonkeyPatch):
    given, answered = "https://steppe.example/old", "https://steppe.example/new"
    report, heard = told(monkeypatch, Event("fetched", given, answered, status=200))
    assert report.whole
    assert heard.notes == [("answered", {"url": given, "answered": answered})]


def test_a_url_that_answers_for_itself_needs_no_word(monkeypatch: pytest.MonkeyPatch):
    url = "https://steppe.example/page"
    assert told(monkeypatch, Event("fetched", url, url, status=200))[1].notes == []


def test_what_is_left_of_a_list_is_named_and_counted(monkeypatch: pytest.MonkeyPatch):
    url = "https://steppe.example/ninth"
    report, heard = told(monkeypatch, Event("left", url, url, number=12))
    assert report.left == 12
    assert report.whole
    assert heard.notes == [("left", {"url": url, "number": 12})]


@pytest.mark.parametrize("asked", [{"urls": ("https://a.example/", "https://b.example/")}, {"list_path": "list.txt"}])
def test_progress_knows_how_long_the_list_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, asked):
    monkeypatch.chdir(tmp_path)
    Path("list.txt").write_text("# two\nhttps://a.example/\n\n  https://b.example/\n", "utf-8")
    heard = Heard()
    moved: list[int | None] = []
    monkeypatch.setattr(heard, "progress", lambda _stage, _done, whole, _detail="": moved.append(whole))

    def run(spec: CrawlSpec, hear: Callable[[Event], None], now: datetime) -> CrawlResult:
        hear(Event("fetched", "https://a.example/", "https://a.example/", status=200))
        return CrawlResult("run", finished=True, reason="", counts={})

    monkeypatch.setattr(stage, "run_marked", run)
    stage.crawl(CrawlSpec(run="", store="", **asked), clock=lambda: MADE, listener=heard)
    assert moved == [2]


def test_pages_without_a_document_are_named_and_no_password_is_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    about = WarcInfo("made", "any", "test")
    head = http_head(b"HTTP/1.1 200 OK", [(b"Content-Type", b"application/pdf")])
    urls = ("http://steppe.example/report.pdf", "http://someone:word@steppe.example/page")
    warc = tmp_path / "made.warc.gz"
    warc.write_bytes(b"".join(exchange_member(Exchange(url, MADE, b"", head, b"%PDF"), about) for url in urls))
    assert import_(warc, topic="any", common=CommonOptions(str(tmp_path / "store"), json=True)) == 1
    out = capsys.readouterr().out
    assert '"event": "rejected", "text": "http://steppe.example/report.pdf: not_html' in out
    assert "it names a user" in out
    assert not [path for path in (tmp_path / "store" / "captures").rglob("*.gz") if b"word@" in path.read_bytes()]


def test_import_needs_a_file(tmp_path: Path):
    with pytest.raises(InputError, match="at least one"):
        import_(common=CommonOptions(str(tmp_path / "store")))


def test_a_command_that_died_while_processing_goes_on_with_what_it_fetched(
    site: RunningSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    def die(*_: object) -> None:
        raise StoreError("the disk has gone")

    urls = [site.url("bulk", f"/{number}.html", by_host=True) for number in range(3)]
    resolve = [word for pair in site.resolve for word in ("--resolve", pair)]
    options = ["--store", str(tmp_path / "store"), "--allow-private-hosts", "--delay", "0", "--topic", "any", "--json"]
    words = ["crawl", *urls, *options, *resolve, "--workers", "1", "--no-prefect"]
    with monkeypatch.context() as patched:
        patched.setattr("flows.commands.crawl.process", die)
        assert run(words) == 1
    done = []
    for _ in range(2):
        capfd.readouterr()
        assert run(words) == 0
        done.append(json.loads(capfd.readouterr().out.splitlines()[-1]))
    assert [(one["fetched"], one["skipped"]) for one in done] == [(0, 3), (3, 0)]  # the second is a new wish
    assert done[0]["snapshots"] == [0]
