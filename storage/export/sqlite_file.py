"""Write documents as an SQLite database with a full-text index.

Tables: `documents`, and `documents_fts` for full-text search in title and text. Its trigrams find word forms in Kazakh
and Russian that an index of words misses. Lists and nested columns are JSON. `storage.export.sqlite_details` adds tables.
"""

import json
import sqlite3
from typing import Any

import pyarrow as pa

from storage.export.documents import rows_of
from storage.export.selection import SCHEMA
from storage.export.sorted_rows import SortedFileWriter

COLUMNS = tuple(name for name in SCHEMA.names if name != "paragraphs")
ADDED = ("year", "link_kinds")  # to filter by: the year of publication, and the kinds of the document's links as JSON
INDEXED = ("outlet", "lang", "published_date", "year", "cluster_id", "url")
YEAR_DIGITS = 4
FULL_TEXT = """
CREATE VIRTUAL TABLE documents_fts USING fts5(title, text, content='documents', content_rowid='id', tokenize='trigram');
INSERT INTO documents_fts (documents_fts) VALUES ('rebuild');
"""


class SqliteWriter(SortedFileWriter):
    """Writes one row per document, then the indexes."""

    def write(self, rows: pa.Table) -> None:
        """Write the documents of one table."""
        for row in rows_of(rows):
            self._rows.add(row, {**{name: _value(row[name]) for name in COLUMNS}, **_added(row)})

    def _finish(self) -> None:
        database = sqlite3.connect(self._path, isolation_level=None)
        try:
            types = ", ".join(f'"{name}" {_type(SCHEMA.field(name).type)}' for name in COLUMNS)
            database.execute("PRAGMA journal_mode = OFF")  # the file is only used once it is complete
            added = ", ".join(f"{name} TEXT" for name in ADDED)
            database.execute(f"CREATE TABLE documents (id INTEGER PRIMARY KEY, {types}, {added})")
            columns = (*COLUMNS, *ADDED)
            places = ", ".join("?" * len(columns))
            names = ", ".join(f'"{name}"' for name in columns)
            database.execute("BEGIN")
            database.executemany(
                f"INSERT INTO documents ({names}) VALUES ({places})",  # noqa: S608  our own names
                (tuple(json.loads(line).values()) for line in self._rows.lines()),
            )
            database.execute("COMMIT")
            database.execute("CREATE UNIQUE INDEX documents_version ON documents (document_id, version)")
            for name in INDEXED:
                database.execute(f"CREATE INDEX documents_{name} ON documents ({name})")
            database.executescript(FULL_TEXT)
        finally:
            database.close()


def _added(row: dict[str, Any]) -> dict[str, str | None]:
    return dict.fromkeys(ADDED) | {"year": row["published"][:YEAR_DIGITS] or None}


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _type(kind: pa.DataType) -> str:
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return "INTEGER"
    return "REAL" if pa.types.is_floating(kind) else "TEXT"
