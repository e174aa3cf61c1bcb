"""One capture -> what it became: rows, removals, links, and the line of accounting. A pure function, run in workers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from articles import extract
from articles.errors import InputError
from articles.extractor_version import extractor_version
from articles.links import anchors, fingerprint, spun
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
from articles.topics import topic
from articles.url import article_id, canonicalize

TOLD_TERMS = 5  # of a page that is off topic
WARM_UP = (
    "Nothing has happened today, and those who waited for it have gone home with what they had brought along.",
    "Сегодня ничего не произошло, и те, кто ждал, разошлись по домам с тем, что принесли с собой.",
)


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document with its keys and its fingerprint."""

    row_id: str
    version_key: str
    document: Document
    sketch: fingerprint.Sketch
    anchors: anchors.Keys


@dataclass(frozen=True, slots=True)
class PageResult:
    """What came of one capture or failure."""

    fetch: Fetch
    rows: tuple[DocumentRow, ...] = ()
    removals: tuple[Removal, ...] = ()
    links: tuple[Link, ...] = ()
    purpose: Purpose = Purpose.PAGE
    missed: tuple[str, ...] = ()  # attributes of the outlet whose selectors found nothing on the page
    vitals: TemplateSigns | None = None  # of a page that held an article, whatever its topic


def read_failure(failure: Failure) -> PageResult:
    """Account for a URL that gave no response."""
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


def rules_of(site: Site) -> str:
    """Return what a page of a site is read by: our code and data, and what is known of the site."""
    return f"{extractor_version()}+{site.key}" if site.key else extractor_version()


def extractor_key(capture: Capture, site: Site = PLAIN) -> str:
    """Return what a reading of this capture rests on: what reads its site, and the topic that the capture names."""
    return f"{rules_of(site)}:{capture.topic}"


def read_capture(capture: Capture, topics: Mapping[str, topic.Topic], site: Site = PLAIN) -> PageResult:
    """Extract a page, judge its topic and take its fingerprints."""
    outcome = extract.extract(capture, site)
    if outcome.documents:
        outcome = _judge(outcome, topics[capture.topic])
    rows = tuple(_row(spun.hinted(document)) for document in outcome.documents)
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
    """Read several captures; `topics` maps what captures name to the text of a topic file ("" is a built-in one).

    `sites` are what is known of the site of each, or none.
    """
    judges = {spec: _topic(spec, text) for spec, text in topics.items()}
    known = sites or [PLAIN] * len(captures)
    return [read_capture(capture, judges, site) for capture, site in zip(captures, known, strict=True)]


def warm_up() -> None:
    """Read a page of no matter: the first one loads models and compiles rules for about a second."""
    text = "".join(f"<p>{sentence}</p>" for sentence in WARM_UP)
    page = f"<!doctype html><html><body><article><h1>Nothing</h1>{text}</article></body></html>".encode()
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
    """Return the accounting line of a capture."""
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
    )


def _article_of(url: str) -> str:
    """Return the key of the article at a URL; empty where a redirect led to what is no URL: there is no article there."""
    try:
        return article_id(canonicalize(url))
    except InputError:
        return ""


_TOPICS: dict[tuple[str, str], topic.Topic] = {}


def _topic(spec: str, text: str) -> topic.Topic:
    """Build a topic once per worker: compiling its automaton costs more than judging a page."""
    if (spec, text) not in _TOPICS:
        _TOPICS[spec, text] = topic.load(text) if text else topic.builtin(spec)
    return _TOPICS[spec, text]


def _judge(outcome: Outcome, judge: topic.Topic) -> Outcome:
    """Keep a page if any of its documents is on topic, or nearly: a translation and its original stay together."""
    verdicts = [judge.judge(doc.title, doc.paragraphs, doc.lang) for doc in outcome.documents]
    best = max(verdicts, key=lambda verdict: verdict.score)
    if best.verdict is Relevance.REJECT:
        return replace(outcome, documents=(), links=(), reason=Reason.OFF_TOPIC, detail=_why_off_topic(best))
    judged = tuple(
        replace(document, topic_score=one.score, topic_verdict=best.verdict, topic_evidence=one.evidence)
        for document, one in zip(outcome.documents, verdicts, strict=True)
    )
    return replace(outcome, documents=judged)


def _why_off_topic(judgement: topic.Judgement) -> str:
    """Return the score, the rule that decided, and the words found most often."""
    found = ", ".join(f"{term} {count}" for term, count in judgement.terms[:TOLD_TERMS])
    return f"score {judgement.score:.3f}: {judgement.why}; found {found or 'nothing'}"


def _row(document: Document) -> DocumentRow:
    return DocumentRow(
        row_id=fingerprint.row_id(document),
        version_key=fingerprint.version_key(document),
        document=document,
        sketch=fingerprint.sketch(document.text),
        anchors=anchors.anchors(document.text, document.lang),
    )


def _row_link(link: PageLink, rows: Sequence[DocumentRow]) -> Link:
    by_lang = {row.document.lang: row.row_id for row in rows}
    return Link(link.kind, by_lang[link.a_lang], by_lang[link.b_lang], link.score, link.evidence)
