"""Statistics of a snapshot: documents by month, outlet and language; gaps; shares of duplicates, translations, edits."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

from articles.errors import UsageError
from articles.history.snapshot_view import DocumentView
from articles.history.versions import Version
from articles.model import LinkKind
from storage.objects import ObjectStore
from storage.snapshots.contents import SnapshotContents
from storage.snapshots.summary import DUPLICATE, REVIEW, reason_of
from storage.tables.state import State
from storage.tables.texts import read_rows

DIMENSIONS = ("month", "outlet", "lang")
MONTH_CHARS = len("2026-03")
MONTHS_PER_YEAR = 12
UNDATED = "no date"


@dataclass(frozen=True, slots=True)
class DocumentCounts:
    """Counts of the documents of one month, outlet and language, or of a sum of them."""

    month: str  # of publication, `no date`, or empty where months are summed up
    outlet: str
    lang: str
    documents: int
    duplicates: int  # documents that another one represents
    reviews: int  # documents whose topic is in doubt
    translations: int  # documents that translate another one
    edited: int  # documents with several texts
    silent: int  # edits that the page's date of modification does not show


@dataclass(frozen=True, slots=True)
class CoverageGap:
    """Months in a row without a document of an outlet that has documents before and after."""

    outlet: str
    first: str
    last: str
    months: int


@dataclass(frozen=True, slots=True)
class SnapshotStatistics:
    """Statistics of a snapshot."""

    counts: tuple[DocumentCounts, ...]  # by month, outlet and language
    gaps: tuple[CoverageGap, ...]

    @property
    def total(self) -> DocumentCounts:
        """The sums of all counts."""
        (found,) = summed(self.counts, ()) or (DocumentCounts("", "", "", *([0] * 6)),)
        return found


def statistics(store: ObjectStore, state: State, contents: SnapshotContents) -> SnapshotStatistics:
    """Return the statistics of a snapshot, of all its documents that have a text."""
    silent = silent_edits(store, state, contents)
    translated = {link.a_document_id for link in contents.view.links if link.kind is LinkKind.TRANSLATION}
    counts = []
    for document in contents.view.documents.values():
        texts = [version for version in document.versions if not version.gone]
        if not texts:
            continue
        label, head, reason = contents.labels[document.head.row_id], document.head, reason_of(document, contents)
        counts.append(
            DocumentCounts(
                month_of(head.published),
                label.outlet,
                label.lang,
                1,
                int(reason == DUPLICATE),
                int(reason == REVIEW),
                int(head.document_id in translated),
                int(len(_changes(document, contents)) > 0),
                silent[head.document_id],
            )
        )
    found = summed(counts, DIMENSIONS)
    return SnapshotStatistics(found, gaps(found))


def summed(counts: Iterable[DocumentCounts], by: Sequence[str]) -> tuple[DocumentCounts, ...]:
    """Return sums by some of the dimensions, in their order; the others are empty. UsageError for an unknown one."""
    for name in by:
        if name not in DIMENSIONS:
            raise UsageError(f"--by {name}: use month, outlet or lang")
    sums: dict[tuple[str, str, str], Counter[str]] = {}
    numbers = [field.name for field in fields(DocumentCounts) if field.name not in DIMENSIONS]
    for one in counts:
        key = (
            one.month if "month" in by else "",
            one.outlet if "outlet" in by else "",
            one.lang if "lang" in by else "",
        )
        sums.setdefault(key, Counter()).update({name: getattr(one, name) for name in numbers})
    return tuple(
        DocumentCounts(month, outlet, lang, **{name: sums[month, outlet, lang][name] for name in numbers})
        for month, outlet, lang in sorted(sums)
    )


def gaps(counts: Iterable[DocumentCounts]) -> tuple[CoverageGap, ...]:
    """Return the gaps between the months of each outlet."""
    found = []
    dated = [one for one in summed(counts, ("outlet", "month")) if one.month != UNDATED]
    for before, after in pairwise(sorted(dated, key=lambda one: (one.outlet, one.month))):
        missing = _number(after.month) - _number(before.month) - 1
        if before.outlet == after.outlet and missing > 0:
            first, last = _name(_number(before.month) + 1), _name(_number(after.month) - 1)
            found.append(CoverageGap(before.outlet, first, last, missing))
    return tuple(found)


def months_between(first: str, last: str) -> list[str]:
    """Return all months from the first to the last."""
    return [_name(number) for number in range(_number(first), _number(last) + 1)]


def month_of(published: str) -> str:
    """Return the month of a date of publication."""
    return published[:MONTH_CHARS] or UNDATED


def silent_edits(store: ObjectStore, state: State, contents: SnapshotContents) -> Counter[str]:
    """Count the edits of each document, by id, at which the page's date of modification stayed the same."""
    changes = [
        (document.head.document_id, old, new)
        for document in contents.view.documents.values()
        for old, new in _changes(document, contents)
    ]
    rows = {row_id for _, old, new in changes for row_id in (old.row_id, new.row_id)}
    found = read_rows(store, state.live("documents"), rows, ("row_id", "modified")) if rows else ()
    modified = {row["row_id"]: row["modified"] for row in found}
    return Counter(name for name, old, new in changes if modified[old.row_id] == modified[new.row_id])


def _changes(document: DocumentView, contents: SnapshotContents) -> list[tuple[Version, Version]]:
    texts = [version for version in document.versions if not version.gone]
    keys = contents.labels
    return [(old, new) for old, new in pairwise(texts) if keys[old.row_id].version_key != keys[new.row_id].version_key]


def _number(month: str) -> int:
    return int(month[:4]) * MONTHS_PER_YEAR + int(month[5:]) - 1


def _name(number: int) -> str:
    return f"{number // MONTHS_PER_YEAR:04}-{number % MONTHS_PER_YEAR + 1:02}"
