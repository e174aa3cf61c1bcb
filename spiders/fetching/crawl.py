"""One crawl as all its parts see it: what was asked for, what came of it, and whether it is to stop.

Every URL asked for ends here, in `Crawl.answered` or `Crawl.lost`: as a record in the archive, an event and a count.
"""

import asyncio
import re
from collections import Counter
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from articles.errors import InputError
from articles.model import Purpose, Reason
from spiders.events import EventWriter
from spiders.fetching.archiver import Archiver
from spiders.fetching.guard import Guard
from spiders.outlets import outlet_name
from spiders.spec import CrawlSpec, Event
from storage.captures.warc import Exchange, FetchFailure

UNREPORTED_PURPOSES = frozenset((Purpose.ROBOTS,))  # nobody asked for these
SITE_URL = re.compile(r"https?://[^/?#]+", re.IGNORECASE)
NO_OUTLET = "unknown"  # where misses of URLs without a host are kept


class LostError(IgnoreRequest):
    """Raised where a request ends without a response, after its miss has been recorded."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class StoppedError(IgnoreRequest):
    """Raised for what was still to be fetched when the crawl was told to stop: nothing came of it yet."""


class Fetching(Protocol):
    """What the parts of a crawl ask of its fetcher."""

    async def fetch(self, request: Request) -> Response:
        """Fetch one URL. Raises `LostError`, `AgainError` or `StoppedError` where there is no response."""
        ...

    def held(self, host: str) -> bool:
        """Whether a host is left alone for now."""
        ...


class Crawl:
    """The shared state of a crawl's parts."""

    fetcher: Fetching  # set by the crawl process, which makes both

    def __init__(self, spec: CrawlSpec, guard: Guard, archive: Archiver, report: EventWriter) -> None:
        self.spec = spec
        self.archive = archive
        self.report = report
        self.guard = guard
        self.counts: Counter[str] = Counter()
        self.stopping = asyncio.Event()
        self.fault = ""  # what of our own went wrong; the run is then no finished one

    def outlet_of(self, url: str) -> str:
        """Return the outlet under which records of a URL are kept."""
        site = SITE_URL.match(url)
        return _outlet(site.group(), self.spec.outlets) if site else NO_OUTLET

    def count(self, **counts: int) -> None:
        """Add to the counts."""
        self.counts.update(counts)

    async def answered(self, request: Request, exchange: Exchange, status: int, *, onward: bool) -> None:
        """Archive a response that is what came of a request, or a step of it on the way `onward` to another URL."""
        await self.archive.keep(self.outlet_of(exchange.url), exchange)
        self.count(responses=1, bytes=len(exchange.body))
        if onward:
            self.count(redirects=1)
        elif exchange.purpose is Purpose.PAGE:
            self.count(fetched=1)
            size, cut = len(exchange.body), exchange.truncated
            self.report.emit(Event("fetched", request.meta["text"], exchange.url, status=status, size=size, detail=cut))

    async def attempted(self, exchange: Exchange) -> None:
        """Archive a response after which the same URL is asked for again."""
        await self.archive.keep(self.outlet_of(exchange.url), exchange)
        self.count(responses=1, bytes=len(exchange.body))

    async def lost(self, request: Request, reason: Reason, detail: str, url: str = "") -> LostError:
        """Record that a request, or the `url` that it led to, gave no response; return the error to raise."""
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
            self.report.emit(Event("failed", request.meta["text"], url, reason=reason.value, detail=detail))
        return LostError(reason, detail)


@lru_cache(maxsize=4096)
def _outlet(site: str, extra_outlets: str) -> str:
    try:
        return outlet_name(site, extra_outlets)
    except InputError:
        return NO_OUTLET


def crawl_of(crawler: Crawler) -> Crawl:
    """Return the crawl that a crawler's spider was given."""
    crawl = getattr(crawler.spider, "crawl", None)
    if not isinstance(crawl, Crawl):
        raise TypeError("the spider was made without a crawl")
    return crawl


def ask(url: str, text: str, purpose: Purpose, callback: Any, errback: Any, **meta: Any) -> Request:
    """Return a request for a URL. `text` is how it was given; it stays with the request through redirects."""
    host = urlsplit(url).hostname or ""
    return Request(
        url,
        callback=callback,
        errback=errback,
        meta={"text": text, "purpose": purpose, "chain": (), "download_slot": host, **meta},
    )


class AgainError(Exception):
    """Raised by `Fetcher.fetch` where the same URL is worth asking for again, some seconds later."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"again in {wait:.1f} s")
        self.wait = wait
