"""Signs of life of flow runs in the store, and the settlement of what dead ones have left in Prefect.

After a reboot Prefect's server still lists runs as running, and keeps the slots of concurrency limits taken, since their
leases were in its memory. Whoever starts next settles that: each of our flow runs holds a lease in its store, and a run
that is listed as running without one is dead.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from prefect import State, get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
from prefect.client.schemas.filters import FlowRunFilter
from prefect.logging import get_run_logger
from prefect.runtime import deployment, flow_run
from prefect.states import Cancelled, Crashed

from flows.deployment.events import reporting_outages
from flows.deployment.witness import witnessed
from flows.monitoring.monitored import monitored, of_environment
from storage import leases
from storage.objects import ObjectStore, open_store

STARTING_TIME = timedelta(minutes=2)  # between the state Running and the run's first sign of life
LIMIT_PREFIX = "outlet:"
REACHABLE = "reachable"  # name of a lease that nobody takes: looking for it asks the store
PAGE = 200  # what Prefect's API returns at most
RUNNING = ("RUNNING", "CANCELLING")
_settling = threading.Lock()


def store_tag(store: ObjectStore) -> str:
    """Return the tag of the flow runs that work on a store."""
    return f"store:{store.url}"


def opened(url: str) -> ObjectStore:
    """Open the store of a flow run. If it does not answer, an event says so, as it does later in the run."""
    store = open_store(url)
    with reporting_outages(store.url):
        leases.exists(store, REACHABLE)
    return store


@contextmanager
def sign_of_life(store: ObjectStore, tags: list[str]) -> Iterator[None]:
    """Show in the store that this flow run lives while the block runs. First settle what dead ones have left."""
    run = str(flow_run.id or "")
    if not run:
        yield
        return
    lease = leases.held(store, _lease(run), f"flow run {run}", lambda: datetime.now(UTC), forget=True)
    with witnessed(run), reporting_outages(store.url), lease:
        with get_client(sync_client=True) as client:
            wanted = [*flow_run.tags, store_tag(store), *tags]
            client.update_flow_run(UUID(run), tags=list(dict.fromkeys(wanted)))
        settle(store, run)
        with monitored(str(flow_run.flow_name), store, of_environment()):
            yield


def settle(store: ObjectStore, run: str = "") -> None:
    """End flow runs of a store that are dead, cancel the late ones of our own deployment, and free slots left over.

    Nothing here is needed for the corpus: if Prefect does not answer, this is logged.
    """
    logger = get_run_logger()
    try:
        with get_client(sync_client=True) as client, _settling:
            others = [one for one in _runs(client, state={"type": {"any_": list(RUNNING)}}) if str(one.id) != run]
            now = datetime.now(UTC)
            alive = 0
            for one in others:
                if not _is_dead(store, one, now):
                    alive += 1
                    continue
                since = f"{one.start_time or one.created:%Y-%m-%d %H:%M} UTC"
                message = f"No sign of life: its process, which began at {since}, was killed or its machine restarted."
                state: State[Any] = (
                    Cancelled(message=message) if one.state_type == "CANCELLING" else Crashed(message=message)
                )
                client.set_flow_run_state(one.id, state, force=True)
                logger.warning("Flow run %r was listed as running, but is dead: %s", one.name, state.name)
            if deployment.id:
                _cancel_late(client, UUID(str(deployment.id)), run, now)
            if not alive:
                _free_slots(client)
    except httpx.HTTPError as error:
        logger.warning("What dead runs have left in Prefect was not settled: %r", error)


def _is_dead(store: ObjectStore, one: Any, now: datetime) -> bool:
    began = one.start_time or one.created
    if store_tag(store) not in one.tags or began is None or now - began < STARTING_TIME:
        return store_tag(store) in one.tags and _lease_ended(store, str(one.id), now)
    return leases.current(store, _lease(str(one.id)), now) is None


def _lease_ended(store: ObjectStore, run: str, now: datetime) -> bool:
    """Whether a young run had a sign of life that has ended: then it is dead for certain."""
    return leases.exists(store, _lease(run)) and leases.current(store, _lease(run), now) is None


def _cancel_late(client: Any, ours: UUID, run: str, now: datetime) -> None:
    """Cancel scheduled runs of a deployment that are overdue: this run does their work. So no queue builds up."""
    state = {"type": {"any_": ["SCHEDULED"]}}
    for one in _runs(client, state=state, deployment_id={"any_": [str(ours)]}):
        if str(one.id) != run and one.auto_scheduled and one.next_scheduled_start_time < now:
            client.set_flow_run_state(one.id, Cancelled(message=f"Late; flow run {run} does its work."), force=True)


def _free_slots(client: Any) -> None:
    """Set the slots of outlets' limits free: none of the flow runs that Prefect knows is running."""
    offset = 0
    while limits := client.read_global_concurrency_limits(limit=PAGE, offset=offset):
        for limit in limits:
            if limit.name.startswith(LIMIT_PREFIX) and limit.active_slots:
                client.update_global_concurrency_limit(limit.name, GlobalConcurrencyLimitUpdate(active_slots=0))
        offset += len(limits)


def _runs(client: Any, **wanted: Any) -> list[Any]:
    found = client.read_flow_runs(flow_run_filter=FlowRunFilter.model_validate(wanted), limit=PAGE)
    return list(found)


def _lease(run: str) -> str:
    return f"flow-{run}"
