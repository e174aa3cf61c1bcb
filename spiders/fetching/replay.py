"""What an archive of the web answers, made into the exchange that it once captured.

The exchange's date is that of the capture and its address the original one; where it came from stands in its record
(`Irtysh-Source`, `Irtysh-Found-In`). Whatever goes wrong between us and the archive says nothing of the article.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from articles.errors import CaptureError
from articles.model import Discovery
from spiders.discovery.cdx import TIMESTAMP_FORMAT, CdxRow
from spiders.fetching.exchange import Answer
from storage.captures.segments import http_of, records
from storage.captures.warc import Exchange, http_head

ORIGINAL_PREFIX = b"x-archive-orig-"  # before the fields of the original answer, by the Wayback Machine
MEMENTO_DATETIME = b"memento-datetime"  # RFC 7089 §2.1.1
ARCHIVE_HEADER_PREFIXES = (b"memento-", b"link", b"x-archive-", b"x-app-server", b"x-ts", b"x-tr", b"server-timing", b"date", b"server",
              b"transfer-encoding", b"connection", b"set-cookie", b"cache-control", b"x-location", b"x-rl", b"x-na",
              b"x-page-cache", b"x-nid", b"warcserver-", b"content-length")  # fmt: skip
OK_STATUSES = range(200, 300)
PARTIAL_CONTENT = 206


@dataclass(frozen=True, slots=True)
class ArchivedCapture:
    """A capture that was asked for, and how to read the answer."""

    held: CdxRow
    discovery: Discovery
    read: Callable[[Answer, "ArchivedCapture"], Exchange]
    headers: tuple[tuple[str, str], ...] = ()  # of the request

    def exchange(self, answer: Answer) -> Exchange:
        """Return what was once captured. CaptureError says why there is nothing of it."""
        if answer.status not in OK_STATUSES:
            raise CaptureError(f"the archive answered {answer.status}")
        return self.read(answer, self)


def read_replay(answer: Answer, past: ArchivedCapture) -> Exchange:
    """Read a raw replay: the captured body, and header fields of the archive and of the site side by side."""
    original = [
        (name[len(ORIGINAL_PREFIX) :], value)
        for name, value in answer.headers
        if name.lower().startswith(ORIGINAL_PREFIX)
    ]
    fields = original or [pair for pair in answer.headers if not pair[0].lower().startswith(ARCHIVE_HEADER_PREFIXES)]
    sent = {name.lower() for name, _ in fields}
    # the body has the coding of this answer, whatever the original one said
    fields = [(name, value) for name, value in fields if name.lower() not in {b"content-encoding", b"content-length"}]
    if coding := answer.header(b"content-encoding"):
        fields.append((b"Content-Encoding", coding))
    if b"content-type" not in sent and (kind := answer.header(b"content-type")):
        fields.append((b"Content-Type", kind))
    exchange = answer.exchange
    return Exchange(
        past.held.url,
        _captured(answer, past.held),
        b"",
        http_head(b"HTTP/1.1 200 OK", fields),
        exchange.body,
        truncated=exchange.truncated,
        discovery=past.discovery,
    )


def read_range(answer: Answer, past: ArchivedCapture) -> Exchange:
    """Read a WARC record that a range of a file holds. CaptureError if it holds none, or another one."""
    body = answer.exchange.body
    if answer.status != PARTIAL_CONTENT and len(body) > past.held.length:
        body = body[past.held.offset : past.held.offset + past.held.length]  # a server that knows no ranges
    try:
        record = next(records(body), None)
    except OSError as error:
        raise CaptureError(f"no WARC record at {past.held.offset}: {error}") from error
    if record is None or (record.headers.get("WARC-Target-URI") or "").strip("<>") != past.held.url:
        raise CaptureError(f"another record, or none, at {past.held.offset} of {past.held.filename}")
    status, headers, content = http_of(record)
    fields = tuple(
        (name.encode("utf-8", "surrogateescape"), value.encode("utf-8", "surrogateescape")) for name, value in headers
    )
    return Exchange(
        past.held.url,
        record.record_date or past.held.captured,
        b"",
        http_head(f"HTTP/1.1 {status}".encode(), fields),
        content,
        ip=record.headers.get("WARC-IP-Address") or "",
        truncated=record.headers.get("WARC-Truncated") or "",
        origin=record.record_id or "",
        discovery=past.discovery,
    )


def _captured(answer: Answer, held: CdxRow) -> datetime:
    """Return when what was answered was captured: an archive may answer with the nearest it has."""
    try:
        return parsedate_to_datetime(answer.header(MEMENTO_DATETIME).decode("latin-1")).astimezone(UTC)
    except (ValueError, TypeError, IndexError):
        return held.captured


def capture_key(canonical_url: str, timestamp: str) -> str:
    """Return what stands for a capture of an archive among the URLs that a crawl leaves out."""
    return f"{canonical_url}@{timestamp}"


def timestamp_of(moment: datetime) -> str:
    """Return a capture's timestamp as archives write it."""
    return moment.astimezone(UTC).strftime(TIMESTAMP_FORMAT)
