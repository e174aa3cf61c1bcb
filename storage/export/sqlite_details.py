"""Add to an SQLite pull what explains its documents.

Tables: `links`; `versions` and `edits` of documents with more than one version; `sentences`, the aligned sentences of
translations and rewrites; `removals`, the blocks that cleaning removed from the documents' pages; `rejections` of the
chosen outlets; and `about`, which names the snapshot and the selection. Rows have a fixed order.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from articles.history.snapshot_view import DocumentView
from storage.export import listing
from storage.export.listing import ListFilter
from storage.objects import ObjectStore
from storage.snapshots.article_history import VersionContent, read_texts_of, steps_of
from storage.snapshots.contents import SnapshotContents
from storage.tables import packs
from storage.tables.schemas import PARAGRAPH_GAP, Row
from storage.tables.state import State

LAYOUT = 2  # of the tables, in `about`; `irtysh browse` refuses files of another one
BLANK_LINE = "\n" * PARAGRAPH_GAP
TABLES: Mapping[str, Mapping[str, str]] = {
    "about": {"name": "TEXT PRIMARY KEY", "value": "TEXT"},
    "links": {
        **dict.fromkeys(("kind", "a_url", "b_url", "a_document_id", "b_document_id", "evidence"), "TEXT"),
        "score": "REAL",
    },
    "versions": {
        "document_id": "TEXT",
        "version": "INTEGER",
        "first_seen": "TEXT",
        "last_seen": "TEXT",
        "gone": "INTEGER",
        "lang": "TEXT",
        "title": "TEXT",
        "text": "TEXT",
        "modified": "TEXT",
        "silent": "INTEGER",
        "reverts": "INTEGER",
        "reused": "INTEGER",
        "changing": "TEXT",  # JSON: keys of the document's lines that change with every fetch
    },
    "edits": {
        "document_id": "TEXT",
        "version": "INTEGER",
        "kind": "TEXT",
        "paragraph": "INTEGER",
        "old": "TEXT",
        "new": "TEXT",
    },
    "sentences": {
        "kind": "TEXT",
        "a_document_id": "TEXT",
        "b_document_id": "TEXT",
        "position": "INTEGER",
        "a_text": "TEXT",
        "b_text": "TEXT",
        "likeness": "REAL",
        "extent": "TEXT",
        "method": "TEXT",
    },
    "removals": {
        "outlet": "TEXT",
        "url": "TEXT",
        "position": "INTEGER",
        "rule": "TEXT",
        "reason": "TEXT",
        "text": "TEXT",
        "capture_key": "TEXT",
        "capture_offset": "INTEGER",
    },
    "rejections": {
        "fetched": "TEXT",
        "outlet": "TEXT",
        "url": "TEXT",
        "reason": "TEXT",
        "detail": "TEXT",
        "status": "INTEGER",
        "run": "TEXT",
        "times": "INTEGER",
        "kept_later": "INTEGER",
    },
}
INDEXES = {
    "links": ("a_document_id", "b_document_id", "kind"),
    "versions": ("document_id, version",),
    "edits": ("document_id, version", "kind"),
    "sentences": ("a_document_id", "b_document_id"),
    "removals": ("capture_key, capture_offset, position", "rule"),
    "rejections": ("reason", "outlet"),
}
LINK_KINDS = """
UPDATE documents SET link_kinds = coalesce((
    SELECT json_group_array(kind) FROM (
        SELECT kind FROM links WHERE a_document_id = documents.document_id
        UNION SELECT kind FROM links WHERE b_document_id = documents.document_id ORDER BY kind
    )
), '[]')
"""


def add_details(
    path: Path,
    store: ObjectStore,
    state: State,
    contents: SnapshotContents,
    *,
    written: Collection[str],
    about: Mapping[str, Any],
) -> None:
    """Add the tables to a database with the documents `written` (ids), which `SqliteWriter` wrote."""
    documents = [contents.view.documents[name] for name in sorted(written)]
    outlets = frozenset(about["outlets"])
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = OFF")  # the file is only used once it is complete
        for table, columns in TABLES.items():
            database.execute(f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
        database.execute("BEGIN")
        facts = {"layout": LAYOUT, **about}
        _insert(database, "about", ({"name": name, "value": _text(value)} for name, value in facts.items()))
        _insert(database, "links", _links(contents, written))
        database.execute(LINK_KINDS)
        _add_versions(database, store, contents, documents)
        _add_sentences(database, store, state, documents)
        _add_removals(database, store, state)
        found = listing.rejections(store, state, ListFilter(outlets=outlets), listing.last_kept(store, state))
        _insert(database, "rejections", (asdict(one) | {"fetched": one.fetched.isoformat()} for one in found))
        database.execute("COMMIT")
        for table, indexed in INDEXES.items():
            for number, names in enumerate(indexed):
                database.execute(f"CREATE INDEX {table}_{number} ON {table} ({names})")
        database.execute("ANALYZE")


def _insert(database: sqlite3.Connection, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    names = tuple(TABLES[table])
    places = ", ".join(f":{name}" for name in names)
    database.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608  our own names


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _links(contents: SnapshotContents, written: Collection[str]) -> Iterator[dict[str, Any]]:
    for link in contents.view.links:
        if link.a_document_id in written and link.b_document_id in written:
            yield asdict(link) | {"kind": link.kind.value}


def _add_versions(
    database: sqlite3.Connection, store: ObjectStore, contents: SnapshotContents, documents: list[DocumentView]
) -> None:
    """Add the versions of documents that have several. Their texts pass through a temporary table, not memory."""
    changed = [document for document in documents if len(document.versions) > 1]
    rows = {version.row_id: contents.labels[version.row_id].pack for one in changed for version in one.versions}
    database.execute("CREATE TEMP TABLE row_texts (row_id TEXT PRIMARY KEY, lang, title, modified, text)")
    database.executemany(
        "INSERT INTO row_texts VALUES (?, ?, ?, ?, ?)",
        (
            (row_id, text.lang, text.title, text.modified, BLANK_LINE.join(text.paragraphs))
            for row_id, text in read_texts_of(store, sorted(set(rows.values())), rows)
        ),
    )
    for document in changed:
        texts = {version.row_id: _stored_text(database, version.row_id) for version in document.versions}
        keys = {row_id: contents.labels[row_id].version_key for row_id in texts}
        for step in steps_of(document, texts, keys):
            version = step.version
            place = {"document_id": document.head.document_id, "version": version.number}
            times = {name: getattr(version, name).isoformat() for name in ("first_seen", "last_seen")}
            remarks = {name: int(getattr(step, name)) for name in ("silent", "reverts", "reused")}
            fields = {name: getattr(step.text, name) for name in ("lang", "title", "modified")}
            text = None if version.gone else BLANK_LINE.join(step.text.paragraphs)
            row = {**place, **times, **fields, **remarks, "gone": int(version.gone), "text": text}
            row["changing"] = json.dumps(sorted(document.changing))
            _insert(database, "versions", [row])
            _insert(database, "edits", ({**place, **asdict(edit), "kind": edit.kind.value} for edit in step.edits))
    database.execute("DROP TABLE row_texts")


def _stored_text(database: sqlite3.Connection, row_id: str) -> VersionContent:
    query = "SELECT lang, title, text, modified FROM row_texts WHERE row_id = ?"
    lang, title, text, modified = database.execute(query, (row_id,)).fetchone()
    return VersionContent(lang, title, tuple(text.split(BLANK_LINE)), modified)


def _add_sentences(
    database: sqlite3.Connection, store: ObjectStore, state: State, documents: list[DocumentView]
) -> None:
    """Add the aligned sentences of the documents' current texts, by one method for each pair."""
    ids = {document.head.row_id: document.head.document_id for document in documents}
    best: dict[tuple[str, str, str], str] = {}
    for row in _alignments(store, state, ids, ("kind", "a", "b", "method")):
        pair = row["kind"], row["a"], row["b"]
        best[pair] = min(best.get(pair, row["method"]), row["method"])
    database.execute(f"CREATE TEMP TABLE pairs ({', '.join(TABLES['sentences'])})")
    places = ", ".join("?" * len(TABLES["sentences"]))
    for row in _alignments(store, state, ids):
        pair = row["kind"], row["a"], row["b"]
        if best.get(pair) == row["method"]:
            del best[pair]  # the same pair may be recorded twice
            database.executemany(f"INSERT INTO pairs VALUES ({places})", list(_sentences(database, row, ids)))  # noqa: S608
    database.execute("INSERT INTO sentences SELECT * FROM pairs ORDER BY a_document_id, b_document_id, kind, position")
    database.execute("DROP TABLE pairs")


