"""Undo content encodings in bounded memory and linear time.

A decompression bomb of a few kilobytes must not become gigabytes, and a body of very many tiny compressed parts must
not cost more than one part of the same size.
"""

import io
import re
import zlib

from fastwarc.stream_io import BrotliReader, ChunkedReader, WarcReader, ZstdReader

GZIP_MAGIC = b"\x1f\x8b"  # RFC 1952 §2.3.1
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"  # RFC 8878 §3.1.1
SKIPPABLE_FRAME_MAGIC = b"\x2a\x4d\x18"  # RFC 8878 §3.1.2, without the first byte, of which half varies
MAX_CODINGS = 4  # no server stacks more; each costs a pass over the body
MAX_ENCODING_CHARS = 1_000  # of a Content-Encoding; all codings of RFC 9110 together have 30
MAX_PARTS = 4_096  # gzip members or zstd frames of a body; bgzip, which writes most, needs 256 for 16 MB
TOO_MANY_PARTS = f"over {MAX_PARTS} compressed parts"
READ_CHUNK_BYTES = 4 << 10  # before a damaged place, at most this many bytes are lost
CONTROL_BYTE = re.compile(rb"[\x00-\x08\x0e-\x1f]")  # text holds none of these; one in nine random bytes is one


def decode(body: bytes, encoding: str, limit: int) -> tuple[bytes, str]:
    """Decode a body by its Content-Encoding header. Return at most `limit` bytes and a value for WARC-Truncated.

    "length" means that there was more, "unspecified" that the coded data ends early or is damaged, `TOO_MANY_PARTS`
    that decoding stopped because each part costs time; the bytes before are kept. A body that is not in the coding that its header names is returned unchanged: archives store decoded bodies
    under their old headers.
    """
    named = (part.strip().lower() for part in encoding[:MAX_ENCODING_CHARS].split(","))
    codings = [name for name in named if name not in {"", "identity"}]
    truncated = "unspecified" if len(codings) > MAX_CODINGS or len(encoding) > MAX_ENCODING_CHARS else ""
    for name in reversed(codings[:MAX_CODINGS]):
        if name in {"gzip", "x-gzip"}:
            body, state = _gunzip(body, limit)
        elif name == "deflate":
            body, state = _undeflate(body, limit)
        elif name == "br":
            found, state = _stream(BrotliReader(io.BytesIO(body)), limit)
            body, state = (body, "") if state and not found and _is_text(body) else (found, state)
        elif name == "zstd" and body.startswith(ZSTD_MAGIC):
            many = body.count(ZSTD_MAGIC) + body.count(SKIPPABLE_FRAME_MAGIC) > MAX_PARTS
            body, state = (b"", TOO_MANY_PARTS) if many else _stream(ZstdReader(io.BytesIO(body)), limit)
        else:
            state = ""  # a coding that no browser knows, such as "utf-8": a mistake of the server
        truncated = state or truncated
    return (body[:limit], "length") if len(body) > limit else (body, truncated)


def unchunk(body: bytes, limit: int) -> bytes:
    """Undo a chunked Transfer-Encoding. A body that is not chunked is returned unchanged: most archives store it joined."""
    return _stream(ChunkedReader(io.BytesIO(body)), limit)[0] or body


def _gunzip(body: bytes, limit: int) -> tuple[bytes, str]:
    if not body.startswith(GZIP_MAGIC):
        return body, ""
    parts: list[bytes] = []
    room = limit + 1
    at = 0
    for _ in range(MAX_PARTS):  # members may follow each other, RFC 1952 §2.2
        part, state, at = _inflate(body, at, 31, room)
        parts.append(part)
        room -= len(part)
        if state or room <= 0 or not body.startswith(GZIP_MAGIC, at):
            return b"".join(parts), state
    return b"".join(parts), TOO_MANY_PARTS


def _undeflate(body: bytes, limit: int) -> tuple[bytes, str]:
    """Decode "deflate": zlib's format by RFC 9110 §8.4.1.2, though some servers send a raw deflate stream."""
    for bits in (15, -15):
        found, state, _ = _inflate(body, 0, bits, limit + 1)
        if found or not state:
            return found, state
    return (body, "") if _is_text(body) else (b"", "unspecified")


def _is_text(body: bytes) -> bool:
    """Return whether a body that could not be decoded is text. Deflate and brotli have no magic number to test for."""
    return not CONTROL_BYTE.search(body[:READ_CHUNK_BYTES])


def _inflate(body: bytes, start: int, bits: int, room: int) -> tuple[bytes, str, int]:
    """Return at most `room` bytes of the stream at `start`, its state, and where it ends. Bytes before damage are kept."""
    engine = zlib.decompressobj(bits)
    parts: list[bytes] = []
    for at in range(start, len(body), READ_CHUNK_BYTES):
        chunk = body[at : at + READ_CHUNK_BYTES]
        try:
            parts.append(engine.decompress(chunk, room))
        except zlib.error:
            break
        room -= len(parts[-1])
        if engine.eof:
            return b"".join(parts), "", at + len(chunk) - len(engine.unused_data)
        if room <= 0:
            return b"".join(parts), "length", len(body)
    return b"".join(parts), "unspecified", len(body)


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
