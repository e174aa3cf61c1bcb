"""Index that finds candidates for translations and rewrites.

Candidates are rows that share anchors and were published within some weeks, and rows of which one names the other.
Whether a pair is a candidate depends on its two rows only.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from articles.dates import ISO_DATE_CHARS
from articles.links.anchors import CLASS_BITS, CLASS_WEIGHT_ARRAY, Keys, total_weight
from articles.links.duplicate_index import MAX_POSTINGS_PER_BLOCK, MAX_POSTINGS_PER_ROW, ROW_BITS, ROW_MASK
from articles.links.pair_budget import PairBudget

Postings = NDArray[np.uint64]
Numbers = NDArray[np.int64]
Weights = NDArray[np.float64]

MAX_DAYS_APART = 60  # between two dated texts; undated texts are compared with all others
# of the shared anchors: a rare name and a number; short texts share no more, and long ones are held back by their Dice
MIN_SHARED_WEIGHT = 4.5
# Dice of the anchors' weight, across languages; the translation in seed 001 has .21 (docs/measurements.md §6: .15)
MIN_DICE_ACROSS = 0.15
MIN_POORER_SHARE = 0.35  # … or so much of the weight of the text with less …
# … if it has enough anchors, and shares as much: a long text has any six names that a Korean text has, without capitals
MIN_POORER_WEIGHT = 20.0
MIN_DICE_WITHIN = 0.30  # Dice within a language, where a rewrite keeps nearly all names and numbers …
MIN_ABRIDGED_SHARE = 0.6  # … or so much of the weight of the text with less, as an abridged rewrite has
MAX_NAMED_ROWS = 1_000  # of one article that a page names, or that name it: the first ones are compared
UNDATED = -1
# Anchors of a row that are compared: those with the smallest hashes, so that two rows keep the same ones. An article of
# 50,000 characters has about 500.
MAX_KEYS = 2_000
ROWS_PER_BLOCK = 256  # rows looked up at a time; halved while they match more than MAX_POSTINGS_PER_BLOCK postings


@dataclass(frozen=True, slots=True, eq=False)
class TranslationEntry:
    """Data of a row that the index needs."""

    row_id: str
    articles: tuple[str, ...]  # ids of its article: by the fetched URL, then by the URL that its page claims
    lang: str
    published: str  # ISO 8601, or empty
    translated: bool  # whether it names a translator
    originals: tuple[str, ...]  # ids of articles that it names as its source
    others: tuple[str, ...]  # ids of articles that it names as its versions in other languages
    keys: Keys
    site: str = ""  # registrable domain of the URL that was fetched; rows of earlier versions have none

    @property
    def day(self) -> int:
        """Day of publication as a proleptic Gregorian ordinal, or `UNDATED`."""
        if len(self.published) < ISO_DATE_CHARS:
            return UNDATED
        try:
            return date.fromisoformat(self.published[:ISO_DATE_CHARS]).toordinal()
        except ValueError:
            return UNDATED

    def beside(self, other: "TranslationEntry") -> bool:
        """Return whether it is of the same article as the other row. What their pages claim does not count."""
        return self.articles[:1] == other.articles[:1]

    def names(self, other: "TranslationEntry", *, fetched: bool = False) -> bool:
        """Return whether it names the other row's article as its source, or as its version in another language.

        With `fetched`, only by the URL that the other row was fetched from, not by one that its page claims.
        """
        articles = other.articles[:1] if fetched else other.articles
        return any(article in articles for article in (*self.originals, *self.others))


class TranslationIndex:
    """Index of rows by anchors and days; rows are numbered in order of addition. A row has at most `MAX_KEYS` anchors."""

    def __init__(self) -> None:
        self._entries: list[TranslationEntry] = []
        self._numbers: dict[str, int] = {}
        self._days = array("l")
        self._masses = array("d")
        self._langs = array("l")
        self._lang_numbers: dict[str, int] = {}
        self._parts: defaultdict[int, _Part] = defaultdict(_Part)
        self._of_article: defaultdict[str, list[int]] = defaultdict(list)
        self._naming: defaultdict[str, list[int]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, number: int) -> TranslationEntry:
        return self._entries[number]

    def __contains__(self, row_id: str) -> bool:
        return row_id in self._numbers

    def of(self, row_id: str) -> TranslationEntry:
        """Return the entry of a row in the index. Raises `KeyError` for other rows."""
        return self._entries[self._numbers[row_id]]

    def add(self, entries: Iterable[TranslationEntry]) -> None:
        """Add rows; rows that are already in the index are skipped."""
        for entry in entries:
            if entry.row_id in self._numbers:
                continue
            number = self._numbers[entry.row_id] = len(self._entries)
            kept = replace(entry, keys=entry.keys[:MAX_KEYS]) if len(entry.keys) > MAX_KEYS else entry
            self._entries.append(kept)
            self._days.append(entry.day)
            self._masses.append(total_weight(kept.keys))
            self._langs.append(self._lang_numbers.setdefault(entry.lang, len(self._lang_numbers)))
            self._parts[_part_of(entry.day)].add(number, kept.keys)
            for article in entry.articles:
                self._of_article[article].append(number)
            for article in (*entry.originals, *entry.others):
                self._naming[article].append(number)

    def pairs(self, first: int, budget: PairBudget) -> Iterator[tuple[int, int]]:
        """Yield candidate pairs: a row from number `first` on, and an earlier row of another article.

        A row whose anchors too many rows have is looked up by its rarest anchors only, and `budget` names it as cut.
        """
        by_part: defaultdict[int, list[int]] = defaultdict(list)
        for number in range(first, len(self)):
            by_part[_part_of(self._days[number])].append(number)
            yield from self._named(number, budget)
        for part in sorted(by_part):
            for start in range(0, len(by_part[part]), ROWS_PER_BLOCK):
                yield from self._block(part, by_part[part][start : start + ROWS_PER_BLOCK], budget)

    def _named(self, number: int, budget: PairBudget) -> Iterator[tuple[int, int]]:
        entry = self[number]
        lists = [self._of_article.get(article, []) for article in (*entry.originals, *entry.others)]
        lists += [self._naming.get(article, []) for article in entry.articles]
        if any(len(rows) > MAX_NAMED_ROWS for rows in lists):
            budget.cut.add(entry.row_id)
        for other in sorted({other for rows in lists for other in rows[:MAX_NAMED_ROWS]}):
            if other < number and not entry.beside(self[other]):
                yield number, other

    def _block(self, part: int, rows: Sequence[int], budget: PairBudget) -> Iterator[tuple[int, int]]:
        near = sorted(self._parts) if part == UNDATED else [UNDATED, part - 1, part, part + 1]
        postings = [self._parts[period].postings for period in near if period in self._parts]
        keys = np.concatenate([self[row].keys for row in rows]) if rows else np.empty(0, np.uint32)
        spans = [_spans(part, keys) for part in postings]
        met_by_key = np.sum([counts for _, counts in spans], axis=0)
        if (size := int(met_by_key.sum())) > MAX_POSTINGS_PER_BLOCK and len(rows) > 1:
            middle = len(rows) // 2
            yield from self._block(part, rows[:middle], budget)
            yield from self._block(part, rows[middle:], budget)
            return
        lookers = np.repeat(np.array(rows, np.uint64), [len(self[row].keys) for row in rows])
        if size > MAX_POSTINGS_PER_ROW and len(rows) == 1:
            rarest = np.argsort(met_by_key, kind="stable")
            rarest = rarest[: np.searchsorted(np.cumsum(met_by_key[rarest]), MAX_POSTINGS_PER_ROW, "right")]
            keys, lookers = keys[rarest], lookers[rarest]
            spans = [(starts[rarest], counts[rarest]) for starts, counts in spans]
            budget.cut.add(self[rows[0]].row_id)
        met = [_meet(part, lookers, *span) for part, span in zip(postings, spans, strict=True)]
        weights = np.concatenate([CLASS_WEIGHT_ARRAY[np.repeat(keys, counts) & CLASS_BITS] for _, counts in spans])
        pairs, positions = np.unique(np.concatenate(met), return_inverse=True)
        masses = np.bincount(positions, weights, len(pairs))
        candidate = (masses >= MIN_SHARED_WEIGHT) & ((pairs & ROW_MASK) < (pairs >> ROW_BITS))
        rows_met, others_met = (
            (pairs[candidate] >> ROW_BITS).astype(np.int64),
            (pairs[candidate] & ROW_MASK).astype(np.int64),
        )
        is_near = self._near(rows_met, others_met, np.asarray(masses[candidate], np.float64))
        for row, other in zip(rows_met[is_near].tolist(), others_met[is_near].tolist(), strict=True):
            one, two = self[row], self[other]
            if not one.beside(two) and not (one.names(two) or two.names(one)):
                yield row, other

    def _near(self, rows: Numbers, others: Numbers, shared: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return a mask of the pairs that are close in time and share enough anchors."""
        days = np.array(self._days)[rows], np.array(self._days)[others]
        near = (days[0] == UNDATED) | (days[1] == UNDATED) | (np.abs(days[0] - days[1]) <= MAX_DAYS_APART)
        masses, langs = np.array(self._masses), np.array(self._langs)
        return np.asarray(near & alike(shared, masses[rows], masses[others], langs[rows] == langs[others]))


