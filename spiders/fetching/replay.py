"""Convert a web archive's response into the exchange that the archive captured.

The exchange has the date of the capture and the original URL; its record names the archive (`Irtysh-Source`,
`Irtysh-Found-In`). An error of the archive says nothing about the article.
"""

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from articles.errors import CaptureError, SourceError
from articles.model import Discovery
from spiders.discovery.cdx import CdxRow
from spiders.discovery.paging import OK_STATUSES
from spiders.discovery.source_tasks import RecordTask, archived_record
from spiders.fetching.crawl import Parsing
from spiders.fetching.exchange import Answer
from storage.captures.warc import Exchange, http_head

ORIGINAL_PREFIX = b"x-archive-orig-"  # the Wayback Machine's prefix for header fields of the original response
MEMENTO_DATETIME = b"memento-datetime"  # RFC 7089 §2.1.1
ARCHIVE_HEADER_PREFIXES = (b"memento-", b"link", b"x-archive-", b"x-app-server", b"x-ts", b"x-tr", b"server-timing", b"date", b"server",
              b"transfer-encoding", b"connection", b"set-cookie", b"cache-control", b"x-location", b"x-rl", b"x-na",
              b"x-page-cache", b"x-nid", b"warcserver-", b"content-length")  # fmt: skip
PARTIAL_CONTENT = 206


@dataclass(frozen=True, slots=True)
class ArchivedCapture:
    """A capture to fetch from a web archive, and how to read the response."""

    row: CdxRow
    discovery: Discovery
    read: "ReadCapture"
    headers: tuple[tuple[str, str], ...] = ()  # of the request

    async def exchange(self, answer: Answer, sources: Parsing) -> Exchange:
        """Return the captured exchange.

        CaptureError if the response does not contain it, or if reading it would cost too much.
        """
        if answer.status not in OK_STATUSES:
            raise CaptureError(f"the archive answered {answer.status}")
        return await self.read(answer, self, sources)


ReadCapture = Callable[[Answer, ArchivedCapture, Parsing], Awaitable[Exchange]]


async def read_replay(answer: Answer, past: ArchivedCapture, _: Parsing) -> Exchange:
    """Read a raw replay: the captured body, with header fields of the archive and of the site mixed."""
    original = [
        (name[len(ORIGINAL_PREFIX) :], value)
        for name, value in answer.headers
        if name.lower().startswith(ORIGINAL_PREFIX)
    ]
    fields = original or [pair for pair in answer.headers if not pair[0].lower().startswith(ARCHIVE_HEADER_PREFIXES)]
    sent = {name.lower() for name, _ in fields}
    # the body has the coding of this response, which may differ from the original's
    fields = [(name, value) for name, value in fields if name.lower() not in {b"content-encoding", b"content-length"}]
    if coding := answer.header(b"content-encoding"):
        fields.append((b"Content-Encoding", coding))
    if b"content-type" not in sent and (kind := answer.header(b"content-type")):
        fields.append((b"Content-Type", kind))
    exchange = answer.exchange
    return Exchange(
        past.row.url,
        _captured(answer, past.row),
        b"",
        http_head(b"HTTP/1.1 200 OK", fields),
        exchange.body,
        truncated=exchange.truncated,
        discovery=past.discovery,
    )


async def read_range(answer: Answer, past: ArchivedCapture, sources: Parsing) -> Exchange:
    """Read a WARC record from a range of a file, in the process that parses sources.

    CaptureError if it is missing, belongs to another URL or costs too much.
    """
    body = answer.exchange.body
    if answer.status != PARTIAL_CONTENT and len(body) > past.row.length:
        body = body[past.row.offset : past.row.offset + past.row.length]  # the server ignored the range
    try:
        async with aclosing(sources.read(RecordTask(body))) as batches:
            record = archived_record([batch async for batch in batches])
    except SourceError as error:
        raise CaptureError(f"at {past.row.offset} of {past.row.filename}: {error}") from error
    if record.url != past.row.url:
        raise CaptureError(f"another record at {past.row.offset} of {past.row.filename}")
    fields = tuple(
        (name.encode("utf-8", "surrogateescape"), value.encode("utf-8", "surrogateescape"))
        for name, value in record.headers
    )
    return Exchange(
        past.row.url,
        record.date or past.row.captured,
        b"",
        http_head(f"HTTP/1.1 {record.status}".encode(), fields),
        record.body,
        ip=record.ip,
        truncated=record.truncated,
        origin=record.record_id,
        discovery=past.discovery,
    )


def _captured(answer: Answer, row: CdxRow) -> datetime:
    """Return the time of the returned capture: an archive may return the nearest one instead."""
    try:
        return parsedate_to_datetime(answer.header(MEMENTO_DATETIME).decode("latin-1")).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return row.captured
