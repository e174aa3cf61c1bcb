"""Does an outlet's file still fit its site? A small crawl into a store of its own, and what can be told from it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from articles.extract import extract
from articles.model import Capture, Failure, Outcome, Purpose
from articles.site import Site
from flows.crawl import Clock, crawl
from flows.listener import Listener
from flows.reports import CrawlReport
from spiders.outlet import Outlet
from spiders.spec import CrawlSpec
from storage.captures.segments import list_segments, read_segment
from storage.objects import ObjectStore
from storage.objects.directory import DirectoryStore

SAMPLE = 3  # articles that are asked for
ANSWERED = range(200, 400)
SOURCES = frozenset({Purpose.FEED, Purpose.SITEMAP, Purpose.LISTING})
SHORT = 400  # characters of an article that are suspiciously few: a flash, or a template that was not understood


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found out."""

    good: bool
    what: str  # "robots.txt", "source", "article", "selectors", "language"
    url: str
    text: str


def check(outlet: Outlet, spec: CrawlSpec, scratch: Path, *, clock: Clock, listener: Listener) -> list[Finding]:
    """Ask an outlet's sources and a few of its articles, and return what was found out. CrawlError.

    `spec` says how to behave; `scratch` is an empty folder that holds the captures afterwards.
    """
    store = DirectoryStore(scratch / "store")
    sample = spec.max_pages or SAMPLE
    spec = replace(spec, outlet=outlet.name, store=store.url, max_pages=sample, topic="any")
    report = crawl(spec, clock=clock, listener=listener)
    return list(_findings(outlet, report, records(store)))


def records(store: ObjectStore) -> list[Capture | Failure]:
    """Return all that a store's segments hold, in the order of their keys."""
    return [found for key in list_segments(store) for found in read_segment(store.get(key), key)]


def _findings(outlet: Outlet, report: CrawlReport, found: Sequence[Capture | Failure]) -> Iterator[Finding]:
    named = Counter(one.discovery.url for one in found if one.purpose.article and one.discovery)
    for one in found:
        if one.purpose is Purpose.ROBOTS:
            yield _robots(one)
        elif one.purpose in SOURCES:
            yield _source(one, named[one.url])
    if not report.named and not any(one.purpose.article for one in found):
        yield Finding(False, "source", "", "no source names an article whose address matches `article`")
    pages = [one for one in found if one.purpose.article]
    read = [(page, extract(page, Site(outlet.selectors))) for page in pages if isinstance(page, Capture)]
    for page in pages:
        if isinstance(page, Failure):
            yield Finding(False, "article", page.url, f"{page.reason}: {page.detail}")
    for page, outcome in read:
        yield _article(page, outcome)
    yield from _selectors(read)
    yield from _languages(outlet, read)


def _robots(one: Capture | Failure) -> Finding:
    if isinstance(one, Failure):
        return Finding(False, "robots.txt", one.url, f"{one.reason}: {one.detail}")
    return Finding(True, "robots.txt", one.url, f"answered {one.status}")


def _source(one: Capture | Failure, named: int) -> Finding:
    if isinstance(one, Failure):
        return Finding(False, "source", one.url, f"{one.reason}: {one.detail}")
    if one.status not in ANSWERED:
        return Finding(False, "source", one.url, f"answered {one.status}")
    return Finding(True, "source", one.url, f"answered {one.status}, {len(one.body)} bytes, {named} of the sample")


def _article(page: Capture, outcome: Outcome) -> Finding:
    if not outcome.documents:
        return Finding(False, "article", page.url, f"no document: {outcome.reason} {outcome.detail}".rstrip())
    main = outcome.documents[0]
    lacking = [name for name in ("title", "published", "authors") if not getattr(main, name)]
    size = len(main.text)
    told = f"{size} characters in {main.lang}, {main.published or 'no date'}, {main.title!r}"
    good = "title" not in lacking and "published" not in lacking and size >= SHORT
    return Finding(good, "article", page.url, told + (f"; lacks {', '.join(lacking)}" if lacking else ""))


def _selectors(read: Iterable[tuple[Capture, Outcome]]) -> Iterator[Finding]:
    """Name the attributes of the file that found nothing on any page of the sample."""
    outcomes = [outcome for _, outcome in read if outcome.documents]
    missed = Counter(name for outcome in outcomes for name in outcome.missed)
    for name, pages in sorted(missed.items()):
        text = f"`{name}` found nothing on {pages} of {len(outcomes)} articles"
        yield Finding(pages < len(outcomes), "selectors", "", text)


def _languages(outlet: Outlet, read: Iterable[tuple[Capture, Outcome]]) -> Iterator[Finding]:
    langs = {document.lang for _, outcome in read for document in outcome.documents}
    if others := sorted(langs - set(outlet.languages)):
        yield Finding(False, "language", "", f"{', '.join(others)} is not among its languages")
