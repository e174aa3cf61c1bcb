"""Tables of a release beside its documents: links, history of versions, coverage by outlet and day."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from storage.export.non_consumptive import WORDS
from storage.objects import ObjectStore
from storage.snapshots.contents import load_tables
from storage.tables.schemas import INSTANT
from storage.tables.state import State

LINKS, HISTORY, COVERAGE = "links.parquet", "history.parquet", "coverage.parquet"
HISTORY_SCHEMA = pa.schema(
    [
        ("document_id", pa.string()),
        ("url", pa.string()),
        ("outlet", pa.string()),
        ("lang", pa.string()),
        ("version", pa.int32()),
        ("row_id", pa.string()),
        ("version_key", pa.string()),
        ("title", pa.string()),
        ("first_seen", INSTANT),
        ("last_seen", INSTANT),
        ("gone", pa.bool_()),
    ]
)
COVERAGE_SCHEMA = pa.schema([("outlet", pa.string()), ("day", pa.date32()), ("documents", pa.int64())])
COVERED = ("outlet", "published_date")  # of the documents
COLUMNS: Mapping[str, Mapping[str, str]] = {  # by file: what its columns are
    LINKS: {
        "kind": "`duplicate_of`, `contained_in`, `translation_of`, `rewrite_of` or `continues`.",
        "a_url": "URL of the document that is linked.",
        "b_url": "URL of the document that it is linked to.",
        "a_document_id": "`document_id` of the first.",
        "b_document_id": "`document_id` of the second.",
        "evidence": "What the link rests on.",
        "score": "How sure the link is, 0 to 1.",
    },
    HISTORY: {
        "document_id": "The document.",
        "url": "URL of this version.",
        "outlet": "The outlet.",
        "lang": "Language, ISO 639-1.",
        "version": "Number of the version, from 1.",
        "row_id": "Hash of everything that this version says.",
        "version_key": "Hash of title and text: equal for the same version.",
        "title": "Title of this version.",
        "first_seen": "When this version was seen first, UTC.",
        "last_seen": "When it was seen last, UTC.",
        "gone": "The source has deleted the page: a version without a text of its own.",
    },
    COVERAGE: {
        "outlet": "The outlet.",
        "day": "Day of publication; null if no day is known.",
        "documents": "Documents of this release.",
    },
    WORDS: {
        "document_id": "The document.",
        "word": "Word in small letters; a hyphen or apostrophe within it is part of it.",
        "count": "How often the text has it.",
    },
}


@dataclass(frozen=True, slots=True)
class ReleaseCounts:
    """What the documents of a release are, beside their number."""

    outlets: Mapping[str, int]
    languages: Mapping[str, int]
    first_day: str  # of publication; empty if none is known
    last_day: str


def add_tables(store: ObjectStore, state: State, folder: Path, documents: Iterable[Path], links: Path) -> ReleaseCounts:
    """Write the tables of a release beside its documents, of which `links` holds the links. Return the counts."""
    columns = ["document_id", "outlet", "lang", "published_date"]
    known = pa.concat_tables([pq.read_table(path, columns=columns) for path in documents])
    links.replace(folder / LINKS)
    _write(folder / HISTORY, _history(store, state, known["document_id"]))
    _write(folder / COVERAGE, _coverage(known))
    ends = pc.min_max(known["published_date"]).as_py()
    days = [day.isoformat() if day else "" for day in (ends["min"], ends["max"])]
    return ReleaseCounts(_count(known["outlet"]), _count(known["lang"]), *days)


def recounted(coverage: bytes, documents: Iterable[bytes]) -> bytes | None:
    """Return the coverage of the documents of a release; None if it already counts as many."""
    known = pa.concat_tables([pq.read_table(io.BytesIO(data), columns=list(COVERED)) for data in documents])
    if (pc.sum(pq.read_table(io.BytesIO(coverage))["documents"]).as_py() or 0) == known.num_rows:
        return None
    sink = io.BytesIO()
    _write(sink, _coverage(known))
    return sink.getvalue()


def _coverage(known: pa.Table) -> pa.Table:
    covered = known.group_by(list(COVERED)).aggregate([([], "count_all")])
    covered = covered.rename_columns({"published_date": "day", "count_all": "documents"}).select(COVERAGE_SCHEMA.names)
    return covered.sort_by([("outlet", "ascending"), ("day", "ascending")]).cast(COVERAGE_SCHEMA)


def _history(store: ObjectStore, state: State, wanted: pa.ChunkedArray) -> pa.Table:
    """Return the versions of the documents, in their order."""
    documents = load_tables(store, state, ("document_id", "versions"), links=False).documents
    documents = documents.filter(pc.is_in(documents["document_id"], wanted)).sort_by("document_id").combine_chunks()
    listed = documents["versions"].combine_chunks()
    versions = pc.list_flatten(listed)
    own = {"document_id": documents["document_id"].take(pc.list_parent_indices(listed))}
    fields = {"version": "number"}
    found = {
        name: own[name] if name in own else pc.struct_field(versions, fields.get(name, name))
        for name in HISTORY_SCHEMA.names
    }
    return pa.table(found).cast(HISTORY_SCHEMA)


def _write(target: Path | io.BytesIO, rows: pa.Table) -> None:
    pq.write_table(rows, target, compression="zstd", store_schema=False, write_page_checksum=True)


def _count(values: pa.ChunkedArray) -> dict[str, int]:
    counts = ((row["values"], row["counts"]) for row in pc.value_counts(values).to_pylist())
    return dict(sorted(counts, key=lambda item: (-item[1], item[0])))
