"""End a flow run so that its state, name and artifacts say how it went: Completed, Degraded, Failed or Cancelled."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
from prefect import State, get_client
from prefect.futures import PrefectFuture
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from prefect.states import Cancelled, Completed, Failed

from articles.errors import CrawlError
from flows.deployment.events import emit_outcome
from flows.deployment.run_log import write_artifacts
from flows.outlets.past_fetches import PastFetches
from flows.reports import CrawlReport, LostUrl, RunOutcome
from flows.run_state import RunState, RunSummary, summarise
from flows.side_by_side import SharedHosts
from flows.stopping import StoppedRun
from spiders.outlets import load
from storage.objects import ObjectStore

TROUBLE_TAG = "trouble:"


@dataclass(frozen=True, slots=True)
class OutletCrawls:
    """What the crawls of several outlets share."""

    hosts: SharedHosts
    past: PastFetches
    stopped: StoppedRun
    outlets: int


@dataclass
class EndedCrawls:
    """The reports of the crawls that have ended, in the order of their ends; called to get them.

    `errors` are those that no report can hold: of the store, and of the input.
    """

    names: Sequence[str]
    running: Sequence[PrefectFuture[Any]]
    errors: list[BaseException] = field(default_factory=list)
    _reports: list[CrawlReport] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Note each end."""
        for name, future in zip(self.names, self.running, strict=True):
            future.add_done_callback(self._note(name))

    def __call__(self) -> Sequence[CrawlReport]:
        """Return the reports so far."""
        return tuple(self._reports)

    def _note(self, name: str) -> Callable[[PrefectFuture[Any]], None]:
        def note(future: PrefectFuture[Any]) -> None:
            result = future.result(raise_on_failure=False)
            if isinstance(result, CrawlReport):
                self._reports.append(result)
                return
            if not isinstance(result, CrawlError) and isinstance(result, BaseException):
                self.errors.append(result)
            self._reports.append(CrawlReport(outlet=name, lost=[LostUrl(name, "crawl_failed", str(result))]))

        return note


def ended(kind: str, store: ObjectStore, outcome: RunOutcome, outlets: str = "") -> State[RunOutcome]:
    """Write the artifacts of a run, name it by how it went, and return its state.

    `outlets` is a file or folder of outlets in addition to the built-in ones.
    """
    summary = summarise(outcome)
    write_artifacts(store, outcome, summary)
    emit_outcome(store, outcome, summary, {name: one.daily for name, one in load(outlets).items()})
    if outcome.fetched:
        _name(f"{kind} {summary.title}", summary)
    message = summary.message or (summary.title if outcome.fetched else "")
    match summary.state:
        case RunState.INTERRUPTED:
            return Cancelled(message=f"Stopped; what was fetched is in the store. {message}", data=outcome)
        case RunState.FAILED:
            return Failed(message=f"No outlet answered. {message}", data=outcome)
        case RunState.DEGRADED:
            return Completed(name="Degraded", message=message, data=outcome)
    return Completed(message=message, data=outcome)


def _name(name: str, summary: RunSummary) -> None:
    """Name this flow run, and tag it with the outlets in trouble."""
    tags = [*flow_run.tags, *(f"{TROUBLE_TAG}{one.name}" for one in summary.troubled if one.name)]
    try:
        with get_client(sync_client=True) as client:
            now = client.read_flow_run(UUID(str(flow_run.id))).tags
            client.update_flow_run(UUID(str(flow_run.id)), name=name, tags=list(dict.fromkeys([*now, *tags])))
    except httpx.HTTPError as error:
        get_run_logger().warning("The Prefect API does not rename this run: %r", error)
