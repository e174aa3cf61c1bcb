"""Documents of a snapshot that fell a little short of the topic, with the words on which the verdict rests."""

from dataclasses import dataclass

import pyarrow.compute as pc

from articles.model import Mention, Relevance
from storage.objects import ObjectStore
from storage.snapshots.contents import load
from storage.tables import packs
from storage.tables import rows as table_rows
from storage.tables.state import State

REVIEW_COLUMNS = ("row_id", "topic_evidence")


@dataclass(frozen=True, slots=True)
class ReviewDocument:
    """A document to review."""

    document_id: str
    url: str
    lang: str
    title: str
    score: float
    evidence: tuple[Mention, ...]


def documents_for_review(store: ObjectStore, state: State) -> list[ReviewDocument]:
    """Return the current documents with the verdict "review", the highest score first."""
    contents = load(store, state)
    wanted = {
        document.head.row_id: document
        for document in contents.view.documents.values()
        if contents.labels[document.head.row_id].verdict is Relevance.REVIEW and not document.gone
    }
    found = []
    for pack in sorted({contents.labels[row_id].pack for row_id in wanted}):
        rows = packs.read(store, pack, REVIEW_COLUMNS)
        for row in rows.filter(pc.field("row_id").isin(list(wanted))).to_pylist():
            head, label = wanted[row["row_id"]].head, contents.labels[row["row_id"]]
            evidence = table_rows.mentions_of(row["topic_evidence"])
            found.append(ReviewDocument(head.document_id, head.url, label.lang, label.title, label.score, evidence))
    return sorted(found, key=lambda document: (-document.score, document.document_id))
