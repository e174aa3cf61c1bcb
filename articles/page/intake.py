"""Check captures before extraction: refuse failures, pages that are not HTML, and pages too large or too deep."""

import re
from collections.abc import Iterator
from http import HTTPStatus

from lxml import etree
from lxml.etree import _Element

from articles.model import Capture, Outcome, Reason
from articles.page import browser_html
from articles.page.blocks import Page
from articles.page.decoding import HEAD_BYTES, Decoded, decode, wide_encoding
from articles.page.markup_cost import attribute_count, crowded_tag, tag_count
from articles.url import absolute

MAX_BLOCKS = 10_000
MAX_TEXT_CHARS = 2_000_000  # twice as long as a novel
MAX_TOTAL_DEPTH = 300_000  # sum of the depths of all blocks; the rules walk along all ancestors of each block

MAX_BYTES = 12_000_000  # the largest of 2,000 real news pages had 4 MB
MAX_TAGS = 150_000  # "<" in the body; the densest real page had 40,000; parsing 150,000 takes 0.5 s and 90 MB
MAX_ATTRIBUTES = 5_000  # of one element; libxml2 takes quadratic time: over 5 s for 200,000
LONG_TAG_BYTES = 10_000  # a shorter tag cannot have so many attributes
HEAD_TAGS = frozenset(
    {"base", "link", "meta", "noscript", "script", "style", "template", "title"}
)  # of HTML's metadata
STRIDE_BYTES = 5_000  # half of `LONG_TAG_BYTES`, so that at least one whole stride lies inside each long tag
HTML_TAG = re.compile(
    rb"<\s*(?:!doctype\s+html|html|head|body|title|meta|div|p|article|script|table|h1)\b", re.IGNORECASE
)
HTML_TYPES = ("text/html", "application/xhtml+xml", "application/xml", "text/xml")
MAX_NUL_SHARE = 0.02  # of the first bytes; images, fonts and office documents have at least 0.1
PRICE_HEADERS = ("crawler-price", "payment-required")  # Cloudflare's pay per crawl, and x402
MAX_PRICE_CHARS = 100
# WARC-Truncated -> reason
TRUNCATION_REASONS = {"length": Reason.TOO_LARGE, "time": Reason.TIMEOUT, "disconnect": Reason.PARTIAL_BODY}
MAX_QUESTION_MARKS_SHARE = 0.2  # of the characters: letters were replaced by them before the page was sent


class PageRefusedError(Exception):
    """Raised by `check`, `to_utf8` and `parse` if a capture cannot be extracted; `outcome` holds the reason."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(detail)
        self.outcome = Outcome.rejected(reason, detail)


def check(capture: Capture) -> None:
    """Raise `PageRefusedError` if a capture's status, type or size rules out extraction."""
    status = capture.status
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        raise PageRefusedError(Reason.GONE, str(status))
    if status == HTTPStatus.NOT_MODIFIED:
        raise PageRefusedError(Reason.NOT_MODIFIED)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        location = capture.header("location")
        raise PageRefusedError(Reason.REDIRECTED, absolute(capture.url, location) if location else "")
    if status == HTTPStatus.PAYMENT_REQUIRED:
        prices = (capture.header(name) for name in PRICE_HEADERS)
        raise PageRefusedError(
            Reason.PAYMENT_REQUIRED, next((price[:MAX_PRICE_CHARS] for price in prices if price), "")
        )
    body = capture.body
    if not is_success(capture):
        if not body.strip() or _parsing_cost(body):
            raise PageRefusedError(Reason.HTTP_ERROR, str(status))
        return  # it may be a bot wall; `articles.page.walls` decides
    if capture.truncated:
        raise PageRefusedError(
            TRUNCATION_REASONS.get(capture.truncated, Reason.UNREADABLE), f"cut short: {capture.truncated}"
        )
    if not body.strip():
        raise PageRefusedError(Reason.EMPTY)
    kind = capture.header("content-type").split(";")[0].strip().lower()
    if (
        kind
        and kind not in HTML_TYPES
        and not (kind in ("text/plain", "application/octet-stream") and HTML_TAG.search(body[:HEAD_BYTES]))
    ):
        raise PageRefusedError(Reason.NOT_HTML, kind)
    if not _holds_html(body):
        raise PageRefusedError(Reason.NOT_HTML, f"{kind or 'no type'}: no HTML in the body")
    costs = _parsing_cost(body)
    if costs:
        raise PageRefusedError(Reason.TOO_COSTLY, costs)


