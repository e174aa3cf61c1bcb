"""Scrapy's download handler over our own fetcher, and the middleware that repeats a request."""

import asyncio
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from spiders.fetching.crawl import AgainError, Fetching, crawl_of


class GuardedHandler:
    """Scrapy's download handler: hands requests to the crawl's `Fetcher`."""

    lazy = False

    def __init__(self, fetcher: Fetching) -> None:
        self._fetcher = fetcher

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make one for each scheme; they share the crawl's fetcher."""
        return cls(crawl_of(crawler).fetcher)

    async def download_request(self, request: Request) -> Response:
        """Fetch; see `Fetcher.fetch`."""
        return await self._fetcher.fetch(request)

    async def close(self) -> None:
        """Do nothing: the fetcher is closed by who made it."""


class RetryMiddleware:
    """Downloader middleware: puts what is to be asked for again back into the queue, which waits as long as told."""

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Return the request to make later."""
        if not isinstance(exception, AgainError):
            return None
        after = asyncio.get_running_loop().time() + exception.wait
        meta = {**request.meta, "attempt": request.meta.get("attempt", 0) + 1, "after": after}
        return request.replace(dont_filter=True, meta=meta)
