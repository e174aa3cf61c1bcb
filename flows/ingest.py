"""Discover the articles that an outlet has published since the last run, and fetch them."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from articles.errors import CorruptError, CrawlError, InputError, InUseError
from articles.model import Capture, Failure, Purpose, Reason
from articles.url import canonicalize
from flows.crawl import OK_STATUSES, Clock, crawl
from flows.listener import Listener
from flows.outlets import revisit
from flows.outlets.past_fetches import PastFetches
from flows.outlets.revisit import MAX_ROWS_AT_ONCE, Revisit
from flows.reports import CrawlReport, LostUrl
from spiders.discovery.cdx import capture_key
from spiders.discovery.feed_articles import entry_key
from spiders.outlets import find
from spiders.process.patience import Patience
from spiders.schedule import DueFetch, PageBudget, budget
from spiders.sources import from_archive
from spiders.spec import CrawlSpec
from storage.captures.reader import CaptureReader
from storage.captures.records import RefusedCapture
from storage.captures.segments import list_segments
from storage.objects import ObjectStore
from storage.tracing import span

FETCH_COLUMNS = ("url", "status", "reason", "purpose", "body_sha256", "source", "found_date")
RETRY_REASONS = frozenset({Reason.PARTIAL_BODY, Reason.UNREADABLE, Reason.BLOCKED, Reason.TOO_COSTLY})


def fetch_outlet(
    spec: CrawlSpec,
    store: ObjectStore,
    scratch: Path,
    *,
    clock: Clock,
    listener: Listener,
    past: PastFetches | None = None,
    patience: Patience | None = None,
) -> CrawlReport:
    """Read an outlet's sources and fetch the articles that the store does not have, and those that are due again.

    `past` reads what was fetched before; the crawls of several outlets share it. `scratch` is a folder for the files that
    the crawl reads. `patience` limits a crawl that other outlets wait for.
    """
    past = past or PastFetches(store)
    path, again = scratch / f"{spec.outlet}.known", scratch / f"{spec.outlet}.again"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{url}\n" for url in known_urls(store, spec.outlet, past))
    run_plan = plan(spec, past, clock)
    revisit.write(again, run_plan.again)
    spec = replace(spec, skip_path=str(path), again_path=str(again), max_pages=run_plan.budget.pages)
    with span("crawl", outlet=spec.outlet):
        return crawl(spec, clock=clock, listener=listener, patience=patience)


@dataclass(frozen=True, slots=True)
class IngestPlan:
    """Which known articles of an outlet a run fetches again, and how many pages it may fetch."""

    known: int  # known pages
    due: int  # known pages that are due to be fetched again
    again: tuple[DueFetch, ...]  # the due pages that this run fetches
    budget: PageBudget


def plan(spec: CrawlSpec, past: PastFetches, clock: Clock) -> IngestPlan:
    """Return the plan of a run of `spec`. InputError if the outlet or the value of --revisit is unknown."""
    if spec.revisit not in {*Revisit}:
        raise InputError(f"--revisit {spec.revisit!r} is unknown; use due, all or none")
    outlet, now = find(spec.outlet, spec.outlets), clock()
    allowed = budget(outlet.country, outlet.by_day, outlet.by_night, spec.max_pages, now)
    if (spec.since or spec.until) and not spec.max_pages:
        allowed = PageBudget(0, "the whole period of --since and --until")
    if spec.from_archive or spec.revisit == Revisit.NONE:
        return IngestPlan(0, 0, (), allowed)
    pages = revisit.known(past.rows(spec.outlet))
    due = revisit.due(pages, now, Revisit(spec.revisit))
    return IngestPlan(len(pages), len(due), tuple(due[: allowed.revisits or None]), allowed)


def fetch_one(
    spec: CrawlSpec,
    store: ObjectStore,
    scratch: Path,
    *,
    clock: Clock,
    listener: Listener,
    past: PastFetches | None = None,
    patience: Patience | None = None,
) -> CrawlReport:
    """Fetch one of several outlets. A crawl that fails, takes too long or is already running is reported, not raised."""
    name = spec.outlet
    try:
        report = fetch_outlet(spec, store, scratch, clock=clock, listener=listener, past=past, patience=patience)
    except InUseError as error:
        listener.note("busy", f"{name}: not asked now: {error}", outlet=name, detail=str(error))
        return CrawlReport(outlet=name, busy=str(error))
    except CrawlError as error:
        listener.note("failed", f"{name}: the crawl failed: {error}", outlet=name, detail=str(error))
        return CrawlReport(outlet=name, lost=[LostUrl(name, "crawl_failed", str(error))])
    if patience is not None and patience.ended:
        listener.note("stopped", f"{name}: the crawl was stopped: {patience.ended}", outlet=name)
    return report


def patience_with(spec: CrawlSpec, outlets: int) -> Patience | None:
    """Return the patience with each of several outlets; None for a single one. A fetch of past articles may take days."""
    if outlets == 1:
        return None
    return Patience(turn=not (spec.since or spec.until or spec.from_archive))


def known_urls(store: ObjectStore, outlet: str, past: PastFetches | None = None) -> Iterator[str]:
    """Yield the canonical URLs of an outlet's pages that need no further fetch, processed or not.

    For feed entries that hold whole articles, yield `spiders.discovery.feed_articles.entry_key`.
    """
    past = past or PastFetches(store)
    for batch in past.rows(outlet).select(FETCH_COLUMNS).to_batches(MAX_ROWS_AT_ONCE):
        for row in batch.to_pylist():
            if row["purpose"] == Purpose.PAGE and _is_final(row["status"], row["reason"]):
                yield canonicalize(row["url"])
                if from_archive(row["source"]):
                    yield capture_key(canonicalize(row["url"]), row["found_date"])
            elif row["purpose"] == Purpose.ENTRY:
                yield f"{canonicalize(row['url'])}#{row['body_sha256']}"
    pending = [key for key in list_segments(store, outlet) if key not in past.state.captures]
    with CaptureReader() as captures:
        for key in pending:
            for found in _read_intact(store, key, captures):
                if isinstance(found, Capture) and found.purpose is Purpose.PAGE and found.status in OK_STATUSES:
                    yield canonicalize(found.url)
                    if found.discovery is not None and from_archive(found.discovery.source):
                        yield capture_key(canonicalize(found.url), found.discovery.date)
                elif isinstance(found, Capture) and found.purpose is Purpose.ENTRY:
                    yield entry_key(canonicalize(found.url), found.body)


def _read_intact(store: ObjectStore, key: str, captures: CaptureReader) -> Iterator[Capture | Failure]:
    """Yield the records of a segment up to the first damaged one.

    Processing reports the damage. The pages behind it are fetched again.
    """
    with suppress(CorruptError):
        for found in captures.segment(store.get(key), key):
            if not isinstance(found, RefusedCapture):
                yield found
            elif found.head.purpose is Purpose.PAGE:  # what the body holds does not matter here
                yield found.head


def _is_final(status: int, reason: str) -> bool:
    """Whether another fetch of the page would bring nothing new."""
    return (status in OK_STATUSES and reason not in RETRY_REASONS) or reason in {Reason.GONE, Reason.REDIRECTED}
