"""What a snapshot holds, summed up; and the history of one article in it."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from articles.errors import InputError
from articles.history.edits import Edit, classify
from articles.history.versions import Paragraph, diff
from articles.history.view import Relation
from articles.model import Capture, CaptureRef, Failure, Purpose, Version
from articles.url import article_id, canonicalize
from storage.captures import segments
from storage.objects import ObjectStore
from storage.snapshots.contents import Contents, load
from storage.tables import packs, schemas
from storage.tables import rows as table_rows
from storage.tables.state import State

TEXT_COLUMNS = ("row_id", "lang", "title", "modified", "text", "paragraphs")
FETCH_COLUMNS = (
    "url", "article_id", "fetched", "status", "reason", "detail", "purpose",
    "capture_key", "capture_offset", "capture_record_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Summary:
    """The sums of a snapshot, and its contents."""

    documents: int  # one language's text of an article, gone ones included
    articles: int
    versions: int
    gone: int  # documents that their source has deleted; the text is kept
    duplicates: int  # documents for which another one stands
    outlets: Mapping[str, int]  # documents
    languages: Mapping[str, int]
    links: Mapping[str, int]  # between current texts, by kind
    rejections: Mapping[str, int]  # captures that gave no document, by reason
    removals: Mapping[str, int]  # blocks struck from pages, by reason
    captures: int  # segments consumed
    bytes: int  # of all its files
    contents: Contents

    def counts(self) -> dict[str, Any]:
        """Return the sums for a program."""
        left_out = {"contents"}
        return {name: getattr(self, name) for name in self.__slots__ if name not in left_out}


def summarise(store: ObjectStore, state: State) -> Summary:
    """Sum up a snapshot."""
    contents = load(store, state)
    standings = contents.view.documents.values()
    labels = [contents.labels[standing.head.row_id] for standing in standings]
    return Summary(
        documents=len(contents.view.documents),
        articles=len({standing.head.article_id for standing in standings}),
        versions=sum(not version.gone for standing in standings for version in standing.versions),
        gone=sum(standing.gone for standing in standings),
        duplicates=sum(not standing.representative for standing in standings),
        outlets=_tally(label.outlet for label in labels),
        languages=_tally(label.lang for label in labels),
        links=_tally(link.kind.value for link in contents.view.links),
        rejections=_column(store, state, "rejections"),
        removals=_column(store, state, "removals"),
        captures=len(state.captures),
        bytes=sum(ref.size for table in state.files for ref in state.live(table)),
        contents=contents,
    )


@dataclass(frozen=True, slots=True)
class Text:
    """The title and text of a row, and what it says of its last change."""

    lang: str
    title: str
    paragraphs: tuple[str, ...]
    modified: str


@dataclass(frozen=True, slots=True)
class Step:
    """A version of a document, and what changed against the one before."""

    version: Version
    text: Text  # of a tombstone the last one that was seen
    before: Text | None = None  # the text of the version before; None for the first and for a tombstone
    changes: tuple[Paragraph, ...] = ()
    edits: tuple[Edit, ...] = ()
    silent: bool = False  # it changed, and the page does not say so by another date of modification
    reverts: int = 0  # the number of an earlier version whose text came back; 0 for none
    reused: bool = False  # the address was given to another article


def history(
    store: ObjectStore, state: State, url: str, contents: Contents | None = None
) -> dict[str, tuple[Step, ...]]:
    """Return the versions of an article's documents, by document id. InputError if the snapshot does not hold it.

    `contents` are those of the snapshot, where they have been read already.
    """
    contents = contents or load(store, state)
    wanted = _articles_at(store, state, url)
    standings = [standing for standing in contents.view.documents.values() if standing.head.article_id in wanted]
    if not standings:
        raise InputError(f"no article at {url} in snapshot {state.number}")
    rows = {version.row_id for standing in standings for version in standing.versions}
    texts = read_texts(store, state, rows)
    keys = {row_id: contents.labels[row_id].version_key for row_id in rows}
    return {standing.head.document_id: _steps(standing.versions, texts, keys) for standing in standings}


def kin(contents: Contents, document_ids: Collection[str]) -> list[Relation]:
    """Return the links of some documents, in order."""
    return [
        link for link in contents.view.links if link.a_document_id in document_ids or link.b_document_id in document_ids
    ]


def read_texts(store: ObjectStore, state: State, row_ids: set[str]) -> dict[str, Text]:
    """Return titles and texts of some rows."""
    wanted = pa.array(sorted(row_ids), pa.string())
    found = {}
    for ref in state.live("documents"):
        rows = packs.read(store, ref, TEXT_COLUMNS)
        for row in rows.filter(pc.is_in(rows["row_id"], wanted)).to_pylist():
            paragraphs = table_rows.paragraphs_of(row["text"], row["paragraphs"])
            found[row["row_id"]] = Text(row["lang"], row["title"], paragraphs, row["modified"])
    return found


@dataclass(frozen=True, slots=True)
class Found:
    """A capture of a page, and what it became when the snapshot was made."""

    capture: Capture
    became: str


def newest_capture(store: ObjectStore, state: State, url: str) -> Found | None:
    """Return the newest capture of a page, by its URL or its canonical URL in any spelling; None if there is none.

    A redirect and a "not modified" say nothing of the page, so that an older answer is preferred to them. InputError
    says what came of a URL that was asked for and never answered.
    """
    wanted = pa.array(sorted(_addresses_of(store, state, url)), pa.string())
    found: list[schemas.Row] = []
    for ref in state.live("fetches"):
        fetches = packs.read(store, ref, FETCH_COLUMNS)
        found += fetches.filter(pc.is_in(fetches["article_id"], wanted)).to_pylist()
    pages = [row for row in found if Purpose(row["purpose"]).article]
    if not pages:
        return None
    newest = max(pages, key=lambda row: (_tells(row["status"]), row["fetched"], row["capture_offset"]))
    place = CaptureRef(newest["capture_key"], newest["capture_offset"], newest["capture_record_id"])
    capture = segments.read_record(store, place)
    if isinstance(capture, Failure):
        at = f"{capture.fetched:%Y-%m-%d %H:%M} UTC"
        raise InputError(
            f"{url} was asked for, last on {at}, and gave no page: {capture.reason} {capture.detail}".strip()
        )
    rejected = f"rejected, {newest['reason']} {newest['detail']}".strip()
    return Found(capture, rejected if newest["reason"] else "kept")


def _tells(status: int) -> int:
    """Rank what a status says of a page: an answer or an error, then redirects, then no response at all."""
    if status == 0:
        return 0
    return 1 if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST else 2


def _addresses_of(store: ObjectStore, state: State, url: str) -> set[str]:
    """Return the keys under which a page was fetched: a URL's own, and those of pages that name it as canonical."""
    asked = article_id(canonicalize(url))
    keys = {asked}
    for ref in state.live("documents"):
        heads = packs.read(store, ref, ("article_id", "url"))
        told = heads.filter(pc.equal(heads["article_id"], asked))["url"].to_pylist()
        keys.update(article_id(canonicalize(one)) for one in told)
    return keys


