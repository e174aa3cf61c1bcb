"""Contents of a snapshot without the texts, computed from all of its rows; and rows as the view sees them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from articles.history.identity import RowHead
from articles.history.snapshot_view import SnapshotView
from articles.model import Relevance
from articles.url import article_id, canonicalize
from storage.objects import ObjectStore
from storage.tables import packs
from storage.tables import rows as table_rows
from storage.tables.file_ref import FileRef
from storage.tables.schemas import PARAGRAPH_GAP, Row
from storage.tables.state import State

HEAD_COLUMNS = (
    "row_id", "document_id", "article_id", "url", "canonical_url", "version_key", "published", "source_outlet",
    "source_url", "paragraphs", "title", "outlet", "lang", "topic_score", "topic_verdict", "continues", "marks",
)  # fmt: skip
NULLABLE_COLUMNS = frozenset({"topic_verdict", "continues", "marks"})  # null in rows that are older than the column
BATCH_ROWS = 5_000  # rows turned into Python objects at once

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class RowLabel:
    """What naming, selecting and fetching a row need."""

    title: str
    url: str  # that it has if it joins no other article; see `SnapshotContents.url_of`
    outlet: str
    lang: str
    version_key: str
    score: float  # of the topic, 0 to 1
    verdict: Relevance
    pack: FileRef  # that holds the row


@dataclass(frozen=True, slots=True)
class SnapshotContents:
    """A snapshot's view, and labels of the rows that its versions show, by row id."""

    view: SnapshotView  # of one that was stored, `moved` is empty
    labels: dict[str, RowLabel]
    joined: Mapping[str, str]  # rows that joined the article of another URL than the fetched one -> its URL

    def url_of(self, row_id: str) -> str:
        """Return the canonical URL of the article that a row belongs to."""
        return self.joined.get(row_id) or self.labels[row_id].url


def compute(store: ObjectStore, state: State) -> SnapshotContents:
    """Read a snapshot's rows without their texts, and compute its view."""
    from articles.history.view import view  # noqa: PLC0415  readers of stored views compute none

    heads: list[RowHead] = []
    labels: dict[str, RowLabel] = {}
    for head, label in read_heads(store, state.live("documents")):
        heads.append(head)
        labels[head.row_id] = label
    fetches = read_objects(store, state.live("fetches"), table_rows.fetch_of)
    links = read_objects(store, state.live("links"), table_rows.link_of)
    found = view(heads, fetches, links)
    return SnapshotContents(found, labels, {row_id: head.url for row_id, head in found.moved.items()})


def read_heads(store: ObjectStore, refs: Sequence[FileRef]) -> Iterator[tuple[RowHead, RowLabel]]:
    """Yield the rows of packs of documents without their texts."""
    for pack, rows in zip(refs, packs.read_each(store, refs, HEAD_COLUMNS), strict=True):
        with table_rows.of_pack(pack):
            if missing := [name for name in HEAD_COLUMNS if rows[name].null_count and name not in NULLABLE_COLUMNS]:
                raise ValueError(f"no {missing[0]}")
            found = []
            for row in rows.to_pylist():
                head = _head(row)
                found.append((head, _label(row, head.url, pack)))
        yield from found


def read_objects(store: ObjectStore, refs: Sequence[FileRef], value_of: Callable[[Row], Value]) -> Iterator[Value]:
    """Yield the rows of packs as objects."""
    for ref, rows in zip(refs, packs.read_each(store, refs), strict=True):
        for batch in rows.to_batches(max_chunksize=BATCH_ROWS):
            with table_rows.of_pack(ref):
                values = [value_of(row) for row in batch.to_pylist()]
            yield from values


def _label(row: Row, url: str, pack: FileRef) -> RowLabel:
    return RowLabel(
        title=row["title"],
        url=url,
        outlet=row["outlet"],
        lang=row["lang"],
        version_key=row["version_key"],
        score=row["topic_score"],
        verdict=table_rows.relevance_of(row["topic_verdict"]),
        pack=pack,
    )


def _head(row: Row) -> RowHead:
    lengths = row["paragraphs"]
    url = claim_url = row["canonical_url"]
    own = claim = row["article_id"]
    if row["url"] != url:
        own, claim = article_id(canonicalize(row["url"])), article_id(url)
        url = url if own == claim else canonicalize(row["url"])
    return RowHead(
        row_id=row["row_id"],
        document_id=f"{own}-{row['lang']}",
        article_id=own,
        url=url,
        version_key=row["version_key"],
        published=row["published"],
        reprint=bool(row["source_outlet"] or row["source_url"]),
        length=sum(lengths) + PARAGRAPH_GAP * max(0, len(lengths) - 1),
        review=table_rows.relevance_of(row["topic_verdict"]) is Relevance.REVIEW,
        source=row["source_outlet"],
        outlet=row["outlet"],
        title=row["title"],
        claim=claim if claim != own else "",
        claim_url=claim_url if claim != own else "",
        continues=article_id(row["continues"]) if row["continues"] else "",
        marks=row["marks"] or "",
        compared=own == row["article_id"],  # older rows have the id of the article that their page claims to be
    )
