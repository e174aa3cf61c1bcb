"""Count what a view holds, all of it or what a commit changes."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from articles.model import Relevance
from storage.objects import ObjectStore
from storage.snapshots.layer_tables import MadeLayer
from storage.snapshots.view_counts import ViewCounts
from storage.snapshots.view_layers import StoredView
from storage.tables import packs
from storage.tables.file_ref import FileRef
from storage.tables.state import State

COUNTED = ("article_id", "outlet", "lang", "gone", "representative", "verdict", "texts")
COUNTED_LINKS = ("document_id", "a_document_id", "kind")


def of_tables(documents: pa.Table, links: pa.Table) -> ViewCounts:
    """Count rows of a view's `documents` and `links`."""
    represented = pc.invert(documents["representative"])
    review = pc.equal(documents["verdict"], Relevance.REVIEW.value)
    return ViewCounts(
        documents=documents.num_rows,
        articles=pc.count_distinct(documents["article_id"]).as_py(),
        versions=pc.sum(documents["texts"]).as_py() or 0,
        gone=_true(documents["gone"]),
        represented=_true(represented),
        review=_true(review),
        duplicates=_true(pc.and_(pc.invert(review), represented)),
        outlets=_count(documents["outlet"]),
        languages=_count(documents["lang"]),
        links=_count(links.filter(pc.equal(links["document_id"], links["a_document_id"]))["kind"]),
    )


def of_view(view: StoredView, articles: Collection[str] | None = None) -> ViewCounts:
    """Count all articles of a stored view, or some."""
    return of_tables(view.read("documents", COUNTED, articles), view.read("links", COUNTED_LINKS, articles))


def of_files(store: ObjectStore, files: Mapping[str, Sequence[FileRef]]) -> ViewCounts:
    """Count rejections and removals in files, by table. Raises CorruptError or MissingError for a file that is lost."""

    def reasons(table: str) -> dict[str, int]:
        found: Counter[str] = Counter()
        for rows in packs.read_each(store, files.get(table, ()), ("reason",)):
            found.update(_count(rows["reason"]))
        return dict(sorted(found.items()))

    return ViewCounts(rejections=reasons("rejections"), removals=reasons("removals"))


def of_snapshot(store: ObjectStore, state: State, view: StoredView) -> ViewCounts:
    """Count all of a snapshot, whose view is given."""
    return of_view(view) + of_live_files(store, state)


def of_live_files(store: ObjectStore, state: State) -> ViewCounts:
    """Count the rejections and removals of a snapshot, as `of_files` does."""
    return of_files(store, {table: state.live(table) for table in state.files})


def advanced(counts: ViewCounts, view: StoredView, layer: MadeLayer) -> ViewCounts:
    """Return the counts of a view after a layer. `counts` and `view` are those before."""
    return counts - of_view(view, layer.articles.to_pylist()) + of_view(StoredView((layer,)))


def _true(values: pa.ChunkedArray) -> int:
    return pc.sum(values).as_py() or 0


def _count(values: pa.ChunkedArray) -> dict[str, int]:
    return dict(sorted((row["values"], row["counts"]) for row in pc.value_counts(values).to_pylist()))
