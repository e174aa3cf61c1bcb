"""Which rows are worth comparing as translations or rewrites of each other.

Those that name the same things in the same weeks, and those of which one names the other. Whether a pair is proposed depends on its two rows alone.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from articles.links.anchors import CLASS_BITS, WEIGHTS, Keys, mass

Postings = NDArray[np.uint64]
Numbers = NDArray[np.int64]

WITHIN_DAYS = 60  # between two dated texts; an undated one is compared with all
LEAST_MASS = 6.0  # of shared anchors: two rare names, or a name and two numbers
# of the anchors' weight, across languages; the translation in seed 001 has .21 (docs/measurements.md §6: .15)
LEAST_DICE = 0.15
LEAST_PART = 0.35  # … or so much of the poorer text's …
LEAST_POOR = 20.0  # … if that names something: a Korean text, which has no capitals, names nearly nothing here
LEAST_DICE_WITHIN = 0.30  # within a language, where a rewrite keeps nearly all names and numbers
DAY = 10  # characters of an ISO 8601 date
UNDATED = -1
ROW = np.uint64(32)  # a posting is a key and, in the lower 32 bits, a row's number
LOWER = np.uint64(2**32 - 1)
BLOCK = 256  # rows looked up at a time, or half as many …
MAX_JOINED = 4_000_000  # … while they meet more postings


@dataclass(frozen=True, slots=True, eq=False)
class TranslationEntry:
    """What is known of a row beside its text."""

    row_id: str
    articles: tuple[str, ...]  # its article's id, and that of the address that it was fetched from
    lang: str
    published: str  # ISO 8601, or empty
    translated: bool  # it names a translator
    originals: tuple[str, ...]  # the articles that it names as its source
    others: tuple[str, ...]  # the articles that it names as itself in another language
    keys: Keys

    @property
    def day(self) -> int:
        """The day of its publication as a proleptic ordinal, `UNDATED` if it is unknown."""
        if len(self.published) < DAY:
            return UNDATED
        try:
            return date.fromisoformat(self.published[:DAY]).toordinal()
        except ValueError:
            return UNDATED

    def names(self, other: "TranslationEntry") -> bool:
        """Whether it names the other row's article, as its source or as itself in another language."""
        return any(article in other.articles for article in (*self.originals, *self.others))


