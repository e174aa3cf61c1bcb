"""Fetch URLs, with retries, and archive every response as it was received.

This is the only module that opens connections, so all requests (pages, feeds, robots.txt, redirects) are guarded and
archived alike. It uses aiohttp and not Scrapy's own handler, because aiohttp gives header fields as they were sent and
the received part of a truncated body, accepts the guard's resolver and sockets, and costs less per page.

Retries are decided here too, because a response is archived as an attempt or as the result, depending on that decision.
After a Retry-After the whole host is paused.
"""

import asyncio
import os
import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

import aiohttp
from scrapy import Request
from scrapy.http import Response
from yarl import URL

from articles.errors import CaptureError, CrawlError
from articles.metadata import rights
from articles.model import Purpose, Reason
from articles.page import refresh
from spiders.discovery.listings import MAX_LISTING_BYTES
from spiders.discovery.unpacking import MAX_SOURCE_BYTES
from spiders.fetching import cookies
from spiders.fetching.address_rules import RefusedError
from spiders.fetching.addresses import happens_within
from spiders.fetching.breaker import Breaker
from spiders.fetching.crawl import AgainError, Crawl, StoppedError
from spiders.fetching.exchange import (
    REDIRECT_STATUSES,
    Answer,
    NoAnswer,
    PeerResponse,
    answer_of,
    explain,
    head_refusal,
    read_body,
    retry_after,
)
from spiders.fetching.redirects import leads_to_itself
from spiders.fetching.replay import ArchivedCapture
from spiders.spec import MAX_ROBOTS_BYTES
from storage.captures.decode import decode
from storage.tracing import note, top_span

if TYPE_CHECKING:
    from spiders.fetching.browser import Browser

CONNECT_TIMEOUT_SECONDS = 10.0  # a SYN and three retransmissions, after 1, 3 and 7 s (RFC 6298)
MAX_HEADER_BYTES = 64 << 10  # per header field; servers have limits of 8 to 48 KiB
MAX_HEADERS = 1000  # some sites set hundreds of cookies
RETRY_STATUSES = frozenset((408, 429, 500, 502, 503, 504, 522, 524))
RETRY_AFTER_STATUSES = frozenset((429, 503))  # those with a Retry-After: RFC 9110 §10.2.3, RFC 6585 §4
MAX_RETRY_AFTER_SECONDS = 30.0  # a longer Retry-After is not waited for: the URL fails
PAUSE_SECONDS = 10.0  # of a host, after one of its URLs failed with a longer Retry-After
MAX_TIMEOUT_RETRIES = 1  # two timeouts take long enough
MAX_SILENT_URLS = 3  # consecutive URLs of a host without a response; further ones get no retries
HOST_FAILURES = frozenset((Reason.TIMEOUT, Reason.CONNECT_ERROR))  # failures of the host rather than of the page
STOP_GRACE_SECONDS = 3.0  # for running exchanges when the crawl is stopped
DNS_TTL_SECONDS = 300
KEEP_ALIVE_SECONDS = 5.0  # of an idle connection: longer than the usual delay, short enough to keep few files open
ACCEPT_HEADER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy")


