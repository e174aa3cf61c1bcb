"""Build WARC/1.1 records as bytes: pure functions that may run in a thread pool, outside the reactor.

Each record is one gzip member, so every WARC tool can read the file, and a reader can start at a member's offset.
Record ids are derived from the content and are never random: the same exchange gives the same record. Its compressed
bytes may differ, because isal's matches depend on earlier memory contents (measured: one member in 1,800).
The standard is ISO 28500:2017. The fields `Irtysh-…` are extensions, which it allows.
"""

import base64
import hashlib
import json
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from isal import igzip

from articles.model import Discovery, Purpose, Reason, Right

RECORD_ID_NAMESPACE = uuid.UUID("6f1d2f0e-5d0b-5f0a-9a53-0d9f3c9c8b11")  # of record ids, which are UUIDs of version 5
FAILURE_TYPE = "application/vnd.irtysh.failure+json"
COMPRESSION_LEVEL = 2  # of isal; docs/measurements.md §3: a 174 kB page in 0.28 ms, with zlib-6 in 2.86 ms
MAX_RIGHTS_BYTES = 8 << 10  # in the head of a record; WARC readers limit heads to 32 KiB and more
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]+")
HEADER_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110 §5.6.2


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP exchange, as close to the bytes on the wire as the client provides."""

    url: str
    fetched: datetime  # aware; when the response was complete
    request: bytes  # request line, header fields, blank line, body; empty where unknown
    head: bytes  # status line and header fields, see `http_head`
    body: bytes  # chunks joined, content encoding not undone
    ip: str = ""  # of the server
    truncated: str = ""  # "length", "time", "disconnect", "unspecified" or empty
    purpose: Purpose = Purpose.PAGE
    origin: str = ""  # of an imported record: its own record id
    discovery: Discovery | None = None
    rendered: bool = False  # the body is the page as a browser rendered it, not the bytes on the wire
    site_rights: tuple[Right, ...] = ()  # what the site's robots.txt and tdmrep.json say of the URL


@dataclass(frozen=True, slots=True)
class FetchFailure:
    """A request that got no response."""

    url: str
    fetched: datetime
    reason: Reason
    detail: str
    purpose: Purpose = Purpose.PAGE
    discovery: Discovery | None = None


@dataclass(frozen=True, slots=True)
class WarcInfo:
    """Description of a run, in the first record of each segment."""

    run: str
    topic: str  # topic that the crawl asked for
    software: str  # "irtysh/0.1.0"
    user_agent: str = ""
    robots: str = ""  # "obey" or "ignore"; empty if another program crawled
    operator: str = ""  # contact of the person or organisation responsible for the crawl
    reserved_use: str = ""  # pages whose publishers reserve this use become no documents; empty: that is only recorded


def http_head(start_line: bytes, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return a start line and header fields with their final blank line.

    Line breaks inside a value become blanks. `Transfer-Encoding` is removed, because the body's chunks are joined.
    """
    lines = [re.sub(rb"[\r\n]+", b" ", start_line)]
    lines += [
        name + b": " + re.sub(rb"[\r\n]+\s*", b" ", value)
        for name, value in headers
        if HEADER_NAME.fullmatch(name) and name.lower() != b"transfer-encoding"
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def exchange_member(exchange: Exchange, about: WarcInfo) -> bytes:
    """Return the gzip members of a response and, if known, of its request."""
    digest = hashlib.sha256(exchange.body).digest()
    identity = (about.run, exchange.url, exchange.fetched.isoformat(), exchange.origin, digest.hex(), exchange.purpose)
    response_id = _record_id("response", *identity)
    response = _member(
        "response",
        response_id,
        exchange.fetched,
        {
            "WARC-Target-URI": exchange.url,
            "WARC-IP-Address": exchange.ip,
            "WARC-Payload-Digest": "sha256:" + base64.b32encode(digest).decode(),
            "WARC-Truncated": exchange.truncated,
            "Irtysh-Topic": about.topic,
            "Irtysh-Purpose": exchange.purpose.value,
            "Irtysh-Origin": exchange.origin,
            "Irtysh-Rendered": "yes" if exchange.rendered else "",
            "Irtysh-Site-Rights": _rights(exchange.site_rights),
            "Irtysh-Reserved-Use": about.reserved_use if exchange.purpose.article else "",
            **_discovery(exchange.discovery),
            "Content-Type": "application/http; msgtype=response",
        },
        exchange.head + exchange.body,
    )
    if not exchange.request:
        return response
    return response + _member(
        "request",
        _record_id("request", *identity),
        exchange.fetched,
        {
            "WARC-Target-URI": exchange.url,
            "WARC-Concurrent-To": f"<{response_id}>",
            "Content-Type": "application/http; msgtype=request",
        },
        exchange.request,
    )


def failure_member(failure: FetchFailure, about: WarcInfo) -> bytes:
    """Return the gzip member of a failure: a metadata record with a JSON payload."""
    block = json.dumps({"reason": failure.reason.value, "detail": failure.detail}).encode()
    identity = (about.run, failure.url, failure.fetched.isoformat(), failure.reason, failure.detail, failure.purpose)
    return _member(
        "metadata",
        _record_id("failure", *identity),
        failure.fetched,
        {
            "WARC-Target-URI": failure.url,
            "Irtysh-Topic": about.topic,
            "Irtysh-Purpose": failure.purpose.value,
            **_discovery(failure.discovery),
            "Content-Type": FAILURE_TYPE,
        },
        block,
    )


def info_member(about: WarcInfo, outlet: str, name: str, opened: datetime) -> bytes:
    """Return the gzip member of a warcinfo record, the first record of a segment."""
    fields = {
        "software": about.software,
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "isPartOf": about.run,
        "irtysh-outlet": outlet,
        "irtysh-topic": about.topic,
        "http-header-user-agent": about.user_agent,
        "robots": about.robots,
        "operator": about.operator,
    }
    return _member(
        "warcinfo",
        _record_id("warcinfo", about.run, outlet, name),
        opened,
        {"WARC-Filename": name, "Content-Type": "application/warc-fields"},
        _fields(fields),
    )


def _discovery(found: Discovery | None) -> dict[str, str]:
    if found is None:
        return {}
    return {"Irtysh-Source": found.source, "Irtysh-Found-In": found.url, "Irtysh-Found-Date": found.date}


def _rights(found: tuple[Right, ...]) -> str:
    """Return statements as one line of JSON in ASCII, at most `MAX_RIGHTS_BYTES` long; empty if there are none."""
    kept: list[list[str]] = []
    size = 0
    for right in found:
        size += len(json.dumps([right.kind, right.value, right.where])) + 2
        if size > MAX_RIGHTS_BYTES:
            break
        kept.append([right.kind, right.value, right.where])
    return json.dumps(kept) if kept else ""


def _record_id(kind: str, *identity: str) -> str:
    name = (
        "\n".join((kind, *identity)).encode("utf-8", "backslashreplace").decode()
    )  # a URL may hold half a surrogate pair
    return uuid.uuid5(RECORD_ID_NAMESPACE, name).urn


def _member(kind: str, record_id: str, date: datetime, fields: dict[str, str], block: bytes) -> bytes:
    head = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<{record_id}>",
        "WARC-Date": date.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        **fields,
        "Content-Length": str(len(block)),
    }
    record = b"".join((b"WARC/1.1\r\n", _fields(head), b"\r\n", block, b"\r\n\r\n"))
    return igzip.compress(record, COMPRESSION_LEVEL, mtime=0)


def _fields(fields: dict[str, str]) -> bytes:
    lines = [f"{name}: {CONTROL_CHARACTERS.sub(' ', value)}\r\n" for name, value in fields.items() if value]
    return "".join(lines).encode("utf-8", "backslashreplace")
