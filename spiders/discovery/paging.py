"""Paging through a source: its first page, the next page, and when to stop.

Paging always ends, whatever a site answers: the number of pages is bounded, a page without new entries ends it, and each
URL is requested once. Only pages that the outlet's file declares are requested, so an endless calendar is no trap.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import quote, urljoin

from articles.model import Purpose
from spiders.date_window import DateSpan, DateWindow, end_of, span_of_days
from spiders.sources import Archive, Feed, JsonListing, Listing, RobotsTxt, Search, Sitemap, Source, names_in

MAX_PAGES = 2_000  # per series; jamestown.org's archive has 1,461
MAX_UNDATED_PAGES = 20  # per series without a start date: more than any outlet publishes between two runs
MAX_MISSES = 3  # consecutive missing pages in a numbered series of sitemaps; orda.kz's has gaps
OK_STATUSES = range(200, 300)


@dataclass(frozen=True, slots=True)
class PageStep:
    """One page of a source to request."""

    url: str
    purpose: Purpose
    source: Source
    number: int = 1  # of the page, from 1
    start: str = ""  # the URL of the first page of the same series
    day: date | None = None  # the first day of the period
    misses: int = 0  # consecutive missing pages before this one
    before: float = 0.0  # the oldest date on the pages before it, Unix seconds; 0 if they had none
    depth: int = 0  # of a sitemap: how many indices lead to it
    query: str = ""  # the search word, percent-encoded

    @property
    def span(self) -> DateSpan | None:
        """When the articles on the page were published, if its URL is that of a period."""
        if self.day is None:
            return None
        return span_of_days(self.day, end_of(self.day, self.source.period))


def steps(source: Source, window: DateWindow) -> Iterator[PageStep]:
    """Yield the first page of each series of a source: one series, or one per period or search word."""
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
    """The counts and dates of a page that decide whether the next page is requested."""

    status: int
    named: int = 0  # entries of any kind
    new: int = 0  # articles that no earlier page of this run named, whatever their dates
    unknown: int = 0  # articles that will be fetched
    dates: Sequence[DateSpan] = ()  # plausible dates of articles
    next: str = ""


def following(step: PageStep, seen: PageSeen, window: DateWindow, *, resuming: bool) -> PageStep | None:
    """Return the next page of a series; None to stop.

    With `resuming` a page of known articles does not end the series: the interrupted run may have fetched them.
    """
    if step.depth:
        return None
    misses = step.misses + 1 if seen.status not in OK_STATUSES else 0
    if misses and not (isinstance(step.source, Sitemap) and misses < MAX_MISSES):
        return None
    if not misses and not _goes_on(step, seen, window, resuming=resuming):
        return None
    oldest = min((span.first for span in seen.dates), default=None)
    url = _next_url(step, seen, oldest)
    before = oldest.timestamp() if oldest is not None else step.before
    return replace(step, url=url, number=step.number + 1, misses=misses, before=before) if url else None


def _goes_on(step: PageStep, seen: PageSeen, window: DateWindow, *, resuming: bool) -> bool:
    """Return whether older pages may name articles to fetch."""
    if isinstance(step.source, Sitemap):
        return seen.named > 0 and step.number < MAX_PAGES
    dated = window.since is not None or step.day is not None
    if seen.new == 0 or step.number >= (MAX_PAGES if dated else MAX_UNDATED_PAGES):
        return False
    if seen.dates and all(window.is_before(span) for span in seen.dates):
        return False
    return dated or resuming or seen.unknown > 0


def _next_url(step: PageStep, seen: PageSeen, oldest: datetime | None) -> str:
    pages = getattr(step.source, "pages", "")
    if not pages:
        return seen.next
    number = getattr(step.source, "first", 2) + (step.number - 1) * getattr(step.source, "step", 1)
    before = str(int(oldest.timestamp())) if oldest is not None else ""
    if "before" in names_in(pages) and (not before or (step.before and int(before) >= step.before)):
        return ""  # the dates do not get older
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
