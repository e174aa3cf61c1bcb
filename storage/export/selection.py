"""Select rows of a snapshot, and add the columns of the view to them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from articles.metadata.reservations import Use
from articles.model import Relevance
from storage.captures.records import parse_key
from storage.export.published import TYPED, DateRange
from storage.snapshots.view_tables import TABLES, VERSIONS
from storage.tables.file_ref import FileRef
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
CAPTURE_COLUMNS = ("captured", "capture_key", "capture_offset", "capture_record_id")
DOCUMENT_COLUMNS = (
    "document_id", "article_id", "gone", "cluster_id", "representative", "cluster_source", "cluster_first", "date_doubt",
)  # fmt: skip
TIMES = ("first_seen", "last_seen")  # of the document, or with `all_versions` of the version
REFUSING_COLUMNS = ("document_id", "lang", "outlet", "published", "score", "verdict", "representative")
# Those of an earlier snapshot that say which of its texts were selected. The last version's are those of the document.
COMPARED_COLUMNS = (*REFUSING_COLUMNS, "version_key")
VERSION_FIELDS = (  # what `lines_of` reads of a version, and `storage.snapshots.checked_rows` checks
    "number", "row_id", "first_seen", "last_seen", "gone", "url", "version_key", "pack", "shown", "shown_by", "joined_url",
)  # fmt: skip
SELECTING_SCHEMA = pa.schema(
    [
        *(TABLES["documents"].field(name) for name in dict.fromkeys((*REFUSING_COLUMNS, *DOCUMENT_COLUMNS, *TIMES))),
        pa.field("versions", pa.list_(pa.struct([VERSIONS.value_type.field(name) for name in VERSION_FIELDS]))),
    ]
)
NOTHING = pa.array([], pa.string())
BATCH_ROWS = 10_000  # documents looked through at once, so that memory stays flat
WITH_DUPLICATES, WITH_REVIEW = "with_duplicates", "with_review"


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


def schema_to_compare(selection: Selection) -> pa.Schema:
    """Return the columns of an earlier snapshot's documents that say which of its texts a selection has."""
    columns = [TABLES["documents"].field(name) for name in COMPARED_COLUMNS]
    return pa.schema([*columns, SELECTING_SCHEMA.field("versions")] if selection.all_versions else columns)


def select(
    documents: pa.Table, selection: Selection, without: pa.Table | None, reserved: Collection[str] = ()
) -> pa.Table:
    """Return the selected rows of all documents (`lines_of`), sorted by document, but not those of an earlier snapshot."""
    known = None if without is None else known_texts(_portions(without), selection)
    closed = pa.array(sorted(reserved), pa.string())
    return pa.concat_tables([lines_of(rows, selection, known, closed) for rows in _portions(documents)]).sort_by(
        "document_id"
    )


def lines_of(documents: pa.Table, selection: Selection, known: pa.Array | None, reserved: pa.Array) -> pa.Table:
    """Return a row for each selected text of some documents, except those that are `known` from an earlier snapshot.

    `documents` are rows of a view's table (`storage.snapshots.view_tables`); `reserved` holds the ids of documents to leave
    out. If a document returned to an earlier text, one `row_id` has two rows: one for each version.
    Times are the document's, or with `all_versions` the version's.
    """
    lines = _selected(_open(documents, selection, reserved), selection, DOCUMENT_COLUMNS)
    return lines if known is None else lines.filter(pc.invert(pc.is_in(_identity(lines), value_set=known)))


def known_texts(portions: Iterable[pa.Table], selection: Selection) -> pa.Array:
    """Return the identities of the texts that a selection finds in the documents of an earlier snapshot."""
    chunks: list[pa.Array] = []
    for documents in portions:
        rows = _open(documents, selection, NOTHING)
        texts = _selected(rows, selection, ("document_id",)) if selection.all_versions else rows
        chunks += _identity(texts).chunks
    return pa.chunked_array(chunks, pa.string()).combine_chunks()


def _portions(documents: pa.Table) -> Iterator[pa.Table]:
    """Yield the rows in portions, at least one."""
    for start in range(0, max(documents.num_rows, 1), BATCH_ROWS):
        yield documents.slice(start, BATCH_ROWS)


def _open(documents: pa.Table, selection: Selection, reserved: pa.Array) -> pa.Table:
    """Return the documents that nothing leaves out."""
    found = documents.filter(pc.equal(refusals(documents, selection), ""))
    return found.filter(pc.invert(pc.is_in(found["document_id"], reserved))) if len(reserved) else found


