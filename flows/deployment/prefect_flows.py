"""Prefect flows of the pipeline: `infra/prefect.yaml` deploys them, and commands run them if a Prefect API is configured.

    crawl    a list of URLs -> captures -> snapshot
    ingest   new articles of outlets -> captures -> snapshot
    process  captures that no snapshot has consumed -> snapshots
    rebuild  all captures -> new tables
    release  a snapshot -> a published data set

A task is the crawl of one outlet, or a batch of about a thousand captures. If a run is cancelled, its crawls stop. What
they have fetched is in the store, and the next run processes it.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from prefect import flow
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from articles.errors import InputError
from articles.metadata.reservations import Use
from flows import process as stages
from flows.crawl import crawl as fetch
from flows.crawl import mark_finished
from flows.deployment.run_log import RunListener, write_artifacts, write_release_artifact
from flows.deployment.task_limits import outlet_slot, retrying_task, stopping_crawls
from flows.ingest import fetch_outlet, patience_with
from flows.options import CrawlOptions, ProcessOptions, now, processing_context, resolved_store
from flows.process import Processor
from flows.processing.topics import specify
from flows.release import ReleaseReport
from flows.release import release as stage_release
from flows.reports import CrawlReport, ProcessReport, RunOutcome
from spiders import outlets as known
from spiders.spec import CrawlSpec
from storage.objects import ObjectStore, open_store
from storage.snapshots.catalog import resolve
from storage.tables.log_reader import LogReader

# Each crawl is a process of about 100 MB that mostly waits, since every outlet has its own hosts.
MAX_CONCURRENT_CRAWLS = 4
crawls: TaskRunner[PrefectFuture[Any]] = ThreadPoolTaskRunner(max_workers=MAX_CONCURRENT_CRAWLS)  # type: ignore[assignment]  # invariance


@flow(name="crawl", task_runner=crawls)
def crawl(
    *,
    urls: list[str] | None = None,
    list_path: str = "",
    list_name: str = "",
    store: str = "",
    crawling: CrawlOptions = CrawlOptions(),
    processing: ProcessOptions = ProcessOptions(),
) -> RunOutcome:
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
    corpus = open_store(resolved_store(store))
    spec = replace(_spec(corpus, store, crawling), urls=tuple(urls or ()), list_path=list_path, list_name=list_name)
    with stopping_crawls():
        fetched = fetch_urls.submit(spec).result()
    return _processed(corpus, processing, crawling.outlets, [fetched])


@flow(name="ingest", task_runner=crawls)
def ingest(
    *,
    names: list[str] | None = None,
    since: str = "",
    until: str = "",
    from_archive: str = "",
    revisit: str = "due",
    store: str = "",
    crawling: CrawlOptions = CrawlOptions(),
    processing: ProcessOptions = ProcessOptions(),
) -> RunOutcome:
    """Discover new articles of outlets in their feeds, sitemaps and listings, fetch and process them, and make a snapshot.

    Args:
        names: Names of outlets, as `irtysh outlets` lists them. Default: all.
        since: Fetch articles from this date on, such as 2024-01-01. Default: only new articles.
        until: Last date of the articles to fetch, included.
        from_archive: Fetch from a web archive instead of the outlets: `wayback`, `commoncrawl` or the URL of a CDX server.
        revisit: Known articles to fetch again: `due` (by their age), `all` or `none`.
        store: Path or s3://bucket/prefix of the store. Default: IRTYSH_STORE on the machine of the run.
        crawling: Topic, delays and limits of the crawl.
        processing: Options of processing.
    """
    wanted = names or sorted(known.load(crawling.outlets))
    for name in wanted:
        known.find(name, crawling.outlets)
    corpus = open_store(resolved_store(store))
    spec = _spec(corpus, store, crawling)
    spec = replace(spec, since=since, until=until, from_archive=from_archive, revisit=revisit)
    with stopping_crawls():
        running = [fetch_new_articles.submit(name, corpus, replace(spec, outlet=name), len(wanted)) for name in wanted]
        ended: list[CrawlReport | BaseException] = [future.result(raise_on_failure=False) for future in running]
    outcome = _processed(
        corpus, processing, crawling.outlets, [report for report in ended if isinstance(report, CrawlReport)]
    )
    for result in ended:
        if isinstance(
            result, BaseException
        ):  # its task has logged it; the captures of all other outlets are processed now
            raise result
    return outcome


@flow(name="process")
def process(*, store: str = "", processing: ProcessOptions = ProcessOptions(), outlets: str = "") -> RunOutcome:
    """Process captures that no snapshot has consumed, and make new snapshots.

    Args:
        store: Path or s3://bucket/prefix of the store. Default: IRTYSH_STORE on the machine of the run.
        processing: Options of processing.
        outlets: File or folder of outlets in addition to the built-in ones.
    """
    return _processed(open_store(resolved_store(store)), processing, outlets)


@flow(name="rebuild")
def rebuild(*, store: str = "", processing: ProcessOptions = ProcessOptions(), outlets: str = "") -> RunOutcome:
    """Process all captures again, and replace all tables in one snapshot.

    Args:
        store: Path or s3://bucket/prefix of the store. Default: IRTYSH_STORE on the machine of the run.
        processing: Options of processing.
        outlets: File or folder of outlets in addition to the built-in ones.
    """
    corpus = open_store(resolved_store(store))
    with RunListener("rebuild") as listener:
        outcome = RunOutcome(processed=rebuild_all(processing_context(corpus, listener, processing, outlets=outlets)))
    write_artifacts(corpus, outcome)
    return outcome


@flow(name="release")
def release(
    *,
    ref: str,
    name: str,
    note: str = "",
    store: str = "",
    purpose: Literal["archive", "research", "training"] | None = None,
) -> ReleaseReport:
    """Publish a snapshot in the store as a plain data set: Parquet, a card and checksums. A release never changes.

    Args:
        ref: Snapshot to publish: `latest`, a number, a tag or a date.
        name: Name of the release: letters, digits, `.`, `_` and `-`.
        note: Sentence for the card of the data set.
        store: Path or s3://bucket/prefix of the store. Default: IRTYSH_STORE on the machine of the run.
        purpose: Leave out documents whose publishers reserve this use.
    """
    corpus = open_store(resolved_store(store))
    report = publish(corpus, ref, name, note, Use(purpose) if purpose else None)
    write_release_artifact(corpus, report)
    return report


@retrying_task("fetch", "fetch a list")
def fetch_urls(spec: CrawlSpec) -> CrawlReport:
    """Fetch a list of URLs, and store the captures."""
    with RunListener("crawl") as listener:
        return fetch(spec, clock=now, listener=listener)


@retrying_task("fetch", "fetch {name}")
def fetch_new_articles(name: str, store: ObjectStore, spec: CrawlSpec, outlets: int) -> CrawlReport:
    """Fetch the new articles of one of several outlets, within its concurrency limit if it has one."""
    with outlet_slot(name), RunListener(name) as listener, tempfile.TemporaryDirectory(prefix="irtysh-") as scratch:
        patience = patience_with(spec, outlets)
        return fetch_outlet(spec, store, Path(scratch), clock=now, listener=listener, patience=patience)


@retrying_task("batch")
def process_batch(processor: Processor) -> ProcessReport | None:
    """Process and commit one batch of pending captures; None if none is pending."""
    return processor.step()


@retrying_task("rebuild")
def rebuild_all(context: stages.ProcessingContext) -> ProcessReport:
    """Process all captures again, in one commit."""
    return stages.rebuild(context)


@retrying_task("publish", "publish {name}")
def publish(store: ObjectStore, ref: str, name: str, note: str, purpose: Use | None = None) -> ReleaseReport:
    """Write the files of a release, the checksums last."""
    log = LogReader(store)
    with RunListener("release") as listener:
        return stage_release(log, resolve(log, ref), name, note=note, now=now(), listener=listener, purpose=purpose)


def _spec(store: ObjectStore, url: str, crawling: CrawlOptions) -> CrawlSpec:
    return crawling.spec(resolved_store(url), specify(store, crawling.topic))


def _processed(
    store: ObjectStore, processing: ProcessOptions, outlets: str, fetched: Sequence[CrawlReport] = ()
) -> RunOutcome:
    """Process pending captures, mark the crawls as finished, and write the artifacts of the run."""
    with RunListener("process") as listener:
        run = fetched[0].run if fetched else ""
        outcome = RunOutcome(
            tuple(fetched),
            stages.process(processing_context(store, listener, processing, run, outlets=outlets), process_batch),
        )
    mark_finished(store, fetched, now)
    write_artifacts(store, outcome)
    return outcome
