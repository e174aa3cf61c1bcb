"""Exchanges and segments for the tests."""

from datetime import UTC, datetime, timedelta

from storage.captures.segments import (
    SegmentLimits,
    SegmentWriter,
)
from storage.captures.warc import Exchange, WarcInfo, http_head

NOON = datetime(2026, 11, 1, 12, 0, 0, 123456, UTC)
ABOUT = WarcInfo("crawl-1", "any", "irtysh/test", "irtysh (+mailto:tester@example.org)", "obey", "tester")
KEY = "captures/example.org/2026/11/01/crawl-1-00000.warc.gz"
HEAD = http_head(b"HTTP/1.1 200 OK", [(b"Content-Type", b"text/html; charset=utf-8"), (b"ETag", b'"x"')])


def exchange(number=0, body=b"<p>A page of our own.</p>", **changes):
    fields = {
        "url": f"https://example.org/{number}",
        "fetched": NOON + timedelta(seconds=number),
        "request": http_head(b"GET /%d HTTP/1.1" % number, [(b"Host", b"example.org")]),
        "head": HEAD,
        "body": body,
    }
    return Exchange(**(fields | changes))


def written(tmp_path, *members, about=ABOUT):
    writer = SegmentWriter(tmp_path, "example.org", about, SegmentLimits())
    for member in members:
        writer.append(member, NOON)
    segment = writer.close()
    return segment, segment.path.read_bytes()
