"""Spider for outlets: read an outlet's sources and fetch the articles that they name.

Sources go before articles in the queue. No further source is requested while `MAX_WAITING_ARTICLES` articles wait, so
that memory stays bounded and articles are fetched soon after they are found. Articles wait as URLs, not as requests.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from articles.errors import InputError, SourceError
from articles.model import Discovery, Purpose, Reason
from articles.url import canonicalize
from spiders.base import POLL_SECONDS
from spiders.date_window import DateWindow, parse_option
from spiders.discovery import paging, sitemap_index
from spiders.discovery.answers import DateFilter, SourceBody
from spiders.discovery.entries import FeedText, SourceEntry
from spiders.discovery.feed_articles import entry_exchange, entry_key, entry_page
from spiders.discovery.paging import OK_STATUSES, PageStep, following, steps
from spiders.discovery.source_tasks import EntriesTask, entries
from spiders.fetching.address_rules import RefusedError
from spiders.fetching.crawl import Crawl, StoppedError, ask
from spiders.fetching.url_lines import SeenUrls, fetchable
from spiders.outlet_spider import OutletSpider
from spiders.sources import CommonCrawl, Feed, Wayback
from spiders.spec import Event

REVISIT_SOURCE = "Revisit"  # the source in records of known articles fetched again
MAX_SITEMAP_DEPTH = 3  # nested sitemap indices; sitemaps.org allows one
MAX_SITEMAPS = 20_000  # per run: one per day for fifty years
MAX_SITEMAPS_PER_INDEX = 50_000  # as sitemaps.org allows
GONE_STATUSES = (404, 410)  # usual for a day without news or a removed sitemap, so not counted as a failed source
MAX_WAITING_ARTICLES = 5_000  # while more wait, no further source is requested
MAX_CONCURRENT_SOURCES = 4  # enough that the next one has arrived when one is read


class QueuedArticle(NamedTuple):
    """A new or known article that waits to be fetched."""

    url: str
    discovery: Discovery
    validators: tuple[tuple[str, str], ...] = ()  # header fields of a conditional request


class NewsSpider(OutletSpider):
    """Spider that crawls one outlet."""

    name = "news"

    def __init__(self, crawl: Crawl, **kwargs: Any) -> None:
        super().__init__(crawl, **kwargs)
        spec = crawl.spec
        self.window = make_window(spec.since, spec.until, datetime.now(UTC))
        self._walked = parse_option(spec.walked) if self.window.is_open else None
        self._series = chain.from_iterable(steps(source, self.window) for source in self.outlet.sources)
        self._steps: deque[PageStep] = deque()  # next pages and sitemaps of sources already read
        self._requested = SeenUrls()  # URLs of sources
        self._sitemaps = 0
        self._found: deque[QueuedArticle] = deque()
        self._again = deque(read_revisits(Path(spec.again_path)) if spec.again_path else ())
        self._queued = SeenUrls()  # articles found, in the date window
        self._listed = SeenUrls()  # articles named on pages, whatever their dates

    async def start(self) -> AsyncIterator[Any]:
        """Yield requests for the sources and their articles, then for known articles, while the queue has room."""
        if all(isinstance(source, Wayback | CommonCrawl) for source in self.outlet.sources):
            self.logger.warning("%s has no source but web archives; ingest it with --from-archive", self.outlet.name)
        more = True
        while (more or self._steps or self._found or self._reading or self._again) and not self.crawl.stopping.is_set():
            if (
                self._reading < MAX_CONCURRENT_SOURCES
                and len(self._found) < MAX_WAITING_ARTICLES
                and (self._steps or more)
            ):
                step = self._steps.popleft() if self._steps else next(self._series, None)
                if step is None:
                    more = False
                elif self._requested.add(step.url):
                    yield self._source_request(step)
            elif not self._found and (self._reading or not self._again):
                await asyncio.sleep(POLL_SECONDS)
            elif not await self.has_room():
                return
            else:
                yield self._page_request(self._found.popleft() if self._found else self._again.popleft())
        if not self.crawl.stopping.is_set() and not self.crawl.counts["sources_missed"]:
            self.crawl.count(whole=1)  # all articles that the sources name were requested

    def closed(self, _reason: str) -> None:
        """Count the articles that were found and not requested; called by Scrapy at the end."""
        self.crawl.count(backlog=len(self._found), sources_unread=len(self._steps))

    def _page_request(self, article: QueuedArticle) -> Request:
        self.crawl.count(asked=1, asked_again=int(article.discovery.source == REVISIT_SOURCE))
        meta = {"discovery": article.discovery, **({"render": self.outlet} if self.outlet.javascript else {})}
        if not self.outlet.javascript:  # a server cannot know whether a rendered page has changed
            meta["validators"] = article.validators
        return ask(article.url, article.url, Purpose.PAGE, self.page_archived, self.request_failed, **meta)

    def _source_request(self, step: PageStep) -> Request:
        self._reading += 1
        return ask(step.url, step.url, step.purpose, self.read, self.source_failed, step=step).replace(priority=1)

    async def source_failed(self, failure: Failure) -> None:
        """Note that a source could not be fetched."""
        self._reading -= 1
        self.crawl.count(sources_missed=1)
        await self.request_failed(failure)

    async def read(self, response: Response) -> None:
        """Queue the articles of a source's response, its sitemaps and its next page."""
        request = response.request
        if request is None:
            raise TypeError("the response has no request")
        try:
            step: PageStep = request.meta["step"]
            is_ok = response.status in OK_STATUSES
            seen = await self._read(response, step) if is_ok else paging.PageSeen(response.status)
            further = following(step, seen, self.window, resuming=self.crawl.spec.resuming)
            if further is not None and self.outlet.owns(further.url):
                self._steps.append(further)
            self.crawl.count(sources=1, sources_missed=int(not is_ok and response.status not in GONE_STATUSES))
            detail = "" if seen.named or not is_ok else "no entries"
            event = Event("source", response.url, response.url, response.status, number=seen.unknown, detail=detail)
            self.crawl.report.emit(event)
        except SourceError as error:
            self.crawl.count(sources=1, sources_missed=1)
            await self.crawl.lost(request, Reason.TOO_COSTLY, str(error))
        except StoppedError:
            self.crawl.count(sources_missed=1)
        finally:
            self._reading -= 1

    async def _read(self, response: Response, step: PageStep) -> paging.PageSeen:
        following_url = ""
        date_filter = DateFilter(self.window, self.outlet.published)
        nested: list[SourceEntry] = []
        named = new = unknown = 0
        async with aclosing(self.crawl.sources.read(EntriesTask(step, received(response)))) as batches:
            async for values in batches:
                if isinstance(values, str):
                    following_url = values
                    continue
                batch = entries(values)
                named += len(batch)
                nested += [found for found in batch if found.nested][: MAX_SITEMAPS_PER_INDEX - len(nested)]
                articles = [article for found in batch if (article := self._article(found)) is not None]
                if step.purpose is not Purpose.SITEMAP:
                    new += sum(self._listed.add(found.url) for found in articles)
                for found in filter(date_filter.take, articles):
                    unknown += await self._queue_article(found, step, response.url)
                await asyncio.sleep(0)
                if self.crawl.stopping.is_set():
                    raise StoppedError
        for found in date_filter.rest():
            unknown += await self._queue_article(found, step, response.url)
        self.crawl.count(out_of_time=date_filter.left_out)
        await self._queue_sitemaps(nested, step)
        return paging.PageSeen(response.status, named, new, unknown, date_filter.dates, following_url)

    def _article(self, found: SourceEntry) -> SourceEntry | None:
        """Return an entry with its URL and dates corrected; None if it is not an article."""
        if found.nested:
            return None
        try:
            url = fetchable(self.outlet.mend(found.url))[0]
        except (InputError, RefusedError):
            self.crawl.count(bad_lines=1)
            self.crawl.report.emit(Event("bad_line", found.url[:200], detail="a source names it, but it is not a URL"))
            return None
        if not self.outlet.is_article(url):
            return None
        mend = self.outlet.mend_date
        return replace(found, url=url, published=mend(found.published), modified=mend(found.modified))

    async def _queue_sitemaps(self, nested: list[SourceEntry], step: PageStep) -> None:
        """Queue the sitemaps that an index or robots.txt names, except those outside of the date window."""
        wanted, left_out = await asyncio.to_thread(sitemap_index.wanted, nested, self.window, self._walked)
        self.crawl.count(pruned=left_out)
        for found in wanted:
            url = self.outlet.mend(found.url)
            self._sitemaps += 1
            if step.depth >= MAX_SITEMAP_DEPTH or self._sitemaps > MAX_SITEMAPS or not self.outlet.owns(url):
                self.logger.warning(
                    "sitemap skipped (not on the outlet's hosts, nested too deep, or too many): %s", url
                )
            else:
                self._steps.append(PageStep(url, Purpose.SITEMAP, step.source, depth=step.depth + 1))

    async def _queue_article(self, found: SourceEntry, step: PageStep, place: str) -> bool:
        """Queue an article unless this run has queued it or the store has it; return whether it was queued."""
        canonical = canonicalize(found.url)
        if not self._queued.add(canonical):
            return False
        self.crawl.count(discovered=1)
        discovery = Discovery(step.source.id, place, found.date)
        if isinstance(step.source, Feed) and step.source.full_text:
            return await self._archive_entry(found, canonical, discovery)
        if self.skips(found.url):
            self.crawl.count(skipped=1)
            return False
        self._found.append(QueuedArticle(found.url, discovery))
        return True

    async def _archive_entry(self, found: SourceEntry, canonical: str, discovery: Discovery) -> bool:
        """Archive an article that a feed holds, unless the store has the same; return whether it was archived."""
        page = entry_page(found.url, found.published, found.modified, found.text or FeedText("", ""))
        if self.is_full or entry_key(canonical, page) in self._skip:
            self.crawl.count(skipped=1)
            return False
        exchange = entry_exchange(found.url, page, discovery, datetime.now(UTC))
        exchange = replace(exchange, site_rights=self.crawl.site_rights(found.url))
        await self.crawl.archive.keep(self.outlet.name, exchange)
        self.crawl.count(asked=1, fetched=1, entries=1)
        self.crawl.report.emit(Event("fetched", found.url, found.url, status=200, size=len(page)))
        return True


def received(response: Response) -> SourceBody:
    """Return the body of a source's response, for the process that parses it."""
    encoding, kind = (
        (response.headers.get(name) or b"").decode("latin-1") for name in ("Content-Encoding", "Content-Type")
    )
    return SourceBody(response.url, response.body, encoding, kind)


def read_revisits(path: Path) -> Iterator[QueuedArticle]:
    """Yield the known pages to fetch again from a JSON Lines file with `url`, `etag` and `last_modified`."""
    for line in path.read_text(encoding="utf-8").splitlines():
        page = json.loads(line)
        fields = (("If-None-Match", page.get("etag", "")), ("If-Modified-Since", page.get("last_modified", "")))
        yield QueuedArticle(
            page["url"], Discovery(REVISIT_SOURCE, page["url"]), tuple((name, text) for name, text in fields if text)
        )


def make_window(since: str, until: str, now: datetime) -> DateWindow:
    """Return the date window of a crawl. InputError if a date is invalid or the window is empty."""
    first, last = parse_option(since), parse_option(until, ends=True)
    if first is not None and last is not None and last <= first:
        raise InputError(f"--since {since} is not before --until {until}: no article can match")
    return DateWindow(now, first, last)
