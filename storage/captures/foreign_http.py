"""Split the block of another program's record into status line, header fields and body.

Heads may end their lines with LF alone, fold a field over several lines, or hold lines that are no fields.
"""

import re

from fastwarc.warc import WarcRecord

from articles.errors import CaptureError
from storage.captures.decode import unchunk
from storage.captures.records import MAX_BODY_BYTES, MAX_HEADER_FIELDS
from storage.captures.salvage import MAX_HEAD_BYTES

HEAD_END = re.compile(rb"\r?\n\r?\n")
STATUS_LINE = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+\d{3}\b[^\r\n]*", re.IGNORECASE)
FOLD = re.compile(rb"\r?\n[ \t]+")  # obs-fold, RFC 9112 §5.2
Fields = tuple[tuple[bytes, bytes], ...]


def http_of(record: WarcRecord) -> tuple[bytes, Fields, bytes]:
    """Return the status line, the header fields and the body of a record that FastWARC has not parsed. Chunks are joined.

    The body is at most one byte longer than `MAX_BODY_BYTES`. Raises CaptureError if the record holds no HTTP response, only
    a part of one, or too many fields.
    """
    length = record.content_length
    block = record.reader.read(MAX_HEAD_BYTES + MAX_BODY_BYTES + 1)
    if len(block) < min(length, MAX_HEAD_BYTES + MAX_BODY_BYTES + 1):
        raise CaptureError(f"record {record.record_id} is truncated")
    block = block.lstrip(b"\r\n")
    if not STATUS_LINE.match(block):
        raise CaptureError(f"record {record.record_id} holds no HTTP response")
    end = HEAD_END.search(block, 0, MAX_HEAD_BYTES)
    head, body = (block[: end.start()], block[end.end() :]) if end else (block.rstrip(b"\r\n"), b"")
    if end is None and len(head) > MAX_HEAD_BYTES:
        raise CaptureError(f"record {record.record_id}: the head of the response has over {MAX_HEAD_BYTES} bytes")
    status_line, *lines = FOLD.sub(b" ", head).splitlines()
    if len(lines) > MAX_HEADER_FIELDS:
        raise CaptureError(f"the response has over {MAX_HEADER_FIELDS} header fields")
    fields = tuple(
        (name.strip(), value.strip()) for name, colon, value in (one.partition(b":") for one in lines) if colon
    )
    body = body[: MAX_BODY_BYTES + 1]
    if any(name.lower() == b"transfer-encoding" and b"chunked" in value.lower() for name, value in fields):
        body = unchunk(body, MAX_BODY_BYTES)
    return status_line, fields, body
