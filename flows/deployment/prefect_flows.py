"""Prefect flows of the pipeline: `infra/prefect.yaml` deploys them, and commands run them if a Prefect API is configured.

    crawl    a list of URLs -> captures -> snapshot
    ingest   new articles of outlets -> captures -> snapshot
    process  captures that no snapshot has consumed -> snapshots
    rebuild  all captures -> new tables
    release  a snapshot -> a published data set

A task is the crawl of one outlet, or a batch of about a thousand captures. If a run is cancelled, its crawls stop. What
they have fetched is in the store, and the next run processes it.
"""

import os
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from prefect import State, flow
from prefect.futures import PrefectFuture
from prefect.states import Completed
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner
from prefect.utilities.annotations import quote

from articles.errors import InputError, InUseError
from articles.metadata.reservations import Use
from flows import process as stages
from flows.crawl import crawl as fetch
from flows.deployment.run_log import RunListener, write_release_artifact
from flows.deployment.run_states import EndedCrawls, OutletCrawls, ended
from flows.deployment.settling import opened, sign_of_life
from flows.deployment.task_limits import outlet_slot, retrying_task, shutting_down, stopping_crawls
from flows.ingest import fetch_outlet, patience_with
from flows.options import CrawlOptions, ProcessOptions, is_empty, now, processing_context, resolved_store
from flows.outlets.offline import check_online
from flows.outlets.past_fetches import PastFetches
from flows.process import Processor
from flows.processing.table import ProcessingContext
from flows.processing.topics import specify
from flows.rebuild import rebuild as stage_rebuild
from flows.release import ReleaseReport
from flows.release import release as stage_release
from flows.reports import CrawlReport, ProcessReport, RunOutcome
from flows.scratch import sweep
from flows.side_by_side import DEFAULT_AT_ONCE, SharedHosts
from flows.stopping import StoppedRun
from flows.while_crawling import process_after, process_meanwhile
from spiders import outlets as known
from spiders.spec import CrawlSpec
from storage import leases
from storage.objects import ObjectStore
from storage.snapshots.catalog import resolve
from storage.snapshots.refs import LATEST
from storage.tables.log_reader import LogReader

MAX_CONCURRENT_TASKS = 64  # threads that mostly wait; `at_once` says how many crawls run
MAX_OUTLET_TAGS = 10  # of one flow run; the artifact names all its outlets
WORKER_RUN_VARIABLE = "PREFECT__FLOW_RUN_ID"  # set by workers for the process of a run
crawls: TaskRunner[PrefectFuture[Any]] = ThreadPoolTaskRunner(max_workers=MAX_CONCURRENT_TASKS)  # type: ignore[assignment]  # invariance


@flow(name="crawl", task_runner=crawls)
def crawl(
    *,
    urls: list[str] | None = None,
    list_path: str = "",
    list_name: str = "",
    store: str = "",
    crawling: CrawlOptions = CrawlOptions(),
    processing: ProcessOptions = ProcessOptions(),
) -> State[RunOutcome]:
    """Fetch a list of URLs, process the captures, and make a snapshot.

    Args:
        urls: URLs to fetch.
        list_path: File with one URL per line, on the machine of the worker, instead of `urls`.
        list_name: Name of that file in messages.
        store: Path or s3://bucket/prefix of the store. Default: IRTYSH_STORE on the machine of the run.
        crawling: Topic, delays and limits of the crawl.
        processing: Options of processing.
    """
    if bool(urls) == bool(list_path):
        raise InputError("give either urls or list_path, not both")
    corpus = opened(resolved_store(store))
    spec = replace(_spec(corpus, store, crawling), urls=tuple(urls or ()), list_path=list_path, list_name=list_name)
    stopped = _stopped()
    with sign_of_life(corpus, []), stopping_crawls(), stopped.on_signals():
        fetched = fetch_urls.submit(spec).result()
        context = _context(corpus, processing, crawling.outlets, fetched.run)
        outcome = process_after(context, [fetched], clock=now, step=process_batch)
    return ended("crawl", corpus, outcome)


