"""Pages that show nothing before their scripts have run: a browser runs them, and what it makes of the page is captured.

The browser connects to nothing. Each of its requests is taken from it (Playwright's routes) and made here, through the
crawl's guarded resolver and sockets, bounded in number and bytes; what escapes a route (web sockets, prefetching) finds
no host, since all names and addresses are mapped to nowhere. Pictures, fonts, styles and films are not fetched, nor is
anything but GET. Every page has a context of its own, without cookies, that ends with it.

Playwright itself and not scrapy-playwright, whose download handler connects by itself and wants Twisted's reactor.
Needs the extra `javascript` and a Chromium: IRTYSH_CHROMIUM names it, or it is found on the PATH. It costs a hundred
times a plain fetch (docs/measurements.md §2: .27 CPU seconds a page).
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
from spiders.fetching.exchange import Answer
from spiders.fetching.guard import Guard, RefusedError
from storage.captures.decode import decode
from storage.captures.warc import Exchange, http_head

PROGRAM_NAMES = ("chromium", "chromium-browser", "google-chrome")
MAX_CONCURRENT_PAGES = 2  # at a time: a page takes some 100 MB
MAX_READY_SECONDS = 15.0  # seconds for a page to show what it is waited for
IDLE_SECONDS = 5.0  # seconds for a page that is waited for nothing: until it asks for nothing for half a second
CLOSE_SECONDS = 5.0  # seconds for a page to close; then the browser is ended
MAX_REQUESTS = 100  # of one page
MAX_REQUESTED_BYTES = 16 << 20  # of what one page asks for
MAX_DOM_CHARS = 8 << 20  # characters of what it becomes
MAX_HOPS = 5  # redirects of one request
RESOURCE_TYPES = frozenset(("document", "script", "xhr", "fetch"))
DROPPED_HEADERS = frozenset(("content-encoding", "content-length", "transfer-encoding", "set-cookie", "connection"))
FORWARDED_HEADERS = ("accept", "accept-language", "origin", "x-requested-with")
REDIRECT_STATUSES = frozenset((301, 302, 303, 307, 308))
CHROMIUM_ARGUMENTS = (
    "--host-resolver-rules=MAP * ~NOTFOUND",  # whatever no route took finds no host
    "--js-flags=--max-old-space-size=512",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--disable-component-update",
    "--no-first-run",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
)
DOM_SCRIPT = f"() => document.documentElement ? document.documentElement.outerHTML.slice(0, {MAX_DOM_CHARS}) : ''"


class Browser:
    """Renders pages for one crawl. The browser starts with the first one, and anew after it was ended."""

    def __init__(self, session: aiohttp.ClientSession, guard: Guard, patience: float) -> None:
        """`patience`: seconds that a page has to become ready, at most `MAX_READY_SECONDS`. CrawlError if there is no Chromium."""
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
        """Return the exchange with what a browser makes of its page. `wait` is CSS of what the page shows when it is ready.

        CrawlError says why nothing came of it; a page that is never ready is taken as it is, marked as cut by time.
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
        """Begin to end the browser: what it renders comes to nothing."""
        self._stopping = asyncio.get_running_loop().create_task(self.close())

    async def close(self) -> None:
        """End the browser."""
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
                    chromium_sandbox=os.geteuid() != 0,  # root may not have one
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
        """Close a page; a browser that cannot be made to is ended."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await context.close()
        except (Error, TimeoutError):
            browser, self._browser = self._browser, None
            if browser is not None:
                await browser.close()


class PageVisit:
    """The requests of one page, made for the browser."""

    def __init__(self, session: aiohttp.ClientSession, guard: Guard, answer: Answer) -> None:
        self._session = session
        self._guard = guard
        self._answer = answer
        self._requests = 0
        self._room = MAX_REQUESTED_BYTES

    async def take(self, route: Route) -> None:
        """Answer a request of the browser, or refuse it."""
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
        except Error:  # the page has gone meanwhile
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
    """Return the path of a Chromium. CrawlError if there is none."""
    named = os.environ.get("IRTYSH_CHROMIUM", "")
    path = shutil.which(named) if named else next(filter(None, map(shutil.which, PROGRAM_NAMES)), None)
    if path is None:
        raise CrawlError(
            f"IRTYSH_CHROMIUM names no program: {named}" if named
            else "pages of this outlet need a browser: install Chromium, or name one in IRTYSH_CHROMIUM"
        )  # fmt: skip
    return path


async def _ready(page: Page, wait: str, patience: float) -> bool:
    """Wait until a page shows what it is waited for, or asks for nothing any more; tell whether it did."""
    try:
        if wait:
            await page.wait_for_selector(wait, state="attached", timeout=patience * 1000)
        else:
            await page.wait_for_load_state("networkidle", timeout=min(IDLE_SECONDS, patience) * 1000)
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
    except Error:  # the page has gone meanwhile
        return


def _agent(session: aiohttp.ClientSession) -> str:
    return str(session.headers.get("User-Agent", ""))


def _line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__
