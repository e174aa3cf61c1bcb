"""Documents of a pull as Python values: whole for JSON, flat for tables; and names for their files."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pyarrow as pa

from storage.export.selection import SCHEMA

BATCH_ROWS = 500  # rows turned into Python objects at once
UNSAFE_NAME_CHARACTERS = re.compile(r"[^\w.-]+")
MAX_NAME_CHARS = 100  # each takes at most two of the 255 bytes that file systems allow
FIRST_COLUMNS = (  # of a spreadsheet: what people look for; the others follow in the order of the schema, the text last
    "title", "url", "outlet", "lang", "published", "published_date", "published_at", "published_precision", "modified",
    "authors", "section", "tags", "lead", "note", "version", "first_seen", "last_seen", "gone", "cluster_id",
    "representative", "cluster_source", "topic_score",
)  # fmt: skip
LEFT_OUT = frozenset({"paragraphs", "text"})  # `paragraphs` repeats what the blank lines of the text say
LIST_SEPARATOR = "; "


def _is_flat(field: pa.Field) -> bool:
    return not pa.types.is_nested(field.type) or field.type == pa.list_(pa.string())


FLAT_COLUMNS = (
    *FIRST_COLUMNS,
    *(field.name for field in SCHEMA if _is_flat(field) and field.name not in {*FIRST_COLUMNS, *LEFT_OUT}),
    "text",
)

JSON_NAMES = frozenset(
    {"capture", *(name for name in SCHEMA.names if not name.startswith("capture_") and name != "paragraphs")}
)


def rows_of(table: pa.Table, batch_rows: int = BATCH_ROWS) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table as dictionaries."""
    for batch in table.to_batches(max_chunksize=batch_rows):
        yield from batch.to_pylist()


def json_document(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of `storage.export.selection.SCHEMA` as an object for JSON."""
    fields = {
        name: value.isoformat() if isinstance(value, date) else value  # a datetime is a date too
        for name, value in row.items()
        if name in JSON_NAMES
    }
    fields["capture"] = {name: row[f"capture_{name}"] for name in ("key", "offset", "record_id")}
    return fields


def flat_document(row: dict[str, Any]) -> dict[str, Any]:
    """Return the cells of a row by `FLAT_COLUMNS`, for JSON: lists as one text, times in ISO 8601."""
    return {name: _flat(row[name]) for name in FLAT_COLUMNS}


def safe_name(name: str) -> str:
    """Return a name that is a valid part of a path on every system."""
    return UNSAFE_NAME_CHARACTERS.sub("_", name).strip(".")[:MAX_NAME_CHARS] or "_"


def _flat(value: Any) -> Any:
    if isinstance(value, list):
        return LIST_SEPARATOR.join(value)
    return value.isoformat() if isinstance(value, date) else value
