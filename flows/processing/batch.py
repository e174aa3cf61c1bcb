"""Write what a batch of page results adds to the tables: rows, links, removals, rejections, fetches and health."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from articles.accounting import Counts, add, count
from articles.drift import tally
from articles.links import duplicates
from articles.links.pair_budget import PairBudget
from articles.model import Link, LinkKind, Purpose
from articles.pipeline import DocumentRow, PageResult
from flows.processing import quarantine, translation_links
from flows.processing.snapshot_index import SnapshotIndex, entry
from storage.objects import ObjectStore
from storage.tables import packs, schemas
from storage.tables import rows as table_rows
from storage.tables.file_ref import FileRef
from storage.tables.page_rows import document_row, rejection_rows, removal_rows

SOURCE_PURPOSES = frozenset({Purpose.FEED, Purpose.SITEMAP, Purpose.LISTING})
ANSWERED_STATUSES = range(200, 400)  # including 304: not modified
DUPLICATE_KINDS = frozenset({LinkKind.DUPLICATE, LinkKind.CONTAINED})


@dataclass(frozen=True, slots=True)
class WrittenBatch:
    """Files of a batch, in the store but not yet committed, with their counts."""

    files: tuple[FileRef, ...]
    counts: Counts
    links: Mapping[str, int]  # number of new links by kind
    cut: tuple[str, ...] = ()  # URLs of new rows that were not compared with all candidates for links

    def __add__(self, other: "WrittenBatch") -> "WrittenBatch":
        """Add the files and counts of two batches."""
        links = Counter(self.links)
        links.update(other.links)
        return WrittenBatch(self.files + other.files, add(self.counts, other.counts), links, self.cut + other.cut)


def write(store: ObjectStore, known: SnapshotIndex, results: Sequence[PageResult]) -> WrittenBatch:
    """Compare a batch's rows with the known rows, write what is new, and add the new rows to `known`."""
    rows = [row for result in results for row in result.rows]
    known.recall({row.row_id for row in rows}, documents := {row.document.document_id for row in rows})
    fresh = _fresh_rows(known, results)
    budgets = PairBudget(), PairBudget()
    links, link_files = _links(store, known, fresh, results, budgets)
    duplicated = frozenset(row for link in links if link.kind in DUPLICATE_KINDS for row in (link.a, link.b))
    counts = count(results, known.versions(documents), duplicated)
    files = [
        *packs.write(store, "documents", (document_row(row, result) for row, result in fresh.values())),
        *packs.write(store, "sketches", (table_rows.sketch_row(row.row_id, row.sketch) for row, _ in fresh.values())),
        *packs.write(store, "links", map(table_rows.link_row, links)),
        *link_files,
        *packs.write(store, "removals", removal_rows(results)),
        *packs.write(store, "rejections", rejection_rows(results)),
        *packs.write(store, "fetches", (table_rows.fetch_row(result.fetch) for result in results)),
        *packs.write(store, "health", _health_rows(results, counts)),
    ]
    cut = {fresh[row_id][0].document.url for budget in budgets for row_id in budget.cut}
    return WrittenBatch(tuple(files), counts, Counter(link.kind.value for link in links), tuple(sorted(cut)))


def _fresh_rows(known: SnapshotIndex, results: Iterable[PageResult]) -> dict[str, tuple[DocumentRow, PageResult]]:
    """Return the rows that are not stored yet, each with the earliest result of the batch that shows it."""
    fresh: dict[str, tuple[DocumentRow, PageResult]] = {}
    for result in sorted(results, key=lambda result: (result.fetch.fetched, result.fetch.ref)):
        for row in result.rows:
            if not known.holds(row.row_id):
                fresh.setdefault(row.row_id, (row, result))
    return fresh


def _links(
    store: ObjectStore,
    known: SnapshotIndex,
    fresh: Mapping[str, tuple[DocumentRow, PageResult]],
    results: Iterable[PageResult],
    budgets: tuple[PairBudget, PairBudget],
) -> tuple[list[Link], tuple[FileRef, ...]]:
    """Return all links of the fresh rows, and the files of anchors, vectors and alignments.

    Links are those that pages state, links to duplicates, and links to translations and rewrites. The last two kinds have
    a budget each.
    """

    def texts(wanted: Collection[str]) -> dict[str, str]:
        ours = {row_id: fresh[row_id][0].document.text for row_id in wanted if row_id in fresh}
        return ours | known.texts(store, [row_id for row_id in wanted if row_id not in ours])

    stated = {link for result in results for link in result.links if link.a in fresh or link.b in fresh}
    entries = [translation_links.entry(row.row_id, row.document, row.anchors) for row, _ in fresh.values()]
    alike = [entry(row) for row, _ in fresh.values()]
    known.recall({row_id for link in stated for row_id in (link.a, link.b)} - fresh.keys())
    known.recall_candidates(store, alike, entries)
    duplicated = duplicates.link(alike, known.index, texts, budgets[0])
    linked = known.translations.link(store, entries, stated, texts, budgets[1])
    return sorted({*stated, *duplicated, *linked.links}, key=lambda link: (link.kind, link.a, link.b)), linked.files


def _health_rows(results: Sequence[PageResult], counts: Counts) -> Iterable[schemas.Row]:
    """Yield health rows by outlet, day and run: the counts of the batch, the template signs of its pages, and its sources.

    The counts get the day and the run of the outlet's newest capture.
    """
    newest = {result.fetch.outlet: result.fetch for result in sorted(results, key=lambda result: result.fetch.fetched)}
    for outlet, columns in counts.items():
        fetch = newest[outlet]
        yield from _measures((outlet, fetch.run), fetch.fetched.date(), columns)
    signs: defaultdict[tuple[str, str], list[PageResult]] = defaultdict(list)
    sources: defaultdict[tuple[str, str, date], Counter[str]] = defaultdict(Counter)
    for result in results:
        fetch = result.fetch
        if quarantine.is_checked(result):
            signs[fetch.outlet, fetch.run].append(result)
        elif result.purpose in SOURCE_PURPOSES:
            answered = "sources" if fetch.status in ANSWERED_STATUSES else "sources_failed"
            sources[fetch.outlet, fetch.run, fetch.fetched.date()][answered] += 1
    for (outlet, run, day), answers in sorted(sources.items()):
        yield from _measures((outlet, run), day, answers)
    for key, group in sorted(signs.items()):
        day = min(result.fetch.fetched for result in group).date()
        yield from _measures(key, day, tally((result.vitals, result.missed) for result in group).measures())


def _measures(key: tuple[str, str], day: date, values: Mapping[str, float]) -> Iterable[schemas.Row]:
    outlet, run = key
    for measure, value in values.items():
        if value:
            yield {"outlet": outlet, "day": day, "run": run, "measure": measure, "value": float(value)}
