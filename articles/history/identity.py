"""Decide which rows belong to one article: what was fetched from a URL outranks what claims to be that URL.

A row belongs to the article of the URL that it was fetched from. If its page claims to be another page (see
`articles.metadata.canonical` for the claims that a page alone excludes), the row joins the other article only if content
bears the claim out:

- The other page has been captured: its text agrees, or, for another form of its URL ("/amp"), its title. A title alone
  counts for one form only. Two texts agree if they are one version or if a duplicate link joins them.
- It has not been captured: all pages that claim to be it agree with each other, or a form of it ("/amp") does.
- It was captured and is no article: nothing joins it. So a section that many articles name joins none of them.

Of a document's rows, those fetched from its own URL (or a form of it) are its versions. Rows from other URLs add only
sightings of the same versions. All of this is a function of sets of rows and links, so their order does not matter.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from articles.model import CaptureRef, Link, LinkKind
from articles.text import fold

_Key = tuple[str, ...]

MAX_CHAIN = 5  # claims followed from one page to the next
PAIR = 2  # pages that may be one article by their title alone; three are a template's error
MIN_TITLE_WORDS = 3  # of a title that can show that two pages are one article; "News" cannot


@dataclass(frozen=True, slots=True)
class RowHead:
    """A row without its text."""

    row_id: str
    document_id: str
    article_id: str  # of the URL that was fetched; in a view, of the article that the row belongs to
    url: str  # canonical, likewise
    version_key: str
    published: str  # ISO 8601, empty if unknown
    reprint: bool  # it names another outlet or URL as its source
    length: int  # of the text, in characters
    review: bool = False  # the topic's verdict is "review"
    source: str = ""  # the agency or outlet that it names as its source, empty if none
    outlet: str = ""  # under which its captures were archived: a name if the outlet has a file, otherwise a domain
    title: str = ""
    claim: str = ""  # id of the article that its page claims to be; empty if it claims no other
    claim_url: str = ""
    continues: str = ""  # id of the article at the URL of the page before; empty if it is no later page
    marks: str = ""  # of its short lines, see `articles.links.line_marks`; rows of earlier versions have none
    compared: bool = True  # against other rows with the same claim; older stores lack the links between such rows

    @property
    def lang(self) -> str:
        """Language of the document."""
        return self.document_id.rpartition("-")[2]


@dataclass(frozen=True, slots=True)
class Sightings:
    """What the fetches of a snapshot show of rows and URLs. Rows that no fetch shows are missing."""

    last: Mapping[str, tuple[datetime, CaptureRef]]  # last sighting of each row, by row id
    together: Mapping[str, Collection[str]]  # the rows that a capture showed together with a row, by row id
    no_article: Collection[str]  # ids of articles at whose URL a page was captured that is no article


@dataclass(slots=True)
class _Target:
    """A page that other pages claim to be, and what is known about it."""

    article_id: str
    url: str
    own: Sequence[RowHead]  # rows fetched from it
    claimants: dict[str, list[RowHead]] = field(default_factory=dict)  # rows that claim to be it, by their own article


def resolve(heads: Iterable[RowHead], seen: Sightings, links: Iterable[Link]) -> dict[str, RowHead]:
    """Return the rows that join the article of another URL, by row id, with the ids and the URL of that article."""
    by_article: defaultdict[str, list[RowHead]] = defaultdict(list)
    for head in heads:
        if head.row_id in seen.last:
            by_article[head.article_id].append(head)
    targets = _targets(by_article, seen)
    if not targets:
        return {}
    alike = _AlikeTexts(links, targets)
    return {
        head.row_id: replace(
            head, document_id=f"{target.article_id}-{head.lang}", article_id=target.article_id, url=target.url
        )
        for target in targets
        for head in _joining(target, seen, alike)
    }


def _targets(by_article: Mapping[str, list[RowHead]], seen: Sightings) -> list[_Target]:
    """Return the pages that others claim to be. A page's newest row says what it claims now."""
    newest = {
        article: max(rows, key=lambda head: (seen.last[head.row_id], head.row_id))
        for article, rows in by_article.items()
        if any(head.claim for head in rows)
    }
    found: dict[str, _Target] = {}
    for _, head in sorted(newest.items(), key=lambda item: (seen.last[item[1].row_id], item[0])):
        final = _final(head, newest)
        if final is not None:
            own = by_article.get(final.claim, ())
            target = found.setdefault(final.claim, _Target(final.claim, final.claim_url, own))
            target.claimants[head.article_id] = [row for row in by_article[head.article_id] if row.claim == head.claim]
    for target in found.values():
        if target.own:
            target.url = max(target.own, key=lambda head: (seen.last[head.row_id], head.row_id)).url
    return list(found.values())


