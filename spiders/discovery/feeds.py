"""Parse feeds and sitemaps. Pure functions over untrusted bytes.

Entities are not expanded and nothing external is loaded. Broken XML is read up to the error. The output is bounded, and
of the tree only one entry is in memory at a time. Feeds and sitemaps are recognised by their elements, not by their URL.
What would cost too much is refused by its form (`spiders.discovery.source_form`).
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO
from urllib.parse import urljoin

from lxml import etree

from spiders.date_window import MAX_DATE_CHARS
from spiders.discovery import source_form
from spiders.discovery.unpacking import unpack
from spiders.spec import MAX_URL_CHARS

MAX_ENTRIES = 200_000  # per file; sitemaps.org allows 50,000
MAX_ELEMENTS = 2_000_000  # per file: forty for each of the 50,000 entries that a sitemap may have
MAX_ENTRY_ELEMENTS = 20_000  # XHTML in an Atom entry has some hundreds
MAX_TEXT_CHARS = 2 << 20  # of an entry's text; the longest speeches of a president are a tenth of it

ENTRY_TAGS = frozenset(("item", "entry", "url", "sitemap"))
PUBLISHED_TAGS = (
    "pubDate",
    "published",
    "publication_date",
    "date",
    "issued",
    "created",
)  # the first one present is used
MODIFIED_TAGS = ("lastmod", "updated", "modified")
TEXT_TAGS = frozenset(("encoded", "content", "full-text", "description", "summary", "text"))
AUTHOR_TAGS = frozenset(("creator", "author"))


@dataclass(frozen=True, slots=True)
class FeedText:
    """The article text of a feed entry."""

    title: str
    html: str
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """One entry of a feed, sitemap or listing; dates are the strings of the source, empty if it gives none."""

    url: str
    published: str = ""
    modified: str = ""
    nested: bool = False  # the URL is that of a sitemap
    nearby: str = ""  # a date near the link, maybe of another article: enough to tell how old a page of a listing is
    text: FeedText | None = field(default=None, repr=False)  # only with `full_text`

    @property
    def date(self) -> str:
        """The date of publication, or else of the last change."""
        return self.published or self.modified


def read_source(
    body: bytes, base: str, *, encoding: str = "", charset: str = "", full_text: bool = False
) -> Iterator[SourceEntry]:
    """Yield the entries of a feed (RSS, RDF, Atom), sitemap, sitemap index or plain list of URLs, at most `MAX_ENTRIES`.

    `base` is the URL of the body, for relative links; `encoding` and `charset` come from its header fields. Other
    formats yield nothing. With `full_text` entries include their article text. `SourceError` if it costs too much.
    """
    data = unpack(body, encoding).readall() or b""
    if source_form.is_xml(data):
        source_form.check_xml(data)
        found = _read_xml(data, base, "" if source_form.names_encoding(data) else charset, full_text)
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
        addresses.setdefault(4, str(about))
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
    if name == "origLink" and text:  # FeedBurner: its `link` leads through a click counter
        addresses.setdefault(0, text)
    elif name == "link" and part.get("href"):
        if part.get("rel", "alternate") == "alternate":
            addresses.setdefault(1, part.get("href", "").strip())
    elif name in {"link", "loc"} and text and part.getparent() is entry:  # not the `image:loc` inside
        addresses.setdefault(2, text)
    elif name in {"guid", "id"} and text and part.get("isPermaLink", "true") != "false" and "://" in text[:8]:
        addresses.setdefault(3, text)


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
    try:
        joined = urljoin(base, address.strip()) if address else ""
    except ValueError:  # "http://["
        return ""
    return joined if joined.startswith(("http://", "https://")) and len(joined) <= MAX_URL_CHARS else ""


def _local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _forget(element: etree._Element) -> None:
    """Free an entry and its preceding siblings, so that memory does not grow with the file."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