class Fetcher:
    """Fetches the URLs of one crawl. Create and close it inside the running event loop."""

    def __init__(self, crawl: Crawl) -> None:
        self._crawl = crawl
        self._until: dict[str, float] = {}  # host -> the loop's time until which it is paused
        self._breaker = Breaker()
        self._silent: Counter[str] = Counter()  # host -> consecutive URLs without a response
        self._running: set[asyncio.Timeout] = set()
        self._browser: Browser | None = None
        self._limits = {
            Purpose.PAGE: crawl.spec.max_bytes,
            Purpose.ROBOTS: MAX_ROBOTS_BYTES,
            Purpose.FEED: MAX_SOURCE_BYTES,
            Purpose.SITEMAP: MAX_SOURCE_BYTES,
            Purpose.LISTING: MAX_LISTING_BYTES,
        }
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=crawl.guard,
                socket_factory=crawl.guard.socket,
                ttl_dns_cache=DNS_TTL_SECONDS,
                keepalive_timeout=KEEP_ALIVE_SECONDS,
                limit=0,  # Scrapy's download slots limit the connections
            ),
            headers={
                "User-Agent": user_agent(crawl.spec.contact),
                "Accept": ACCEPT_HEADER,
                "Accept-Encoding": "gzip, deflate",  # every WARC reader can decode these
            },
            skip_auto_headers=("Content-Type",),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=min(CONNECT_TIMEOUT_SECONDS, crawl.spec.timeout)),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,  # no proxies: see spiders.fetching.guard
            response_class=PeerResponse,
            max_field_size=MAX_HEADER_BYTES,
            max_headers=MAX_HEADERS,
        )

    async def fetch(self, request: Request) -> Response:
        """Return a response after archiving it. LostError if there is none, StoppedError on a stop."""
        try:
            self._crawl.guard.check(request.url)
        except RefusedError as error:
            raise await self._crawl.lost(request, error.reason, error.detail) from None
        host = request.meta["download_slot"]
        await self._wait_for(host, request.meta.get("after", 0.0))
        async with self._crawl.addresses.turn(host, self._crawl.stopping):
            if self._crawl.stopping.is_set():
                raise StoppedError
            if why := self._breaker.refusal(host, asyncio.get_running_loop().time()):
                raise await self._crawl.lost(request, Reason.HOST_SUSPENDED, why)
            with top_span("fetch", url=request.url, purpose=request.meta["purpose"].value) as made:
                result = await self._attempt(request)
                note(made, **_said(result))
        wait = self._repeat_after(result, host, request.meta.get("attempt", 0))
        if wait is None:
            return await self._final(request, result, host)
        self._crawl.count(retries=1)
        if isinstance(result, Answer):
            await self._crawl.attempted(replace(result.exchange, purpose=Purpose.ATTEMPT))
        raise AgainError(wait)

    def is_paused(self, host: str) -> bool:
        """Return whether a host is paused, because it asked for that."""
        return self._until.get(host, 0.0) > asyncio.get_running_loop().time()

    def stop(self) -> None:
        """End all running exchanges within `STOP_GRACE_SECONDS`."""
        end = asyncio.get_running_loop().time() + STOP_GRACE_SECONDS
        for timeout in self._running:
            if (when := timeout.when()) is not None and when > end:
                timeout.reschedule(end)
        if self._browser is not None:
            self._browser.stop()

    async def close(self) -> None:
        """Close all connections and the browser."""
        if self._browser is not None:
            await self._browser.close()
        await self._session.close()
        await self._crawl.guard.close()

    async def _final(self, request: Request, result: Answer | NoAnswer, host: str) -> Response:
        now = asyncio.get_running_loop().time()
        if isinstance(result, NoAnswer):
            self._silent[host] += 1
            if result.reason in HOST_FAILURES:
                self._breaker.no_answer(host, result.reason, now)
            raise await self._crawl.lost(request, result.reason, result.detail)
        self._silent.pop(host, None)
        if result.exchange.truncated == "time":
            self._breaker.no_answer(host, "a body that did not arrive in time", now)
        else:
            self._breaker.answered(host, result.status, now)
        stated = rights.of_response(
            [(name.decode("latin-1"), value.decode("latin-1")) for name, value in result.headers]
        )
        if result.status == HTTPStatus.PAYMENT_REQUIRED:
            self._breaker.payment_asked(host, next((right.value for right in stated if right.kind == "price"), ""))
        elif result.is_page and (why := self._crawl.reservation(stated)):
            raise await self._crawl.lost(request, Reason.RESERVED, why)  # nothing of its body is kept
        if request.meta.get("render") and _is_page(result):
            return await self._rendered(request, result)
        if (past := request.meta.get("past")) is not None and result.status not in REDIRECT_STATUSES:
            return await self._captured(request, result, past)
        location = result.header(b"location") if result.status in REDIRECT_STATUSES else _refresh_of(result)
        again = location and result.header(b"set-cookie") and leads_to_itself(request.url, location)
        exchange = replace(result.exchange, purpose=Purpose.ATTEMPT) if again else result.exchange
        await self._crawl.answered(request, exchange, result.status, onward=bool(location))
        headers: dict[str, bytes | list[bytes]] = {
            "Content-Encoding": result.header(b"content-encoding"),
            "Content-Type": result.header(b"content-type"),
        }
        if location:
            headers["Location"] = location
            headers["Set-Cookie"] = [value for name, value in result.headers if name.lower() == b"set-cookie"]
        # The spiders read no page, so its body need not stay in memory after archiving.
        body = b"" if result.exchange.purpose is Purpose.PAGE else result.exchange.body
        return Response(request.url, status=result.status, headers=headers, body=body, request=request)

    async def _rendered(self, request: Request, result: Answer) -> Response:
        """Render a page in the browser, and archive the response and the result. LostError if rendering fails."""
        await self._crawl.attempted(replace(result.exchange, purpose=Purpose.ATTEMPT))
        try:
            exchange = await self.browser().render(result, str(request.meta["render"].wait))
        except CrawlError as error:
            if self._crawl.stopping.is_set():
                raise StoppedError from None
            raise await self._crawl.lost(request, Reason.FETCH_ERROR, str(error)) from None
        self._crawl.count(rendered=1)
        await self._crawl.answered(request, exchange, result.status, onward=False)
        return Response(request.url, request=request)

    def browser(self) -> "Browser":
        """Return the browser that renders pages. CrawlError if none is installed."""
        if self._browser is None:
            if find_spec("playwright") is None:
                raise CrawlError("pages of this outlet need a browser: pip install 'irtysh[javascript]', and Chromium")
            module = import_module("spiders.fetching.browser")  # imported here, since most crawls do not need it
            self._browser = module.Browser(self._session, self._crawl.guard, self._crawl.spec.timeout)
        return self._browser

    async def _captured(self, request: Request, result: Answer, past: ArchivedCapture) -> Response:
        """Archive the exchange that a web archive captured. LostError if the archive does not give it."""
        try:
            exchange = await past.exchange(result, self._crawl.sources)
        except CaptureError as error:
            raise await self._crawl.lost(request, Reason.FETCH_ERROR, str(error), url=past.row.url) from None
        await self._crawl.answered(request, exchange, HTTPStatus.OK, onward=False)
        return Response(request.url, request=request)

    async def _attempt(self, request: Request) -> Answer | NoAnswer:
        response: PeerResponse | None = None
        body: list[bytes] = []
        truncated = ""
        purpose: Purpose = request.meta["purpose"]
        timeout = asyncio.timeout(self._crawl.spec.timeout)
        self._running.add(timeout)
        try:
            past: ArchivedCapture | None = request.meta.get("past")
            url = URL(request.url, encoded=True)
            headers = past.headers if past is not None else request.meta.get("validators", ())
            if cookie := cookies.header(request.meta.get("cookies", ()), request.url):
                headers = (*headers, ("Cookie", cookie))
            async with timeout, self._session.get(url, headers=headers, allow_redirects=False) as got:
                response = cast("PeerResponse", got)
                if why := head_refusal(response.raw_headers):
                    return NoAnswer(Reason.FETCH_ERROR, why, transient=False)
                truncated = await read_body(response, self._limits[purpose], body)
        except TimeoutError as error:
            if self._crawl.stopping.is_set():
                raise StoppedError from None
            if response is None:
                why = str(error) or f"no answer within {self._crawl.spec.timeout:g} s"
                return NoAnswer(Reason.TIMEOUT, why, transient=True)
            truncated = "time"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if response is None:
                return explain(error)
            truncated = "disconnect"
        finally:
            self._running.discard(timeout)
        answer = answer_of(request.url, purpose, response, b"".join(body), truncated)
        found, stated = request.meta.get("discovery"), request.meta.get("site_rights", ())
        return replace(answer, exchange=replace(answer.exchange, discovery=found, site_rights=stated))

    def _repeat_after(self, result: Answer | NoAnswer, host: str, attempt: int) -> float | None:
        """Return the seconds before a retry; None if this result is final."""
        tries = 0 if self._silent[host] >= MAX_SILENT_URLS else self._crawl.spec.retries
        wait = self._crawl.spec.backoff * 2**attempt * random.uniform(0.5, 1.5)  # noqa: S311 - jitter, no secret
        if isinstance(result, NoAnswer):
            tries = min(tries, MAX_TIMEOUT_RETRIES) if result.reason is Reason.TIMEOUT else tries
            return wait if result.transient and attempt < tries else None
        if result.status in RETRY_AFTER_STATUSES:
            asked = retry_after(result.header(b"retry-after"), datetime.now(UTC))
            tries = 0 if asked > MAX_RETRY_AFTER_SECONDS else tries
            wait = max(wait, asked if asked <= MAX_RETRY_AFTER_SECONDS else PAUSE_SECONDS)
            self._pause(host, wait)
        broken = result.status in RETRY_STATUSES or result.exchange.truncated == "disconnect"
        return wait if broken and attempt < tries else None

    def _pause(self, host: str, seconds: float) -> None:
        until = asyncio.get_running_loop().time() + seconds
        self._until[host] = max(until, self._until.get(host, 0.0))

    async def _wait_for(self, host: str, after: float) -> None:
        """Wait until a host is not paused, and until the loop's time `after`. StoppedError on a stop."""
        stopping = self._crawl.stopping
        while (left := max(after, self._until.get(host, 0.0)) - asyncio.get_running_loop().time()) > 0:
            if await happens_within(stopping, left):
                break
        self._until.pop(host, None)
        if stopping.is_set():
            raise StoppedError


