"""Faults of the connection and of HTTP: delays, cuts, endless and oversized responses, statuses, codings."""

import asyncio
import gzip
import struct
import zlib
from collections.abc import Callable
from functools import cache, reduce
from typing import Final

from articles.model import Reason
from tests.site.hostile.registry import HTML, Call, notice, page, resource, story
from tests.site.wire import Answer, Connection, Script

BOMB_MEGABYTES: Final = 256  # of zeros that a bomb unpacks to, from about 250 kB
HUGE_HEADER_BYTES: Final = 1_000_000
LARGE_MEGABYTES: Final = 64
DELAY_SECONDS: Final = 30.0
DRIP_SECONDS: Final = 0.25  # between two bytes
PIECE: Final = b"0" * 65536


def head(*headers: tuple[str, str]) -> bytes:
    """Return a response head without Content-Length."""
    lines = ["HTTP/1.1 200 OK", *(f"{name}: {value}" for name, value in (HTML, *headers))]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


@resource("fine")
def fine(call: Call) -> Answer:
    """An ordinary article, for comparison."""
    return page("fine" + call.argument)


@resource("delay", Reason.TIMEOUT, sample="/delay/30", slow=True)
def delay(call: Call) -> Script:
    """Answers with an article after /delay/<seconds>."""

    async def play(connection: Connection) -> None:
        await asyncio.sleep(float(call.argument or DELAY_SECONDS))
        connection.finish(page("delay"))

    return play


@resource("drop", Reason.CONNECT_ERROR, Reason.FETCH_ERROR)
def drop(call: Call) -> Script:
    """Closes the connection before any byte."""

    async def play(connection: Connection) -> None:
        connection.abort()

    return play


@resource("drop-then-200")
def drop_then_200(call: Call) -> Answer | Script:
    """Drops the first connection, then answers."""
    return drop(call) if call.hit == 1 else page("drop-then-200")


@resource("cut-head", Reason.CONNECT_ERROR, Reason.FETCH_ERROR, Reason.PARTIAL_BODY)
def cut_head(call: Call) -> Script:
    """Closes the connection in the middle of the response head."""

    async def play(connection: Connection) -> None:
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Ty")

    return play


@resource("partial", Reason.PARTIAL_BODY)
def partial(call: Call) -> Script:
    """Content-Length is three times what is sent."""

    async def play(connection: Connection) -> None:
        body = story("partial").encode()
        await connection.send(head(("Content-Length", str(3 * len(body)))) + body)

    return play


@resource("chunked-cut", Reason.PARTIAL_BODY)
def chunked_cut(call: Call) -> Script:
    """Chunked, closed without the last chunk."""

    async def play(connection: Connection) -> None:
        body = story("chunked-cut").encode()
        await connection.send(head(("Transfer-Encoding", "chunked")) + b"%x\r\n%s\r\n" % (len(body), body))

    return play


@resource("chunked")
def chunked(call: Call) -> Script:
    """Correctly chunked, in small pieces."""

    async def play(connection: Connection) -> None:
        body = story("chunked").encode()
        await connection.send(head(("Transfer-Encoding", "chunked"), ("Connection", "close")))
        for start in range(0, len(body), 700):
            piece = body[start : start + 700]
            await connection.send(b"%x\r\n%s\r\n" % (len(piece), piece))
        await connection.send(b"0\r\n\r\n")

    return play


@resource("bad-chunk", Reason.PARTIAL_BODY, Reason.FETCH_ERROR)
def bad_chunk(call: Call) -> Script:
    """A chunk whose length is not a number."""

    async def play(connection: Connection) -> None:
        await connection.send(head(("Transfer-Encoding", "chunked")) + b"many\r\n<p>words</p>\r\n0\r\n\r\n")

    return play


@resource("endless", Reason.TOO_LARGE, Reason.TIMEOUT, slow=True)
def endless(call: Call) -> Script:
    """A chunked body that never ends, as fast as the client reads."""

    async def play(connection: Connection) -> None:
        await connection.send(head(("Transfer-Encoding", "chunked")))
        while not connection.transport.is_closing():
            await connection.send(b"%x\r\n%s\r\n" % (len(PIECE), PIECE))
            await asyncio.sleep(0)

    return play


