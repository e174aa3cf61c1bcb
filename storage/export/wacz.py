"""Write the captures of a snapshot as a WACZ file (Web Archive Collection Zipped, version 1.1.1), which ReplayWeb.page opens."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastwarc.warc import ArchiveIterator, WarcRecordType

from articles.errors import UsageError
from storage.captures.records import parse_key
from storage.objects import ObjectStore

WACZ_VERSION = "1.1.1"
PAGES_HEAD = {"format": "json-pages-1.0", "id": "pages", "title": "All pages"}
PAGE_PURPOSES = frozenset(("page", ""))
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)  # of every member, so that the same captures give the same bytes
OK_STATUS = 200


@dataclass(slots=True)
class _Response:
    """A response of a segment, as its index and its list of pages name it."""

    url: str
    date: datetime
    status: int
    mime: str
    digest: str
    offset: int
    is_page: bool
    length: int = 0


@dataclass(frozen=True, slots=True)
class WaczReport:
    """What was written."""

    segments: int
    pages: int


def write_wacz(
    store: ObjectStore,
    keys: Iterable[str],
    dest: Path,
    *,
    title: str,
    created: datetime,
    progress: Callable[[int], None],
) -> WaczReport:
    """Write the segments under `keys` as one WACZ file, with an index and a list of pages. UsageError if it exists."""
    resources: list[dict[str, Any]] = []
    index: list[str] = []
    pages: list[str] = [json.dumps(PAGES_HEAD)]
    segments = 0
    try:
        file = dest.open("xb")
    except FileExistsError as error:
        raise UsageError(f"{dest} exists; nothing was written. Name another file") from error
    except OSError as error:
        raise UsageError(f"cannot write {dest}: {error.strerror}") from error
    try:
        with file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for segments, key in enumerate(sorted(keys), start=1):
                data = store.get(key)
                name = f"{parse_key(key)[0]}-{key.rpartition('/')[2]}"
                _add(archive, resources, f"archive/{name}", data)
                for found in _responses(data):
                    index.append(_index_line(found, name))
                    if found.is_page:
                        pages.append(
                            json.dumps({"url": found.url, "ts": f"{found.date.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"})
                        )
                progress(segments)
            _add(archive, resources, "indexes/index.cdx", "".join(sorted(index)).encode())
            _add(archive, resources, "pages/pages.jsonl", ("\n".join(pages) + "\n").encode())
            package = {
                "profile": "data-package",
                "wacz_version": WACZ_VERSION,
                "title": title,
                "created": f"{created.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
                "software": "irtysh",
                "resources": resources,
            }
            described = json.dumps(package, indent=1, ensure_ascii=False).encode()
            _add(archive, resources, "datapackage.json", described)
            digest = {"path": "datapackage.json", "hash": "sha256:" + hashlib.sha256(described).hexdigest()}
            _add(archive, resources, "datapackage-digest.json", json.dumps(digest).encode())
    except BaseException:
        dest.unlink(missing_ok=True)  # half a file is of no use
        raise
    return WaczReport(segments, len(pages) - 1)


def _add(archive: zipfile.ZipFile, resources: list[dict[str, Any]], path: str, data: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(path, ZIP_EPOCH), data)
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    resources.append({"name": path.rpartition("/")[2], "path": path, "hash": digest, "bytes": len(data)})


def _responses(data: bytes) -> Iterator[_Response]:
    """Yield the responses of a segment, each with the length of its gzip member."""
    last: _Response | None = None
    for record in ArchiveIterator(io.BytesIO(data), record_types=WarcRecordType.any_type):
        if last is not None:
            last.length = record.stream_pos - last.offset
            yield last
        last = None
        if record.record_type != WarcRecordType.response or record.http_headers is None or record.record_date is None:
            continue
        status = int(record.http_headers.status_code or 0)
        mime = (record.http_headers.get("Content-Type", "") or "").partition(";")[0].strip().lower()
        is_page = status == OK_STATUS and (record.headers.get("Irtysh-Purpose") or "") in PAGE_PURPOSES
        last = _Response(
            url=record.headers.get("WARC-Target-URI") or "",
            date=record.record_date,
            status=status,
            mime=mime or "unk",
            digest=record.headers.get("WARC-Payload-Digest") or "",
            offset=record.stream_pos,
            is_page=is_page,
        )
    if last is not None:
        last.length = len(data) - last.offset
        yield last


def _index_line(found: _Response, name: str) -> str:
    facts = {
        "url": found.url,
        "mime": found.mime,
        "status": str(found.status),
        "digest": found.digest,
        "length": str(found.length),
        "offset": str(found.offset),
        "filename": name,
    }
    return f"{_sort_key(found.url)} {found.date.astimezone(UTC):%Y%m%d%H%M%S} {json.dumps(facts, ensure_ascii=False)}\n"


def _sort_key(url: str) -> str:
    """Return a URL in the order of an index: its host reversed (SURT), in lower case."""
    parts = urlsplit(url.lower())
    host = ",".join(reversed((parts.hostname or "").removeprefix("www.").split(".")))
    port = f":{parts.port}" if parts.port else ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{host}{port}){parts.path or '/'}{query}".replace(" ", "%20")
