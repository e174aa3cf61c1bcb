"""Search every byte of a store for a text, however it is packed and written."""

import contextlib
import gzip
import html
import io
import json
import re
import zlib
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from storage.captures.decode import decode
from storage.captures.redact import members
from storage.objects import ObjectStore

ENCODING = re.compile(rb"^Content-Encoding: *([^\r\n]*)", re.MULTILINE | re.IGNORECASE)
CHARSETS = ("utf-8", "windows-1251", "utf-16")
TAG = re.compile(r"<[^<>]*>")


def places(store: ObjectStore, text: str) -> list[str]:
    """Return the objects in which a text stands: packed, encoded, escaped or between tags; also unfinished ones."""
    found = [
        info.key for info in store.list("") if any(holds(form, text) for form in forms(info.key, store.get(info.key)))
    ]
    root = getattr(store, "root", None)
    if root is not None:
        found += [str(path) for path in (root / ".tmp").glob("*") if holds(path.read_bytes(), text)]
    return found


def holds(data: bytes, text: str) -> bool:
    """Return whether bytes hold a text, in any of the usual ways to write one."""
    if text.encode() in data:
        return True
    for charset in CHARSETS:
        with contextlib.suppress(UnicodeDecodeError):
            written = data.decode(charset)
            for _ in range(2):
                written = html.unescape(_unescaped(written))
            if text in written or text in " ".join(TAG.sub(" ", written).split()):
                return True
    return False


def forms(key: str, data: bytes) -> Iterator[bytes]:
    """Yield the bytes of an object as they are, and unpacked."""
    yield data
    if key.endswith(".warc.gz"):
        for member in members(data, key):
            yield member.record
            head, _, body = member.record.partition(b"\r\n\r\n")[2].partition(b"\r\n\r\n")
            if found := ENCODING.search(head):
                yield decode(body.removesuffix(b"\r\n\r\n"), found[1].decode(), 64 << 20)[0]
    elif key.endswith(".gz"):
        with contextlib.suppress(OSError, EOFError, zlib.error):
            yield gzip.decompress(data)
    elif key.endswith(".parquet"):
        with contextlib.suppress(pa.ArrowException):
            file = pq.ParquetFile(io.BytesIO(data))
            yield json.dumps(file.read().to_pylist(), default=str, ensure_ascii=False).encode()
            yield repr((file.metadata.to_dict(), file.schema_arrow.metadata)).encode()


def _unescaped(text: str) -> str:
    """Undo the escapes of JSON."""
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
    return text.replace("\\/", "/").replace('\\"', '"')
