"""What listing pages and JSON endpoints show: links to articles with their dates, and where the next page is.

Pure functions over what anybody may have written; what is read is bounded, and what cannot be read shows nothing.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from lxml import etree, html

from articles import dates
from spiders.discovery.feeds import MAX_ADDRESS, MAX_GIVEN, SourceEntry
from spiders.sources import Archive, JsonListing, Listing, Search, css
from storage.captures.decode import decode

MAX_PAGE_BYTES = 8 << 20  # of a listing, unpacked; the longest seen, a day of mk.ru, has 400 kB
MAX_LINKS = 5_000  # of one page
LEVELS = 5  # of elements around a link, in which its date may stand: cards of outlets.yaml's sites have three at most
MAX_TEXTS = 300  # pieces of text of a block in which a date is looked for: more is no card
MAX_LABEL = 40  # characters of a date with its clock; what is longer is a headline that has a date in it
MILLISECONDS = 10**11  # Unix times above are in milliseconds: in seconds it would be the year 5138
HEAD_BYTES = 4_096  # in which a page names its charset: browsers look at 1,024
CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)

Paged = Archive | Listing | Search


@dataclass(frozen=True, slots=True)
class ListingPage:
    """What a page of a source shows."""

    found: tuple[SourceEntry, ...] = ()
    next: str = ""  # the address of the next page, where the page itself names it


def read_page(body: bytes, base: str, source: Paged, *, encoding: str = "", charset: str = "") -> ListingPage:
    """Return the links of an HTML page that a source declares, in their order, each address once."""
    body = decode(body, encoding, MAX_PAGE_BYTES)[0]
    root = _parse(body, charset)
    if root is None:
        return ListingPage()
    declared = root.find(".//base[@href]")
    base = _join(base, declared.get("href", "")) or base if declared is not None else base
    found: dict[str, SourceEntry] = {}
    beside = NearbyDate()
    for element, date in _links(root, source):
        address = _join(base, element.get("href", ""))
        if address and len(found) < MAX_LINKS:
            held = found.get(address)
            if held is None or not (held.published or held.beside):
                found[address] = SourceEntry(address, date, beside="" if date else beside.of(element))
    following = (
        next((_join(base, one.get("href", "")) for one in _anchors(root, source.next)), "") if source.next else ""
    )
    return ListingPage(tuple(found.values()), following)


def read_json(body: bytes, base: str, source: JsonListing, *, encoding: str = "") -> ListingPage:
    """Return what the items of a JSON answer name, in their order."""
    body, cut = decode(body, encoding, MAX_PAGE_BYTES)
    try:
        answer: Any = None if cut else json.loads(body)
    except (ValueError, RecursionError):
        answer = None
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
    """Finds the date beside a link: the only one in the smallest block around it that holds any.

    A list of several articles holds several dates, and none of them is the link's.
    """

    def __init__(self) -> None:
        self._known: dict[etree._Element, frozenset[str]] = {}

    def of(self, anchor: etree._Element) -> str:
        """Return the date beside a link, empty if there is none or one cannot tell."""
        block: etree._Element | None = anchor
        for _ in range(LEVELS):
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
                found for text in given if len(text) <= MAX_LABEL and (found := dates.parse(text))
            )
        return self._known[block]


def charset_of(content_type: str) -> str:
    """Return the charset that a Content-Type names, empty if it names none."""
    named = CHARSET.search(content_type.encode())
    return named[1].decode() if named else ""


def _parse(body: bytes, charset: str) -> etree._Element | None:
    own = "" if CHARSET.search(body[:HEAD_BYTES]) or not _is_utf8(body) else "utf-8"
    for encoding in (charset, own) if charset else (own,):
        try:
            parser = html.HTMLParser(encoding=encoding or None, recover=True, no_network=True, huge_tree=False)
            return html.document_fromstring(body, parser=parser) if body.strip() else None
        except LookupError:  # a charset that nobody knows: the page itself may name a better one
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
    """Yield what links to articles, with the date that stands beside it."""
    if not isinstance(source, Listing) or not source.cards:
        yield from ((anchor, "") for anchor in _anchors(root, source.links))
        return
    for card in css("cards", source.cards)(root):
        anchor = next(_anchors(card, source.links), None)
        if anchor is not None:
            yield anchor, _card_date(card, source.date)


def _anchors(root: etree._Element, selector: str) -> Iterator[etree._Element]:
    """Yield links that a selector finds: itself, inside of it, or around it; without one every link, itself included."""
    if not selector:
        yield from root.iter("a")
        return
    for element in css("links", selector)(root):
        anchor = element if element.get("href") else next(element.iter("a"), None)
        if anchor is None:
            anchor = next((one for one in element.iterancestors("a")), None)
        if anchor is not None:
            yield anchor


def _card_date(card: etree._Element, selector: str) -> str:
    """Return the date of a card: of what the selector finds, or else of its first `time`."""
    elements = css("date", selector)(card) if selector else card.iter("time")
    for element in elements:
        given = element.get("datetime") or element.get("content") or " ".join(str(one) for one in element.itertext())
        if given.strip():
            return " ".join(given.split())[:MAX_GIVEN]
    return ""


def _at(value: Any, path: str) -> Any:
    """Return what lies at a path of names and numbers; None where it leads nowhere."""
    for step in path.split(".") if path else ():
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _date(value: Any) -> str:
    """Return a date that JSON gives, Unix times as ISO 8601."""
    text = str(value)[:MAX_GIVEN] if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if not re.fullmatch(r"\d{9,14}(\.\d+)?", text):
        return text
    number = float(text)
    seconds = number / 1000 if number > MILLISECONDS else number
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _join(base: str, address: str) -> str:
    try:
        joined = urljoin(base, address.strip()) if address else ""
    except ValueError:
        return ""
    joined = joined.partition("#")[0]
    return joined if joined.startswith(("http://", "https://")) and len(joined) <= MAX_ADDRESS else ""
