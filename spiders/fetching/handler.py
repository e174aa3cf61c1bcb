"""Scrapy's download handler for our own fetcher, and the retry middleware."""

import asyncio
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from spiders.fetching.crawl import AgainError, Fetching, crawl_of


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
        meta = {**request.meta, "attempt": request.meta.get("attempt", 0) + 1, "after": after}
        return request.replace(dont_filter=True, meta=meta)