def _articles_at(store: ObjectStore, state: State, url: str) -> set[str]:
    """Return the articles that a URL names: by its own key, and by what its fetches showed."""
    asked = article_id(canonicalize(url))
    articles = {asked}
    rows: set[str] = set()
    for ref in state.live("fetches"):
        fetches = packs.read(store, ref, ("article_id", "rows"))
        for shown in fetches.filter(pc.equal(fetches["article_id"], asked))["rows"].to_pylist():
            rows.update(shown)
    if rows:
        wanted = pa.array(sorted(rows), pa.string())
        for ref in state.live("documents"):
            heads = packs.read(store, ref, ("row_id", "article_id"))
            articles.update(heads.filter(pc.is_in(heads["row_id"], wanted))["article_id"].to_pylist())
    return articles


def _steps(versions: Sequence[Version], texts: Mapping[str, Text], keys: Mapping[str, str]) -> tuple[Step, ...]:
    """Return a document's versions with what each changed against the last text before it."""
    steps: list[Step] = []
    before: Version | None = None
    for version in versions:
        text = texts[version.row_id]
        if before is None or version.gone or keys[before.row_id] == keys[version.row_id]:
            steps.append(Step(version, text))
        else:
            old = texts[before.row_id]
            found = classify(old, text)
            same = (one.version.number for one in steps if keys[one.version.row_id] == keys[version.row_id])
            changes = diff(old.paragraphs, text.paragraphs)
            steps.append(Step(version, text, old, changes, found.edits, found.silent, next(same, 0), found.reused))
        before = version
    return tuple(steps)


def _tally(values: Any) -> dict[str, int]:
    return dict(sorted(Counter(values).items(), key=lambda one: (-one[1], one[0])))


def _column(store: ObjectStore, state: State, table: str) -> dict[str, int]:
    """Count the reasons in a table."""
    counts: Counter[str] = Counter()
    for ref in state.live(table):
        counts.update(packs.read(store, ref, ("reason",))["reason"].to_pylist())
    return _tally(counts.elements())
