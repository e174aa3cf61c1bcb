"""What feeds and sitemaps name: pure functions over bytes that anybody may have written.

Entities are not expanded, nothing is loaded from elsewhere, broken XML is read as far as it goes, what comes out is
bounded, and no more of it is held at a time than an entry. A feed is told from a sitemap by its root, not by where it
was found.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO
from urllib.parse import urljoin

from lxml import etree

from spiders.discovery.unpacking import unpack

MAX_ENTRIES = 200_000  # of one file; sitemaps.org allows 50,000
MAX_ELEMENTS = 2_000_000  # of one file: forty for each of the 50,000 entries that a sitemap may have
MAX_PARTS = 20_000  # of one entry; XHTML in an Atom entry has some hundreds
MAX_ADDRESS = 8_192  # characters; what `spiders.fetching.url_lines` takes
MAX_CONTENT = 2 << 20  # characters of an entry's text; the longest speeches of a president are a tenth of it
MAX_GIVEN = 100  # characters of a date
XML_START = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<")
DECLARED = re.compile(rb"^\s*(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding\s*=")
BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
SNIFFED = 64 << 10  # bytes from which a file's form and encoding are told

ENTRIES = frozenset(("item", "entry", "url", "sitemap"))
PUBLISHED = (
    "pubDate",
    "published",
    "publication_date",
    "date",
    "issued",
    "created",
)  # the first that stands there counts
MODIFIED = ("lastmod", "updated", "modified")
CONTENTS = frozenset(("encoded", "content", "full-text", "description", "summary", "text"))
AUTHORS = frozenset(("creator", "author"))


@dataclass(frozen=True, slots=True)
class FeedText:
    """An article as an entry of a feed holds it."""

    title: str
    html: str
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """One entry of a feed, a sitemap or a listing; dates are as they were given, empty where there were none."""

    url: str
    published: str = ""
    modified: str = ""
    nested: bool = False  # it is a sitemap itself
    beside: str = ""  # a date that stands beside it and may be another's: enough to tell how old a page of a listing is
    text: FeedText | None = field(default=None, repr=False)  # where it was asked for

    @property
    def given(self) -> str:
        """The date that counts most of those given."""
        return self.published or self.modified


def read_source(
    body: bytes, base: str, *, encoding: str = "", charset: str = "", full_text: bool = False
) -> Iterator[SourceEntry]:
    """Yield the entries of a feed (RSS, RDF, Atom), sitemap, sitemap index or plain list of URLs, at most `MAX_ENTRIES`.

    `base` is the address that the body came from, for relative links; `encoding` and `charset` are what its headers
    said. What is none of these yields nothing. `full_text` asks for the text that entries hold.
    """
    stream = io.BufferedReader(unpack(body, encoding), SNIFFED)
    start = stream.peek(SNIFFED)
    if XML_START.match(start) or start.startswith(BOMS[1:]):
        found = _read_xml(stream, base, "" if DECLARED.match(start) or start.startswith(BOMS) else charset, full_text)
    else:
        found = _read_text(stream)
    for count, one in enumerate(found, start=1):
        yield one
        if count == MAX_ENTRIES:
            return


def _read_text(stream: IO[bytes]) -> Iterator[SourceEntry]:
    """Read a list of addresses, one a line, which a sitemap may be."""
    while line := stream.readline(MAX_ADDRESS + 2):
        text = line.strip().decode("utf-8", "replace")
        if text.startswith(("http://", "https://")) and len(text) <= MAX_ADDRESS:
            yield SourceEntry(text)


def _read_xml(stream: IO[bytes], base: str, charset: str, full_text: bool) -> Iterator[SourceEntry]:  # noqa: FBT001 - handed on
    try:
        events = etree.iterparse(
            stream,
            events=("end",),
            recover=True,
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
            encoding=charset or None,
        )
    except LookupError:  # a charset that nobody knows
        yield from _read_xml(stream, base, "", full_text)
        return
    parts = 0
    try:
        for count, (_, element) in enumerate(events):
            name = _local(element)
            if count >= MAX_ELEMENTS or parts >= MAX_PARTS:
                return
            if _inside(element):
                parts += 1
                continue
            if name not in ENTRIES:
                _forget(element)
                continue
            parts = 0
            if found := _entry(element, base, name, full_text):
                yield found
            _forget(element)
    except etree.XMLSyntaxError:  # beyond repair from here on
        return


def _inside(element: etree._Element) -> bool:
    """Whether an element is but a part of an entry, whatever its name: `media:…`, a `url` in an `item`."""
    return any(_local(above) in ENTRIES for above in element.iterancestors())


def _entry(element: etree._Element, base: str, name: str, full_text: bool) -> SourceEntry | None:  # noqa: FBT001 - handed on
    addresses: dict[int, str] = {}
    published: dict[str, str] = {}
    modified: dict[str, str] = {}
    for part in element.iter():
        local, text = _local(part), (part.text or "").strip()
        _address(part, local, text, element, addresses)
        if local in PUBLISHED and text:
            published.setdefault(local, text[:MAX_GIVEN])
        elif local in MODIFIED and text:
            modified.setdefault(local, text[:MAX_GIVEN])
    about = next((value for key, value in element.attrib.items() if str(key).endswith("}about")), "")
    if about:  # RSS 1.0
        addresses.setdefault(4, str(about))
    address = _absolute(urljoin(base, element.base or ""), addresses[min(addresses)] if addresses else "")
    if not address:
        return None
    return SourceEntry(
        address,
        next((published[one] for one in PUBLISHED if one in published), ""),
        next((modified[one] for one in MODIFIED if one in modified), ""),
        nested=name == "sitemap",
        text=_text(element) if full_text else None,
    )


def _address(part: etree._Element, name: str, text: str, entry: etree._Element, addresses: dict[int, str]) -> None:
    """Note an address of an entry under its rank; the first of the best rank is the entry's."""
    if name == "origLink" and text:  # FeedBurner: `link` counts clicks
        addresses.setdefault(0, text)
    elif name == "link" and part.get("href"):
        if part.get("rel", "alternate") == "alternate":
            addresses.setdefault(1, part.get("href", "").strip())
    elif name in {"link", "loc"} and text and part.getparent() is entry:  # `image:loc` lies deeper
        addresses.setdefault(2, text)
    elif name in {"guid", "id"} and text and part.get("isPermaLink", "true") != "false" and "://" in text[:8]:
        addresses.setdefault(3, text)


