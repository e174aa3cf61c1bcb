"""One source as it is walked: which address is asked for first, which next, and when it has been walked far enough.

Whatever a site answers, a walk ends: numbers of pages are bounded, a page that shows nothing new ends it, and an address
is asked for once. Nothing is followed but what the outlet's file declares, so a calendar without end is none here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import quote, urljoin

from articles.model import Purpose
from spiders.date_window import DateSpan, DateWindow, end_of, span_of_days
from spiders.sources import Archive, Feed, JsonListing, Listing, RobotsTxt, Search, Sitemap, Source, names_in

MAX_PAGES = 2_000  # of one series: jamestown.org's archive has 1,461
FRESH_PAGES = (
    20  # of a series where nobody asked how far to reach back: more than any outlet publishes between two runs
)
MAX_MISSES = 3  # in a row, of a numbered series of sitemaps; orda.kz's has gaps
OK = range(200, 300)


@dataclass(frozen=True, slots=True)
class PageStep:
    """An address of a source that is to be asked for."""

    url: str
    purpose: Purpose
    source: Source
    number: int = 1  # of the page, from 1
    start: str = ""  # the address of the first page of the same series
    day: date | None = None  # the period's first
    misses: int = 0  # pages in a row, before this one, that were missing
    before: float = 0.0  # the oldest date of the pages before it, Unix seconds; 0 if they had none
    depth: int = 0  # of a sitemap below others
    query: str = ""  # the word that is looked for, percent-encoded

    @property
    def span(self) -> DateSpan | None:
        """When what it shows was published, where its address says so."""
        if self.day is None:
            return None
        return span_of_days(self.day, end_of(self.day, self.source.period))


def steps(source: Source, window: DateWindow) -> Iterator[PageStep]:
    """Yield the first step of each series that a source makes: one, or one for each period or word."""
    purpose = _purpose(source)
    if purpose is None:
        return
    if isinstance(source, RobotsTxt):
        yield PageStep(urljoin(source.url, "/robots.txt"), purpose, source)
    elif isinstance(source, Search):
        for query in source.queries:
            yield _first(source, purpose, query=quote(query, safe=""))
    elif source.period:
        for day in window.periods(source.period):
            yield _first(source, purpose, day=day)
    else:
        yield _first(source, purpose, before=str(int(window.now.timestamp())))


def _purpose(source: Source) -> Purpose | None:
    if isinstance(source, Feed):
        return Purpose.FEED
    if isinstance(source, Sitemap | RobotsTxt):
        return Purpose.SITEMAP
    return Purpose.LISTING if isinstance(source, Archive | Listing | JsonListing | Search) else None


def _first(source: Source, purpose: Purpose, *, day: date | None = None, **values: str) -> PageStep:
    first = getattr(source, "first", 2) - getattr(source, "step", 1)
    url = _fill(source.address, page=str(first), **_dates(day), **values)
    return PageStep(url, purpose, source, start=url, day=day, query=values.get("query", ""))


@dataclass(frozen=True, slots=True)
class PageSeen:
    """What a page showed, as far as it decides about the next."""

    status: int
    named: int = 0  # entries of any kind
    new: int = 0  # articles that no page of this run had shown, whatever their dates
    unknown: int = 0  # articles that are asked for now
    dates: Sequence[DateSpan] = ()  # of articles, as far as they can be believed
    next: str = ""


def following(step: PageStep, seen: PageSeen, window: DateWindow, *, resuming: bool) -> PageStep | None:
    """Return the next page of a series, or None where it has been walked far enough.

    `resuming` says that what the store has may be of the very run that is taken up, so known articles end nothing.
    """
    if step.depth:
        return None
    misses = step.misses + 1 if seen.status not in OK else 0
    if misses and not (isinstance(step.source, Sitemap) and misses < MAX_MISSES):
        return None
    if not misses and not _goes_on(step, seen, window, resuming=resuming):
        return None
    oldest = min((span.first for span in seen.dates), default=None)
    url = _next_url(step, seen, oldest)
    before = oldest.timestamp() if oldest is not None else step.before
    return replace(step, url=url, number=step.number + 1, misses=misses, before=before) if url else None


def _goes_on(step: PageStep, seen: PageSeen, window: DateWindow, *, resuming: bool) -> bool:
    """Whether older pages may show what is asked for."""
    if isinstance(step.source, Sitemap):
        return seen.named > 0 and step.number < MAX_PAGES
    dated = window.since is not None or step.day is not None
    if seen.new == 0 or step.number >= (MAX_PAGES if dated else FRESH_PAGES):
        return False
    if seen.dates and all(window.passed(span) for span in seen.dates):
        return False
    return dated or resuming or seen.unknown > 0


def _next_url(step: PageStep, seen: PageSeen, oldest: datetime | None) -> str:
    pages = getattr(step.source, "pages", "")
    if not pages:
        return seen.next
    number = getattr(step.source, "first", 2) + (step.number - 1) * getattr(step.source, "step", 1)
    before = str(int(oldest.timestamp())) if oldest is not None else ""
    if "before" in names_in(pages) and (not before or (step.before and int(before) >= step.before)):
        return ""  # it does not get any older
    url = _fill(pages, page=str(number), before=before, query=step.query, **_dates(step.day))
    return step.start + url if url.startswith("&") else urljoin(step.start, url)


def _dates(day: date | None) -> dict[str, str]:
    if day is None:
        return {}
    return {
        "yyyy": f"{day.year:04}", "yy": f"{day.year % 100:02}",
        "mm": f"{day.month:02}", "m": str(day.month),
        "dd": f"{day.day:02}", "d": str(day.day),
    }  # fmt: skip


def _fill(template: str, **values: str) -> str:
    return template.format(**{name: values[name] for name in names_in(template)})
