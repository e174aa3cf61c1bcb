"""Following redirects, each step a request of its own: guarded, archived and subject to its host's robots.txt."""

from typing import Self
from urllib.parse import quote_from_bytes, urljoin, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from w3lib.url import safe_url_string

from articles.errors import InputError
from articles.model import Reason
from spiders.fetching.crawl import Crawl, crawl_of
from spiders.fetching.guard import RefusedError
from spiders.fetching.url_lines import fetchable
from spiders.spec import MAX_REDIRECTS

PRINTABLE = bytes(range(0x21, 0x7F)).decode()


class RedirectMiddleware:
    """Downloader middleware. A URL met before in the chain is a loop at once: without cookies nothing will change."""

    def __init__(self, crawl: Crawl) -> None:
        self._crawl = crawl

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make one, as Scrapy asks for it."""
        return cls(crawl_of(crawler))

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Return the next request of a chain, or the response that ends it. LostError if it leads nowhere."""
        location = response.headers.get("Location")
        if not location:
            return response
        target = text_of(location)
        try:
            target = urljoin(request.url, safe_url_string(target))
            url, _ = fetchable(target)
        except (ValueError, InputError, RefusedError) as error:
            detail = f"redirected to {target}: {error}"
            raise await self._crawl.lost(request, Reason.BAD_URL, detail, url=target) from None
        chain = (*request.meta["chain"], request.url)
        if url in chain:
            raise await self._crawl.lost(request, Reason.REDIRECT_LOOP, f"leads back to {url}", url=chain[0])
        if len(chain) > MAX_REDIRECTS:
            detail = f"more than {MAX_REDIRECTS} redirects, the last to {url}"
            raise await self._crawl.lost(request, Reason.REDIRECT_LOOP, detail, url=chain[0])
        meta = {
            **request.meta,
            "validators": (),
            "chain": chain,
            "download_slot": urlsplit(url).hostname or "",
            "attempt": 0,
        }
        return request.replace(url=url, meta=meta, priority=1)


def text_of(location: bytes) -> str:
    """Return a Location as text: UTF-8, or else its bytes percent-encoded, as browsers send them on."""
    try:
        return location.decode().strip()
    except UnicodeDecodeError:
        return quote_from_bytes(location.strip(), safe=PRINTABLE)
