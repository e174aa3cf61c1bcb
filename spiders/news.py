"""The spider of outlets: reads an outlet's feeds and sitemaps and asks for the articles that they name."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from articles.errors import InputError
from articles.model import Purpose
from spiders.base import LOOK, CrawlSpider
from spiders.crawl import Crawl, ask
from spiders.entries import Found, parse_date, read_source, unpack
from spiders.guard import RefusedError
from spiders.lists import Seen, fetchable
from spiders.outlets import find
from spiders.sources import Feed, Sitemap
from spiders.spec import Event

MAX_DEPTH = 3  # sitemap indices below each other; sitemaps.org allows one
MAX_SITEMAPS = 5_000  # of a run: one a day for thirteen years
INLINE_BYTES = 1 << 20  # larger sources are read in a thread, so that fetching goes on


class NewsSpider(CrawlSpider):
    """One outlet's crawl. Articles wait as addresses, not as requests: a large sitemap has 50,000."""

    name = "news"

    def __init__(self, crawl: Crawl, **kwargs: Any) -> None:
        super().__init__(crawl, **kwargs)
        self.outlet = find(crawl.spec.outlet, crawl.spec.outlets)
        self.since = since(crawl.spec.since)
        self._found: deque[str] = deque()
        self._seen = Seen()
        self._reading = 0  # sources asked for and not read yet
        self._sitemaps = Seen()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Make the spider, and see to it that it hears of requests that the queue turns away."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.turned_away, signals.request_dropped)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Yield requests for the sources, then for what they name, as there is room."""
        for source in self.outlet.sources:
            if isinstance(source, Feed):
                yield self._source(source.url, Purpose.FEED, 0)
            elif isinstance(source, Sitemap):
                self._sitemaps.add(source.url)
                yield self._source(source.url, Purpose.SITEMAP, 0)
        while self._found or self._reading:
            if not self._found:
                await asyncio.sleep(LOOK)
            elif not await self.room():
                return
            else:
                url = self._found.popleft()
                self.crawl.count(asked=1)
                yield ask(url, url, Purpose.PAGE, self.taken, self.missed)

    def _source(self, url: str, purpose: Purpose, depth: int) -> Request:
        self._reading += 1
        return ask(url, url, purpose, self.read, self.unread, depth=depth)

    async def read(self, response: Response) -> AsyncIterator[Request]:
        """Take in what a feed or sitemap names; yield requests for the sitemaps below it."""
        try:
            request = response.request
            if request is None:
                raise TypeError("a response has its request")
            articles = 0
            for found in await self._entries(response):
                if self.since is not None and found.latest is not None and found.latest < self.since:
                    continue
                if found.nested:
                    if (below := self._below(found, request)) is not None:
                        yield below
                elif self._take(found):
                    articles += 1
            self.crawl.count(sources=1)
            self.crawl.report.emit(Event("source", url=response.url, number=articles, status=response.status))
        finally:
            self._reading -= 1

    def turned_away(self, request: Request) -> None:
        """Count off a source that redirected to one that was asked for already."""
        if request.meta["purpose"] is not Purpose.PAGE:
            self._reading -= 1

    async def unread(self, failure: Failure) -> None:
        """Count off a source that was not to be had."""
        self._reading -= 1
        await self.missed(failure)

    async def _entries(self, response: Response) -> list[Found]:
        encoding = (response.headers.get("Content-Encoding") or b"").decode("latin-1")

        def read() -> list[Found]:
            return list(read_source(unpack(response.body, encoding), response.url))

        return read() if len(response.body) < INLINE_BYTES else await asyncio.to_thread(read)

    def _below(self, found: Found, request: Request) -> Request | None:
        depth = request.meta["depth"] + 1
        url = self.outlet.mend(found.url)
        if depth > MAX_DEPTH or len(self._sitemaps) >= MAX_SITEMAPS or not self.outlet.owns(url):
            self.logger.warning("sitemap left out (not the outlet's, too deep, or one too many): %s", url)
            return None
        return self._source(url, Purpose.SITEMAP, depth) if self._sitemaps.add(url) else None

    def _take(self, found: Found) -> bool:
        """Put an article that is new to this run and not known from others in line; tell whether it was."""
        try:
            url, canonical = fetchable(self.outlet.mend(found.url))
        except (InputError, RefusedError):
            self.crawl.count(bad_lines=1)
            self.crawl.report.emit(Event("bad_line", found.url[:200], detail="a source names it, but it is no URL"))
            return False
        if not self.outlet.is_article(url) or not self._seen.add(canonical):
            return False
        self.crawl.count(discovered=1)
        if self.skips(url):
            self.crawl.count(skipped=1)
            return False
        self._found.append(url)
        return True


def since(text: str) -> datetime | None:
    """Return the moment that a date or time names, a date meaning its beginning. InputError if it names none."""
    if not text:
        return None
    moment = parse_date(text if "T" in text else f"{text}T00:00:00+00:00")
    if moment is None:
        raise InputError(f"not a date: {text!r} (write 2024-09-03, or 2024-09-03T12:00:00+05:00)")
    return moment
