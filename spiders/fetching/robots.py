"""Obey robots.txt (RFC 9309) and Crawl-delay, which RFC 9309 does not define; record what a site says on use.

A host that answers 4xx has no rules. One that answers 5xx or 429 may have rules that are unavailable, so none of its
pages is requested. If robots.txt cannot be fetched at all, neither can the page, which fails for the same reason.

Before a site's first page, its /.well-known/tdmrep.json (TDMRep) is fetched once, unless robots.txt disallows it. What both
files state about the use of a page is kept with its capture.
"""

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http.request import NO_CALLBACK

from articles.errors import SourceError
from articles.metadata.site_rules import NO_RULES, SiteRules, of_robots, of_tdmrep
from articles.model import Purpose, Reason
from spiders.fetching import robots_lines
from spiders.fetching.crawl import Crawl, LostError, StoppedError, ask, crawl_of, site_of
from spiders.fetching.robots_text import delay_of, text_of
from spiders.spec import MAX_ROBOTS_BYTES
from storage.captures.decode import decode

if TYPE_CHECKING:
    from scrapy.http import Response

PRODUCT_NAME = "irtysh"  # the product token in User-agent lines
MAX_SITES = 4096  # with cached rules; those of the oldest are fetched again
SERVER_ERROR = 500
CLIENT_ERROR = 400
OK = 200
TDMREP_PATH = "/.well-known/tdmrep.json"
GZIP_MAGIC = b"\x1f\x8b"
TOO_MANY_REQUESTS = 429


class RobotsRules:
    """The rules of a site's robots.txt, or why they are unavailable."""

    def __init__(
        self, rules: Protego | None = None, lost: LostError | None = None, on_use: SiteRules = NO_RULES
    ) -> None:
        self._rules = rules
        self._lost = lost
        self.on_use = on_use

    @property
    def delay(self) -> float:
        """The Crawl-delay or Request-rate for Irtysh, in seconds; 0 if there is none."""
        return delay_of(self._rules, PRODUCT_NAME) if self._rules is not None else 0.0

    def against(self, url: str) -> tuple[Reason, str] | None:
        """Return why a URL must not be requested; None if it may."""
        if self._lost is not None:
            return self._lost.reason, self._lost.detail
        if self._rules is not None and not self._rules.can_fetch(url, PRODUCT_NAME):
            return Reason.ROBOTS_REFUSED, "robots.txt disallows it"
        return None


