"""Runs send the events that alerts wait for, and no others."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prefect.events.schemas.automations import EventTrigger

from articles.errors import UnreachableError
from flows.deployment import events, settling
from flows.deployment.alerts import read_alerts
from flows.outlets import last_run
from flows.outlets.last_run import LastRun
from flows.reports import CrawlReport, ProcessReport, RunOutcome
from flows.run_state import Trouble, summarise
from infra import __file__ as infra
from storage.objects.directory import DirectoryStore
from tests.flows.making import NOON

SILENT = CrawlReport("r", outlet="quiet", finished=True, sources_failed=Counter({"HTTP 500": 2}))
ODD = CrawlReport("r", outlet="odd", finished=True, sources=1, pages=20)
STOPPED = CrawlReport("r", outlet="odd", stopped="SIGTERM", segments=("captures/a",))


def names(outcome, **runs):
    known = {name: LastRun(name, "r", "", trouble, "", number) for name, (trouble, number) in runs.items()}
    return [event for event, _, _ in events.events_of("s3://b", outcome, summarise(outcome), known)]


@pytest.mark.parametrize(("runs", "found"), [(1, []), (2, []), (3, [events.OUTLET_FAILING]), (4, [])])
def test_an_outlet_that_fails_is_named_once_after_three_runs(runs, found):
    assert names(RunOutcome((SILENT,)), quiet=(Trouble.SILENT, runs)) == found


@pytest.mark.parametrize(("runs", "found"), [(1, [events.OUTLET_QUARANTINED]), (2, [])])
def test_a_quarantined_outlet_is_named_once(runs, found):
    outcome = RunOutcome((ODD,), ProcessReport(counts={"odd": {"held": 20}}))
    assert names(outcome, odd=(Trouble.QUARANTINED, runs)) == found


@pytest.mark.parametrize(
    ("daily", "before", "ended", "found"),
    [
        (7.0, 3.9, 4.1, [events.OUTLET_QUIET]),  # any outlet may name nothing for four days
        (7.0, 3.5, 3.9, []),
        (7.0, 4.1, 4.2, []),  # it was named by the run before
        (0.5, 13.9, 14.1, [events.OUTLET_QUIET]),  # seven articles were expected in two weeks
        (0.5, 4.1, 13.9, []),
        (0.0, 27.9, 28.1, [events.OUTLET_QUIET]),  # it is not known how much it publishes
    ],
)
def test_an_outlet_is_named_once_when_it_has_become_quiet(daily, before, ended, found):
    last, this = (NOON + timedelta(days=days) for days in (before, ended))
    run = LastRun("quiet", "r", this.isoformat(), news=NOON.isoformat(), before=last.isoformat())
    assert [event for event, _, _ in events.quiet("s3://b", {"quiet": run}, {"quiet": daily})] == found
    silent = replace(run, trouble=Trouble.SILENT)
    assert list(events.quiet("s3://b", {"quiet": silent}, {"quiet": daily})) == []


def test_a_status_says_when_an_outlet_last_named_something_new(tmp_path):
    store = DirectoryStore(tmp_path)
    for day, named in enumerate((0, 3, 0, 0)):
        last_run.write(store, CrawlReport("r", outlet="quiet", sources=1, named=named), {}, NOON + timedelta(days=day))
    found = last_run.read(store, "quiet")
    assert found is not None
    assert found.news == (NOON + timedelta(days=1)).isoformat()
    assert found.before == (NOON + timedelta(days=2)).isoformat()


def test_a_store_that_does_not_answer_is_reported_when_it_is_opened(tmp_path, monkeypatch):
    said: list[tuple[str, str]] = []
    monkeypatch.setattr(events, "emit", lambda event, _, payload: said.append((event, payload["why"])))

    def unreachable(*_: object) -> bool:
        raise UnreachableError("it does not answer")

    monkeypatch.setattr("storage.leases.exists", unreachable)
    with pytest.raises(UnreachableError):
        settling.opened(str(tmp_path))
    assert said == [(events.STORE_FAILED, "it does not answer")]


def test_a_stopped_run_says_that_captures_wait_and_a_snapshot_that_it_was_made():
    assert names(RunOutcome((STOPPED,))) == [events.CAPTURES_WAITING]
    assert names(RunOutcome((ODD,), ProcessReport(snapshots=(3,)))) == [events.SNAPSHOT_MADE]


def test_each_alert_is_a_trigger_of_an_event_that_exists():
    ours = {value for value in vars(events).values() if isinstance(value, str) and value.startswith("irtysh.")}
    for alert in read_alerts((Path(infra).parent / "alerts.yaml").read_text(encoding="utf-8"), 3600):
        trigger = EventTrigger(**alert["trigger"])
        assert trigger.expect
        assert all(event in ours or event.startswith("prefect.flow-run.") for event in trigger.expect)
