"""Follow redirects: each step is a separate request, guarded, archived and subject to its host's robots.txt."""

from typing import Self
from urllib.parse import quote_from_bytes, urljoin, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from w3lib.url import safe_url_string

from articles.errors import InputError
from articles.model import Reason
from spiders.fetching.address_rules import RefusedError
from spiders.fetching.cookies import Cookies, header, updated
from spiders.fetching.crawl import Crawl, crawl_of
from spiders.fetching.url_lines import MAX_SHOWN_CHARS, fetchable
from spiders.spec import MAX_REDIRECTS, MAX_URL_CHARS

PRINTABLE = bytes(range(0x21, 0x7F)).decode()


class RedirectMiddleware:
    """Downloader middleware for redirects. A URL repeated in a chain with the same cookies is a loop: nothing would change."""

    def __init__(self, crawl: Crawl) -> None:
        self._crawl = crawl

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Create the middleware; called by Scrapy."""
        return cls(crawl_of(crawler))

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Return the next request of a chain, or its final response. LostError for a loop or an invalid target."""
        location = response.headers.get("Location")
        if not location:
            return response
        target = text_of(location)
        try:
            # a longer one is refused in any case, but quoting it would take long
            target = urljoin(request.url, safe_url_string(target[: MAX_URL_CHARS + 1]))
            url, _ = fetchable(target)
        except (ValueError, InputError, RefusedError) as error:
            shown = target[:MAX_SHOWN_CHARS]
            detail = f"redirected to {shown}: {str(error)[:MAX_SHOWN_CHARS]}"
            bad = target if len(target) <= MAX_URL_CHARS else shown
            raise await self._crawl.lost(request, Reason.BAD_URL, detail, url=bad) from None
        chain = (*request.meta["chain"], request.url)
        kept: Cookies = request.meta.get("cookies", ())
        states = (*request.meta.get("states", ()), (request.url, header(kept, request.url)))
        if self._crawl.keeps_cookies(request.url):
            kept = updated(kept, request.url, response.headers.getlist("Set-Cookie"))
        if (url, header(kept, url)) in states:
            raise await self._crawl.lost(request, Reason.REDIRECT_LOOP, f"leads back to {url}", url=chain[0])
        if len(chain) > MAX_REDIRECTS:
            detail = f"more than {MAX_REDIRECTS} redirects, the last to {url}"
            raise await self._crawl.lost(request, Reason.REDIRECT_LOOP, detail, url=chain[0])
        meta = {
            **request.meta,
            "validators": (),
            "chain": chain,
            "states": states,
            "cookies": kept,
            "download_slot": urlsplit(url).hostname or "",
            "attempt": 0,
        }
        again = request.dont_filter or url in chain  # with another cookie
        return request.replace(url=url, meta=meta, priority=1, dont_filter=again)


def leads_to_itself(url: str, location: bytes) -> bool:
    """Return whether a redirect's target is the URL that was requested."""
    try:
        return fetchable(urljoin(url, safe_url_string(text_of(location))))[0] == url
    except (ValueError, InputError, RefusedError):
        return False


def text_of(location: bytes) -> str:
    """Decode a Location as UTF-8, or else percent-encode its bytes, as browsers do."""
    try:
        return location.decode().strip()
    except UnicodeDecodeError:
        return quote_from_bytes(location.strip(), safe=PRINTABLE)
