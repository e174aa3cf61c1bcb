"""Captures made elsewhere (CC-NEWS, Browsertrix, wget, Heritrix), recorded again as segments of ours.

Memory stays flat: records are read one by one and spooled to one file an outlet. The run's id is derived from the
file's SHA-256 and the topic, and records keep their dates, so that importing a file twice adds nothing.
"""

import contextlib
import hashlib
import re
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from fastwarc.warc import WarcRecord, WarcRecordType

from articles.errors import CaptureError, ExistsError, InputError
from articles.model import Purpose
from storage.captures.salvage import SalvageReader
from storage.captures.segments import (
    MAX_BODY_BYTES,
    SEGMENT_BYTES,
    Segment,
    SegmentLimits,
    SegmentWriter,
    http_of,
    records,
)
from storage.captures.warc import Exchange, WarcInfo, exchange_member, http_head
from storage.objects import ObjectStore

HASH_BYTES = 1 << 20
KNOWN_PAYLOADS = 100_000  # payload digests remembered for `revisit` records: about 20 MB
# An import has no open segment that a crash could cost. Its segments are cut by uncompressed size, so that they are cut
# alike whenever the file is imported; they are a quarter of that compressed.
LIMITS = SegmentLimits(size=4 * SEGMENT_BYTES, age=timedelta.max)
SAME_PAYLOAD = "identical-payload-digest"  # the end of the profile's URI in WARC/1.0 and 1.1
NOT_MODIFIED = "server-not-modified"
NO_PAGES = frozenset({"dns", "whois", "urn", "filedesc", "metadata", "warcinfo"})  # look-ups and a crawler's own notes
USER = re.compile(r"^([a-z][a-z0-9+.-]*://)[^/?#]*@", re.IGNORECASE)


@dataclass(slots=True)
class ImportReport:
    """What an import did. `refused` names every URL that was not taken, and why."""

    run: str
    captures: int = 0
    segments: int = 0  # written now; 0 when all were there
    outlets: set[str] = field(default_factory=set)
    refused: list[tuple[str, str]] = field(default_factory=list)
    damage: str = ""  # where and how the file is damaged; the whole records before and behind are taken


def import_warc(
    path: Path,
    store: ObjectStore,
    *,
    outlet_of: Callable[[str], str],
    topic: str,
    software: str,
    progress: Callable[[int], None],
) -> ImportReport:
    """Record the HTTP responses of a WARC again, by outlet. `progress` gets the offset in the file, in bytes.

    InputError if the file cannot be read, or holds no record that can. Of a file that is damaged the records before and
    behind are taken, and `damage` says where it is. `outlet_of` raises InputError for a URL that is not to be taken.
    """
    run = "import-" + hashlib.sha256(f"{_sha256(path)}\n{topic}".encode()).hexdigest()[:16]
    result = ImportReport(run)
    with tempfile.TemporaryDirectory(prefix="irtysh-import-") as spool:
        importer = _Importer(path, store, WarcInfo(run, topic, software), Path(spool), result)

        def take(record: WarcRecord) -> None:
            progress(record.stream_pos)
            importer.take(record, outlet_of)

        with path.open("rb") as file:
            salvage = SalvageReader(file)
            for _ in salvage.each(take):
                pass  # it yields what is made of records, and nothing is
        if salvage.gaps and not importer.seen:
            raise InputError(f"{path} is no WARC: {salvage.gaps[0].why}")
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

    def take(self, record: WarcRecord, outlet_of: Callable[[str], str]) -> None:
        """Record one record again, or say why not."""
        self.seen += 1
        url = (record.headers.get("WARC-Target-URI", "") or "").strip("<>")  # WARC/1.0 and wget bracket it
        scheme = url.partition(":")[0].lower()
        if record.record_type == WarcRecordType.metadata or scheme in NO_PAGES:
            return  # what a crawler noted of itself
        try:
            _check_scheme(scheme)
            outlet = outlet_of(url)
            exchange = self._exchange(record, url)
        except (InputError, CaptureError) as error:
            self._result.refused.append((without_user(url), str(error)))
            return
        except OSError as error:
            self._result.refused.append((without_user(url), f"damaged: {error}"))
            raise
        writer = self._writers.get(outlet)
        if writer is None:
            writer = self._writers[outlet] = SegmentWriter(self._spool, outlet, self._about, LIMITS)
        member = exchange_member(exchange, self._about)
        writer.append(member, exchange.fetched, len(exchange.head) + len(exchange.body))
        self._result.captures += 1
        if writer.due(exchange.fetched):
            self._close(writer)

    def finish(self) -> None:
        """Close and store what is open."""
        self._result.outlets = set(self._writers)
        for writer in self._writers.values():
            self._close(writer)

    def _close(self, writer: SegmentWriter) -> None:
        if segment := writer.close():
            self._result.segments += self._store_new(segment)

    def _store_new(self, segment: Segment) -> bool:
        """Store a segment unless it is there: the run's id pins what a segment of that number holds."""
        data = segment.path.read_bytes()
        segment.path.unlink()
        try:
            self._store.put_new(segment.key, data)
        except ExistsError:
            return False
        return True

    def _exchange(self, record: WarcRecord, url: str) -> Exchange:
        if record.record_type == WarcRecordType.resource:
            raise CaptureError("a resource record, without the HTTP response that it came in")
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
            if len(self._payloads) > KNOWN_PAYLOADS:
                self._payloads.popitem(last=False)

    def _revisited(self, record: WarcRecord, digest: str) -> bytes:
        """Return the body that a revisit record says it saw again."""
        profile = record.headers.get("WARC-Profile", "") or ""
        if profile.endswith(NOT_MODIFIED):
            return b""
        if profile.endswith(SAME_PAYLOAD) and digest in self._payloads:
            with contextlib.suppress(OSError, CaptureError, StopIteration), self._path.open("rb") as file:
                file.seek(self._payloads[digest])
                original = next(records(file))
                if original.headers.get("WARC-Payload-Digest") == digest:
                    return http_of(original)[2]
        raise CaptureError("a revisit of a response that this file does not hold or cannot seek to")


def _check_scheme(scheme: str) -> None:
    if scheme not in {"http", "https"}:
        raise CaptureError(f"scheme {scheme or '(none)'!r}: only http and https hold web pages")


def without_user(url: str) -> str:
    """Return a URL as it is, but for the user's name and password in it."""
    return USER.sub(r"\1…@", url, count=1)


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
            while block := file.read(HASH_BYTES):
                digest.update(block)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    return digest.hexdigest()
