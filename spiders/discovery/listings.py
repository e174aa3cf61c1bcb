"""Parse listing pages and JSON endpoints: links to articles, their dates, and the next page.

Pure functions over untrusted bytes. Input is bounded; a page that cannot be parsed gives no entries, and one that would
cost too much is refused by its form (`SourceError`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from lxml import etree, html

from articles import dates
from spiders.date_window import MAX_DATE_CHARS
from spiders.discovery import source_form
from spiders.discovery.entries import SourceEntry
from spiders.sources import Archive, JsonListing, Listing, Search, css
from spiders.spec import MAX_URL_CHARS
from storage.captures.decode import decode

MAX_LISTING_BYTES = 8 << 20  # unpacked; the longest seen, a day of mk.ru, has 400 kB
MAX_LINKS = 5_000  # per page
MAX_ANCESTORS = 5  # of a link, searched for its date; cards on the sites of outlets.yaml have three at most
MAX_TEXTS = 300  # text nodes of a block that is searched for a date; a block with more is not a card
MAX_DATE_LABEL_CHARS = 40  # of a date with its time; longer texts are headlines that contain a date
MIN_UNIX_MILLISECONDS = 10**11  # larger Unix times are in milliseconds: in seconds it would be the year 5138
CHARSET_SNIFF_BYTES = 4_096  # searched for the charset that the page names; browsers read 1,024
CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)

Paged = Archive | Listing | Search


@dataclass(frozen=True, slots=True)
class ListingPage:
    """The content of one page of a listing."""

    found: tuple[SourceEntry, ...] = ()
    next: str = ""  # the URL of the next page, if the page names it


def read_page(body: bytes, base: str, source: Paged, *, encoding: str = "", charset: str = "") -> ListingPage:
    """Return the links of an HTML page that match the source's selectors, in page order, each URL once."""
    body = decode(body, encoding, MAX_LISTING_BYTES)[0]
    source_form.check_html(body)
    root = _parse(body, charset)
    if root is None:
        return ListingPage()
    declared = root.find(".//base[@href]")
    base = _join(base, declared.get("href", "")) or base if declared is not None else base
    found: dict[str, SourceEntry] = {}
    nearby = NearbyDate()
    for element, date in _links(root, source):
        address = _join(base, element.get("href", ""))
        if address and len(found) < MAX_LINKS:
            earlier = found.get(address)
            if earlier is None or not (earlier.published or earlier.nearby):
                found[address] = SourceEntry(address, date, nearby="" if date else nearby.of(element))
    following = (
        next((_join(base, link.get("href", "")) for link in _anchors(root, source.next)), "") if source.next else ""
    )
    return ListingPage(tuple(found.values()), following)


def read_json(body: bytes, base: str, source: JsonListing, *, encoding: str = "") -> ListingPage:
    """Return the articles that the items of a JSON answer name, in their order."""
    body, cut = decode(body, encoding, MAX_LISTING_BYTES)
    answer = None if cut else source_form.load_json(body)
    if answer is None:
        return ListingPage()
    items = _at(answer, source.items)
    items = list(items.values()) if isinstance(items, dict) else items
    start = source.base or base
    found: dict[str, SourceEntry] = {}
    for item in items if isinstance(items, list) else ():
        link = _at(item, source.link)
        address = _join(start, link) if isinstance(link, str) else ""
        if address and len(found) < MAX_LINKS:
            found[address] = SourceEntry(address, _date(_at(item, source.date)) if source.date else "")
    following = _at(answer, source.next) if source.next else ""
    return ListingPage(tuple(found.values()), _join(base, following) if isinstance(following, str) else "")


