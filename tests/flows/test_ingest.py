from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from articles.errors import CrawlError, CrawlStopError
from flows import ingest
from flows.listener import SilentListener
from flows.reports import CrawlReport
from spiders.spec import CrawlSpec
from storage.objects.directory import DirectoryStore


def now() -> datetime:
    return datetime(2026, 11, 1, tzinfo=UTC)


def fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ends: dict[str, Any]) -> tuple[CrawlReport, ...]:
    """Fetch outlets whose crawls end with the given errors or reports."""

    def crawl(spec: CrawlSpec, **_: Any) -> CrawlReport:
        end = ends[spec.outlet]
        if isinstance(end, Exception):
            raise end
        return end

    monkeypatch.setattr(ingest, "crawl", crawl)
    store = DirectoryStore(tmp_path / "store")
    return ingest.fetch_outlets(
        CrawlSpec(run="", store=store.url), tuple(ends), store, tmp_path, clock=now, listener=SilentListener()
    )


def test_a_failed_crawl_of_one_outlet_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    after = CrawlReport(run="b", finished=True)
    reports = fetched(monkeypatch, tmp_path, {"orda": CrawlError("it died"), "vlast": after})
    assert [(lost.text, lost.detail) for lost in reports[0].lost] == [("orda", "it died")]
    assert not reports[0].whole
    assert reports[1] is after


def test_no_outlet_is_crawled_after_an_interrupted_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    stopped = CrawlReport(run="a", stopped="SIGINT")
    assert fetched(monkeypatch, tmp_path, {"orda": stopped, "vlast": CrawlReport(run="b", finished=True)}) == (stopped,)


def test_no_outlet_is_crawled_after_one_that_had_to_be_killed_when_it_was_stopped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (report,) = fetched(monkeypatch, tmp_path, {"orda": CrawlStopError("killed"), "vlast": CrawlReport(run="b")})
    assert [lost.detail for lost in report.lost] == ["killed"]


def test_an_empty_store_has_no_known_urls(tmp_path: Path):
    assert list(ingest.known_urls(DirectoryStore(tmp_path), "anyone")) == []
