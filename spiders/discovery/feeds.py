"""Parse feeds and sitemaps. Pure functions over untrusted bytes.

Entities are not expanded and nothing external is loaded. Broken XML is read up to the error. The output is bounded, and
of the tree only one entry is in memory at a time. Feeds and sitemaps are recognised by their elements, not by their URL.
What would cost too much is refused by its form (`spiders.discovery.source_form`).
"""

import io
from collections.abc import Iterator
from enum import IntEnum
from typing import IO
from urllib.parse import urljoin, urlsplit

from lxml import etree

from spiders.date_window import MAX_DATE_CHARS
from spiders.discovery import source_form
from spiders.discovery.entries import MAX_TEXT_CHARS, FeedText, SourceEntry
from spiders.discovery.json_feed import read_json_feed
from spiders.discovery.source_text import plain_url, repaired
from spiders.discovery.unpacking import unpack
from spiders.spec import MAX_URL_CHARS

MAX_ENTRIES = 200_000  # per file; sitemaps.org allows 50,000
MAX_ELEMENTS = 2_000_000  # per file: forty for each of the 50,000 entries that a sitemap may have
MAX_ENTRY_ELEMENTS = 20_000  # XHTML in an Atom entry has some hundreds

ENTRY_TAGS = frozenset(("item", "entry", "url", "sitemap"))
PUBLISHED_TAGS = (
    "pubdate",
    "published",
    "publication_date",
    "date",
    "issued",
    "created",
)  # the first one present is used
MODIFIED_TAGS = ("lastmod", "updated", "modified")
TEXT_TAGS = frozenset(("encoded", "content", "full-text", "description", "summary", "text"))
AUTHOR_TAGS = frozenset(("creator", "author"))


class Rank(IntEnum):
    """Kind of a URL of an entry: the lowest is used."""

    ORIGINAL = 0  # feedburner:origLink
    LOC = 1  # of a sitemap; the `xhtml:link` beside it is another page
    PAGE = 2  # Atom's `link rel="alternate"` to a page
    LINK = 3  # the text of a `link`
    OTHER_FORM = 4  # `link rel="alternate"` to JSON, PDF …
    GUID = 5
    ABOUT = 6  # of RSS 1.0


def read_source(
    body: bytes, base: str, *, encoding: str = "", charset: str = "", full_text: bool = False
) -> Iterator[SourceEntry]:
    """Yield the entries of a feed (RSS, RDF, Atom, JSON), sitemap, sitemap index or list of URLs, at most `MAX_ENTRIES`.

    `base` is the URL of the body, for relative links; `encoding` and `charset` come from its header fields. Other
    formats yield nothing. With `full_text` entries include their article text. `SourceError` if it costs too much.
    """
    data, sure = repaired(unpack(body, encoding).readall() or b"")
    if source_form.is_xml(data):
        source_form.check_xml(data)
        known = sure or ("" if source_form.names_encoding(data) else charset)
        found = _read_xml(data, base, known, full_text)
    elif data.startswith(b"{"):
        found = read_json_feed(data, lambda address: _absolute(base, address), full_text=full_text)
    else:
        found = _read_text(io.BytesIO(data))
    for count, one in enumerate(found, start=1):
        yield one
        if count == MAX_ENTRIES:
            return


def _read_text(stream: IO[bytes]) -> Iterator[SourceEntry]:
    """Read a list of URLs, one per line; a sitemap may have this format."""
    while line := stream.readline(MAX_URL_CHARS + 2):
        text = line.strip().decode("utf-8", "replace")
        if text.startswith(("http://", "https://")) and len(text) <= MAX_URL_CHARS:
            yield SourceEntry(text)


def _read_xml(data: bytes, base: str, charset: str, full_text: bool) -> Iterator[SourceEntry]:  # noqa: FBT001 - handed on
    try:
        events = etree.iterparse(
            io.BytesIO(data),
            events=("start", "end"),
            recover=True,
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
            encoding=charset or None,
        )
    except LookupError:  # an unknown charset
        yield from _read_xml(data, base, "", full_text)
        return
    parts = within = 0  # `within`: open entries; a `url` in an `item`, or `media:…`, is part of an entry
    try:
        for count, (event, element) in enumerate(events):
            name = _local(element)
            if event == "start":
                within += name in ENTRY_TAGS
                continue
            within -= name in ENTRY_TAGS
            if count >= 2 * MAX_ELEMENTS or parts >= MAX_ENTRY_ELEMENTS:
                return
            if within:
                parts += 1
                continue
            if name not in ENTRY_TAGS:
                _forget(element)
                continue
            parts = 0
            if found := _entry(element, base, name, full_text):
                yield found
            _forget(element)
    except etree.XMLSyntaxError as error:  # not recoverable from here on
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from None
        return


