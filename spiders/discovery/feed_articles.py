"""Articles that a feed holds whole, made into pages of their own, since their own are not to be had.

The page is a pure function of the entry, so an entry that stays the same gives the same bytes. Its capture is marked as
an entry (`Purpose.ENTRY`): what it is made into has another template than the article's own page, and where that page
was fetched too, the page says what the article's versions are.
"""

from datetime import datetime
from html import escape
from http import HTTPStatus

from articles.model import Discovery, Purpose, body_sha256
from spiders.discovery.feeds import FeedText
from storage.captures.warc import Exchange, http_head

CONTENT_TYPE = "text/html; charset=utf-8"


def entry_page(url: str, published: str, modified: str, text: FeedText) -> bytes:
    """Return an HTML page that says what an entry of a feed does."""
    lines = [
        "<!DOCTYPE html>",
        '<html><head><meta charset="utf-8">',
        f"<title>{escape(text.title)}</title>",
        f'<link rel="canonical" href="{escape(url)}">',
    ]
    told = [("article:published_time", published), ("article:modified_time", modified)]
    lines += [f'<meta property="{name}" content="{escape(value)}">' for name, value in told if value]
    lines += [f'<meta name="author" content="{escape(author)}">' for author in text.authors]
    lines += ["</head><body><article>", f"<h1>{escape(text.title)}</h1>", text.html, "</article></body></html>", ""]
    return "\n".join(lines).encode("utf-8", "replace")


def entry_key(canonical_url: str, page: bytes) -> str:
    """Return what stands for an entry among the URLs that a crawl leaves out: its address, and what it holds.

    The hash is that of a capture's body, as the fetches of a snapshot hold it.
    """
    return f"{canonical_url}#{body_sha256(HTTPStatus.OK, CONTENT_TYPE, page)}"


def entry_exchange(url: str, page: bytes, discovery: Discovery, fetched: datetime) -> Exchange:
    """Return what is archived of an entry, as if its page had been answered."""
    head = http_head(b"HTTP/1.1 200 OK", ((b"Content-Type", CONTENT_TYPE.encode()),))
    return Exchange(url, fetched, b"", head, page, purpose=Purpose.ENTRY, discovery=discovery)
