"""Sample rows and Hypothesis strategies that the storage tests share. All texts are invented."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from articles.links.anchors import anchors
from articles.links.fingerprint import row_id, sketch, version_key
from articles.links.line_marks import line_marks
from articles.links.translation import FoundLink
from articles.links.translation_index import TranslationEntry
from articles.model import (
    Alternate,
    Capture,
    CaptureRef,
    Choice,
    Document,
    Evidence,
    Fetch,
    Link,
    LinkKind,
    Mention,
    Place,
    Relevance,
    Removal,
    Right,
    Role,
)
from storage.tables import link_rows
from storage.tables import rows as table_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.tables.schemas import Row

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)

words = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
names = st.lists(words, max_size=3).map(tuple)
documents = st.builds(
    Document,
    article_id=st.text("0123456789abcdef", min_size=16, max_size=16),
    url=words,
    canonical_url=words,
    outlet=st.sampled_from(["a.example", "b.example"]),
    lang=st.sampled_from(["ru", "kk", "en"]),
    role=st.sampled_from(Role),
    title=words,
    paragraphs=names,
    authors=names,
    translators=names,
    editors=names,
    published=st.sampled_from(["", "2026-01-01", "2026-01-01T10:00:00+05:00"]),
    modified=words,
    evidence=st.lists(st.builds(Evidence, words, words, words, st.booleans()), max_size=2).map(tuple),
    section=words,
    tags=names,
    source_outlet=words,
    source_url=words,
    source_date=words,
    note=words,
    topic_score=st.floats(allow_nan=False, allow_infinity=False),
    topic_verdict=st.sampled_from(Relevance),
    topic_evidence=st.lists(
        st.builds(
            Mention, words, words, st.sampled_from(Place), st.lists(st.integers(0, 9_999), max_size=3).map(tuple)
        ),
        max_size=2,
    ).map(tuple),
    lead=words,
    choices=st.lists(st.builds(Choice, words, words), max_size=2).map(tuple),
    alternates=st.lists(st.builds(Alternate, words, words, words), max_size=2).map(tuple),
    rights=st.lists(st.builds(Right, words, words, words), max_size=2).map(tuple),
    flags=names,
)


def document(number, text="", **changes):
    """Return a sample document."""
    fields = {
        "article_id": f"{number:016x}",
        "url": f"https://steppe.example/{number}",
        "canonical_url": f"https://steppe.example/{number}",
        "outlet": "steppe.example",
        "lang": "en",
        "role": Role.MAIN,
        "title": f"The bridge at kilometre {number}",
        "paragraphs": (text or f"Bridge number {number} was opened.", "It is long, and it is new."),
        "published": f"2026-01-{number % 28 + 1:02}",
        "authors": ("A. Bekova",),
        "evidence": (Evidence("title", "visible", "The bridge", chosen=True),),
    }
    return Document(**(fields | changes))


def ref(number, key="captures/steppe.example/2026/11/01/run-00000.warc.gz"):
    return CaptureRef(key, number * 100, f"urn:uuid:{number}")


def capture(number, **changes):
    fields = {
        "ref": ref(number),
        "url": f"https://steppe.example/{number}",
        "outlet": "steppe.example",
        "fetched": NOON + timedelta(seconds=number),
        "status": 200,
        "headers": (),
        "body": b"",
        "run": "run",
    }
    return Capture(**(fields | changes))


def row(number, text="", **changes):
    """Return a sample row of `documents`."""
    doc = document(number, text, **changes)
    return document_row(doc, number)


def document_row(doc, number=0, fetched=None):
    seen = capture(number, **({"fetched": fetched} if fetched else {}))
    return table_rows.document_row(
        doc, seen, row_id=row_id(doc), version_key=version_key(doc), extractor="x1", marks=line_marks(doc)
    )


def fetch(number, rows=(), **changes):
    fields = {
        "url": f"https://steppe.example/{number}",
        "article_id": f"{number:016x}",
        "outlet": "steppe.example",
        "fetched": NOON + timedelta(seconds=number),
        "status": 200,
        "reason": "",
        "detail": "",
        "rows": tuple(rows),
        "body_sha256": "b" * 64,
        "etag": '"e"',
        "last_modified": "",
        "ref": ref(number),
        "run": "run",
        "extractor": "x1",
    }
    return Fetch(**(fields | changes))


def any_rows(table, count=3):
    """Return sample rows of any table."""
    make: dict[str, Callable[[int], Row]] = {
        "documents": row,
        "links": lambda n: table_rows.link_row(Link(LinkKind.DUPLICATE, f"{n:032x}", f"{n + 1:032x}", 0.9, "C3=.9")),
        "removals": lambda n: table_rows.removal_row(
            Removal("comments:form", "comments", "Leave a reply", n), fetch(n)
        ),
        "rejections": lambda n: table_rows.rejection_row(fetch(n, reason="empty", detail="no body")),
        "fetches": lambda n: table_rows.fetch_row(fetch(n, rows=["0" * 32])),
        "sketches": lambda n: table_rows.sketch_row(f"{n:032x}", sketch("one two three four five " * n)),
        "anchors": lambda n: link_rows.entry_row(
            TranslationEntry(
                f"{n:032x}", ("a",), "en", "2026-11-01", False, (), ("b",), anchors("Aktobe, Kostanay 4,512", "en")
            )
        ),
        "vectors": lambda n: link_rows.vectors_row(f"{n:032x}", "e 1", np.full((n, 4), n, np.int8)),
        "alignments": lambda n: link_rows.alignment_row(
            FoundLink(
                Link(LinkKind.TRANSLATION, f"{n:032x}", f"{n + 1:032x}", 0.9, "full", "e 1"),
                "full",
                (((0, 40), (0, 44), 0.75),),
            )
        ),
        "health": lambda n: {
            "outlet": "steppe.example",
            "day": NOON.date(),
            "run": "run",
            "measure": f"m{n}",
            "value": float(n),
        },
    }
    return [make[table](number) for number in range(1, count + 1)]
