"""Retries and limits of tasks: which errors are retried, how many runs one outlet may have, and stopping crawls."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any, ParamSpec, TypeVar

from prefect import Task, get_client, task
from prefect.cache_policies import NO_CACHE
from prefect.concurrency.sync import concurrency
from prefect.exceptions import ObjectNotFound

from articles.errors import CorruptError, CrawlError, InUseError, MissingError, StoreError, UnsafeStoreError
from spiders.process.parent import stop_all

P = ParamSpec("P")
R = TypeVar("R")

RETRY_SECONDS = [10.0, 60.0]  # the client of the store has already retried for seconds; an outage takes longer
SLOT_SECONDS = 30.0  # for a slot, and for a busy server to answer: at eight times the usual load 10 s were too few
PERMANENT_ERRORS = (
    CorruptError,
    MissingError,
    UnsafeStoreError,
)  # store errors that a retry cannot solve

shutting_down = threading.Event()  # set when this process is being ended; failures after that are not retried


def retrying_task(name: str, run_name: str | None = None) -> Callable[[Callable[P, R]], Task[P, R]]:
    """Return a decorator that makes a task which retries temporary errors.

    `run_name` may hold the task's parameters in braces.
    """
    return task(
        name=name,
        task_run_name=run_name,
        retries=len(RETRY_SECONDS),
        retry_delay_seconds=RETRY_SECONDS,
        retry_condition_fn=is_retryable,
        cache_policy=NO_CACHE,
    )


def is_retryable(_task: Any, _task_run: Any, state: Any) -> bool:
    """Whether a failed task is retried: after errors of the store and failed crawls, but not after wrong usage."""
    error = state.result(raise_on_failure=False)
    if shutting_down.is_set() or isinstance(error, PERMANENT_ERRORS):
        return False
    return isinstance(error, StoreError | CrawlError)


@contextmanager
def stopping_crawls() -> Iterator[None]:
    """Stop the crawls of this process, and start no others, if the block that waits for them ends with an exception."""
    try:
        yield
    except BaseException:  # cancelled, terminated or interrupted: nothing else stops crawls that run in threads
        shutting_down.set()
        stop_all()
        raise


@contextmanager
def outlet_slot(name: str) -> Iterator[None]:
    """Hold a slot of Prefect's concurrency limit `outlet:<name>`, if there is one. InUseError if none is free.

    `irtysh deploy` makes these limits. They keep runs on several stores from asking one outlet at the same time; for one
    store its leases do.
    """
    limit = f"outlet:{name}"
    with get_client(sync_client=True) as client:
        try:
            client.read_global_concurrency_limit_by_name(limit)
        except ObjectNotFound:
            limited = False
        else:
            limited = True
    slot = concurrency(limit, occupy=1, timeout_seconds=SLOT_SECONDS, strict=True) if limited else nullcontext()
    with ExitStack() as stack:
        try:
            stack.enter_context(slot)
        except TimeoutError as error:
            raise InUseError(f"the concurrency limit {limit} of Prefect has no free slot") from error
        if shutting_down.is_set():
            raise CrawlError(f"{name} was not crawled: the run is being stopped")
        yield
