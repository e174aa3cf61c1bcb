"""Convert between objects of `articles.model` and rows of the tables (`storage.tables.schemas`)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from articles.errors import CorruptError, InputError
from articles.links.fingerprint import Sketch, text_sha256
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
    Mention,
    Place,
    Purpose,
    Relevance,
    Removal,
    Right,
    Role,
)
from storage.tables.file_ref import FileRef
from storage.tables.schemas import PARAGRAPH_GAP, Row


def document_row(
    document: Document, capture: Capture | Fetch, *, row_id: str, version_key: str, extractor: str, marks: str = ""
) -> dict[str, Any]:
    """Return the row of `documents` for a document as one capture showed it."""
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
        "evidence": [asdict(candidate) for candidate in document.evidence],
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
        "marks": marks,
        "lead": document.lead,
        "choices": [asdict(choice) for choice in document.choices],
        "alternates": [asdict(alternate) for alternate in document.alternates],
        "rights": [asdict(right) for right in document.rights],
        "topic_verdict": document.topic_verdict.value,
        "topic_evidence": [
            {
                "term": mention.term,
                "form": mention.form,
                "place": mention.place.value,
                "offsets": list(mention.offsets),
            }
            for mention in document.topic_evidence
        ],
        "flags": list(document.flags),
        "continues": document.continues,
    }


@contextmanager
def of_pack(ref: FileRef) -> Iterator[None]:
    """Name the pack if a row in it cannot be read. Raises CorruptError."""
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, InputError) as error:
        raise CorruptError(f"{ref.key} holds a row that Irtysh did not write: {error!r}") from error


def document_of(row: Row) -> Document:
    """Return the document that a row of `documents` with all columns holds."""
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
        evidence=tuple(Evidence(**candidate) for candidate in row["evidence"]),
        section=row["section"],
        tags=tuple(row["tags"]),
        source_outlet=row["source_outlet"],
        source_url=row["source_url"],
        source_date=row["source_date"],
        note=row["note"],
        topic_score=row["topic_score"],
        lead=row["lead"] or "",  # null in rows older than the column, as are the columns below
        choices=tuple(Choice(**choice) for choice in row["choices"] or ()),
        alternates=tuple(Alternate(**alternate) for alternate in row["alternates"] or ()),
        rights=rights_of(row["rights"]),
        topic_verdict=relevance_of(row["topic_verdict"]),
        topic_evidence=mentions_of(row["topic_evidence"]),
        flags=tuple(row["flags"] or ()),
        continues=row["continues"] or "",
    )


def relevance_of(value: str | None) -> Relevance:
    """Return the topic verdict that a row holds. Rows older than the column were accepted."""
    return Relevance.ACCEPT if value is None else Relevance(value)


def rights_of(value: Sequence[Row] | None) -> tuple[Right, ...]:
    """Return the statements on permitted use that a row holds; none in rows older than the column."""
    return tuple(Right(**right) for right in value or ())


def mentions_of(value: Sequence[Row] | None) -> tuple[Mention, ...]:
    """Return the mentions of topic words that a row holds."""
    return tuple(
        Mention(mention["term"], mention["form"], Place(mention["place"]), tuple(mention["offsets"]))
        for mention in value or ()
    )


def paragraphs_of(text: str, lengths: Sequence[int]) -> tuple[str, ...]:
    """Split a text into paragraphs of the given lengths (characters); a blank line separates them."""
    found = []
    start = 0
    for length in lengths:
        found.append(text[start : start + length])
        start += length + PARAGRAPH_GAP
    return tuple(found)


def link_row(link: Link) -> dict[str, Any]:
    """Return the row of `links` for a link."""
    return {
        "kind": link.kind.value,
        "a": link.a,
        "b": link.b,
        "score": link.score,
        "evidence": link.evidence,
        "method": link.method,
    }


def link_of(row: Row) -> Link:
    """Return the link that a row of `links` holds."""
    return Link(LinkKind(row["kind"]), row["a"], row["b"], row["score"], row["evidence"], row["method"] or "")


def removal_row(removal: Removal, fetch: Fetch) -> dict[str, Any]:
    """Return the row of `removals` for a block removed from the page of `fetch`."""
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
    """Return the row of `rejections` for a fetch that became no document."""
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
    """Return the row of `fetches` for one capture or failure."""
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
        "rights": [asdict(right) for right in fetch.rights],
    }


def fetch_of(row: Row) -> Fetch:
    """Return the fetch that a row of `fetches` holds."""
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
        ref=capture_ref(row),
        run=row["run"],
        extractor=row["extractor"],
        purpose=Purpose(row["purpose"]),
        discovery=Discovery(row["source"], row["found_in"], row["found_date"]) if row["source"] else None,
        rights=rights_of(row["rights"]),
    )


def sketch_row(row_id: str, sketch: Sketch) -> dict[str, Any]:
    """Return the row of `sketches` for a sketch."""
    return {"row_id": row_id, "shingles": sketch.shingles, "whole": sketch.whole, "hashes": sketch.hashes}


def sketches_of(rows: pa.Table) -> Iterator[Sketch]:
    """Yield the sketches that rows of `sketches` hold. Their hashes are views of the table's memory, not copies."""
    for batch in rows.to_batches():
        hashes = batch["hashes"].values.to_numpy()
        offsets = batch["hashes"].offsets.to_numpy()
        numbers = zip(batch["shingles"].to_pylist(), batch["whole"].to_pylist(), strict=True)
        for start, stop, (shingles, whole) in zip(offsets[:-1], offsets[1:], numbers, strict=True):
            yield Sketch(hashes[start:stop], shingles, whole)


def _capture(ref: CaptureRef) -> dict[str, Any]:
    return {"capture_key": ref.key, "capture_offset": ref.offset, "capture_record_id": ref.record_id}


def capture_ref(row: Mapping[str, Any]) -> CaptureRef:
    """Return the reference to the capture of a row of `documents` or `fetches`."""
    return CaptureRef(row["capture_key"], row["capture_offset"], row["capture_record_id"])
