"""Which rows of a snapshot a user asked for, and what the view says of each."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from articles.history.view import DocumentView, Sighting
from articles.model import Relevance, Version
from storage.captures.segments import parse_key
from storage.snapshots.contents import SnapshotContents
from storage.tables.schemas import INSTANT, SCHEMAS

VIEW_FIELDS = [
    pa.field("version", pa.int32()),
    pa.field("first_seen", INSTANT),
    pa.field("last_seen", INSTANT),
    pa.field("gone", pa.bool_()),  # the document was seen, and is not there any more
    pa.field("cluster_id", pa.string()),  # the document that stands for all that say the same
    pa.field("representative", pa.bool_()),  # whether it is that document
    pa.field("cluster_source", pa.string()),  # the agency or outlet that their text comes from; empty if none says so
    pa.field("cluster_first", pa.string()),  # the document of them that was published first
]
SCHEMA = pa.schema([*SCHEMAS["documents"], *VIEW_FIELDS])


_CAPTURE: Mapping[str, Callable[[Sighting], Any]] = {
    "captured": lambda shown: shown.fetched,
    "capture_key": lambda shown: shown.ref.key,
    "capture_offset": lambda shown: shown.ref.offset,
    "capture_record_id": lambda shown: shown.ref.record_id,
    "run": lambda shown: parse_key(shown.ref.key)[1],
}


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a snapshot is wanted. Without more: the newest text of each accepted document that stands for its cluster."""

    langs: frozenset[str] = frozenset()  # empty: all
    all_versions: bool = False
    with_duplicates: bool = False
    with_review: bool = False  # what fell a little short of its topic too
    topic_min: float = 0.0  # the least score


@dataclass(frozen=True, slots=True)
class SelectedRow:
    """One row of what is handed out. Times are the document's or, where all versions are wanted, the version's."""

    document_id: str
    version: int
    first_seen: datetime
    last_seen: datetime
    gone: bool
    cluster_id: str
    representative: bool
    cluster_source: str
    cluster_first: str
    shown: Sighting  # the first capture that showed the row


def select(
    contents: SnapshotContents, wish: Selection, without: SnapshotContents | None
) -> dict[str, list[SelectedRow]]:
    """Return the lines wanted by row id, less those that the same wish finds in `without`, an earlier snapshot.

    A text that came back after another is one row and two lines.
    """
    known: set[tuple[str, str]] = set()
    if without is not None:
        known = {_identity(without, standing, version) for standing, version in _wanted(without, wish)}
    found: defaultdict[str, list[SelectedRow]] = defaultdict(list)
    for standing, version in _wanted(contents, wish):
        if _identity(contents, standing, version) not in known:
            found[version.row_id].append(_line(standing, version, wish, contents.view.shown[version.row_id]))
    return dict(found)


def annotate(rows: pa.Table, lines: Mapping[str, list[SelectedRow]]) -> pa.Table:
    """Return those of some rows of `documents` that are wanted, with the columns of the view: `SCHEMA`.

    A row names the capture that was processed first; what is handed out names the one that was made first, so that it
    does not depend on the order of processing.
    """
    places: list[int] = []
    told: list[SelectedRow] = []
    for place, row_id in enumerate(rows.column("row_id").to_pylist()):
        for line in lines.get(row_id, ()):
            places.append(place)
            told.append(line)
    found = rows.take(pa.array(places, pa.int64()))
    for field in VIEW_FIELDS:
        values: list[Any] = [getattr(line, field.name) for line in told]
        found = found.append_column(field, pa.array(values, field.type))
    for name, value in _CAPTURE.items():
        column = pa.array([value(line.shown) for line in told], SCHEMA.field(name).type)
        found = found.set_column(SCHEMA.get_field_index(name), SCHEMA.field(name), column)
    return found


def _identity(contents: SnapshotContents, standing: DocumentView, version: Version) -> tuple[str, str]:
    return standing.head.document_id, contents.labels[version.row_id].version_key


def _wanted(contents: SnapshotContents, wish: Selection) -> Iterator[tuple[DocumentView, Version]]:
    for standing in contents.view.documents.values():
        label = contents.labels[standing.head.row_id]
        if wish.langs and label.lang not in wish.langs:
            continue
        if label.score < wish.topic_min or (label.verdict is Relevance.REVIEW and not wish.with_review):
            continue
        if not wish.with_duplicates and not standing.representative:
            continue
        texts = [version for version in standing.versions if not version.gone]  # a tombstone has no text of its own
        for version in texts if wish.all_versions else texts[-1:]:
            yield standing, version


def _line(standing: DocumentView, version: Version, wish: Selection, shown: Sighting) -> SelectedRow:
    times = version if wish.all_versions else standing
    return SelectedRow(
        document_id=standing.head.document_id,
        version=version.number,
        first_seen=times.first_seen,
        last_seen=times.last_seen,
        gone=standing.gone,
        cluster_id=standing.cluster_id,
        representative=standing.representative,
        cluster_source=standing.origin.source,
        cluster_first=standing.origin.first,
        shown=shown,
    )
