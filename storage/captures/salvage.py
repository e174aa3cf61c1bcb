"""Read a damaged WARC file: the records before and after the damage, and where it is."""

import contextlib
import os
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO, TypeVar

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from articles.errors import CaptureError
from storage.captures.decode import ZSTD_MAGIC

T = TypeVar("T")

MAX_DESCRIBED_GAPS = 20  # in a message
MAX_GAPS = 100  # damaged ranges of a file; each costs a search for the next record
MAX_CANDIDATES = 100_000  # bytes in a row that look like a record's first; by chance one in 16 MB does
MAX_PROBES = 20  # places in a row at which a record seems to begin but none can be read; each may cost 1 MB
MAX_MEMBER_BYTES = 64 << 20  # unpacked, of a gzip member that is skipped; four times the largest body
MAX_HEAD_BYTES = 1 << 20  # header fields of a record; some sites send more than FastWARC's own limit of 32 kB
PAGE_RECORD_TYPES = WarcRecordType.response | WarcRecordType.metadata | WarcRecordType.revisit | WarcRecordType.resource
WARC_VERSION = b"WARC/1."
SCAN_CHUNK_BYTES = 1 << 20
MEMBER_BLOCK_BYTES = 64 << 10
PADDING = b"\x00\r\n"
MEMBER_PROBE_BYTES = 512  # of a gzip member; enough to decompress its first bytes
OVERLAP_BYTES = 16  # of two scanned chunks; longer than any record start
GZIP_DEFLATE_MAGIC = b"\x1f\x8b\x08"  # RFC 1952 §2.3.1, with the method deflate
RECORD_HEAD = re.compile(rb"WARC/1\.\d\r?\n[A-Za-z][\w-]*:")  # a record without header fields is none
RECORD_START = re.compile(b"|".join(map(re.escape, (GZIP_DEFLATE_MAGIC, ZSTD_MAGIC, WARC_VERSION))))
GZIP_WINDOW_BITS = 31  # zlib's window bits for a gzip member
END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")


@dataclass(slots=True)
class DamagedRange:
    """A damaged range of a file: after one record and before the next readable one."""

    after: int  # offset of the last record, read or not
    until: int | None  # offset of the next readable record; None if there is none
    why: str

    def __str__(self) -> str:
        rest = "nothing after it can be read" if self.until is None else f"reading continues at offset {self.until}"
        return f"damaged at or after offset {self.after}: {self.why}; {rest}"


def _keep_silent() -> None:
    pass


def describe(gaps: Sequence[DamagedRange]) -> str:
    """Return damaged ranges as a text; of very many, the first ones."""
    more = f"; and {len(gaps) - MAX_DESCRIBED_GAPS} more damaged ranges" if len(gaps) > MAX_DESCRIBED_GAPS else ""
    return "; ".join(map(str, gaps[:MAX_DESCRIBED_GAPS])) + more


@dataclass(slots=True)
class SalvageReader:
    """Reads the readable records of a WARC file: uncompressed, gzip or zstd, compressed by record or as a whole."""

    file: BinaryIO
    alive: Callable[[], None] = lambda: None  # called between steps of bounded cost
    parse_http: bool = True
    gaps: list[DamagedRange] = field(default_factory=list)
    probes: int = 0  # places since the last record that could be read, at which none begins

    def each(self, read: Callable[[WarcRecord], T | None], after: int | None = None) -> Iterator[T]:
        """Yield `read(record)` of each record, except None. An OSError or CaptureError that `read` raises counts as damage.

        With `after`, the offset of a record that cannot be read, begin with the record behind it.
        """
        start, fresh = 0, True
        if after is not None:
            end = self._member_end(after)
            if end is None:
                self.gaps.append(DamagedRange(after, None, "the record's end cannot be found"))
                return
            start = end
            if not self._rest(start):
                return
        while True:
            last = start
            try:
                alive = self.alive if fresh else _keep_silent  # a fruitless search shares one limit
                for record in records(self.file, start, alive, parse_http=self.parse_http):
                    last = record.stream_pos
                    result = read(record)
                    if result is not None:
                        fresh, self.probes = True, 0
                        yield result
            except (OSError, CaptureError) as error:
                until = self._next(last) if len(self.gaps) < MAX_GAPS else None
                if fresh or not self.gaps:
                    self.gaps.append(DamagedRange(last, until, str(error)))
                else:
                    self.gaps[-1].until = until  # the record found there was damaged too
                if until is None:
                    return
                start, fresh = until, False
            else:
                return

    def _next(self, last: int) -> int | None:
        """Return the offset of the next record that can be parsed, after the one at `last`.

        An intact gzip member is skipped whole, because its body may hold bytes that look like records.
        """
        starts = _record_starts(self.file, self._member_end(last) or last + 1, self.alive)
        for offset, magic in islice(starts, MAX_CANDIDATES):
            if self._parses(offset, magic):
                return offset
            if self.probes > MAX_PROBES:
                break
        return None

    def _member_end(self, offset: int) -> int | None:
        """Return where the gzip member at `offset` ends; None if there is none, it is damaged or it is too large."""
        self.file.seek(offset)
        member = zlib.decompressobj(GZIP_WINDOW_BITS)
        room = MAX_MEMBER_BYTES
        block = self.file.read(MEMBER_BLOCK_BYTES)
        try:
            while block and room > 0:
                room -= len(member.decompress(block, MEMBER_BLOCK_BYTES))
                if member.eof:
                    return self.file.tell() - len(member.unused_data)
                block = member.unconsumed_tail or self.file.read(MEMBER_BLOCK_BYTES)
        except zlib.error:
            return None
        return None

    def _rest(self, start: int) -> bool:
        """Return whether anything but padding lies at or after `start`."""
        self.file.seek(start)
        while block := self.file.read(SCAN_CHUNK_BYTES):
            if block.strip(PADDING):
                return True
            self.alive()
        return False

    def _parses(self, offset: int, magic: bytes) -> bool:
        self.file.seek(offset)
        start = self.file.read(MEMBER_PROBE_BYTES)
        try:
            if magic == GZIP_DEFLATE_MAGIC:
                start = zlib.decompressobj(GZIP_WINDOW_BITS).decompress(start, MEMBER_PROBE_BYTES)
            if magic != ZSTD_MAGIC and not RECORD_HEAD.match(start):
                return False
        except zlib.error:
            return False
        self.probes += 1
        with contextlib.suppress(OSError):
            return next(_iterate(self.file, offset), None) is not None
        return False


