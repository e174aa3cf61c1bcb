"""Scrapy's download handler for our own fetcher, and the middleware that sends requests back to the queue."""

import asyncio
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from articles.model import Purpose
from spiders.fetching.crawl import AgainError, Crawl, Fetching, crawl_of

MIN_WAIT_SECONDS = 0.05  # before a request to a busy address is tried again


class GuardedHandler:
    """Download handler that passes requests to the crawl's `Fetcher`."""

    lazy = False

    def __init__(self, fetcher: Fetching) -> None:
        self._fetcher = fetcher

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Create the handler of a scheme; all share the crawl's fetcher. Called by Scrapy."""
        return cls(crawl_of(crawler).fetcher)

    async def download_request(self, request: Request) -> Response:
        """Fetch a request; see `Fetcher.fetch`."""
        return await self._fetcher.fetch(request)

    async def close(self) -> None:
        """Do nothing: `CrawlProcess` closes the fetcher."""


class RetryMiddleware:
    """Downloader middleware that puts a request to retry back into the queue, with the time before which it waits."""

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Return the request to make later; None if the exception asks for no retry."""
        if not isinstance(exception, AgainError):
            return None
        after = asyncio.get_running_loop().time() + exception.wait
        meta = {**request.meta, "attempt": request.meta.get("attempt", 0) + exception.is_failure, "after": after}
        return request.replace(dont_filter=True, meta=meta)


class AddressMiddleware:
    """Downloader middleware that sends a request back to the queue if other names keep its host's address busy."""

    def __init__(self, crawler: Crawler, crawl: Crawl) -> None:
        self._crawler = crawler
        self._crawl = crawl

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Create the middleware; called by Scrapy."""
        return cls(crawler, crawl_of(crawler))

    async def process_request(self, request: Request) -> None:
        """Let a request pass, or raise AgainError. The queue knows the address of its host from now on."""
        if request.meta["purpose"] is Purpose.ROBOTS:
            return  # a page waits for it
        host, limits = request.meta["download_slot"], self._crawl.addresses
        await limits.locate(host)
        downloader = self._crawler.engine.downloader
        own = sum(other.meta["download_slot"] == host for other in downloader.active)
        others = limits.busy(downloader)[limits.of(host)] - own
        if others >= limits.max_active and not self._crawl.stopping.is_set():
            raise AgainError(max(MIN_WAIT_SECONDS, limits.spacing), is_failure=False)
