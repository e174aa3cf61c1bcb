"""Segments of captures: their keys, a writer for crawls, and readers.

A segment is a gzipped WARC file of one run and one outlet. While it is open it is a local file. Once it is closed and
uploaded it is an object that never changes. If a crawl dies, the pages of its open segments are fetched again.
"""

import contextlib
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from articles.errors import CaptureError, ContendedError, CorruptError, ExistsError, StoreError
from articles.metadata.reservations import Use
from articles.model import Capture, CaptureRef, Discovery, Failure, Purpose, Reason, Right
from storage.captures.decode import decode, unchunk
from storage.captures.salvage import MAX_HEAD_BYTES, SalvageReader
from storage.captures.warc import FAILURE_TYPE, WarcInfo, info_member
from storage.objects import ObjectStore

MAX_SEGMENT_BYTES = 32 << 20  # docs/measurements.md §9: one PUT of 0.3 s; an object per page takes 20 times as long
MAX_SEGMENT_RECORDS = 500
MAX_SEGMENT_AGE = timedelta(seconds=60)  # a crash loses at most this much
MAX_BODY_BYTES = 16 << 20  # decoded; the largest article page of docs/measurements.md §4 has less than a tenth
FIRST_RANGE_BYTES = 256 << 10  # the first range that `read_record` reads: nine records of ten fit in it
MAX_UPLOAD_ATTEMPTS = 20  # 409 answers, and other processes that take the free number first
KEY_PATTERN = re.compile(r"captures/(?P<outlet>[^/]+)/\d{4}/\d\d/\d\d/(?P<run>[^/]+)-(?P<number>\d{5,})\.warc\.gz")


@dataclass(frozen=True, slots=True)
class SegmentLimits:
    """Limits of a segment. The first one that is reached closes it."""

    size: int = MAX_SEGMENT_BYTES  # bytes
    records: int = MAX_SEGMENT_RECORDS
    age: timedelta = MAX_SEGMENT_AGE


@dataclass(frozen=True, slots=True)
class Segment:
    """A closed segment, not yet uploaded."""

    path: Path
    outlet: str
    run: str
    opened: datetime
    number: int

    @property
    def key(self) -> str:
        """Key under which the segment is stored."""
        return capture_key(self.outlet, self.opened, self.run, self.number)


def capture_key(outlet: str, opened: datetime, run: str, number: int) -> str:
    """Return the key of a segment. Raises StoreError if outlet or run cannot be part of a key."""
    key = f"captures/{outlet}/{opened.astimezone(UTC):%Y/%m/%d}/{run}-{number:05}.warc.gz"
    if not KEY_PATTERN.fullmatch(key):
        raise StoreError(
            f"cannot build a capture key from outlet {outlet!r} and run {run!r}: neither may be empty or contain '/'"
        )
    return key


def parse_key(key: str) -> tuple[str, str]:
    """Return the outlet and the run in a segment's key. Raises CorruptError if it is not a segment's key."""
    if not (match := KEY_PATTERN.fullmatch(key)):
        raise CorruptError(f"not the key of a segment: {key!r}")
    return match["outlet"], match["run"]


def list_segments(store: ObjectStore) -> Iterator[str]:
    """Yield the keys of all segments, in order."""
    for found in store.list("captures/"):
        if KEY_PATTERN.fullmatch(found.key):
            yield found.key


class SegmentWriter:
    """Writes the records of one outlet and one run to segment files below `spool`.

    `storage.captures.warc` builds the gzip members, in any thread. Call `append` and `close` from one thread, and `upload`
    from any.
    """

    def __init__(self, spool: Path, outlet: str, about: WarcInfo, limits: SegmentLimits) -> None:
        self._spool = spool
        self._outlet = outlet
        self._about = about
        self._limits = limits
        self._number = 0
        self._open: Segment | None = None
        self._size = 0
        self._records = 0

    def append(self, member: bytes, at: datetime, weight: int | None = None) -> None:
        """Append the gzip members of one exchange or failure. Raises StoreError if the disk is full.

        If this opens a new segment, `at` is the segment's date. `weight` (bytes) counts towards the segment's size;
        default: the length of `member`.
        """
        opens = self._open is None
        segment = self._open or self._begin(at)
        try:
            with segment.path.open("ab") as file:
                if opens:
                    file.write(info_member(self._about, self._outlet, Path(segment.key).name, at))
                file.write(member)
        except OSError as error:
            raise StoreError(f"cannot write {segment.path}: {error.strerror}") from error
        self._size += len(member) if weight is None else weight
        self._records += 1

    def due(self, now: datetime) -> bool:
        """Return whether the open segment has reached a limit and should be closed."""
        return self._open is not None and (
            self._size >= self._limits.size
            or self._records >= self._limits.records
            or now - self._open.opened >= self._limits.age
        )

    def close(self) -> Segment | None:
        """Close the open segment and return it, if there is one."""
        segment, self._open = self._open, None
        self._size = self._records = 0
        return segment

    def _begin(self, at: datetime) -> Segment:
        self._spool.mkdir(parents=True, exist_ok=True)
        name = f"{self._outlet}-{self._about.run}-{self._number:05}.warc.gz.open"
        self._open = Segment(self._spool / name, self._outlet, self._about.run, at, self._number)
        self._open.path.unlink(missing_ok=True)
        self._number += 1
        return self._open


def upload(store: ObjectStore, segment: Segment) -> str:
    """Store a closed segment, remove its file and return its key. Raises StoreError.

    Repeating an upload changes nothing. If another process of the same run has used the segment's number, the next free
    number is used.
    """
    data = segment.path.read_bytes()
    number = segment.number
    for _ in range(MAX_UPLOAD_ATTEMPTS):
        key = capture_key(segment.outlet, segment.opened, segment.run, number)
        try:
            store.put_new(key, data)
        except ContendedError:
            continue
        except ExistsError:
            if store.get(key) != data:
                number = _free_number(store, key)
                continue
        segment.path.unlink()
        return key
    raise StoreError(f"cannot store {segment.key}: {MAX_UPLOAD_ATTEMPTS} attempts failed")


