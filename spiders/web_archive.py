"""The spider of archives: asks an archive of the web what it holds of an outlet, and for what was captured.

An archive's CDX server and its captures are interfaces made for programs, and whoever runs this named them: robots.txt,
which is for those that follow links, is not asked. They are asked slowly (`ARCHIVE_DELAY`), and Retry-After is obeyed.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import urljoin, urlsplit, urlunsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from articles.dates import FIRST_YEAR
from articles.errors import InputError
from articles.model import Discovery, Purpose
from articles.url import canonicalize
from spiders.base import LOOK, CrawlSpider
from spiders.discovery import cdx
from spiders.discovery.cdx import LIMIT, CdxPeriod, CdxRow
from spiders.discovery.paging import OK
from spiders.discovery.unpacking import unpack
from spiders.fetching.crawl import Crawl, ask
from spiders.fetching.guard import RefusedError
from spiders.fetching.replay import ArchivedCapture, key_of, of_range, of_replay
from spiders.fetching.url_lines import SeenUrls, fetchable
from spiders.news import window
from spiders.outlets import find
from spiders.sources import CommonCrawl, Source, Wayback
from spiders.spec import Event

CAPTURES = 20  # of one article in a run: its versions, not each of a thousand visits
COLLAPSE = 8  # digits of a timestamp: one capture a day
WAITING = 20_000  # captures that wait before the archive is asked what else it has
INLINE_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class ArchiveQuery:
    """A question to an archive's index."""

    url: str
    source: Wayback | CommonCrawl
    period: CdxPeriod
    prefix: str
    kind: str = "captures"  # or "indices", "pages"


class WebArchiveSpider(CrawlSpider):
    """One outlet, as an archive of the web has it."""

    name = "past"

    def __init__(self, crawl: Crawl, **kwargs: Any) -> None:
        super().__init__(crawl, **kwargs)
        spec = crawl.spec
        self.outlet = find(spec.outlet, spec.outlets)
        asked = window(spec.since, spec.until, datetime.now(UTC))
        self.period = CdxPeriod(
            asked.since or datetime(FIRST_YEAR, 1, 1, tzinfo=UTC),
            min(asked.until - cdx.SECOND, asked.now) if asked.until is not None else asked.now,
        )
        sources = archives(self.outlet.sources, spec.from_archive)
        self._asks = deque(one for source in sources for one in self._first(source))
        self._found: deque[tuple[CdxRow, Wayback | CommonCrawl]] = deque()
        self._met = SeenUrls()  # captures by address and day, and by address and digest
        self._captures: Counter[str] = Counter()
        self._reading = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Make the spider, and see to it that it hears of requests that the queue turns away."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.turned_away, signals.request_dropped)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Yield requests for lists of captures and for the captures, as there is room."""
        while (self._asks or self._found or self._reading) and not self.crawl.stopping.is_set():
            if self._asks and not self._reading and len(self._found) < WAITING:
                one = self._asks.popleft()
                self._reading += 1
                yield ask(one.url, one.url, Purpose.LISTING, self.read, self.unread, asked=one, interface=True).replace(
                    priority=1
                )
            elif not self._found:
                await asyncio.sleep(LOOK)
            elif not await self.room():
                return
            else:
                self.crawl.count(asked=1)
                yield self._capture(*self._found.popleft())

    def turned_away(self, request: Request) -> None:
        """Count off a list that redirected to one that was asked for already."""
        if request.meta["purpose"] is not Purpose.PAGE:
            self._reading -= 1

    async def unread(self, failure: Failure) -> None:
        """Count off a list that was not to be had."""
        self._reading -= 1
        await self.missed(failure)

    async def read(self, response: Response) -> None:
        """Take in what an index answers."""
        try:
            if response.request is None:
                raise TypeError("a response has its request")
            one: ArchiveQuery = response.request.meta["asked"]
            number = await self._read(response, one)
            self.crawl.count(sources=1)
            self.crawl.report.emit(Event("source", response.url, response.url, response.status, number=number))
        finally:
            self._reading -= 1

    async def _read(self, response: Response, one: ArchiveQuery) -> int:
        encoding = (response.headers.get("Content-Encoding") or b"").decode("latin-1")
        body = await asyncio.to_thread(lambda: unpack(response.body, encoding).readall() or b"")
        if one.kind == "pages" and (response.status not in OK or not cdx.pages_of(body)):
            self._asks.append(
                ArchiveQuery(self._query(one.url.partition("?")[0], one.prefix), one.source, one.period, one.prefix)
            )
        elif response.status not in OK:
            self.logger.warning("the archive answered %d: %s", response.status, response.url)
        elif one.kind == "indices" and isinstance(one.source, CommonCrawl):
            for index in cdx.indices_of(body, self.period):
                self._asks.append(self._count_pages(index, one.source, one.prefix))
        elif one.kind == "pages":
            base = one.url.partition("?")[0]
            for page in range(cdx.pages_of(body)):
                url = self._query(base, one.prefix, page=str(page))
                self._asks.append(ArchiveQuery(url, one.source, one.period, one.prefix))
        else:
            return await self._take(body, one)
        return 0

    async def _take(self, body: bytes, one: ArchiveQuery) -> int:
        captures = await asyncio.to_thread(lambda: list(cdx.read_answer(body)))
        if isinstance(one.source, Wayback) and len(captures) >= LIMIT and (halves := one.period.halves()):
            self._asks.extendleft(self._ask_wayback(one.source, one.prefix, half) for half in reversed(halves))
            return 0
        number = 0
        for held in captures:
            if (canonical := self._wanted(held)) is None:
                continue
            self.crawl.count(discovered=1)
            if key_of(canonical, held.timestamp) in self._skip:
                self.crawl.count(skipped=1)
                continue
            self._found.append((held, one.source))
            number += 1
        return number

    def _wanted(self, held: CdxRow) -> str | None:
        """Return the canonical address of a capture of an article that says something new; None for any other."""
        if not held.page or not self.period.first <= held.captured <= self.period.last:
            return None
        try:
            url, canonical = fetchable(self.outlet.mend(held.url))
        except (InputError, RefusedError):
            return None
        if not any(self.outlet.is_article(form) for form in _forms(url, canonical)):
            return None
        day, digest = f"{canonical}@{held.timestamp[:COLLAPSE]}", f"{canonical}#{held.digest}"
        if self._captures[canonical] >= CAPTURES or day in self._met or (held.digest and digest in self._met):
            self.crawl.count(collapsed=1)
            return None
        self._met.add(day)
        self._met.add(digest)
        self._captures[canonical] += 1
        return canonical

    def _capture(self, held: CdxRow, source: Wayback | CommonCrawl) -> Request:
        headers: tuple[tuple[str, str], ...] = ()
        if isinstance(source, Wayback):
            url, read = cdx.replay_address(source.raw, held), of_replay
        else:
            url, read = urljoin(source.data, held.filename), of_range
            headers = (("Range", f"bytes={held.offset}-{held.offset + held.length - 1}"),)
        discovery = Discovery(source.id, url, held.timestamp)
        meta = {"past": ArchivedCapture(held, discovery, read, headers), "discovery": discovery, "interface": True}
        request = ask(url, held.url, Purpose.PAGE, self.taken, self.missed, **meta)
        return request.replace(dont_filter=True)  # many captures lie in one file

    def _first(self, source: Wayback | CommonCrawl) -> list[ArchiveQuery]:
        prefixes = [source.prefix] if source.prefix else list(self.outlet.domains)
        if isinstance(source, Wayback):
            return [self._ask_wayback(source, prefix, year) for prefix in prefixes for year in _years(self.period)]
        if source.indices:
            return [self._count_pages(index, source, prefix) for prefix in prefixes for index in source.indices]
        return [ArchiveQuery(source.collections, source, self.period, prefix, "indices") for prefix in prefixes]

    def _ask_wayback(self, source: Wayback, prefix: str, period: CdxPeriod) -> ArchiveQuery:
        url = cdx.query(source.cdx, prefix, period, limit=str(LIMIT), collapse=f"timestamp:{COLLAPSE}")
        return ArchiveQuery(url, source, period, prefix)

    def _count_pages(self, index: str, source: CommonCrawl, prefix: str) -> ArchiveQuery:
        return ArchiveQuery(self._query(index, prefix, showNumPages="true"), source, self.period, prefix, "pages")

    def _query(self, index: str, prefix: str, **more: str) -> str:
        return cdx.query(index, prefix, self.period, **more)


