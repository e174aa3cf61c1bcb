"""Find the page that a page leads to by itself: `<meta http-equiv="refresh" content="0; url=…">`."""

import re
from html import unescape
from urllib.parse import urldefrag

from articles.url import absolute

HEAD_BYTES = 65_536  # of a page, searched
MAX_SECONDS = 10  # until a browser leaves the page; with a longer time readers may read it
MARK = re.compile(rb"http-equiv.{0,200}?refresh", re.DOTALL)  # in lower case; a first look, faster than the others
# What browsers do not read. The groups are not possessive, since Python before 3.11.4 matches such groups otherwise.
UNREAD = re.compile(rb"<!--(?:[^-]++|-(?!->))*|<(noscript|script|style|template)\b(?:[^<]++|<(?!/\1))*", re.IGNORECASE)
META = re.compile(rb"<meta\b([^<>]{1,4000}+)>", re.IGNORECASE)
IS_REFRESH = re.compile(r"http-equiv\s{0,9}=\s{0,9}[\"']?\s{0,9}refresh\b", re.IGNORECASE)
CONTENT = re.compile(r"\bcontent\s{0,9}=\s{0,9}(?:\"([^\"]{0,4000})\"|'([^']{0,4000})')", re.IGNORECASE)
TARGET = re.compile(r"(\d{1,4})(?:\.\d{0,6})?\s{0,9}[;,]\s{0,9}url\s{0,9}=\s{0,9}[\"']?([^\"']{1,4000})", re.IGNORECASE)


def target(page: bytes, url: str) -> str:
    """Return the absolute URL that a page leads to within seconds; empty if to none, or to itself."""
    head = page[:HEAD_BYTES]
    if not MARK.search(head.lower()):
        return ""
    for found in META.finditer(UNREAD.sub(b"", head)):
        attributes = found[1].decode("utf-8", "replace")
        content = CONTENT.search(attributes) if IS_REFRESH.search(attributes) else None
        stated = TARGET.match(unescape(content[1] or content[2] or "").strip()) if content else None
        if stated and int(stated[1]) <= MAX_SECONDS and stated[2].strip():
            reached = absolute(url, stated[2].strip())
            is_page = reached.startswith(("http://", "https://"))
            return reached if is_page and urldefrag(reached)[0] != urldefrag(url)[0] else ""
    return ""
