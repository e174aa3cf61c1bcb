"""Undo content encodings in bounded memory: a decompression bomb of a few kilobytes must not become gigabytes."""

import io
import re
import zlib

from fastwarc.stream_io import BrotliReader, ChunkedReader, WarcReader, ZstdReader

GZIP_MAGIC = b"\x1f\x8b"  # RFC 1952 §2.3.1
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"  # RFC 8878 §3.1.1
MAX_CODINGS = 4  # no server stacks more; each costs a pass over the body
READ_CHUNK_BYTES = 4 << 10  # before a damaged place, at most this many bytes are lost
CONTROL_BYTE = re.compile(rb"[\x00-\x08\x0e-\x1f]")  # text holds none of these; one in nine random bytes is one


def decode(body: bytes, encoding: str, limit: int) -> tuple[bytes, str]:
    """Decode a body by its Content-Encoding header. Return at most `limit` bytes and a value for WARC-Truncated.

    "length" means that there was more, "unspecified" that the coded data ends early or is damaged; the bytes before are
    kept. A body that is not in the coding that its header names is returned unchanged: archives store decoded bodies
    under their old headers.
    """
    codings = [name for name in (part.strip().lower() for part in encoding.split(",")) if name not in {"", "identity"}]
    truncated = "unspecified" if len(codings) > MAX_CODINGS else ""
    for name in reversed(codings[:MAX_CODINGS]):
        if name in {"gzip", "x-gzip"}:
            body, state = _gunzip(body, limit)
        elif name == "deflate":
            body, state = _undeflate(body, limit)
        elif name == "br":
            found, state = _stream(BrotliReader(io.BytesIO(body)), limit)
            body, state = (body, "") if state and not found and _is_text(body) else (found, state)
        elif name == "zstd" and body.startswith(ZSTD_MAGIC):
            body, state = _stream(ZstdReader(io.BytesIO(body)), limit)
        else:
            state = ""  # a coding that no browser knows, such as "utf-8": a mistake of the server
        truncated = state or truncated
    return (body[:limit], "length") if len(body) > limit else (body, truncated)


def unchunk(body: bytes, limit: int) -> bytes:
    """Undo a chunked Transfer-Encoding. A body that is not chunked is returned unchanged: most archives store it joined."""
    return _stream(ChunkedReader(io.BytesIO(body)), limit)[0] or body


def _gunzip(body: bytes, limit: int) -> tuple[bytes, str]:
    found = b""
    left = body
    while left.startswith(GZIP_MAGIC) and len(found) <= limit:  # members may follow each other, RFC 1952 §2.2
        part, state, left = _inflate(left, 31, limit + 1 - len(found))
        found += part
        if state:
            return found, state
    return (found, "") if body.startswith(GZIP_MAGIC) else (body, "")


def _undeflate(body: bytes, limit: int) -> tuple[bytes, str]:
    """Decode "deflate": zlib's format by RFC 9110 §8.4.1.2, though some servers send a raw deflate stream."""
    for bits in (15, -15):
        found, state, _ = _inflate(body, bits, limit + 1)
        if found or not state:
            return found, state
    return (body, "") if _is_text(body) else (b"", "unspecified")


def _is_text(body: bytes) -> bool:
    """Return whether a body that could not be decoded is text. Deflate and brotli have no magic number to test for."""
    return not CONTROL_BYTE.search(body[:READ_CHUNK_BYTES])


def _inflate(body: bytes, bits: int, room: int) -> tuple[bytes, str, bytes]:
    """Return at most `room` bytes of one stream, its state, and the bytes after it. Bytes before damage are kept."""
    engine = zlib.decompressobj(bits)
    parts: list[bytes] = []
    for start in range(0, len(body), READ_CHUNK_BYTES):
        try:
            parts.append(engine.decompress(body[start : start + READ_CHUNK_BYTES], room))
        except zlib.error:
            break
        room -= len(parts[-1])
        if engine.eof:
            return b"".join(parts), "", engine.unused_data + body[start + READ_CHUNK_BYTES :]
        if room <= 0:
            return b"".join(parts), "length", b""
    return b"".join(parts), "unspecified", b""


def _stream(reader: WarcReader, limit: int) -> tuple[bytes, str]:
    """Read at most one byte more than `limit`. Bytes before damage are kept."""
    parts: list[bytes] = []
    room = limit + 1
    try:
        while room > 0 and (piece := reader.read(min(room, READ_CHUNK_BYTES))):
            parts.append(piece)
            room -= len(piece)
    except OSError:
        return b"".join(parts), "unspecified"
    return b"".join(parts), ""
