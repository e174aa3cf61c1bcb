"""What a reader of a snapshot sees: documents with their versions, clusters and links. `articles.history.view` computes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from articles.history.identity import RowHead
from articles.history.versions import Version
from articles.history.visits import Sighting
from articles.links.clusters import ClusterOrigin
from articles.model import LinkKind


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document as a reader sees it: current row, versions and cluster."""

    head: RowHead  # its current row
    versions: tuple[Version, ...]
    first_seen: datetime
    last_seen: datetime  # when its text was last seen, even if it is gone
    gone: bool
    cluster_id: str  # the id of the document that represents its cluster
    origin: ClusterOrigin  # of its cluster
    date_doubt: str = ""  # why its date of publication is implausible, empty if it is not
    stated_day: str = ""  # of publication, empty if unknown
    text_seen: str = ""  # day on which its text was first seen
    day_proved: bool = False  # evidence about the document itself bears its day out, not only its outlet's span of days
    changes: frozenset[str] = frozenset()  # keys of changes in short lines alone (`articles.history.changing`) …
    changing: frozenset[str] = frozenset()  # … of which these are of lines that change with every fetch

    @property
    def representative(self) -> bool:
        """Whether it represents its cluster."""
        return self.cluster_id == self.head.document_id


@dataclass(frozen=True, slots=True)
class DocumentLink:
    """A link between the current texts of two documents."""

    kind: LinkKind
    a_url: str
    b_url: str
    a_document_id: str
    b_document_id: str
    score: float
    evidence: str
    source: str = ""  # the agency or outlet that published the text first, if both are in one cluster


@dataclass(frozen=True, slots=True)
class SnapshotView:
    """Documents by id and their links, both sorted; `shown` is the first capture that showed each row, by row id.

    `moved` holds the rows that joined the article of another URL than the fetched one, as they are there, by row id.
    """

    documents: Mapping[str, DocumentView]
    links: tuple[DocumentLink, ...]
    shown: Mapping[str, Sighting]
    moved: Mapping[str, RowHead]


def has_file(outlet: str) -> bool:
    """Return whether an outlet has a file: it is then recorded under a name without a dot, others under their domain."""
    return bool(outlet) and "." not in outlet


def link_order(relation: DocumentLink) -> tuple[str, str, str, float, str]:
    """Return the place of a link among the links of a view."""
    return (relation.kind, relation.a_document_id, relation.b_document_id, -relation.score, relation.evidence)