def _free_number(store: ObjectStore, taken: str) -> int:
    """Return the number after the last segment of the same outlet, day and run."""
    siblings = taken.rpartition("-")[0] + "-"
    numbers = [int(match["number"]) for found in store.list(siblings) if (match := KEY_PATTERN.fullmatch(found.key))]
    return max(numbers) + 1


def read_segment(source: bytes | Path, key: str) -> Iterator[Capture | Failure]:
    """Yield the captures and failures of a segment in order, with bodies decoded and cut at `MAX_BODY_BYTES`.

    If the segment is truncated or damaged, all readable records are yielded first. Then CorruptError is raised, which
    names each damaged range.
    """
    parse_key(key)
    read: Callable[[WarcRecord], Capture | Failure | None] = partial(_read, key=key)
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        salvage = SalvageReader(file)
        found: Iterator[Capture | Failure] = salvage.each(read)
        yield from found
    if salvage.gaps:
        raise CorruptError(f"{key}: {'; '.join(map(str, salvage.gaps))}")


def read_record(store: ObjectStore, ref: CaptureRef) -> Capture | Failure:
    """Read one record by its offset, without the rest of its segment. Raises CorruptError if it is not there."""
    data, size = b"", FIRST_RANGE_BYTES
    while True:
        data += store.get_range(ref.key, ref.offset + len(data), size - len(data))
        with contextlib.suppress(OSError, CaptureError, StopIteration):
            found = _read(next(records(data)), ref.key, ref.offset)
            if found is not None and found.ref.record_id == ref.record_id:
                return found
        if len(data) < size:
            raise CorruptError(f"{ref.key}: no record {ref.record_id} at offset {ref.offset}")
        size *= 4


def records(source: bytes | Path | BinaryIO) -> Iterator[WarcRecord]:
    """Iterate over the records of a WARC file that may hold pages. Raises OSError where it is damaged.

    It may be uncompressed, gzip or zstd, compressed by record or as a whole.
    """
    kinds = WarcRecordType.response | WarcRecordType.metadata | WarcRecordType.revisit | WarcRecordType.resource
    with contextlib.ExitStack() as stack:
        if isinstance(source, bytes):
            source = io.BytesIO(source)
        elif isinstance(source, Path):
            source = stack.enter_context(source.open("rb"))  # FastWARC would trust the extension of a file name
        yield from ArchiveIterator(source, record_types=kinds, max_header_len=MAX_HEAD_BYTES)


def http_of(record: WarcRecord) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    """Return status, header fields and body of a record with an HTTP response. Chunks are joined.

    The body is at most one byte longer than `MAX_BODY_BYTES`. Raises CaptureError if the record holds no HTTP response,
    or only a part of one.
    """
    status = record.http_headers.status_code if record.is_http_parsed else None
    if status is None:
        raise CaptureError(f"record {record.record_id} holds no HTTP response")
    length = record.content_length
    body = record.reader.read(MAX_BODY_BYTES + 1) if length else b""
    if len(body) < min(length, MAX_BODY_BYTES + 1):
        raise CaptureError(f"record {record.record_id} is truncated")
    headers = tuple((_text(name), _text(value)) for name, value in record.http_headers.items_bytes())
    if any(name.lower() == "transfer-encoding" and "chunked" in value.lower() for name, value in headers):
        body = unchunk(body, MAX_BODY_BYTES)
    return status, headers, body


def _read(record: WarcRecord, key: str, base: int = 0) -> Capture | Failure | None:
    """Return the capture or failure that a record of a segment holds; None for other records, such as requests."""
    outlet, run = parse_key(key)
    ref = CaptureRef(key, base + record.stream_pos, (record.record_id or "").strip("<>"))
    url = record.headers.get("WARC-Target-URI", "") or ""
    failed = record.headers.get("Content-Type") == FAILURE_TYPE
    if not failed and record.record_type != WarcRecordType.response:
        return None
    try:
        purpose = Purpose(record.headers.get("Irtysh-Purpose") or "")
        site_rights = tuple(
            Right(*map(str, one)) for one in json.loads(record.headers.get("Irtysh-Site-Rights") or "[]")
        )
        reserved_use = record.headers.get("Irtysh-Reserved-Use") or ""
        if reserved_use:
            Use(reserved_use)
        if failed:
            failure = json.loads(record.reader.read())
            reason, detail = Reason(failure["reason"]), str(failure["detail"])
            return Failure(ref, url, outlet, record.record_date, reason, detail, run, purpose, _discovery(record))
    except (ValueError, KeyError, TypeError) as error:
        raise CaptureError(f"record {ref.record_id} was not written by Irtysh: {error!r}") from error
    status, headers, raw = http_of(record)
    encoding = ", ".join(value for name, value in headers if name.lower() == "content-encoding")
    body, truncated = decode(raw, encoding, MAX_BODY_BYTES)
    return Capture(
        ref=ref,
        url=url,
        outlet=outlet,
        fetched=record.record_date,
        status=status,
        headers=headers,
        body=body,
        run=run,
        topic=record.headers.get("Irtysh-Topic", "any") or "any",
        truncated=truncated or record.headers.get("WARC-Truncated", "") or "",
        purpose=purpose,
        discovery=_discovery(record),
        rendered=record.headers.get("Irtysh-Rendered") == "yes",
        site_rights=site_rights,
        reserved_use=reserved_use,
    )


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
