"""Spider for web archives: query an archive's index for an outlet's pages, and fetch the captures.

An archive's CDX server and its captures are interfaces for programs, and the user named them. So their robots.txt, which
is meant for programs that follow links, is not read. Requests are slow (`ARCHIVE_DELAY_SECONDS`), and Retry-After is
obeyed.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from articles.dates import FIRST_YEAR
from articles.errors import InputError, SourceError
from articles.model import Discovery, Purpose, Reason
from articles.url import canonicalize
from spiders.base import POLL_SECONDS
from spiders.discovery import cdx
from spiders.discovery.cdx import MAX_CAPTURES_PER_ANSWER, CdxPeriod, CdxRow, capture_key
from spiders.discovery.paging import OK_STATUSES
from spiders.discovery.source_tasks import CapturesTask, IndexPagesTask, IndicesTask, SourceTask, captures
from spiders.fetching.address_rules import RefusedError
from spiders.fetching.crawl import Crawl, StoppedError, ask
from spiders.fetching.replay import ArchivedCapture, ReadCapture, read_range, read_replay
from spiders.fetching.url_lines import SeenUrls, fetchable
from spiders.news import make_window, received
from spiders.outlet_spider import OutletSpider
from spiders.sources import CommonCrawl, Source, Wayback
from spiders.spec import Event

MAX_CAPTURES_PER_ARTICLE = 20  # per run: enough for its versions, without each of a thousand captures
COLLAPSE_DIGITS = 8  # of a timestamp: one capture per day
MAX_WAITING_CAPTURES = 20_000  # while more wait, no further query is made
MAX_QUERIES = 50_000  # of a run: 120 indices of 400 pages, or a year in hours for each of five domains
BATCH_CAPTURES = 1_000  # captures judged before other tasks may run: some 50 ms


@dataclass(frozen=True, slots=True)
class ArchiveQuery:
    """A query to an archive's index."""

    url: str
    source: Wayback | CommonCrawl
    period: CdxPeriod
    prefix: str
    kind: str = "captures"  # or "indices", "pages"


