"""Spider for lists of URLs: fetch each URL once, and report each line that is not fetched."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from itertools import chain
from pathlib import Path
from typing import Any

from scrapy import Request

from articles.model import Purpose
from spiders.base import CrawlSpider
from spiders.fetching.crawl import ask
from spiders.fetching.url_lines import BadLine, RepeatedLine, UrlLine, read_lines, read_list
from spiders.spec import Event

LINES_PER_YIELD = 1_000  # lines counted before other tasks may run: some 20 ms


class UrlListSpider(CrawlSpider):
    """Spider that streams a list: URLs not requested yet stay on disk."""

    name = "urls"

    async def start(self) -> AsyncIterator[Any]:
        """Yield a request for each URL to fetch while the queue has room; count lines beyond the page budget."""
        first: UrlLine | None = None  # the first line beyond the page budget
        for found in read_list(self._lines()):
            if isinstance(found, UrlLine) and found.assumed:
                self.crawl.report.emit(Event("assumed", found.text, found.url, number=found.number))
            match found:
                case BadLine(number, text, reason):
                    self.crawl.count(bad_lines=1)
                    self.crawl.report.emit(Event("bad_line", text, number=number, detail=reason))
                case RepeatedLine(number, text, url):
                    self.crawl.count(repeated=1)
                    self.crawl.report.emit(Event("repeated", text, url, number=number))
                case _ if self.skips(found.url):
                    self.crawl.count(skipped=1)
                    self.crawl.report.emit(Event("skipped", found.text, found.url, number=found.number))
                case _ if first is None and await self.has_room():
                    yield self._page(found.url, found.text)
                case _ if self.crawl.stopping.is_set():
                    return
                case _:
                    first = first or found
                    self.crawl.count(left=1)
                    if self.crawl.counts["left"] % LINES_PER_YIELD == 0:
                        await asyncio.sleep(0)
        if first is not None:
            number = self.crawl.counts["left"]
            self.crawl.report.emit(Event("left", first.text, first.url, number=number))

    def _lines(self) -> Iterable[str]:
        spec = self.crawl.spec
        return chain(spec.urls, read_lines(Path(spec.list_path)) if spec.list_path else ())

    def _page(self, url: str, text: str) -> Request:
        self.crawl.count(asked=1)
        return ask(url, text, Purpose.PAGE, self.page_archived, self.request_failed)
