"""The tables: their columns, the order of their rows, and how rows are made from what `articles` says and back.

`documents` is a Delta Lake table; the others are plain Parquet named by the commits. A row of any table is a mapping
from column to value. Columns may be added; readers give null where an older file has none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from sys import intern
from typing import Any

import numpy as np
import pyarrow as pa

from articles.candidates import Entry
from articles.encoder import Codes
from articles.fingerprint import Sketch, text_sha256
from articles.model import (
    Alternate,
    Capture,
    CaptureRef,
    Choice,
    Discovery,
    Document,
    Evidence,
    Fetch,
    Link,
    LinkKind,
    Purpose,
    Removal,
    Right,
    Role,
)
from articles.relevance import Mention, Place, Relevance
from articles.translation import Found

Row = Mapping[str, Any]

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
CAPTURE = [
    ("capture_key", pa.string()),
    ("capture_offset", pa.int64()),
    ("capture_record_id", pa.string()),
]

SCHEMAS: dict[str, pa.Schema] = {
    "documents": pa.schema(
        [
            ("document_id", pa.string()),
            ("article_id", pa.string()),
            ("row_id", pa.string()),  # the same observation has the same id wherever and whenever it is made
            ("version_key", pa.string()),  # the same version has the same key, see `articles.fingerprint`
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
            ("paragraphs", pa.list_(pa.int32())),  # lengths in characters; joined by a blank line they are the text
            ("text_sha256", pa.string()),
            ("topic_score", pa.float64()),
            ("captured", INSTANT),
            ("http_status", pa.int32()),
            *CAPTURE,
            ("extractor", pa.string()),
            ("run", pa.string()),
            ("lead", pa.string()),
            ("choices", CHOICES),  # why a field of `evidence` has its value
            ("alternates", ALTERNATES),
            ("rights", RIGHTS),
            ("topic_verdict", pa.string()),  # "accept" or "review"; null in rows from before there was a review
            ("topic_evidence", MENTIONS),
            ("flags", STRINGS),  # forms that are no plain article: "live", "digest", "gallery", "video"
        ]
    ),
    "links": pa.schema(
        [
            ("kind", pa.string()),
            ("a", pa.string()),  # row ids
            ("b", pa.string()),
            ("score", pa.float64()),
            ("evidence", pa.string()),
            ("method", pa.string()),  # what compared translations and rewrites
        ]
    ),
    "removals": pa.schema(
        [
            ("outlet", pa.string()),
            ("url", pa.string()),
            ("fetched", INSTANT),
            *CAPTURE,
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
            *CAPTURE,
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
            *CAPTURE,
            ("article_id", pa.string()),
            ("status", pa.int32()),  # 0: there was no response
            ("reason", pa.string()),  # empty: it became documents
            ("detail", pa.string()),
            ("rows", STRINGS),
            ("body_sha256", pa.string()),
            ("etag", pa.string()),
            ("last_modified", pa.string()),
            ("run", pa.string()),
            ("extractor", pa.string()),
            ("purpose", pa.string()),
            ("source", pa.string()),  # where the crawl found the URL, see `articles.model.Discovery`; empty: nowhere
            ("found_in", pa.string()),
            ("found_date", pa.string()),
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
    "anchors": pa.schema(  # what a row names, to find its translations and rewrites: see `articles.candidates`
        [
            ("row_id", pa.string()),
            ("articles", STRINGS),
            ("lang", pa.string()),
            ("published", pa.string()),
            ("translated", pa.bool_()),
            ("originals", STRINGS),
            ("others", STRINGS),
            ("keys", pa.list_(pa.uint32())),
        ]
    ),
    "vectors": pa.schema(  # of the sentences of rows that had to be compared: `dimensions` bytes each
        [
            ("row_id", pa.string()),
            ("encoder", pa.string()),
            ("dimensions", pa.int32()),
            ("codes", pa.binary()),
        ]
    ),
    "alignments": pa.schema(  # the sentences that say the same in two rows that are linked
        [
            ("kind", pa.string()),
            ("a", pa.string()),  # row ids
            ("b", pa.string()),
            ("method", pa.string()),
            ("extent", pa.string()),  # of a translation: full, partial or empty
            ("a_start", pa.list_(pa.int32())),  # characters of the texts
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
)  # what heads leave out
HEAD_COLUMNS = tuple(name for name in SCHEMAS["documents"].names if name not in TEXT_COLUMNS)

ORDER: dict[str, tuple[str, ...]] = {
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


def document_row(
    document: Document, capture: Capture | Fetch, *, row_id: str, version_key: str, extractor: str
) -> dict[str, Any]:
    """Return the row of a document as one capture showed it."""
    return {
        "document_id": document.document_id,
        "article_id": document.article_id,
        "row_id": row_id,
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
        "evidence": [asdict(one) for one in document.evidence],
        "section": document.section,
        "tags": list(document.tags),
        "source_outlet": document.source_outlet,
        "source_url": document.source_url,
        "source_date": document.source_date,
        "note": document.note,
        "text": document.text,
        "paragraphs": [len(paragraph) for paragraph in document.paragraphs],
        "text_sha256": text_sha256(document.text),
        "topic_score": document.topic_score,
        "captured": capture.fetched,
        "http_status": capture.status,
        **_capture(capture.ref),
        "extractor": extractor,
        "run": capture.run,
        "lead": document.lead,
        "choices": [asdict(one) for one in document.choices],
        "alternates": [asdict(one) for one in document.alternates],
        "rights": [asdict(one) for one in document.rights],
        "topic_verdict": document.topic_verdict.value,
        "topic_evidence": [
            {"term": one.term, "form": one.form, "place": one.place.value, "offsets": list(one.offsets)}
            for one in document.topic_evidence
        ],
        "flags": list(document.flags),
    }


def document_of(row: Row) -> Document:
    """Return the document that a row with all columns holds."""
    return Document(
        article_id=row["article_id"],
        url=row["url"],
        canonical_url=row["canonical_url"],
        outlet=row["outlet"],
        lang=row["lang"],
        role=Role(row["role"]),
        title=row["title"],
        paragraphs=paragraphs_of(row["text"], row["paragraphs"]),
        authors=tuple(row["authors"]),
        translators=tuple(row["translators"]),
        editors=tuple(row["editors"]),
        published=row["published"],
        modified=row["modified"],
        evidence=tuple(Evidence(**one) for one in row["evidence"]),
        section=row["section"],
        tags=tuple(row["tags"]),
        source_outlet=row["source_outlet"],
        source_url=row["source_url"],
        source_date=row["source_date"],
        note=row["note"],
        topic_score=row["topic_score"],
        lead=row["lead"] or "",  # null in rows that were written before the column was: so are the next three
        choices=tuple(Choice(**one) for one in row["choices"] or ()),
        alternates=tuple(Alternate(**one) for one in row["alternates"] or ()),
        rights=tuple(Right(**one) for one in row["rights"] or ()),
        topic_verdict=relevance_of(row["topic_verdict"]),
        topic_evidence=mentions_of(row["topic_evidence"]),
        flags=tuple(row["flags"] or ()),
    )


def relevance_of(value: str | None) -> Relevance:
    """Return the verdict that a row holds; what has none was accepted, when there was no other."""
    return Relevance.ACCEPT if value is None else Relevance(value)


def mentions_of(value: Sequence[Row] | None) -> tuple[Mention, ...]:
    """Return the words of the topic that a row holds."""
    return tuple(Mention(one["term"], one["form"], Place(one["place"]), tuple(one["offsets"])) for one in value or ())


def paragraphs_of(text: str, lengths: Sequence[int]) -> tuple[str, ...]:
    """Cut a text into its paragraphs, of the lengths given, a blank line between them."""
    found = []
    start = 0
    for length in lengths:
        found.append(text[start : start + length])
        start += length + PARAGRAPH_GAP
    return tuple(found)


def link_row(link: Link) -> dict[str, Any]:
    """Return the row of a link."""
    return {
        "kind": link.kind.value,
        "a": link.a,
        "b": link.b,
        "score": link.score,
        "evidence": link.evidence,
        "method": link.method,
    }


def link_of(row: Row) -> Link:
    """Return the link that a row holds."""
    return Link(LinkKind(row["kind"]), row["a"], row["b"], row["score"], row["evidence"], row["method"] or "")


def removal_row(removal: Removal, fetch: Fetch) -> dict[str, Any]:
    """Return the row of a block that was struck from the page that `fetch` accounts for."""
    return {
        "outlet": fetch.outlet,
        "url": fetch.url,
        "fetched": fetch.fetched,
        **_capture(fetch.ref),
        "position": removal.position,
        "rule": removal.rule,
        "reason": removal.reason,
        "text": removal.text,
    }


def rejection_row(fetch: Fetch) -> dict[str, Any]:
    """Return the row of a URL that did not become a document."""
    return {
        "outlet": fetch.outlet,
        "url": fetch.url,
        "fetched": fetch.fetched,
        **_capture(fetch.ref),
        "status": fetch.status,
        "reason": fetch.reason,
        "detail": fetch.detail,
        "run": fetch.run,
    }


def fetch_row(fetch: Fetch) -> dict[str, Any]:
    """Return the row that accounts for one capture or failure."""
    return {
        "outlet": fetch.outlet,
        "url": fetch.url,
        "fetched": fetch.fetched,
        **_capture(fetch.ref),
        "article_id": fetch.article_id,
        "status": fetch.status,
        "reason": fetch.reason,
        "detail": fetch.detail,
        "rows": list(fetch.rows),
        "body_sha256": fetch.body_sha256,
        "etag": fetch.etag,
        "last_modified": fetch.last_modified,
        "run": fetch.run,
        "extractor": fetch.extractor,
        "purpose": fetch.purpose.value,
        "source": fetch.discovery.source if fetch.discovery else "",
        "found_in": fetch.discovery.url if fetch.discovery else "",
        "found_date": fetch.discovery.date if fetch.discovery else "",
    }


def fetch_of(row: Row) -> Fetch:
    """Return what a row of `fetches` accounts for."""
    return Fetch(
        url=row["url"],
        article_id=row["article_id"],
        outlet=row["outlet"],
        fetched=row["fetched"],
        status=row["status"],
        reason=row["reason"],
        detail=row["detail"],
        rows=tuple(row["rows"]),
        body_sha256=row["body_sha256"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        ref=CaptureRef(row["capture_key"], row["capture_offset"], row["capture_record_id"]),
        run=row["run"],
        extractor=row["extractor"],
        purpose=Purpose(row["purpose"]),
        discovery=Discovery(row["source"], row["found_in"], row["found_date"]) if row["source"] else None,
    )


def sketch_row(row_id: str, sketch: Sketch) -> dict[str, Any]:
    """Return the row of a fingerprint."""
    return {"row_id": row_id, "shingles": sketch.shingles, "whole": sketch.whole, "hashes": sketch.hashes}


def sketches_of(rows: pa.Table) -> Iterator[Sketch]:
    """Yield the fingerprints that some rows of `sketches` hold. Their hashes are views of the table's memory."""
    for batch in rows.to_batches():
        hashes = batch["hashes"].values.to_numpy()
        offsets = batch["hashes"].offsets.to_numpy()
        numbers = zip(batch["shingles"].to_pylist(), batch["whole"].to_pylist(), strict=True)
        for start, stop, (shingles, whole) in zip(offsets[:-1], offsets[1:], numbers, strict=True):
            yield Sketch(hashes[start:stop], shingles, whole)


