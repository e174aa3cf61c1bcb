"""Take records out of a segment: each becomes an empty record of the same length, so that all offsets stay right."""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from articles.errors import CorruptError

GZIP_WINDOW = 31  # zlib's number for gzip
MAX_MEMBER_BYTES = 256 << 20  # unpacked; bodies have up to 64 MB on the wire
HEADER = b"\x1f\x8b\x08\x10\x00\x00\x00\x00\x00\xff"  # a gzip member with a comment
EMPTY_RECORD = (
    b"WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000000>\r\n"
    b"WARC-Date: 1970-01-01T00:00:00Z\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Member:
    """A gzip member of a segment: one record."""

    start: int
    end: int
    record: bytes


def members(data: bytes, key: str) -> Iterator[Member]:
    """Yield the gzip members of a segment. Raises CorruptError if one cannot be read."""
    start = 0
    while start < len(data):
        engine = zlib.decompressobj(GZIP_WINDOW)
        try:
            record = engine.decompress(memoryview(data)[start:], MAX_MEMBER_BYTES)
        except zlib.error as error:
            raise CorruptError(f"{key} is damaged at offset {start}: {error}") from error
        if not engine.eof:
            raise CorruptError(f"{key} is damaged at offset {start}: a record is cut short or too large")
        end = len(data) - len(engine.unused_data)
        yield Member(start, end, record)
        start = end


def redact(data: bytes, key: str, goes: Callable[[bytes], bool]) -> tuple[bytes, int]:
    """Return a segment without the records for which `goes(record)` is true, and how many these are."""
    parts: list[bytes] = []
    count = 0
    for member in members(data, key):
        if goes(member.record):
            parts.append(_blank(member.end - member.start))
            count += 1
        else:
            parts.append(data[member.start : member.end])
    return b"".join(parts), count


def _blank(length: int) -> bytes:
    """Return a gzip member of this length with an empty WARC record; the rest is a comment of zeros in its header."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = engine.compress(EMPTY_RECORD) + engine.flush()
    tail = zlib.crc32(EMPTY_RECORD).to_bytes(4, "little") + len(EMPTY_RECORD).to_bytes(4, "little")
    padding = length - len(HEADER) - 1 - len(body) - len(tail)
    if padding < 0:
        raise CorruptError(f"a record of {length} bytes is too short to be replaced in place")
    return HEADER + b"-" * padding + b"\x00" + body + tail
