"""List what a snapshot kept and what it rejected, without the texts, to look at."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from articles.errors import InputError, UsageError
from articles.history.snapshot_view import DocumentView
from articles.model import Reason, Relevance
from articles.url import article_id, canonicalize
from storage.captures.records import parse_key
from storage.export.published import DateRange
from storage.export.text_query import found_in, matching, terms_of
from storage.objects import ObjectStore
from storage.snapshots.contents import SnapshotContents, SnapshotTables, load_tables
from storage.snapshots.summary import DUPLICATE, KEPT, REVIEW, reason_of
from storage.tables import packs
from storage.tables.state import State

DOCUMENT_REASONS = (KEPT, DUPLICATE, REVIEW)
NOTHING_KEPT: Mapping[str, datetime] = MappingProxyType({})
FETCH_COLUMNS = ("article_id", "fetched", "reason", "detail", "rows")
TEXT_COLUMNS = ("row_id", "title", "text")


@dataclass(frozen=True, slots=True)
class ListFilter:
    """What to list. Empty: everything."""

    outlets: frozenset[str] = frozenset()
    langs: frozenset[str] = frozenset()
    dates: DateRange | None = None  # of publication; of rejections: when they were fetched
    reasons: frozenset[str] = frozenset()
    runs: frozenset[str] = frozenset()
    query: str = ""


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document of a snapshot."""

    published: str
    lang: str
    outlet: str
    title: str
    url: str
    reason: str  # of `DOCUMENT_REASONS`
    gone: bool  # the source has deleted the page; the text is kept
    versions: int
    score: float  # of the topic
    run: str  # that saw it last
    document_id: str
    cluster_id: str


@dataclass(frozen=True, slots=True)
class ListedRejection:
    """A URL that became no document, with one reason."""

    fetched: datetime  # the last time
    outlet: str
    url: str
    reason: str
    detail: str  # of the last time
    status: int
    run: str  # the last one
    times: int = field(default=1)  # how often the URL was rejected for this reason
    kept_later: bool = False  # a later capture of the URL, or what it redirected to, became a document


def documents(store: ObjectStore, state: State, contents: SnapshotContents, chosen: ListFilter) -> list[ListedDocument]:
    """Return the documents of a snapshot, by outlet, date of publication and id. UsageError for an unknown reason."""
    _check_reasons(chosen.reasons, DOCUMENT_REASONS)
    found = [
        one
        for document in contents.view.documents.values()
        if (one := _document(document, contents)) is not None and _wanted(one, document, chosen)
    ]
    if terms_of(chosen.query):
        hits = _rows_with(store, state, chosen.query)
        found = [one for one in found if contents.view.documents[one.document_id].head.row_id in hits]
    return sorted(found, key=lambda one: (one.outlet, one.published, one.document_id))


def contents_for(store: ObjectStore, state: State, chosen: ListFilter) -> SnapshotContents:
    """Return the contents of a snapshot without links, and without most documents that `documents` would leave out.

    Rows are chosen as columns, so that a list of few documents of many costs little memory and time. UsageError for an
    unknown reason.
    """
    import pyarrow as pa  # noqa: PLC0415  listing rejections needs no columns
    import pyarrow.compute as pc  # noqa: PLC0415  likewise

    _check_reasons(chosen.reasons, DOCUMENT_REASONS)
    tables = load_tables(store, state, links=False)
    rows = tables.documents
    if chosen.langs:
        rows = rows.filter(pc.is_in(rows["lang"], pa.array(sorted(chosen.langs), pa.string())))
    if chosen.outlets:  # that of any version: a row may have joined the article of another outlet
        outlets = pa.array(sorted(chosen.outlets), pa.string())
        versions = rows["versions"].combine_chunks()
        found = pc.is_in(pc.struct_field(pc.list_flatten(versions), "outlet"), outlets)
        rows = rows.take(pc.unique(pc.list_parent_indices(versions).filter(found)))
    if chosen.dates is not None:
        holds = {day: chosen.dates.holds(day) for day in pc.unique(rows["published"]).to_pylist()}
        rows = rows.filter(pa.array([holds[day] for day in rows["published"].to_pylist()], pa.bool_()))
    if chosen.reasons:
        review = pc.equal(rows["verdict"], Relevance.REVIEW.value)
        reasons = pc.if_else(review, REVIEW, pc.if_else(rows["representative"], KEPT, DUPLICATE))
        rows = rows.filter(pc.is_in(reasons, pa.array(sorted(chosen.reasons), pa.string())))
    return SnapshotTables(rows, tables.links).contents(state)


