"""Read the capture of a document from the store, for its page in the browser."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from articles.errors import InputError
from articles.model import Capture, CaptureRef
from articles.page.decoding import decode
from flows.display.explanation_page import render
from flows.processing.limited_pages import PageReader
from flows.processing.sites import Sites
from storage.captures.reader import CaptureReader
from storage.objects import ObjectStore


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page as it was fetched."""

    url: str
    fetched: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    source: str  # the body as text, to show


class StoredPages:
    """Reads captures in a process with limits, one after the other."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def read(self, row: Mapping[str, Any]) -> StoredPage:
        """Return the page of a document's capture. InputError if it cannot be read."""
        found = self._capture(row)
        kind = next((value for name, value in found.headers if name.lower() == "content-type"), "")
        decoded = decode(found.body, kind)
        body = found.body if isinstance(decoded, str) else decoded.source  # a str says why it is unreadable
        source = body.decode(errors="replace")
        return StoredPage(found.url, found.fetched, found.status, found.headers, found.body, source)

    def explain(self, row: Mapping[str, Any]) -> str:
        """Return the HTML page that explains each block of a document's capture. InputError if it cannot be read."""
        found = self._capture(row)
        with PageReader() as reader:
            explanation = reader.explanation(found, Sites(self._store, "").of(found.url))
        return render(explanation, [f"fetched {found.fetched:%Y-%m-%d %H:%M:%S} UTC, HTTP status {found.status}"])

    def _capture(self, row: Mapping[str, Any]) -> Capture:
        place = CaptureRef(row["capture_key"], row["capture_offset"], row["capture_record_id"])
        with CaptureReader() as reader:
            found = reader.record(self._store, place)
        if not isinstance(found, Capture):
            raise InputError(f"{row['url']} has a capture that cannot be read")
        return found