@flow(name="ingest", task_runner=crawls)
def ingest(
    *,
    names: list[str] | None = None,
    since: str = "",
    until: str = "",
    from_archive: str = "",
    revisit: Literal["due", "all", "none"] = "due",
    at_once: int = DEFAULT_AT_ONCE,
    store: str = "",
    crawling: CrawlOptions = CrawlOptions(),
    processing: ProcessOptions = ProcessOptions(),
) -> State[RunOutcome]:
    """Discover new articles of outlets in their feeds, sitemaps and listings, fetch and process them, and make a snapshot.

    Args:
        names: Names of outlets, as `irtysh outlets` lists them. Default: all.
        since: Fetch articles from this date on, such as 2024-01-01. Default: only new articles.
        until: Last date of the articles to fetch, included.
        from_archive: Fetch from a web archive instead of the outlets: `wayback`, `commoncrawl` or the URL of a CDX server.
        revisit: Known articles to fetch again: `due` (by their age), `all` or `none`.
        at_once: Maximum number of outlets to ask at the same time.
        store: Path or s3://bucket/prefix of the store. Default: IRTYSH_STORE on the machine of the run.
        crawling: Topic, delays and limits of the crawl.
        processing: Options of processing.
    """
    wanted = names or sorted(known.load(crawling.outlets))
    for name in wanted:
        known.find(name, crawling.outlets)
    corpus = opened(resolved_store(store))
    spec = _spec(corpus, store, crawling)
    spec = replace(spec, since=since, until=until, from_archive=from_archive, revisit=revisit)
    check_online(spec, wanted)
    sweep(now())
    stopped, tags = _stopped(), [f"outlet:{name}" for name in wanted[:MAX_OUTLET_TAGS]]
    with sign_of_life(corpus, tags), stopping_crawls(), stopped.on_signals():
        shared = OutletCrawls(SharedHosts(spec), PastFetches(corpus), stopped, len(wanted))
        turns = threading.BoundedSemaphore(1 if from_archive else at_once)
        as_they_are: Any = quote(shared), quote(turns)  # Prefect unwraps them
        running = [
            fetch_new_articles.with_options(tags=[f"outlet:{name}"]).submit(
                name, corpus, replace(spec, outlet=name), as_they_are[0], as_they_are[1]
            )
            for name in wanted
        ]
        context = replace(_context(corpus, processing, crawling.outlets), recent_only=True)
        done = EndedCrawls(wanted, running)
        outcome = process_meanwhile(
            context, done, len(running), clock=now, step=process_batch, stopping=lambda: bool(stopped)
        )
    for error in done.errors:  # its task has logged it; the captures of all other outlets are processed now
        raise error
    return ended("ingest", corpus, outcome, crawling.outlets)


@flow(name="process")
def process(*, store: str = "", processing: ProcessOptions = ProcessOptions(), outlets: str = "") -> State[RunOutcome]:
    """Process captures that no snapshot has consumed, and make new snapshots.

    Args:
        store: Path or s3://bucket/prefix of the store. Default: IRTYSH_STORE on the machine of the run.
        processing: Options of processing.
        outlets: File or folder of outlets in addition to the built-in ones.
    """
    corpus = opened(resolved_store(store))
    with sign_of_life(corpus, []):
        context = _context(corpus, processing, outlets)
        outcome = RunOutcome(processed=stages.process(context, process_batch))
    return ended("process", corpus, outcome)


@flow(name="rebuild")
def rebuild(*, store: str = "", processing: ProcessOptions = ProcessOptions(), outlets: str = "") -> State[RunOutcome]:
    """Process all captures again, and replace all tables in one snapshot.

    Args:
        store: Path or s3://bucket/prefix of the store. Default: IRTYSH_STORE on the machine of the run.
        processing: Options of processing.
        outlets: File or folder of outlets in addition to the built-in ones.
    """
    corpus = opened(resolved_store(store))
    with sign_of_life(corpus, []), leases.held(corpus, "rebuild", "another rebuild", now):
        outcome = RunOutcome(processed=rebuild_all(_context(corpus, processing, outlets)))
    return ended("rebuild", corpus, outcome)