def _entry(element: etree._Element, base: str, name: str, full_text: bool) -> SourceEntry | None:  # noqa: FBT001 - handed on
    addresses: dict[int, str] = {}
    published: dict[str, str] = {}
    modified: dict[str, str] = {}
    for part in element.iter():
        local, text = _local(part), (part.text or "").strip()
        _address(part, local, text, element, addresses)
        if local in PUBLISHED_TAGS and text:
            published.setdefault(local, text[:MAX_DATE_CHARS])
        elif local in MODIFIED_TAGS and text:
            modified.setdefault(local, text[:MAX_DATE_CHARS])
    about = next((value for key, value in element.attrib.items() if str(key).endswith("}about")), "")
    if about:  # RSS 1.0
        addresses.setdefault(Rank.ABOUT, str(about))
    address = _absolute(urljoin(base, element.base or ""), addresses[min(addresses)] if addresses else "")
    if not address:
        return None
    return SourceEntry(
        address,
        next((published[tag] for tag in PUBLISHED_TAGS if tag in published), ""),
        next((modified[tag] for tag in MODIFIED_TAGS if tag in modified), ""),
        nested=name == "sitemap",
        text=_text(element) if full_text else None,
    )


def _address(part: etree._Element, name: str, text: str, entry: etree._Element, addresses: dict[int, str]) -> None:
    """Record a URL of an entry under its rank; the first URL of the lowest rank is used."""
    direct = part.getparent() is entry
    if name == "origlink" and text:  # FeedBurner: its `link` leads through a click counter
        addresses.setdefault(Rank.ORIGINAL, text)
    elif name == "loc" and text and direct:  # not the `image:loc` inside
        addresses.setdefault(Rank.LOC, text)
    elif name == "link" and part.get("href"):
        if part.get("rel", "alternate").lower() == "alternate":
            is_page = part.get("type", "html").partition(";")[0].strip().lower().endswith("html")
            addresses.setdefault(Rank.PAGE if is_page else Rank.OTHER_FORM, part.get("href", "").strip())
    elif name == "link" and direct:
        if text := text or (part.tail or "").strip():  # `<link/>URL`, as tools for HTML write it
            addresses.setdefault(Rank.LINK, text)
    elif name in {"guid", "id"} and text and "://" in text[:8] and _is_permalink(part):
        addresses.setdefault(Rank.GUID, text)


def _is_permalink(part: etree._Element) -> bool:
    return all(str(value).lower() != "false" for key, value in part.attrib.items() if str(key).lower() == "ispermalink")


def _text(entry: etree._Element) -> FeedText | None:
    """Return the longest text of an entry; None if it has none."""
    texts: list[str] = []
    authors: list[str] = []
    title = ""
    for part in entry:
        name = _local(part)
        if name in TEXT_TAGS:
            texts.append(_markup(part))
        elif name in AUTHOR_TAGS:
            named = next((one.text for one in part if _local(one) == "name"), None) or part.text or ""
            authors.append(named.strip())
        elif name == "title" and not title:
            title = "".join(str(one) for one in part.itertext()).strip()
    html = max(texts, key=len, default="")
    return FeedText(title, html, tuple(filter(None, authors))) if 0 < len(html) <= MAX_TEXT_CHARS else None


def _markup(part: etree._Element) -> str:
    """Return the content of an element as HTML, whether it is escaped, CDATA or XHTML."""
    if len(part):
        return (part.text or "") + "".join(etree.tostring(one, encoding="unicode", method="html") for one in part)
    return (part.text or "").strip()


def _absolute(base: str, address: str) -> str:
    """Return an absolute URL; an empty string if it is not an http(s) URL of permitted length."""
    address = plain_url(address.strip())
    try:
        if _begins_with_host(address, base):
            address = f"//{address}"
        joined = urljoin(base, address) if address else ""
    except ValueError:  # "http://["
        return ""
    return joined if joined[:8].lower().startswith(("http://", "https://")) and len(joined) <= MAX_URL_CHARS else ""


def _begins_with_host(address: str, base: str) -> bool:
    """Return whether an address lacks only its scheme: it begins with the host of the source, or one below it."""
    first, slash, _ = address.partition("/")
    if not slash or "." not in first or ":" in first:
        return False
    host = (urlsplit(base).hostname or "").removeprefix("www.")
    return bool(host) and f".{first.lower()}".endswith(f".{host}")


def _local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def _forget(element: etree._Element) -> None:
    """Free an entry and its preceding siblings, so that memory does not grow with the file."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
