"""Counts of a snapshot: documents, versions, links, rejections, bytes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from storage.objects import ObjectStore
from storage.snapshots.contents import SnapshotContents, load
from storage.tables import packs
from storage.tables.state import State


@dataclass(frozen=True, slots=True)
class SnapshotSummary:
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
    contents: SnapshotContents

    def counts(self) -> dict[str, Any]:
        """Return the sums for a program."""
        left_out = {"contents"}
        return {name: getattr(self, name) for name in self.__slots__ if name not in left_out}


def summarise(store: ObjectStore, state: State) -> SnapshotSummary:
    """Sum up a snapshot."""
    contents = load(store, state)
    standings = contents.view.documents.values()
    labels = [contents.labels[standing.head.row_id] for standing in standings]
    return SnapshotSummary(
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


def _tally(values: Any) -> dict[str, int]:
    return dict(sorted(Counter(values).items(), key=lambda one: (-one[1], one[0])))


def _column(store: ObjectStore, state: State, table: str) -> dict[str, int]:
    """Count the reasons in a table."""
    counts: Counter[str] = Counter()
    for ref in state.live(table):
        counts.update(packs.read(store, ref, ("reason",))["reason"].to_pylist())
    return _tally(counts.elements())
