"""The newest capture of a URL in a snapshot, and what it became."""

from dataclasses import dataclass
from http import HTTPStatus

import pyarrow as pa
import pyarrow.compute as pc

from articles.errors import InputError
from articles.model import Capture, Failure, Purpose
from articles.url import article_id, canonicalize
from storage.captures import segments
from storage.objects import ObjectStore
from storage.tables import packs, schemas
from storage.tables.rows import capture_ref
from storage.tables.state import State

FETCH_COLUMNS = (
    "url", "article_id", "fetched", "status", "reason", "detail", "purpose",
    "capture_key", "capture_offset", "capture_record_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundCapture:
    """A capture of a page, and what it became when the snapshot was made."""

    capture: Capture
    became: str


def newest_capture(store: ObjectStore, state: State, url: str) -> FoundCapture | None:
    """Return the newest capture of a page, by its URL or its canonical URL in any spelling; None if there is none.

    A redirect and a "not modified" say nothing of the page, so that an older answer is preferred to them. InputError
    says what came of a URL that was asked for and never answered.
    """
    wanted = pa.array(sorted(_addresses_of(store, state, url)), pa.string())
    found: list[schemas.Row] = []
    for ref in state.live("fetches"):
        fetches = packs.read(store, ref, FETCH_COLUMNS)
        found += fetches.filter(pc.is_in(fetches["article_id"], wanted)).to_pylist()
    pages = [row for row in found if Purpose(row["purpose"]).article]
    if not pages:
        return None
    newest = max(pages, key=lambda row: (_tells(row["status"]), row["fetched"], row["capture_offset"]))
    place = capture_ref(newest)
    capture = segments.read_record(store, place)
    if isinstance(capture, Failure):
        at = f"{capture.fetched:%Y-%m-%d %H:%M} UTC"
        raise InputError(
            f"{url} was asked for, last on {at}, and gave no page: {capture.reason} {capture.detail}".strip()
        )
    rejected = f"rejected, {newest['reason']} {newest['detail']}".strip()
    return FoundCapture(capture, rejected if newest["reason"] else "kept")


def _tells(status: int) -> int:
    """Rank what a status says of a page: an answer or an error, then redirects, then no response at all."""
    if status == 0:
        return 0
    return 1 if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST else 2


def _addresses_of(store: ObjectStore, state: State, url: str) -> set[str]:
    """Return the keys under which a page was fetched: a URL's own, and those of pages that name it as canonical."""
    asked = article_id(canonicalize(url))
    keys = {asked}
    for ref in state.live("documents"):
        heads = packs.read(store, ref, ("article_id", "url"))
        told = heads.filter(pc.equal(heads["article_id"], asked))["url"].to_pylist()
        keys.update(article_id(canonicalize(one)) for one in told)
    return keys
