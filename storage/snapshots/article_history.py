"""What a snapshot holds, summed up; and the history of one article in it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from articles.errors import InputError
from articles.history.edits import Edit, classify
from articles.history.versions import ParagraphDiff, diff
from articles.history.view import DocumentLink
from articles.model import Version
from articles.url import article_id, canonicalize
from storage.objects import ObjectStore
from storage.snapshots.contents import SnapshotContents, load
from storage.tables import packs
from storage.tables import rows as table_rows
from storage.tables.state import State
from storage.tables.texts import read_rows

TEXT_COLUMNS = ("row_id", "lang", "title", "modified", "text", "paragraphs")


@dataclass(frozen=True, slots=True)
class VersionContent:
    """The title and text of a row, and what it says of its last change."""

    lang: str
    title: str
    paragraphs: tuple[str, ...]
    modified: str


@dataclass(frozen=True, slots=True)
class VersionStep:
    """A version of a document, and what changed against the one before."""

    version: Version
    text: VersionContent  # of a tombstone the last one that was seen
    before: VersionContent | None = None  # the text of the version before; None for the first and for a tombstone
    changes: tuple[ParagraphDiff, ...] = ()
    edits: tuple[Edit, ...] = ()
    silent: bool = False  # it changed, and the page does not say so by another date of modification
    reverts: int = 0  # the number of an earlier version whose text came back; 0 for none
    reused: bool = False  # the address was given to another article


def history(
    store: ObjectStore, state: State, url: str, contents: SnapshotContents | None = None
) -> dict[str, tuple[VersionStep, ...]]:
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


def kin(contents: SnapshotContents, document_ids: Collection[str]) -> list[DocumentLink]:
    """Return the links of some documents, in order."""
    return [
        link for link in contents.view.links if link.a_document_id in document_ids or link.b_document_id in document_ids
    ]


def read_texts(store: ObjectStore, state: State, row_ids: set[str]) -> dict[str, VersionContent]:
    """Return titles and texts of some rows."""
    found = {}
    for row in read_rows(store, state.live("documents"), row_ids, TEXT_COLUMNS):
        paragraphs = table_rows.paragraphs_of(row["text"], row["paragraphs"])
        found[row["row_id"]] = VersionContent(row["lang"], row["title"], paragraphs, row["modified"])
    return found


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


def _steps(
    versions: Sequence[Version], texts: Mapping[str, VersionContent], keys: Mapping[str, str]
) -> tuple[VersionStep, ...]:
    """Return a document's versions with what each changed against the last text before it."""
    steps: list[VersionStep] = []
    before: Version | None = None
    for version in versions:
        text = texts[version.row_id]
        if before is None or version.gone or keys[before.row_id] == keys[version.row_id]:
            steps.append(VersionStep(version, text))
        else:
            old = texts[before.row_id]
            found = classify(old, text)
            same = (one.version.number for one in steps if keys[one.version.row_id] == keys[version.row_id])
            changes = diff(old.paragraphs, text.paragraphs)
            steps.append(
                VersionStep(version, text, old, changes, found.edits, found.silent, next(same, 0), found.reused)
            )
        before = version
    return tuple(steps)