class RobotsMiddleware:
    """Downloader middleware that fetches each site's robots.txt once and makes the site's requests wait for it."""

    def __init__(self, crawler: Crawler, crawl: Crawl) -> None:
        self._crawler = crawler
        self._crawl = crawl
        self._verdicts: OrderedDict[str, asyncio.Future[RobotsRules]] = OrderedDict()
        self._tdm_read: dict[str, asyncio.Event] = {}  # set once a site's tdmrep.json has been read

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Create the middleware; called by Scrapy."""
        return cls(crawler, crawl_of(crawler))

    async def process_request(self, request: Request) -> None:
        """Let a request pass; LostError if robots.txt disallows it, or a takedown removed the article."""
        url = request.meta["past"].row.url if "past" in request.meta else request.url
        if request.meta["purpose"] is Purpose.PAGE and self._crawl.is_taken_down(url):
            raise await self._crawl.lost(request, Reason.TAKEN_DOWN, "the article was taken out of the store")
        if request.meta["purpose"] is Purpose.ROBOTS or request.meta.get("interface"):
            return  # an interface of a web archive: see `spiders.web_archive`
        site = site_of(request.url)
        known = self._verdicts.get(site)
        verdict = known.result() if known is not None and known.done() else await self._verdict(site, request)
        if self._crawl.stopping.is_set():
            raise StoppedError
        refusal = verdict.against(request.url)
        if refusal is not None:
            raise await self._crawl.lost(request, *refusal)
        if "past" in request.meta:
            return  # what a web archive says holds for its own pages, not for those that it captured
        await self._read_tdmrep(site, verdict)
        if self._crawl.stopping.is_set():
            raise StoppedError
        request.meta["site_rights"] = stated = self._crawl.site_rights(request.url)
        if request.meta["purpose"] is Purpose.PAGE and (why := self._crawl.reservation(stated)):
            raise await self._crawl.lost(request, Reason.RESERVED, why)

    async def _read_tdmrep(self, site: str, verdict: RobotsRules) -> None:
        """Fetch a site's tdmrep.json, once, and add its statements to those of robots.txt."""
        if site in self._tdm_read:
            await self._tdm_read[site].wait()
            return
        done = self._tdm_read[site] = asyncio.Event()
        while len(self._tdm_read) > MAX_SITES:
            oldest = next(iter(self._tdm_read))
            del self._tdm_read[oldest]
            self._crawl.site_rules.pop(oldest, None)
        self._crawl.site_rules[site] = verdict.on_use
        try:
            url = site + TDMREP_PATH
            if verdict.against(url) is None:
                self._crawl.site_rules[site] += await self._ask_tdmrep(url)
        finally:
            done.set()  # in any case, since other requests wait for it

    async def _ask_tdmrep(self, url: str) -> SiteRules:
        once = ask(url, url, Purpose.ROBOTS, NO_CALLBACK, None, attempt=self._crawl.spec.retries)  # no retries
        try:
            response = await self._crawler.engine.download_async(once)
        except (LostError, StoppedError):
            return NO_RULES
        return of_tdmrep(_body_of(response)[0]) if response.status == OK else NO_RULES

    async def _verdict(self, site: str, request: Request) -> RobotsRules:
        known = self._verdicts.get(site)
        if known is not None:
            return await known
        future = self._verdicts[site] = asyncio.get_running_loop().create_future()
        if len(self._verdicts) > MAX_SITES:
            self._verdicts.popitem(last=False)
        verdict = RobotsRules(lost=LostError(Reason.FETCH_ERROR, "robots.txt could not be read"))
        try:
            verdict = await self._ask(site)
            self._slow_down(request.meta["download_slot"], verdict.delay)
        finally:
            future.set_result(verdict)  # in any case, since other requests wait for it
        return verdict

    async def _ask(self, site: str) -> RobotsRules:
        url = f"{site}/robots.txt"
        try:
            response = await self._crawler.engine.download_async(ask(url, url, Purpose.ROBOTS, NO_CALLBACK, None))
        except LostError as error:
            if error.reason in {Reason.REDIRECT_LOOP, Reason.BAD_URL}:
                return RobotsRules()  # RFC 9309 §2.3.1.2: as if there were none
            about_host = error.reason in {Reason.ADDRESS_REFUSED, Reason.DNS_ERROR}
            return RobotsRules(lost=error if about_host else LostError(error.reason, f"robots.txt: {error.detail}"))
        except StoppedError:
            return RobotsRules()  # no further request will be made
        return read_robots(response, site)

    def _slow_down(self, slot: str, delay: float) -> None:
        """Set a host's delay to its Crawl-delay if that is longer than ours."""
        downloader = self._crawler.engine.downloader
        if slot in downloader.slots and delay > downloader.slots[slot].delay:
            downloader.slots[slot].delay = delay
            downloader.per_slot_settings[slot] = {"delay": delay}  # for when Scrapy recreates the slot after idle time


def read_robots(response: "Response", site: str = "") -> RobotsRules:
    """Return the rules in a response to a request for the robots.txt of a site, "https://example.org".

    Rules for URLs of other sites are ignored. If the site is not given, every URL is read as one of it.
    """
    if response.status >= SERVER_ERROR or response.status == TOO_MANY_REQUESTS:
        return RobotsRules(lost=LostError(Reason.ROBOTS_REFUSED, f"robots.txt answered {response.status}"))
    if response.status >= CLIENT_ERROR:
        return RobotsRules()
    body, kind = _body_of(response)
    text = text_of(body, kind)
    try:
        lines = robots_lines.relevant(text, PRODUCT_NAME, urlsplit(site).hostname or "")
    except SourceError as error:
        return RobotsRules(lost=LostError(Reason.ROBOTS_REFUSED, f"robots.txt cannot be used: {error}"))
    return RobotsRules(Protego.parse(lines), on_use=of_robots(text, PRODUCT_NAME))


def _body_of(response: "Response") -> tuple[bytes, str]:
    """Return the decoded body of a response and its content type."""
    encoding, kind = (
        (response.headers.get(name) or b"").decode("latin-1") for name in ("Content-Encoding", "Content-Type")
    )
    body, _ = decode(response.body, encoding, MAX_ROBOTS_BYTES)
    if body.startswith(GZIP_MAGIC):  # a compressed file, served without saying so
        body, _ = decode(body, "gzip", MAX_ROBOTS_BYTES)
    return body, kind
