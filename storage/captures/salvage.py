"""Reading a WARC past what is damaged in it: the records before and behind, and where the damage lies."""

import contextlib
import os
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, TypeVar

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from articles.errors import CaptureError

T = TypeVar("T")

MAX_HEAD_BYTES = 1 << 20  # headers of a record; FastWARC's own limit of 32 kB is below what some sites send
WANTED = WarcRecordType.response | WarcRecordType.metadata | WarcRecordType.revisit | WarcRecordType.resource
VERSION = b"WARC/1."
SCAN_BYTES = 1 << 20
LOOK_BYTES = 512  # of a gzip member, from which its first bytes come
OVERLAP = 16  # bytes that a mark may take
GZIP, ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"  # RFC 1952 §2.3.1 with deflate, RFC 8878 §3.1.1
MARK = re.compile(b"|".join(map(re.escape, (GZIP, ZSTD, VERSION))))
GZIP_FORMAT = 31  # zlib's window bits for a gzip member
END_OF_HEAD = re.compile(rb"\r?\n\r?\n")


@dataclass(slots=True)
class DamagedRange:
    """Damage: what lies behind one record and before the next that can be read."""

    behind: int  # offset of the last record that was read, or that could not be
    until: int | None  # offset of the next; None if there is none
    why: str

    def __str__(self) -> str:
        on = "nothing behind it can be read" if self.until is None else f"reading goes on at offset {self.until}"
        return f"damaged at or behind offset {self.behind}: {self.why}; {on}"


@dataclass(slots=True)
class SalvageReader:
    """Reads a WARC, uncompressed, gzip or zstd, by member or whole, as far as it can be read."""

    file: BinaryIO
    gaps: list[DamagedRange] = field(default_factory=list)

    def each(self, read: Callable[[WarcRecord], T | None]) -> Iterator[T]:
        """Yield what `read` makes of each record. OSError and CaptureError of its own are damage, too."""
        start, fresh = 0, True
        while True:
            last = start
            try:
                for record in records(self.file, start):
                    last = record.stream_pos
                    made = read(record)
                    fresh = True
                    if made is not None:
                        yield made
            except (OSError, CaptureError) as error:
                until = self._next(last + 1)
                if fresh:
                    self.gaps.append(DamagedRange(last, until, str(error)))
                else:
                    self.gaps[-1].until = until  # the place at which it seemed to go on was no better
                if until is None:
                    return
                start, fresh = until, False
            else:
                return

    def _next(self, start: int) -> int | None:
        """Return the offset of the next record that can be parsed, at or behind `start`."""
        return next((offset for offset, mark in _marks(self.file, start) if self._parses(offset, mark)), None)

    def _parses(self, offset: int, mark: bytes) -> bool:
        if mark == GZIP:
            self.file.seek(offset)
            try:
                if not zlib.decompressobj(GZIP_FORMAT).decompress(self.file.read(LOOK_BYTES)).startswith(VERSION):
                    return False
            except zlib.error:
                return False
        with contextlib.suppress(OSError):
            return next(_iterate(self.file, offset), None) is not None
        return False


def records(file: BinaryIO, start: int = 0) -> Iterator[WarcRecord]:
    """Iterate over the records of a WARC that may hold pages, from the one at `start` on.

    OSError where it breaks, and where the file ends within a record, of whatever kind.
    """
    last = -1
    for record in _iterate(file, start):
        last = record.stream_pos
        if record.record_type & WANTED:
            yield record
    if last < 0 and file.seek(0, os.SEEK_END) > start:
        raise OSError(f"no WARC record at offset {start}")
    if last >= 0 and not _whole(file, last):
        raise OSError(f"the file ends within the record at offset {last}")


def _whole(file: BinaryIO, offset: int) -> bool:
    """Return whether a file's last record is there to its end, and nothing but padding behind it.

    FastWARC takes half a record's head for a record, or for nothing.

    Of a file that is compressed in one stream the offset is nowhere: its stream tells, if it is gzip.
    """
    file.seek(offset)
    start = file.read(SCAN_BYTES)
    if start.startswith((GZIP, ZSTD, VERSION)):
        final = next(_iterate(file, offset, parse_http=False), None)
        if final is not None and final.reader.consume() < final.content_length:
            return False
        if start.startswith(VERSION):
            return END_OF_HEAD.search(start) is not None
    else:
        offset = 0
    file.seek(offset)
    block = file.read(SCAN_BYTES)
    if not block.startswith(GZIP):
        return True
    member = zlib.decompressobj(GZIP_FORMAT)
    with contextlib.suppress(zlib.error):
        while block and not member.eof:
            member.decompress(block, SCAN_BYTES)
            block = member.unconsumed_tail or file.read(SCAN_BYTES)
    return member.eof and not (member.unused_data + file.read(SCAN_BYTES)).strip(b"\x00")


def _iterate(file: BinaryIO, start: int, *, parse_http: bool = True) -> Iterator[WarcRecord]:
    file.seek(start)
    return ArchiveIterator(
        file, record_types=WarcRecordType.any_type, parse_http=parse_http, max_header_len=MAX_HEAD_BYTES
    )


def _marks(file: BinaryIO, start: int) -> Iterator[tuple[int, bytes]]:
    """Yield where something stands from `start` on with which a record may begin, and what."""
    at = start
    while True:
        file.seek(at)
        block = file.read(SCAN_BYTES + OVERLAP)
        for found in MARK.finditer(block):
            if found.start() < SCAN_BYTES:
                yield at + found.start(), found.group()
        if len(block) < SCAN_BYTES + OVERLAP:
            return
        at += SCAN_BYTES
