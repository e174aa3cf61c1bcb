"""Check whether an outlet's file fits its site, by a small crawl into a temporary store: `irtysh outlets check`."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from articles.model import Capture, Failure, Outcome, Purpose
from flows.crawl import Clock, crawl
from flows.listener import Listener
from flows.processing.batch import ANSWERED_STATUSES, SOURCE_PURPOSES
from flows.processing.limited_pages import PageReader
from flows.reports import CrawlReport
from spiders.outlet import Outlet
from spiders.spec import CrawlSpec
from storage.captures.reader import CaptureReader
from storage.captures.records import RefusedCapture
from storage.captures.segments import list_segments
from storage.objects import ObjectStore
from storage.objects.directory import DirectoryStore

SAMPLE_ARTICLES = 3  # articles that the check fetches
MIN_ARTICLE_CHARS = 400  # a shorter article is suspicious: a news flash, or a template that is not understood


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of the check."""

    good: bool
    what: str  # "robots.txt", "source", "article", "selectors", "language"
    url: str
    text: str


def check(outlet: Outlet, spec: CrawlSpec, scratch: Path, *, clock: Clock, listener: Listener) -> list[Finding]:
    """Fetch an outlet's sources and a few articles, and return the findings. CrawlError.

    `spec` gives delay, timeout and other options; its `max_pages` is the number of articles, by default three.
    `scratch` is an empty folder for the captures.
    """
    store = DirectoryStore(scratch / "store")
    sample = spec.max_pages or SAMPLE_ARTICLES
    spec = replace(spec, outlet=outlet.name, store=store.url, max_pages=sample, topic="any")
    report = crawl(spec, clock=clock, listener=listener)
    with PageReader() as reader:
        return list(_findings(outlet, report, records(store), reader))


def records(store: ObjectStore) -> list[Capture | Failure]:
    """Return all records of a store's segments, in the order of the keys."""
    with CaptureReader() as reader:
        found = [one for key in list_segments(store) for one in reader.segment(store.get(key), key)]
    return [one.head if isinstance(one, RefusedCapture) else one for one in found]


def _findings(
    outlet: Outlet, report: CrawlReport, found: Sequence[Capture | Failure], reader: PageReader
) -> Iterator[Finding]:
    named = Counter(one.discovery.url for one in found if one.purpose.article and one.discovery)
    for one in found:
        if one.purpose is Purpose.ROBOTS:
            yield _robots(one)
        elif one.purpose in SOURCE_PURPOSES:
            yield _source(one, named[one.url])
    if not report.named and not any(one.purpose.article for one in found):
        yield Finding(
            False,
            "source",
            "",
            "no source names an article whose URL matches `article`; correct `sources` or `article` in the outlet's file",
        )
    pages = [one for one in found if one.purpose.article]
    read = [(page, reader.outcome(page, outlet.site)) for page in pages if isinstance(page, Capture)]
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
    if one.status not in ANSWERED_STATUSES:
        return Finding(False, "source", one.url, f"answered {one.status}")
    return Finding(
        True, "source", one.url, f"answered {one.status}, {len(one.body)} bytes, names {named} articles of the sample"
    )


def _article(page: Capture, outcome: Outcome) -> Finding:
    if not outcome.documents:
        return Finding(False, "article", page.url, f"no document: {outcome.reason} {outcome.detail}".rstrip())
    main = outcome.documents[0]
    missing = [name for name in ("title", "published", "authors") if not getattr(main, name)]
    size = len(main.text)
    text = f"{size} characters in {main.lang}, {main.published or 'no date'}, {main.title!r}"
    good = "title" not in missing and "published" not in missing and size >= MIN_ARTICLE_CHARS
    return Finding(good, "article", page.url, text + (f"; missing: {', '.join(missing)}" if missing else ""))


def _selectors(read: Iterable[tuple[Capture, Outcome]]) -> Iterator[Finding]:
    """Yield a finding for each selector of the file that matched nothing on some article of the sample."""
    outcomes = [outcome for _, outcome in read if outcome.documents]
    missed = Counter(name for outcome in outcomes for name in outcome.missed)
    for name, pages in sorted(missed.items()):
        text = f"`{name}` matched nothing on {pages} of {len(outcomes)} articles"
        yield Finding(pages < len(outcomes), "selectors", "", text)


def _languages(outlet: Outlet, read: Iterable[tuple[Capture, Outcome]]) -> Iterator[Finding]:
    langs = {document.lang for _, outcome in read for document in outcome.documents}
    if others := sorted(langs - set(outlet.languages)):
        yield Finding(False, "language", "", f"{', '.join(others)} is not in `languages` of the outlet's file")