def alike(shared: Weights, one: Weights, other: Weights, within: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return a mask of the pairs that share enough, by the weights of their shared anchors and of either's anchors.

    `within`: both texts are in one language, where more is asked.
    """
    poorer = np.minimum(one, other)
    share = np.where(within, MIN_ABRIDGED_SHARE, MIN_POORER_SHARE)
    part = (shared >= MIN_POORER_WEIGHT) & (shared >= share * poorer)
    dice = 2 * shared / (one + other)
    enough = part | (dice >= np.where(within, MIN_DICE_WITHIN, MIN_DICE_ACROSS))
    return np.asarray((shared >= MIN_SHARED_WEIGHT) & enough)


class _Part:
    """Postings of a period of `MAX_DAYS_APART` days."""

    def __init__(self) -> None:
        self._recent: list[Postings] = []
        self._sorted: Postings = np.empty(0, np.uint64)

    def add(self, number: int, keys: Keys) -> None:
        self._recent.append((keys.astype(np.uint64) << ROW_BITS) | np.uint64(number))

    @property
    def postings(self) -> Postings:
        """Keys with row numbers, sorted."""
        if self._recent:
            self._sorted = np.concatenate([self._sorted, *self._recent])
            self._sorted.sort(kind="stable")
            self._recent = []
        return self._sorted


def _part_of(day: int) -> int:
    return UNDATED if day == UNDATED else day // MAX_DAYS_APART


def _spans(postings: Postings, keys: Keys) -> tuple[Numbers, Numbers]:
    """Return the start and number of each key's postings."""
    wide = keys.astype(np.uint64)
    starts = np.searchsorted(postings, wide << ROW_BITS)
    return starts, np.searchsorted(postings, (wide << ROW_BITS) | ROW_MASK, "right") - starts


def _meet(postings: Postings, lookers: Postings, starts: Numbers, counts: Numbers) -> Postings:
    """Return the pairs that share a key, packed in integers: the row that looks up in the upper bits, the match below."""
    steps = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    found: Postings = np.repeat(lookers << ROW_BITS, counts) | (postings[np.repeat(starts, counts) + steps] & ROW_MASK)
    return found