def records(
    file: BinaryIO, start: int = 0, alive: Callable[[], None] = lambda: None, *, parse_http: bool = True
) -> Iterator[WarcRecord]:
    """Iterate over the records of a WARC file that may hold pages, beginning with the one at `start`.

    Raises OSError where the file is damaged, and where it ends within a record of any kind.
    """
    last = -1
    for record in _iterate(file, start, parse_http=parse_http):
        last = record.stream_pos
        alive()
        if record.record_type & PAGE_RECORD_TYPES:
            yield record
    if last < 0 and file.seek(0, os.SEEK_END) > start:
        raise OSError(f"no WARC record at offset {start}")
    if last >= 0 and not _whole(file, last):
        raise OSError(f"the file ends within the record at offset {last}")


def _whole(file: BinaryIO, offset: int) -> bool:
    """Return whether a file's last record is complete, with nothing but padding after it.

    FastWARC takes half of a record's header for a record, or ignores it. In a file that is compressed as one stream the
    offset points nowhere: there the end of the gzip stream is checked.
    """
    file.seek(offset)
    start = file.read(SCAN_CHUNK_BYTES)
    if start.startswith((GZIP_DEFLATE_MAGIC, ZSTD_MAGIC, WARC_VERSION)):
        final = next(_iterate(file, offset, parse_http=False), None)
        if final is not None and final.reader.consume() < final.content_length:
            return False
        if start.startswith(WARC_VERSION):
            return END_OF_HEADERS.search(start) is not None
    else:
        offset = 0
    file.seek(offset)
    block = file.read(SCAN_CHUNK_BYTES)
    if not block.startswith(GZIP_DEFLATE_MAGIC):
        return True
    member = zlib.decompressobj(GZIP_WINDOW_BITS)
    with contextlib.suppress(zlib.error):
        while block and not member.eof:
            member.decompress(block, SCAN_CHUNK_BYTES)
            block = member.unconsumed_tail or file.read(SCAN_CHUNK_BYTES)
    return member.eof and not (member.unused_data + file.read(SCAN_CHUNK_BYTES)).strip(b"\x00")


def _iterate(file: BinaryIO, start: int, *, parse_http: bool = True) -> Iterator[WarcRecord]:
    file.seek(start)
    return ArchiveIterator(
        file, record_types=WarcRecordType.any_type, parse_http=parse_http, max_header_len=MAX_HEAD_BYTES
    )


def _record_starts(file: BinaryIO, start: int, alive: Callable[[], None]) -> Iterator[tuple[int, bytes]]:
    """Yield the offsets from `start` on at which a record may begin, with the magic bytes found there."""
    at = start
    while True:
        file.seek(at)
        block = file.read(SCAN_CHUNK_BYTES + OVERLAP_BYTES)
        for found in RECORD_START.finditer(block):
            if found.start() < SCAN_CHUNK_BYTES:
                yield at + found.start(), found.group()
        if len(block) < SCAN_CHUNK_BYTES + OVERLAP_BYTES:
            return
        at += SCAN_CHUNK_BYTES
        alive()