class TranslationIndex:
    """Rows by their anchors and days, numbered in the order in which they were added."""

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
        """Return the entry of a row that the index holds."""
        return self._entries[self._numbers[row_id]]

    def add(self, entries: Iterable[TranslationEntry]) -> None:
        """Add rows; those that the index holds are passed over."""
        for entry in entries:
            if entry.row_id in self._numbers:
                continue
            number = self._numbers[entry.row_id] = len(self._entries)
            self._entries.append(entry)
            self._days.append(entry.day)
            self._masses.append(mass(entry.keys))
            self._langs.append(self._lang_numbers.setdefault(entry.lang, len(self._lang_numbers)))
            self._parts[_part_of(entry.day)].add(number, entry.keys)
            for article in entry.articles:
                self._of_article[article].append(number)
            for article in (*entry.originals, *entry.others):
                self._naming[article].append(number)

    def pairs(self, first: int) -> Iterator[tuple[int, int]]:
        """Yield the pairs of a row from number `first` on and an earlier one worth comparing. Never two of one article."""
        by_part: defaultdict[int, list[int]] = defaultdict(list)
        for number in range(first, len(self)):
            by_part[_part_of(self._days[number])].append(number)
            yield from self._named(number)
        for part in sorted(by_part):
            for start in range(0, len(by_part[part]), BLOCK):
                yield from self._block(part, by_part[part][start : start + BLOCK])

    def _named(self, number: int) -> Iterator[tuple[int, int]]:
        entry = self[number]
        found = {other for article in (*entry.originals, *entry.others) for other in self._of_article.get(article, ())}
        found.update(other for article in entry.articles for other in self._naming.get(article, ()))
        for other in sorted(found):
            if other < number and not set(entry.articles) & set(self[other].articles):
                yield number, other

    def _block(self, part: int, rows: Sequence[int]) -> Iterator[tuple[int, int]]:
        near = sorted(self._parts) if part == UNDATED else [UNDATED, part - 1, part, part + 1]
        postings = [self._parts[one].postings for one in near if one in self._parts]
        keys = np.concatenate([self[row].keys for row in rows]) if rows else np.empty(0, np.uint32)
        lookers = np.repeat(np.array(rows, np.uint64), [len(self[row].keys) for row in rows])
        spans = [_spans(one, keys) for one in postings]
        if sum(int(counts.sum()) for _, counts in spans) > MAX_JOINED and len(rows) > 1:
            middle = len(rows) // 2
            yield from self._block(part, rows[:middle])
            yield from self._block(part, rows[middle:])
            return
        met = [_meet(one, lookers, *span) for one, span in zip(postings, spans, strict=True)]
        weights = np.concatenate([WEIGHTS[np.repeat(keys, counts) & CLASS_BITS] for _, counts in spans])
        pairs, where = np.unique(np.concatenate(met), return_inverse=True)
        masses = np.bincount(where, weights, len(pairs))
        worth = (masses >= LEAST_MASS) & ((pairs & LOWER) < (pairs >> ROW))
        rows_met, others_met = ((pairs[worth] >> ROW).astype(np.int64), (pairs[worth] & LOWER).astype(np.int64))
        likely = self._near(rows_met, others_met, np.asarray(masses[worth], np.float64))
        for row, other in zip(rows_met[likely].tolist(), others_met[likely].tolist(), strict=True):
            one, two = self[row], self[other]
            if not set(one.articles) & set(two.articles) and not (one.names(two) or two.names(one)):
                yield row, other

    def _near(self, rows: Numbers, others: Numbers, shared: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell of pairs whether they are of the same weeks and name enough of the same."""
        days = np.array(self._days)[rows], np.array(self._days)[others]
        near = (days[0] == UNDATED) | (days[1] == UNDATED) | (np.abs(days[0] - days[1]) <= WITHIN_DAYS)
        masses = np.array(self._masses)[rows], np.array(self._masses)[others]
        poorer = np.minimum(*masses)
        dice = 2 * shared / (masses[0] + masses[1])
        langs = np.array(self._langs)
        part = (poorer >= LEAST_POOR) & (shared >= LEAST_PART * poorer)
        alike = np.where(langs[rows] == langs[others], dice >= LEAST_DICE_WITHIN, (dice >= LEAST_DICE) | part)
        return np.asarray(near & alike)


class _Part:
    """The postings of `WITHIN_DAYS` days."""

    def __init__(self) -> None:
        self._recent: list[Postings] = []
        self._sorted: Postings = np.empty(0, np.uint64)

    def add(self, number: int, keys: Keys) -> None:
        self._recent.append((keys.astype(np.uint64) << ROW) | np.uint64(number))

    @property
    def postings(self) -> Postings:
        """Keys with row numbers, sorted."""
        if self._recent:
            self._sorted = np.concatenate([self._sorted, *self._recent])
            self._sorted.sort(kind="stable")
            self._recent = []
        return self._sorted


def _part_of(day: int) -> int:
    return UNDATED if day == UNDATED else day // WITHIN_DAYS


def _spans(postings: Postings, keys: Keys) -> tuple[Numbers, Numbers]:
    """Return where each key's postings begin, and how many they are."""
    wide = keys.astype(np.uint64)
    starts = np.searchsorted(postings, wide << ROW)
    return starts, np.searchsorted(postings, (wide << ROW) | LOWER, "right") - starts


def _meet(postings: Postings, lookers: Postings, starts: Numbers, counts: Numbers) -> Postings:
    """Return the pairs of rows that hold one key, each in one integer: the looking row above, the met one below."""
    steps = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    found: Postings = np.repeat(lookers << ROW, counts) | (postings[np.repeat(starts, counts) + steps] & LOWER)
    return found
