"""Compute the view of a snapshot: documents with their versions, clusters and links, from rows of observations.

A pure function of row heads, fetches and links; it needs no texts. The order of heads and links does not matter. Only
the order of fetches does: if several rows record one capture, the last one is used.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from articles.history.claimed_days import ClaimedDay, borne_out, day_of, doubt, listed_dates
from articles.history.versions import Observation, versions
from articles.links.best_links import keep_best
from articles.links.clusters import ClusterMember, ClusterOrigin, clusters, origins
from articles.metadata.agencies import agency, agency_of_site
from articles.model import CaptureRef, Fetch, Link, LinkKind, Purpose, Reason, Version


@dataclass(frozen=True, slots=True)
class RowHead:
    """A row without its text."""

    row_id: str
    document_id: str
    article_id: str
    url: str  # canonical
    version_key: str
    published: str  # ISO 8601, empty if unknown
    reprint: bool  # it names another outlet or URL as its source
    length: int  # of the text, in characters
    review: bool = False  # the topic's verdict is "review"
    source: str = ""  # the agency or outlet that it names as its source, empty if none
    outlet: str = ""  # under which its captures were archived: a name if the outlet has a file, otherwise a domain


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


@dataclass(frozen=True, slots=True, order=True)
class Sighting:
    """A capture that showed a row."""

    fetched: datetime
    ref: CaptureRef


@dataclass(frozen=True, slots=True)
class SnapshotView:
    """Documents by id and their links, both sorted; `shown` is the first capture that showed each row, by row id."""

    documents: Mapping[str, DocumentView]
    links: tuple[DocumentLink, ...]
    shown: Mapping[str, Sighting]


@dataclass(frozen=True, slots=True, order=True)
class _Visit:
    """The parts of a fetch that a view needs."""

    fetched: datetime
    ref: CaptureRef
    reason: str
    rows: tuple[str, ...]
    entry: bool = False
    listed: str = ""  # the date that a feed or sitemap gave


def view(heads: Iterable[RowHead], fetches: Iterable[Fetch], links: Iterable[Link]) -> SnapshotView:
    """Return the view of a snapshot.

    `fetches` are in the order of their commits. The view leaves out rows that no fetch shows any more (their capture
    was processed again), rows without a head (taken down), and links of rows that are not current.
    """
    by_row = {head.row_id: head for head in heads}
    by_address = _by_address(fetches)
    histories = {
        document_id: versions(document_id, observations)
        for document_id, observations in _observations(by_row, by_address).items()
    }
    current = {document_id: by_row[found[-1].row_id] for document_id, found in histories.items() if found}
    rows = {head.row_id for head in current.values()}
    present = [found for found in links if found.a in by_row and found.b in by_row]
    live = keep_best(
        (found for found in present if found.a in rows and found.b in rows),
        lambda row_id: by_row[row_id].document_id.rpartition("-")[2],
    )
    shown = _first_sightings(by_address)
    seen = _texts_seen(current, by_row, present, shown)
    listed = _listed_dates(by_row, by_address)
    claims = {
        name: ClaimedDay(day_of(head.published), seen[name], head.url, listed_dates(listed[name]))
        for name, head in current.items()
    }
    known = {name: head.outlet for name, head in current.items() if _has_file(head.outlet)}
    sure = borne_out(claims, known)
    members = [_member(head, claims[name], known=name in known, sure=name in sure) for name, head in current.items()]
    named = clusters(members, live)
    origin = origins(members, named)
    documents = {
        name: _document_view(
            current[name], histories[name], named[name], origin, doubt(claims[name], is_borne_out=name in sure)
        )
        for name in sorted(current)
    }
    relations = sorted((_document_link(found, by_row, documents) for found in live), key=_sort_key)
    return SnapshotView(documents, tuple(relations), shown)


def _texts_seen(
    current: Mapping[str, RowHead], by_row: Mapping[str, RowHead], links: Iterable[Link], shown: Mapping[str, Sighting]
) -> dict[str, str]:
    """Return the day on which the current text of each document was first seen, in its present or an earlier wording.

    An earlier row counts as a wording of the same text if it has the same version key, or is a near duplicate of a text
    that the current row duplicates too. So an edit does not make a text younger, but a page that was filled with another
    text is as young as that text.
    """
    first = {head.row_id: name for name, head in current.items()}
    wordings = {name: {head.row_id} for name, head in current.items()}
    for row_id, head in by_row.items():
        if head.document_id in current and head.version_key == current[head.document_id].version_key:
            wordings[head.document_id].add(row_id)
    alike = [found for found in links if found.kind in {LinkKind.DUPLICATE, LinkKind.CONTAINED}]
    pairs = {
        frozenset((by_row[found.a].document_id, by_row[found.b].document_id))
        for found in alike
        if found.a in first and found.b in first
    }
    for found in alike:
        sides = by_row[found.a].document_id, by_row[found.b].document_id
        if frozenset(sides) in pairs:
            wordings[sides[0]].add(found.a)
            wordings[sides[1]].add(found.b)
    return {
        name: min(shown[row_id].fetched for row_id in rows if row_id in shown).date().isoformat()
        for name, rows in wordings.items()
    }


def _listed_dates(by_row: Mapping[str, RowHead], by_address: Mapping[str, list[_Visit]]) -> defaultdict[str, set[str]]:
    """Return the dates that feeds and sitemaps gave for each document."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for visits in by_address.values():
        for visit in visits:
            for row_id in visit.rows:
                if visit.listed and row_id in by_row:
                    found[by_row[row_id].document_id].add(visit.listed)
    return found


