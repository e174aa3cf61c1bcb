"""Contents of a snapshot without the texts: the view (`articles.history.view`) computed from the stored tables."""

from collections.abc import Iterator
from dataclasses import dataclass

from articles.history.view import RowHead, SnapshotView, view
from articles.model import Relevance
from storage.objects import ObjectStore
from storage.tables import packs
from storage.tables import rows as table_rows
from storage.tables.packs import FileRef
from storage.tables.schemas import PARAGRAPH_GAP, Row
from storage.tables.state import State

HEAD_COLUMNS = (
    "row_id", "document_id", "article_id", "canonical_url", "version_key", "published", "source_outlet", "source_url",
    "paragraphs", "title", "outlet", "lang", "topic_score", "topic_verdict",
)  # fmt: skip


BATCH_ROWS = 5_000  # rows turned into Python objects at once


@dataclass(frozen=True, slots=True)
class RowLabel:
    """What naming, selecting and fetching a row need."""

    title: str
    outlet: str
    lang: str
    version_key: str
    score: float  # of the topic, 0 to 1
    verdict: Relevance
    pack: FileRef  # that holds the row


@dataclass(frozen=True, slots=True)
class SnapshotContents:
    """A snapshot's view, and labels of its rows by row id."""

    view: SnapshotView
    labels: dict[str, RowLabel]


def load(store: ObjectStore, state: State) -> SnapshotContents:
    """Read a snapshot's rows without their texts, and compute its view."""
    heads: list[RowHead] = []
    labels: dict[str, RowLabel] = {}
    packed = state.live("documents")
    for pack, rows in zip(packed, packs.read_each(store, packed, HEAD_COLUMNS), strict=True):
        for row in rows.to_pylist():
            heads.append(_head(row))
            labels[row["row_id"]] = _label(row, pack)
    fetches = (table_rows.fetch_of(row) for row in _rows(store, state, "fetches"))
    links = (table_rows.link_of(row) for row in _rows(store, state, "links"))
    return SnapshotContents(view(heads, fetches, links), labels)


def _rows(store: ObjectStore, state: State, table: str) -> Iterator[Row]:
    for rows in packs.read_each(store, state.live(table)):
        for batch in rows.to_batches(max_chunksize=BATCH_ROWS):
            yield from batch.to_pylist()


def _label(row: Row, pack: FileRef) -> RowLabel:
    return RowLabel(
        title=row["title"],
        outlet=row["outlet"],
        lang=row["lang"],
        version_key=row["version_key"],
        score=row["topic_score"],
        verdict=table_rows.relevance_of(row["topic_verdict"]),
        pack=pack,
    )


def _head(row: Row) -> RowHead:
    lengths = row["paragraphs"]
    return RowHead(
        row_id=row["row_id"],
        document_id=row["document_id"],
        article_id=row["article_id"],
        url=row["canonical_url"],
        version_key=row["version_key"],
        published=row["published"],
        reprint=bool(row["source_outlet"] or row["source_url"]),
        length=sum(lengths) + PARAGRAPH_GAP * max(0, len(lengths) - 1),
        review=table_rows.relevance_of(row["topic_verdict"]) is Relevance.REVIEW,
        source=row["source_outlet"],
        outlet=row["outlet"],
    )
