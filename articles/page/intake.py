"""Check captures before extraction: refuse failures, pages that are not HTML, and pages too large or too deep."""

import codecs
import re
from collections.abc import Iterator
from http import HTTPStatus

from lxml import etree
from lxml.etree import _Element

from articles.model import Capture, Outcome, Reason
from articles.page.blocks import Page
from articles.page.markup_cost import tag_count
from articles.url import absolute

MAX_BLOCKS = 10_000
MAX_TEXT_CHARS = 2_000_000  # twice as long as a novel
MAX_TOTAL_DEPTH = 300_000  # sum of the depths of all blocks; the rules walk along all ancestors of each block

MAX_BYTES = 12_000_000  # the largest of 2,000 real news pages had 4 MB
MAX_TAGS = 150_000  # "<" in the body; the densest real page had 40,000; parsing 150,000 takes 0.5 s and 90 MB
MAX_ATTRIBUTES = 5_000  # of one element; libxml2 takes quadratic time: over 5 s for 200,000
LONG_TAG_BYTES = 10_000  # a shorter tag cannot have so many attributes
STRIDE_BYTES = 5_000  # half of `LONG_TAG_BYTES`, so that at least one whole stride lies inside each long tag
QUOTED = re.compile(rb"\"[^\"]*\"|'[^']*'")
SNIFF_BYTES = 2048  # beginning of a page in which its encoding must be declared (HTML standard: 1024)
META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.IGNORECASE)
HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE)
HTML_TAG = re.compile(
    rb"<\s*(?:!doctype\s+html|html|head|body|title|meta|div|p|article|script|table|h1)\b", re.IGNORECASE
)
HTML_TYPES = ("text/html", "application/xhtml+xml", "application/xml", "text/xml")
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# Labels that browsers decode with a larger encoding (WHATWG Encoding Standard).
BROWSER_ENCODINGS = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "iso-8859-9": "cp1254",
    "windows-31j": "cp932",
}
MAX_NUL_SHARE = 0.02  # of the first bytes; images, fonts and office documents have at least 0.1
MAX_UNDECODABLE_SHARE = 0.02  # of the characters; a page with more is unreadable
PRICE_HEADERS = ("crawler-price", "payment-required")  # Cloudflare's pay per crawl, and x402
MAX_PRICE_CHARS = 100
# WARC-Truncated -> reason
TRUNCATION_REASONS = {"length": Reason.TOO_LARGE, "time": Reason.TIMEOUT, "disconnect": Reason.PARTIAL_BODY}
# Python's codecs that are no encodings of web pages: they execute escapes, give half characters, fail or take quadratic time.
NOT_ENCODINGS = frozenset(
    {"idna", "mbcs", "oem", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}
)
MAX_LABEL_CHARS = 40  # of an encoding; the longest known has 31
# Text in these encodings may be valid UTF-8 by chance.
MISTAKABLE_FOR_UTF8 = frozenset({"iso-2022-jp", "utf-16", "utf-16-le", "utf-16-be"})


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
        if _parsing_cost(body):
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
        and not (kind in ("text/plain", "application/octet-stream") and HTML_TAG.search(body[:SNIFF_BYTES]))
    ):
        raise PageRefusedError(Reason.NOT_HTML, kind)
    if not _holds_html(body):
        raise PageRefusedError(Reason.NOT_HTML, f"{kind or 'no type'}: no HTML in the body")
    costs = _parsing_cost(body)
    if costs:
        raise PageRefusedError(Reason.TOO_COSTLY, costs)


def _holds_html(body: bytes) -> bool:
    """Return whether a body is text with HTML markup. A page may contain a few NUL bytes; a binary file has many."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        body = body.replace(b"\0", b"")
    nuls = body[:SNIFF_BYTES].count(b"\0")
    if body[:5] == b"%PDF-" or nuls > MAX_NUL_SHARE * len(body[:SNIFF_BYTES]):
        return False
    return HTML_TAG.search(body[:SNIFF_BYTES] if nuls else body) is not None


def _parsing_cost(body: bytes) -> str:
    """Return what makes a body too costly to parse ("200000 tags"), or an empty string."""
    if len(body) > MAX_BYTES:
        return f"{len(body)} bytes"
    tags = tag_count(body)
    if tags > MAX_TAGS:
        return f"{tags} tags"
    for tag in _long_tags(body):
        attributes = len(QUOTED.sub(b"", tag).split())
        if attributes > MAX_ATTRIBUTES:
            return f"an element with {attributes} attributes"
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


def to_utf8(body: bytes, content_type: str) -> bytes:
    """Return a page as UTF-8, decoded by its BOM, else as UTF-8 if valid, else as declared.

    Raise `PageRefusedError` if too many characters are undecodable.
    """
    for mark, name in BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace").encode()
    body = body.replace(b"\0", b"")
    declared = declared_encoding(body, content_type)
    if declared not in MISTAKABLE_FOR_UTF8:
        try:
            body.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return body
    text = body.decode(declared or "utf-8", "replace")
    if text.count("\ufffd") > MAX_UNDECODABLE_SHARE * len(text):
        raise PageRefusedError(Reason.UNREADABLE, f"not in the encoding it declares: {declared or 'none declared'}")
    return text.encode()


def declared_encoding(body: bytes, content_type: str) -> str:
    """Return the encoding that the HTTP header or else the page declares, for Python's codecs; empty if it is none."""
    in_page = META_CHARSET.search(body[:SNIFF_BYTES])
    in_header = HEADER_CHARSET.search(content_type)
    label = (
        in_header.group(1) if in_header else in_page.group(1).decode("ascii", "replace") if in_page else ""
    ).lower()
    label = BROWSER_ENCODINGS.get(label, label)
    return label if is_encoding(label) else ""


def is_encoding(label: str) -> bool:
    """Return whether a label names an encoding of text. Labels are untrusted, and Python knows codecs of other kinds."""
    if not label.isascii() or len(label) > MAX_LABEL_CHARS:
        return False
    try:
        name = codecs.lookup(label).name
        b"x".decode(label, "replace")  # LookupError for codecs such as hex and zip, which give no text
    except (LookupError, ValueError):  # ValueError: "undefined" refuses everything
        return False
    return name.replace("_", "-") not in NOT_ENCODINGS


def parse(page: bytes) -> tuple[_Element, _Element]:
    """Return the tree of a page in UTF-8, and its `body`. Raise `PageRefusedError` if either is missing."""
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    try:
        root = etree.fromstring(page, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise PageRefusedError(Reason.UNREADABLE, str(error)[:200]) from error
    body = None if root is None else root.find("body")
    if body is None:
        raise PageRefusedError(Reason.EMPTY, "no body")
    return root, body


def excess(page: Page) -> str:
    """Return what a page has too much of ("12000 blocks of text"), or an empty string."""
    if len(page.blocks) > MAX_BLOCKS:
        return f"{len(page.blocks)} blocks of text"
    characters = sum(len(block.text) for block in page.blocks)
    if characters > MAX_TEXT_CHARS:
        return f"{characters} characters of text"
    depth = sum(block.node.depth for block in page.blocks)
    return f"blocks {depth} elements deep together" if depth > MAX_TOTAL_DEPTH else ""
