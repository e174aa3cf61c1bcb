"""Render pages that are empty until their scripts have run, in a browser, and capture the result.

The browser itself makes no connection. Its requests are intercepted (Playwright's routes) and made here, through the
crawl's guarded resolver and sockets, with limits on number and bytes. Requests that bypass the routes (web sockets,
prefetching) find no host, since all names and addresses are mapped to nowhere. Images, fonts, styles and videos are not
fetched, and only GET is allowed. Every page has its own browser context, without cookies.

This uses Playwright, not scrapy-playwright, whose download handler makes its own connections and needs Twisted's reactor.
It needs the extra `javascript` and a Chromium, named by IRTYSH_CHROMIUM or found on the PATH. A page costs a hundred
times a plain fetch (docs/measurements.md §2: .27 CPU seconds per page).
"""

import asyncio
import os
import shutil
from dataclasses import replace
from urllib.parse import urljoin

import aiohttp
from playwright.async_api import Browser as Chromium
from playwright.async_api import BrowserContext, Error, Page, Playwright, Route, WebSocketRoute, async_playwright
from yarl import URL

from articles.errors import CrawlError
from spiders.fetching.address_rules import RefusedError
from spiders.fetching.exchange import REDIRECT_STATUSES, Answer
from spiders.fetching.guard import Guard
from storage.captures.decode import decode
from storage.captures.warc import Exchange, http_head

PROGRAM_NAMES = ("chromium", "chromium-browser", "google-chrome")
MAX_CONCURRENT_PAGES = 2  # a page takes some 100 MB
MAX_READY_SECONDS = 15.0  # for the element named by `wait` to appear
MAX_IDLE_SECONDS = 5.0  # without `wait`: for the network to be idle for half a second
CLOSE_SECONDS = 5.0  # for a page to close; then the browser is ended
MAX_REQUESTS = 100  # per page
MAX_REQUESTED_BYTES = 16 << 20  # in responses to one page's requests
MAX_DOM_CHARS = 8 << 20  # of the rendered page
MAX_HOPS = 5  # redirects of one request
RESOURCE_TYPES = frozenset(("document", "script", "xhr", "fetch"))
DROPPED_HEADERS = frozenset(("content-encoding", "content-length", "transfer-encoding", "set-cookie", "connection"))
FORWARDED_HEADERS = ("accept", "accept-language", "origin", "x-requested-with")
CHROMIUM_ARGUMENTS = (
    "--host-resolver-rules=MAP * ~NOTFOUND",  # requests that bypass the routes find no host
    "--js-flags=--max-old-space-size=512",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--disable-component-update",
    "--no-first-run",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
)
DOM_SCRIPT = f"() => document.documentElement ? document.documentElement.outerHTML.slice(0, {MAX_DOM_CHARS}) : ''"


