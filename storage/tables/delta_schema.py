"""Columns of a Delta table in Delta's JSON, and checkpoints of its log in Parquet. Readers of the log need neither."""

import io
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from storage.objects.json_objects import parse_json
from storage.tables.delta import PROTOCOL, add_action, millis
from storage.tables.file_ref import FileRef

CONFIGURATION = {"delta.enableInCommitTimestamps": "true"}
DELTA_TYPES = {
    pa.string(): "string",
    pa.int32(): "integer",
    pa.int64(): "long",
    pa.float64(): "double",
    pa.bool_(): "boolean",
    pa.date32(): "date",
    pa.timestamp("us", tz="UTC"): "timestamp",
}
TEXT_MAP = pa.map_(pa.string(), pa.string())
CHECKPOINT_SCHEMA = pa.schema(
    [
        (
            "protocol",
            pa.struct(
                [
                    ("minReaderVersion", pa.int32()),
                    ("minWriterVersion", pa.int32()),
                    ("writerFeatures", pa.list_(pa.string())),
                ]
            ),
        ),
        (
            "metaData",
            pa.struct(
                [
                    ("id", pa.string()),
                    ("name", pa.string()),
                    ("description", pa.string()),
                    ("format", pa.struct([("provider", pa.string()), ("options", TEXT_MAP)])),
                    ("schemaString", pa.string()),
                    ("partitionColumns", pa.list_(pa.string())),
                    ("configuration", TEXT_MAP),
                    ("createdTime", pa.int64()),
                ]
            ),
        ),
        (
            "add",
            pa.struct(
                [
                    ("path", pa.string()),
                    ("partitionValues", TEXT_MAP),
                    ("size", pa.int64()),
                    ("modificationTime", pa.int64()),
                    ("dataChange", pa.bool_()),
                    ("stats", pa.string()),
                    ("tags", TEXT_MAP),
                ]
            ),
        ),
        (
            "remove",
            pa.struct(
                [
                    ("path", pa.string()),
                    ("deletionTimestamp", pa.int64()),
                    ("dataChange", pa.bool_()),
                ]
            ),
        ),
    ]
)


def schema_string(schema: pa.Schema, before: str = "") -> str:
    """Return an Arrow schema in Delta's JSON. Every column may be null: older packs lack later columns.

    Columns of the schema string `before` that the schema lacks stay, at the end: newer code has added them.
    """
    fields = [_field(column) for column in schema]
    if before:
        known = {column["name"] for column in fields}
        fields += [
            column for column in parse_json(before, "the table's schema")["fields"] if column["name"] not in known
        ]
    return json.dumps({"type": "struct", "fields": fields}, separators=(",", ":"))


def metadata_of(schema: pa.Schema, table_id: str, created: datetime) -> dict[str, Any]:
    """Return the content of the `metaData` action."""
    return {
        "id": table_id,
        "format": {"provider": "parquet", "options": {}},
        "schemaString": schema_string(schema),
        "partitionColumns": [],
        "configuration": CONFIGURATION,
        "createdTime": millis(created),
    }


def checkpoint(metadata: Mapping[str, Any], packs: Iterable[FileRef], time: datetime) -> tuple[bytes, int]:
    """Return a checkpoint, which replaces all earlier entries for Delta readers, and its number of actions."""
    written = dict(metadata) | {"name": None, "description": None}
    written["format"] = {"provider": "parquet", "options": []}
    written["configuration"] = list(CONFIGURATION.items())
    adds = []
    for ref in sorted(packs):
        add = add_action(ref, millis(time), change=False)
        adds.append(add | {"partitionValues": [], "tags": list(add["tags"].items())})
    return checkpoint_of(PROTOCOL, written, adds), len(adds) + 2


def checkpoint_of(protocol: Mapping[str, Any], metadata: Mapping[str, Any], adds: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the checkpoint of a Delta table. Maps are given as lists of pairs."""
    rows = [{"protocol": protocol}, {"metaData": metadata}, *({"add": add} for add in adds)]
    sink = io.BytesIO()
    table = pa.Table.from_pylist(rows, schema=CHECKPOINT_SCHEMA)
    pq.write_table(table, sink, compression="zstd", store_schema=False, write_page_checksum=True)
    return sink.getvalue()


def _field(column: pa.Field) -> dict[str, Any]:
    return {"name": column.name, "type": _type(column.type), "nullable": True, "metadata": {}}


def _type(kind: pa.DataType) -> str | dict[str, Any]:
    if pa.types.is_list(kind):
        return {"type": "array", "elementType": _type(kind.value_type), "containsNull": True}
    if pa.types.is_struct(kind):
        return {"type": "struct", "fields": [_field(column) for column in kind.fields]}
    return DELTA_TYPES[kind]
