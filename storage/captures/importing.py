"""Import WARC files of other programs (CC-NEWS, Browsertrix, wget, Heritrix) as segments of the store.

Memory stays flat: records are read one by one and written to one temporary file per outlet. The run's name is derived
from the file's SHA-256 and the topic, and records keep their dates, so importing a file twice adds nothing.
"""

import contextlib
import hashlib
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from fastwarc.warc import WarcRecord, WarcRecordType

from articles.errors import CaptureError, ExistsError, InputError
from articles.harmless import without_passwords
from articles.model import Purpose
from storage.captures.salvage import SalvageReader
from storage.captures.segments import (
    MAX_BODY_BYTES,
    MAX_SEGMENT_BYTES,
    Segment,
    SegmentLimits,
    SegmentWriter,
    http_of,
    records,
)
from storage.captures.warc import Exchange, WarcInfo, exchange_member, http_head
from storage.objects import ObjectStore
from storage.objects.base import COPY_CHUNK_BYTES

MAX_KNOWN_PAYLOADS = 100_000  # payload digests remembered for `revisit` records: about 20 MB
# No age limit: a crash loses nothing, because the file can be imported again. The size counts uncompressed bytes, so that
# every import of the file cuts the same segments; compressed they are a quarter of it.
IMPORT_LIMITS = SegmentLimits(size=4 * MAX_SEGMENT_BYTES, age=timedelta.max)
SAME_PAYLOAD_PROFILE = "identical-payload-digest"  # the end of the profile's URI in WARC/1.0 and 1.1
NOT_MODIFIED_PROFILE = "server-not-modified"
# Schemes of look-ups and of a crawler's notes about itself
NON_PAGE_SCHEMES = frozenset({"dns", "whois", "urn", "filedesc", "metadata", "warcinfo"})


@dataclass(slots=True)
class ImportReport:
    """Result of an import."""

    run: str
    captures: int = 0
    segments: int = 0  # written now; 0 if the store had all of them
    outlets: set[str] = field(default_factory=set)
    refused: list[tuple[str, str]] = field(default_factory=list)  # URLs that were not imported, with the reasons
    damage: str = ""  # where and how the file is damaged; whole records before and after it are imported


def import_warc(
    path: Path,
    store: ObjectStore,
    *,
    outlet_of: Callable[[str], str],
    topic: str,
    software: str,
    progress: Callable[[int], None],
) -> ImportReport:
    """Import the HTTP responses of a WARC file, by outlet.

    `outlet_of` returns the outlet of a URL, or raises InputError to refuse it. `progress` gets the offset in the file, in
    bytes. Of a damaged file the records before and after the damage are imported, and `damage` says where it is. Raises
    InputError if the file cannot be read, or holds no readable record of a web page.
    """
    run = "import-" + hashlib.sha256(f"{_sha256(path)}\n{topic}".encode()).hexdigest()[:16]
    result = ImportReport(run)
    with tempfile.TemporaryDirectory(prefix="irtysh-import-") as spool:
        importer = _Importer(path, store, WarcInfo(run, topic, software), Path(spool), result)

        def import_record(record: WarcRecord) -> None:
            progress(record.stream_pos)
            importer.add(record, outlet_of)

        with path.open("rb") as file:
            salvage = SalvageReader(file)
            for _ in salvage.each(import_record):
                pass  # `import_record` returns None, so nothing is yielded
        if salvage.gaps and not importer.seen:
            raise InputError(f"{path} is not a WARC file: {salvage.gaps[0].why}")
        if salvage.gaps:
            result.damage = f"{path}: {'; '.join(map(str, salvage.gaps))}"
        importer.finish()
    if not importer.seen:
        raise InputError(f"{path} holds no WARC record of a web page")
    return result


