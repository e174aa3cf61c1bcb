"""History of one article in a snapshot: its versions, and what changed in each."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow.compute as pc

from articles.errors import InputError
from articles.history.changing import comparable, without_lines
from articles.history.edits import Edit, Edits, classify
from articles.history.snapshot_view import DocumentLink, DocumentView
from articles.history.versions import ChangeKind, ParagraphDiff, Version, WordChange, diff
from articles.url import article_id, canonicalize
from storage.objects import ObjectStore
from storage.snapshots.contents import SnapshotContents, compute, load_articles, stored_view
from storage.snapshots.view_layers import StoredView
from storage.tables import packs
from storage.tables import rows as table_rows
from storage.tables.file_ref import FileRef
from storage.tables.state import State
from storage.tables.texts import read_rows

TEXT_COLUMNS = ("row_id", "lang", "title", "modified", "text", "paragraphs")


@dataclass(frozen=True, slots=True)
class VersionContent:
    """Title and text of a row, and the modification date that the page states."""

    lang: str
    title: str
    paragraphs: tuple[str, ...]
    modified: str


@dataclass(frozen=True, slots=True)
class VersionStep:
    """A version of a document, and its changes since the version before."""

    version: Version
    text: VersionContent  # of a tombstone: the last text seen
    before: VersionContent | None = None  # the text of the version before; None for the first and for a tombstone
    changes: tuple[ParagraphDiff, ...] = ()
    edits: tuple[Edit, ...] = ()
    silent: bool = False  # the text changed, but not the modification date that the page states
    reverts: int = 0  # number of an earlier version with the same text; 0 for none
    reused: bool = False  # the URL now shows another article


@dataclass(frozen=True, slots=True)
class ArticleContents:
    """What a snapshot holds at one URL."""

    contents: SnapshotContents  # of the articles there alone if the snapshot's view is stored, or else of all
    documents: tuple[DocumentView, ...]


def history(
    store: ObjectStore, state: State, url: str, contents: SnapshotContents | None = None
) -> dict[str, tuple[VersionStep, ...]]:
    """Return the versions of an article's documents, by document id.

    `contents` are those of the snapshot, if they have been read already. Raises InputError if the snapshot does not hold
    the article.
    """
    found = read_at(store, state, url, contents)
    return versions_of(store, found)


def versions_of(store: ObjectStore, found: ArticleContents) -> dict[str, tuple[VersionStep, ...]]:
    """Return the versions of the documents at a URL, by document id."""
    contents, documents = found.contents, found.documents
    rows = {version.row_id for document in documents for version in document.versions}
    texts = read_texts(store, {contents.labels[row_id].pack for row_id in rows}, rows)
    keys = {row_id: contents.labels[row_id].version_key for row_id in rows}
    return {document.head.document_id: steps_of(document, texts, keys) for document in documents}


def links_of(contents: SnapshotContents, document_ids: Collection[str]) -> list[DocumentLink]:
    """Return the links of the given documents, in the order of the view."""
    return [
        link for link in contents.view.links if link.a_document_id in document_ids or link.b_document_id in document_ids
    ]


def read_at(store: ObjectStore, state: State, url: str, contents: SnapshotContents | None = None) -> ArticleContents:
    """Return what a snapshot holds at a URL. Raises InputError if that is no article."""
    view = stored_view(store, state)
    if view is not None:
        wanted = articles_at(view, url)
        contents = contents or load_articles(view, state, wanted)
    else:
        contents = contents or compute(store, state)
        wanted = _articles_at(store, state, url, contents)
    documents = [document for document in contents.view.documents.values() if document.head.article_id in wanted]
    if not documents:
        raise InputError(f"no article at {url} in snapshot {state.number}")
    return ArticleContents(contents, tuple(documents))


def articles_at(view: StoredView, url: str) -> set[str]:
    """Return the ids of the articles at a URL in a stored view: the URL's own, and those that rows shown there joined."""
    own_id = article_id(canonicalize(url))
    joined = view.read("articles", ("joined",), {own_id})["joined"].to_pylist()
    return {own_id, *(name for names in joined for name in names)}


def read_texts(store: ObjectStore, refs: Iterable[FileRef], row_ids: set[str]) -> dict[str, VersionContent]:
    """Return the titles and texts of the given rows, which are in some of the packs `refs`, by row id."""
    return dict(read_texts_of(store, sorted(refs), row_ids))


def read_texts_of(
    store: ObjectStore, refs: Iterable[FileRef], row_ids: Collection[str]
) -> Iterator[tuple[str, VersionContent]]:
    """Yield the row ids, titles and texts of the given rows that the packs `refs` hold."""
    for row in read_rows(store, refs, row_ids, TEXT_COLUMNS):
        paragraphs = table_rows.paragraphs_of(row["text"], row["paragraphs"])
        yield row["row_id"], VersionContent(row["lang"], row["title"], paragraphs, row["modified"])


def _articles_at(store: ObjectStore, state: State, url: str, contents: SnapshotContents) -> set[str]:
    """Return the ids of the articles at a URL: the URL's own, and those that the rows shown there have joined."""
    own_id = article_id(canonicalize(url))
    articles = {own_id}
    for ref in state.live("fetches"):
        fetches = packs.read(store, ref, ("article_id", "rows"))
        for shown in fetches.filter(pc.equal(fetches["article_id"], own_id))["rows"].to_pylist():
            articles.update(contents.view.moved[row_id].article_id for row_id in shown if row_id in contents.view.moved)
    return articles


def steps_of(
    document: DocumentView, texts: Mapping[str, VersionContent], keys: Mapping[str, str]
) -> tuple[VersionStep, ...]:
    """Return a document's versions, each with its changes since the last text before it."""
    steps: list[VersionStep] = []
    before: Version | None = None
    for version in document.versions:
        text = texts[version.row_id]
        if before is None or version.gone or keys[before.row_id] == keys[version.row_id]:
            steps.append(VersionStep(version, text))
        else:
            old = texts[before.row_id]
            found, changes = compared(old, text, document.changing)
            same = (step.version.number for step in steps if keys[step.version.row_id] == keys[version.row_id])
            steps.append(
                VersionStep(version, text, old, changes, found.edits, found.silent, next(same, 0), found.reused)
            )
        before = version
    return tuple(steps)


def compared(
    old: VersionContent, new: VersionContent, changing: Collection[str]
) -> tuple[Edits, tuple[ParagraphDiff, ...]]:
    """Return the edits between two versions, and the newer one's paragraphs with their changes.

    `changing` holds keys of lines that change with every fetch (`articles.history.changing`): neither shows them as changed.
    """
    changes = _settled(diff(old.paragraphs, new.paragraphs), (old, new), changing)
    return classify(old, new, changing), tuple(changes)


def _settled(
    changes: Iterable[ParagraphDiff], sides: tuple[VersionContent, VersionContent], changing: Collection[str]
) -> Iterator[ParagraphDiff]:
    """Yield changes with lines that change with every fetch as the newer version has them, unchanged."""
    keys = comparable(changing, *(side.paragraphs for side in sides))
    lines = {
        line
        for side in sides
        for line, own in zip(side.paragraphs, without_lines(side.title, side.paragraphs, keys), strict=True)
        if not own
    }
    for paragraph in changes:
        if (
            paragraph.change is ChangeKind.EQUAL
            or not {paragraph.old or paragraph.new, paragraph.new or paragraph.old} <= lines
        ):
            yield paragraph
        elif paragraph.new:
            yield ParagraphDiff(ChangeKind.EQUAL, (WordChange(ChangeKind.EQUAL, paragraph.new, paragraph.new),))
