"""A small, fast HTTP/1.1 server on asyncio. A handler returns an answer or a script for each request.

An answer is a finished response. A script is a coroutine that controls the connection itself, and may misbehave in any
way. The connection is closed after it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import cast
from urllib.parse import parse_qsl

MAX_HEAD_BYTES = 64 * 1024  # of a request; clients under test send far less
HEAD_END = b"\r\n\r\n"


@dataclass(slots=True)
class Request:
    """One request. `target` comes from the request line; `path` is the target without its query, still quoted."""

    method: str
    target: str
    headers: dict[str, str]  # names in lower case; of equal names the last one

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @property
    def host(self) -> str:
        """The Host header, port included."""
        return self.headers.get("host", "")


@dataclass(slots=True)
class Answer:
    """A finished response. Content-Length is added if the headers lack it."""

    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def encode(self, *, with_body: bool = True, close: bool = False) -> bytes:
        names = {name.lower() for name, _ in self.headers}
        lines = [status_line(self.status), *(f"{name}: {value}" for name, value in self.headers)]
        if "content-length" not in names and self.status not in {204, 304}:
            lines.append(f"Content-Length: {len(self.body)}")
        if close:
            lines.append("Connection: close")
        head = "\r\n".join(lines).encode("utf-8") + HEAD_END
        return head + self.body if with_body else head


def status_line(status: int) -> str:
    """Return the status line of a response. Unknown codes get the phrase "Unknown"."""
    known = status in {known.value for known in HTTPStatus}
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase if known else 'Unknown'}"


Script = Callable[["Connection"], Awaitable[None]]
Handler = Callable[[Request], Answer | Script]


class Connection(asyncio.Protocol):
    """Connection of one client. It supports keep-alive and pipelining, and reads nothing while a script runs."""

    def __init__(self, handler: Handler, everyone: set["Connection"]) -> None:
        self._handler = handler
        self._everyone = everyone
        self._buffer = b""
        self._skip = 0  # bytes of a request body that are still to be discarded
        self._writable = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self.transport: asyncio.Transport

    # what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._everyone.add(self)
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._everyone.discard(self)
        if self.task is not None:
            self.task.cancel()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self.task is None and not self.transport.is_closing():
            if self._skip:
                self._skip, self._buffer = self._skip - len(self._buffer[: self._skip]), self._buffer[self._skip :]
            head, separator, rest = self._buffer.partition(HEAD_END)
            if not separator:
                if len(self._buffer) > MAX_HEAD_BYTES:
                    self.finish(Answer(431))
                return
            self._buffer = rest
            self._serve(head)

    def _serve(self, head: bytes) -> None:
        request = parse(head)
        if request is None:
            self.finish(Answer(400))
            return
        self._skip = int(request.headers.get("content-length", "0"))
        result = self._handler(request)
        if isinstance(result, Answer):
            close = request.headers.get("connection", "").lower() == "close"
            self.transport.write(result.encode(with_body=request.method != "HEAD", close=close))
            if close:
                self.transport.close()
            return
        self.task = asyncio.get_running_loop().create_task(self._play(result))

    async def _play(self, script: Script) -> None:
        await script(self)
        self.transport.close()

    # what scripts call

    async def send(self, data: bytes) -> None:
        """Write raw bytes, and wait until the client has read most of them."""
        self.transport.write(data)
        await self._writable.wait()

    def finish(self, answer: Answer) -> None:
        """Write a finished answer and close."""
        self.transport.write(answer.encode(close=True))
        self.transport.close()

    def abort(self) -> None:
        """Close the connection without sending buffered data."""
        self.transport.abort()


def parse(head: bytes) -> Request | None:
    """Parse the head of a request. Return None if it is invalid."""
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/"):
        return None
    method, target, _ = words
    if target.startswith("http://"):  # the absolute form, for proxies
        target = "/" + target[len("http://") :].partition("/")[2]
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return Request(method, target, headers)


class Server:
    """Listens on loopback until it is closed. It must be started and closed in one event loop."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> int:
        """Listen on a port of 127.0.0.1 (0: a free one) and return it."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(self._handler, self._connections), "127.0.0.1", port, backlog=1024
        )
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening and close every connection, also those of scripts."""
        if self._server is not None:
            self._server.close()
        tasks = []
        for connection in tuple(self._connections):
            connection.abort()
            if connection.task is not None:
                tasks.append(connection.task)
        await asyncio.sleep(0)  # the loop then calls connection_lost, which cancels scripts
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()