def last_kept(store: ObjectStore, state: State) -> dict[str, datetime]:
    """Return when the page at an address last became a document in a snapshot, by `article_id` of the address.

    Its text may belong to the article of another address, as with a copy that names its original, or a redirect.
    """
    documents = load_tables(store, state, ("article_id", "last_seen"), links=False).documents
    found = _latest({}, documents, "last_seen")
    redirects = []
    for fetches in packs.read_each(store, state.live("fetches"), FETCH_COLUMNS):
        has_text = pc.greater(pc.list_value_length(fetches["rows"]), 0)  # a feed or a listing at the address has none
        _latest(found, fetches.filter(pc.and_(pc.equal(fetches["reason"], ""), has_text)), "fetched")
        moved = fetches.filter(pc.equal(fetches["reason"], Reason.REDIRECTED.value))
        redirects += moved.select(["fetched", "article_id", "detail"]).to_pylist()
    for row in sorted(redirects, key=lambda row: row["fetched"], reverse=True):  # of a chain, the last one first
        target = found.get(_article_of(row["detail"]))
        if target is not None:
            found[row["article_id"]] = max(target, row["fetched"], found.get(row["article_id"], target))
    return found


def _latest(found: dict[str, datetime], rows: pa.Table, column: str) -> dict[str, datetime]:
    """Add the latest time of each article in some rows."""
    last = rows.group_by("article_id").aggregate([(column, "max")])
    for name, time in zip(last["article_id"].to_pylist(), last[f"{column}_max"].to_pylist(), strict=True):
        found[name] = max(time, found.get(name, time))
    return found


def _article_of(url: str) -> str:
    """Return the id of the article at a URL; empty for what is none, such as a bad line of a list."""
    try:
        return article_id(canonicalize(url))
    except InputError:
        return ""


def rejections(
    store: ObjectStore, state: State, chosen: ListFilter, kept: Mapping[str, datetime] = NOTHING_KEPT
) -> list[ListedRejection]:
    """Return the rejections of a snapshot by outlet, reason and URL, each once. UsageError for an unknown reason.

    `kept`, of `last_kept`, tells which of the URLs became documents later.
    """
    _check_reasons(chosen.reasons, [reason.value for reason in Reason])
    by_failure: defaultdict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in _rejected(store, state, chosen):
        by_failure[row["outlet"], row["reason"], row["url"]].append(row)
    found = []
    for (_, reason, url), rows in sorted(by_failure.items()):
        last = max(rows, key=lambda row: (row["fetched"], row["capture_key"], row["capture_offset"]))
        facts = {name: last[name] for name in ("fetched", "outlet", "url", "reason", "detail", "status", "run")}
        kept_later = _kept_since(url, reason, last["fetched"], kept)
        found.append(ListedRejection(**facts, times=len(rows), kept_later=kept_later))
    return found


def _kept_since(url: str, reason: str, rejected: datetime, kept: Mapping[str, datetime]) -> bool:
    seen = kept.get(_article_of(url)) if kept else None
    return seen is not None and (seen > rejected or (seen == rejected and reason == Reason.REDIRECTED))


def _document(document: DocumentView, contents: SnapshotContents) -> ListedDocument | None:
    texts = [version for version in document.versions if not version.gone]
    if not texts:
        return None
    head = document.head
    label = contents.labels[head.row_id]
    return ListedDocument(
        published=head.published,
        lang=label.lang,
        outlet=label.outlet,
        title=label.title,
        url=contents.url_of(head.row_id),
        reason=reason_of(document, contents),
        gone=document.gone,
        versions=len(texts),
        score=label.score,
        run=_runs(document)[-1],
        document_id=head.document_id,
        cluster_id=document.cluster_id,
    )


def _runs(document: DocumentView) -> list[str]:
    return [parse_key(ref.key)[1] for version in document.versions for ref in version.captures]


def _wanted(one: ListedDocument, document: DocumentView, chosen: ListFilter) -> bool:
    return (
        (not chosen.outlets or one.outlet in chosen.outlets)
        and (not chosen.langs or one.lang in chosen.langs)
        and (chosen.dates is None or chosen.dates.holds(one.published))
        and (not chosen.reasons or one.reason in chosen.reasons)
        and (not chosen.runs or not chosen.runs.isdisjoint(_runs(document)))
    )


def _rows_with(store: ObjectStore, state: State, query: str) -> set[str]:
    found: set[str] = set()
    for rows in packs.read_each(store, state.live("documents"), TEXT_COLUMNS):
        found.update(matching(rows, query).column("row_id").to_pylist())
    return found


def _rejected(store: ObjectStore, state: State, chosen: ListFilter) -> Iterator[dict[str, Any]]:
    for rows in packs.read_each(store, state.live("rejections")):
        for row in rows.to_pylist():
            if (
                (not chosen.outlets or row["outlet"] in chosen.outlets)
                and (not chosen.reasons or row["reason"] in chosen.reasons)
                and (not chosen.runs or row["run"] in chosen.runs)
                and (chosen.dates is None or chosen.dates.holds(row["fetched"].date().isoformat()))
                and found_in(chosen.query, row["url"], row["detail"])
            ):
                yield row


def _check_reasons(asked: frozenset[str], known: Any) -> None:
    for reason in sorted(asked):
        if reason not in known:
            near = get_close_matches(reason, known, n=1)
            meant = f"did you mean {near[0]}? Or use one of" if near else "use one of"
            raise UsageError(f"--reason {reason}: there is no such reason; {meant} {', '.join(known)}")
