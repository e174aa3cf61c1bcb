"""Compute the view of a snapshot from an earlier one and from what the commits since have added.

A document's view depends on what was observed at its own URL and at those that claims, links and shared rows connect it to,
directly or through others. So only the articles connected to those that commits touch are computed again, by the same code
that computes a whole view. Two things more connect documents: the days that an outlet has proved bear out others of its
days (`articles.history.claimed_days`), and the lines that its pages show and change tell which of them change with every fetch
(`articles.history.changing`). Where these change, the documents concerned are computed again too.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from articles.errors import InputError
from articles.history.identity import RowHead
from articles.history.snapshot_view import SnapshotView, has_file
from articles.history.view import Others, view_of
from articles.history.visits import Visit, last_of_each, visits_of
from articles.model import Fetch, Link, Purpose
from articles.url import article_id, canonicalize
from storage.objects import ObjectStore
from storage.snapshots.layer_tables import MadeLayer
from storage.snapshots.observed import RowLabel, read_heads, read_objects
from storage.snapshots.outlet_days import OutletDays
from storage.snapshots.outlet_lines import OutletLines
from storage.snapshots.view_layers import VIEWS, StoredView
from storage.snapshots.view_tables import ArticleRecord, of_view, record_of
from storage.tables import rows as table_rows
from storage.tables.delta import Commit
from storage.tables.file_ref import FileRef

RECORD_COLUMNS = ("article_id", "neighbours", "heads", "visits", "links")


@dataclass(slots=True)
class Added:
    """What commits have added."""

    heads: list[tuple[RowHead, RowLabel]] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    strays: list[tuple[str, str]] = field(default_factory=list)  # articles by which old and new code name one URL


def only_adds(commits: Iterable[Commit]) -> bool:
    """Return whether commits add rows, and take none away."""
    return not any(commit.remove or commit.replaces or commit.rearranges for commit in commits)


def read_added(store: ObjectStore, files: Mapping[str, Sequence[FileRef]]) -> Added:
    """Read what new files add to a view, by table."""
    added = Added(heads=list(read_heads(store, files.get("documents", ()))))
    for fetch in read_objects(store, files.get("fetches", ()), table_rows.fetch_of):
        if visits := list(visits_of([fetch])):
            added.visits += visits
            added.strays += _stray(fetch)
    added.links += read_objects(store, files.get("links", ()), table_rows.link_of)
    return added


def advanced(before: StoredView, added: Added, number: int, packs: Mapping[str, FileRef]) -> MadeLayer:
    """Return the layer that leads to the view of snapshot `number`. `packs` are its files of documents by SHA-256."""
    edges, own = _edges(before, added)
    seeds = {*edges, *(head.article_id for head, _ in added.heads), *(visit.address for visit in added.visits)}
    days, lines = OutletDays(before), OutletLines(before)
    while True:
        records = _connected(before, seeds, edges, packs)
        outlets = _outlets(records)
        _add(records, added, own)
        outlets |= _outlets(records)
        others = Others(days.starts(outlets, without=records), partial(lines.of, without=records))
        view = _view(records, others)
        more = days.moved(days.starts(outlets), _with_proved(others.starts, view)) - records.keys()
        more |= lines.otherwise_judged(view, records, outlets)
        if not more:
            return MadeLayer(VIEWS, before.snapshot + 1, number, of_view(view, records))
        seeds |= more


def _stray(fetch: Fetch) -> Iterator[tuple[str, str]]:
    """Yield the two ids of a URL that older code recorded under the id of the article that its page claimed to be."""
    try:
        own = article_id(canonicalize(fetch.url))
    except InputError:
        return
    if own != fetch.article_id:
        yield own, fetch.article_id


def _edges(before: StoredView, added: Added) -> tuple[dict[str, set[str]], dict[str, str]]:
    """Return the articles that new observations connect, by article, and the article of each row that they name."""
    own = {head.row_id: head.article_id for head, _ in added.heads}
    named = {row_id for visit in added.visits for row_id in visit.rows}
    named.update(row_id for link in added.links for row_id in (link.a, link.b))
    own |= before.articles_of(named - own.keys())
    pairs = list(added.strays)
    for head, _ in added.heads:
        pairs += ((head.article_id, other) for other in (head.claim, head.continues) if other)
    pairs += ((visit.address, own[row_id]) for visit in added.visits for row_id in visit.rows if row_id in own)
    pairs += ((own[link.a], own[link.b]) for link in added.links if link.a in own and link.b in own)
    edges: defaultdict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        if one != other:
            edges[one].add(other)
            edges[other].add(one)
    return dict(edges), own


def _connected(
    before: StoredView, seeds: Collection[str], edges: Mapping[str, set[str]], packs: Mapping[str, FileRef]
) -> dict[str, ArticleRecord]:
    """Return the records of some articles and of all that are connected to them, directly or through others."""
    records: dict[str, ArticleRecord] = {}
    waiting = set(seeds)
    while waiting:
        found = {name: ArticleRecord(name) for name in sorted(waiting)}
        if before.layers:
            for row in before.read("articles", RECORD_COLUMNS, waiting).to_pylist():
                found[row["article_id"]] = record_of(row, packs)
        for name, record in found.items():
            record.neighbours |= edges.get(name, set())
        records |= found
        waiting = {other for record in found.values() for other in record.neighbours} - records.keys()
    return records


def _add(records: Mapping[str, ArticleRecord], added: Added, own: Mapping[str, str]) -> None:
    """Add new observations to the records, and keep of each capture the visit that was recorded last."""
    stored = {head.row_id for record in records.values() for head, _ in record.heads}
    for head, label in added.heads:
        if head.row_id in stored:  # two writers stored it: the last label is used, as of a view of all rows
            heads = records[head.article_id].heads
            heads[:] = [one for one in heads if one[0].row_id != head.row_id]
        stored.add(head.row_id)
        records[head.article_id].heads.append((head, label))
    for link in added.links:
        if link.a in own and link.b in own:
            records[own[link.a]].links.append(link)
    touched = {visit.ref.record_id for visit in added.visits}
    for record in records.values():
        record.visits = [visit for visit in record.visits if visit.ref.record_id not in touched]
    for visit in last_of_each(added.visits):
        visits = records[visit.address].visits
        if visit.purpose is not Purpose.LISTING or not any(one.purpose is Purpose.LISTING for one in visits):
            visits.append(visit)


def _outlets(records: Mapping[str, ArticleRecord]) -> set[str]:
    return {head.outlet for record in records.values() for head, _ in record.heads}


def _view(records: Mapping[str, ArticleRecord], others: Others) -> SnapshotView:
    heads = [head for record in records.values() for head, _ in record.heads]
    visits = [visit for record in records.values() for visit in record.visits]
    links = [link for record in records.values() for link in record.links]
    return view_of(heads, visits, links, others)


def _with_proved(starts: Mapping[str, str], view: SnapshotView) -> dict[str, str]:
    found = dict(starts)
    for document in view.documents.values():
        outlet = document.head.outlet
        if document.day_proved and has_file(outlet):
            found[outlet] = min(found.get(outlet, document.stated_day), document.stated_day)
    return found