@resource("endless-head", Reason.FETCH_ERROR, Reason.CONNECT_ERROR, Reason.TOO_LARGE, Reason.TIMEOUT, slow=True)
def endless_head(call: Call) -> Script:
    """Endless headers."""

    async def play(connection: Connection) -> None:
        await connection.send(b"HTTP/1.1 200 OK\r\n")
        while not connection.transport.is_closing():
            await connection.send(b"X-More: %s\r\n" % PIECE[:4000])
            await asyncio.sleep(0)

    return play


@resource("large", Reason.TOO_LARGE, Reason.TOO_COSTLY)
def large(call: Call) -> Script:
    """An announced body of 64 MB (or /large/<MB>) of real text."""
    megabytes = int(call.argument or LARGE_MEGABYTES)

    async def play(connection: Connection) -> None:
        line = b"<p>" + b"freight and grain and rain " * 38 + b"</p>"
        block = (line * (2**20 // len(line) + 1))[: 2**20]
        await connection.send(head(("Content-Length", str(megabytes * 2**20)), ("Connection", "close")))
        for _ in range(megabytes):
            await connection.send(block)

    return play


@resource("drip", Reason.TIMEOUT, slow=True)
def drip(call: Call) -> Script:
    """An article at four bytes a second."""

    async def play(connection: Connection) -> None:
        body = story("drip").encode()
        await connection.send(head(("Content-Length", str(len(body)))))
        for byte in body:
            await connection.send(bytes((byte,)))
            await asyncio.sleep(DRIP_SECONDS)

    return play


@resource("huge-header", Reason.FETCH_ERROR, Reason.CONNECT_ERROR, Reason.TOO_LARGE)
def huge_header(call: Call) -> Answer:
    """One header of a megabyte."""
    return Answer(200, [HTML, ("X-Huge", "h" * HUGE_HEADER_BYTES)], story("huge-header").encode())


@resource("large-head", Reason.FETCH_ERROR, Reason.CONNECT_ERROR, Reason.TOO_LARGE)
def large_head(call: Call) -> Answer:
    """A redirect with two hundred headers of 8 kB, with what makes careless patterns go back."""
    cookies = [("Set-Cookie", "a=" + " " * 8_000 + "\x01") for _ in range(100)]
    links = [("Link", "@" + "http:" * 1_600) for _ in range(100)]
    return Answer(302, [HTML, ("Location", f"{call.base}/fine"), *cookies, *links], b"")


@resource("bad-status-line", Reason.FETCH_ERROR, Reason.CONNECT_ERROR)
def bad_status_line(call: Call) -> Script:
    """A response that is not HTTP."""

    async def play(connection: Connection) -> None:
        await connection.send(b"220 mail.hostile.example ESMTP ready\r\n\r\n")

    return play


@resource("429")
def too_many(call: Call) -> Answer:
    """429 with Retry-After: 1, from the second request on an article."""
    if call.hit > 1:
        return page("429")
    answer = notice("429 Too Many Requests", "Slow down, please.", 429)
    answer.headers.append(("Retry-After", "1"))
    return answer


@resource("429-always", Reason.HTTP_ERROR)
def too_many_always(call: Call) -> Answer:
    """429 with a Retry-After of an hour, always."""
    answer = notice("429 Too Many Requests", "Slow down, please.", 429)
    answer.headers.append(("Retry-After", "3600"))
    return answer


@resource("500-then-200")
def error_then_fine(call: Call) -> Answer:
    """500 once, then an article."""
    return page("500-then-200") if call.hit > 1 else notice("500", "A part broke.", 500)


@resource("503-then-200")
def unavailable_then_fine(call: Call) -> Answer:
    """503 twice, then an article."""
    return page("503-then-200") if call.hit > 2 else notice("503", "Back in a minute.", 503)


@resource("status", Reason.HTTP_ERROR, sample="/status/503")
def status(call: Call) -> Answer:
    """Any status: /status/<code>."""
    return notice(call.argument, f"This page answers {call.argument}.", int(call.argument or "503"))


@resource("gone", Reason.GONE)
def gone(call: Call) -> Answer:
    """410."""
    return notice("Gone", "This page was taken down.", 410)


@resource("missing", Reason.GONE)
def missing(call: Call) -> Answer:
    """404 with a long, article-like page."""
    return page("missing", status=404)


BOMB_START: Final = b"<html><body><p>"
MEGABYTE: Final = b"0" * 2**20


def deflated_zeros() -> bytes:
    """Return the start of a page and BOMB_MEGABYTES of zeros as raw deflate.

    Only one megabyte is compressed, not for seconds: after a full flush, the same bytes have the same compressed form.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    start, megabyte = (packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH) for data in (BOMB_START, MEGABYTE))
    return start + megabyte * BOMB_MEGABYTES + packer.flush()


def sum_of_zeros(checksum: Callable[..., int]) -> int:
    """Return a checksum of what `deflated_zeros` unpacks to."""
    return reduce(lambda found, _: checksum(MEGABYTE, found), range(BOMB_MEGABYTES), checksum(BOMB_START))


@cache
def gzip_of_zeros() -> bytes:
    size = len(BOMB_START) + len(MEGABYTE) * BOMB_MEGABYTES
    return b"\x1f\x8b\x08" + bytes(7) + deflated_zeros() + struct.pack("<II", sum_of_zeros(zlib.crc32), size)


@cache
def zlib_of_zeros() -> bytes:
    return b"\x78\xda" + deflated_zeros() + struct.pack(">I", sum_of_zeros(zlib.adler32))


@resource("gzip-bomb", Reason.TOO_LARGE)
def gzip_bomb(call: Call) -> Answer:
    """About 250 kB of gzip that unpack to 256 MB."""
    return Answer(200, [HTML, ("Content-Encoding", "gzip")], gzip_of_zeros())


@resource("deflate-bomb", Reason.TOO_LARGE)
def deflate_bomb(call: Call) -> Answer:
    """The same as deflate."""
    return Answer(200, [HTML, ("Content-Encoding", "deflate")], zlib_of_zeros())


@resource("gzip-twice-bomb", Reason.TOO_LARGE, Reason.UNREADABLE)
def gzip_twice_bomb(call: Call) -> Answer:
    """The same, compressed twice: less than a kilobyte on the wire."""
    return Answer(200, [HTML, ("Content-Encoding", "gzip, gzip")], gzip.compress(gzip_of_zeros(), mtime=0))


@resource("gzip-cut", Reason.PARTIAL_BODY, Reason.UNREADABLE, Reason.FETCH_ERROR)
def gzip_cut(call: Call) -> Answer:
    """Gzip that ends in the middle, with a matching Content-Length."""
    packed = gzip.compress(story("gzip-cut").encode(), mtime=0)
    return Answer(200, [HTML, ("Content-Encoding", "gzip")], packed[: len(packed) // 2])


@resource("gzip-lie", Reason.UNREADABLE, Reason.FETCH_ERROR, document=True)
def gzip_lie(call: Call) -> Answer:
    """States gzip but sends plain HTML: browsers fail, crawlers may extract it."""
    return Answer(200, [HTML, ("Content-Encoding", "gzip")], story("gzip-lie").encode())


@resource("unknown-coding", Reason.UNREADABLE, Reason.FETCH_ERROR, Reason.NOT_HTML)
def unknown_coding(call: Call) -> Answer:
    """An unknown Content-Encoding."""
    return Answer(200, [HTML, ("Content-Encoding", "x-steppe")], zlib.compress(story("unknown-coding").encode()))


@resource("cookie-flood", Reason.FETCH_ERROR, Reason.CONNECT_ERROR, document=True)
def cookie_flood(call: Call) -> Answer:
    """An article with 200 cookies."""
    answer = page("cookie-flood")
    answer.headers += [("Set-Cookie", f"track{n}={'v' * 200}; Path=/") for n in range(200)]
    return answer
