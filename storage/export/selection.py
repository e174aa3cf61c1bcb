"""Select rows of a snapshot, and add the columns of the view to them."""

from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from articles.history.versions import Version
from articles.history.view import DocumentView, Sighting
from articles.metadata.reservations import Use
from articles.model import Relevance
from storage.captures.records import parse_key
from storage.export.published import TYPED, DateRange
from storage.snapshots.contents import SnapshotContents
from storage.tables.schemas import INSTANT, SCHEMAS

VIEW_FIELDS = [
    pa.field("version", pa.int32()),
    pa.field("first_seen", INSTANT),
    pa.field("last_seen", INSTANT),
    pa.field("gone", pa.bool_()),  # the source has deleted the page
    pa.field("cluster_id", pa.string()),  # id of the document that represents the cluster
    pa.field("representative", pa.bool_()),  # whether this document represents its cluster
    pa.field("cluster_source", pa.string()),  # agency or outlet that the text comes from; empty if none is named
    pa.field("cluster_first", pa.string()),  # id of the document of the cluster that was published first
    pa.field("date_doubt", pa.string()),  # why `published` is implausible; empty if it is not
    pa.field("published_date", pa.date32()),  # `published` as values to compute with: see `storage.export.published`
    pa.field("published_at", INSTANT),
    pa.field("published_precision", pa.string()),
]
SCHEMA = pa.schema([*SCHEMAS["documents"], *VIEW_FIELDS])


IDENTITY_COLUMNS = ("document_id", "article_id", "canonical_url")
_CAPTURE_COLUMNS: Mapping[str, Callable[[Sighting], Any]] = {
    "captured": lambda shown: shown.fetched,
    "capture_key": lambda shown: shown.ref.key,
    "capture_offset": lambda shown: shown.ref.offset,
    "capture_record_id": lambda shown: shown.ref.record_id,
    "run": lambda shown: parse_key(shown.ref.key)[1],
}


@dataclass(frozen=True, slots=True)
class Selection:
    """What to select from a snapshot. Default: the newest text of each accepted document that represents its cluster."""

    langs: frozenset[str] = frozenset()  # empty: all
    all_versions: bool = False
    with_duplicates: bool = False
    with_review: bool = False  # also documents with the verdict "review"
    topic_min: float = 0.0  # minimum topic score
    purpose: Use | None = None  # a use that none of the documents' publishers may reserve
    outlets: frozenset[str] = frozenset()  # empty: all
    published: DateRange | None = None  # None: any date, also an unknown one
    query: str = ""  # terms that title or text must have; `storage.export.text_query.matching` applies it to the texts


@dataclass(frozen=True, slots=True)
class SelectedRow:
    """The view of one selected row. Times are the document's, or with `all_versions` the version's."""

    document_id: str
    article_id: str
    canonical_url: str
    version: int
    first_seen: datetime
    last_seen: datetime
    gone: bool
    cluster_id: str
    representative: bool
    cluster_source: str
    cluster_first: str
    date_doubt: str
    shown: Sighting  # the first capture that showed the row


def select(
    contents: SnapshotContents,
    selection: Selection,
    without: SnapshotContents | None,
    reserved: Container[str] = frozenset(),
) -> dict[str, list[SelectedRow]]:
    """Return the selected rows by row id, except those that `selection` also finds in the earlier snapshot `without`.

    `reserved` holds the ids of documents to leave out. If a document returned to an earlier text, one row id has two selected rows: one for each version.
    """
    known: set[tuple[str, str]] = set()
    if without is not None:
        known = {_identity(without, document, version) for document, version in _wanted(without, selection)}
    found: defaultdict[str, list[SelectedRow]] = defaultdict(list)
    for document, version in _wanted(contents, selection):
        if document.head.document_id in reserved:
            continue
        if _identity(contents, document, version) not in known:
            found[version.row_id].append(_line(document, version, selection, contents))
    return dict(found)


def annotate(rows: pa.Table, lines: Mapping[str, list[SelectedRow]]) -> pa.Table:
    """Return the selected ones of some rows of `documents`, with the columns of the view added (`SCHEMA`).

    A stored row names the capture that was processed first. The result names the earliest capture instead, so that it
    does not depend on the order of processing. Likewise, a stored row has the ids of the URL that was fetched, and the
    result has those of the article that the row belongs to.
    """
    places: list[int] = []
    selected: list[SelectedRow] = []
    for place, row_id in enumerate(rows.column("row_id").to_pylist()):
        for line in lines.get(row_id, ()):
            places.append(place)
            selected.append(line)
    found = rows.take(pa.array(places, pa.int64()))
    stated = found.column("published").to_pylist()
    for field in VIEW_FIELDS:
        typed = TYPED.get(field.name)
        values: list[Any] = (
            [typed(date) for date in stated] if typed else [getattr(line, field.name) for line in selected]
        )
        found = found.append_column(field, pa.array(values, field.type))
    for name, value in _CAPTURE_COLUMNS.items():
        column = pa.array([value(line.shown) for line in selected], SCHEMA.field(name).type)
        found = found.set_column(SCHEMA.get_field_index(name), SCHEMA.field(name), column)
    for name in IDENTITY_COLUMNS:
        column = pa.array([getattr(line, name) for line in selected], pa.string())
        found = found.set_column(SCHEMA.get_field_index(name), SCHEMA.field(name), column)
    return found


def refusal(document: DocumentView, selection: Selection, contents: SnapshotContents) -> str:
    """Return the name of what in `selection` leaves a document out, before its text is read; empty if nothing does."""
    label = contents.labels[document.head.row_id]
    if selection.langs and label.lang not in selection.langs:
        return "langs"
    if selection.outlets and label.outlet not in selection.outlets:
        return "outlets"
    if selection.published is not None and not selection.published.holds(document.head.published):
        return "published"
    if label.score < selection.topic_min:
        return "topic_min"
    if label.verdict is Relevance.REVIEW and not selection.with_review:
        return "with_review"
    return "" if selection.with_duplicates or document.representative else "with_duplicates"


def _identity(contents: SnapshotContents, document: DocumentView, version: Version) -> tuple[str, str]:
    return document.head.document_id, contents.labels[version.row_id].version_key


def _wanted(contents: SnapshotContents, selection: Selection) -> Iterator[tuple[DocumentView, Version]]:
    for document in contents.view.documents.values():
        if refusal(document, selection, contents):
            continue
        texts = [version for version in document.versions if not version.gone]  # a tombstone has no text of its own
        for version in texts if selection.all_versions else texts[-1:]:
            yield document, version


def _line(document: DocumentView, version: Version, selection: Selection, contents: SnapshotContents) -> SelectedRow:
    times = version if selection.all_versions else document
    return SelectedRow(
        document_id=document.head.document_id,
        article_id=document.head.article_id,
        canonical_url=contents.url_of(version.row_id),
        version=version.number,
        first_seen=times.first_seen,
        last_seen=times.last_seen,
        gone=document.gone,
        cluster_id=document.cluster_id,
        representative=document.representative,
        cluster_source=document.origin.source,
        cluster_first=document.origin.first,
        date_doubt=document.date_doubt,
        shown=contents.view.shown[version.row_id],
    )
