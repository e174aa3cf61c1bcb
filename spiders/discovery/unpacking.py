"""Streaming decompression of sources, so that no large sitemap or zip bomb is in memory whole."""

import io
import zlib
from typing import Any

from articles.errors import SourceError
from storage.captures.decode import GZIP_MAGIC, decode

MAX_SOURCE_BYTES = 64 << 20  # unpacked; sitemaps.org allows 50 MB
PIECE_BYTES = 64 << 10  # read at a time
PACKED_BYTES = 4 << 10  # given to zlib at a time: at the end of a member it copies the rest
MAX_MEMBERS = 10_000  # of a gzip file; tools that write blocks of 64 kB need a thousand for `MAX_SOURCE_BYTES`


def unpack(body: bytes, encoding: str) -> io.RawIOBase:
    """Return a stream of a body, with its Content-Encoding and the gzip of a `.xml.gz` decoded.

    It yields at most `MAX_SOURCE_BYTES`. A truncated body yields what precedes the cut. Reading raises `SourceError` for
    a file of more than `MAX_MEMBERS` gzip members: each costs time, also an empty one.
    """
    coding = encoding.strip().lower()
    if coding not in {"", "identity", "gzip", "x-gzip"}:
        body = decode(body, encoding, MAX_SOURCE_BYTES)[0]
    stream: io.RawIOBase = _Pieces(body)
    for _ in range(2):  # a .xml.gz that the server compressed once more
        buffered = io.BufferedReader(stream, PIECE_BYTES)
        stream = _Gunzipped(buffered) if buffered.peek(2).startswith(GZIP_MAGIC) else _Through(buffered)
    return _Bounded(stream, MAX_SOURCE_BYTES)


class _Reading(io.RawIOBase):
    """Base of streams that return one piece at a time."""

    def readable(self) -> bool:
        return True

    def piece(self, size: int) -> bytes:
        raise NotImplementedError

    def readinto(self, buffer: Any) -> int:
        data = self.piece(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _Pieces(_Reading):
    def __init__(self, body: bytes) -> None:
        super().__init__()
        self._body = memoryview(body)

    def piece(self, size: int) -> bytes:
        data, self._body = self._body[:size], self._body[size:]
        return bytes(data)


class _Through(_Reading):
    def __init__(self, stream: io.BufferedIOBase) -> None:
        super().__init__()
        self._stream = stream

    def piece(self, size: int) -> bytes:
        return self._stream.read1(size)


class _Gunzipped(_Reading):
    """The decompressed members of a gzip file, up to the first that is damaged."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        super().__init__()
        self._stream = stream
        self._engine = zlib.decompressobj(31)
        self._left = b""
        self._members = 1

    def piece(self, size: int) -> bytes:
        while True:
            if self._engine.eof:  # members may follow each other, RFC 1952 §2.2
                self._left = self._engine.unused_data or self._stream.read1(PACKED_BYTES)
                if not self._left.startswith(GZIP_MAGIC[:1]):
                    return b""
                self._members += 1
                if self._members > MAX_MEMBERS:
                    raise SourceError(f"more than {MAX_MEMBERS} gzip members")
                self._engine = zlib.decompressobj(31)
            packed = self._left or self._engine.unconsumed_tail or self._stream.read1(PACKED_BYTES)
            self._left = b""
            if not packed:
                return b""
            try:
                data = self._engine.decompress(packed, size)
            except zlib.error:
                return b""
            if data:
                return data


class _Bounded(_Reading):
    def __init__(self, stream: io.RawIOBase, room: int) -> None:
        super().__init__()
        self._stream = stream
        self._room = room

    def piece(self, size: int) -> bytes:
        data = self._stream.read(min(size, self._room)) or b""
        self._room -= len(data)
        return data