def _has_file(outlet: str) -> bool:
    """Return whether an outlet has a file: it is then recorded under a name without a dot, others under their domain."""
    return bool(outlet) and "." not in outlet


def _by_address(fetches: Iterable[Fetch]) -> dict[str, list[_Visit]]:
    """Return the fetches of each URL, by article id, in order of time."""
    last: dict[str, tuple[str, _Visit]] = {}
    for fetch in fetches:
        listed = fetch.discovery.date if fetch.discovery else ""
        visit = _Visit(fetch.fetched, fetch.ref, fetch.reason, fetch.rows, fetch.purpose is Purpose.ENTRY, listed)
        last[fetch.ref.record_id] = fetch.article_id, visit
    by_address: defaultdict[str, list[_Visit]] = defaultdict(list)
    for address, visit in last.values():
        by_address[address].append(visit)
    return {address: sorted(_superseding(visits)) for address, visits in by_address.items()}


def _superseding(visits: list[_Visit]) -> list[_Visit]:
    """Return the visits without feed entries if the article's own page was extracted.

    A feed gives the same text in another form, which would be a false version of the article.
    """
    read = any(visit.rows and not visit.entry for visit in visits)
    return [visit for visit in visits if not visit.entry] if read else visits


def _observations(
    by_row: Mapping[str, RowHead], by_address: Mapping[str, list[_Visit]]
) -> dict[str, list[Observation]]:
    """Return each document's observations.

    A URL that is gone makes a document gone only if it is the document's own URL, or the one where it was last seen.
    """
    seen: defaultdict[str, list[tuple[Observation, str]]] = defaultdict(list)
    for address, visits in by_address.items():
        for document_id, observation in _at_address(by_row, visits):
            seen[document_id].append((observation, address))
    return {document_id: list(_relevant(document_id, found)) for document_id, found in seen.items()}


def _at_address(by_row: Mapping[str, RowHead], visits: Iterable[_Visit]) -> Iterator[tuple[str, Observation]]:
    """Yield an observation of each document that a URL showed, had not changed (304), or showed earlier and is gone."""
    showing: tuple[str, ...] = ()
    ever: set[str] = set()
    for visit in visits:
        if visit.reason == Reason.GONE:
            for document_id in sorted(ever):
                yield document_id, Observation(visit.fetched, visit.ref)
        elif visit.rows or visit.reason == Reason.NOT_MODIFIED:
            showing = visit.rows or showing
            for head in (by_row[row_id] for row_id in showing if row_id in by_row):
                ever.add(head.document_id)
                yield head.document_id, Observation(visit.fetched, visit.ref, head.row_id, head.version_key)


def _first_sightings(by_address: Mapping[str, list[_Visit]]) -> dict[str, Sighting]:
    """Return the first capture that showed each row. The row itself names the capture that was processed first."""
    shown: dict[str, Sighting] = {}
    for visits in by_address.values():
        for visit in visits:
            sighting = Sighting(visit.fetched, visit.ref)
            for row_id in visit.rows:
                shown[row_id] = min(shown.get(row_id, sighting), sighting)
    return shown


def _relevant(document_id: str, found: list[tuple[Observation, str]]) -> Iterator[Observation]:
    own = document_id.rpartition("-")[0]
    last_address = ""
    for observation, address in sorted(found):
        if not observation.gone:
            last_address = address
            yield observation
        elif address in {own, last_address}:
            yield observation


def _member(head: RowHead, claim: ClaimedDay, *, known: bool, sure: bool) -> ClusterMember:
    own_agency = agency_of_site(head.url)
    return ClusterMember(
        document_id=head.document_id,
        row_id=head.row_id,
        reprint=head.reprint,
        published=claim.day,
        length=head.length,
        review=head.review,
        source=agency(head.source) or head.source,
        agency=own_agency,
        outlet=head.outlet,
        known=known or bool(own_agency),
        seen=claim.seen,
        borne_out=sure,
    )


def _document_view(
    head: RowHead, found: tuple[Version, ...], cluster_id: str, origin: Mapping[str, ClusterOrigin], date_doubt: str
) -> DocumentView:
    return DocumentView(
        head=head,
        versions=found,
        first_seen=found[0].first_seen,
        last_seen=max(version.last_seen for version in found if not version.gone),
        gone=found[-1].gone,
        cluster_id=cluster_id,
        origin=origin[cluster_id],
        date_doubt=date_doubt,
    )


def _document_link(found: Link, by_row: Mapping[str, RowHead], documents: Mapping[str, DocumentView]) -> DocumentLink:
    a, b = by_row[found.a], by_row[found.b]
    ours, theirs = documents[a.document_id], documents[b.document_id]
    source = ours.origin.source if ours.cluster_id == theirs.cluster_id else ""
    return DocumentLink(found.kind, a.url, b.url, a.document_id, b.document_id, found.score, found.evidence, source)


def _sort_key(relation: DocumentLink) -> tuple[str, str, str, float, str]:
    return (relation.kind, relation.a_document_id, relation.b_document_id, -relation.score, relation.evidence)
