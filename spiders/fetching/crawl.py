"""Shared state of one crawl: its specification, counts, archive, and whether it is stopping.

Every requested URL ends in `Crawl.answered` or `Crawl.lost`: as a record in the archive, an event and a count.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncGenerator, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from articles import url as urls
from articles.errors import InputError
from articles.metadata.reservations import Use, reservation
from articles.metadata.site_rules import NO_RULES, SiteRules
from articles.model import Purpose, Reason, Right
from spiders.discovery.source_tasks import SourceTask
from spiders.events import EventWriter
from spiders.fetching.addresses import AddressLimits
from spiders.fetching.archiver import Archiver
from spiders.fetching.guard import Guard
from spiders.outlets import load, outlet_name
from spiders.spec import CrawlSpec, Event
from storage.captures.warc import Exchange, FetchFailure

SOURCE_PURPOSES = frozenset((Purpose.FEED, Purpose.SITEMAP, Purpose.LISTING))
UNREPORTED_PURPOSES = frozenset((Purpose.ROBOTS,))  # their failures are not reported, since no user requested them
SITE_URL = re.compile(r"https?://[^/?#]+", re.IGNORECASE)
NO_OUTLET = "unknown"  # the outlet of failures whose URL has no host


class LostError(IgnoreRequest):
    """Raised if a request ends without a response, after its failure was recorded."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class StoppedError(IgnoreRequest):
    """Raised for a request that was still open when the crawl was stopped; nothing is recorded."""


class Fetching(Protocol):
    """Interface of the fetcher for the other parts of a crawl."""

    async def fetch(self, request: Request) -> Response:
        """Fetch one URL. Raise `LostError`, `AgainError` or `StoppedError` if there is no response."""
        ...

    def is_paused(self, host: str) -> bool:
        """Return whether a host gets no requests for now."""
        ...


class Parsing(Protocol):
    """Interface of the reader of sources for the other parts of a crawl."""

    def read(self, task: SourceTask) -> AsyncGenerator[Any, None]:
        """Yield the batches of a task's result. Raise `SourceError`, `StoppedError` or `CrawlError`."""
        ...


class Crawl:
    """Shared state of a crawl, known to the spider and to all middleware."""

    fetcher: Fetching  # set by `CrawlProcess`, which creates both
    sources: Parsing  # set by `CrawlProcess`
    addresses: AddressLimits  # set by `CrawlProcess`

    def __init__(self, spec: CrawlSpec, guard: Guard, archive: Archiver, report: EventWriter) -> None:
        self.spec = spec
        self._taken_down = frozenset(spec.taken_down)
        self.archive = archive
        self.report = report
        self.guard = guard
        self.counts: Counter[str] = Counter()
        self.stopping = asyncio.Event()
        self.site_rules: dict[str, SiteRules] = {}  # site -> statements of its robots.txt and tdmrep.json
        self.fault = ""  # an error of our own; the run then does not count as finished

    def outlet_of(self, url: str) -> str:
        """Return the outlet under which records of a URL are archived."""
        site = SITE_URL.match(url)
        return _outlet(site.group(), self.spec.outlets) if site else NO_OUTLET

    def site_rights(self, url: str) -> tuple[Right, ...]:
        """Return what the site of a URL states about its use, as far as this crawl has asked the site."""
        return self.site_rules.get(site_of(url), NO_RULES).of(url)

    def is_taken_down(self, url: str) -> bool:
        """Return whether a takedown removed the article at a URL from the store."""
        if not self._taken_down:
            return False
        try:
            return urls.article_id(urls.canonicalize(url)) in self._taken_down
        except InputError:
            return False  # not a URL of an article

    def reservation(self, rights: Iterable[Right]) -> str:
        """Return the statement that reserves the use that this crawl must not violate; empty if there is none."""
        return reservation(rights, Use(self.spec.reserved_use)) if self.spec.reserved_use else ""

    def keeps_cookies(self, url: str) -> bool:
        """Return whether the cookies of a redirect from this URL are sent on: not if its outlet's file forbids it."""
        known = load(self.spec.outlets).get(self.outlet_of(url))
        return known is None or known.cookies

    def count(self, **counts: int) -> None:
        """Add to the counts."""
        self.counts.update(counts)

    async def answered(self, request: Request, exchange: Exchange, status: int, *, onward: bool) -> None:
        """Archive the final response of a request or, with `onward`, a redirect to another URL."""
        await self.archive.keep(self.outlet_of(exchange.url), exchange)
        self.count(responses=1, bytes=len(exchange.body))
        if onward:
            self.count(redirects=1)
        elif exchange.purpose is Purpose.PAGE:
            self.count(fetched=1)
            size, cut = len(exchange.body), exchange.truncated
            self.report.emit(Event("fetched", request.meta["text"], exchange.url, status=status, size=size, detail=cut))

    async def attempted(self, exchange: Exchange) -> None:
        """Archive a response after which the same URL is retried or rendered."""
        await self.archive.keep(self.outlet_of(exchange.url), exchange)
        self.count(responses=1, bytes=len(exchange.body))

    async def lost(self, request: Request, reason: Reason, detail: str, url: str = "") -> LostError:
        """Record that a request, or the `url` that it was redirected to, failed; return the error to raise."""
        url = url or request.url
        purpose = request.meta["purpose"]
        if purpose not in UNREPORTED_PURPOSES:
            outlet = self.outlet_of(url)
            if outlet == NO_OUTLET:
                outlet = self.outlet_of(request.url)
            await self.archive.keep(
                outlet, FetchFailure(url, datetime.now(UTC), reason, detail, purpose, request.meta.get("discovery"))
            )
            self.count(failed=1)
            is_source = int(purpose in SOURCE_PURPOSES)
            self.report.emit(
                Event("failed", request.meta["text"], url, number=is_source, reason=reason.value, detail=detail)
            )
        return LostError(reason, detail)


@lru_cache(maxsize=4096)
def _outlet(site: str, extra_outlets: str) -> str:
    try:
        return outlet_name(site, extra_outlets)
    except InputError:
        return NO_OUTLET


def site_of(url: str) -> str:
    """Return the scheme, host and port of a URL, for which one robots.txt holds."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def crawl_of(crawler: Crawler) -> Crawl:
    """Return the crawl of a crawler's spider."""
    crawl = getattr(crawler.spider, "crawl", None)
    if not isinstance(crawl, Crawl):
        raise TypeError("the spider was created without a crawl")
    return crawl


def ask(url: str, text: str, purpose: Purpose, callback: Any, errback: Any, **meta: Any) -> Request:
    """Return a request for a URL. `text` is the URL as given; the request keeps it through redirects."""
    host = urlsplit(url).hostname or ""
    return Request(
        url,
        callback=callback,
        errback=errback,
        meta={"text": text, "purpose": purpose, "chain": (), "download_slot": host, **meta},
    )


class AgainError(Exception):
    """Raised if a URL should be requested after `wait` seconds: again if `is_failure`, else for the first time."""

    def __init__(self, wait: float, *, is_failure: bool = True) -> None:
        super().__init__(f"again in {wait:.1f} s")
        self.wait = wait
        self.is_failure = is_failure
