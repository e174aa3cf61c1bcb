"""Count what a snapshot holds: documents, versions, links, rejections, bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from articles.model import Relevance
from storage.objects import ObjectStore
from storage.snapshots.view_counts import ViewCounts, stored_counts
from storage.tables.state import State

if TYPE_CHECKING:
    from articles.history.snapshot_view import DocumentView
    from storage.snapshots.observed import SnapshotContents

KEPT, DUPLICATE, REVIEW = "kept", "duplicate", "review"  # `kept`: in a pull without options


@dataclass(frozen=True, slots=True)
class SnapshotSummary:
    """Counts of a snapshot."""

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

    def counts(self) -> dict[str, Any]:
        """Return the counts as a dictionary."""
        return {name: getattr(self, name) for name in self.__slots__}


def summarise(store: ObjectStore, state: State) -> SnapshotSummary:
    """Return the counts of a snapshot: those that are stored with its view, or else counted now."""
    counts = counts_of_snapshot(store, state)
    left_out = {REVIEW: counts.review, DUPLICATE: counts.duplicates}
    return SnapshotSummary(
        documents=counts.documents,
        articles=counts.articles,
        versions=counts.versions,
        gone=counts.gone,
        duplicates=counts.represented,
        outlets=_ordered(counts.outlets),
        languages=_ordered(counts.languages),
        links=_ordered(counts.links),
        rejections=_ordered(counts.rejections),
        removals=_ordered(counts.removals),
        captures=len(state.captures),
        bytes=sum(ref.size for table in state.files for ref in state.live(table)),
        kept=counts.documents - sum(left_out.values()),
        left_out=_ordered({name: number for name, number in left_out.items() if number}),
    )


def counts_of_snapshot(store: ObjectStore, state: State) -> ViewCounts:
    """Return the counts that are stored with the view of a snapshot, or else count its rows."""
    if (stored := stored_counts(store, state.number, state.sha256)) is not None:
        return stored
    from storage.snapshots import contents, counting, view_tables  # noqa: PLC0415  load Arrow, which stored counts do not need

    if (view := contents.stored_view(store, state)) is not None:
        return counting.of_snapshot(store, state, view)
    computed = counting.of_tables(*view_tables.of_contents(contents.compute(store, state)))
    return computed + counting.of_live_files(store, state)


def number_of_documents(store: ObjectStore, state: State) -> int:
    """Return the number of documents of a snapshot, for which its rejections and removals need not be read."""
    if (stored := stored_counts(store, state.number, state.sha256)) is not None:
        return stored.documents
    from storage.snapshots.contents import load_tables  # noqa: PLC0415  as above

    return int(load_tables(store, state, ("document_id",), links=False).documents.num_rows)


def reason_of(document: "DocumentView", contents: "SnapshotContents") -> str:
    """Return why a pull without options leaves a document out, or `kept`."""
    if contents.labels[document.head.row_id].verdict is Relevance.REVIEW:
        return REVIEW
    return KEPT if document.representative else DUPLICATE


def _ordered(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
