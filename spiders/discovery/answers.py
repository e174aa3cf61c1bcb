"""What one document of a source names, sorted by what is asked for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import urljoin

from scrapy.http import Response

from spiders.date_window import FUTURE, DateSpan, DateWindow, span_of
from spiders.discovery.feeds import SourceEntry, read_source
from spiders.discovery.listings import ListingPage, charset_of, read_json, read_page
from spiders.discovery.paging import PageStep
from spiders.sources import Archive, Feed, JsonListing, Listing, RobotsTxt, Search
from spiders.spec import ROBOTS_BYTES
from storage.captures.decode import decode

SAME = 10  # entries with one `lastmod`: it says when the file was made, or nothing
BATCH = 1_000  # entries that are read at a time


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """The entries of a document, as they are read, and where the next page is if the page says so itself."""

    entries: Iterator[SourceEntry]
    next: str = ""

    def batch(self) -> list[SourceEntry]:
        """Return the next entries, none at the end."""
        return list(islice(self.entries, BATCH))


def read(step: PageStep, response: Response) -> SourceAnswer:
    """Read an answer as what its source is."""
    encoding = (response.headers.get("Content-Encoding") or b"").decode("latin-1")
    charset = charset_of((response.headers.get("Content-Type") or b"").decode("latin-1"))
    source, body, url = step.source, response.body, response.url
    if isinstance(source, RobotsTxt) and not step.depth:
        return SourceAnswer(_of_robots(decode(body, encoding, ROBOTS_BYTES)[0], url))
    if isinstance(source, JsonListing):
        shown = read_json(body, url, source, encoding=encoding)
    elif isinstance(source, Archive | Listing | Search):
        shown = read_page(body, url, source, encoding=encoding, charset=charset)
    else:
        texts = isinstance(source, Feed) and source.full_text
        return SourceAnswer(read_source(body, url, encoding=encoding, charset=charset, full_text=texts))
    return SourceAnswer(_dated(shown, step), shown.next)


def _of_robots(rules: bytes, base: str) -> Iterator[SourceEntry]:
    for line in rules.decode("utf-8", "replace").splitlines():
        name, colon, value = line.partition(":")
        if colon and name.strip().lower() == "sitemap" and value.strip():
            yield SourceEntry(urljoin(base, value.partition("#")[0].strip()), nested=True)


def _dated(shown: ListingPage, step: PageStep) -> Iterator[SourceEntry]:
    """Yield what a listing shows; the page of a day dates what it lists."""
    day = step.day.isoformat() if step.day is not None and step.source.period == "day" else ""
    return (replace(found, published=found.published or day) for found in shown.found)


class DateFilter:
    """Sorts a document's articles by whether their dates are asked for.

    What only a `lastmod` speaks against is held back until all is read: a document in which all have the same, or an
    article is younger than its own `lastmod`, has none that can be believed.
    """

    def __init__(self, window: DateWindow, in_url: Callable[[str], DateSpan | None]) -> None:
        self._window = window
        self._in_url = in_url
        self._held: list[SourceEntry] = []
        self._stamps: set[str] = set()
        self._stamped = 0
        self._lies = False
        self.dates: list[DateSpan] = []  # that can be believed; none where nothing was asked of them
        self.left_out = 0

    def take(self, found: SourceEntry) -> bool:
        """Whether an article is asked for, as far as can be told yet."""
        if self._window.open:
            return True
        in_url, published, modified = self._in_url(found.url), span_of(found.published), span_of(found.modified)
        dated = (in_url, published, span_of(found.beside))
        self.dates += [span for span in dated if span is not None and self._window.believes(span)][:1]
        self._judge(found, in_url, modified)
        if self._window.wants(in_url, published, modified):
            return True
        if self._window.wants(in_url, published, None):
            self._held.append(found)
        else:
            self.left_out += 1
        return False

    def rest(self) -> list[SourceEntry]:
        """Return what was held back for no good reason, now that all was read."""
        held, self._held = self._held, []
        if self._lies or (self._stamped >= SAME and len(self._stamps) == 1):
            return held
        self.left_out += len(held)
        return []

    def _judge(self, found: SourceEntry, in_url: DateSpan | None, modified: DateSpan | None) -> None:
        if modified is None:
            return
        self._stamped += 1
        if len(self._stamps) < SAME:
            self._stamps.add(found.modified)
        self._lies |= in_url is not None and in_url.first > modified.last + FUTURE