class Browser:
    """Renders the pages of one crawl. The browser starts with the first page, and again after it was ended."""

    def __init__(self, session: aiohttp.ClientSession, guard: Guard, patience: float) -> None:
        """`patience`: seconds for a page to become ready, at most `MAX_READY_SECONDS`. CrawlError without a Chromium."""
        self._path = chromium()
        self._patience = min(patience, MAX_READY_SECONDS)
        self._stopping: asyncio.Task[None] | None = None
        self._session = session
        self._guard = guard
        self._room = asyncio.Semaphore(MAX_CONCURRENT_PAGES)
        self._starting = asyncio.Lock()
        self._playwright: Playwright | None = None
        self._browser: Chromium | None = None

    async def render(self, answer: Answer, wait: str) -> Exchange:
        """Return the exchange with the rendered page as its body. `wait`: CSS of an element that a ready page has.

        CrawlError if the page cannot be rendered. A page that is not ready in time is captured as it is, marked as
        truncated by time.
        """
        async with self._room:
            try:
                browser = await self._start()
                context = await browser.new_context(
                    accept_downloads=False,
                    service_workers="block",
                    java_script_enabled=True,
                    user_agent=_agent(self._session),
                )
            except Error as error:
                raise CrawlError(f"the browser does not start: {_line(error)}") from error
            try:
                html, ready = await self._run(context, answer, wait)
            except (Error, TimeoutError) as error:
                raise CrawlError(f"the page could not be rendered: {_line(error)}") from error
            finally:
                await self._end(context)
        cut = "length" if len(html) >= MAX_DOM_CHARS else "" if ready else "time"
        body = ("<!DOCTYPE html>\n" + html).encode("utf-8", "replace")
        exchange = answer.exchange
        fields = [
            pair
            for pair in answer.headers
            if pair[0].lower().decode("latin-1") not in DROPPED_HEADERS | {"content-type"}
        ]
        head = http_head(b"HTTP/1.1 200 OK", [*fields, (b"Content-Type", b"text/html; charset=utf-8")])
        return replace(exchange, head=head, body=body, truncated=cut, rendered=True)

    def stop(self) -> None:
        """Begin to close the browser; pages being rendered fail."""
        self._stopping = asyncio.get_running_loop().create_task(self.close())

    async def close(self) -> None:
        """Close the browser."""
        if self._stopping is not None and self._stopping is not asyncio.current_task():
            await self._stopping
            return
        if self._browser is not None:
            await self._browser.close()
        if self._playwright is not None:
            await self._playwright.stop()

    async def _start(self) -> Chromium:
        async with self._starting:
            if self._playwright is None:
                self._playwright = await async_playwright().start()
            if self._browser is None or not self._browser.is_connected():
                self._browser = await self._playwright.chromium.launch(
                    executable_path=self._path,
                    args=list(CHROMIUM_ARGUMENTS),
                    chromium_sandbox=os.geteuid() != 0,  # Chromium has no sandbox for root
                    handle_sigint=False,
                    handle_sigterm=False,
                    handle_sighup=False,
                )
            return self._browser

    async def _run(self, context: BrowserContext, answer: Answer, wait: str) -> tuple[str, bool]:
        visit = PageVisit(self._session, self._guard, answer)
        await context.route("**/*", visit.take)
        await context.route_web_socket("**/*", _refuse_socket)
        page = await context.new_page()
        async with asyncio.timeout(2 * self._patience):
            await page.goto(answer.exchange.url, wait_until="domcontentloaded", timeout=self._patience * 1000)
            ready = await _ready(page, wait, self._patience)
            return str(await page.evaluate(DOM_SCRIPT)), ready

    async def _end(self, context: BrowserContext) -> None:
        """Close a page's context; if that fails, close the browser."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await context.close()
        except (Error, TimeoutError):
            browser, self._browser = self._browser, None
            if browser is not None:
                await browser.close()


class PageVisit:
    """Makes the requests of one page for the browser."""

    def __init__(self, session: aiohttp.ClientSession, guard: Guard, answer: Answer) -> None:
        self._session = session
        self._guard = guard
        self._answer = answer
        self._requests = 0
        self._room = MAX_REQUESTED_BYTES

    async def take(self, route: Route) -> None:
        """Answer or refuse a request of the browser."""
        request = route.request
        self._requests += 1
        url = self._answer.exchange.url
        try:
            if request.is_navigation_request() and request.url == url and request.frame.parent_frame is None:
                coding = self._answer.header(b"content-encoding").decode("latin-1")
                body = decode(self._answer.exchange.body, coding, MAX_REQUESTED_BYTES)[0]
                kind = self._answer.header(b"content-type").decode("latin-1") or "text/html"
                await route.fulfill(status=200, headers={"content-type": kind}, body=body)
            elif (
                request.resource_type not in RESOURCE_TYPES or request.method != "GET" or self._requests > MAX_REQUESTS
            ):
                await route.abort("blockedbyclient")
            else:
                sent = {name: value for name in FORWARDED_HEADERS if (value := request.headers.get(name))}
                status, headers, body = await self._fetch(request.url, sent)
                await route.fulfill(status=status, headers=headers, body=body)
        except (aiohttp.ClientError, OSError, ValueError, TimeoutError):  # a RefusedError among them
            await _abort(route)
        except Error:  # the page was closed meanwhile
            return

    async def _fetch(self, url: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        for _ in range(MAX_HOPS):
            self._guard.check(url)
            async with (
                asyncio.timeout(MAX_READY_SECONDS),
                self._session.get(URL(url, encoded=True), headers=headers, allow_redirects=False) as response,
            ):
                location = response.headers.get("Location", "")
                if response.status in REDIRECT_STATUSES and location:
                    url = urljoin(url, location)
                    continue
                body = await response.content.read(self._room + 1) if self._room > 0 else b""
                while len(body) <= self._room and (piece := await response.content.read(self._room + 1 - len(body))):
                    body += piece
                body = decode(body, response.headers.get("Content-Encoding", ""), MAX_REQUESTED_BYTES)[0]
                self._room -= len(body)
                if self._room < 0:
                    raise RefusedError(f"a page asks for more than {MAX_REQUESTED_BYTES} bytes")
                kept = {name: value for name, value in response.headers.items() if name.lower() not in DROPPED_HEADERS}
                return response.status, kept, body
        raise RefusedError(f"more than {MAX_HOPS} redirects")


def chromium() -> str:
    """Return the path of a Chromium. CrawlError if none is found."""
    named = os.environ.get("IRTYSH_CHROMIUM", "")
    path = shutil.which(named) if named else next(filter(None, map(shutil.which, PROGRAM_NAMES)), None)
    if path is None:
        raise CrawlError(
            f"IRTYSH_CHROMIUM names no program: {named}" if named
            else "pages of this outlet need a browser: install Chromium, or name one in IRTYSH_CHROMIUM"
        )  # fmt: skip
    return path


async def _ready(page: Page, wait: str, patience: float) -> bool:
    """Wait until a page has the element `wait`, or makes no more requests; return whether that happened in time."""
    try:
        if wait:
            await page.wait_for_selector(wait, state="attached", timeout=patience * 1000)
        else:
            await page.wait_for_load_state("networkidle", timeout=min(MAX_IDLE_SECONDS, patience) * 1000)
    except Error as error:
        if "Timeout" not in str(error):
            raise
        return False
    return True


async def _refuse_socket(socket: WebSocketRoute) -> None:
    await socket.close()


async def _abort(route: Route) -> None:
    try:
        await route.abort("blockedbyclient")
    except Error:  # the page was closed meanwhile
        return


def _agent(session: aiohttp.ClientSession) -> str:
    return str(session.headers.get("User-Agent", ""))


def _line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__
