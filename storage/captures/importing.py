"""Import WARC files of other programs (CC-NEWS, Browsertrix, wget, Heritrix) as segments of the store.

Memory stays flat: records are read one by one and written to one temporary file per outlet. The run's name is derived
from the file's SHA-256 and the topic, and records keep their dates, so importing a file twice adds nothing.
"""

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from articles.errors import CaptureError, InputError
from articles.harmless import without_passwords
from articles.model import Purpose
from storage.captures.foreign import ForeignRecord, read_foreign
from storage.captures.salvage import DamagedRange, describe
from storage.captures.segments import MAX_SEGMENT_BYTES, Segment, SegmentLimits, SegmentWriter
from storage.captures.warc import Exchange, WarcInfo, exchange_member
from storage.objects import ObjectStore, create
from storage.objects.base import COPY_CHUNK_BYTES

MAX_REFUSED = 100_000  # records of a file; after as many, the rest of the file is not read
# No age limit: a crash loses nothing, because the file can be imported again. The size counts uncompressed bytes, so that
# every import of the file cuts the same segments; compressed they are a quarter of it.
IMPORT_LIMITS = SegmentLimits(size=4 * MAX_SEGMENT_BYTES, age=timedelta.max)
WELL_KNOWN = "/.well-known/"  # RFC 8615: files about a site
WEB_BEGAN = datetime(1990, 1, 1, tzinfo=UTC)
MAX_AHEAD = timedelta(days=366)  # of our clock; a capture of a later date would stay the newest version of its article
# Schemes of look-ups and of a crawler's notes about itself
NON_PAGE_SCHEMES = frozenset({"dns", "whois", "urn", "filedesc", "metadata", "warcinfo"})


@dataclass(slots=True)
class ImportReport:
    """Result of an import."""

    run: str
    captures: int = 0
    segments: int = 0  # written now; 0 if the store had all of them
    left_out: int = 0  # pages of outlets that are not wanted
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
    now: datetime,
    progress: Callable[[int], None],
    name: str = "",
    wanted: Callable[[str], bool] | None = None,
) -> ImportReport:
    """Import the HTTP responses of a WARC file, by outlet.

    `outlet_of` returns the outlet of a URL, or raises InputError to refuse it. `progress` gets the offset in the file, in
    bytes. `name` names the file in messages. Pages of outlets that are not `wanted` are counted, and left out. Records that
    are dated long before or after any capture, by `now`, are refused. Of a damaged file the records before and after the
    damage are imported, and `damage` says where it is. Raises InputError if the file cannot be read, or holds no readable record of a web page.
    """
    name = name or str(path)
    run = "import-" + hashlib.sha256(f"{_sha256(path, name)}\n{topic}".encode()).hexdigest()[:16]
    result = ImportReport(run)
    with tempfile.TemporaryDirectory(prefix="irtysh-import-") as spool:
        importer = _Importer(store, WarcInfo(run, topic, software), Path(spool), result, wanted, latest=now + MAX_AHEAD)
        gaps: list[DamagedRange] = []
        for found in read_foreign(path):
            if isinstance(found, DamagedRange):
                gaps.append(found)
                continue
            progress(found.offset)
            importer.add(found, outlet_of)
            if len(result.refused) >= MAX_REFUSED:
                gaps.append(DamagedRange(found.offset, None, f"{MAX_REFUSED} records were refused"))
                break
        if gaps and not importer.seen:
            raise InputError(f"{name} is not a WARC file: {gaps[0].why}")
        if gaps:
            result.damage = f"{name}: {describe(gaps)}"
        importer.finish()
    if not importer.seen:
        raise InputError(f"{name} holds no WARC record of a web page")
    return result


class _Importer:
    def __init__(
        self,
        store: ObjectStore,
        about: WarcInfo,
        spool: Path,
        result: ImportReport,
        wanted: Callable[[str], bool] | None,
        *,
        latest: datetime,
    ) -> None:
        self._wanted = wanted
        self._latest = latest
        self._store = store
        self._about = about
        self._spool = spool
        self._result = result
        self._writers: dict[str, SegmentWriter] = {}
        self.seen = 0  # records

    def add(self, record: ForeignRecord, outlet_of: Callable[[str], str]) -> None:
        """Import one record, or note why it is refused."""
        self.seen += 1
        url = record.url
        scheme = url.partition(":")[0].lower()
        if record.metadata or scheme in NON_PAGE_SCHEMES:
            return  # a note of the crawler about itself
        try:
            _check_scheme(scheme)
            outlet = outlet_of(url)
            if self._wanted is not None and not self._wanted(outlet):
                self._result.left_out += 1
                return
            exchange = _exchange(record, self._latest)
        except (InputError, CaptureError) as error:
            self._result.refused.append((without_passwords(url), without_passwords(str(error))))
            return
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
        return create(self._store, segment.key, data)


def _exchange(record: ForeignRecord, latest: datetime) -> Exchange:
    if record.refused or record.fetched is None:
        raise CaptureError(record.refused)
    if not WEB_BEGAN <= record.fetched <= latest:
        raise CaptureError(f"the record is dated {record.fetched:%Y-%m-%d}: no page was captured then")
    return Exchange(
        url=record.url,
        fetched=record.fetched,
        request=b"",
        head=record.head,
        body=record.body,
        ip=record.ip,
        truncated=record.truncated,
        purpose=_purpose(record.url),
        origin=record.record_id,
    )


def _purpose(url: str) -> Purpose:
    """Return why a URL of somebody else's archive was probably fetched: what a site says to crawlers is no page."""
    path = urlsplit(url).path
    return Purpose.ROBOTS if path == "/robots.txt" or path.startswith(WELL_KNOWN) else Purpose.PAGE


def _check_scheme(scheme: str) -> None:
    if scheme not in {"http", "https"}:
        raise CaptureError(f"scheme {scheme or '(none)'!r} is not supported; only http and https are")


def _sha256(path: Path, name: str) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(COPY_CHUNK_BYTES):
                digest.update(block)
    except OSError as error:
        raise InputError(f"cannot read {name}: {error.strerror or error}") from error
    return digest.hexdigest()
