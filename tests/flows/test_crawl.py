import gzip
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


class RecordingListener:
    def __init__(self) -> None:
        self.notes: list[tuple[str, dict[str, Any]]] = []

    def note(self, kind: str, text: str, **facts: Any) -> None:
        self.notes.append((kind, facts))

    def progress(self, stage: str, done: int, whole: int | None, detail: str = "") -> None:
        pass


def crawl_events(monkeypatch: pytest.MonkeyPatch, *events: Event) -> tuple[reports.CrawlReport, RecordingListener]:
    def run(spec: CrawlSpec, hear: Callable[[Event], None], now: datetime, _: object) -> CrawlResult:
        for event in events:
            hear(event)
        return CrawlResult("run", finished=True, reason="", counts={})

    monkeypatch.setattr(stage, "run_marked", run)
    heard = RecordingListener()
    return stage.crawl(CrawlSpec(run="", store=""), clock=lambda: MADE, listener=heard), heard


@pytest.mark.parametrize(("status", "reason"), [(404, "gone"), (410, "gone"), (500, "http_error"), (403, "http_error")])
def test_a_url_with_an_error_status_is_reported_as_lost(monkeypatch: pytest.MonkeyPatch, status, reason):
    url = "https://steppe.example/missing"
    report, heard = crawl_events(monkeypatch, Event("fetched", url, url, status=status))
    assert report.lost == [reports.LostUrl(url, reason, str(status))]
    assert not report.whole
    assert heard.notes == [("failed", {"url": url, "reason": reason, "detail": str(status)})]


def test_a_redirected_url_is_reported_as_it_was_given(monkeypatch: pytest.MonkeyPatch):
    given, answered = "https://steppe.example/old", "https://steppe.example/new"
    report, heard = crawl_events(monkeypatch, Event("fetched", given, answered, status=200))
    assert report.whole
    assert heard.notes == [("answered", {"url": given, "answered": answered})]


def test_a_fetched_url_that_was_not_redirected_is_not_reported(monkeypatch: pytest.MonkeyPatch):
    url = "https://steppe.example/page"
    assert crawl_events(monkeypatch, Event("fetched", url, url, status=200))[1].notes == []


def test_urls_beyond_the_page_limit_are_reported_and_counted(monkeypatch: pytest.MonkeyPatch):
    url = "https://steppe.example/ninth"
    report, heard = crawl_events(monkeypatch, Event("left", url, url, number=12))
    assert report.left == 12
    assert report.whole
    assert heard.notes == [("left", {"url": url, "number": 12})]


@pytest.mark.parametrize("asked", [{"urls": ("https://a.example/", "https://b.example/")}, {"list_path": "list.txt"}])
def test_progress_reports_the_length_of_the_list(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, asked):
    monkeypatch.chdir(tmp_path)
    Path("list.txt").write_text("# two\nhttps://a.example/\n\n  https://b.example/\n", "utf-8")
    heard = RecordingListener()
    moved: list[int | None] = []
    monkeypatch.setattr(heard, "progress", lambda _stage, _done, whole, _detail="": moved.append(whole))

    def run(spec: CrawlSpec, hear: Callable[[Event], None], now: datetime, _: object) -> CrawlResult:
        hear(Event("fetched", "https://a.example/", "https://a.example/", status=200))
        return CrawlResult("run", finished=True, reason="", counts={})

    monkeypatch.setattr(stage, "run_marked", run)
    stage.crawl(CrawlSpec(run="", store="", **asked), clock=lambda: MADE, listener=heard)
    assert moved == [2]


def test_rejected_pages_are_reported_and_passwords_are_not_stored(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    about = WarcInfo("made", "any", "test")
    head = http_head(b"HTTP/1.1 200 OK", [(b"Content-Type", b"application/pdf")])
    urls = ("http://steppe.example/report.pdf", "http://steppe.example/page")
    warc = tmp_path / "made.warc.gz"
    members = [exchange_member(Exchange(url, MADE, b"", head, b"%PDF"), about) for url in urls]
    with_user = gzip.decompress(members[1]).replace(b"//steppe.example/page", b"//someone:word@steppe.example/page")
    warc.write_bytes(members[0] + gzip.compress(with_user))
    assert import_(str(warc), topic="any", common=CommonOptions(str(tmp_path / "store"), json=True)) == 1
    out = capsys.readouterr().out
    assert '"event": "rejected", "text": "http://steppe.example/report.pdf: not_html' in out
    assert "the URL contains a user name" in out
    assert not [path for path in (tmp_path / "store" / "captures").rglob("*.gz") if b"word@" in path.read_bytes()]


def test_import_without_a_file_is_an_error(tmp_path: Path):
    with pytest.raises(InputError, match="at least one"):
        import_(common=CommonOptions(str(tmp_path / "store")))


def test_a_crawl_that_failed_while_processing_continues_with_the_fetched_pages(
    site: RunningSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    def die(*_: object, **__: object) -> None:
        raise StoreError("the disk has gone")

    urls = [site.url("bulk", f"/{number}.html", by_host=True) for number in range(3)]
    resolve = [word for pair in site.resolve for word in ("--resolve", pair)]
    options = ["--store", str(tmp_path / "store"), "--allow-private-hosts", "--delay", "0", "--topic", "any", "--json"]
    words = ["crawl", *urls, *options, *resolve, "--workers", "1", "--no-prefect"]
    with monkeypatch.context() as patched:
        patched.setattr("flows.commands.crawl.process_after", die)
        assert run(words) == 1
    done = []
    for _ in range(2):
        capfd.readouterr()
        assert run(words) == 0
        done.append(json.loads(capfd.readouterr().out.splitlines()[-1]))
    assert [(one["fetched"], one["skipped"]) for one in done] == [(0, 3), (3, 0)]  # the second run is a new request
    assert done[0]["snapshots"] == [0]
