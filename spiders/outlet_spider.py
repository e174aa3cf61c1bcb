"""Base of the spiders that read the sources of one outlet."""

from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler

from articles.model import Purpose
from spiders.base import CrawlSpider
from spiders.fetching.crawl import Crawl
from spiders.outlets import find


class OutletSpider(CrawlSpider):
    """Spider of one outlet that counts the sources which it has requested and not read yet."""

    def __init__(self, crawl: Crawl, **kwargs: Any) -> None:
        super().__init__(crawl, **kwargs)
        self.outlet = find(crawl.spec.outlet, crawl.spec.outlets)
        self._reading = 0  # sources requested and not read yet

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Create the spider and register for requests that the queue drops."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.request_dropped, signals.request_dropped)
        return spider

    def request_dropped(self, request: Request) -> None:
        """Note that a source is done because it redirected to one requested before."""
        if request.meta["purpose"] is not Purpose.PAGE:
            self._reading -= 1
