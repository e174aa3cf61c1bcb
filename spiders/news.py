"""The spider of outlets: walks an outlet's sources and asks for the articles that they name.

Sources go before articles in the queue, but no further source is begun while `WAITING` articles wait, so that memory
stays bounded and what is found is soon fetched. Articles wait as addresses, not as requests.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from articles.errors import InputError
from articles.model import Discovery, Purpose
from articles.url import canonicalize
from spiders.base import LOOK, CrawlSpider
from spiders.date_window import DateWindow, moment
from spiders.discovery import paging, sitemap_index
from spiders.discovery.answers import DateFilter, read
from spiders.discovery.feed_articles import entry_exchange, entry_key, entry_page
from spiders.discovery.feeds import FeedText, SourceEntry
from spiders.discovery.paging import OK, PageStep, following, steps
from spiders.fetching.crawl import Crawl, ask
from spiders.fetching.guard import RefusedError
from spiders.fetching.url_lines import SeenUrls, fetchable
from spiders.outlets import find
from spiders.sources import CommonCrawl, Feed, Wayback
from spiders.spec import Event

AGAIN = "Revisit"  # how records name where a known article was found
MAX_DEPTH = 3  # sitemap indices below each other; sitemaps.org allows one
MAX_SITEMAPS = 20_000  # of a run: one a day for fifty years
MAX_NESTED = 50_000  # sitemaps that one index may name, by sitemaps.org
GONE = (404, 410)  # what a day without news and a sitemap that was taken down answer
WAITING = 5_000  # articles that wait before the next source is begun
AT_ONCE = 4  # sources asked for at a time: enough that the next is there when one is read
INLINE_BYTES = 1 << 18  # larger sources are read in a thread, so that fetching goes on


class QueuedArticle(NamedTuple):
    """An article that was found, or is known, and is to be asked for."""

    url: str
    discovery: Discovery
    validators: tuple[tuple[str, str], ...] = ()  # fields that let the server say that nothing has changed


class NewsSpider(CrawlSpider):
    """One outlet's crawl."""

    name = "news"

    def __init__(self, crawl: Crawl, **kwargs: Any) -> None:
        super().__init__(crawl, **kwargs)
        spec = crawl.spec
        self.outlet = find(spec.outlet, spec.outlets)
        self.window = window(spec.since, spec.until, datetime.now(UTC))
        self._walked = moment(spec.walked) if self.window.open else None
        self._series = chain.from_iterable(steps(source, self.window) for source in self.outlet.sources)
        self._steps: deque[PageStep] = deque()  # that follow from what was read
        self._asked = SeenUrls()  # addresses of sources
        self._sitemaps = 0
        self._found: deque[QueuedArticle] = deque()
        self._again = deque(again(Path(spec.again_path)) if spec.again_path else ())
        self._named = SeenUrls()  # articles that were found
        self._shown = SeenUrls()  # articles that pages showed, whatever their dates
        self._reading = 0  # sources asked for and not read yet

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Make the spider, and see to it that it hears of requests that the queue turns away."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.turned_away, signals.request_dropped)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Yield requests for the sources and for what they name, then for known articles, as there is room."""
        if all(isinstance(source, Wayback | CommonCrawl) for source in self.outlet.sources):
            self.logger.warning("%s has no source of its own: ingest it with --from-archive", self.outlet.name)
        more = True
        while (more or self._steps or self._found or self._reading or self._again) and not self.crawl.stopping.is_set():
            if self._reading < AT_ONCE and len(self._found) < WAITING and (self._steps or more):
                step = self._steps.popleft() if self._steps else next(self._series, None)
                if step is None:
                    more = False
                elif self._asked.add(step.url):
                    yield self._ask(step)
            elif not self._found and (self._reading or not self._again):
                await asyncio.sleep(LOOK)
            elif not await self.room():
                return
            else:
                yield self._page(self._found.popleft() if self._found else self._again.popleft())
        if not self.crawl.stopping.is_set() and not self.crawl.counts["sources_missed"]:
            self.crawl.count(whole=1)  # nothing of what the sources name is left for another run

    def _page(self, waiting: QueuedArticle) -> Request:
        self.crawl.count(asked=1, asked_again=int(waiting.discovery.source == AGAIN))
        meta = {"discovery": waiting.discovery, **({"render": self.outlet} if self.outlet.javascript else {})}
        if not self.outlet.javascript:  # of what a browser makes of a page no server knows whether it changed
            meta["validators"] = waiting.validators
        return ask(waiting.url, waiting.url, Purpose.PAGE, self.taken, self.missed, **meta)

    def _ask(self, step: PageStep) -> Request:
        self._reading += 1
        return ask(step.url, step.url, step.purpose, self.read, self.unread, step=step).replace(priority=1)

    def turned_away(self, request: Request) -> None:
        """Count off a source that redirected to one that was asked for already."""
        if request.meta["purpose"] is not Purpose.PAGE:
            self._reading -= 1

    async def unread(self, failure: Failure) -> None:
        """Count off a source that was not to be had."""
        self._reading -= 1
        self.crawl.count(sources_missed=1)
        await self.missed(failure)

    async def read(self, response: Response) -> None:
        """Take in what a document of a source names, and put what follows from it in line."""
        try:
            request = response.request
            if request is None:
                raise TypeError("a response has its request")
            step: PageStep = request.meta["step"]
            in_order = response.status in OK
            seen = await self._read(response, step) if in_order else paging.PageSeen(response.status)
            further = following(step, seen, self.window, resuming=self.crawl.spec.resuming)
            if further is not None and self.outlet.owns(further.url):
                self._steps.append(further)
            self.crawl.count(sources=1, sources_missed=int(not in_order and response.status not in GONE))
            detail = "" if seen.named or not in_order else "names nothing"
            told = Event("source", response.url, response.url, response.status, number=seen.unknown, detail=detail)
            self.crawl.report.emit(told)
        finally:
            self._reading -= 1

    async def _read(self, response: Response, step: PageStep) -> paging.PageSeen:
        inline = len(response.body) < INLINE_BYTES
        answered = read(step, response) if inline else await asyncio.to_thread(read, step, response)
        sieve = DateFilter(self.window, self.outlet.published)
        nested: list[SourceEntry] = []
        named = new = unknown = 0
        while batch := answered.batch() if inline else await asyncio.to_thread(answered.batch):
            named += len(batch)
            nested += [found for found in batch if found.nested][: MAX_NESTED - len(nested)]
            articles = [mended for found in batch if not found.nested and (mended := self._mended(found)) is not None]
            if step.purpose is not Purpose.SITEMAP:
                new += sum(self._shown.add(found.url) for found in articles)
            for found in articles:
                if sieve.take(found):
                    unknown += await self._take(found, step, response.url)
            await asyncio.sleep(0)
        for found in sieve.rest():
            unknown += await self._take(found, step, response.url)
        self.crawl.count(out_of_time=sieve.left_out)
        self._go_down(nested, step)
        return paging.PageSeen(response.status, named, new, unknown, sieve.dates, answered.next)

    def _mended(self, found: SourceEntry) -> SourceEntry | None:
        """Return what a source names with its address and dates put right; None where it is no article."""
        try:
            url = fetchable(self.outlet.mend(found.url))[0]
        except (InputError, RefusedError):
            self.crawl.count(bad_lines=1)
            self.crawl.report.emit(Event("bad_line", found.url[:200], detail="a source names it, but it is no URL"))
            return None
        if not self.outlet.is_article(url):
            return None
        mend = self.outlet.mend_date
        return replace(found, url=url, published=mend(found.published), modified=mend(found.modified))

    def _go_down(self, nested: list[SourceEntry], step: PageStep) -> None:
        """Put the sitemaps that a sitemap or robots.txt names in line, but those that time rules out."""
        wanted, left_out = sitemap_index.wanted(nested, self.window, self._walked)
        self.crawl.count(pruned=left_out)
        for found in wanted:
            url = self.outlet.mend(found.url)
            self._sitemaps += 1
            if step.depth >= MAX_DEPTH or self._sitemaps > MAX_SITEMAPS or not self.outlet.owns(url):
                self.logger.warning("sitemap left out (not the outlet's, too deep, or one too many): %s", url)
            else:
                self._steps.append(PageStep(url, Purpose.SITEMAP, step.source, depth=step.depth + 1))

    async def _take(self, found: SourceEntry, step: PageStep, place: str) -> bool:
        """Put an article in line unless this run has it there already or the store has it; tell whether it was."""
        canonical = canonicalize(found.url)
        if not self._named.add(canonical):
            return False
        self.crawl.count(discovered=1)
        discovery = Discovery(step.source.id, place, found.given)
        if isinstance(step.source, Feed) and step.source.full_text:
            return await self._keep(found, canonical, discovery)
        if self.skips(found.url):
            self.crawl.count(skipped=1)
            return False
        self._found.append(QueuedArticle(found.url, discovery))
        return True

    async def _keep(self, found: SourceEntry, canonical: str, discovery: Discovery) -> bool:
        """Archive an article that a feed holds, unless the store has it just so; tell whether it was."""
        page = entry_page(found.url, found.published, found.modified, found.text or FeedText("", ""))
        if self.full or entry_key(canonical, page) in self._skip:
            self.crawl.count(skipped=1)
            return False
        exchange = entry_exchange(found.url, page, discovery, datetime.now(UTC))
        await self.crawl.archive.keep(self.outlet.name, exchange)
        self.crawl.count(asked=1, fetched=1, entries=1)
        self.crawl.report.emit(Event("fetched", found.url, found.url, status=200, size=len(page)))
        return True


def again(path: Path) -> Iterator[QueuedArticle]:
    """Yield the known pages that a file names: a JSON object a line, `url`, `etag`, `last_modified`."""
    for line in path.read_text(encoding="utf-8").splitlines():
        told = json.loads(line)
        fields = (("If-None-Match", told.get("etag", "")), ("If-Modified-Since", told.get("last_modified", "")))
        yield QueuedArticle(
            told["url"], Discovery(AGAIN, told["url"]), tuple((name, text) for name, text in fields if text)
        )


def window(since: str, until: str, now: datetime) -> DateWindow:
    """Return what a crawl asks for. InputError if a date is none, or nothing lies between the two."""
    first, last = moment(since), moment(until, ends=True)
    if first is not None and last is not None and last <= first:
        raise InputError(f"nothing lies between {since} and {until}")
    return DateWindow(now, first, last)