def user_agent(contact: str) -> str:
    """Return the user agent: name, version and, if known, a contact address."""
    name = f"irtysh/{version('irtysh')}"
    contact = contact or os.environ.get("IRTYSH_CONTACT", "")
    return f"{name} (+{contact})" if contact else name


def proxies_ignored() -> list[str]:
    """Return the names of environment variables that name a proxy; proxies are not used."""
    return [name for variable in PROXY_VARIABLES for name in (variable, variable.upper()) if os.environ.get(name)]


def _said(result: Answer | NoAnswer) -> dict[str, str | float]:
    """Return what a trace says of a result."""
    if isinstance(result, NoAnswer):
        return {"reason": result.reason.value}
    return {"status": result.status, "bytes": len(result.exchange.body)}


def _refresh_of(answer: Answer) -> bytes:
    """Return the URL that a page leads to by itself, with `<meta http-equiv="refresh">`; empty if to none."""
    if answer.exchange.purpose is not Purpose.PAGE or not _is_page(answer):
        return b""
    encoding = answer.header(b"content-encoding").decode("latin-1")
    page, _ = decode(answer.exchange.body, encoding, refresh.HEAD_BYTES)
    return refresh.target(page, answer.exchange.url).encode("utf-8", "replace")


def _is_page(answer: Answer) -> bool:
    """Return whether a browser should render an answer: HTML, status 200, and not truncated."""
    kind = answer.header(b"content-type").lower()
    return answer.status == HTTPStatus.OK and b"html" in kind and not answer.exchange.truncated
