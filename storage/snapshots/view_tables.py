"""Tables of a stored view: what a snapshot's reader sees, and what the view of the next snapshot is computed from.

`documents` has a row for each document of the view, `links` one for each link and each of its two documents. `articles`
holds what was observed at one URL, and which other URLs' observations bear on it; these three are sorted by `article_id`, so
that one article is found without reading the rest. `rows` says at which URL a row was observed, `outlets` what the documents
say of their outlets.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from articles.errors import CorruptError
from articles.history.identity import RowHead
from articles.history.snapshot_view import DocumentLink, DocumentView, SnapshotView, has_file, link_order
from articles.history.versions import Version
from articles.history.visits import Sighting, Visit
from articles.links.clusters import ClusterOrigin
from articles.model import CaptureRef, Link, LinkKind, Purpose
from storage.snapshots.observed import RowLabel, SnapshotContents
from storage.tables.file_ref import FileRef
from storage.tables.rows import relevance_of
from storage.tables.schemas import INSTANT, STRINGS, Row

Given = ParamSpec("Given")
Made = TypeVar("Made")

STRING_LABELS = ("title", "url", "outlet", "lang", "version_key")
CAPTURE = pa.struct([("key", pa.string()), ("offset", pa.int64()), ("record_id", pa.string())])
VERSIONS = pa.list_(
    pa.struct(
        [
            ("number", pa.int32()),
            ("row_id", pa.string()),
            ("first_seen", INSTANT),
            ("last_seen", INSTANT),
            ("gone", pa.bool_()),
            ("captures", pa.list_(CAPTURE)),
            *((name, pa.string()) for name in STRING_LABELS),
            ("score", pa.float64()),
            ("verdict", pa.string()),
            ("pack", pa.string()),
            ("shown", INSTANT),  # by the first capture that showed the row
            ("shown_by", CAPTURE),
            ("joined_url", pa.string()),  # URL of the article that the row has joined; null if it has joined none
        ]
    )
)
HEAD_FIELDS = (
    "row_id", "document_id", "article_id", "url", "version_key", "published", "reprint", "length", "review", "source",
    "outlet", "title", "claim", "claim_url", "continues", "marks", "compared",
)  # fmt: skip
OTHER_KINDS = {"reprint": pa.bool_(), "review": pa.bool_(), "compared": pa.bool_(), "length": pa.int64()}
LINK_FIELDS = ("kind", "a_url", "b_url", "a_document_id", "b_document_id", "score", "evidence", "source")
TABLES: Mapping[str, pa.Schema] = {
    "documents": pa.schema(
        [
            *((name, OTHER_KINDS.get(name, pa.string())) for name in HEAD_FIELDS),
            ("lang", pa.string()),
            ("score", pa.float64()),
            ("verdict", pa.string()),
            ("first_seen", INSTANT),
            ("last_seen", INSTANT),
            ("gone", pa.bool_()),
            ("cluster_id", pa.string()),
            ("cluster_source", pa.string()),
            ("cluster_first", pa.string()),
            ("representative", pa.bool_()),
            ("date_doubt", pa.string()),
            ("stated_day", pa.string()),
            ("text_seen", pa.string()),
            ("day_proved", pa.bool_()),
            ("changes", STRINGS),  # keys of changes in short lines, see `articles.history.changing`
            ("changing", STRINGS),  # those of lines that change with every fetch
            ("known", pa.bool_()),  # its outlet has a file
            ("texts", pa.int32()),  # versions that are no tombstones
            ("versions", VERSIONS),
        ]
    ),
    "links": pa.schema(
        [
            ("article_id", pa.string()),
            ("document_id", pa.string()),  # one of the two
            *((name, pa.float64() if name == "score" else pa.string()) for name in LINK_FIELDS),
        ]
    ),
    "articles": pa.schema(
        [
            ("article_id", pa.string()),
            ("joined", STRINGS),  # articles that rows observed at this URL have joined
            ("neighbours", STRINGS),  # articles whose observations bear on those of this one
            *((name, pa.string()) for name in ("heads", "visits", "links")),  # JSON
        ]
    ),
    "rows": pa.schema([("row_id", pa.string()), ("article_id", pa.string())]),
    "outlets": pa.schema(
        [
            ("outlet", pa.string()),
            ("days", STRINGS),  # the first ones that documents prove, of an outlet with a file
            ("articles", STRINGS),  # of these documents
            ("more", pa.bool_()),  # whether other documents prove days
            ("changed", pa.bool_()),  # whether documents have changes in short lines
        ]
    ),
}
SORTED_BY = {name: {"rows": "row_id", "outlets": "outlet"}.get(name, "article_id") for name in TABLES}
MAX_FIRST_DAYS = 20  # of an outlet in a layer; where all of their documents have changed since, all others are read
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
Packs = Mapping[str, FileRef]  # live files of documents, by SHA-256


@dataclass(slots=True)
class ArticleRecord:
    """What was observed at one URL."""

    article_id: str
    heads: list[tuple[RowHead, RowLabel]] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)  # whose row `a` was observed here
    neighbours: set[str] = field(default_factory=set)


def of_view(view: SnapshotView, records: Mapping[str, ArticleRecord]) -> dict[str, pa.Table]:
    """Return the tables of some articles: their view, and what it was computed from."""
    labels = {head.row_id: label for record in records.values() for head, label in record.heads}
    placed = ((head.row_id, name) for name, record in records.items() for head, _ in record.heads)
    documents = _table("documents", (_document_row(one, view, labels) for one in view.documents.values()))
    return {
        "documents": documents,
        "outlets": outlets_of(documents),
        "links": _table("links", _link_rows(view)),
        "articles": _table("articles", (_article_row(record, view) for record in records.values())),
        "rows": _table("rows", ({"row_id": row_id, "article_id": name} for row_id, name in placed)),
    }


def outlets_of(documents: pa.Table) -> pa.Table:
    """Return the table `outlets` of a table `documents`."""
    changed = documents.filter(pc.greater(pc.list_value_length(documents["changes"]), 0))["outlet"].unique().to_pylist()
    proved = documents.filter(pc.and_(documents["day_proved"], documents["known"]))
    columns = ("outlet", "stated_day", "article_id")
    proved = proved.select(columns).sort_by([(name, "ascending") for name in columns])
    days: dict[str, list[tuple[str, str]]] = {name: [] for name in changed}
    for outlet, day, article in zip(*(proved[name].to_pylist() for name in columns), strict=True):
        days.setdefault(outlet, []).append((day, article))
    rows = (
        {
            "outlet": outlet,
            "days": [day for day, _ in found[:MAX_FIRST_DAYS]],
            "articles": [article for _, article in found[:MAX_FIRST_DAYS]],
            "more": len(found) > MAX_FIRST_DAYS,
            "changed": outlet in changed,
        }
        for outlet, found in days.items()
    )
    return _table("outlets", rows)


def of_contents(contents: SnapshotContents) -> tuple[pa.Table, pa.Table]:
    """Return the tables `documents` and `links` of contents that were computed."""
    rows = (_document_row(one, contents.view, contents.labels) for one in contents.view.documents.values())
    return _table("documents", rows), _table("links", _link_rows(contents.view))


def _of_ours(read: Callable[Given, Made]) -> Callable[Given, Made]:
    """Return a reader of stored rows that raises CorruptError for one that we did not write."""

    @wraps(read)
    def checked(*args: Given.args, **kwargs: Given.kwargs) -> Made:
        try:
            return read(*args, **kwargs)
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError) as error:
            raise CorruptError(
                f"a stored view holds a row that Irtysh did not write: {error!r}; run `irtysh repair`, or delete index/views/, "
                "which the next run makes again"
            ) from error

    return checked


@_of_ours
def record_of(row: Row, packs: Packs) -> ArticleRecord:
    """Return the record that a row of `articles` holds."""
    name = row["article_id"]
    heads = []
    for values, *label in json.loads(row["heads"]):
        head = RowHead(**dict(zip(HEAD_FIELDS, values, strict=True)))
        score, verdict, pack = label
        named = RowLabel(
            head.title, head.url, head.outlet, head.lang, head.version_key, score, relevance_of(verdict), packs[pack]
        )
        heads.append((head, named))
    visits = [
        Visit(EPOCH + at * MICROSECOND, CaptureRef(*ref), reason, tuple(rows), Purpose(purpose), listed, name)
        for at, ref, reason, rows, purpose, listed in json.loads(row["visits"])
    ]
    links = [Link(LinkKind(kind), *rest) for kind, *rest in json.loads(row["links"])]
    return ArticleRecord(name, heads, visits, links, set(row["neighbours"]))


@_of_ours
def contents_of(documents: pa.Table, links: pa.Table, packs: Packs) -> SnapshotContents:
    """Return the contents that rows of `documents` and `links` hold."""
    found: dict[str, DocumentView] = {}
    labels: dict[str, RowLabel] = {}
    shown: dict[str, Sighting] = {}
    joined: dict[str, str] = {}
    for row in sorted(documents.to_pylist(), key=lambda row: row["document_id"]):
        head = RowHead(**{name: row[name] for name in HEAD_FIELDS})
        found[head.document_id] = _document_of(head, row)
        for version in row["versions"]:
            row_id, verdict = version["row_id"], relevance_of(version["verdict"])
            strings = {name: version[name] for name in STRING_LABELS}
            labels[row_id] = RowLabel(**strings, score=version["score"], verdict=verdict, pack=packs[version["pack"]])
            shown[row_id] = Sighting(version["shown"], CaptureRef(**version["shown_by"]))
            if version["joined_url"]:
                joined[row_id] = version["joined_url"]
    relations = [
        DocumentLink(LinkKind(row["kind"]), *(row[name] for name in LINK_FIELDS[1:]))
        for row in links.to_pylist()
        if row["document_id"] == row["a_document_id"] or row["a_document_id"] not in found  # once
    ]
    view = SnapshotView(found, tuple(sorted(relations, key=link_order)), shown, {})
    return SnapshotContents(view, labels, joined)


def _table(table: str, rows: Iterable[Row]) -> pa.Table:
    found = pa.Table.from_pylist(list(rows), TABLES[table])
    return found.sort_by([(SORTED_BY[table], "ascending")]).combine_chunks()


def _document_row(document: DocumentView, view: SnapshotView, labels: Mapping[str, RowLabel]) -> Row:
    head = document.head
    label = labels[head.row_id]
    return {
        **{name: getattr(head, name) for name in HEAD_FIELDS},
        "lang": label.lang,
        "score": label.score,
        "verdict": label.verdict.value,
        "first_seen": document.first_seen,
        "last_seen": document.last_seen,
        "gone": document.gone,
        "cluster_id": document.cluster_id,
        "cluster_source": document.origin.source,
        "cluster_first": document.origin.first,
        "representative": document.representative,
        "date_doubt": document.date_doubt,
        "stated_day": document.stated_day,
        "text_seen": document.text_seen,
        "day_proved": document.day_proved,
        "changes": sorted(document.changes),
        "changing": sorted(document.changing),
        "known": has_file(head.outlet),
        "texts": sum(not version.gone for version in document.versions),
        "versions": [_version_row(version, view, labels[version.row_id]) for version in document.versions],
    }


def _version_row(version: Version, view: SnapshotView, label: RowLabel) -> Row:
    shown, moved = view.shown[version.row_id], view.moved.get(version.row_id)
    return {
        "number": version.number,
        "row_id": version.row_id,
        "first_seen": version.first_seen,
        "last_seen": version.last_seen,
        "gone": version.gone,
        "captures": [_capture(ref) for ref in version.captures],
        **{name: getattr(label, name) for name in STRING_LABELS},
        "score": label.score,
        "verdict": label.verdict.value,
        "pack": label.pack.sha256,
        "shown": shown.fetched,
        "shown_by": _capture(shown.ref),
        "joined_url": moved.url if moved else None,
    }


def _capture(ref: CaptureRef) -> Row:
    return {"key": ref.key, "offset": ref.offset, "record_id": ref.record_id}


def _document_of(head: RowHead, row: Row) -> DocumentView:
    versions = tuple(
        Version(
            head.document_id,
            version["number"],
            version["row_id"],
            version["first_seen"],
            version["last_seen"],
            version["gone"],
            tuple(CaptureRef(**ref) for ref in version["captures"]),
        )
        for version in row["versions"]
    )
    return DocumentView(
        head=head,
        versions=versions,
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        gone=row["gone"],
        cluster_id=row["cluster_id"],
        origin=ClusterOrigin(row["cluster_source"], row["cluster_first"]),
        date_doubt=row["date_doubt"],
        stated_day=row["stated_day"],
        text_seen=row["text_seen"],
        day_proved=row["day_proved"],
        changes=frozenset(row["changes"]),
        changing=frozenset(row["changing"]),
    )


def _link_rows(view: SnapshotView) -> Iterator[Row]:
    for link in view.links:
        values = {**asdict(link), "kind": link.kind.value}
        for document_id in sorted({link.a_document_id, link.b_document_id}):
            article = view.documents[document_id].head.article_id
            yield {"article_id": article, "document_id": document_id, **values}


def _article_row(record: ArticleRecord, view: SnapshotView) -> Row:
    moved = (view.moved.get(row_id) for visit in record.visits for row_id in visit.rows)
    heads = [
        [[getattr(head, name) for name in HEAD_FIELDS], label.score, label.verdict.value, label.pack.sha256]
        for head, label in record.heads
    ]
    visits = [
        [
            (visit.fetched - EPOCH) // MICROSECOND,
            [visit.ref.key, visit.ref.offset, visit.ref.record_id],
            visit.reason,
            visit.rows,
            visit.purpose.value,
            visit.listed,
        ]
        for visit in record.visits
    ]
    links = [[link.kind.value, link.a, link.b, link.score, link.evidence, link.method] for link in record.links]
    return {
        "article_id": record.article_id,
        "joined": sorted({head.article_id for head in moved if head}),
        "neighbours": sorted(record.neighbours),
        "heads": _json(heads),
        "visits": _json(visits),
        "links": _json(links),
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))
