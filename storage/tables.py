"""The columns of every table, and how a row of each is made of what the core speaks of.

`documents` is the Delta Lake table that people read; the others are side files that the same commits name.
"""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from articles.fingerprint import Sketch, text_sha256
from articles.model import CaptureRef, Document, Evidence, Fetch, Link, LinkKind, Removal, Role

Row = dict[str, Any]

TIMESTAMP = pa.timestamp("us", tz="UTC")
STRINGS = pa.list_(pa.field("element", pa.string()))
EVIDENCE = pa.list_(
    pa.field(
        "element",
        pa.struct(
            [
                pa.field("field", pa.string()),
                pa.field("source", pa.string()),
                pa.field("value", pa.string()),
                pa.field("chosen", pa.bool_()),
            ]
        ),
    )
)
CAPTURE = [("capture_key", pa.string()), ("capture_offset", pa.int64()), ("capture_record_id", pa.string())]

DOCUMENTS = pa.schema(
    [
        ("row_id", pa.string()),
        ("document_id", pa.string()),
        ("article_id", pa.string()),
        ("version_key", pa.string()),
        ("url", pa.string()),
        ("canonical_url", pa.string()),
        ("outlet", pa.string()),
        ("lang", pa.string()),
        ("role", pa.string()),
        ("title", pa.string()),
        ("authors", STRINGS),
        ("translators", STRINGS),
        ("editors", STRINGS),
        ("published", pa.string()),
        ("modified", pa.string()),
        ("evidence", EVIDENCE),
        ("section", pa.string()),
        ("tags", STRINGS),
        ("source_outlet", pa.string()),
        ("source_url", pa.string()),
        ("source_date", pa.string()),
        ("note", pa.string()),
        ("text", pa.string()),
        ("paragraphs", STRINGS),
        ("text_sha256", pa.string()),
        ("topic_score", pa.float64()),
        ("captured", TIMESTAMP),
        ("http_status", pa.int32()),
        *CAPTURE,
        ("extractor", pa.string()),
        ("run", pa.string()),
    ]
)
SIDE_TABLES: Mapping[str, pa.Schema] = {
    "links": pa.schema(
        [
            ("kind", pa.string()),
            ("a", pa.string()),
            ("b", pa.string()),
            ("score", pa.float64()),
            ("evidence", pa.string()),
        ]
    ),
    "removals": pa.schema(
        [
            ("url", pa.string()),
            ("outlet", pa.string()),
            ("position", pa.int32()),
            ("rule", pa.string()),
            ("reason", pa.string()),
            ("text", pa.string()),
            *CAPTURE,
        ]
    ),
    "rejections": pa.schema(
        [
            ("url", pa.string()),
            ("outlet", pa.string()),
            ("fetched", TIMESTAMP),
            ("status", pa.int32()),
            ("reason", pa.string()),
            ("detail", pa.string()),
            *CAPTURE,
            ("run", pa.string()),
        ]
    ),
    "fetches": pa.schema(
        [
            ("url", pa.string()),
            ("article_id", pa.string()),
            ("outlet", pa.string()),
            ("fetched", TIMESTAMP),
            ("status", pa.int32()),
            ("reason", pa.string()),
            ("detail", pa.string()),
            ("rows", STRINGS),
            ("body_sha256", pa.string()),
            ("etag", pa.string()),
            ("last_modified", pa.string()),
            *CAPTURE,
            ("run", pa.string()),
            ("extractor", pa.string()),
        ]
    ),
    "sketches": pa.schema(
        [
            ("row_id", pa.string()),
            ("article_id", pa.string()),
            ("document_id", pa.string()),
            ("version_key", pa.string()),
            ("shingles", pa.int32()),
            ("whole", pa.uint64()),
            ("hashes", pa.list_(pa.field("element", pa.uint64()))),
        ]
    ),
    "health": pa.schema(
        [
            ("outlet", pa.string()),
            ("day", pa.string()),
            ("run", pa.string()),
            ("measure", pa.string()),
            ("value", pa.int64()),
        ]
    ),
}
SCHEMAS: Mapping[str, pa.Schema] = {"documents": DOCUMENTS, **SIDE_TABLES}

SORTED_BY: Mapping[str, tuple[str, ...]] = {
    "documents": ("outlet", "published", "row_id"),
    "links": ("kind", "a", "b"),
    "removals": ("outlet", "capture_key", "capture_offset", "position", "rule", "text"),
    "rejections": ("outlet", "capture_key", "capture_offset"),
    "fetches": ("outlet", "capture_key", "capture_offset"),
    "sketches": ("row_id",),
    "health": ("outlet", "day", "run", "measure"),
}


