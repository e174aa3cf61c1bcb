"""What a batch of readings adds to a table: rows, links, ledger and accounting, as the draft of one commit."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from articles.accounting import Counts, add, count
from articles.drift import tally
from articles.links import duplicates
from articles.model import Link, LinkKind, Purpose
from articles.pipeline import DocumentRow, PageResult
from flows.processing import quarantine, translation_links
from flows.processing.snapshot_index import SnapshotIndex, entry
from storage.objects import ObjectStore
from storage.tables import packs, schemas
from storage.tables import rows as table_rows
from storage.tables.packs import FileRef
from storage.tables.page_rows import document_row, rejection_rows, removal_rows

SOURCES = frozenset({Purpose.FEED, Purpose.SITEMAP, Purpose.LISTING})
ANSWERED = range(200, 400)  # 304 says that nothing is new
ALIKE = frozenset({LinkKind.DUPLICATE, LinkKind.CONTAINED})


@dataclass(frozen=True, slots=True)
class WrittenBatch:
    """The files of a batch, in the store but not yet named by a commit, and what they amount to."""

    files: tuple[FileRef, ...]
    counts: Counts
    links: Mapping[str, int]  # by kind

    def __add__(self, other: "WrittenBatch") -> "WrittenBatch":
        """Join what two batches wrote."""
        links = Counter(self.links)
        links.update(other.links)
        return WrittenBatch(self.files + other.files, add(self.counts, other.counts), links)


def write(store: ObjectStore, known: SnapshotIndex, readings: Sequence[PageResult]) -> WrittenBatch:
    """Compare a batch's rows with those known, and write what is new. The rows are in `known`'s index afterwards."""
    fresh = _fresh_rows(known, readings)
    links, kin_files = _links(store, known, fresh, readings)
    alike = frozenset(row for link in links if link.kind in ALIKE for row in (link.a, link.b))
    documents = {row.document.document_id for reading in readings for row in reading.rows}
    counts = count(readings, known.versions(documents), alike)
    files = [
        *packs.write(store, "documents", (document_row(row, reading) for row, reading in fresh.values())),
        *packs.write(store, "sketches", (table_rows.sketch_row(row.row_id, row.sketch) for row, _ in fresh.values())),
        *packs.write(store, "links", map(table_rows.link_row, links)),
        *kin_files,
        *packs.write(store, "removals", removal_rows(readings)),
        *packs.write(store, "rejections", rejection_rows(readings)),
        *packs.write(store, "fetches", (table_rows.fetch_row(one.fetch) for one in readings)),
        *packs.write(store, "health", _health_rows(readings, counts)),
    ]
    return WrittenBatch(tuple(files), counts, Counter(link.kind.value for link in links))


def _fresh_rows(known: SnapshotIndex, readings: Iterable[PageResult]) -> dict[str, tuple[DocumentRow, PageResult]]:
    """Return the rows that the table does not hold, each with the earliest reading of the batch that shows it."""
    fresh: dict[str, tuple[DocumentRow, PageResult]] = {}
    for reading in sorted(readings, key=lambda one: (one.fetch.fetched, one.fetch.ref)):
        for row in reading.rows:
            if not known.holds(row.row_id):
                fresh.setdefault(row.row_id, (row, reading))
    return fresh


def _links(
    store: ObjectStore,
    known: SnapshotIndex,
    fresh: Mapping[str, tuple[DocumentRow, PageResult]],
    readings: Iterable[PageResult],
) -> tuple[list[Link], tuple[FileRef, ...]]:
    """Return the links of the fresh rows, and the files of what those rest on that join texts of one meaning.

    Links are those that pages state, those to rows that are alike, and those to rows of one meaning.
    """

    def texts(wanted: Collection[str]) -> dict[str, str]:
        ours = {row_id: fresh[row_id][0].document.text for row_id in wanted if row_id in fresh}
        return ours | known.texts(store, [row_id for row_id in wanted if row_id not in ours])

    stated = {link for reading in readings for link in reading.links if link.a in fresh or link.b in fresh}
    alike = duplicates.link((entry(row) for row, _ in fresh.values()), known.index, texts)
    entries = (translation_links.entry(row.row_id, row.document, row.anchors) for row, _ in fresh.values())
    kin = known.kin.link(store, entries, stated, texts)
    return sorted({*stated, *alike, *kin.links}, key=lambda link: (link.kind, link.a, link.b)), kin.files


def _health_rows(readings: Sequence[PageResult], counts: Counts) -> Iterable[schemas.Row]:
    """Yield what the accounting of a batch says, and the signs of its pages, as measures of outlet, day and run.

    The counts stand on the day and the run of an outlet's newest capture.
    """
    newest = {reading.fetch.outlet: reading.fetch for reading in sorted(readings, key=lambda one: one.fetch.fetched)}
    for outlet, columns in counts.items():
        fetch = newest[outlet]
        yield from _measures((outlet, fetch.run), fetch.fetched.date(), columns)
    signs: defaultdict[tuple[str, str], list[PageResult]] = defaultdict(list)
    sources: defaultdict[tuple[str, str, date], Counter[str]] = defaultdict(Counter)
    for reading in readings:
        fetch = reading.fetch
        if quarantine.controlled(reading):
            signs[fetch.outlet, fetch.run].append(reading)
        elif reading.purpose in SOURCES:
            answered = "sources" if fetch.status in ANSWERED else "sources_failed"
            sources[fetch.outlet, fetch.run, fetch.fetched.date()][answered] += 1
    for (outlet, run, day), answers in sorted(sources.items()):
        yield from _measures((outlet, run), day, answers)
    for key, group in sorted(signs.items()):
        day = min(reading.fetch.fetched for reading in group).date()
        yield from _measures(key, day, tally((reading.vitals, reading.missed) for reading in group).measures())


def _measures(key: tuple[str, str], day: date, values: Mapping[str, float]) -> Iterable[schemas.Row]:
    outlet, run = key
    for measure, value in values.items():
        if value:
            yield {"outlet": outlet, "day": day, "run": run, "measure": measure, "value": float(value)}
