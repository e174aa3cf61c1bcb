"""Read WARC files of other programs record by record, in a child process with limits."""

import contextlib
import tempfile
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fastwarc.warc import WarcRecord, WarcRecordType

from articles.errors import CaptureError
from storage.captures.foreign_http import http_of
from storage.captures.limited_process import EndedError, LimitedProcess, Send
from storage.captures.records import MAX_BODY_BYTES, records
from storage.captures.salvage import DamagedRange, SalvageReader
from storage.captures.warc import http_head
from storage.captures.warc_heads import copy_usual, is_unusual

MAX_KNOWN_PAYLOADS = 200_000  # names of payloads remembered for `revisit` records, two for each: about 40 MB
MAX_URL_CHARS = 8_192  # no browser or server accepts longer ones
SAME_PAYLOAD_PROFILE = "identical-payload-digest"  # the end of the profile's URI in WARC/1.0 and 1.1
WARC_DATE_FORMS = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S")  # without a zone
NOT_MODIFIED_PROFILE = "server-not-modified"


@dataclass(frozen=True, slots=True)
class ForeignRecord:
    """A record of another program's WARC file: an HTTP response, or why it cannot be read."""

    offset: int
    url: str
    metadata: bool = False  # a note of the crawler about itself
    refused: str = ""
    fetched: datetime | None = None
    head: bytes = b""
    body: bytes = b""
    ip: str = ""
    truncated: str = ""
    record_id: str = ""


def read_foreign(path: Path) -> Iterator[ForeignRecord | DamagedRange]:
    """Yield the records of a WARC file that may hold pages, and its damaged ranges.

    A record that ends the process is yielded with the reason, and reading continues behind it.
    """
    after: int | None = None
    with LimitedProcess() as process:
        while True:
            begun: ForeignRecord | None = None
            try:
                for item in process.stream(scan_foreign, path, after):
                    if isinstance(item, ForeignRecord):
                        complete = bool(item.refused or item.metadata or item.fetched)
                        begun, after = None if complete else item, item.offset
                        if not complete:
                            continue
                    yield item
            except EndedError as error:
                if begun is None:
                    yield DamagedRange(after or 0, None, str(error))
                    return
                yield ForeignRecord(begun.offset, begun.url, refused=str(error))
            else:
                return


def scan_foreign(path: Path, after: int | None, send: Send) -> None:
    """Send the records of a WARC file and its damaged ranges, in the child process. Begin behind the record at `after`."""
    if is_unusual(path):
        with tempfile.TemporaryDirectory(prefix="irtysh-warc-") as folder:
            copy = Path(folder) / "usual.warc"
            copy_usual(path, copy, lambda: send(None))
            _scan(copy, after, send)
    else:
        _scan(path, after, send)


def _scan(path: Path, after: int | None, send: Send) -> None:
    payloads: OrderedDict[str, int] = OrderedDict()

    def read(record: WarcRecord) -> bool:
        url = (record.headers.get("WARC-Target-URI", "") or "").strip("<>")  # WARC/1.0 and wget put it in brackets
        offset = record.stream_pos
        if record.record_type == WarcRecordType.metadata:
            send(ForeignRecord(offset, url[:MAX_URL_CHARS], metadata=True))
            return True
        send(ForeignRecord(offset, url[:MAX_URL_CHARS]))
        try:
            found = _response(record, url, path, payloads)
        except CaptureError as error:
            found = ForeignRecord(offset, url[:MAX_URL_CHARS], refused=str(error))
        except OSError as error:
            send(ForeignRecord(offset, url, refused=f"damaged: {error}"))
            raise
        send(found)
        return True

    with path.open("rb") as file:
        salvage = SalvageReader(file, lambda: send(None), parse_http=False)
        for _ in salvage.each(read, after):
            pass  # `read` has sent it
    for gap in salvage.gaps:
        send(gap)


def _response(record: WarcRecord, url: str, path: Path, payloads: OrderedDict[str, int]) -> ForeignRecord:
    if record.record_type == WarcRecordType.resource:
        raise CaptureError("a resource record holds no HTTP response")
    if len(url) > MAX_URL_CHARS:
        raise CaptureError(f"the URL has over {MAX_URL_CHARS} characters")
    offset = record.stream_pos
    status_line, fields, body = http_of(record)
    if record.record_type == WarcRecordType.revisit:
        body = _revisited(record, path, payloads)
    else:
        for name in _payload_names(record, "WARC-"):
            _remember(payloads, name, offset)
    truncated = record.headers.get("WARC-Truncated", "") or ""
    return ForeignRecord(
        offset=offset,
        url=url,
        fetched=_date(record),
        head=http_head(status_line, fields),
        body=body[:MAX_BODY_BYTES],
        ip=record.headers.get("WARC-IP-Address", "") or "",
        truncated="length" if len(body) > MAX_BODY_BYTES else truncated,
        record_id=record.record_id or "",
    )


def _payload_names(record: WarcRecord, prefix: str) -> list[str]:
    """Return what names a record's payload, or with the prefix "WARC-Refers-To-" that of its original: digest, URL with date."""
    digest = record.headers.get("WARC-Payload-Digest", "")
    url, date = (record.headers.get(f"{prefix}{name}", "") for name in ("Target-URI", "Date"))
    return [*([digest] if digest else ()), *([f"{url} {date}"] if url and date else ())]


def _remember(payloads: OrderedDict[str, int], name: str, offset: int) -> None:
    payloads[name] = offset
    payloads.move_to_end(name)
    if len(payloads) > MAX_KNOWN_PAYLOADS:
        payloads.popitem(last=False)


def _revisited(record: WarcRecord, path: Path, payloads: OrderedDict[str, int]) -> bytes:
    """Return the body that a revisit record refers to, by its digest, or by URL and date: old archives lack the digest."""
    profile = record.headers.get("WARC-Profile", "") or ""
    if profile.endswith(NOT_MODIFIED_PROFILE):
        return b""
    names = _payload_names(record, "WARC-Refers-To-") if profile.endswith(SAME_PAYLOAD_PROFILE) else []
    for name in names:
        if name not in payloads:
            continue
        with contextlib.suppress(OSError, CaptureError, StopIteration), path.open("rb") as file:
            file.seek(payloads[name])
            original = next(records(file, parse_http=False))
            if name in _payload_names(original, "WARC-") and not _contradicts(record, original):
                return http_of(original)[2]
    raise CaptureError("a revisit record whose original response is not in this file, or cannot be read at its offset")


def _contradicts(record: WarcRecord, original: WarcRecord) -> bool:
    """Return whether two records state different digests of the same algorithm, in the same notation, of their payloads."""
    (algorithm, _, digest), (other_algorithm, _, other) = (
        (one.headers.get("WARC-Payload-Digest", "") or "").strip().lower().partition(":") for one in (record, original)
    )
    return algorithm == other_algorithm and len(digest) == len(other) and digest != other


def _date(record: WarcRecord) -> datetime:
    """Return when a record was captured. Some writers leave out the zone, which is UTC, or write 14 digits as in a CDX."""
    found: datetime | None = record.record_date
    stated = record.headers.get("WARC-Date", "") or ""
    for form in WARC_DATE_FORMS if found is None else ():
        with contextlib.suppress(ValueError):
            found = datetime.strptime(stated, form).replace(tzinfo=UTC)
    if found is None:
        raise CaptureError(f"record {record.record_id} has no date in UTC")
    return found if found.tzinfo else found.replace(tzinfo=UTC)
