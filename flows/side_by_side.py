"""Crawl several outlets side by side, each in a process of its own, and process what is fetched meanwhile."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flows.crawl import Clock
from flows.ingest import fetch_one, patience_with
from flows.listener import Listener
from flows.outlets.offline import check_online, public_addresses
from flows.outlets.past_fetches import PastFetches
from flows.processing.table import ProcessingContext
from flows.reports import CrawlReport, RunOutcome
from flows.run_state import is_interrupted
from flows.stopping import StoppedRun
from flows.while_crawling import process_meanwhile
from spiders.outlets import find
from spiders.process.parent import stop_each
from spiders.spec import CrawlSpec

DEFAULT_AT_ONCE = 8  # crawls; each is a process of some 100 MB that mostly waits


@dataclass
class SharedHosts:
    """Keeps outlets that share a domain or a public address from being asked at the same time.

    One host gets one connection, and an address as many as `spec.hosts_per_address` says.
    """

    spec: CrawlSpec
    _locks: dict[str, threading.Semaphore] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Hold all domains and addresses of an outlet while the block runs."""
        domains = {domain.partition(":")[0] for domain in find(name, self.spec.outlets).domains}
        shares = dict.fromkeys(domains, 1)
        if not self.spec.from_archive:
            shares |= dict.fromkeys(public_addresses(domains, self.spec.resolve), self.spec.hosts_per_address)
        with self._lock:
            locks = [self._locks.setdefault(one, threading.Semaphore(shares[one])) for one in sorted(shares)]
        with ExitStack() as stack:
            for lock in locks:  # in order of their names: two outlets cannot wait for each other
                stack.enter_context(lock)
            yield


@dataclass(frozen=True)
class LockedListener:
    """Passes notes and progress of several threads on to one listener, one at a time."""

    listener: Listener
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, text: str, **facts: Any) -> None:
        """Pass a note on."""
        with self._lock:
            self.listener.note(kind, text, **facts)

    def progress(self, stage: str, done: int, whole: int | None, detail: str = "") -> None:
        """Pass the progress of a stage on."""
        with self._lock:
            self.listener.progress(stage, done, whole, detail)


def ingest_outlets(
    spec: CrawlSpec,
    names: Sequence[str],
    context: ProcessingContext,
    scratch: Path,
    *,
    clock: Clock,
    at_once: int = DEFAULT_AT_ONCE,
) -> RunOutcome:
    """Crawl outlets, at most `at_once` at a time, and process what they fetch. Raises StoreError or OfflineError.

    With a web archive, which all of them ask, one outlet is crawled after the other.
    """
    check_online(spec, names)
    stopped, hosts = StoppedRun(), SharedHosts(spec)
    listener = LockedListener(context.listener)
    context = replace(context, listener=listener, recent_only=True)
    past = PastFetches(context.store)

    def fetch(name: str) -> CrawlReport:
        with hosts.of(name):
            if stopped.why:
                return CrawlReport(outlet=name, stopped=stopped.why)
            asked, patience = replace(spec, outlet=name), patience_with(spec, len(names))
            report = fetch_one(
                asked, context.store, scratch, clock=clock, listener=listener, past=past, patience=patience
            )
        if is_interrupted([report]):
            stopped.why = stopped.why or report.stopped
        return report

    pool = ThreadPoolExecutor(1 if spec.from_archive else at_once, thread_name_prefix="outlet")
    try:
        with stopped.on_signals():
            running = [
                pool.submit(copy_context().run, fetch, name) for name in names
            ]  # their spans join that of the run
            return process_meanwhile(
                context, _ended(running), len(running), clock=clock, stopping=lambda: bool(stopped)
            )
    except BaseException:  # the store failed, or a second signal: no crawl may go on
        stopped.why = stopped.why or "an error"
        pool.shutdown(wait=False, cancel_futures=True)
        stop_each(stopped.why)
        raise
    finally:
        pool.shutdown(wait=True)


def _ended(running: Sequence[Future[CrawlReport]]) -> Callable[[], list[CrawlReport]]:
    """Return a function that returns the reports of the crawls that have ended, in the order of their ends."""
    order: list[Future[CrawlReport]] = []
    for future in running:
        future.add_done_callback(order.append)
    return lambda: [future.result() for future in tuple(order)]
