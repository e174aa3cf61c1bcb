"""Content encodings off, in bounded memory: a bomb of a few kilobytes must not become gigabytes."""

import io
import re
import zlib

from fastwarc.stream_io import BrotliReader, ChunkedReader, WarcReader, ZstdReader

GZIP_MAGIC = b"\x1f\x8b"  # RFC 1952 §2.3.1
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"  # RFC 8878 §3.1.1
MAX_CODINGS = 4  # no server stacks more; each costs a pass over the body
PIECE_BYTES = 4 << 10  # read at a time, so that all but this much of what precedes damage is kept
CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")  # no text holds these; one in nine random bytes is one


def decode(body: bytes, encoding: str, limit: int) -> tuple[bytes, str]:
    """Undo a Content-Encoding header. Return at most `limit` bytes and what WARC-Truncated would say of them.

    "length" says that there was more, "unspecified" that the coding broke off or broke; what came before is kept. A
    body that is not in the coding its header names (archives store decoded bodies under their old headers) is returned
    as it is.
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
            body, state = (body, "") if state and not found and _plain(body) else (found, state)
        elif name == "zstd" and body.startswith(ZSTD_MAGIC):
            body, state = _stream(ZstdReader(io.BytesIO(body)), limit)
        else:
            state = ""  # a coding that no browser knows, like "utf-8": a mistake of the server
        truncated = state or truncated
    return (body[:limit], "length") if len(body) > limit else (body, truncated)


def unchunk(body: bytes, limit: int) -> bytes:
    """Undo a chunked Transfer-Encoding; a body that is not chunked (most archives store it joined) is returned as is."""
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
    """RFC 9110 §8.4.1.2 means zlib's format; some servers send the bare stream."""
    for bits in (15, -15):
        found, state, _ = _inflate(body, bits, limit + 1)
        if found or not state:
            return found, state
    return (body, "") if _plain(body) else (b"", "unspecified")


def _plain(body: bytes) -> bool:
    """Whether a body that is not in its coding is text; deflate and brotli have no magic number to know them by."""
    return not CONTROL.search(body[:PIECE_BYTES])


def _inflate(body: bytes, bits: int, room: int) -> tuple[bytes, str, bytes]:
    """Return at most `room` bytes of one stream, its state, and what follows it; damage keeps what precedes it."""
    engine = zlib.decompressobj(bits)
    parts: list[bytes] = []
    for start in range(0, len(body), PIECE_BYTES):
        try:
            parts.append(engine.decompress(body[start : start + PIECE_BYTES], room))
        except zlib.error:
            break
        room -= len(parts[-1])
        if engine.eof:
            return b"".join(parts), "", engine.unused_data + body[start + PIECE_BYTES :]
        if room <= 0:
            return b"".join(parts), "length", b""
    return b"".join(parts), "unspecified", b""


def _stream(reader: WarcReader, limit: int) -> tuple[bytes, str]:
    """Read at most a byte more than `limit`; damage keeps what precedes it."""
    parts: list[bytes] = []
    room = limit + 1
    try:
        while room > 0 and (piece := reader.read(min(room, PIECE_BYTES))):
            parts.append(piece)
            room -= len(piece)
    except OSError:
        return b"".join(parts), "unspecified"
    return b"".join(parts), ""
