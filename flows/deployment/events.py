"""Events that flow runs send to Prefect at their end: what alerts and automations (`infra/alerts.yaml`) wait for."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import MappingProxyType
from typing import Any

from prefect.events import emit_event

from articles.errors import StoreError
from articles.harmless import harmless
from flows.outlets import last_run
from flows.outlets.health import quiet_time
from flows.outlets.last_run import LastRun
from flows.reports import RunOutcome
from flows.run_state import RunState, RunSummary, Trouble
from storage.objects import ObjectStore

NOTHING_EXPECTED: Mapping[str, float] = MappingProxyType({})
FAILING_RUNS = 3  # in a row, after which an outlet in trouble is worth a message: a single outage mends itself
SNAPSHOT_MADE = "irtysh.snapshot.made"
CAPTURES_WAITING = "irtysh.captures.waiting"
OUTLET_QUARANTINED = "irtysh.outlet.quarantined"
OUTLET_QUIET = "irtysh.outlet.quiet"
OUTLET_FAILING = "irtysh.outlet.failing"
REBUILD_WAITING = "irtysh.rebuild.waiting"
STORE_FAILED = "irtysh.store.failed"


def emit(event: str, resource: str, payload: Mapping[str, Any]) -> None:
    """Send an event about a store or an outlet of one."""
    texts = {name: harmless(value) if isinstance(value, str) else value for name, value in payload.items()}
    emit_event(event, resource={"prefect.resource.id": resource}, payload=texts)


def emit_outcome(
    store: ObjectStore, outcome: RunOutcome, summary: RunSummary, daily: Mapping[str, float] = NOTHING_EXPECTED
) -> None:
    """Send the events of a run that has ended. `daily` says how many articles a day outlets are expected to publish."""
    runs = last_run.read_each(store, [one.name for one in summary.outlets if one.name])
    for event, resource, payload in (*events_of(store.url, outcome, summary, runs), *quiet(store.url, runs, daily)):
        emit(event, resource, payload)


def events_of(
    store: str, outcome: RunOutcome, summary: RunSummary, runs: Mapping[str, LastRun]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the events of a run: name, resource and payload. `runs` says how often each trouble came in a row."""
    resource = f"irtysh.store.{store}"
    if outcome.processed.snapshots:
        yield SNAPSHOT_MADE, resource, {"store": store, "snapshot": outcome.processed.snapshots[-1]}
    if summary.state is RunState.INTERRUPTED and any(report.segments for report in outcome.fetched):
        yield CAPTURES_WAITING, resource, {"store": store}
    for one in summary.troubled:
        about = runs.get(one.name)
        if about is None or one.trouble is Trouble.INTERRUPTED or about.trouble != one.trouble:
            continue
        payload = {"store": store, "outlet": one.name, "trouble": about.trouble, "why": one.why, "runs": about.runs}
        if one.trouble is Trouble.QUARANTINED and about.runs == 1:
            yield OUTLET_QUARANTINED, f"irtysh.outlet.{one.name}", payload
        elif about.runs == FAILING_RUNS:
            yield OUTLET_FAILING, f"irtysh.outlet.{one.name}", payload


def quiet(
    store: str, runs: Mapping[str, LastRun], daily: Mapping[str, float]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield an event for each outlet that has become quiet with this run: its sources answer, and name nothing new."""
    for name, run in sorted(runs.items()):
        if run.trouble or not (run.news and run.before):
            continue
        since, limit = datetime.fromisoformat(run.news), quiet_time(daily.get(name, 0.0))
        ended, before = (datetime.fromisoformat(one) for one in (run.ended, run.before))
        if before - since <= limit < ended - since:
            payload = {
                "store": store,
                "outlet": name,
                "since": run.news,
                "why": f"no new article since {since:%Y-%m-%d}",
            }
            yield OUTLET_QUIET, f"irtysh.outlet.{name}", payload


@contextmanager
def reporting_outages(store: str) -> Iterator[None]:
    """Send an event if the store fails in the block."""
    try:
        yield
    except StoreError as error:
        emit(STORE_FAILED, f"irtysh.store.{store}", {"store": store, "why": str(error)})
        raise