class NearbyDate:
    """Find the date near a link: the only date in the smallest enclosing block that has one.

    A block with several dates is a list of several articles, so it gives none.
    """

    def __init__(self) -> None:
        self._known: dict[etree._Element, frozenset[str]] = {}

    def of(self, anchor: etree._Element) -> str:
        """Return the date near a link; an empty string if there is none, or more than one."""
        block: etree._Element | None = anchor
        for _ in range(MAX_ANCESTORS):
            if block is None or block.tag == "body":
                break
            found = self._dates(block)
            if found:
                return next(iter(found)) if len(found) == 1 else ""
            block = block.getparent()
        return ""

    def _dates(self, block: etree._Element) -> frozenset[str]:
        if block not in self._known:
            texts: list[str] = []
            for element in block.iter(etree.Element):
                texts += [
                    element.get("datetime", ""),
                    element.text or "",
                    element.tail or "" if element is not block else "",
                ]
                if len(texts) > MAX_TEXTS:
                    texts = []
                    break
            given = {text.strip() for text in texts if any(char.isdigit() for char in text)}
            self._known[block] = frozenset(
                found for text in given if len(text) <= MAX_DATE_LABEL_CHARS and (found := dates.parse(text))
            )
        return self._known[block]


def charset_of(content_type: str) -> str:
    """Return the charset that a Content-Type names; an empty string if it names none."""
    named = CHARSET.search(content_type.encode())
    return named[1].decode() if named else ""


def _parse(body: bytes, charset: str) -> etree._Element | None:
    own = "" if CHARSET.search(body[:CHARSET_SNIFF_BYTES]) or not _is_utf8(body) else "utf-8"
    for encoding in (charset, own) if charset else (own,):
        try:
            parser = html.HTMLParser(encoding=encoding or None, recover=True, no_network=True, huge_tree=False)
            return html.document_fromstring(body, parser=parser) if body.strip() else None
        except LookupError:  # an unknown charset: the page itself may name a valid one
            continue
        except (etree.ParserError, etree.XMLSyntaxError, ValueError):
            return None
    return None


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _links(root: etree._Element, source: Paged) -> Iterator[tuple[etree._Element, str]]:
    """Yield the anchors of articles, each with the date of its card."""
    if not isinstance(source, Listing) or not source.cards:
        yield from ((anchor, "") for anchor in _anchors(root, source.links))
        return
    for card in css("cards", source.cards)(root):
        anchor = next(_anchors(card, source.links), None)
        if anchor is not None:
            yield anchor, _card_date(card, source.date)


def _anchors(root: etree._Element, selector: str) -> Iterator[etree._Element]:
    """Yield the anchors at, in or around each element that a selector finds; without a selector, all anchors."""
    if not selector:
        yield from root.iter("a")
        return
    for element in css("links", selector)(root):
        anchor = element if element.get("href") else next(element.iter("a"), None)
        if anchor is None:
            anchor = next((ancestor for ancestor in element.iterancestors("a")), None)
        if anchor is not None:
            yield anchor


def _card_date(card: etree._Element, selector: str) -> str:
    """Return the date of a card: from the selector, or else from its first `time` element."""
    elements = css("date", selector)(card) if selector else card.iter("time")
    for element in elements:
        given = element.get("datetime") or element.get("content") or " ".join(str(one) for one in element.itertext())
        if given.strip():
            return " ".join(given.split())[:MAX_DATE_CHARS]
    return ""


def _at(value: Any, path: str) -> Any:
    """Return the value at a path of names and indices; None if there is none."""
    for step in path.split(".") if path else ():
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _date(value: Any) -> str:
    """Return a date from JSON; Unix times are converted to ISO 8601."""
    text = str(value)[:MAX_DATE_CHARS] if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if not re.fullmatch(r"\d{9,14}(\.\d+)?", text):
        return text
    number = float(text)
    seconds = number / 1000 if number > MIN_UNIX_MILLISECONDS else number
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _join(base: str, address: str) -> str:
    try:
        joined = urljoin(base, address.strip()) if address else ""
    except ValueError:
        return ""
    joined = joined.partition("#")[0]
    return joined if joined.startswith(("http://", "https://")) and len(joined) <= MAX_URL_CHARS else ""
