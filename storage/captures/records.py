"""Read the records of a WARC file that hold captures: their heads, and their bodies in bounded memory."""

import contextlib
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from articles.errors import CaptureError, CorruptError
from articles.harmless import without_passwords, without_user
from articles.metadata.reservations import Use
from articles.model import Capture, CaptureRef, Discovery, Failure, Purpose, Reason, Right
from storage.captures.decode import decode, unchunk
from storage.captures.salvage import MAX_HEAD_BYTES
from storage.captures.warc import FAILURE_TYPE

MAX_BODY_BYTES = 16 << 20  # decoded; the largest article page of docs/measurements.md §4 has less than a tenth
MAX_HEADER_FIELDS = 1_000  # of a response; servers send 15, and the largest heads of real pages hold 60
MAX_FAILURE_BYTES = 1 << 20  # JSON of a failed request
KEY_PATTERN = re.compile(r"captures/(?P<outlet>[^/]+)/\d{4}/\d\d/\d\d/(?P<run>[^/]+)-(?P<number>\d{5,})\.warc\.gz")


@dataclass(frozen=True, slots=True)
class RefusedCapture:
    """A capture whose body is not decoded, because that would cost too much or has ended the process that did it."""

    head: Capture  # without body
    detail: str


Found = Capture | Failure | RefusedCapture
Begin = Callable[[Capture], str]


def _ignore(_: Capture) -> str:
    return ""


def parse_key(key: str) -> tuple[str, str]:
    """Return the outlet and the run in a segment's key. Raises CorruptError if it is not a segment's key."""
    if not (match := KEY_PATTERN.fullmatch(key)):
        raise CorruptError(f"not the key of a segment: {key!r}")
    return match["outlet"], match["run"]


def find_record(data: bytes, ref: CaptureRef, begin: Begin = _ignore) -> Found | None:
    """Return the record at a reference from the bytes that begin at its offset; None if they do not hold it."""
    with contextlib.suppress(OSError, CaptureError, StopIteration):
        found = read_found(next(records(data)), ref.key, ref.offset, begin=begin)
        if found is not None and _ref_of(found).record_id == ref.record_id:
            return found
    return None


def records(source: bytes | Path | BinaryIO, *, parse_http: bool = True) -> Iterator[WarcRecord]:
    """Iterate over the records of a WARC file that may hold pages. Raises OSError where it is damaged.

    It may be uncompressed, gzip or zstd, compressed by record or as a whole.
    """
    kinds = WarcRecordType.response | WarcRecordType.metadata | WarcRecordType.revisit | WarcRecordType.resource
    with contextlib.ExitStack() as stack:
        if isinstance(source, bytes):
            source = io.BytesIO(source)
        elif isinstance(source, Path):
            source = stack.enter_context(source.open("rb"))  # FastWARC would trust the extension of a file name
        yield from ArchiveIterator(source, record_types=kinds, parse_http=parse_http, max_header_len=MAX_HEAD_BYTES)


def http_of(record: WarcRecord) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    """Return status, header fields and body of a record with an HTTP response. Chunks are joined.

    The body is at most one byte longer than `MAX_BODY_BYTES`. Raises CaptureError if the record holds no HTTP response,
    or only a part of one.
    """
    status, headers = http_head_of(record)
    return status, headers, http_body_of(record, headers)


def http_head_of(record: WarcRecord) -> tuple[int, tuple[tuple[str, str], ...]]:
    """Return status and header fields of a record with an HTTP response, or else raise CaptureError."""
    status = record.http_headers.status_code if record.is_http_parsed else None
    if status is None:
        raise CaptureError(f"record {record.record_id} holds no HTTP response")
    return status, tuple((_text(name), _text(value)) for name, value in record.http_headers.items_bytes())


def http_body_of(record: WarcRecord, headers: Iterable[tuple[str, str]]) -> bytes:
    """Return the body of a record with an HTTP response, as `http_of` does."""
    length = record.content_length
    body = record.reader.read(MAX_BODY_BYTES + 1) if length else b""
    if len(body) < min(length, MAX_BODY_BYTES + 1):
        raise CaptureError(f"record {record.record_id} is truncated")
    if any(name.lower() == "transfer-encoding" and "chunked" in value.lower() for name, value in headers):
        body = unchunk(body, MAX_BODY_BYTES)
    return body


def read_found(record: WarcRecord, key: str, base: int = 0, *, begin: Begin = _ignore) -> Found | None:
    """Return the capture or failure that a record of a segment holds; None for other records, such as requests.

    `begin` gets the capture without its body before the body is read. If it returns a text, the body is not read, and
    the capture is refused with this text.
    """
    outlet, run = parse_key(key)
    ref = CaptureRef(key, base + record.stream_pos, (record.record_id or "").strip("<>"))
    url = record.headers.get("WARC-Target-URI", "") or ""
    failed = record.headers.get("Content-Type") == FAILURE_TYPE
    if not failed and record.record_type != WarcRecordType.response:
        return None
    try:
        purpose = Purpose(record.headers.get("Irtysh-Purpose") or "")
        fetched = _aware(record.record_date)
        site_rights = tuple(
            Right(*map(str, one)) for one in json.loads(record.headers.get("Irtysh-Site-Rights") or "[]")
        )
        reserved_use = record.headers.get("Irtysh-Reserved-Use") or ""
        if reserved_use:
            Use(reserved_use)
        if failed:
            failure = json.loads(record.reader.read(MAX_FAILURE_BYTES))
            reason, detail = Reason(failure["reason"]), str(failure["detail"])
            url, detail = without_passwords(url), without_passwords(detail)
            return Failure(ref, url, outlet, fetched, reason, detail, run, purpose, _discovery(record))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CaptureError(f"record {ref.record_id} was not written by Irtysh: {error!r}") from error
    status, headers = http_head_of(record)
    head = Capture(
        ref=ref,
        url=without_user(url),
        outlet=outlet,
        fetched=fetched,
        status=status,
        headers=headers[:MAX_HEADER_FIELDS],
        body=b"",
        run=run,
        topic=record.headers.get("Irtysh-Topic", "any") or "any",
        truncated=record.headers.get("WARC-Truncated", "") or "",
        purpose=purpose,
        discovery=_discovery(record),
        rendered=record.headers.get("Irtysh-Rendered") == "yes",
        site_rights=site_rights,
        reserved_use=reserved_use,
    )
    refused = begin(head)
    if len(headers) > MAX_HEADER_FIELDS:
        refused = f"over {MAX_HEADER_FIELDS} header fields"
    if refused:
        return RefusedCapture(head, refused)
    encoding = ", ".join(value for name, value in headers if name.lower() == "content-encoding")
    body, truncated = decode(http_body_of(record, headers), encoding, MAX_BODY_BYTES)
    return replace(head, body=body, truncated=truncated or head.truncated)


def _ref_of(found: Found) -> CaptureRef:
    return found.head.ref if isinstance(found, RefusedCapture) else found.ref


def _aware(date: datetime | None) -> datetime:
    if date is None or date.tzinfo is None:
        raise ValueError("no date in UTC")
    return date


def _discovery(record: WarcRecord) -> Discovery | None:
    source, found_in, date = (
        record.headers.get(name) or "" for name in ("Irtysh-Source", "Irtysh-Found-In", "Irtysh-Found-Date")
    )
    return Discovery(source, found_in, date) if source else None


def _text(field: bytes) -> str:
    """Decode a header field as UTF-8, or else as Latin-1, which accepts any byte."""
    try:
        return field.decode()
    except UnicodeDecodeError:
        return field.decode("latin-1")
