"""What the process that parses sources is asked to do: read one answer, and yield JSON values in batches.

Tasks are sent to that process as Python objects; its results come back as JSON, since a process that parses hostile
input must not send objects.
"""

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Protocol

from articles.errors import CaptureError, SourceError
from spiders.discovery import cdx
from spiders.discovery.answers import BATCH_ENTRIES, SourceBody, read
from spiders.discovery.cdx import CdxPeriod, CdxRow
from spiders.discovery.entries import FeedText, SourceEntry
from spiders.discovery.paging import PageStep
from spiders.discovery.unpacking import unpack
from storage.captures.records import http_of, records

PIECE_BYTES = 1 << 20  # of a record's body, sent at a time


class SourceTask(Protocol):
    """One answer to parse."""

    def batches(self) -> Iterator[Any]:
        """Yield the results as JSON values. `SourceError` if parsing would cost too much."""
        ...


def body_of(task: SourceTask) -> bytes:
    """Return the bytes that a task reads."""
    received: Any = getattr(task, "received", task)
    body: bytes = received.body
    return body


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


@dataclass(frozen=True, slots=True)
class RecordTask:
    """Read the first record of a WARC file that holds an HTTP response: a capture of a web archive."""

    body: bytes

    def batches(self) -> Iterator[Any]:
        """Yield the record's fields, then its body in pieces, in base64. `SourceError` if it holds no response."""
        try:
            record = next(records(self.body), None)
            if record is None:
                raise SourceError("no WARC record")
            status, headers, body = http_of(record)
        except (OSError, CaptureError) as error:
            raise SourceError(f"no WARC record with a response: {error}") from error
        names = ("WARC-Target-URI", "WARC-IP-Address", "WARC-Truncated")
        url, ip, truncated = (record.headers.get(name) or "" for name in names)
        date = record.record_date.isoformat() if record.record_date is not None else ""
        yield [url.strip("<>"), ip, truncated, record.record_id or "", date, status, headers]
        for start in range(0, len(body), PIECE_BYTES):
            yield base64.b64encode(body[start : start + PIECE_BYTES]).decode("ascii")


@dataclass(frozen=True, slots=True)
class ArchivedRecord:
    """A WARC record with an HTTP response."""

    url: str
    ip: str
    truncated: str
    record_id: str
    date: datetime | None
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def archived_record(batches: Sequence[Any]) -> ArchivedRecord:
    """Return the batches of `RecordTask` as a record."""
    url, ip, truncated, record_id, date, status, headers = batches[0]
    body = b"".join(map(base64.b64decode, batches[1:]))
    captured = datetime.fromisoformat(date) if date else None
    if captured is not None and captured.tzinfo is None:
        captured = None
    fields = tuple((name, value) for name, value in headers)
    return ArchivedRecord(url, ip, truncated, record_id, captured, status, fields, body)


def _unpacked(received: SourceBody) -> bytes:
    return unpack(received.body, received.content_encoding).readall() or b""


def _lists(rows: Iterable[CdxRow]) -> Iterator[list[CdxRow]]:
    rest = iter(rows)
    while batch := list(islice(rest, BATCH_ENTRIES)):
        yield batch
