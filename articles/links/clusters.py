"""Clusters of documents that say the same, each with the one that stands for it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from articles.model import Link, LinkKind

UNDATED = "9999-12-31"
DAY = 10  # characters of an ISO 8601 date


@dataclass(frozen=True, slots=True)
class ClusterMember:
    """What decides which document stands for its cluster."""

    document_id: str
    row_id: str  # its current row
    reprint: bool  # it names another outlet as its source
    published: str  # ISO 8601, empty if unknown
    length: int  # of the text, characters
    review: bool = False  # it fell a little short of its topic
    source: str = ""  # what it names as its source: an agency, or another outlet
    agency: str = ""  # the agency on whose own site it stands


def clusters(members: Iterable[ClusterMember], links: Iterable[Link]) -> dict[str, str]:
    """Return each document's cluster, named by the document that stands for it; a document alone stands for itself.

    Links of other rows than the members' are passed over. Duplicates join. A contained text joins its container,
    unless one of the two lies between texts that have nothing to do with each other: a digest that holds several
    articles joins none of them, nor does a notice that stands under several. What has copies holds a text only if most
    of the copies do: an article joins no digest that is mostly a copy of another one.

    For a cluster stands, in this order: a text that is not kept for review only, one that is not a part of another, an
    original rather than a reprint, the earliest by day (undated last), the longest, the one with the smallest id.
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
    holders: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for part, whole in contained:
        holders[sets.find(part), sets.find(whole)].add(whole)
    copies = Counter(sets.find(name) for name in sets)
    for part, whole in _clear_edges(set(holders)):
        if 2 * len(holders[part, whole]) > copies[whole]:
            sets.join(part, whole)
    parts = {part for part, whole in contained if sets.find(part) == sets.find(whole)}
    return _named(by_row.values(), sets, parts)


@dataclass(frozen=True, slots=True)
class ClusterOrigin:
    """Where the text of a cluster comes from, as far as its documents tell."""

    source: str  # the agency, or the outlet, that it came from; empty if none of them says so
    first: str  # the document that was published first


def origins(members: Iterable[ClusterMember], named: Mapping[str, str]) -> dict[str, ClusterOrigin]:
    """Return the origin of each cluster; `named` is what `clusters` says of these members.

    The source is an agency on whose own site a document of the cluster stands that names no other, else the one that
    most of them name; of several the one that more of them name, then the first in the alphabet. The first document is
    the earliest by day, an original before a reprint, the one with the smallest id.
    """
    by_cluster: defaultdict[str, list[ClusterMember]] = defaultdict(list)
    for member in members:
        by_cluster[named[member.document_id]].append(member)
    return {name: ClusterOrigin(_source(found), _first(found)) for name, found in by_cluster.items()}


def _source(members: Sequence[ClusterMember]) -> str:
    own = {member.agency for member in members if member.agency and member.source in {"", member.agency}}
    said = Counter(member.source for member in members if member.source)
    return min(own or said, key=lambda name: (-said[name], name), default="")


def _first(members: Sequence[ClusterMember]) -> str:
    return min((member.published[:DAY] or UNDATED, member.reprint, member.document_id) for member in members)[-1]


def _clear_edges(edges: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the edges (part, whole) whose part has only related wholes and whose whole has only related parts."""
    edges = {(part, whole) for part, whole in edges if part != whole}
    wholes: defaultdict[str, set[str]] = defaultdict(set)
    parts: defaultdict[str, set[str]] = defaultdict(set)
    for part, whole in edges:
        wholes[part].add(whole)
        parts[whole].add(part)

    def related(names: set[str]) -> bool:
        return all((one, other) in edges or (other, one) in edges for one, other in combinations(names, 2))

    whole_fine = {part: related(names) for part, names in wholes.items()}
    part_fine = {whole: related(names) for whole, names in parts.items()}
    return [(part, whole) for part, whole in edges if whole_fine[part] and part_fine[whole]]


def _named(members: Iterable[ClusterMember], sets: "_Sets", parts: set[str]) -> dict[str, str]:
    best: dict[str, tuple[bool, bool, bool, str, int, str]] = {}
    for member in members:
        rank = (
            member.review,
            member.document_id in parts,
            member.reprint,
            member.published[:DAY] or UNDATED,
            -member.length,
            member.document_id,
        )
        root = sets.find(member.document_id)
        if root not in best or rank < best[root]:
            best[root] = rank
    return {name: best[sets.find(name)][-1] for name in sets}


class _Sets:
    """Disjoint sets of names (union-find). Which name is a set's root may depend on the order, its members don't."""

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