def _text(entry: etree._Element) -> FeedText | None:
    """Return the longest text that an entry holds, or None where it holds none."""
    texts: list[str] = []
    authors: list[str] = []
    title = ""
    for part in entry:
        name = _local(part)
        if name in CONTENTS:
            texts.append(_markup(part))
        elif name in AUTHORS:
            named = next((one.text for one in part if _local(one) == "name"), None) or part.text or ""
            authors.append(named.strip())
        elif name == "title" and not title:
            title = "".join(str(one) for one in part.itertext()).strip()
    html = max(texts, key=len, default="")
    return FeedText(title, html, tuple(filter(None, authors))) if 0 < len(html) <= MAX_CONTENT else None


def _markup(part: etree._Element) -> str:
    """Return what an element holds as HTML, whether it was escaped, CDATA or XHTML."""
    if len(part):
        return (part.text or "") + "".join(etree.tostring(one, encoding="unicode", method="html") for one in part)
    return (part.text or "").strip()


def _absolute(base: str, address: str) -> str:
    """Return an address made absolute, or nothing if it is none that can be asked for."""
    try:
        joined = urljoin(base, address.strip()) if address else ""
    except ValueError:  # "http://["
        return ""
    return joined if joined.startswith(("http://", "https://")) and len(joined) <= MAX_ADDRESS else ""


def _local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _forget(element: etree._Element) -> None:
    """Free an entry that was read, and those before it, so that memory does not grow with the file."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
