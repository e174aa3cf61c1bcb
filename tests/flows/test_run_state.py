"""How a run went: by outlet, in its state, its name and its message."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from flows.outlets import last_run
from flows.reports import CrawlReport, LostUrl, ProcessReport, RunOutcome
from flows.run_state import RunState, Trouble, summarise

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FINE = CrawlReport("r1", outlet="fine", finished=True, sources=2, pages=30)
DEAD = CrawlReport("r2", outlet="dead", finished=True, sources_failed=Counter({"HTTP 500": 2}))
ERRORS = CrawlReport("r3", outlet="err", finished=True, sources=1, pages_failed=Counter({"HTTP 500": 19, "timeout": 1}))
FLOOD = CrawlReport("r4", outlet="flood", finished=True, sources=1, pages=300, counts={"backlog": 49_700})


@pytest.mark.parametrize(
    ("report", "trouble", "why"),
    [
        (FINE, None, ""),
        (DEAD, Trouble.SILENT, "no source answered: 2 × HTTP 500"),
        (ERRORS, Trouble.FAILING, "20 of 20 pages failed: 19 × HTTP 500, 1 × timeout"),
        (FLOOD, None, ""),
        (CrawlReport(outlet="a", lost=[LostUrl("a", "crawl_failed", "it died\nTraceback")]), Trouble.CRASHED, "it died"),
        (CrawlReport("r", outlet="a", sources=1, stopped="no whole page for 300 s"), Trouble.SLOW, "no whole page for 300 s"),
        (CrawlReport("r", outlet="a", stopped="SIGINT"), Trouble.INTERRUPTED, "SIGINT"),
        (CrawlReport(outlet="a", busy="in use by run x"), None, ""),
        (CrawlReport("r", outlet="a", sources=1, pages=3, pages_failed=Counter({"timeout": 2})), None, ""),
    ],
)  # fmt: skip
def test_the_trouble_of_an_outlet(report, trouble, why):
    (found,) = summarise(RunOutcome((report,))).outlets
    assert (found.trouble, found.why) == (trouble, why)


def test_some_outlets_in_trouble_degrade_a_run_and_its_name_and_message_say_so():
    counts = ProcessReport(counts={"fine": {"new": 30}, "flood": {"new": 1}})
    summary = summarise(RunOutcome((FINE, DEAD, ERRORS, FLOOD), counts))
    assert summary.state is RunState.DEGRADED
    assert summary.title == "4 outlets · 31 new · 1 silent · 1 failing · 49,700 waiting"
    assert summary.message == (
        "dead silent: no source answered: 2 × HTTP 500; err failing: 20 of 20 pages failed: 19 × HTTP 500, 1 × timeout; "
        "flood: 49,700 new articles wait"
    )


def test_a_quarantined_outlet_degrades_a_run():
    summary = summarise(RunOutcome((FINE,), ProcessReport(counts={"fine": {"held": 12}})))
    assert (summary.state, summary.message) == (RunState.DEGRADED, "fine quarantined: 12 pages")


def test_a_run_in_which_no_outlet_answers_has_failed_and_one_without_trouble_is_complete():
    assert summarise(RunOutcome((DEAD,))).state is RunState.FAILED
    assert summarise(RunOutcome((FINE, FLOOD))).state is RunState.COMPLETED
    assert summarise(RunOutcome()).state is RunState.COMPLETED


def test_a_run_whose_outlets_others_ask_says_so():
    assert summarise(RunOutcome((CrawlReport(outlet="a", busy="in use by run x"),))).asked_nothing
    assert not summarise(RunOutcome((FINE, CrawlReport(outlet="a", busy="in use by run x")))).asked_nothing


def test_of_a_list_each_url_counts():
    lost = [LostUrl("http://a.example/", "timeout", "")]
    some = CrawlReport("r", finished=True, pages=1, pages_failed=Counter({"timeout": 1}), lost=lost)
    assert summarise(RunOutcome((some,))).state is RunState.DEGRADED
    none = CrawlReport("r", finished=True, pages_failed=Counter({"timeout": 1}), lost=lost)
    assert summarise(RunOutcome((none,))).state is RunState.FAILED


def test_the_last_run_counts_the_runs_with_the_same_trouble(store):
    for _ in range(3):
        last_run.write(store, ERRORS, {}, NOW)
    last_run.write(store, CrawlReport("r", outlet="err", stopped="SIGTERM"), {}, NOW)  # says nothing about the outlet
    found = last_run.read(store, "err")
    assert found is not None
    assert (found.trouble, found.runs, found.pages_failed) == ("failing", 3, 20)
    last_run.write(store, CrawlReport("r", outlet="err", sources=1), {}, NOW)
    assert last_run.read_each(store, ["err", "unknown"])["err"].trouble == ""
