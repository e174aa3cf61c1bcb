"""Compute the view of a snapshot: documents with their versions, clusters and links, from rows of observations.

A pure function of row heads, fetches and links; it needs no texts. The order of heads and links does not matter. Only
the order of fetches does: if several rows record one capture, the last one is used.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from articles.history.changing import OutletDocument
from articles.history.claimed_days import (
    ClaimedDay,
    day_of,
    doubt,
    in_spans,
    listed_dates,
    proved,
    span_starts,
    texts_seen,
)
from articles.history.directions import DatedText, directed
from articles.history.identity import RowHead, resolve
from articles.history.joined_versions import DocumentLines, join_versions
from articles.history.snapshot_view import DocumentLink, DocumentView, SnapshotView, has_file, link_order
from articles.history.versions import Observation, Version, versions
from articles.history.visits import Sighting, Visit, by_address, dates_listed, first_sightings, sightings, visits_of
from articles.links.clusters import ClusterMember, ClusterOrigin, clusters, origins
from articles.model import Fetch, Link, LinkKind, Purpose, Reason

__all__ = [
    "DocumentLink",
    "DocumentView",
    "Others",
    "RowHead",
    "Sighting",
    "SnapshotView",
    "has_file",
    "link_order",
    "view",
    "view_of",
]


@dataclass(frozen=True, slots=True)
class Others:
    """What documents outside a view add to the evidence of their outlets."""

    starts: Mapping[str, str] = field(default_factory=dict)  # the earliest day that evidence bears out, by outlet
    lines: Callable[[str], Sequence[OutletDocument]] = lambda _: ()  # of an outlet (`articles.history.changing`)


def view(heads: Iterable[RowHead], fetches: Iterable[Fetch], links: Iterable[Link]) -> SnapshotView:
    """Return the view of a snapshot.

    `fetches` are in the order of their commits. The view leaves out rows that no fetch shows any more (their capture
    was processed again), rows without a head (taken down), and links of rows that are not current.
    """
    return view_of(heads, visits_of(fetches), links, Others())


def view_of(heads: Iterable[RowHead], visits: Iterable[Visit], links: Iterable[Link], others: Others) -> SnapshotView:
    """Return the view of some articles of a snapshot, together with all that claims, links and sightings connect them to.

    `others` says of all other documents what, beside connections, a document's view depends on.
    """
    from articles.links.best_links import keep_best  # noqa: PLC0415  loads vectors: readers of stored views need none
    from articles.metadata.canonical import is_variant  # noqa: PLC0415  likewise

    stored = {head.row_id: head for head in heads}
    visited = by_address(visits)
    links = list(links)
    moved = resolve(stored.values(), sightings(visited), links)
    by_row = {**stored, **moved}
    forms = {
        (head.document_id, stored[row_id].article_id)
        for row_id, head in moved.items()
        if is_variant(stored[row_id].url, head.url)
    }
    observed = _observations(by_row, visited, forms)
    histories = {document_id: versions(document_id, observations) for document_id, observations in observed.items()}
    current = {document_id: by_row[found[-1].row_id] for document_id, found in histories.items() if found}
    lines = join_versions(histories, observed, current, by_row, others.lines)
    rows = {head.row_id for head in current.values()}
    present = [found for found in links if found.a in by_row and found.b in by_row]
    live = keep_best(
        (found for found in present if found.a in rows and found.b in rows),
        lambda row_id: by_row[row_id].document_id.rpartition("-")[2],
    )
    shown = first_sightings(visited)
    first_shown = {row_id: sighting.fetched for row_id, sighting in shown.items()}
    seen = texts_seen(current, by_row, present, first_shown)
    listed = dates_listed(by_row, visited)
    claims = {
        name: ClaimedDay(day_of(head.published), seen[name], head.url, listed_dates(listed[name]))
        for name, head in current.items()
    }
    known = {name: head.outlet for name, head in current.items() if has_file(head.outlet)}
    certain = proved(claims)
    sure = certain | in_spans(claims, known, span_starts(claims, known, certain, others.starts))
    members = [_member(head, claims[name], known=name in known, sure=name in sure) for name, head in current.items()]
    named = clusters(members, live)
    origin = origins(members, named)
    documents = {
        name: _document_view(
            current[name],
            histories[name],
            origin,
            doubt(claims[name], is_borne_out=name in sure),
            (claims[name], name in certain),
            lines=lines.get(name, DocumentLines()),
            cluster_id=named[name],
        )
        for name in sorted(current)
    }

    def dated(row_id: str) -> DatedText:
        name = by_row[row_id].document_id
        return DatedText(claims[name], name in sure, name in known)

    relations = [_document_link(directed(found, dated), by_row, documents) for found in live]
    relations += _continuations(documents, stored, by_row)
    return SnapshotView(documents, tuple(sorted(relations, key=link_order)), shown, moved)


def _observations(
    by_row: Mapping[str, RowHead], visited: Mapping[str, list[Visit]], forms: Collection[tuple[str, str]]
) -> dict[str, list[Observation]]:
    """Return each document's observations. `forms` are documents with the addresses of other forms of their own URL.

    A URL that is gone makes a document gone only if it is the document's own URL, or the one where it was last seen.
    """
    seen: defaultdict[str, list[tuple[Observation, str]]] = defaultdict(list)
    for address, visits in visited.items():
        for document_id, observation in _at_address(by_row, visits):
            seen[document_id].append((observation, address))
    return {
        document_id: list(_relevant(document_id, _from_own(document_id, found, forms)))
        for document_id, found in seen.items()
    }


def _from_own(
    document_id: str, found: list[tuple[Observation, str]], forms: Collection[tuple[str, str]]
) -> list[tuple[Observation, str]]:
    """Leave out what other addresses showed of a document, except the versions that its own address shows too.

    Its own address is its URL, with the other forms of it, or else the address that showed the document first.
    """
    addresses = {address for _, address in found}
    if len(addresses) == 1:
        return found
    own_id = document_id.rpartition("-")[0]
    own = {address for address in addresses if address == own_id or (document_id, address) in forms}
    own = own or {min(found)[1]}
    keys = {observation.version_key for observation, address in found if address in own and not observation.gone}
    return [
        (observation, address)
        for observation, address in found
        if address in own or (not observation.gone and observation.version_key in keys)
    ]


def _at_address(by_row: Mapping[str, RowHead], visits: Iterable[Visit]) -> Iterator[tuple[str, Observation]]:
    """Yield an observation of each document that a URL showed, had not changed (304), or showed earlier and is gone."""
    showing: tuple[str, ...] = ()
    ever: set[str] = set()
    for visit in visits:
        if visit.purpose is Purpose.LISTING:
            continue  # it says that nothing there is an article, and no more
        if visit.reason == Reason.GONE:
            for document_id in sorted(ever):
                yield document_id, Observation(visit.fetched, visit.ref)
        elif visit.rows or visit.reason == Reason.NOT_MODIFIED:
            showing = visit.rows or showing
            for head in (by_row[row_id] for row_id in showing if row_id in by_row):
                ever.add(head.document_id)
                yield head.document_id, Observation(visit.fetched, visit.ref, head.row_id, head.version_key)


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
    from articles.metadata.agencies import agency, agency_of_site  # noqa: PLC0415  as in `view_of`

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
        host=urlsplit(head.url).hostname or "",
        known=known or bool(own_agency),
        seen=claim.seen,
        borne_out=sure,
    )


def _document_view(
    head: RowHead,
    found: tuple[Version, ...],
    origin: Mapping[str, ClusterOrigin],
    date_doubt: str,
    claimed: tuple[ClaimedDay, bool],
    *,
    lines: DocumentLines,
    cluster_id: str,
) -> DocumentView:
    claim, day_proved = claimed
    return DocumentView(
        head=head,
        versions=found,
        first_seen=found[0].first_seen,
        last_seen=max(version.last_seen for version in found if not version.gone),
        gone=found[-1].gone,
        cluster_id=cluster_id,
        origin=origin[cluster_id],
        date_doubt=date_doubt,
        stated_day=claim.day,
        text_seen=claim.seen,
        day_proved=day_proved,
        changes=lines.changes,
        changing=lines.changing,
    )


def _document_link(found: Link, by_row: Mapping[str, RowHead], documents: Mapping[str, DocumentView]) -> DocumentLink:
    a, b = by_row[found.a], by_row[found.b]
    ours, theirs = documents[a.document_id], documents[b.document_id]
    source = ours.origin.source if ours.cluster_id == theirs.cluster_id else ""
    return DocumentLink(found.kind, a.url, b.url, a.document_id, b.document_id, found.score, found.evidence, source)


def _continuations(
    documents: Mapping[str, DocumentView], stored: Mapping[str, RowHead], by_row: Mapping[str, RowHead]
) -> Iterator[DocumentLink]:
    """Yield links from the later pages of articles to the page before each."""
    joined = {(stored[row_id].article_id, head.lang): head for row_id, head in by_row.items() if stored[row_id] != head}
    for document_id, document in documents.items():
        head = document.head
        if not head.continues:
            continue
        at = joined.get((head.continues, head.lang))
        before = documents.get(at.document_id if at else f"{head.continues}-{head.lang}")
        if before is not None and before is not document:
            urls, ids = (head.url, before.head.url), (document_id, before.head.document_id)
            yield DocumentLink(LinkKind.CONTINUES, *urls, *ids, 1.0, "the page names it as the page before")