class _Importer:
    def __init__(self, path: Path, store: ObjectStore, about: WarcInfo, spool: Path, result: ImportReport) -> None:
        self._path = path
        self._store = store
        self._about = about
        self._spool = spool
        self._result = result
        self._writers: dict[str, SegmentWriter] = {}
        self._payloads: OrderedDict[str, int] = OrderedDict()
        self.seen = 0  # records

    def add(self, record: WarcRecord, outlet_of: Callable[[str], str]) -> None:
        """Import one record, or note why it is refused."""
        self.seen += 1
        url = (record.headers.get("WARC-Target-URI", "") or "").strip("<>")  # WARC/1.0 and wget put it in brackets
        scheme = url.partition(":")[0].lower()
        if record.record_type == WarcRecordType.metadata or scheme in NON_PAGE_SCHEMES:
            return  # a note of the crawler about itself
        try:
            _check_scheme(scheme)
            outlet = outlet_of(url)
            exchange = self._exchange(record, url)
        except (InputError, CaptureError) as error:
            self._result.refused.append((without_passwords(url), without_passwords(str(error))))
            return
        except OSError as error:
            self._result.refused.append((without_passwords(url), f"damaged: {error}"))
            raise
        writer = self._writers.get(outlet)
        if writer is None:
            writer = self._writers[outlet] = SegmentWriter(self._spool, outlet, self._about, IMPORT_LIMITS)
        member = exchange_member(exchange, self._about)
        writer.append(member, exchange.fetched, len(exchange.head) + len(exchange.body))
        self._result.captures += 1
        if writer.due(exchange.fetched):
            self._close(writer)

    def finish(self) -> None:
        """Close and store all open segments."""
        self._result.outlets = set(self._writers)
        for writer in self._writers.values():
            self._close(writer)

    def _close(self, writer: SegmentWriter) -> None:
        if segment := writer.close():
            self._result.segments += self._store_new(segment)

    def _store_new(self, segment: Segment) -> bool:
        """Store a segment unless it exists: run and number determine what a segment holds."""
        data = segment.path.read_bytes()
        segment.path.unlink()
        try:
            self._store.put_new(segment.key, data)
        except ExistsError:
            return False
        return True

    def _exchange(self, record: WarcRecord, url: str) -> Exchange:
        if record.record_type == WarcRecordType.resource:
            raise CaptureError("a resource record holds no HTTP response")
        offset, digest = record.stream_pos, record.headers.get("WARC-Payload-Digest", "") or ""
        status_line, fields = _head(record)
        truncated = record.headers.get("WARC-Truncated", "") or ""
        if record.record_type == WarcRecordType.revisit:
            body = self._revisited(record, digest)
        else:
            body = http_of(record)[2]
            self._remember(digest, offset)
        return Exchange(
            url=url,
            fetched=_date(record),
            request=b"",
            head=http_head(status_line, fields),
            body=body[:MAX_BODY_BYTES],
            ip=record.headers.get("WARC-IP-Address", "") or "",
            truncated="length" if len(body) > MAX_BODY_BYTES else truncated,
            purpose=Purpose.ROBOTS if urlsplit(url).path == "/robots.txt" else Purpose.PAGE,
            origin=record.record_id or "",
        )

    def _remember(self, digest: str, offset: int) -> None:
        if digest:
            self._payloads[digest] = offset
            self._payloads.move_to_end(digest)
            if len(self._payloads) > MAX_KNOWN_PAYLOADS:
                self._payloads.popitem(last=False)

    def _revisited(self, record: WarcRecord, digest: str) -> bytes:
        """Return the body that a revisit record refers to."""
        profile = record.headers.get("WARC-Profile", "") or ""
        if profile.endswith(NOT_MODIFIED_PROFILE):
            return b""
        if profile.endswith(SAME_PAYLOAD_PROFILE) and digest in self._payloads:
            with contextlib.suppress(OSError, CaptureError, StopIteration), self._path.open("rb") as file:
                file.seek(self._payloads[digest])
                original = next(records(file))
                if original.headers.get("WARC-Payload-Digest") == digest:
                    return http_of(original)[2]
        raise CaptureError(
            "a revisit record whose original response is not in this file, or cannot be read at its offset"
        )


def _check_scheme(scheme: str) -> None:
    if scheme not in {"http", "https"}:
        raise CaptureError(f"scheme {scheme or '(none)'!r} is not supported; only http and https are")


def _head(record: WarcRecord) -> tuple[bytes, tuple[tuple[bytes, bytes], ...]]:
    if not record.is_http_parsed or record.http_headers.status_code is None:
        raise CaptureError(f"record {record.record_id} holds no HTTP response")
    return record.http_headers.status_line_bytes or b"", record.http_headers.items_bytes()


def _date(record: WarcRecord) -> datetime:
    found: datetime | None = record.record_date
    if found is None or found.tzinfo is None:
        raise CaptureError(f"record {record.record_id} has no date in UTC")
    return found


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(COPY_CHUNK_BYTES):
                digest.update(block)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    return digest.hexdigest()
