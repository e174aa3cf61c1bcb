"""Before a page is read: whether there is one, whether it can be read, and what reading it would cost."""

import codecs
import re
from collections.abc import Iterator
from http import HTTPStatus

import numpy as np
from lxml import etree
from lxml.etree import _Element

from articles.model import Capture, Outcome, Reason
from articles.page.blocks import Page
from articles.url import absolute

MOST_BLOCKS = 10_000
MOST_CHARACTERS = 2_000_000  # a novel has half of it
MOST_DEPTH = 300_000  # elements that the page's blocks stand in, counted for each: what rules walk along

MAX_BYTES = 12_000_000  # the largest of 2,000 real news pages had 4 MB
MAX_TAGS = 150_000  # "<" in the body; the densest real page had 40,000, and 150,000 parse in .5 s and 90 MB
MAX_ATTRIBUTES = 5_000  # of one element: libxml2 walks along all for each, 200,000 take over 5 s
LONG_TAG = 10_000  # bytes in a tag: no shorter one has so many
LESS_THAN = ord("<")
STRIDE = 5_000  # bytes: half of such a tag, so that one of these stretches lies in it whole
QUOTED = re.compile(rb"\"[^\"]*\"|'[^']*'")
SNIFF = 2048  # bytes in which a page's declaration of its encoding must stand (HTML standard: 1024)
META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.IGNORECASE)
HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE)
MARKUP = re.compile(
    rb"<\s*(?:!doctype\s+html|html|head|body|title|meta|div|p|article|script|table|h1)\b", re.IGNORECASE
)
HTML_TYPES = ("text/html", "application/xhtml+xml", "application/xml", "text/xml")
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# Labels that browsers read as a wider encoding (WHATWG Encoding Standard).
WIDER = {
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
MOST_NULS = 0.02  # of the first bytes; images, fonts and office documents have a tenth and more
BROKEN_SHARE = 0.02  # of characters that may be undecodable before a page counts as unreadable
CUT_SHORT = {"length": Reason.TOO_LARGE, "time": Reason.TIMEOUT, "disconnect": Reason.PARTIAL_BODY}  # WARC-Truncated
OTHER_ASCII = frozenset({"iso-2022-jp", "utf-16", "utf-16-le", "utf-16-be"})  # valid UTF-8 by chance


class PageRefusedError(Exception):
    """Raised by `parse` where a capture is no page that can be read; `outcome` says why."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(detail)
        self.outcome = Outcome.rejected(reason, detail)


def check(capture: Capture) -> None:
    """Raise `PageRefusedError` where the status, the type or the size of a capture say that there is no page to read."""
    status = capture.status
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        raise PageRefusedError(Reason.GONE, str(status))
    if status == HTTPStatus.NOT_MODIFIED:
        raise PageRefusedError(Reason.NOT_MODIFIED)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        location = capture.header("location")
        raise PageRefusedError(Reason.REDIRECTED, absolute(capture.url, location) if location else "")
    body = capture.body
    if not answered(capture):
        if _costs(body):
            raise PageRefusedError(Reason.HTTP_ERROR, str(status))
        return  # a wall may stand behind it; `articles.page.walls` tells
    if capture.truncated:
        raise PageRefusedError(CUT_SHORT.get(capture.truncated, Reason.UNREADABLE), f"cut short: {capture.truncated}")
    if not body.strip():
        raise PageRefusedError(Reason.EMPTY)
    kind = capture.header("content-type").split(";")[0].strip().lower()
    if (
        kind
        and kind not in HTML_TYPES
        and not (kind in ("text/plain", "application/octet-stream") and MARKUP.search(body[:SNIFF]))
    ):
        raise PageRefusedError(Reason.NOT_HTML, kind)
    if not _holds_html(body):
        raise PageRefusedError(Reason.NOT_HTML, f"{kind or 'no type'}: no HTML in the body")
    costs = _costs(body)
    if costs:
        raise PageRefusedError(Reason.TOO_COSTLY, costs)


def _holds_html(body: bytes) -> bool:
    """Return whether a body is text with markup in it. NUL bytes may have got into a page; a binary file has many."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        body = body.replace(b"\0", b"")
    nuls = body[:SNIFF].count(b"\0")
    if body[:5] == b"%PDF-" or nuls > MOST_NULS * len(body[:SNIFF]):
        return False
    return MARKUP.search(body[:SNIFF] if nuls else body) is not None


def _costs(body: bytes) -> str:
    """Return what makes a body too costly to be parsed, or an empty string."""
    if len(body) > MAX_BYTES:
        return f"{len(body)} bytes"
    tags = int(np.count_nonzero(np.frombuffer(body, np.uint8) == LESS_THAN))  # bytes.count takes ten times as long
    if tags > MAX_TAGS:
        return f"{tags} tags"
    for tag in _long_tags(body):
        attributes = len(QUOTED.sub(b"", tag).split())
        if attributes > MAX_ATTRIBUTES:
            return f"an element with {attributes} attributes"
    return ""


def _long_tags(body: bytes) -> Iterator[bytes]:
    """Yield the tags, the last one closed or not, that are so long that they could have too many attributes."""
    end = 0
    for at in range(0, len(body), STRIDE):
        if at < end or body.find(b">", at, at + STRIDE) >= 0:
            continue
        start, end = body.rfind(b">", 0, at) + 1, body.find(b">", at)
        end = end if end >= 0 else len(body)
        opening = body.find(b"<", start, end)
        if opening >= 0 and end - opening > LONG_TAG:
            yield body[opening:end]


def answered(capture: Capture) -> bool:
    """Return whether the server answered with what was asked for."""
    return HTTPStatus.OK <= capture.status < HTTPStatus.MULTIPLE_CHOICES


def to_utf8(body: bytes, content_type: str) -> bytes:
    """Return a page in UTF-8: BOM, then UTF-8 if it is valid UTF-8, then what is declared. Raises `PageRefusedError`."""
    for mark, name in BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace").encode()
    body = body.replace(b"\0", b"")
    declared = declared_encoding(body, content_type)
    if declared not in OTHER_ASCII:
        try:
            body.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return body
    try:
        text = body.decode(declared or "utf-8", "replace")
    except LookupError:  # a label that names no encoding
        text = body.decode("utf-8", "replace")
    if text.count("\ufffd") > BROKEN_SHARE * len(text):
        raise PageRefusedError(Reason.UNREADABLE, f"not in the encoding it declares: {declared or 'none declared'}")
    return text.encode()


def declared_encoding(body: bytes, content_type: str) -> str:
    """Return the encoding that the header or the page names, as Python's codecs know it, or an empty string."""
    in_page = META_CHARSET.search(body[:SNIFF])
    in_header = HEADER_CHARSET.search(content_type)
    label = (
        in_header.group(1) if in_header else in_page.group(1).decode("ascii", "replace") if in_page else ""
    ).lower()
    return WIDER.get(label, label)


def parse(page: bytes) -> tuple[_Element, _Element]:
    """Return the tree of a page in UTF-8 and its body. Raises `PageRefusedError` where there is none."""
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
    """Return what there is too much of on a page, or an empty string."""
    if len(page.blocks) > MOST_BLOCKS:
        return f"{len(page.blocks)} blocks of text"
    characters = sum(len(block.text) for block in page.blocks)
    if characters > MOST_CHARACTERS:
        return f"{characters} characters of text"
    depth = sum(block.node.depth for block in page.blocks)
    return f"blocks {depth} elements deep together" if depth > MOST_DEPTH else ""
