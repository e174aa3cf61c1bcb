"""Count what a snapshot holds: documents, versions, links, rejections, bytes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from articles.history.view import DocumentView
from articles.model import Relevance
from storage.objects import ObjectStore
from storage.snapshots.contents import SnapshotContents, load
from storage.tables import packs
from storage.tables.state import State

KEPT, DUPLICATE, REVIEW = "kept", "duplicate", "review"  # `kept`: in a pull without options


@dataclass(frozen=True, slots=True)
class SnapshotSummary:
    """Counts of a snapshot, and its contents."""

    documents: int  # one per article and language, including those that are gone
    articles: int
    versions: int
    gone: int  # documents that their source has deleted; the text is kept
    duplicates: int  # documents that another document represents
    outlets: Mapping[str, int]  # documents by outlet
    languages: Mapping[str, int]  # documents by language
    links: Mapping[str, int]  # between current texts, by kind
    rejections: Mapping[str, int]  # captures that gave no document, by reason
    removals: Mapping[str, int]  # blocks removed from pages, by reason
    captures: int  # consumed segments
    bytes: int  # size of all files
    kept: int  # documents of a pull without options
    left_out: Mapping[str, int]  # documents that it leaves out, by why: duplicate or review
    contents: SnapshotContents

    def counts(self) -> dict[str, Any]:
        """Return the counts as a dictionary."""
        left_out = {"contents"}
        return {name: getattr(self, name) for name in self.__slots__ if name not in left_out}


def summarise(store: ObjectStore, state: State) -> SnapshotSummary:
    """Return the counts of a snapshot."""
    contents = load(store, state)
    documents = contents.view.documents.values()
    left_out = _tally(why for document in documents if (why := reason_of(document, contents)) != KEPT)
    labels = [contents.labels[document.head.row_id] for document in documents]
    return SnapshotSummary(
        documents=len(contents.view.documents),
        articles=len({document.head.article_id for document in documents}),
        versions=sum(not version.gone for document in documents for version in document.versions),
        gone=sum(document.gone for document in documents),
        duplicates=sum(not document.representative for document in documents),
        outlets=_tally(label.outlet for label in labels),
        languages=_tally(label.lang for label in labels),
        links=_tally(link.kind.value for link in contents.view.links),
        rejections=_count_reasons(store, state, "rejections"),
        removals=_count_reasons(store, state, "removals"),
        captures=len(state.captures),
        bytes=sum(ref.size for table in state.files for ref in state.live(table)),
        kept=len(contents.view.documents) - sum(left_out.values()),
        left_out=left_out,
        contents=contents,
    )


def reason_of(document: DocumentView, contents: SnapshotContents) -> str:
    """Return why a pull without options leaves a document out, or `kept`."""
    if contents.labels[document.head.row_id].verdict is Relevance.REVIEW:
        return REVIEW
    return KEPT if document.representative else DUPLICATE


def _tally(values: Any) -> dict[str, int]:
    return dict(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])))


def _count_reasons(store: ObjectStore, state: State, table: str) -> dict[str, int]:
    """Count the values of a table's column `reason`."""
    counts: Counter[str] = Counter()
    for ref in state.live(table):
        counts.update(packs.read(store, ref, ("reason",))["reason"].to_pylist())
    return _tally(counts.elements())
