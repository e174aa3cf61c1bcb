"""Find the newest capture of a URL in a snapshot, and what became of it."""

from dataclasses import dataclass
from http import HTTPStatus

import pyarrow as pa
import pyarrow.compute as pc

from articles.errors import InputError
from articles.model import Capture, Failure, Purpose
from articles.url import article_id, canonicalize
from storage.captures.reader import CaptureReader
from storage.captures.records import RefusedCapture
from storage.objects import ObjectStore
from storage.snapshots import lookup_layers
from storage.tables import packs, schemas
from storage.tables.rows import capture_ref
from storage.tables.state import State

FETCH_COLUMNS = (
    "url", "article_id", "fetched", "status", "reason", "detail", "purpose",
    "capture_key", "capture_offset", "capture_record_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundCapture:
    """A capture of a page, and what processing made of it."""

    capture: Capture
    became: str  # "kept", or "rejected, " with the reason


def newest_capture(store: ObjectStore, state: State, url: str) -> FoundCapture | None:
    """Return the newest capture of a page, found by any spelling of its URL; None if there is none.

    If the URL itself was never fetched, pages that name it as their canonical URL are used.
    An older response with content is preferred to a newer redirect or "not modified". Raises InputError if there were
    only failed requests, or if reading it would cost too much.
    """
    newest = newest_fetch(store, state, url)
    if newest is None:
        return None
    place = capture_ref(newest)
    with CaptureReader() as reader:
        capture = reader.record(store, place)
    if isinstance(capture, RefusedCapture):
        raise InputError(f"{url} has a capture that cannot be read: {capture.detail}")
    if isinstance(capture, Failure):
        at = f"{capture.fetched:%Y-%m-%d %H:%M} UTC"
        raise InputError(
            f"{url} has no captured page; the last request, on {at}, failed: {capture.reason} {capture.detail}".strip()
        )
    rejected = f"rejected, {newest['reason']} {newest['detail']}".strip()
    return FoundCapture(capture, rejected if newest["reason"] else "kept")


def newest_fetch(store: ObjectStore, state: State, url: str) -> schemas.Row | None:
    """Return the row of the fetch that `newest_capture` reads, or None."""
    own_id = article_id(canonicalize(url))
    pages = _pages(store, state, {own_id}) or _pages(store, state, _claimants(store, state, own_id))
    rank = ("fetched", "capture_offset")
    return max(pages, key=lambda row: (_status_rank(row["status"]), *map(row.get, rank)), default=None)


def _pages(store: ObjectStore, state: State, wanted: set[str]) -> list[schemas.Row]:
    """Return the fetches of pages at the URLs of the given articles."""
    ids = pa.array(sorted(wanted), pa.string())
    found: list[schemas.Row] = []
    refs = state.live("fetches") if wanted else ()
    if refs and (lookups := lookup_layers.find(store, state)) is not None:
        found += (row for row in lookups.fetches(wanted) if row["article_id"] in wanted)
        later = set(lookup_layers.added(store, lookups, state))
        refs = tuple(ref for ref in refs if ref in later)
    for ref in refs:
        fetches = packs.read(store, ref, FETCH_COLUMNS)
        found += fetches.filter(pc.is_in(fetches["article_id"], ids)).to_pylist()
    return [row for row in found if Purpose(row["purpose"]).article]


def _status_rank(status: int) -> int:
    """Rank an HTTP status: 2 for content or an error, 1 for a redirect or "not modified", 0 for no response."""
    if status == 0:
        return 0
    return 1 if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST else 2


def _claimants(store: ObjectStore, state: State, own_id: str) -> set[str]:
    """Return the ids of the articles at the URLs of pages that claim to be an article."""
    keys = set()
    for ref in state.live("documents"):
        heads = packs.read(store, ref, ("canonical_url", "url"))
        for row in heads.filter(pc.not_equal(heads["canonical_url"], heads["url"])).to_pylist():
            if article_id(row["canonical_url"]) == own_id:
                keys.add(article_id(canonicalize(row["url"])))
    return keys