class WebArchiveSpider(OutletSpider):
    """Spider that fetches one outlet's captures from a web archive."""

    name = "past"

    def __init__(self, crawl: Crawl, **kwargs: Any) -> None:
        super().__init__(crawl, **kwargs)
        spec = crawl.spec
        window = make_window(spec.since, spec.until, datetime.now(UTC))
        self.period = CdxPeriod(
            window.since or datetime(FIRST_YEAR, 1, 1, tzinfo=UTC),
            min(window.until - cdx.SECOND, window.now) if window.until is not None else window.now,
        )
        sources = archives(self.outlet.sources, spec.from_archive)
        self._queries = deque(query for source in sources for query in self._first(source))
        self._planned = len(self._queries)  # queries made or waiting
        self._found: deque[tuple[CdxRow, Wayback | CommonCrawl]] = deque()
        self._seen = SeenUrls()  # captures by URL and day, and by URL and digest
        self._captures: Counter[str] = Counter()

    async def start(self) -> AsyncIterator[Any]:
        """Yield requests for lists of captures and for the captures, while the queue has room."""
        while (self._queries or self._found or self._reading) and not self.crawl.stopping.is_set():
            if self._queries and not self._reading and len(self._found) < MAX_WAITING_CAPTURES:
                query = self._queries.popleft()
                self._reading += 1
                meta = {"query": query, "interface": True}
                request = ask(query.url, query.url, Purpose.LISTING, self.read, self.source_failed, **meta)
                yield request.replace(priority=1)
            elif not self._found:
                await asyncio.sleep(POLL_SECONDS)
            elif not await self.has_room():
                return
            else:
                self.crawl.count(asked=1)
                yield self._capture(*self._found.popleft())

    async def source_failed(self, failure: Failure) -> None:
        """Note that a query failed."""
        self._reading -= 1
        await self.request_failed(failure)

    async def read(self, response: Response) -> None:
        """Queue the captures and further queries of an index's response."""
        request = response.request
        if request is None:
            raise TypeError("the response has no request")
        try:
            query: ArchiveQuery = request.meta["query"]
            number = await self._read(response, query)
            self.crawl.count(sources=1)
            self.crawl.report.emit(Event("source", response.url, response.url, response.status, number=number))
        except SourceError as error:
            self.crawl.count(sources=1, sources_missed=1)
            await self.crawl.lost(request, Reason.TOO_COSTLY, str(error))
        except StoppedError:
            self.crawl.count(sources_missed=1)
        finally:
            self._reading -= 1

    async def _read(self, response: Response, query: ArchiveQuery) -> int:
        answer, base = received(response), query.url.partition("?")[0]
        if query.kind == "pages":
            pages = sum([number async for number in self._batches(IndexPagesTask(answer))]) if is_ok(response) else 0
            asked = [{"page": str(page)} for page in range(pages)] or [{}]
            self._plan(
                [
                    ArchiveQuery(self._query(base, query.prefix, **more), query.source, query.period, query.prefix)
                    for more in asked
                ]
            )
        elif not is_ok(response):
            self.logger.warning("the archive answered with status %d, skipped: %s", response.status, response.url)
        elif query.kind == "indices" and isinstance(query.source, CommonCrawl):
            indices = [index async for found in self._batches(IndicesTask(answer, self.period)) for index in found]
            self._plan([self._count_pages(index, query.source, query.prefix) for index in indices])
        else:
            rows = [row async for batch in self._batches(CapturesTask(answer)) for row in captures(batch)]
            return await self._queue_captures(rows, query)
        return 0

    async def _batches(self, task: SourceTask) -> AsyncIterator[Any]:
        async with aclosing(self.crawl.sources.read(task)) as batches:
            async for batch in batches:
                yield batch

    def _plan(self, queries: list[ArchiveQuery], *, next_ones: bool = False) -> None:
        """Queue further queries, with `next_ones` before all others. `SourceError` if the run has too many."""
        if self._planned + len(queries) > MAX_QUERIES:
            raise SourceError(f"more than {MAX_QUERIES} queries to the index in one run")
        self._planned += len(queries)
        if next_ones:
            self._queries.extendleft(reversed(queries))
        else:
            self._queries.extend(queries)

    async def _queue_captures(self, rows: list[CdxRow], query: ArchiveQuery) -> int:
        if (
            isinstance(query.source, Wayback)
            and len(rows) >= MAX_CAPTURES_PER_ANSWER
            and (halves := query.period.halves())
        ):
            self._plan([self._ask_wayback(query.source, query.prefix, half) for half in halves], next_ones=True)
            return 0
        number = 0
        for place, row in enumerate(rows, start=1):
            if place % BATCH_CAPTURES == 0:
                await asyncio.sleep(0)
                if self.crawl.stopping.is_set():
                    raise StoppedError
            if (canonical := self._wanted(row)) is None:
                continue
            self.crawl.count(discovered=1)
            known = {canonical, canonicalize(row.url)}  # a capture keeps the URL that the archive gives it
            if any(capture_key(form, row.timestamp) in self._skip for form in known):
                self.crawl.count(skipped=1)
                continue
            self._found.append((row, query.source))
            number += 1
        return number

    def _wanted(self, row: CdxRow) -> str | None:
        """Return the canonical URL of a capture of an article with new content; None for any other capture."""
        if not row.page or not self.period.first <= row.captured <= self.period.last:
            return None
        try:
            url, canonical = fetchable(self.outlet.mend(row.url))
        except (InputError, RefusedError):
            return None
        if not any(self.outlet.is_article(form) for form in _forms(url, canonical)):
            return None
        day, digest = f"{canonical}@{row.timestamp[:COLLAPSE_DIGITS]}", f"{canonical}#{row.digest}"
        if (
            self._captures[canonical] >= MAX_CAPTURES_PER_ARTICLE
            or day in self._seen
            or (row.digest and digest in self._seen)
        ):
            self.crawl.count(collapsed=1)
            return None
        self._seen.add(day)
        self._seen.add(digest)
        self._captures[canonical] += 1
        return canonical

    def _capture(self, row: CdxRow, source: Wayback | CommonCrawl) -> Request:
        headers: tuple[tuple[str, str], ...] = ()
        read: ReadCapture = read_replay
        if isinstance(source, Wayback):
            url = cdx.replay_address(source.raw, row)
        else:
            url, read = urljoin(source.data, row.filename), read_range
            headers = (("Range", f"bytes={row.offset}-{row.offset + row.length - 1}"),)
        discovery = Discovery(source.id, url, row.timestamp)
        meta = {"past": ArchivedCapture(row, discovery, read, headers), "discovery": discovery, "interface": True}
        request = ask(url, row.url, Purpose.PAGE, self.page_archived, self.request_failed, **meta)
        return request.replace(dont_filter=True)  # many captures share one file, so one URL

    def _first(self, source: Wayback | CommonCrawl) -> list[ArchiveQuery]:
        prefixes = [source.prefix] if source.prefix else list(self.outlet.domains)
        if isinstance(source, Wayback):
            return [self._ask_wayback(source, prefix, year) for prefix in prefixes for year in _years(self.period)]
        if source.indices:
            return [self._count_pages(index, source, prefix) for prefix in prefixes for index in source.indices]
        return [ArchiveQuery(source.collections, source, self.period, prefix, "indices") for prefix in prefixes]

    def _ask_wayback(self, source: Wayback, prefix: str, period: CdxPeriod) -> ArchiveQuery:
        url = cdx.query(
            source.cdx, prefix, period, limit=str(MAX_CAPTURES_PER_ANSWER), collapse=f"timestamp:{COLLAPSE_DIGITS}"
        )
        return ArchiveQuery(url, source, period, prefix)

    def _count_pages(self, index: str, source: CommonCrawl, prefix: str) -> ArchiveQuery:
        return ArchiveQuery(self._query(index, prefix, showNumPages="true"), source, self.period, prefix, "pages")

    def _query(self, index: str, prefix: str, **more: str) -> str:
        return cdx.query(index, prefix, self.period, **more)


