"""Passwords in addresses reach neither events nor records, whether a list, a redirect or a page names them."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fastwarc.warc import ArchiveIterator

from tests.spiders.crawling import crawl


class Redirecting(BaseHTTPRequestHandler):
    """Redirects every page to an address with a password."""

    def do_GET(self) -> None:
        self.send_response(404 if self.path == "/robots.txt" else 302)
        self.send_header("Location", f"http://me:secret@{self.headers['Host']}/b")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is http.server's
        """Stay silent."""


@pytest.fixture
def redirecting() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Redirecting)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_password_is_neither_reported_nor_archived(tmp_path, redirecting):
    lines = (f"http://{redirecting}/a", f"http://me:secret@{redirecting}/c", "https://me:secret@[bad/")
    done = crawl(tmp_path, *lines)
    assert [event.text for event in done.of("bad_line")] == [f"http://…@{redirecting}/c", "https://…@[bad/"]
    (lost,) = done.of("failed")
    assert "user name or password" in lost.detail
    assert "secret" not in repr(done.events)
    segments = list(tmp_path.rglob("*.warc.gz"))
    assert segments
    for segment in segments:
        with segment.open("rb") as file:
            for record in ArchiveIterator(file, parse_http=False):
                assert b"secret" not in record.reader.read()
                assert "secret" not in repr(list(record.headers.items()))
