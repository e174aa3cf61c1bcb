"""Base class of the spiders: a bounded queue, URLs to skip, and a record for every failed request."""

import asyncio
from pathlib import Path
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from articles.errors import InputError, StoreError
from articles.model import Reason
from articles.url import canonicalize
from spiders.fetching.crawl import Crawl, LostError, StoppedError
from spiders.fetching.scheduler import FairQueue
from spiders.fetching.url_lines import SeenUrls, read_lines

MAX_QUEUED_REQUESTS = 2000  # enough to find hosts that are not busy; some 6 MB
POLL_SECONDS = 0.05  # between two checks of the queue; 2000 requests are not fetched in that time


class CrawlSpider(Spider):
    """Base class of the spiders."""

    crawl: Crawl

    def __init__(self, crawl: Crawl, **kwargs: Any) -> None:
        super().__init__(crawl=crawl, **kwargs)
        self._skip = SeenUrls()
        if crawl.spec.skip_path:
            for line in read_lines(Path(crawl.spec.skip_path)):
                self._skip.add(line.strip())

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Create the spider and register for its errors, so that a crawl with an error does not count as finished."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.spider_failed, signals.spider_error)
        return spider

    def spider_failed(self, failure: Failure) -> None:
        """Record the first error of the spider itself."""
        self.crawl.fault = self.crawl.fault or f"{type(failure.value).__name__}: {failure.value}"

    def skips(self, url: str) -> bool:
        """Return whether a URL is in the list of URLs to skip."""
        return len(self._skip) > 0 and _canonical(url) in self._skip

    async def has_room(self) -> bool:
        """Wait until the queue has room. Return False if the crawl is stopping or its page budget is used up."""
        queue = self.crawler.engine.scheduler
        while isinstance(queue, FairQueue) and len(queue) >= MAX_QUEUED_REQUESTS and not self.crawl.stopping.is_set():  # noqa: ASYNC110 - the queue has no event for this
            await asyncio.sleep(POLL_SECONDS)
        return not self.crawl.stopping.is_set() and not self.is_full

    @property
    def is_full(self) -> bool:
        """Whether the page budget is used up."""
        return 0 < self.crawl.spec.max_pages <= self.crawl.counts["asked"]

    async def request_failed(self, failure: Failure) -> None:
        """Record an unexpected error of a request, so that every URL has a result; expected ones are recorded already."""
        error = failure.value
        if isinstance(error, LostError | StoppedError | StoreError):
            return
        self.logger.error("unexpected error: %s", failure.getTraceback())
        request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it
        await self.crawl.lost(request, Reason.FETCH_ERROR, f"{type(error).__name__}: {error}")

    def page_archived(self, response: Response) -> None:
        """Do nothing: the page is in the archive, where processing reads it."""


def _canonical(url: str) -> str:
    try:
        return canonicalize(url)
    except InputError:
        return url
