"""Turn one capture into rows, removals, links and an accounting record. Pure functions that run in worker processes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from articles.errors import InputError
from articles.extractor_version import extractor_version
from articles.links import anchors, fingerprint, line_marks, spun
from articles.metadata import rights
from articles.metadata.reservations import Use, reservation
from articles.model import (
    Capture,
    CaptureRef,
    Document,
    Failure,
    Fetch,
    Link,
    Outcome,
    PageLink,
    Purpose,
    Reason,
    Relevance,
    Removal,
    TemplateSigns,
)
from articles.site import PLAIN, Site
from articles.url import article_id, canonicalize

if TYPE_CHECKING:
    from articles.topics.topic import Judgement, Topic

MAX_DETAIL_TERMS = 5  # in the rejection detail of an off-topic page
WARM_UP_SENTENCES = (
    "Nothing has happened today, and those who waited for it have gone home with what they had brought along.",
    "Сегодня ничего не произошло, и те, кто ждал, разошлись по домам с тем, что принесли с собой.",
)


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document with its keys and fingerprints."""

    row_id: str
    version_key: str
    document: Document
    sketch: fingerprint.Sketch
    anchors: anchors.Keys
    marks: str = ""  # of its short lines, see `articles.links.line_marks`


@dataclass(frozen=True, slots=True)
class PageResult:
    """Result of processing one capture or failure."""

    fetch: Fetch
    rows: tuple[DocumentRow, ...] = ()
    removals: tuple[Removal, ...] = ()
    links: tuple[Link, ...] = ()
    purpose: Purpose = Purpose.PAGE
    missed: tuple[str, ...] = ()  # attributes of the outlet's file whose selectors found nothing
    vitals: TemplateSigns | None = None  # of a page with an article, whatever its topic


def read_failure(failure: Failure) -> PageResult:
    """Return the result of a request that got no response."""
    return PageResult(
        Fetch(
            url=failure.url,
            article_id=_article_of(failure.url),
            outlet=failure.outlet,
            fetched=failure.fetched,
            status=0,
            reason=failure.reason.value,
            detail=failure.detail,
            rows=(),
            body_sha256="",
            etag="",
            last_modified="",
            ref=failure.ref,
            run=failure.run,
            extractor=extractor_version(),
            purpose=failure.purpose,
            discovery=failure.discovery,
        ),
        purpose=failure.purpose,
    )


def site_extractor_key(site: Site) -> str:
    """Return the version of what extracts the pages of a site: our code and data, and what is known of the site."""
    return f"{extractor_version()}+{site.key}" if site.key else extractor_version()


def extractor_key(capture: Capture, site: Site = PLAIN) -> str:
    """Return the version of all that the result of a capture depends on: extractor, site, topic and reserved use."""
    use = f":{capture.reserved_use}" if capture.reserved_use else ""
    return f"{site_extractor_key(site)}:{capture.topic}{use}"


def read_capture(capture: Capture, topics: "Mapping[str, Topic]", site: Site = PLAIN) -> PageResult:
    """Extract a page, judge its topic and compute its fingerprints."""
    from articles import extract  # noqa: PLC0415  loads all rules of extraction, which only a process that reads pages needs

    outcome = extract.extract(capture, site)
    if outcome.documents:
        outcome = _without_reserved(capture, _judge(outcome, topics[capture.topic]))
    rows = tuple(_row(spun.with_spun_hint(document)) for document in outcome.documents)
    return PageResult(
        fetch=fetch_of(capture, rows=rows, reason=outcome.reason, detail=outcome.detail, site=site),
        missed=outcome.missed,
        vitals=outcome.vitals,
        rows=rows,
        removals=outcome.removals,
        links=tuple(_row_link(link, rows) for link in outcome.links),
        purpose=capture.purpose,
    )


def read_chunk(captures: Sequence[Capture], topics: Mapping[str, str], sites: Sequence[Site] = ()) -> list[PageResult]:
    """Process several captures.

    `topics` maps the topics that captures name to the text of a topic file ("" for a built-in topic). `sites` holds
    what is known of the site of each capture, or is empty.
    """
    judges = {spec: _topic(spec, text) for spec, text in topics.items()}
    known = sites or [PLAIN] * len(captures)
    return [read_capture(capture, judges, site) for capture, site in zip(captures, known, strict=True)]


