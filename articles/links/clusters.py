"""Cluster documents that say the same, and choose a representative of each cluster."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from articles.dates import ISO_DATE_CHARS
from articles.model import Link, LinkKind

NEAR_KINDS = frozenset({LinkKind.DUPLICATE, LinkKind.CONTAINED})
# Of the pairs of documents between two sets of duplicates, for both to be one cluster. Copies of one text are linked with
# nearly all others; issues of a template, or stages of a running story, each with a few.
MIN_LINKED_SHARE = 0.5
UNDATED = "9999-12-31"
ZONE_MARGIN_DAYS = 1  # a day on a page is local, the day of a sighting is UTC
# Between the days that two outlets state, for each to support the other where nothing else bears out any day of a cluster
MAX_DAYS_FROM_SUPPORT = 7
MAX_DAYS_AHEAD_OF_WIRE = 7  # outlets get an agency's wire before, or some days before, the agency's own page of it


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
    outlet: str = ""
    host: str = ""  # of its URL, empty if unknown
    known: bool = False  # its outlet has a file, or is an agency
    seen: str = ""  # day on which its text was first seen, ISO 8601, empty if unknown
    borne_out: bool = True  # other evidence bears out its day of publication: `articles.history.claimed_days`

    @property
    def day(self) -> str:
        """Day on which it says that it was published, or on which it was seen if that is earlier."""
        day = self.published[:ISO_DATE_CHARS]
        return (min(day, self.seen) if self.seen else day) or UNDATED

    def seen_before(self, day: str) -> bool:
        """Return whether its text was certainly seen before a day."""
        return bool(self.seen) and self.seen < day and date.fromisoformat(self.seen) < _earlier(day)


def clusters(members: Iterable[ClusterMember], links: Iterable[Link]) -> dict[str, str]:
    """Return the representative of each document's cluster, by document id; it is the name of the cluster.

    Links of rows that are not among the members are ignored. Duplicates are in one cluster, if half of its pairs of
    documents are linked: no chain of links joins documents that hardly any link joins. A contained text joins the
    cluster of its container, unless one of the two has several unrelated partners: a digest that contains several
    articles joins none of them, and neither does a notice that several articles contain. A cluster contains a text only
    if most of its documents do: an article does not join a digest most of whose text is a copy of another article.

    The representative is chosen by, in this order: not under review, of an outlet with a file or an agency (or seen
    before any of their texts), not a part of another text, not stating an earlier day than counts (`_Days`), an original
    before a reprint, the earliest day that counts (undated last), a day that other evidence bears out, the longest text,
    the smallest id.
    """
    by_row = {member.row_id: member for member in members}
    inside = [found for found in links if found.a in by_row and found.b in by_row]
    sets = _Sets(member.document_id for member in by_row.values())
    _join_duplicates(sets, [(found, by_row[found.a].document_id, by_row[found.b].document_id) for found in inside])
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
    first document is the earliest by the day that counts (`_Days`), then one of an outlet with a file, then one that
    states no earlier day, then an original before a reprint, then one whose day other evidence bears out, then the one
    with the smallest id.
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
    if len(members) == 1:
        return members[0].document_id
    days = _Days(members)
    return min(
        (
            days.of(member),
            not member.known,
            days.overreaches(member),
            member.reprint,
            not member.borne_out,
            member.document_id,
        )
        for member in members
    )[-1]


class _Days:
    """The days of publication that count within one cluster.

    The day that a document states counts if other evidence bears it out. If not, it counts from the earliest day of the
    cluster that is borne out, unless the text was certainly seen before. Against documents of outlets with a file, no
    other document counts as earlier than the earliest of these, unless its text was certainly seen before: its address
    and its feed are its own claims too. The same holds against agencies, with a margin for their wire. Where nothing bears out any day, a day that two outlets state counts, else the day
    of the first sighting. Copies on one host state days of one publisher, and these count as they are.
    """

    def __init__(self, members: Sequence[ClusterMember]) -> None:
        known = [member for member in members if member.known]
        hosts = {member.host for member in members}
        self._one_host = len(hosts) == 1 and "" not in hosts
        days = (member.seen or UNDATED if member.day == UNDATED else member.day for member in known)
        self._known_from = min(days, default="")
        self._of_agencies = all(member.agency for member in known)
        self._bearing = {True: _earliest_borne_out(known), False: _earliest_borne_out(members)}
        self._supported = _earliest_supported(members)

    def of(self, member: ClusterMember) -> str:
        """Return the day that counts for a document of the cluster."""
        if member.day == UNDATED:
            return (member.known and member.seen) or UNDATED
        if self._one_host:
            return member.day
        if self._known_from and not member.known and not self._ahead_of_wire(member):
            return self._not_before(self._known_from, member)
        if member.borne_out:
            return member.day
        limit = self._bearing[member.known]
        if limit or member.known or (self._supported and member.day >= self._supported):
            return self._not_before(limit, member)
        return max(member.day, member.seen)

    def _ahead_of_wire(self, member: ClusterMember) -> bool:
        """Return whether only agencies are known, and a document may have had their text some days before their pages."""
        first = date.fromisoformat(self._known_from) - timedelta(MAX_DAYS_AHEAD_OF_WIRE)
        return self._of_agencies and date.fromisoformat(member.day) >= first

    def overreaches(self, member: ClusterMember) -> bool:
        """Return whether a document states an earlier day than the one that counts, and is neither known nor seen first."""
        day = self.of(member)
        return not member.known and day > member.day and not (self._known_from and self.established(member))

    def established(self, member: ClusterMember) -> bool:
        """Return whether a document may stand before those of outlets with a file."""
        return member.known or not self._known_from or member.seen_before(self._known_from)

    @staticmethod
    def _not_before(limit: str, member: ClusterMember) -> str:
        return max(member.day, member.seen if limit and member.seen_before(limit) else limit)


def _earliest_borne_out(members: Iterable[ClusterMember]) -> str:
    return min((member.day for member in members if member.borne_out and member.day != UNDATED), default="")


def _earliest_supported(members: Sequence[ClusterMember]) -> str:
    """Return the earliest day that documents of several outlets state, or an empty string."""
    latest: dict[str, date] = {}
    for day, outlet in sorted((member.day, member.outlet) for member in members if member.day != UNDATED):
        latest[outlet] = date.fromisoformat(day)
        others = [other for name, other in latest.items() if name != outlet]
        if others and latest[outlet] - max(others) <= timedelta(MAX_DAYS_FROM_SUPPORT):
            return max(others).isoformat()
    return ""


def _earlier(day: str) -> date:
    return date.fromisoformat(day) - timedelta(ZONE_MARGIN_DAYS)


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


def _join_duplicates(sets: "_Sets", found: Iterable[tuple[Link, str, str]]) -> None:
    """Join the sets of duplicates, the most alike first, wherever enough of the pairs between two sets are linked."""
    support: defaultdict[str, Counter[str]] = defaultdict(Counter)  # by root: linked pairs with other sets
    waiting: list[tuple[float, str, str]] = []
    for link, one, other in found:
        if one != other and link.kind in NEAR_KINDS:
            support[one][other] += 1
            support[other][one] += 1
            if link.kind is LinkKind.DUPLICATE:
                waiting.append((-link.score, min(one, other), max(one, other)))
    waiting.sort()
    size: Counter[str] = Counter(dict.fromkeys(sets, 1))
    joined = True
    while joined:
        joined, left = False, list[tuple[float, str, str]]()
        for pair in waiting:
            one, other = sorted((sets.find(pair[1]), sets.find(pair[2])), key=lambda root: (len(support[root]), root))
            if one == other:
                continue
            if support[one][other] < MIN_LINKED_SHARE * size[one] * size[other]:
                left.append(pair)
                continue
            sets.join(one, other)
            size[other] += size.pop(one)
            for root, count in support.pop(one).items():
                support[root].pop(one, None)
                if root != other:
                    support[root][other] += count
                    support[other][root] += count
            joined = True
        waiting = left


def _named(members: Iterable[ClusterMember], sets: "_Sets", parts: set[str]) -> dict[str, str]:
    by_root: defaultdict[str, list[ClusterMember]] = defaultdict(list)
    for member in members:
        by_root[sets.find(member.document_id)].append(member)
    best = {root: _best(found, parts) for root, found in by_root.items()}
    return {name: best[sets.find(name)] for name in sets}


def _best(members: Sequence[ClusterMember], parts: set[str]) -> str:
    if len(members) == 1:
        return members[0].document_id
    days = _Days(members)
    return min(
        (
            member.review,
            not days.established(member),
            member.document_id in parts,
            days.overreaches(member),
            member.reprint,
            days.of(member),
            not member.borne_out,
            -member.length,
            member.document_id,
        )
        for member in members
    )[-1]


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
