"""Result of one HTTP request: a response, whole or truncated, or the reason why there is none."""

import asyncio
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp
from aiohttp.connector import Connection

from articles.model import Purpose, Reason
from spiders.fetching.address_rules import RefusedError
from storage.captures.warc import Exchange, http_head

MAX_DETAIL_CHARS = 200  # of a library's error message
SLOW_SECONDS = 10.0  # after which a body must have arrived at
MIN_BYTES_PER_SECOND = 100  # on average; a modem of 1998 had fifty times as much
MAX_RETRY_AFTER_CHARS = 64  # an HTTP date has 29 (RFC 9110 §5.6.7)
MAX_HEAD_BYTES = 256 << 10  # of all header fields; Chromium refuses longer heads, and so do readers of WARC files
REDIRECT_STATUSES = frozenset((301, 302, 303, 307, 308))


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, whole or truncated."""

    exchange: Exchange
    status: int
    headers: tuple[tuple[bytes, bytes], ...]

    def header(self, name: bytes) -> bytes:
        """Return the first value of a header field; empty if there is none. `name` is in lower case."""
        return next((value for key, value in self.headers if key.lower() == name), b"")

    @property
    def is_page(self) -> bool:
        """Whether this is the answer of a page, and no redirect to it."""
        return self.exchange.purpose is Purpose.PAGE and self.status not in REDIRECT_STATUSES


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """A request without a response, and why."""

    reason: Reason
    detail: str
    transient: bool  # a retry may succeed


class PeerResponse(aiohttp.ClientResponse):
    """A response that keeps the server's address, which aiohttp drops with the connection."""

    peer = ""

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        """Start reading the response; called by aiohttp."""
        if connection.transport is not None:
            self.peer = str(connection.transport.get_extra_info("peername", ("",))[0])
        return await super().start(connection)


async def read_body(response: aiohttp.ClientResponse, limit: int, body: list[bytes]) -> str:
    """Append at most `limit` bytes of a body to `body`. Return why it was cut: "length", "time" or an empty string.

    A body that arrives at less than `MIN_BYTES_PER_SECOND` is cut after `SLOW_SECONDS`.
    """
    if (response.content_length or 0) > limit:
        response.close()
        return "length"
    room = limit
    clock = asyncio.get_running_loop().time
    began = clock()
    async for piece in response.content.iter_any():
        body.append(piece[:room])
        room -= len(piece)
        if room < 0:
            response.close()
            return "length"
        if (seconds := clock() - began) > SLOW_SECONDS and limit - room < seconds * MIN_BYTES_PER_SECOND:
            response.close()
            return "time"
    return ""


def head_refusal(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return why a response is not read because of the length of its header fields; empty if it is."""
    size = sum(len(name) + len(value) for name, value in headers)
    return f"{size} bytes of header fields; at most {MAX_HEAD_BYTES} are read" if size > MAX_HEAD_BYTES else ""


def answer_of(url: str, purpose: Purpose, response: "PeerResponse | None", body: bytes, truncated: str) -> Answer:
    """Build the answer from aiohttp's response. `truncated` is why the body was cut, empty if it is whole."""
    if response is None or response.version is None:
        raise AssertionError("aiohttp's responses have an HTTP version")
    sent = response.request_info.headers
    kept = [
        (name, value) for name, value in sent.items() if name.lower() != "cookie"
    ]  # the response that set it shows it
    request_line = f"{response.method} {response.url.raw_path_qs} HTTP/1.1\r\n"
    status_line = f"HTTP/{response.version.major}.{response.version.minor} {response.status} {response.reason or ''}"
    exchange = Exchange(
        url=url,
        fetched=datetime.now(UTC),
        request="".join([request_line, *(f"{name}: {value}\r\n" for name, value in kept), "\r\n"]).encode(),
        head=http_head(status_line.encode("utf-8", "replace"), response.raw_headers),
        body=body,
        ip=response.peer,
        truncated=truncated,
        purpose=purpose,
    )
    return Answer(exchange, response.status, response.raw_headers)


def explain(error: BaseException) -> NoAnswer:
    """Map an exception of aiohttp to a reason."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, RefusedError):
        return NoAnswer(cause.reason, cause.detail, transient=False)
    text = error.message if isinstance(error, aiohttp.ClientResponseError) else str(cause)
    text = next(iter(text.splitlines()), "")[:MAX_DETAIL_CHARS] or type(error).__name__
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        transient = isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_AGAIN
        return NoAnswer(Reason.DNS_ERROR, text, transient)
    if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError):
        return NoAnswer(Reason.TLS_ERROR, text, transient=False)
    if isinstance(error, aiohttp.InvalidURL):
        return NoAnswer(Reason.BAD_URL, text, transient=False)
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return NoAnswer(Reason.CONNECT_ERROR, "the server closed the connection without an answer", transient=True)
    if isinstance(error, OSError):
        return NoAnswer(Reason.CONNECT_ERROR, text, transient=True)
    return NoAnswer(Reason.FETCH_ERROR, text, transient=False)


def retry_after(value: bytes, now: datetime) -> float:
    """Return the seconds that a Retry-After field asks for, as a number or a date; 0 if it is invalid."""
    text = value.decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return float(text)  # infinite if it has over 308 digits
    try:
        date = parsedate_to_datetime(text[:MAX_RETRY_AFTER_CHARS])
        return max(0.0, ((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds())
    except (ValueError, TypeError, IndexError, OverflowError):  # a year or zone beyond those of datetime
        return 0.0
