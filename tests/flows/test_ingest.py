from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from articles.errors import CrawlError, InUseError
from flows import ingest, side_by_side, while_crawling
from flows.reports import CrawlReport, RunOutcome
from flows.run_state import RunState, summarise
from spiders.spec import CrawlSpec
from storage.objects.directory import DirectoryStore
from tests.flows.tables import context


def now() -> datetime:
    return datetime(2026, 11, 1, tzinfo=UTC)


def fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ends: dict[str, Any]) -> RunOutcome:
    """Ingest outlets whose crawls end with the given errors or reports, one after the other."""

    def crawl(spec: CrawlSpec, **_: Any) -> CrawlReport:
        end = ends[spec.outlet]
        if isinstance(end, Exception):
            raise end
        return end

    monkeypatch.setattr(ingest, "crawl", crawl)
    monkeypatch.setattr(side_by_side, "check_online", lambda *_: None)
    monkeypatch.setattr(while_crawling, "mark_finished", lambda *_: None)
    store = DirectoryStore(tmp_path / "store")
    base = CrawlSpec(run="", store=store.url)
    return side_by_side.ingest_outlets(base, tuple(ends), context(store), tmp_path, clock=now, at_once=1)


def test_a_failed_crawl_of_one_outlet_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    after = CrawlReport(outlet="vlast", finished=True)
    outcome = fetched(monkeypatch, tmp_path, {"orda": CrawlError("it died"), "vlast": after})
    assert [(lost.text, lost.detail) for lost in outcome.fetched[0].lost] == [("orda", "it died")]
    assert outcome.fetched[1] is after
    summary = summarise(outcome)
    assert (summary.state, summary.title) == (RunState.DEGRADED, "2 outlets · 0 new · 1 crashed")
    assert summary.message == "orda crashed: it died"


def test_an_outlet_that_another_run_asks_is_left_to_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    after = CrawlReport(outlet="vlast", finished=True)
    outcome = fetched(monkeypatch, tmp_path, {"orda": InUseError("in use by run a"), "vlast": after})
    assert outcome.fetched[0].busy == "in use by run a"
    assert summarise(outcome).state is RunState.COMPLETED
    assert summarise(outcome).message == "orda is asked by another run"


def test_no_outlet_is_crawled_after_an_interrupted_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    stopped = CrawlReport(outlet="orda", run="a", stopped="SIGINT")
    outcome = fetched(monkeypatch, tmp_path, {"orda": stopped, "vlast": CrawlReport(run="b", finished=True)})
    assert [report.stopped for report in outcome.fetched] == ["SIGINT", "SIGINT"]
    assert outcome.fetched[1].run == ""
    assert summarise(outcome).state is RunState.INTERRUPTED


def test_an_empty_store_has_no_known_urls(tmp_path: Path):
    assert list(ingest.known_urls(DirectoryStore(tmp_path), "anyone")) == []
