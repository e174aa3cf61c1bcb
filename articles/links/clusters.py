"""Cluster documents that say the same, and choose a representative of each cluster."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from articles.dates import ISO_DATE_CHARS
from articles.model import Link, LinkKind

UNDATED = "9999-12-31"


@dataclass(frozen=True, slots=True)
class ClusterMember:
    """Data of a document that decides on the representative of its cluster."""

    document_id: str
    row_id: str  # its current row
    reprint: bool  # the document names another outlet as its source
    published: str  # ISO 8601, empty if unknown
    length: int  # of the text, characters
    review: bool = False  # its topic verdict is `review`
    source: str = ""  # the source that it names: an agency or another outlet
    agency: str = ""  # the agency, if it was published on the agency's own site


def clusters(members: Iterable[ClusterMember], links: Iterable[Link]) -> dict[str, str]:
    """Return the representative of each document's cluster, by document id; it is the name of the cluster.

    Links of rows that are not among the members are ignored. Duplicates are in one cluster. A contained text joins the
    cluster of its container, unless one of the two has several unrelated partners: a digest that contains several
    articles joins none of them, and neither does a notice that several articles contain. A cluster contains a text only
    if most of its documents do: an article does not join a digest most of whose text is a copy of another article.

    The representative is chosen by, in this order: not under review, not a part of another text, an original before a
    reprint, the earliest day (undated last), the longest text, the smallest id.
    """
    by_row = {member.row_id: member for member in members}
    inside = [found for found in links if found.a in by_row and found.b in by_row]
    sets = _Sets(member.document_id for member in by_row.values())
    for found in inside:
        if found.kind is LinkKind.DUPLICATE:
            sets.join(by_row[found.a].document_id, by_row[found.b].document_id)
    contained = [
        (by_row[found.a].document_id, by_row[found.b].document_id)
        for found in inside
        if found.kind is LinkKind.CONTAINED
    ]
    containers: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for part, whole in contained:
        containers[sets.find(part), sets.find(whole)].add(whole)
    copies = Counter(sets.find(name) for name in sets)
    for part, whole in _clear_edges(set(containers)):
        if 2 * len(containers[part, whole]) > copies[whole]:
            sets.join(part, whole)
    parts = {part for part, whole in contained if sets.find(part) == sets.find(whole)}
    return _named(by_row.values(), sets, parts)


@dataclass(frozen=True, slots=True)
class ClusterOrigin:
    """Origin of the text of a cluster, as stated by its documents."""

    source: str  # an agency or an outlet; empty if no document states one
    first: str  # id of the document that was published first


def origins(members: Iterable[ClusterMember], named: Mapping[str, str]) -> dict[str, ClusterOrigin]:
    """Return the origin of each cluster; `named` is the result of `clusters` for these members.

    The source is an agency on whose own site a document of the cluster was published, if that document names no other
    source; otherwise the source that most documents name. Ties are broken by the number of documents, then by name. The
    first document is the earliest by day, then an original before a reprint, then the one with the smallest id.
    """
    by_cluster: defaultdict[str, list[ClusterMember]] = defaultdict(list)
    for member in members:
        by_cluster[named[member.document_id]].append(member)
    return {name: ClusterOrigin(_source(found), _first(found)) for name, found in by_cluster.items()}


def _source(members: Sequence[ClusterMember]) -> str:
    own = {member.agency for member in members if member.agency and member.source in {"", member.agency}}
    counts = Counter(member.source for member in members if member.source)
    return min(own or counts, key=lambda name: (-counts[name], name), default="")


def _first(members: Sequence[ClusterMember]) -> str:
    return min(
        (member.published[:ISO_DATE_CHARS] or UNDATED, member.reprint, member.document_id) for member in members
    )[-1]


def _clear_edges(edges: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the edges (part, whole) whose part has only related wholes, and whose whole has only related parts."""
    edges = {(part, whole) for part, whole in edges if part != whole}
    wholes: defaultdict[str, set[str]] = defaultdict(set)
    parts: defaultdict[str, set[str]] = defaultdict(set)
    for part, whole in edges:
        wholes[part].add(whole)
        parts[whole].add(part)

    def related(names: set[str]) -> bool:
        return all((one, other) in edges or (other, one) in edges for one, other in combinations(names, 2))

    wholes_related = {part: related(names) for part, names in wholes.items()}
    parts_related = {whole: related(names) for whole, names in parts.items()}
    return [(part, whole) for part, whole in edges if wholes_related[part] and parts_related[whole]]


def _named(members: Iterable[ClusterMember], sets: "_Sets", parts: set[str]) -> dict[str, str]:
    best: dict[str, tuple[bool, bool, bool, str, int, str]] = {}
    for member in members:
        rank = (
            member.review,
            member.document_id in parts,
            member.reprint,
            member.published[:ISO_DATE_CHARS] or UNDATED,
            -member.length,
            member.document_id,
        )
        root = sets.find(member.document_id)
        if root not in best or rank < best[root]:
            best[root] = rank
    return {name: best[sets.find(name)][-1] for name in sets}


class _Sets:
    """Disjoint sets of names (union-find). The root of a set may depend on the order of joins, its members do not."""

    def __init__(self, names: Iterable[str]) -> None:
        self._parents: dict[str, str] = {name: name for name in names}

    def __iter__(self) -> Iterator[str]:
        return iter(self._parents)

    def find(self, name: str) -> str:
        while self._parents[name] != name:
            self._parents[name] = name = self._parents[self._parents[name]]
        return name

    def join(self, one: str, other: str) -> None:
        self._parents[self.find(one)] = self.find(other)
