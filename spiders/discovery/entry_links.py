"""URLs of an entry of a feed or sitemap: which of its links leads to the article, and how a URL is written in full."""

import re
from collections.abc import Iterator
from enum import IntEnum
from urllib.parse import urljoin, urlsplit

from lxml import etree

from spiders.discovery.source_text import plain_url
from spiders.spec import MAX_URL_CHARS

PAGE_TYPES = ("text/html", "application/xhtml+xml")
IANA_RELATION = "http://www.iana.org/assignments/relation/"  # RFC 4287 §4.2.7.2: a name of a relation in full
INVISIBLE = " \t\r\n\x0b\x0c\xa0\ufeff\u200b\u200c\u200d\u2060"  # around a URL
SCHEME = re.compile(r"^(https?):[/\\]*(?=[^/\\])", re.IGNORECASE)  # a browser accepts any number of slashes
HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d{1,5})?")
# Elements that a broken entry leaves open, so that what follows seems to be inside them.
LEFT_OPEN = frozenset(("title", "a", "b", "br", "em", "font", "hr", "i", "img", "p", "span", "strong", "u"))
MARKUP = re.compile(r"[<>\"]")


class Rank(IntEnum):
    """Kind of a URL of an entry: the lowest is used."""

    ORIGINAL = 0  # feedburner:origLink
    LOC = 1  # of a sitemap; the `xhtml:link` beside it is another page
    LINK = 2  # the text of RSS's `link`; an `atom:link` beside it may be another page
    PAGE = 3  # Atom's `link rel="alternate"` to a page
    OTHER_FORM = 4  # `link rel="alternate"` to JSON, PDF …
    GUID = 5
    ABOUT = 6  # of RSS 1.0


def local_name(element: etree._Element) -> str:
    """Return the lower-case name of an element without its prefix, declared or not; empty for a comment."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def record_link(part: etree._Element, name: str, text: str, entry: etree._Element, links: dict[int, str]) -> None:
    """Record a URL of an entry under its rank; the first URL of the lowest rank is used."""
    direct = _is_direct(part, entry)
    if name == "origlink" and text:  # FeedBurner: its `link` leads through a click counter
        links.setdefault(Rank.ORIGINAL, text)
    elif name == "loc" and text and direct:  # not the `image:loc` inside
        links.setdefault(Rank.LOC, text)
    elif name == "link" and direct:
        attributes = _attributes(part)
        if address := attributes.get("href", "").strip():
            if "alternate" in _relations(attributes.get("rel", "alternate")):
                links.setdefault(Rank.PAGE if _is_page(attributes) else Rank.OTHER_FORM, address)
        elif text := text or (part.tail or "").strip():  # `<link/>URL`, as tools for HTML write it
            links.setdefault(Rank.LINK, text)
    elif name in {"guid", "id"} and text and _is_permalink(part, text):
        links.setdefault(Rank.GUID, text)
    elif part is entry and (about := _attributes(part).get("about")):  # RSS 1.0
        links.setdefault(Rank.ABOUT, about)


def translations(entry: etree._Element) -> Iterator[str]:
    """Yield the links of a sitemap's entry to the same article in other languages; not those to forms for phones."""
    for part in entry:
        if local_name(part) == "link":
            attributes = _attributes(part)
            alternate = "alternate" in _relations(attributes.get("rel", ""))
            if alternate and attributes.get("hreflang") and attributes.get("href") and "media" not in attributes:
                yield attributes["href"]


def absolute_url(base: str, address: str) -> str:
    """Return an absolute URL; an empty string if it is not an http(s) URL of permitted length."""
    address = SCHEME.sub(lambda scheme: f"{scheme[1].lower()}://", plain_url(address.strip(INVISIBLE)))
    try:
        if _lacks_only_scheme(address, base):
            address = f"//{address}"
        joined = urljoin(base, address) if address else ""
        urlsplit(joined)  # `urljoin` does not look at an address if there is no base
    except ValueError:  # "http://["
        return ""
    is_url = joined[:8].lower().startswith(("http://", "https://")) and not MARKUP.search(joined)
    return joined if is_url and len(joined) <= MAX_URL_CHARS else ""


def _is_direct(part: etree._Element, entry: etree._Element) -> bool:
    parent = part.getparent()
    while parent is not None and parent is not entry and local_name(parent) in LEFT_OPEN:
        parent = parent.getparent()
    return parent is entry


def _attributes(part: etree._Element) -> dict[str, str]:
    return {str(key).rpartition("}")[2].rpartition(":")[2].lower(): str(value) for key, value in part.attrib.items()}


def _relations(value: str) -> list[str]:
    return [one.removeprefix(IANA_RELATION) for one in value.lower().split()]


def _is_page(attributes: dict[str, str]) -> bool:
    return attributes.get("type", PAGE_TYPES[0]).partition(";")[0].strip().lower() in {*PAGE_TYPES, "html", ""}


def _is_permalink(part: etree._Element, text: str) -> bool:
    """Return whether an identifier is a URL: a relative one must be called a permanent link."""
    stated = _attributes(part).get("ispermalink", "").lower()
    return stated != "false" and ("://" in text[:8] or (stated == "true" and text.startswith("/")))


def _lacks_only_scheme(address: str, base: str) -> bool:
    """Return whether an address begins with a host: that of the source, one below it, or any with "www."."""
    host = HOST.match(address)
    if not host or address[host.end() : host.end() + 1] not in {"/", "?"}:
        return False
    first, own = host[0].partition(":")[0].lower(), (urlsplit(base).hostname or "").removeprefix("www.")
    return first.startswith("www.") or (bool(own) and f".{first}".endswith(f".{own}"))
