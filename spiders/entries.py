"""What feeds and sitemaps name: pure functions over bytes that anybody may have written.

Entities are not expanded, nothing is loaded from elsewhere, broken XML is read as far as it goes, and what comes out
is bounded. A feed is told from a sitemap by its root, not by where it was found.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

from lxml import etree

from storage.decode import decode

MAX_SOURCE_BYTES = 64 << 20  # unpacked; sitemaps.org allows 50 MB
MAX_ENTRIES = 200_000  # of one file; sitemaps.org allows 50,000
MAX_ADDRESS = 8_192  # characters; what `spiders.lists` takes
GZIP_MAGIC = b"\x1f\x8b"
XML_START = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<")
DAY_ONLY = re.compile(r"\d{4}-\d\d-\d\d")
# A date without a time may mean any moment of that day anywhere: until midnight at UTC-12.
END_OF_DAY = timedelta(days=1, hours=12)

ENTRIES = frozenset(("item", "entry", "url", "sitemap"))
DATES = ("pubDate", "published", "lastmod", "updated", "date", "modified", "publication_date")


@dataclass(frozen=True, slots=True)
class Found:
    """One entry of a feed or sitemap."""

    url: str
    latest: datetime | None  # the latest moment that the entry's dates can mean, aware; None if it has none
    nested: bool = False  # it is a sitemap itself


def unpack(body: bytes, encoding: str) -> bytes:
    """Undo a Content-Encoding and the gzip of a `.xml.gz`; at most `MAX_SOURCE_BYTES` come out."""
    body = decode(body, encoding, MAX_SOURCE_BYTES)[0]
    return decode(body, "gzip", MAX_SOURCE_BYTES)[0] if body.startswith(GZIP_MAGIC) else body


def read_source(body: bytes, base: str) -> Iterator[Found]:
    """Yield the entries of a feed (RSS, RDF, Atom), sitemap, sitemap index or plain list of URLs, at most `MAX_ENTRIES`.

    `base` is the address that the body came from, for relative links. What is none of these yields nothing.
    """
    found = _read_xml(body, base) if XML_START.match(body) else _read_text(body)
    for count, one in enumerate(found, start=1):
        yield one
        if count == MAX_ENTRIES:
            return


def _read_text(body: bytes) -> Iterator[Found]:
    """Read a list of addresses, one a line, which a sitemap may be."""
    for line in io.BytesIO(body):
        text = line.strip().decode("utf-8", "replace")
        if text.startswith(("http://", "https://")) and len(text) <= MAX_ADDRESS:
            yield Found(text, None)


def _read_xml(body: bytes, base: str) -> Iterator[Found]:
    events = etree.iterparse(
        io.BytesIO(body),
        events=("end",),
        recover=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for _, element in events:
            name = _local(element)
            if name not in ENTRIES:
                continue
            fields = _fields(element)
            address = _absolute(base, fields.get("address", ""))
            if address:
                yield Found(address, _latest(fields), nested=name == "sitemap")
            _forget(element)
    except etree.XMLSyntaxError:  # beyond repair from here on
        return


def _absolute(base: str, address: str) -> str:
    """Return an address made absolute, or nothing if it is none that can be asked for."""
    try:
        joined = urljoin(base, address) if address else ""
    except ValueError:  # "http://["
        return ""
    return joined if joined.startswith(("http://", "https://")) and len(joined) <= MAX_ADDRESS else ""


def _fields(entry: etree._Element) -> dict[str, str]:
    """Return an entry's address and dates by name. The address is the first there is of these kinds."""
    fields: dict[str, str] = {}
    addresses: dict[int, str] = {}
    for element in entry.iter():
        name = _local(element)
        text = (element.text or "").strip()
        if name == "origLink" and text:  # FeedBurner: `link` counts clicks
            addresses.setdefault(0, text)
        elif name == "link" and element.get("href"):
            if element.get("rel", "alternate") == "alternate":
                addresses.setdefault(1, element.get("href", "").strip())
        elif name in {"link", "loc"} and text and element.getparent() is entry:  # `image:loc` lies deeper
            addresses.setdefault(2, text)
        elif name == "guid" and element.get("isPermaLink", "true") != "false" and text:
            addresses.setdefault(3, text)
        elif name in DATES and text:
            fields.setdefault(name, text)
    about = next((value for key, value in entry.attrib.items() if str(key).endswith("}about")), "")
    if about:  # RSS 1.0
        addresses.setdefault(4, str(about))
    if addresses:
        fields["address"] = addresses[min(addresses)]
    return fields


def _latest(fields: dict[str, str]) -> datetime | None:
    dates = [date for name in DATES if (text := fields.get(name)) and (date := parse_date(text))]
    return max(dates, default=None)


def parse_date(text: str) -> datetime | None:
    """Return the latest moment that a date of RFC 822 or ISO 8601 can mean, aware; None where it is none."""
    text = text.strip()
    try:
        if DAY_ONLY.fullmatch(text):
            return datetime.fromisoformat(text).replace(tzinfo=UTC) + END_OF_DAY
        date = datetime.fromisoformat(text) if text[:1].isdigit() and "-" in text[:5] else parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # Without a zone it may be any, the latest being UTC-12.
    return date if date.tzinfo else date.replace(tzinfo=UTC) + timedelta(hours=12)


def _local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _forget(element: etree._Element) -> None:
    """Free an entry that was read, and those before it, so that memory does not grow with the file."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
