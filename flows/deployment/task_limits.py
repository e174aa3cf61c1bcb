"""What holds a task back: a limit of an outlet's, an error that trying again can't mend, a run that is ending."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, ParamSpec, TypeVar

from prefect import Task, get_client, task
from prefect.cache_policies import NO_CACHE
from prefect.concurrency.sync import concurrency
from prefect.exceptions import ObjectNotFound

from articles.errors import CorruptError, CrawlError, MissingError, StoreError, UnsafeStoreError
from spiders.process.parent import stop_all

P = ParamSpec("P")
R = TypeVar("R")

RETRY_SECONDS = [10.0, 60.0]  # the store's client has tried for seconds already; an outage takes longer
HOPELESS = (CorruptError, MissingError, UnsafeStoreError)  # of the store's errors, those that time does not mend

shutting_down = threading.Event()  # this process has been told to end: what fails now failed for that


def persistent(name: str, run_name: str | None = None) -> Callable[[Callable[P, R]], Task[P, R]]:
    """Make a task that is tried again where that may help. `run_name` may hold the task's parameters in braces."""
    return task(
        name=name,
        task_run_name=run_name,
        retries=len(RETRY_SECONDS),
        retry_delay_seconds=RETRY_SECONDS,
        retry_condition_fn=worth_another_try,
        cache_policy=NO_CACHE,
    )


def worth_another_try(_task: Any, _task_run: Any, state: Any) -> bool:
    """Whether a failed task may succeed if it is tried again: errors of the store and dead crawls, not wrong usage."""
    error = state.result(raise_on_failure=False)
    if shutting_down.is_set() or isinstance(error, HOPELESS):
        return False
    return isinstance(error, StoreError | CrawlError)


@contextmanager
def stopping_crawls() -> Iterator[None]:
    """Stop the crawls of this process if the block that waits for them is left early, and keep others from starting."""
    try:
        yield
    except BaseException:  # cancelled, terminated, interrupted: nobody else would stop crawls that run in threads
        shutting_down.set()
        stop_all()
        raise


@contextmanager
def outlet_slot(name: str) -> Iterator[None]:
    """Wait for a slot of the limit `outlet:<name>`, if Prefect has such a limit.

    `prefect gcl create outlet:tengrinews --limit 1` keeps any number of workers from asking one outlet at a time.
    """
    limit = f"outlet:{name}"
    with get_client(sync_client=True) as client:
        try:
            client.read_global_concurrency_limit_by_name(limit)
        except ObjectNotFound:
            limited = False
        else:
            limited = True
    with concurrency(limit, occupy=1, strict=True) if limited else nullcontext():
        if shutting_down.is_set():
            raise CrawlError(f"{name} was not crawled: the run is ending")
        yield
