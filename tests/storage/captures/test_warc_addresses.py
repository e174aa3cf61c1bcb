"""No record of a segment holds a user name or password of an address."""

from datetime import UTC, datetime

from isal import igzip

from articles.model import Discovery, Reason
from storage.captures.warc import Exchange, FetchFailure, WarcInfo, exchange_member, failure_member, http_head

NOW = datetime(2026, 11, 26, tzinfo=UTC)
ABOUT = WarcInfo("r", "any", "irtysh/test")
URL = "https://me:secret@one.example/a"


def test_addresses_in_a_record_have_no_password():
    head = http_head(
        b"HTTP/1.1 302 Found",
        [(b"Location", URL.encode()), (b"LOCATION", b"//me:secret@one.example"), (b"Link", f"<{URL}>; rel=x".encode()),
         (b"Refresh", f"0;url={URL}".encode()), (b"Content-Location", "https://m\u00e9:secret@one.example".encode())],
    )  # fmt: skip
    request = http_head(f"GET /web/{URL} HTTP/1.1".encode(), [(b"Host", b"one.example")])
    found = Discovery(f"Feed:{URL}", URL)
    member = exchange_member(Exchange(URL, NOW, request, head, b"", discovery=found), ABOUT)
    member += failure_member(
        FetchFailure(URL, NOW, Reason.BAD_URL, f"redirected to {URL}: bad", discovery=found), ABOUT
    )
    record = igzip.decompress(member)
    assert b"secret" not in record
    assert b"Location: https://one.example/a\r\n" in record
    assert b"LOCATION: //one.example\r\n" in record
    assert b"WARC-Target-URI: https://one.example/a\r\n" in record


def test_a_head_without_users_stays_as_it_is():
    fields = [
        (b"Location", b"https://one.example/@me"),
        (b"X", b"https://me:word@one.example"),
        (b"Link", b"\xff@\xfe"),
    ]
    assert http_head(b"HTTP/1.1 200 OK", fields) == (
        b"HTTP/1.1 200 OK\r\nLocation: https://one.example/@me\r\nX: https://me:word@one.example\r\nLink: \xff@\xfe\r\n\r\n"
    )