def _selected(documents: pa.Table, selection: Selection, columns: Sequence[str]) -> pa.Table:
    """Return the versions of open documents with a text, or the last one of each: a tombstone has no text of its own."""
    listed = documents["versions"].combine_chunks()
    parents, texts = pc.list_parent_indices(listed), pc.list_flatten(listed)
    has_text = pc.invert(pc.struct_field(texts, "gone"))
    parents, texts = parents.filter(has_text), texts.filter(has_text)
    if not selection.all_versions and len(parents):
        last = pc.not_equal(parents.slice(1), parents.slice(0, len(parents) - 1))
        last = pa.concat_arrays([last, pa.array([True])])
        parents, texts = parents.filter(last), texts.filter(last)
    joined = pc.fill_null(pc.struct_field(texts, "joined_url"), "")
    rows = documents.select(columns).take(parents)
    for name in TIMES:
        own = pc.struct_field(texts, name)
        rows = rows.append_column(name, own if selection.all_versions else documents[name].take(parents))
    for name, column in {
        "version": pc.struct_field(texts, "number"),
        "row_id": pc.struct_field(texts, "row_id"),
        "version_key": pc.struct_field(texts, "version_key"),
        "pack": pc.struct_field(texts, "pack"),
        "canonical_url": pc.if_else(pc.equal(joined, ""), pc.struct_field(texts, "url"), joined),
        "captured": pc.struct_field(texts, "shown"),
        "capture_key": pc.struct_field(texts, ["shown_by", "key"]),
        "capture_offset": pc.struct_field(texts, ["shown_by", "offset"]),
        "capture_record_id": pc.struct_field(texts, ["shown_by", "record_id"]),
    }.items():
        rows = rows.append_column(name, column)
    return rows


def by_pack(lines: pa.Table, packs: Mapping[str, FileRef]) -> dict[FileRef, pa.Table]:
    """Return selected rows by the pack that holds their texts, in the order of the packs."""
    encoded = lines["pack"].combine_chunks().dictionary_encode()
    found = {packs[name]: number for number, name in enumerate(encoded.dictionary.to_pylist())}
    return {ref: lines.filter(pc.equal(encoded.indices, found[ref])) for ref in sorted(found)}


def annotate(rows: pa.Table, lines: pa.Table) -> pa.Table:
    """Return the selected ones of some rows of `documents`, with the columns of the view added (`SCHEMA`).

    A stored row names the capture that was processed first. The result names the earliest capture instead, so that it
    does not depend on the order of processing. Likewise, a stored row has the ids of the URL that was fetched, and the
    result has those of the article that the row belongs to.
    """
    places = pc.index_in(lines["row_id"], value_set=rows["row_id"].combine_chunks()).combine_chunks()
    here = pc.is_valid(places)
    places, lines = places.filter(here), lines.filter(here)
    order = pc.sort_indices(places)
    found, lines = rows.take(places.take(order)), lines.take(order)
    typed = _typed(found["published"])
    for field in VIEW_FIELDS:
        values = typed[field.name] if field.name in typed else lines[field.name]
        found = found.append_column(field, values.cast(field.type))
    for name in (*IDENTITY_COLUMNS, *CAPTURE_COLUMNS):
        found = found.set_column(
            SCHEMA.get_field_index(name), SCHEMA.field(name), lines[name].cast(SCHEMA.field(name).type)
        )
    runs = _of_each(lines["capture_key"], lambda key: parse_key(key)[1], pa.string())
    return found.set_column(SCHEMA.get_field_index("run"), SCHEMA.field("run"), runs)


def refusals(documents: pa.Table, selection: Selection) -> pa.ChunkedArray:
    """Return for each document the name of what in `selection` leaves it out, before its text is read; empty if nothing does."""
    rules: list[tuple[str, pa.ChunkedArray]] = []
    for name, column, chosen in (("langs", "lang", selection.langs), ("outlets", "outlet", selection.outlets)):
        if chosen:
            rules.append((name, pc.invert(pc.is_in(documents[column], pa.array(sorted(chosen), pa.string())))))
    if (days := selection.published) is not None:
        rules.append(("published", pc.invert(_of_each(documents["published"], days.holds, pa.bool_()))))
    rules.append(("topic_min", pc.less(documents["score"], selection.topic_min)))
    if not selection.with_review:
        rules.append((WITH_REVIEW, pc.equal(documents["verdict"], Relevance.REVIEW.value)))
    if not selection.with_duplicates:
        rules.append((WITH_DUPLICATES, pc.invert(documents["representative"])))
    found: Any = pa.scalar("")
    for name, refused in reversed(rules):
        found = pc.if_else(refused, name, found)
    return found


def _typed(stated: pa.ChunkedArray) -> dict[str, pa.Array]:
    return {name: _of_each(stated, typed, SCHEMA.field(name).type) for name, typed in TYPED.items()}


def _of_each(column: pa.ChunkedArray, value: Callable[[str], Any], kind: pa.DataType) -> pa.Array:
    """Return a value for each text of a column. Equal texts are computed once."""
    encoded = column.combine_chunks().dictionary_encode()
    return pa.array(map(value, encoded.dictionary.to_pylist()), kind).take(encoded.indices)


def _identity(lines: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(lines["document_id"], lines["version_key"], " ")
