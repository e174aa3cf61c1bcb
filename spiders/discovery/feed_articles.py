"""Build HTML pages from feed entries that hold whole articles, for outlets whose own pages cannot be fetched.

The page is a pure function of the entry, so an unchanged entry gives the same bytes. Its capture is marked as an entry
(`Purpose.ENTRY`): its template differs from that of the article's own page, and if that page was fetched too, the page
decides on the article's versions.
"""

from datetime import datetime
from html import escape
from http import HTTPStatus

from articles.model import Discovery, Purpose, body_sha256
from spiders.discovery.entries import FeedText
from storage.captures.warc import Exchange, http_head

CONTENT_TYPE = "text/html; charset=utf-8"


def entry_page(url: str, published: str, modified: str, text: FeedText) -> bytes:
    """Return an HTML page with the content of a feed entry."""
    lines = [
        "<!DOCTYPE html>",
        '<html><head><meta charset="utf-8">',
        f"<title>{escape(text.title)}</title>",
        f'<link rel="canonical" href="{escape(url)}">',
    ]
    times = [("article:published_time", published), ("article:modified_time", modified)]
    lines += [f'<meta property="{name}" content="{escape(value)}">' for name, value in times if value]
    lines += [f'<meta name="author" content="{escape(author)}">' for author in text.authors]
    lines += ["</head><body><article>", f"<h1>{escape(text.title)}</h1>", text.html, "</article></body></html>", ""]
    return "\n".join(lines).encode("utf-8", "replace")


def entry_key(canonical_url: str, page: bytes) -> str:
    """Return the key of an entry in the list of URLs that a crawl skips: its URL and the hash of its page.

    The hash is the body hash that a snapshot stores for a fetch.
    """
    return f"{canonical_url}#{body_sha256(HTTPStatus.OK, CONTENT_TYPE, page)}"


def entry_exchange(url: str, page: bytes, discovery: Discovery, fetched: datetime) -> Exchange:
    """Return the exchange to archive for an entry, as if a server had answered with its page."""
    head = http_head(b"HTTP/1.1 200 OK", ((b"Content-Type", CONTENT_TYPE.encode()),))
    return Exchange(url, fetched, b"", head, page, purpose=Purpose.ENTRY, discovery=discovery)