@flow(name="release")
def release(
    *,
    ref: str = LATEST,
    name: str = "",
    note: str = "",
    store: str = "",
    purpose: Literal["archive", "research", "training"] | None = None,
    non_consumptive: bool = False,
) -> ReleaseReport | State[Any]:
    """Publish a snapshot in the store as a plain data set: Parquet, a card and checksums. A release never changes.

    Args:
        ref: Snapshot to publish: `latest`, a number, a tag or a date.
        name: Name of the release: letters, digits, `.`, `_` and `-`. Default: the day, such as 2026-11-29.
        note: Sentence for the card of the data set.
        store: Path or s3://bucket/prefix of the store. Default: IRTYSH_STORE on the machine of the run.
        purpose: Leave out documents whose publishers reserve this use.
        non_consumptive: Leave the running texts out, and count their words.
    """
    corpus = opened(resolved_store(store))
    if is_empty(corpus):
        return Completed(message=f"{corpus.url} is empty: there is nothing to publish.")
    use = Use(purpose) if purpose else None
    report = publish(corpus, ref, name or f"{now():%Y-%m-%d}", note, use, non_consumptive=non_consumptive)
    write_release_artifact(corpus, report)
    return report


@retrying_task("fetch", "fetch a list")
def fetch_urls(spec: CrawlSpec) -> CrawlReport:
    """Fetch a list of URLs, and store the captures."""
    with RunListener("crawl") as listener:
        return fetch(spec, clock=now, listener=listener)


@retrying_task("fetch", "fetch {name}")
def fetch_new_articles(
    name: str, store: ObjectStore, spec: CrawlSpec, crawls: OutletCrawls, turns: threading.BoundedSemaphore
) -> CrawlReport:
    """Fetch the new articles of one of several outlets, unless another run asks it now."""
    with RunListener(name) as listener, turns, crawls.hosts.of(name):
        if crawls.stopped:
            return CrawlReport(outlet=name, stopped=crawls.stopped.why)
        try:
            with outlet_slot(name), tempfile.TemporaryDirectory(prefix="irtysh-") as scratch:
                patience = patience_with(spec, crawls.outlets)
                return fetch_outlet(
                    spec, store, Path(scratch), clock=now, listener=listener, past=crawls.past, patience=patience
                )
        except InUseError as error:
            listener.note("busy", f"{name}: not asked now: {error}", outlet=name, detail=str(error))
            return CrawlReport(outlet=name, busy=str(error))


@retrying_task("batch")
def process_batch(processor: Processor) -> ProcessReport | None:
    """Process and commit one batch of pending captures; None if none is pending."""
    return processor.step()


@retrying_task("rebuild")
def rebuild_all(context: ProcessingContext) -> ProcessReport:
    """Process all captures again, in one commit."""
    return stage_rebuild(context)


@retrying_task("publish", "publish {name}")
def publish(
    store: ObjectStore, ref: str, name: str, note: str, purpose: Use | None = None, *, non_consumptive: bool = False
) -> ReleaseReport:
    """Write the files of a release, the checksums last."""
    log = LogReader(store)
    with RunListener("release") as listener:
        return stage_release(
            log,
            resolve(log, ref),
            name,
            note=note,
            now=now(),
            listener=listener,
            purpose=purpose,
            non_consumptive=non_consumptive,
        )


def _spec(store: ObjectStore, url: str, crawling: CrawlOptions) -> CrawlSpec:
    return crawling.spec(resolved_store(url), specify(store, crawling.topic))


def _context(store: ObjectStore, processing: ProcessOptions, outlets: str, run: str = "") -> ProcessingContext:
    listener = RunListener("process")
    return processing_context(store, listener, processing, run, outlets=outlets)


def _stopped() -> StoppedRun:
    """Return how this run is stopped: also by the exit of its worker, since nobody else would pass that on."""
    return StoppedRun(shutting_down.set, has_worker=bool(os.environ.get(WORKER_RUN_VARIABLE)))
