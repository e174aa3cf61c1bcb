"""Count what a snapshot holds: documents, versions, links, rejections, bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from articles.history.snapshot_view import DocumentView
from articles.model import Relevance
from storage.objects import ObjectStore
from storage.snapshots.contents import SnapshotContents, compute, stored_view
from storage.snapshots.view_tables import of_contents
from storage.tables import packs
from storage.tables.state import State

COUNTED = ("article_id", "outlet", "lang", "gone", "representative", "verdict", "texts")
COUNTED_LINKS = ("document_id", "a_document_id", "kind")
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
    """Return the counts of a snapshot."""
    view = stored_view(store, state)
    if view is None:
        contents = compute(store, state)
        documents, links = of_contents(contents)
    else:
        documents, links = view.read("documents", COUNTED), view.read("links", COUNTED_LINKS)
    gone, representative = documents["gone"], documents["representative"]
    review = pc.equal(documents["verdict"], Relevance.REVIEW.value)
    duplicate = pc.and_(pc.invert(review), pc.invert(representative))
    left_out = {REVIEW: _true(review), DUPLICATE: _true(duplicate)}
    return SnapshotSummary(
        documents=documents.num_rows,
        articles=pc.count_distinct(documents["article_id"]).as_py(),
        versions=pc.sum(documents["texts"]).as_py() or 0,
        gone=_true(gone),
        duplicates=_true(pc.invert(representative)),
        outlets=_count(documents["outlet"]),
        languages=_count(documents["lang"]),
        links=_count(links.filter(pc.equal(links["document_id"], links["a_document_id"]))["kind"]),
        rejections=_count_reasons(store, state, "rejections"),
        removals=_count_reasons(store, state, "removals"),
        captures=len(state.captures),
        bytes=sum(ref.size for table in state.files for ref in state.live(table)),
        kept=documents.num_rows - sum(left_out.values()),
        left_out=_ordered({name: number for name, number in left_out.items() if number}),
    )


def reason_of(document: DocumentView, contents: SnapshotContents) -> str:
    """Return why a pull without options leaves a document out, or `kept`."""
    if contents.labels[document.head.row_id].verdict is Relevance.REVIEW:
        return REVIEW
    return KEPT if document.representative else DUPLICATE


def _true(values: pa.ChunkedArray) -> int:
    return pc.sum(values).as_py() or 0


def _count(values: pa.ChunkedArray) -> dict[str, int]:
    return _ordered({row["values"]: row["counts"] for row in pc.value_counts(values).to_pylist()})


def _ordered(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _count_reasons(store: ObjectStore, state: State, table: str) -> dict[str, int]:
    """Count the values of a table's column `reason`."""
    return _count(packs.read_all(store, state.live(table), table, ("reason",))["reason"])
