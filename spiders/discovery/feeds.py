"""Parse feeds and sitemaps. Pure functions over untrusted bytes.

Entities are not expanded and nothing external is loaded. Broken XML is read up to the error. The output is bounded, and
of the tree only one entry is in memory at a time. Feeds and sitemaps are recognised by their elements, not by their URL.
What would cost too much is refused by its form (`spiders.discovery.source_form`).
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise
from typing import IO
from urllib.parse import urljoin

from lxml import etree

from spiders.date_window import MAX_DATE_CHARS
from spiders.discovery import source_form
from spiders.discovery.entries import MAX_TEXT_CHARS, FeedText, SourceEntry
from spiders.discovery.entry_links import absolute_url, local_name, record_link, translations
from spiders.discovery.json_feed import read_json_feed
from spiders.discovery.source_text import repaired
from spiders.discovery.unpacking import unpack
from spiders.spec import MAX_URL_CHARS

MAX_ENTRIES = 200_000  # per file; sitemaps.org allows 50,000
MAX_ELEMENTS = 2_000_000  # per file: forty for each of the 50,000 entries that a sitemap may have
MAX_ENTRY_ELEMENTS = 20_000  # XHTML in an Atom entry has some hundreds

ENTRY_TAGS = frozenset(("item", "entry", "url", "sitemap"))
SITEMAP_TAGS = frozenset(("url", "sitemap"))
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
LISTED_URL = re.compile(r"(?:https?:|www\.|[\w-]+(?:\.[\w-]+)+[/?])\S+$", re.IGNORECASE)
MAX_BROKEN_BYTES = 8 << 20  # of a source whose entries are read again, one by one; the largest feeds have some 5 MB
ENTRY_START = re.compile(rb"<(?:[\w-]{1,40}:)?(?:item|entry|url|sitemap)[\s>]", re.IGNORECASE)
BROKEN = frozenset(
    (
        etree.ErrorTypes.ERR_TAG_NAME_MISMATCH,
        etree.ErrorTypes.ERR_TAG_NOT_FINISHED,
        etree.ErrorTypes.ERR_CDATA_NOT_FINISHED,
        etree.ErrorTypes.ERR_COMMENT_NOT_FINISHED,
        etree.ErrorTypes.ERR_DOCUMENT_END,
    )
)


@dataclass(slots=True)
class _XmlSource:
    """What the entries of one XML source share."""

    base: str
    full_text: bool
    others: dict[str, SourceEntry] = field(default_factory=dict)  # the entries' translations, yielded at the end
    damaged: bool = False


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
        found = _read_document(data, known, _XmlSource(base, full_text))
    elif data.startswith(b"{"):
        found = read_json_feed(data, lambda address: absolute_url(base, address), full_text=full_text)
    else:
        found = _read_text(io.BytesIO(data), base)
    for count, one in enumerate(found, start=1):
        yield one
        if count == MAX_ENTRIES:
            return


def _read_text(stream: IO[bytes], base: str) -> Iterator[SourceEntry]:
    """Read a list of URLs, one per line; a sitemap may have this format."""
    while line := stream.readline(MAX_URL_CHARS + 2):
        text = line.strip().decode("utf-8", "replace")
        url = absolute_url("", text) or absolute_url(base, text) if LISTED_URL.match(text) else ""
        if url:
            yield SourceEntry(url)


def _read_document(data: bytes, charset: str, reading: _XmlSource) -> Iterator[SourceEntry]:
    """Read a document; where its markup is broken, each of its entries alone; last the translations that it names."""
    seen = set()
    for found in _read_xml(data, charset, reading):
        seen.add(found.url)
        yield found
    if (reading.damaged or not seen) and len(data) <= MAX_BROKEN_BYTES:
        for found in _read_each(data, charset, reading):
            if found.url not in seen:
                seen.add(found.url)
                yield found
    yield from (found for url, found in reading.others.items() if url not in seen)


def _read_each(data: bytes, charset: str, reading: _XmlSource) -> Iterator[SourceEntry]:
    """Read each entry as a document of its own, so that a tag left open in one does not swallow the others."""
    starts = [found.start() for found in islice(ENTRY_START.finditer(data), MAX_ENTRIES)]
    declaration = data[: data.find(b"?>") + 2] if data.startswith(b"<?xml") else b""
    for start, end in pairwise((*starts, len(data))):
        yield from _read_xml(declaration + data[start:end], charset, replace(reading, others={}))


def _read_xml(data: bytes, charset: str, reading: _XmlSource) -> Iterator[SourceEntry]:
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
        yield from _read_xml(data, "", reading)
        return
    parts = within = 0  # `within`: open entries; a `url` in an `item`, or `media:…`, is part of an entry
    try:
        for count, (event, element) in enumerate(events):
            name = local_name(element)
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
            if found := _entry(element, name, reading):
                yield found
            _forget(element)
    except etree.XMLSyntaxError as error:  # not recoverable from here on
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from None
        reading.damaged = True
        return
    reading.damaged |= any(error.type in BROKEN for error in events.error_log)


def _entry(element: etree._Element, name: str, reading: _XmlSource) -> SourceEntry | None:
    links: dict[int, str] = {}
    published: dict[str, str] = {}
    modified: dict[str, str] = {}
    for part in element.iter():
        local, text = local_name(part), (part.text or "").strip()
        record_link(part, local, text, element, links)
        if local in PUBLISHED_TAGS and text:
            published.setdefault(local, text[:MAX_DATE_CHARS])
        elif local in MODIFIED_TAGS and text:
            modified.setdefault(local, text[:MAX_DATE_CHARS])
    if not links and name in SITEMAP_TAGS and (element.text or "").strip():  # `<sitemap>URL</sitemap>`, without `loc`
        links[0] = element.text or ""
    base = urljoin(reading.base, element.base or "")
    url = absolute_url(base, links[min(links)] if links else "")
    if not url:
        return None
    found = SourceEntry(
        url,
        next((published[tag] for tag in PUBLISHED_TAGS if tag in published), ""),
        next((modified[tag] for tag in MODIFIED_TAGS if tag in modified), ""),
        nested=name == "sitemap",
        text=_text(element) if reading.full_text else None,
    )
    if name == "url" and len(reading.others) < MAX_ENTRIES:
        for other in translations(element):
            reading.others.setdefault(absolute_url(base, other), replace(found, url=absolute_url(base, other)))
        reading.others.pop("", None)
    return found


def _text(entry: etree._Element) -> FeedText | None:
    """Return the longest text of an entry; None if it has none."""
    texts: list[str] = []
    authors: list[str] = []
    title = ""
    for part in entry:
        name = local_name(part)
        if name in TEXT_TAGS:
            texts.append(_markup(part))
        elif name in AUTHOR_TAGS:
            named = next((one.text for one in part if local_name(one) == "name"), None) or part.text or ""
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


def _forget(element: etree._Element) -> None:
    """Free an entry and its preceding siblings, so that memory does not grow with the file."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
