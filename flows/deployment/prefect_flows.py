"""The stages as Prefect flows: what `infra/prefect.yaml` deploys, and what commands run where a Prefect API is configured.

    crawl    a list of URLs -> captures -> snapshot
    ingest   what outlets have published -> captures -> snapshot
    process  captures that no snapshot has consumed -> snapshots
    rebuild  all captures -> fresh tables
    release  a snapshot -> a published data set

A task is an outlet's crawl or a batch of about a thousand captures. A run that is cancelled stops its crawls, and all
that they had fetched is in the store; the next run takes it up.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from articles.errors import InputError
from flows import process as stages
from flows.crawl import crawl as fetch
from flows.crawl import settle
from flows.deployment.run_log import RunListener, tell, tell_release
from flows.deployment.task_limits import outlet_slot, persistent, stopping_crawls
from flows.ingest import fetch_outlet
from flows.options import CrawlOptions, ProcessOptions, means, now, resolved_store
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

CRAWLS = 4  # at a time: each is a process of some 100 MB that mostly waits, since every outlet has its own hosts
crawls: TaskRunner[PrefectFuture[Any]] = ThreadPoolTaskRunner(max_workers=CRAWLS)  # type: ignore[assignment]  # invariance


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
    """Fetch a list of URLs, process them and make a snapshot.

    Args:
        urls: What to fetch.
        list_path: A file with one URL a line, on the machine of the worker, instead of `urls`.
        list_name: How messages call that file.
        store: A path or s3://bucket/prefix; by default what IRTYSH_STORE says where the run takes place.
        crawling: What is kept, and how the crawl behaves towards the hosts it asks.
        processing: How pages are read.
    """
    if bool(urls) == bool(list_path):
        raise InputError("a crawl takes either urls or list_path")
    corpus = open_store(resolved_store(store))
    asked = replace(_spec(corpus, store, crawling), urls=tuple(urls or ()), list_path=list_path, list_name=list_name)
    with stopping_crawls():
        fetched = fetch_urls.submit(asked).result()
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
    """Find new articles of known outlets by their feeds, sitemaps and listings, fetch and process them, make a snapshot.

    Args:
        names: Outlets, as `irtysh outlets` lists them; all of them by default.
        since: A date to reach back to; without it only what is new is asked for.
        until: A date, itself included; articles dated after it are not asked for.
        from_archive: `wayback`, `commoncrawl` or the address of a CDX server, instead of the outlets themselves.
        revisit: Which known articles are asked for again: those that are `due` by their age, `all`, or `none`.
        store: A path or s3://bucket/prefix; by default what IRTYSH_STORE says where the run takes place.
        crawling: What is kept, and how the crawl behaves towards the hosts it asks.
        processing: How pages are read.
    """
    wanted = names or sorted(known.load(crawling.outlets))
    for name in wanted:
        known.find(name, crawling.outlets)
    corpus = open_store(resolved_store(store))
    asked = _spec(corpus, store, crawling)
    asked = replace(asked, since=since, until=until, from_archive=from_archive, revisit=revisit)
    with stopping_crawls():
        running = [fetch_news.submit(name, corpus, replace(asked, outlet=name)) for name in wanted]
        ended: list[CrawlReport | BaseException] = [future.result(raise_on_failure=False) for future in running]
    outcome = _processed(corpus, processing, crawling.outlets, [one for one in ended if isinstance(one, CrawlReport)])
    for one in ended:
        if isinstance(one, BaseException):  # of one outlet, whose task has logged it; the others' news are safe now
            raise one
    return outcome


@flow(name="process")
def process(*, store: str = "", processing: ProcessOptions = ProcessOptions(), outlets: str = "") -> RunOutcome:
    """Take captures that no snapshot has consumed into new snapshots.

    Args:
        store: A path or s3://bucket/prefix; by default what IRTYSH_STORE says where the run takes place.
        processing: How pages are read.
        outlets: A file or folder of outlets beside the built-in ones.
    """
    return _processed(open_store(resolved_store(store)), processing, outlets)


@flow(name="rebuild")
def rebuild(*, store: str = "", processing: ProcessOptions = ProcessOptions(), outlets: str = "") -> RunOutcome:
    """Make fresh tables from all captures, in one snapshot that replaces what was there.

    Args:
        store: A path or s3://bucket/prefix; by default what IRTYSH_STORE says where the run takes place.
        processing: How pages are read.
        outlets: A file or folder of outlets beside the built-in ones.
    """
    corpus = open_store(resolved_store(store))
    with RunListener("rebuild") as listener:
        outcome = RunOutcome(processed=take_all(means(corpus, listener, processing, outlets=outlets)))
    tell(corpus, outcome)
    return outcome


@flow(name="release")
def release(*, ref: str, name: str, note: str = "", store: str = "") -> ReleaseReport:
    """Publish a snapshot in the store as a plain data set: Parquet, a card, checksums. A name is given once.

    Args:
        ref: The snapshot: `latest`, a number, a tag or a date.
        name: Letters, digits, `.`, `_` and `-`.
        note: A sentence for the data set's card.
        store: A path or s3://bucket/prefix; by default what IRTYSH_STORE says where the run takes place.
    """
    corpus = open_store(resolved_store(store))
    made = publish(corpus, ref, name, note)
    tell_release(corpus, made)
    return made


@persistent("fetch", "fetch a list")
def fetch_urls(spec: CrawlSpec) -> CrawlReport:
    """Fetch a list of URLs into captures."""
    with RunListener("crawl") as listener:
        return fetch(spec, clock=now, listener=listener)


@persistent("fetch", "fetch {name}")
def fetch_news(name: str, store: ObjectStore, spec: CrawlSpec) -> CrawlReport:
    """Fetch what an outlet has published since we looked last, one run at a time if it has a limit."""
    with outlet_slot(name), RunListener(name) as listener, tempfile.TemporaryDirectory(prefix="irtysh-") as scratch:
        return fetch_outlet(spec, store, Path(scratch), clock=now, listener=listener)


@persistent("batch")
def take_batch(processor: Processor) -> ProcessReport | None:
    """Commit one batch of pending captures; None when none is pending."""
    return processor.step()


@persistent("rebuild")
def take_all(means: stages.ProcessingContext) -> ProcessReport:
    """Read all captures anew and commit them at once."""
    return stages.rebuild(means)


@persistent("publish", "publish {name}")
def publish(store: ObjectStore, ref: str, name: str, note: str) -> ReleaseReport:
    """Write the files of a release, its checksums last."""
    log = LogReader(store)
    with RunListener("release") as listener:
        return stage_release(log, resolve(log, ref), name, note=note, now=now(), listener=listener)


def _spec(store: ObjectStore, url: str, crawling: CrawlOptions) -> CrawlSpec:
    return crawling.spec(resolved_store(url), specify(store, crawling.topic))


def _processed(
    store: ObjectStore, processing: ProcessOptions, outlets: str, fetched: Sequence[CrawlReport] = ()
) -> RunOutcome:
    """Process what is pending and tell what came of the run."""
    with RunListener("process") as listener:
        run = fetched[0].run if fetched else ""
        outcome = RunOutcome(
            tuple(fetched), stages.process(means(store, listener, processing, run, outlets=outlets), take_batch)
        )
    settle(store, fetched, now)
    tell(store, outcome)
    return outcome