def archives(declared: tuple[Source, ...], named: str) -> list[Wayback | CommonCrawl]:
    """Return the archives that an option names: those of that kind that an outlet declares, or else the usual one.

    InputError if it names none. A CDX server is asked for what is declared of any Wayback archive.
    """
    if named in {"wayback", "commoncrawl"}:
        kind = Wayback if named == "wayback" else CommonCrawl
        found = [source for source in declared if isinstance(source, kind)]
        return [*found] or [kind("")]
    try:
        canonicalize(named)
    except InputError as error:
        raise InputError(
            f"--from-archive takes wayback, commoncrawl or the address of a CDX server: {error}"
        ) from error
    prefixes = [source.prefix for source in declared if isinstance(source, Wayback)] or [""]
    return [Wayback(prefix, named, cdx.raw_template(named)) for prefix in prefixes]


def _years(period: CdxPeriod) -> list[CdxPeriod]:
    """Return a period in years, the earliest first: of several captures of one text the first one tells most."""
    years = range(period.first.year, period.last.year + 1)
    return [
        CdxPeriod(
            max(period.first, datetime(year, 1, 1, tzinfo=UTC)),
            min(period.last, datetime(year + 1, 1, 1, tzinfo=UTC) - cdx.SECOND),
        )
        for year in years
    ]


def _forms(url: str, canonical: str) -> list[str]:
    """Return the spellings in which an article may have stood on a site: http was usual once, and ports stood there."""
    found = []
    for one in (url, canonical):
        parts = urlsplit(one)
        host = parts.hostname or ""
        for scheme in ("https", "http"):
            default = parts.port in {None, 80, 443}
            found.append(urlunsplit(parts._replace(scheme=scheme, netloc=host if default else parts.netloc)))
    other = ("://www.", "://") if "://www." in url else ("://", "://www.")
    return [*found, *(one.replace(*other, 1) for one in found)]