def warm_up() -> None:
    """Extract a dummy page: the first page of a process loads models and compiles rules for about half a second.

    The page leaves no doubt about its text and its date, so that what only doubtful pages need is not loaded.
    """
    from articles import extract  # noqa: PLC0415  as in `read_capture`

    text = "".join(f"<p>{sentence} {number}.</p>" for number in range(4) for sentence in WARM_UP_SENTENCES)
    head = '<title>Nothing</title><meta property="article:published_time" content="2026-01-01T00:00:00Z">'
    page = f"<!doctype html><html><head>{head}</head><body><article><h1>Nothing</h1>{text}</article></body></html>".encode()
    ref = CaptureRef("", 0, "")
    extract.extract(
        Capture(ref, "http://example.invalid/a", "example.invalid", datetime(2026, 1, 1, tzinfo=UTC), 200, (), page, "")
    )


def fetch_of(
    capture: Capture,
    *,
    rows: Sequence[DocumentRow] = (),
    reason: Reason | None = None,
    detail: str = "",
    site: Site = PLAIN,
) -> Fetch:
    """Return the accounting record of a capture."""
    return Fetch(
        url=capture.url,
        article_id=_article_of(capture.url),
        outlet=capture.outlet,
        fetched=capture.fetched,
        status=capture.status,
        reason=reason.value if reason else "",
        detail=detail,
        rows=tuple(row.row_id for row in rows),
        body_sha256=capture.body_sha256,
        etag=capture.header("etag"),
        last_modified=capture.header("last-modified"),
        ref=capture.ref,
        run=capture.run,
        extractor=extractor_key(capture, site),
        purpose=capture.purpose,
        discovery=capture.discovery,
        rights=rights.of_capture(capture) if capture.purpose.article else (),
    )


def _article_of(url: str) -> str:
    """Return the id of the article at a URL; empty if it is no valid URL, as the target of a redirect may be."""
    try:
        return article_id(canonicalize(url))
    except InputError:
        return ""


_TOPICS: "dict[tuple[str, str], Topic]" = {}


def _topic(spec: str, text: str) -> "Topic":
    """Return a topic, built once per worker: compiling its automaton costs more than judging a page."""
    from articles.topics import topic  # noqa: PLC0415  its schema takes 0.1 s, and only a process that reads pages needs it

    if (spec, text) not in _TOPICS:
        _TOPICS[spec, text] = topic.load(text) if text else topic.builtin(spec)
    return _TOPICS[spec, text]


def _judge(outcome: Outcome, judge: "Topic") -> Outcome:
    """Keep a page if any of its documents is accepted or under review: a translation and its original stay together."""
    verdicts = [judge.judge(doc.title, doc.paragraphs, doc.lang) for doc in outcome.documents]
    best = max(verdicts, key=lambda verdict: verdict.score)
    if best.verdict is Relevance.REJECT:
        return replace(outcome, documents=(), links=(), reason=Reason.OFF_TOPIC, detail=_why_off_topic(best))
    documents = tuple(
        replace(document, topic_score=judged.score, topic_verdict=best.verdict, topic_evidence=judged.evidence)
        for document, judged in zip(outcome.documents, verdicts, strict=True)
    )
    return replace(outcome, documents=documents)


def _without_reserved(capture: Capture, outcome: Outcome) -> Outcome:
    """Reject a page whose publisher reserves the use that its crawl was for."""
    if not (capture.reserved_use and outcome.documents):
        return outcome
    stated = (right for document in outcome.documents for right in document.rights)
    why = reservation(stated, Use(capture.reserved_use))
    return replace(outcome, documents=(), links=(), reason=Reason.RESERVED, detail=why) if why else outcome


def _why_off_topic(judgement: "Judgement") -> str:
    """Return the score, the deciding rule and the most frequent topic words."""
    found = ", ".join(f"{term} {count}" for term, count in judgement.terms[:MAX_DETAIL_TERMS])
    return f"score {judgement.score:.3f}: {judgement.why}; found {found or 'nothing'}"


def _row(document: Document) -> DocumentRow:
    return DocumentRow(
        row_id=fingerprint.row_id(document),
        version_key=fingerprint.version_key(document),
        document=document,
        sketch=fingerprint.sketch(document.text),
        anchors=anchors.anchors(document.text, document.lang),
        marks=line_marks.line_marks(document),
    )


def _row_link(link: PageLink, rows: Sequence[DocumentRow]) -> Link:
    by_lang = {row.document.lang: row.row_id for row in rows}
    return Link(link.kind, by_lang[link.a_lang], by_lang[link.b_lang], link.score, link.evidence)
