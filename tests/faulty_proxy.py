"""A TCP proxy that misbehaves on purpose, in front of an S3 server: each fault of `Fault` for the requests that a plan names."""

import contextlib
import http.client
import io
import socket
import socketserver
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from enum import StrEnum
from urllib.parse import urlsplit

MAX_HEAD_BYTES = 65_536
SLOW_PAUSE_SECONDS = 0.01
BLOCKS_OF_SLOW_ANSWER = 4
ERROR = "<?xml version='1.0'?><Error><Code>{code}</Code><Message>the proxy says so</Message></Error>"


class Fault(StrEnum):
    """What the proxy does to a request or its answer."""

    REFUSED = "refused"  # the connection is reset before an answer
    RESET_IN_PUT = "reset in PUT"  # after half of the request's body
    RESET_IN_GET = "reset in GET"  # after half of the answer's body
    TRUNCATED = "truncated"  # the answer ends in its middle
    FLIPPED = "flipped"  # a bit of the answer's body
    FLIPPED_PUT = "flipped in PUT"  # a bit of the request's body
    ERROR_500 = "500"
    SLOW_DOWN = "SlowDown"
    LOST_ANSWER = "lost answer"  # the server has done what was asked
    CONFLICT = "409"
    SLOW = "slow"
    SILENT = "silent"  # no answer until the client gives up


ANSWERS = {
    Fault.ERROR_500: (500, "InternalError"),
    Fault.SLOW_DOWN: (503, "SlowDown"),
    Fault.CONFLICT: (409, "ConditionalRequestConflict"),
}
OF_PUT = frozenset({Fault.RESET_IN_PUT, Fault.FLIPPED_PUT, Fault.CONFLICT, Fault.LOST_ANSWER})
OF_GET = frozenset({Fault.RESET_IN_GET, Fault.TRUNCATED, Fault.FLIPPED})
Plan = Callable[[str, str], Fault | None]  # of a method and a path


class FaultyProxy(socketserver.ThreadingTCPServer):
    """Forwards requests to a server, except those that `plan` names a fault for."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, endpoint: str) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        parts = urlsplit(endpoint)
        self.upstream = parts.hostname or "", parts.port or 80
        self.plan: Plan = lambda _method, _path: None
        self.done: Counter[Fault] = Counter()
        self.closing = threading.Event()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that break off are what is tested."""


@contextlib.contextmanager
def faulty(endpoint: str) -> Iterator[FaultyProxy]:
    """Start a proxy in front of a server."""
    with FaultyProxy(endpoint) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.closing.set()
            proxy.shutdown()


class _Connection(socketserver.StreamRequestHandler):
    server: FaultyProxy

    def handle(self) -> None:
        while (head := self._head()) and self._serve(*head):
            pass

    def _head(self) -> tuple[bytes, http.client.HTTPMessage] | None:
        first = self.rfile.readline(MAX_HEAD_BYTES)
        return (first, http.client.parse_headers(self.rfile)) if first.strip() else None

    def _serve(self, first: bytes, headers: http.client.HTTPMessage) -> bool:
        """Answer one request. Return whether the connection stays open."""
        method, path, _ = first.decode("latin-1").split(" ", 2)
        fault = self.server.plan(method, path)
        if fault is not None:
            self.server.done[fault] += 1
        if fault is Fault.REFUSED:
            return self._reset()
        if headers.get("Expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        size = int(headers.get("Content-Length", "0"))
        if fault is Fault.RESET_IN_PUT:
            self.rfile.read(size // 2)
            return self._reset()
        body = self.rfile.read(size)
        if fault is Fault.SILENT:
            self.server.closing.wait(60)
            return False
        if fault in ANSWERS:
            status, code = ANSWERS[fault]
            self._answer(status, [], ERROR.format(code=code).encode(), method)
            return True
        if fault is Fault.FLIPPED_PUT:
            body = _flipped(body)
        status, answer_headers, answer = self._forward(first, headers, body, method)
        if fault is Fault.LOST_ANSWER:
            return self._reset()
        if fault is Fault.FLIPPED:
            answer = _flipped(answer)
        elif fault in {Fault.TRUNCATED, Fault.RESET_IN_GET}:
            self._answer(status, answer_headers, answer, method, sent=len(answer) // 2)
            return self._reset() if fault is Fault.RESET_IN_GET else False
        self._answer(status, answer_headers, answer, method, slow=fault is Fault.SLOW)
        return True

    def _forward(
        self, first: bytes, headers: http.client.HTTPMessage, body: bytes, method: str
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        lines = [
            f"{name}: {value}\r\n" for name, value in headers.items() if name.lower() not in {"expect", "connection"}
        ]
        with socket.create_connection(self.server.upstream, timeout=30) as upstream:
            upstream.sendall(first + "".join(lines).encode("latin-1") + b"Connection: close\r\n\r\n" + body)
            answer = http.client.HTTPResponse(upstream, method=method)
            answer.begin()
            return answer.status, answer.getheaders(), answer.read()

    def _answer(
        self,
        status: int,
        headers: list[tuple[str, str]],
        body: bytes,
        method: str,
        sent: int | None = None,
        *,
        slow: bool = False,
    ) -> None:
        out = io.StringIO(newline="")
        out.write(f"HTTP/1.1 {status} {http.client.responses.get(status, '')}\r\n")
        own = {"transfer-encoding", "connection", *(() if method == "HEAD" else ("content-length",))}
        for name, value in headers:
            if name.lower() not in own:
                out.write(f"{name}: {value}\r\n")
        if method != "HEAD":
            out.write(f"Content-Length: {len(body)}\r\n")
        self.wfile.write(out.getvalue().encode("latin-1") + b"\r\n")
        step = max(1, len(body) // BLOCKS_OF_SLOW_ANSWER) if slow else max(1, len(body))
        whole = body[:sent]
        for start in range(0, len(whole), step):
            if slow:
                time.sleep(SLOW_PAUSE_SECONDS)
            self.wfile.write(whole[start : start + step])
        self.wfile.flush()

    def _reset(self) -> bool:
        """Close the connection by a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        return False


def _flipped(body: bytes) -> bytes:
    middle = len(body) // 2
    return body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :] if body else body
