"""The tables: their columns, and the sort order of their rows.

`documents` is a Delta Lake table. The others are plain Parquet files that the commits list. Columns may be added; readers
return null where an older file lacks one. `storage.tables.descriptions` describes all columns.
"""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

Row = Mapping[str, Any]  # a row of any table: column name -> value

INSTANT = pa.timestamp("us", tz="UTC")
STRINGS = pa.list_(pa.string())
EVIDENCE = pa.list_(
    pa.struct(
        [
            ("field", pa.string()),
            ("source", pa.string()),
            ("value", pa.string()),
            ("chosen", pa.bool_()),
        ]
    )
)
CHOICES = pa.list_(pa.struct([("field", pa.string()), ("why", pa.string())]))
ALTERNATES = pa.list_(pa.struct([("lang", pa.string()), ("url", pa.string()), ("source", pa.string())]))
RIGHTS = pa.list_(pa.struct([("kind", pa.string()), ("value", pa.string()), ("where", pa.string())]))
MENTIONS = pa.list_(
    pa.struct(
        [
            ("term", pa.string()),
            ("form", pa.string()),
            ("place", pa.string()),
            ("offsets", pa.list_(pa.int32())),
        ]
    )
)
CAPTURE_FIELDS = [
    ("capture_key", pa.string()),
    ("capture_offset", pa.int64()),
    ("capture_record_id", pa.string()),
]