def entry_row(entry: Entry) -> dict[str, Any]:
    """Return the row of what a document names."""
    return {
        "row_id": entry.row_id,
        "articles": list(entry.articles),
        "lang": entry.lang,
        "published": entry.published,
        "translated": entry.translated,
        "originals": list(entry.originals),
        "others": list(entry.others),
        "keys": entry.keys,
    }


def entry_of(row: Row) -> Entry:
    """Return what the row of a document's anchors holds."""
    return Entry(
        row_id=row["row_id"],
        articles=tuple(row["articles"]),
        lang=intern(row["lang"]),  # many rows share them, and all stay in memory
        published=intern(row["published"]),
        translated=row["translated"],
        originals=tuple(row["originals"]),
        others=tuple(row["others"]),
        keys=np.asarray(row["keys"], dtype=np.uint32),
    )


def vectors_row(row_id: str, encoder: str, codes: Codes) -> dict[str, Any]:
    """Return the row of the vectors of a document's sentences."""
    return {"row_id": row_id, "encoder": encoder, "dimensions": codes.shape[1], "codes": codes.tobytes()}


def codes_of(row: Row) -> Codes:
    """Return the vectors that a row holds."""
    return np.frombuffer(row["codes"], dtype=np.int8).reshape(-1, row["dimensions"])


def alignment_row(found: Found) -> dict[str, Any]:
    """Return the row of the sentences that a link rests on."""
    return {
        "kind": found.link.kind.value,
        "a": found.link.a,
        "b": found.link.b,
        "method": found.link.method,
        "extent": found.extent,
        "a_start": [a[0] for a, _, _ in found.pairs],
        "a_end": [a[1] for a, _, _ in found.pairs],
        "b_start": [b[0] for _, b, _ in found.pairs],
        "b_end": [b[1] for _, b, _ in found.pairs],
        "likeness": [likeness for _, _, likeness in found.pairs],
    }


def _capture(ref: CaptureRef) -> dict[str, Any]:
    return {"capture_key": ref.key, "capture_offset": ref.offset, "capture_record_id": ref.record_id}