def document_row(document: Document, row_id: str, version_key: str, fetch: Fetch) -> Row:
    """Return a document as the capture of `fetch` showed it."""
    return {
        "row_id": row_id,
        "document_id": document.document_id,
        "article_id": document.article_id,
        "version_key": version_key,
        "url": document.url,
        "canonical_url": document.canonical_url,
        "outlet": document.outlet,
        "lang": document.lang,
        "role": document.role.value,
        "title": document.title,
        "authors": list(document.authors),
        "translators": list(document.translators),
        "editors": list(document.editors),
        "published": document.published,
        "modified": document.modified,
        "evidence": [
            {"field": one.field, "source": one.source, "value": one.value, "chosen": one.chosen}
            for one in document.evidence
        ],
        "section": document.section,
        "tags": list(document.tags),
        "source_outlet": document.source_outlet,
        "source_url": document.source_url,
        "source_date": document.source_date,
        "note": document.note,
        "text": document.text,
        "paragraphs": list(document.paragraphs),
        "text_sha256": text_sha256(document.text),
        "topic_score": document.topic_score,
        "captured": fetch.fetched,
        "http_status": fetch.status,
        **_capture(fetch.ref),
        "extractor": fetch.extractor,
        "run": fetch.run,
    }


def document_of(row: Row) -> Document:
    """Return the document that a row was made of."""
    lists = ("authors", "translators", "editors", "tags", "paragraphs")
    plain = (
        "article_id", "url", "canonical_url", "outlet", "lang", "title", "published", "modified", "section",
        "source_outlet", "source_url", "source_date", "note", "topic_score",
    )  # fmt: skip
    values: Row = {name: row[name] for name in plain} | {name: tuple(row[name]) for name in lists}
    return Document(role=Role(row["role"]), evidence=tuple(Evidence(**one) for one in row["evidence"]), **values)


def link_row(link: Link) -> Row:
    """Return a link's row."""
    return {"kind": link.kind.value, "a": link.a, "b": link.b, "score": link.score, "evidence": link.evidence}


def link_of(row: Row) -> Link:
    """Return the link that a row was made of."""
    return Link(LinkKind(row["kind"]), row["a"], row["b"], row["score"], row["evidence"])


def removal_row(removal: Removal, fetch: Fetch) -> Row:
    """Return a struck block's row."""
    return {
        "url": fetch.url,
        "outlet": fetch.outlet,
        "position": removal.position,
        "rule": removal.rule,
        "reason": removal.reason,
        "text": removal.text,
        **_capture(fetch.ref),
    }


def rejection_row(fetch: Fetch) -> Row:
    """Return the row of a URL that did not become a document."""
    return {
        "url": fetch.url,
        "outlet": fetch.outlet,
        "fetched": fetch.fetched,
        "status": fetch.status,
        "reason": fetch.reason,
        "detail": fetch.detail,
        **_capture(fetch.ref),
        "run": fetch.run,
    }


def fetch_row(fetch: Fetch) -> Row:
    """Return a fetch's row."""
    return {
        "url": fetch.url,
        "article_id": fetch.article_id,
        "outlet": fetch.outlet,
        "fetched": fetch.fetched,
        "status": fetch.status,
        "reason": fetch.reason,
        "detail": fetch.detail,
        "rows": list(fetch.rows),
        "body_sha256": fetch.body_sha256,
        "etag": fetch.etag,
        "last_modified": fetch.last_modified,
        **_capture(fetch.ref),
        "run": fetch.run,
        "extractor": fetch.extractor,
    }


def fetch_of(row: Row) -> Fetch:
    """Return the fetch that a row was made of."""
    plain = (
        "url", "article_id", "outlet", "fetched", "status", "reason", "detail", "body_sha256", "etag", "last_modified",
        "run", "extractor",
    )  # fmt: skip
    ref = CaptureRef(row["capture_key"], row["capture_offset"], row["capture_record_id"])
    return Fetch(ref=ref, rows=tuple(row["rows"]), **{name: row[name] for name in plain})


def sketch_row(document: Document, row_id: str, version_key: str, sketch: Sketch) -> Row:
    """Return a fingerprint's row."""
    return {
        "row_id": row_id,
        "article_id": document.article_id,
        "document_id": document.document_id,
        "version_key": version_key,
        "shingles": sketch.shingles,
        "whole": sketch.whole,
        "hashes": sketch.hashes,
    }


def _capture(ref: CaptureRef) -> Row:
    return {"capture_key": ref.key, "capture_offset": ref.offset, "capture_record_id": ref.record_id}