SCHEMAS: dict[str, pa.Schema] = {
    "documents": pa.schema(
        [
            ("document_id", pa.string()),
            ("article_id", pa.string()),
            ("row_id", pa.string()),  # the same observation always has the same id
            ("version_key", pa.string()),  # equal for the same version, see `articles.links.fingerprint`
            ("url", pa.string()),
            ("canonical_url", pa.string()),
            ("outlet", pa.string()),
            ("lang", pa.string()),
            ("role", pa.string()),
            ("title", pa.string()),
            ("authors", STRINGS),
            ("translators", STRINGS),
            ("editors", STRINGS),
            ("published", pa.string()),  # ISO 8601, as precise as the evidence
            ("modified", pa.string()),
            ("evidence", EVIDENCE),
            ("section", pa.string()),
            ("tags", STRINGS),
            ("source_outlet", pa.string()),
            ("source_url", pa.string()),
            ("source_date", pa.string()),
            ("note", pa.string()),
            ("text", pa.string()),
            (
                "paragraphs",
                pa.list_(pa.int32()),
            ),  # lengths in characters; the paragraphs joined by blank lines are the text
            ("text_sha256", pa.string()),
            ("topic_score", pa.float64()),
            ("captured", INSTANT),
            ("http_status", pa.int32()),
            *CAPTURE_FIELDS,
            ("extractor", pa.string()),
            ("run", pa.string()),
            ("lead", pa.string()),
            ("choices", CHOICES),  # why a field of `evidence` has its value
            ("alternates", ALTERNATES),
            ("rights", RIGHTS),
            ("topic_verdict", pa.string()),  # "accept" or "review"; null in rows older than the column
            ("topic_evidence", MENTIONS),
            ("flags", STRINGS),  # special forms: "live", "digest", "gallery", "video", "embedded"
            ("continues", pa.string()),  # null in rows older than the column
            ("marks", pa.string()),  # likewise, see `articles.links.line_marks`
        ]
    ),
    "links": pa.schema(
        [
            ("kind", pa.string()),
            ("a", pa.string()),  # row ids
            ("b", pa.string()),
            ("score", pa.float64()),
            ("evidence", pa.string()),
            ("method", pa.string()),  # what compared the texts of translations and rewrites
        ]
    ),
    "removals": pa.schema(
        [
            ("outlet", pa.string()),
            ("url", pa.string()),
            ("fetched", INSTANT),
            *CAPTURE_FIELDS,
            ("position", pa.int32()),
            ("rule", pa.string()),
            ("reason", pa.string()),
            ("text", pa.string()),
        ]
    ),
    "rejections": pa.schema(
        [
            ("outlet", pa.string()),
            ("url", pa.string()),
            ("fetched", INSTANT),
            *CAPTURE_FIELDS,
            ("status", pa.int32()),
            ("reason", pa.string()),
            ("detail", pa.string()),
            ("run", pa.string()),
        ]
    ),
    "fetches": pa.schema(
        [
            ("outlet", pa.string()),
            ("url", pa.string()),
            ("fetched", INSTANT),
            *CAPTURE_FIELDS,
            ("article_id", pa.string()),
            ("status", pa.int32()),  # 0: no response
            ("reason", pa.string()),  # empty: the capture became documents
            ("detail", pa.string()),
            ("rows", STRINGS),
            ("body_sha256", pa.string()),
            ("etag", pa.string()),
            ("last_modified", pa.string()),
            ("run", pa.string()),
            ("extractor", pa.string()),
            ("purpose", pa.string()),
            (
                "source",
                pa.string(),
            ),  # where the crawl found the URL, see `articles.model.Discovery`; empty: given by hand
            ("found_in", pa.string()),
            ("found_date", pa.string()),
            ("rights", RIGHTS),  # null in rows older than the column
        ]
    ),
    "sketches": pa.schema(
        [
            ("row_id", pa.string()),
            ("shingles", pa.int64()),
            ("whole", pa.uint64()),
            ("hashes", pa.list_(pa.uint64())),
        ]
    ),
    "anchors": pa.schema(  # names and numbers in a text, by which links are found: `articles.links.translation_index`
        [
            ("row_id", pa.string()),
            ("articles", STRINGS),
            ("lang", pa.string()),
            ("published", pa.string()),
            ("translated", pa.bool_()),
            ("originals", STRINGS),
            ("others", STRINGS),
            ("keys", pa.list_(pa.uint32())),
            ("site", pa.string()),
        ]
    ),
    "vectors": pa.schema(  # of the sentences of rows that were compared: `dimensions` bytes each
        [
            ("row_id", pa.string()),
            ("encoder", pa.string()),
            ("dimensions", pa.int32()),
            ("codes", pa.binary()),
        ]
    ),
    "alignments": pa.schema(  # the aligned sentences of two linked rows
        [
            ("kind", pa.string()),
            ("a", pa.string()),  # row ids
            ("b", pa.string()),
            ("method", pa.string()),
            ("extent", pa.string()),  # of a translation: full, partial or empty
            ("a_start", pa.list_(pa.int32())),  # offsets in characters
            ("a_end", pa.list_(pa.int32())),
            ("b_start", pa.list_(pa.int32())),
            ("b_end", pa.list_(pa.int32())),
            ("likeness", pa.list_(pa.float32())),
        ]
    ),
    "health": pa.schema(
        [
            ("outlet", pa.string()),
            ("day", pa.date32()),
            ("run", pa.string()),
            ("measure", pa.string()),
            ("value", pa.float64()),
        ]
    ),
}

PARAGRAPH_GAP = 2  # characters between two paragraphs: a blank line
TEXT_COLUMNS = frozenset(
    {"text", "paragraphs", "evidence", "note", "lead", "choices", "alternates", "rights", "topic_evidence"}
)  # not in HEAD_COLUMNS
HEAD_COLUMNS = tuple(name for name in SCHEMAS["documents"].names if name not in TEXT_COLUMNS)

SORT_ORDER: dict[str, tuple[str, ...]] = {
    "documents": ("outlet", "published", "row_id"),
    "links": ("kind", "a", "b", "score", "evidence"),
    "removals": ("outlet", "capture_key", "capture_offset", "position", "rule", "text"),
    "rejections": ("outlet", "capture_key", "capture_offset", "url", "reason"),
    "fetches": ("outlet", "capture_key", "capture_offset", "url", "reason"),
    "sketches": ("row_id",),
    "anchors": ("row_id",),
    "vectors": ("row_id", "encoder"),
    "alignments": ("kind", "a", "b", "method"),
    "health": ("outlet", "day", "run", "measure", "value"),
}