def _holds_html(body: bytes) -> bool:
    """Return whether a body is text with HTML markup. A page may contain a few NUL bytes; a binary file has many."""
    if wide_encoding(body):
        body = body.replace(b"\0", b"")
    nuls = body[:HEAD_BYTES].count(b"\0")
    if body[:5] == b"%PDF-" or nuls > MAX_NUL_SHARE * len(body[:HEAD_BYTES]):
        return False
    return HTML_TAG.search(body[:HEAD_BYTES] if nuls else body) is not None


def _parsing_cost(body: bytes) -> str:
    """Return what makes a body too costly to parse ("200000 tags"), or an empty string."""
    if len(body) > MAX_BYTES:
        return f"{len(body)} bytes"
    tags = tag_count(body)
    if tags > MAX_TAGS:
        return f"{tags} tags"
    # A first look takes "a < b" in a script for a tag; the second reads each tag as parsers do, and takes longer.
    if any(attribute_count(tag) > MAX_ATTRIBUTES for tag in _long_tags(body)):
        attributes = crowded_tag(body, MAX_ATTRIBUTES)
        return f"an element with {attributes} attributes" if attributes else ""
    return ""


def _long_tags(body: bytes) -> Iterator[bytes]:
    """Yield the tags that are long enough to have too many attributes, also an unclosed one at the end."""
    end = 0
    for at in range(0, len(body), STRIDE_BYTES):
        if at < end or body.find(b">", at, at + STRIDE_BYTES) >= 0:
            continue
        start, end = body.rfind(b">", 0, at) + 1, body.find(b">", at)
        end = end if end >= 0 else len(body)
        opening = body.find(b"<", start, end)
        if opening >= 0 and end - opening > LONG_TAG_BYTES:
            yield body[opening:end]


def is_success(capture: Capture) -> bool:
    """Return whether the response has a success status (2xx)."""
    return HTTPStatus.OK <= capture.status < HTTPStatus.MULTIPLE_CHOICES


def decoded(body: bytes, content_type: str) -> Decoded:
    """Return a page as UTF-8, with the evidence for its encoding. Raise `PageRefusedError` if it is unreadable."""
    found = decode(body, content_type)
    if isinstance(found, str):
        raise PageRefusedError(Reason.UNREADABLE, found)
    return found


def to_utf8(body: bytes, content_type: str) -> bytes:
    """Return a page as UTF-8. Raise `PageRefusedError` if it is unreadable."""
    return decoded(body, content_type).source


def parse(page: bytes) -> tuple[_Element, _Element]:
    """Return the tree of a page in UTF-8, and its `body`. Raise `PageRefusedError` if either is missing."""
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    try:
        root = etree.fromstring(browser_html.rewritten(page), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise PageRefusedError(Reason.UNREADABLE, str(error)[:200]) from error
    body = None if root is None else root.find("body")
    if body is None and root is not None:
        body = _implied_body(root)
    if body is None:
        raise PageRefusedError(Reason.EMPTY, "no body")
    return root, body


def _implied_body(root: _Element) -> _Element | None:
    """Return the body of a page without the tag, moved out of its head.

    HTML lets a page leave out `<body>`; libxml2 begins one at the elements of HTML 4 only, and leaves others in the head.
    """
    head = root.find("head")
    children = [] if head is None else list(head)
    first = next((place for place, child in enumerate(children) if child.tag not in HEAD_TAGS), None)
    if first is None:
        return None
    body = etree.SubElement(root, "body")
    body.extend(children[first:])
    return body


def garbled(page: Page) -> str:
    """Return why the text of a page cannot be read ("900 of 1200 characters are question marks"), or an empty string."""
    marks = sum(block.text.count("?") for block in page.blocks)
    return (
        f"{marks} of {page.characters} characters are question marks"
        if marks > MAX_QUESTION_MARKS_SHARE * page.characters
        else ""
    )


def excess(page: Page) -> str:
    """Return what a page has too much of ("12000 blocks of text"), or an empty string."""
    if len(page.blocks) > MAX_BLOCKS:
        return f"{len(page.blocks)} blocks of text"
    if page.characters > MAX_TEXT_CHARS:
        return f"{page.characters} characters of text"
    depth = sum(block.node.depth for block in page.blocks)
    return f"blocks {depth} elements deep together" if depth > MAX_TOTAL_DEPTH else ""
