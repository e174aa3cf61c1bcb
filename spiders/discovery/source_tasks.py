"""What the process that parses sources is asked to do: read one answer, and yield JSON values in batches.

Tasks are sent to that process as Python objects; its results come back as JSON, since a process that parses hostile
input must not send objects.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from spiders.discovery import cdx
from spiders.discovery.answers import BATCH_ENTRIES, SourceBody, read
from spiders.discovery.cdx import CdxPeriod, CdxRow
from spiders.discovery.entries import FeedText, SourceEntry
from spiders.discovery.paging import PageStep
from spiders.discovery.unpacking import unpack


class SourceTask(Protocol):
    """One answer to parse."""

    def batches(self) -> Iterator[Any]:
        """Yield the results as JSON values. `SourceError` if parsing would cost too much."""
        ...


@dataclass(frozen=True, slots=True)
class EntriesTask:
    """Read the entries of a feed, sitemap or listing. The last batch is the URL of the next page."""

    step: PageStep
    received: SourceBody

    def batches(self) -> Iterator[Any]:
        """Yield lists of entries, then the URL of the next page, which may be empty."""
        answer = read(self.step, self.received)
        while batch := answer.batch():
            if any(entry.text is not None for entry in batch):  # whole articles: one at a time, since they may be long
                yield from ([_values(entry)] for entry in batch)
            else:
                yield list(map(_values, batch))
        yield answer.next


def entries(batch: list[Any]) -> list[SourceEntry]:
    """Return a batch of `EntriesTask` as entries."""
    return [
        SourceEntry(url, published, modified, nested, nearby, _text(text))
        for url, published, modified, nested, nearby, text in batch
    ]


def _values(entry: SourceEntry) -> tuple[Any, ...]:
    text = None if entry.text is None else (entry.text.title, entry.text.html, entry.text.authors)
    return (entry.url, entry.published, entry.modified, entry.nested, entry.nearby, text)


def _text(text: Any) -> FeedText | None:
    return None if text is None else FeedText(text[0], text[1], tuple(text[2]))


@dataclass(frozen=True, slots=True)
class CapturesTask:
    """Read the captures that an answer of a web archive's index names."""

    received: SourceBody

    def batches(self) -> Iterator[Any]:
        """Yield lists of captures."""
        for rows in _lists(cdx.read_answer(_unpacked(self.received))):
            yield [
                (row.url, row.timestamp, row.status, row.mime, row.digest, row.filename, row.offset, row.length)
                for row in rows
            ]


def captures(batch: list[Any]) -> list[CdxRow]:
    """Return a batch of `CapturesTask` as captures."""
    return [CdxRow(*values) for values in batch]


@dataclass(frozen=True, slots=True)
class IndexPagesTask:
    """Read the number of pages of an index."""

    received: SourceBody

    def batches(self) -> Iterator[Any]:
        """Yield the number."""
        yield cdx.page_count(_unpacked(self.received))


@dataclass(frozen=True, slots=True)
class IndicesTask:
    """Read the URLs of an archive's indices for a period."""

    received: SourceBody
    period: CdxPeriod

    def batches(self) -> Iterator[Any]:
        """Yield the list of URLs."""
        yield cdx.indices_for(_unpacked(self.received), self.period)


def _unpacked(received: SourceBody) -> bytes:
    return unpack(received.body, received.content_encoding).readall() or b""


def _lists(rows: Iterable[CdxRow]) -> Iterator[list[CdxRow]]:
    rest = iter(rows)
    while batch := list(islice(rest, BATCH_ENTRIES)):
        yield batch
