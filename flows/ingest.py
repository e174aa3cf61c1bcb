"""Find what an outlet has published since we looked last, and fetch it into captures."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from articles.errors import CorruptError, CrawlError, InputError
from articles.model import Capture, Failure, Purpose, Reason
from articles.url import canonicalize
from flows.crawl import Clock, crawl
from flows.listener import Listener
from flows.outlets import revisit
from flows.outlets.revisit import Revisit
from flows.reports import CrawlReport, LostUrl
from spiders.discovery.feed_articles import entry_key
from spiders.fetching.replay import key_of
from spiders.outlets import find
from spiders.schedule import DueFetch, PageBudget, budget
from spiders.sources import from_archive
from spiders.spec import CrawlSpec
from storage.captures.segments import list_segments, parse_key, read_segment
from storage.objects import ObjectStore
from storage.tables import packs
from storage.tables.log_reader import LogReader

COLUMNS = ("outlet", "url", "status", "reason", "purpose", "body_sha256", "source", "found_date")
ASK_AGAIN = frozenset({Reason.PARTIAL_BODY, Reason.UNREADABLE, Reason.BLOCKED, Reason.TOO_COSTLY})
OK = range(200, 300)


def fetch_outlet(
    spec: CrawlSpec, store: ObjectStore, scratch: Path, *, clock: Clock, listener: Listener
) -> CrawlReport:
    """Ask an outlet's sources for articles and fetch those that the store does not have.

    `scratch` is a folder for files that the crawl reads.
    """
    path, again = scratch / f"{spec.outlet}.known", scratch / f"{spec.outlet}.again"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{url}\n" for url in known_urls(store, spec.outlet))
    made = plan(spec, store, clock)
    revisit.write(again, made.again)
    spec = replace(spec, skip_path=str(path), again_path=str(again), max_pages=made.budget.whole)
    return crawl(spec, clock=clock, listener=listener)


@dataclass(frozen=True, slots=True)
class IngestPlan:
    """What a run asks of an outlet besides its sources and what they name."""

    known: int  # pages that are known
    due: int  # of them are to be asked for again
    again: tuple[DueFetch, ...]  # of these are asked for in this run
    budget: PageBudget


def plan(spec: CrawlSpec, store: ObjectStore, clock: Clock) -> IngestPlan:
    """Return what a run of `spec` would do. InputError if there is no such outlet or no such way to revisit."""
    if spec.revisit not in {*Revisit}:
        raise InputError(f"--revisit {spec.revisit!r}: due, all or none are possible")
    outlet, now = find(spec.outlet, spec.outlets), clock()
    allowed = budget(outlet.country, outlet.by_day, outlet.by_night, spec.max_pages, now)
    if (spec.since or spec.until) and not spec.max_pages:
        allowed = PageBudget(0, "all of the time that was asked for")
    if spec.from_archive or spec.revisit == Revisit.NONE:
        return IngestPlan(0, 0, (), allowed)
    state = LogReader(store).state()
    pages = revisit.known(store, state, spec.outlet)
    due = revisit.due(pages, now, Revisit(spec.revisit))
    return IngestPlan(len(pages), len(due), tuple(due[: allowed.again or None]), allowed)


def fetch_outlets(
    spec: CrawlSpec, names: Sequence[str], store: ObjectStore, scratch: Path, *, clock: Clock, listener: Listener
) -> tuple[CrawlReport, ...]:
    """Fetch one outlet after the other. One whose crawl fails is told of and costs the others nothing.

    After a crawl that was told to stop no other is begun.
    """
    reports: list[CrawlReport] = []
    for name in names:
        try:
            reports.append(fetch_outlet(replace(spec, outlet=name), store, scratch, clock=clock, listener=listener))
        except CrawlError as error:
            listener.note("failed", f"{name}: the crawl failed: {error}", outlet=name, detail=str(error))
            reports.append(CrawlReport(lost=[LostUrl(name, "crawl_failed", str(error))]))
            continue
        if reports[-1].stopped:
            break
    return tuple(reports)


def known_urls(store: ObjectStore, outlet: str) -> Iterator[str]:
    """Yield the canonical URLs of an outlet's pages that were fetched well, whether a snapshot holds them yet or not.

    Of entries of feeds that hold whole articles it yields `spiders.discovery.feed_articles.entry_key`.
    """
    state = LogReader(store).state()
    for ref in state.live("fetches"):
        for row in packs.read(store, ref, COLUMNS).to_pylist():
            if row["outlet"] != outlet:
                continue
            if row["purpose"] == Purpose.PAGE and _settled(row["status"], row["reason"]):
                yield canonicalize(row["url"])
                if from_archive(row["source"]):
                    yield key_of(canonicalize(row["url"]), row["found_date"])
            elif row["purpose"] == Purpose.ENTRY:
                yield f"{canonicalize(row['url'])}#{row['body_sha256']}"
    for key in list_segments(store):
        if key not in state.captures and parse_key(key)[0] == outlet:
            for found in _readable(store, key):
                if isinstance(found, Capture) and found.purpose is Purpose.PAGE and found.status in OK:
                    yield canonicalize(found.url)
                    if found.discovery is not None and from_archive(found.discovery.source):
                        yield key_of(canonicalize(found.url), found.discovery.date)
                elif isinstance(found, Capture) and found.purpose is Purpose.ENTRY:
                    yield entry_key(canonicalize(found.url), found.body)


def _readable(store: ObjectStore, key: str) -> Iterator[Capture | Failure]:
    """Yield what can be read of a segment. Whoever processes it tells of the damage; what lies behind is asked for again."""
    with suppress(CorruptError):
        yield from read_segment(store.get(key), key)


def _settled(status: int, reason: str) -> bool:
    """Whether there is nothing to be gained from asking for a page once more."""
    return (status in OK and reason not in ASK_AGAIN) or reason in {Reason.GONE, Reason.REDIRECTED}