def is_ok(response: Response) -> bool:
    """Return whether an answer has a success status."""
    return response.status in OK_STATUSES


def archives(declared: tuple[Source, ...], named: str) -> list[Wayback | CommonCrawl]:
    """Return the archives that `--from-archive` names: those of that kind in the outlet's file, or else the default one.

    For the URL of a CDX server, the prefixes of the declared Wayback sources are used. InputError for any other value.
    """
    if named in {"wayback", "commoncrawl"}:
        kind = Wayback if named == "wayback" else CommonCrawl
        found = [source for source in declared if isinstance(source, kind)]
        return [*found] or [kind("")]
    try:
        canonicalize(named)
    except InputError as error:
        raise InputError(f"--from-archive takes wayback, commoncrawl or the URL of a CDX server: {error}") from error
    prefixes = [source.prefix for source in declared if isinstance(source, Wayback)] or [""]
    return [Wayback(prefix, named, cdx.raw_template(named)) for prefix in prefixes]


def _years(period: CdxPeriod) -> list[CdxPeriod]:
    """Split a period into years, earliest first: of several captures of one text the first is the most useful."""
    years = range(period.first.year, period.last.year + 1)
    return [
        CdxPeriod(
            max(period.first, datetime(year, 1, 1, tzinfo=UTC)),
            min(period.last, datetime(year + 1, 1, 1, tzinfo=UTC) - cdx.SECOND),
        )
        for year in years
    ]


def _forms(url: str, canonical: str) -> list[str]:
    """Return the variants of an article's URL: old captures have http, ports, or a different `www.`."""
    found = []
    for variant in (url, canonical):
        parts = urlsplit(variant)
        host = parts.hostname or ""
        for scheme in ("https", "http"):
            default = parts.port in {None, 80, 443}
            found.append(urlunsplit(parts._replace(scheme=scheme, netloc=host if default else parts.netloc)))
    other = ("://www.", "://") if "://www." in url else ("://", "://www.")
    return [*found, *(variant.replace(*other, 1) for variant in found)]