def _final(head: RowHead, newest: Mapping[str, RowHead]) -> RowHead | None:
    """Follow a claim from page to page; return the row with the last claim, or None if there is none or a circle."""
    met = {head.article_id}
    while head.claim and head.claim not in met and len(met) <= MAX_CHAIN:
        met.add(head.claim)
        following = newest.get(head.claim)
        if following is None or not following.claim:
            return head
        head = following
    return None


def _joining(target: _Target, seen: Sightings, alike: "_AlikeTexts") -> Iterator[RowHead]:
    """Yield the rows that join the article of a target."""
    from articles.metadata.canonical import is_variant  # noqa: PLC0415  readers of stored views don't need it

    if not target.own and target.article_id in seen.no_article:
        return
    forms = {name for name, rows in target.claimants.items() if is_variant(rows[0].url, target.url)}
    base, rest = target.own, dict(target.claimants)
    if not base:
        first = [rest.pop(name) for name in (forms or set(rest))]
        if not alike.all_one(first, titled=bool(forms)):
            return
        base = [head for rows in first for head in rows]
        yield from base
    ids, keys, titles = alike.of(base)
    by_title = []
    for name, rows in rest.items():
        agreeing = {
            head.row_id
            for head in rows
            if not ids.isdisjoint(alike.near(head, longer=name in forms))
            or not keys.isdisjoint(_text_keys(head))
            or (not head.compared and not titles.isdisjoint(_title_keys([head])))
        }
        if agreeing and name in forms:
            yield from rows
        elif agreeing:
            agreeing = agreeing.union(*(seen.together.get(row_id, ()) for row_id in agreeing))
            yield from (head for head in rows if head.row_id in agreeing)
        elif name in forms and not titles.isdisjoint(_title_keys(rows)):
            by_title.append(rows)
    if len(by_title) == 1:
        yield from by_title[0]


class _AlikeTexts:
    """Which rows have the same text or title, by their keys and by duplicate links."""

    def __init__(self, links: Iterable[Link], targets: Iterable[_Target]) -> None:
        groups = (group for target in targets for group in (target.own, *target.claimants.values()))
        rows = {head.row_id for group in groups for head in group}
        self._near: defaultdict[str, set[str]] = defaultdict(set)  # duplicates of a row, and rows that contain it
        self._parts: defaultdict[str, set[str]] = defaultdict(set)  # rows that a row contains
        for link in links:
            if link.a in rows and link.b in rows and link.kind in {LinkKind.DUPLICATE, LinkKind.CONTAINED}:
                self._near[link.a].add(link.b)
                (self._near if link.kind is LinkKind.DUPLICATE else self._parts)[link.b].add(link.a)

    def near(self, head: RowHead, *, longer: bool) -> set[str]:
        """Return the rows whose text a row has in whole or in part; with `longer`, also those of which it has more."""
        return self._near[head.row_id] | (self._parts[head.row_id] if longer else set())

    def of(self, rows: Iterable[RowHead]) -> tuple[set[str], set[_Key], set[_Key]]:
        """Return the ids, the keys of the texts and the keys of the titles of rows."""
        found = list(rows)
        keys = set().union(*map(_text_keys, found))
        return {head.row_id for head in found}, keys, _title_keys(found)

    def all_one(self, groups: Sequence[Sequence[RowHead]], *, titled: bool) -> bool:
        """Return whether groups of rows are one article: each has a text in common with another, and so on.

        If `titled`, a common title is enough for two groups.
        """
        holders: defaultdict[_Key, set[int]] = defaultdict(set)
        keys: list[set[_Key]] = []
        for number, rows in enumerate(groups):
            ids = {head.row_id for head in rows}.union(*(self.near(head, longer=False) for head in rows))
            ours: set[_Key] = {("row", row_id) for row_id in ids}.union(*map(_text_keys, rows))
            keys.append(ours | _title_keys(rows) if titled and len(groups) == PAIR else ours)
            for key in keys[-1]:
                holders[key].add(number)
        reached, waiting = {0}, [0]
        while waiting:
            for key in keys[waiting.pop()]:
                waiting += (fresh := holders.pop(key, set()) - reached)
                reached |= fresh
        return len(reached) >= len(groups)


def _text_keys(head: RowHead) -> set[_Key]:
    """Return the keys that rows with the same text share."""
    keys: set[_Key] = {("version", head.lang, head.version_key)}
    return keys if head.compared else keys | {("uncompared", *key) for key in _title_keys([head])}


def _title_keys(rows: Iterable[RowHead]) -> set[_Key]:
    """Return the keys that rows with the same title share. Short titles, and later pages of an article, have none."""
    return {
        ("title", head.lang, fold(head.title))
        for head in rows
        if not head.continues and len(head.title.split()) >= MIN_TITLE_WORDS
    }
