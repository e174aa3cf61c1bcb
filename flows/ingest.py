"""Discover the articles that an outlet has published since the last run, and fetch them."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from articles.errors import CorruptError, CrawlError, CrawlStopError, InputError
from articles.model import Capture, Failure, Purpose, Reason
from articles.url import canonicalize
from flows.crawl import OK_STATUSES, Clock, crawl
from flows.listener import Listener
from flows.outlets import revisit
from flows.outlets.revisit import Revisit
from flows.reports import CrawlReport, LostUrl
from spiders.discovery.cdx import capture_key
from spiders.discovery.feed_articles import entry_key
from spiders.outlets import find
from spiders.process.patience import Patience
from spiders.schedule import DueFetch, PageBudget, budget
from spiders.sources import from_archive
from spiders.spec import CrawlSpec
from storage.captures.reader import CaptureReader
from storage.captures.records import RefusedCapture, parse_key
from storage.captures.segments import list_segments
from storage.objects import ObjectStore
from storage.tables import packs
from storage.tables.log_reader import LogReader

FETCH_COLUMNS = ("outlet", "url", "status", "reason", "purpose", "body_sha256", "source", "found_date")
RETRY_REASONS = frozenset({Reason.PARTIAL_BODY, Reason.UNREADABLE, Reason.BLOCKED, Reason.TOO_COSTLY})


def fetch_outlet(
    spec: CrawlSpec,
    store: ObjectStore,
    scratch: Path,
    *,
    clock: Clock,
    listener: Listener,
    patience: Patience | None = None,
) -> CrawlReport:
    """Read an outlet's sources and fetch the articles that the store does not have, and those that are due again.

    `scratch` is a folder for the files that the crawl reads. `patience` limits a crawl that other outlets wait for.
    """
    path, again = scratch / f"{spec.outlet}.known", scratch / f"{spec.outlet}.again"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{url}\n" for url in known_urls(store, spec.outlet))
    run_plan = plan(spec, store, clock)
    revisit.write(again, run_plan.again)
    spec = replace(spec, skip_path=str(path), again_path=str(again), max_pages=run_plan.budget.pages)
    return crawl(spec, clock=clock, listener=listener, patience=patience)


@dataclass(frozen=True, slots=True)
class IngestPlan:
    """Which known articles of an outlet a run fetches again, and how many pages it may fetch."""

    known: int  # known pages
    due: int  # known pages that are due to be fetched again
    again: tuple[DueFetch, ...]  # the due pages that this run fetches
    budget: PageBudget


def plan(spec: CrawlSpec, store: ObjectStore, clock: Clock) -> IngestPlan:
    """Return the plan of a run of `spec`. InputError if the outlet or the value of --revisit is unknown."""
    if spec.revisit not in {*Revisit}:
        raise InputError(f"--revisit {spec.revisit!r} is unknown; use due, all or none")
    outlet, now = find(spec.outlet, spec.outlets), clock()
    allowed = budget(outlet.country, outlet.by_day, outlet.by_night, spec.max_pages, now)
    if (spec.since or spec.until) and not spec.max_pages:
        allowed = PageBudget(0, "the whole period of --since and --until")
    if spec.from_archive or spec.revisit == Revisit.NONE:
        return IngestPlan(0, 0, (), allowed)
    state = LogReader(store).state()
    pages = revisit.known(store, state, spec.outlet)
    due = revisit.due(pages, now, Revisit(spec.revisit))
    return IngestPlan(len(pages), len(due), tuple(due[: allowed.revisits or None]), allowed)


def fetch_outlets(
    spec: CrawlSpec, names: Sequence[str], store: ObjectStore, scratch: Path, *, clock: Clock, listener: Listener
) -> tuple[CrawlReport, ...]:
    """Fetch one outlet after the other. A crawl that fails or takes too long is reported, and the others go on.

    After a crawl that was stopped by a signal, no other starts.
    """
    reports: list[CrawlReport] = []
    for name in names:
        patience = patience_with(spec, len(names))
        asked = replace(spec, outlet=name)
        try:
            report = fetch_outlet(asked, store, scratch, clock=clock, listener=listener, patience=patience)
            stopped = bool(report.stopped)
        except CrawlError as error:
            listener.note("failed", f"{name}: the crawl failed: {error}", outlet=name, detail=str(error))
            report = CrawlReport(lost=[LostUrl(name, "crawl_failed", str(error))])
            stopped = isinstance(error, CrawlStopError)
        reports.append(report)
        if patience is not None and patience.ended:
            listener.note("stopped", f"{name}: the crawl was stopped: {patience.ended}", outlet=name)
        elif stopped:
            break
    return tuple(reports)


def patience_with(spec: CrawlSpec, outlets: int) -> Patience | None:
    """Return the patience with each of several outlets; None for a single one. A fetch of past articles may take days."""
    if outlets == 1:
        return None
    return Patience(turn=not (spec.since or spec.until or spec.from_archive))


def known_urls(store: ObjectStore, outlet: str) -> Iterator[str]:
    """Yield the canonical URLs of an outlet's pages that need no further fetch, processed or not.

    For feed entries that hold whole articles, yield `spiders.discovery.feed_articles.entry_key`.
    """
    state = LogReader(store).state()
    for ref in state.live("fetches"):
        for row in packs.read(store, ref, FETCH_COLUMNS).to_pylist():
            if row["outlet"] != outlet:
                continue
            if row["purpose"] == Purpose.PAGE and _is_final(row["status"], row["reason"]):
                yield canonicalize(row["url"])
                if from_archive(row["source"]):
                    yield capture_key(canonicalize(row["url"]), row["found_date"])
            elif row["purpose"] == Purpose.ENTRY:
                yield f"{canonicalize(row['url'])}#{row['body_sha256']}"
    pending = [key for key in list_segments(store) if key not in state.captures and parse_key(key)[0] == outlet]
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
