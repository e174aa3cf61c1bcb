"""Read the answer of a source into entries, and filter them by date."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from articles.url import absolute
from spiders.date_window import MAX_AHEAD, DateSpan, DateWindow, span_of
from spiders.discovery.entries import SourceEntry
from spiders.discovery.feeds import read_source
from spiders.discovery.listings import ListingPage, charset_of, read_json, read_page
from spiders.discovery.paging import PageStep
from spiders.sources import Archive, Feed, JsonListing, Listing, RobotsTxt, Search
from spiders.spec import MAX_ROBOTS_BYTES, MAX_URL_CHARS
from storage.captures.decode import decode

MIN_EQUAL_LASTMODS = 10  # if so many entries have the same `lastmod`, it is the time when the file was generated
BATCH_ENTRIES = 1_000  # entries read at a time


@dataclass(frozen=True, slots=True)
class SourceBody:
    """The body of a source's response as it was received, with what its header fields say about it."""

    url: str
    body: bytes
    content_encoding: str = ""
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """The entries of one response, read lazily, and the URL of the next page if the page names it."""

    entries: Iterator[SourceEntry]
    next: str = ""

    def batch(self) -> list[SourceEntry]:
        """Return the next entries; an empty list at the end."""
        return list(islice(self.entries, BATCH_ENTRIES))


def read(step: PageStep, received: SourceBody) -> SourceAnswer:
    """Parse an answer by the type of its source. `SourceError` if that costs too much, also from the entries."""
    encoding, charset = received.content_encoding, charset_of(received.content_type)
    source, body, url = step.source, received.body, received.url
    if isinstance(source, RobotsTxt) and not step.depth:
        return SourceAnswer(_of_robots(decode(body, encoding, MAX_ROBOTS_BYTES)[0], url))
    if isinstance(source, JsonListing):
        page = read_json(body, url, source, encoding=encoding)
    elif isinstance(source, Archive | Listing | Search):
        page = read_page(body, url, source, encoding=encoding, charset=charset)
    else:
        texts = isinstance(source, Feed) and source.full_text
        return SourceAnswer(read_source(body, url, encoding=encoding, charset=charset, full_text=texts))
    return SourceAnswer(_dated(page, step), page.next)


def _of_robots(rules: bytes, base: str) -> Iterator[SourceEntry]:
    for line in rules.decode("utf-8", "replace").splitlines():
        name, colon, value = line.partition(":")
        if colon and name.strip().lower() == "sitemap" and value.strip():
            address = absolute(base, value.partition("#")[0])
            if address and len(address) <= MAX_URL_CHARS:
                yield SourceEntry(address, nested=True)


def _dated(page: ListingPage, step: PageStep) -> Iterator[SourceEntry]:
    """Yield the entries of a listing; those without a date get the day of a daily page."""
    day = step.day.isoformat() if step.day is not None and step.source.period == "day" else ""
    return (replace(found, published=found.published or day) for found in page.found)


class DateFilter:
    """Select the articles of one source document whose dates lie in the window.

    Articles that only their `lastmod` excludes are held back until the whole document is read. If all entries have the
    same `lastmod`, or one article is newer than its own `lastmod`, no `lastmod` of the document is reliable.
    """

    def __init__(self, window: DateWindow, in_url: Callable[[str], DateSpan | None]) -> None:
        self._window = window
        self._in_url = in_url
        self._held: list[SourceEntry] = []
        self._stamps: set[str] = set()
        self._stamped = 0
        self._unreliable = False
        self.dates: list[DateSpan] = []  # the plausible dates; empty if the window is open
        self.left_out = 0

    def take(self, found: SourceEntry) -> bool:
        """Return whether to fetch an article now; one that only its `lastmod` excludes may follow from `rest`."""
        if self._window.is_open:
            return True
        in_url, published, modified = self._in_url(found.url), span_of(found.published), span_of(found.modified)
        dated = (in_url, published, span_of(found.nearby))
        self.dates += [span for span in dated if span is not None and self._window.is_plausible(span)][:1]
        self._judge(found, in_url, modified)
        if self._window.includes(in_url, published, modified):
            return True
        if self._window.includes(in_url, published, None):
            self._held.append(found)
        else:
            self.left_out += 1
        return False

    def rest(self) -> list[SourceEntry]:
        """Return the articles held back if the document's `lastmod` values proved unreliable. Call it at the end."""
        held, self._held = self._held, []
        if self._unreliable or (self._stamped >= MIN_EQUAL_LASTMODS and len(self._stamps) == 1):
            return held
        self.left_out += len(held)
        return []

    def _judge(self, found: SourceEntry, in_url: DateSpan | None, modified: DateSpan | None) -> None:
        if modified is None:
            return
        self._stamped += 1
        if len(self._stamps) < MIN_EQUAL_LASTMODS:
            self._stamps.add(found.modified)
        self._unreliable |= in_url is not None and in_url.first > modified.last + MAX_AHEAD