def _alignments(
    store: ObjectStore, state: State, ids: Mapping[str, str], columns: tuple[str, ...] | None = None
) -> Iterator[Row]:
    known = pa.array(sorted(ids), pa.string())
    for rows in packs.read_each(store, state.live("alignments"), columns):
        chosen = pc.and_(pc.is_in(rows["a"], known), pc.is_in(rows["b"], known))
        yield from rows.filter(chosen).to_pylist()


def _sentences(database: sqlite3.Connection, row: Row, ids: Mapping[str, str]) -> Iterator[tuple[Any, ...]]:
    texts = []
    for side in "ab":
        query = "SELECT text FROM documents WHERE document_id = ? AND row_id = ?"
        found = database.execute(query, (ids[row[side]], row[side])).fetchone()
        if found is None:  # only texts before the current one were pulled
            return
        texts.append(found[0])
    columns = ("a_start", "a_end", "b_start", "b_end", "likeness")
    for position, (a, a_end, b, b_end, likeness) in enumerate(zip(*(row[name] for name in columns), strict=True)):
        pair = (" ".join(texts[0][a:a_end].split()), " ".join(texts[1][b:b_end].split()))
        about = round(likeness, 4), row["extent"], row["method"]
        yield (row["kind"], ids[row["a"]], ids[row["b"]], position, *pair, *about)


def _add_removals(database: sqlite3.Connection, store: ObjectStore, state: State) -> None:
    """Add what was removed from the pages of the documents."""
    shown = set(database.execute("SELECT DISTINCT capture_key, capture_offset FROM documents"))
    keys = pa.array(sorted({key for key, _ in shown}), pa.string())
    database.execute(f"CREATE TEMP TABLE removed ({', '.join(TABLES['removals'])})")
    places = ", ".join(f":{name}" for name in TABLES["removals"])
    for rows in packs.read_each(store, state.live("removals")):
        chosen = rows.filter(pc.is_in(rows["capture_key"], keys)).select(list(TABLES["removals"]))
        for batch in chosen.to_batches():
            wanted = (row for row in batch.to_pylist() if (row["capture_key"], row["capture_offset"]) in shown)
            database.executemany(f"INSERT INTO removed VALUES ({places})", wanted)  # noqa: S608  our own names
    database.execute(
        "INSERT INTO removals SELECT DISTINCT * FROM removed "
        "ORDER BY outlet, capture_key, capture_offset, position, rule, text"
    )
    database.execute("DROP TABLE removed")
