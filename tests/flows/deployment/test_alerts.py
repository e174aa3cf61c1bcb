"""Runs send the events that alerts wait for, and no others."""

from collections import Counter
from pathlib import Path

import pytest
from prefect.events.schemas.automations import EventTrigger

from flows.deployment import events
from flows.deployment.alerts import read_alerts
from flows.outlets.last_run import LastRun
from flows.reports import CrawlReport, ProcessReport, RunOutcome
from flows.run_state import Trouble, summarise
from infra import __file__ as infra

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


def test_a_stopped_run_says_that_captures_wait_and_a_snapshot_that_it_was_made():
    assert names(RunOutcome((STOPPED,))) == [events.CAPTURES_WAITING]
    assert names(RunOutcome((ODD,), ProcessReport(snapshots=(3,)))) == [events.SNAPSHOT_MADE]


def test_each_alert_is_a_trigger_of_an_event_that_exists():
    ours = {value for value in vars(events).values() if isinstance(value, str) and value.startswith("irtysh.")}
    for alert in read_alerts((Path(infra).parent / "alerts.yaml").read_text(encoding="utf-8"), 3600):
        trigger = EventTrigger(**alert["trigger"])
        assert trigger.expect
        assert all(event in ours or event.startswith("prefect.flow-run.") for event in trigger.expect)
