"""What our spiders share: going on only as there is room, leaving out what is known, and a net under every request."""

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

WINDOW = 2000  # requests that wait in the queue: enough to find hosts that are not busy, some 6 MB
LOOK = 0.05  # seconds between two looks for room; a window of 2000 is not emptied in that time


class CrawlSpider(Spider):
    """Base of our spiders."""

    crawl: Crawl

    def __init__(self, crawl: Crawl, **kwargs: Any) -> None:
        super().__init__(crawl=crawl, **kwargs)
        self._skip = SeenUrls()
        if crawl.spec.skip_path:
            for line in read_lines(Path(crawl.spec.skip_path)):
                self._skip.add(line.strip())

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Make the spider, and see to it that an error of its own does not pass for a finished crawl."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.failed, signals.spider_error)
        return spider

    def failed(self, failure: Failure) -> None:
        """Note an error of the spider itself."""
        self.crawl.fault = self.crawl.fault or f"{type(failure.value).__name__}: {failure.value}"

    def skips(self, url: str) -> bool:
        """Whether the crawl was told to leave a URL out."""
        return len(self._skip) > 0 and _canonical(url) in self._skip

    async def room(self) -> bool:
        """Wait until another request may be made. False if there will be none: the crawl stops, or has had its pages."""
        queue = self.crawler.engine.scheduler
        while isinstance(queue, FairQueue) and len(queue) >= WINDOW and not self.crawl.stopping.is_set():  # noqa: ASYNC110 - the queue says nothing when it shrinks
            await asyncio.sleep(LOOK)
        return not self.crawl.stopping.is_set() and not self.full

    @property
    def full(self) -> bool:
        """Whether as many pages were asked for as the crawl may have."""
        return 0 < self.crawl.spec.max_pages <= self.crawl.counts["asked"]

    async def missed(self, failure: Failure) -> None:
        """Record what nobody foresaw, so that no URL is lost without a word; what was foreseen is recorded already."""
        error = failure.value
        if isinstance(error, LostError | StoppedError | StoreError):
            return
        self.logger.error("unforeseen: %s", failure.getTraceback())
        request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it
        await self.crawl.lost(request, Reason.FETCH_ERROR, f"{type(error).__name__}: {error}")

    def taken(self, response: Response) -> None:
        """Do nothing with a page: it is in the archive, and others read it there."""


def _canonical(url: str) -> str:
    try:
        return canonicalize(url)
    except InputError:
        return url
