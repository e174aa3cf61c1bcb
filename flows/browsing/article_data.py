"""Read what the page of an article shows from the SQLite file of a pull. Plain functions of a connection."""

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from articles.errors import InputError
from articles.history.versions import Version
from storage.export.sqlite_details import BLANK_LINE
from storage.snapshots.article_history import VersionContent, VersionStep, compared

FIELDS_FIRST = ("title", "published", "modified", "authors")  # of the evidence, in this order; the others follow
LINK_WORDS: Mapping[str, tuple[str, str]] = {  # kind of a link: what the document is to the other one, and the reverse
    "duplicate_of": ("duplicate of", "duplicate:"),
    "contained_in": ("contained in", "contains"),
    "translation_of": ("translation of", "translated as"),
    "rewrite_of": ("rewrite of", "rewritten as"),
    "continues": ("continues", "continued by"),
    "same_event": ("same event as", "same event as"),
}
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FieldEvidence:
    """A metadata field of a document: why it has its value, and all candidates."""

    name: str
    why: str
    candidates: Sequence[Row]


@dataclass(frozen=True, slots=True)
class LinkedDocument:
    """A document that is linked with the one that a page shows."""

    words: str  # what the shown document is to it
    document: Row  # id, title, url, outlet, lang, published
    score: float
    evidence: str
    pairs: Sequence[tuple[str, str, float]]  # aligned sentences: of the shown document, of the other one, likeness


@dataclass(frozen=True, slots=True)
class ArticleData:
    """All that the page of an article shows beside its row."""

    row: Row
    paragraphs: Sequence[str]
    fields: Sequence[FieldEvidence]
    versions: Sequence[Row]  # empty if there is only one
    edits: Mapping[int, str]  # what changed, by version
    cluster: Sequence[Row]  # the other documents of its cluster
    first: Row | None  # the document of the cluster that was published first
    links: Sequence[LinkedDocument]
    removals: Sequence[Row]


def article_data(database: sqlite3.Connection, number: int) -> ArticleData | None:
    """Return the data of a document by its `id`, None if there is none."""
    rows = _rows(database, "SELECT * FROM documents WHERE id = ?", number)
    if not rows:
        return None
    row = rows[0]
    name = row["document_id"]
    versions = _rows(database, "SELECT * FROM versions WHERE document_id = ? ORDER BY version", name)
    cluster = _rows(
        database,
        "SELECT id, document_id, title, url, outlet, lang, published, representative FROM documents "
        "WHERE cluster_id = ? GROUP BY document_id ORDER BY published, document_id",
        row["cluster_id"],
    )
    place = row["capture_key"], row["capture_offset"]
    return ArticleData(
        row=row,
        paragraphs=row["text"].split(BLANK_LINE),
        fields=_evidence(row),
        versions=versions,
        edits=_edits(database, name),
        cluster=[one for one in cluster if one["document_id"] != name],
        first=next((one for one in cluster if one["document_id"] == row["cluster_first"]), None),
        links=_links(database, name),
        removals=_rows(
            database,
            "SELECT * FROM removals WHERE capture_key = ? AND capture_offset = ? ORDER BY position, rule",
            *place,
        ),
    )


def compare(database: sqlite3.Connection, document_id: str, old: int, new: int) -> VersionStep:
    """Return a version of a document with its changes since another one. InputError if one of the two has no text."""
    found = []
    for number in (old, new):
        query = "SELECT * FROM versions WHERE document_id = ? AND version = ? AND text IS NOT NULL"
        rows = _rows(database, query, document_id, number)
        if not rows:
            raise InputError(f"there is no text of version {number} of {document_id}")
        found.append(rows[0])
    before, text = (
        VersionContent(row["lang"], row["title"], tuple(row["text"].split(BLANK_LINE)), row["modified"])
        for row in found
    )
    edits, changes = compared(before, text, json.loads(found[1]["changing"]))
    first, last = (datetime.fromisoformat(found[1][name]) for name in ("first_seen", "last_seen"))
    version = Version(document_id, new, "", first, last)
    return VersionStep(version, text, before, changes, edits.edits, edits.silent, 0, edits.reused)


def versions_with_text(database: sqlite3.Connection, document_id: str) -> list[int]:
    """Return the numbers of a document's versions, without tombstones."""
    query = "SELECT version FROM versions WHERE document_id = ? AND text IS NOT NULL ORDER BY version"
    return [row["version"] for row in _rows(database, query, document_id)]


def _evidence(row: Row) -> list[FieldEvidence]:
    why = {one["field"]: one["why"] for one in json.loads(row["choices"] or "[]")}
    by_field: dict[str, list[Row]] = {name: [] for name in FIELDS_FIRST}
    for one in json.loads(row["evidence"] or "[]"):
        by_field.setdefault(one["field"], []).append(one)
    return [FieldEvidence(name, why.get(name, ""), found) for name, found in by_field.items() if found or why.get(name)]


def _edits(database: sqlite3.Connection, document_id: str) -> dict[int, str]:
    rows = _rows(database, "SELECT version, kind FROM edits WHERE document_id = ? ORDER BY rowid", document_id)
    numbers = dict.fromkeys(row["version"] for row in rows)
    return {
        number: ", ".join(
            f"{count} {kind}"
            for kind, count in Counter(row["kind"] for row in rows if row["version"] == number).items()
        )
        for number in numbers
    }


def _links(database: sqlite3.Connection, document_id: str) -> list[LinkedDocument]:
    found = []
    for side, other in (("a", "b"), ("b", "a")):
        query = (
            "SELECT links.kind, links.score, links.evidence AS link_evidence, documents.* FROM links "  # noqa: S608
            f"JOIN documents ON documents.document_id = links.{other}_document_id "
            f"WHERE links.{side}_document_id = ? GROUP BY links.kind, documents.document_id "
            "ORDER BY links.kind, links.score DESC, documents.document_id"
        )
        for row in _rows(database, query, document_id):
            words = LINK_WORDS.get(row["kind"], (row["kind"], row["kind"]))[side == "b"]
            pairs = _pairs(database, document_id, row["document_id"], row["kind"])
            found.append(LinkedDocument(words, row, row["score"], row["link_evidence"], pairs))
    return found


def _pairs(database: sqlite3.Connection, document_id: str, other: str, kind: str) -> list[tuple[str, str, float]]:
    """Return the aligned sentences of two documents, those of the first one first."""
    query = "SELECT * FROM sentences WHERE a_document_id = ? AND b_document_id = ? AND kind = ? ORDER BY position"
    ours = [(row["a_text"], row["b_text"], row["likeness"]) for row in _rows(database, query, document_id, other, kind)]
    return ours or [
        (row["b_text"], row["a_text"], row["likeness"]) for row in _rows(database, query, other, document_id, kind)
    ]


def _rows(database: sqlite3.Connection, query: str, *values: Any) -> list[dict[str, Any]]:
    cursor = database.execute(query, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
