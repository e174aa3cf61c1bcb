"""Index of sketches that finds candidates for near duplicates. It holds numpy arrays, no texts.

Whether a pair is a candidate depends on its two rows only, so any order and any split of additions gives the same pairs.
The index does not ignore frequent shingles altogether, since then the order would matter. Instead it hides a few of the
most frequent shingles of each row: so few that two rows with enough in common still share a visible one (prefix
filtering: Chaudhuri, Ganti & Kaushik 2006; Bayardo, Ma & Srikant 2007).
"""

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import islice

import numpy as np
import xxhash
from numpy.typing import NDArray

from articles.dates import ISO_DATE_CHARS
from articles.links.fingerprint import Hashes, Sketch
from articles.links.named_days import Apart
from articles.links.notices import MAX_WORDED_NOTICE_WORDS, Stems, stems
from articles.links.pair_budget import PairBudget

Keys = NDArray[np.uint32]
Numbers = NDArray[np.int64]

# Of the smaller text's shingles; with less, texts are no near duplicates (`articles.links.duplicates`).
MIN_CANDIDATE_CONTAINMENT = 0.44
# An estimate may lie so far below MIN_CANDIDATE_CONTAINMENT; of the few pairs at that limit, one in 700 lies lower.
SAFETY_STANDARD_ERRORS = 3.0
SMALL_SKETCH_HASHES = 24  # smaller sketches must share two hashes, larger ones three or more (docs/measurements.md §5)
SHORT_TEXT_SHINGLES = 64  # in shorter texts only equal ones are found, by their hash, since sketches may be empty
MAX_DAYS_OF_COPYING = 2  # between an article and its copy on another outlet, as a rule
FOLD_SHIFT = np.uint64(29)  # sketch hashes are below 2**61; their upper 32 bits are enough to distinguish them
ROW_BITS = np.uint64(32)  # a posting is a key in the upper 32 bits and a row number in the lower 32 bits
ROW_MASK = np.uint64(2**32 - 1)
ROWS_PER_CHUNK = 4_096  # rows added at a time, numbered in 12 bits …
CHUNK_ROW_SHIFT = np.uint64(52)  # … above 20 bits for the frequency of a key and 32 bits for the key
MAX_KEY_COUNT = np.uint32(2**20 - 1)
COUNTER_SLOTS = 2**22  # counters of key frequencies, 16 MB
ROWS_PER_BLOCK = 1_024  # rows looked up at a time; halved …
MAX_POSTINGS_PER_BLOCK = 4_000_000  # … while they match more postings
MAX_POSTINGS_PER_ROW = 4_000_000  # in 200 MB; a row that matches more is matched by its rarest keys
PAIRS_AT_ONCE = 50_000  # listed as Python objects
CANDIDATE_UNITS = 1_000  # of a pair in `PairBudget`, besides one for each hash: the index reads no texts
MERGE_RATIO = 8  # recent postings are merged into the main ones when they exceed an eighth of their number


@dataclass(frozen=True, slots=True, eq=False)
class DuplicateEntry:
    """Data of a row that the index needs."""

    row_id: str
    article_id: str
    outlet: str
    version_key: str
    sketch: Sketch
    title: str = ""
    published: str = ""  # ISO 8601, empty if unknown


@dataclass(frozen=True, slots=True)
class RowFacts:
    """What decides on a pair of rows beside their texts."""

    outlet: int  # a hash, only compared for equality
    title: Stems  # empty for texts that are too long to be a notice
    day: int  # of publication, as an ordinal; 0 if unknown

    @classmethod
    def of(cls, entry: DuplicateEntry) -> "RowFacts":
        """Return the facts of a row."""
        short = entry.sketch.shingles <= MAX_WORDED_NOTICE_WORDS
        return cls(_hash(entry.outlet), stems(entry.title) if short else frozenset(), _day(entry.published))

    def apart(self, other: "RowFacts") -> Apart:
        """Return how far the rows are apart."""
        days = abs(self.day - other.day) if self.day and other.day else 0
        one_outlet = self.outlet == other.outlet
        return Apart(
            days if days > (0 if one_outlet else MAX_DAYS_OF_COPYING) else 0, (self.day, other.day), one_outlet
        )


@cache
def enough_shared(size: int) -> int:
    """Return how many hashes a candidate pair must share, given the size of its smaller sketch."""
    if size < SMALL_SKETCH_HASHES:
        return 2
    error = math.sqrt(MIN_CANDIDATE_CONTAINMENT * (1 - MIN_CANDIDATE_CONTAINMENT) / size)
    return max(3, math.ceil((MIN_CANDIDATE_CONTAINMENT - SAFETY_STANDARD_ERRORS * error) * size))


class DuplicateIndex:
    """Index of rows by their sketches; rows are numbered in order of addition. About 1 kB for a row of 360 words."""

    def __init__(self) -> None:
        self.row_ids: list[str] = []
        self._numbers: dict[str, int] = {}
        # per row: hashes of its article and outlet, which are only compared for equality
        self._articles, self._outlets, self._wholes = array("Q"), array("Q"), array("Q")
        self._days = array("I")
        self._stems, self._stem_starts = array("I"), array("Q", [0])  # of all titles in sequence; start of each row's
        self._sizes = array("I")
        self._keys = array("I")  # of all rows in sequence; of each row, visible keys before hidden ones
        self._starts = array("Q", [0])  # start of each row's keys
        self._short: defaultdict[int, list[int]] = defaultdict(
            list
        )  # rows of short texts by the hash of all their words
        # postings of visible keys, matched by all keys, and of hidden keys, matched by visible keys only
        self._visible, self._hidden = _Postings(), _Postings()
        self._counts = np.zeros(COUNTER_SLOTS, np.uint32)

    def __len__(self) -> int:
        return len(self.row_ids)

    def __contains__(self, row_id: str) -> bool:
        return row_id in self._numbers

    def add(self, entries: Iterable[DuplicateEntry]) -> None:
        """Add rows; rows that are already in the index are skipped."""
        stream = iter(entries)
        while chunk := list(islice(stream, ROWS_PER_CHUNK)):
            fresh = [entry for entry in {entry.row_id: entry for entry in chunk}.values() if entry.row_id not in self]
            if fresh:
                self._add(fresh)

    def pairs(self, first: int, budget: PairBudget) -> Iterator[list[tuple[int, int]]]:
        """Yield candidate pairs in batches: a row from number `first` on, and an earlier row of another article.

        Of a row with too many, those with most in common are yielded, as far as `budget` reaches.
        """
        for start in range(first, len(self), ROWS_PER_BLOCK):
            yield from self._block(start, min(start + ROWS_PER_BLOCK, len(self)), budget)

    def facts(self, row_id: str) -> RowFacts:
        """Return the facts of a row of the index."""
        row = self._numbers[row_id]
        title = frozenset(self._stems[self._stem_starts[row] : self._stem_starts[row + 1]])
        return RowFacts(self._outlets[row], title, self._days[row])

    def _add(self, entries: Sequence[DuplicateEntry]) -> None:
        first = len(self)
        for number, entry in enumerate(entries, first):
            self._numbers[entry.row_id] = number
            self.row_ids.append(entry.row_id)
            self._articles.append(_hash(entry.article_id))
            facts = RowFacts.of(entry)
            self._outlets.append(facts.outlet)
            self._days.append(facts.day)
            self._stems.extend(facts.title)
            self._stem_starts.append(len(self._stems))
            self._wholes.append(entry.sketch.whole)
            self._sizes.append(len(entry.sketch.hashes))
            if 0 < entry.sketch.shingles < SHORT_TEXT_SHINGLES:
                self._short[entry.sketch.whole].append(number)
        sizes = np.array([len(entry.sketch.hashes) for entry in entries])
        keys = (np.concatenate([entry.sketch.hashes for entry in entries]) >> FOLD_SHIFT).astype(np.uint32)
        rows = np.repeat(np.arange(len(entries)), sizes)
        # sort by row, then by frequency of the key, so that a row's rarest keys come first; one sort of packed integers
        packed = (rows.astype(np.uint64) << CHUNK_ROW_SHIFT) | (self._frequencies(keys) << ROW_BITS) | keys
        packed.sort()
        keys = (packed & ROW_MASK).astype(np.uint32)
        rows += first
        ends = np.cumsum(sizes)
        ranks = np.arange(len(keys)) - np.repeat(ends - sizes, sizes)
        visible = ranks < np.repeat(sizes - _enough(sizes) // 2, sizes)
        self._keys.frombytes(keys.tobytes())
        self._starts.frombytes((ends + self._starts[-1]).astype(np.uint64).tobytes())
        self._visible.add(keys[visible], rows[visible])
        self._hidden.add(keys[~visible], rows[~visible])

    def _frequencies(self, keys: Keys) -> Hashes:
        """Return an upper estimate of how often each key was added, including now: several keys may share a counter.

        It only decides which keys are hidden, and the same pairs are found whichever keys are hidden.
        """
        counters = keys & np.uint32(COUNTER_SLOTS - 1)
        np.add.at(self._counts, counters, np.uint32(1))
        frequencies: Hashes = np.minimum(self._counts[counters], MAX_KEY_COUNT).astype(np.uint64)
        return frequencies

    def _keys_of(self, row: int) -> Keys:
        """Return a row's keys, as a view that is valid until the next addition."""
        return np.frombuffer(self._keys, np.uint32, self._sizes[row], 4 * self._starts[row])

    def _block(self, start: int, stop: int, budget: PairBudget) -> Iterator[list[tuple[int, int]]]:
        """Yield the pairs of rows from `start` to `stop` (exclusive) with earlier rows; split the block if they are many."""
        first, last = self._starts[start], self._starts[stop]
        keys = np.frombuffer(self._keys, np.uint32, last - first, 4 * first).copy()
        sizes = np.array(self._sizes[start:stop], dtype=np.int64)
        rows = np.repeat(np.arange(start, stop, dtype=np.uint64), sizes)
        ranks = np.arange(len(keys)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        is_visible = ranks < np.repeat(sizes - _enough(sizes) // 2, sizes)
        visible, hidden = (keys[is_visible], rows[is_visible]), (keys[~is_visible], rows[~is_visible])
        joins = [
            *self._visible.joins(*visible),
            *self._hidden.joins(*visible),
            *self._visible.joins(*hidden),
        ]
        if (size := sum(join.size for join in joins)) > MAX_POSTINGS_PER_BLOCK and stop - start > 1:
            middle = (start + stop) // 2
            yield from self._block(start, middle, budget)
            yield from self._block(middle, stop, budget)
            return
        if size > MAX_POSTINGS_PER_ROW and stop - start == 1:
            joins = [join.rarest(MAX_POSTINGS_PER_ROW // len(joins)) for join in joins]
            budget.cut.add(self.row_ids[start])
        for row in range(start, stop):
            yield list(self._equal_short(row, budget))
        yield from self._enough_in_common(np.concatenate([join.pairs() for join in joins]), budget)

    def _enough_in_common(self, met: Hashes, budget: PairBudget) -> Iterator[list[tuple[int, int]]]:
        """Yield the pairs that share enough hashes, without equal short texts; `met` holds each pair once per common key."""
        distinct, counts = np.unique(met[(met & ROW_MASK) < (met >> ROW_BITS)], return_counts=True)
        rows, others = (distinct >> ROW_BITS).astype(np.int64), (distinct & ROW_MASK).astype(np.int64)
        sizes = np.frombuffer(self._sizes, np.uint32).astype(np.int64)
        enough = _enough(np.minimum(sizes[rows], sizes[others]))
        likely = counts >= enough - np.minimum(_enough(sizes[rows]), _enough(sizes[others])) // 2
        rows, others, enough, counts = rows[likely], others[likely], enough[likely], counts[likely]
        paid = self._paid(rows, others, counts, budget)
        for at in range(0, len(paid), PAIRS_AT_ONCE):
            sides = (side[paid[at : at + PAIRS_AT_ONCE]].tolist() for side in (rows, others, enough))
            yield [
                (row, other)
                for row, other, needed in zip(*sides, strict=True)
                if self._articles[row] != self._articles[other]
                and not (self._wholes[row] == self._wholes[other] and self._wholes[row] in self._short)
                and self._shared(row, other) >= needed
            ]

    def _paid(self, rows: Numbers, others: Numbers, counts: Numbers, budget: PairBudget) -> Numbers:
        """Return the places of the pairs that the budget of their row pays for, by row, those with most in common first."""
        sizes = np.frombuffer(self._sizes, np.uint32).astype(np.int64)
        order = np.lexsort((others, -counts, rows))
        costs = (sizes[rows] + sizes[others] + CANDIDATE_UNITS)[order]
        numbers, starts, many = np.unique(rows[order], return_index=True, return_counts=True)
        paid = [order[:0]]
        for number, begin, end in zip(numbers.tolist(), starts, starts + many, strict=True):
            row_id, spent = self.row_ids[number], np.cumsum(costs[begin:end])
            taken = int(np.searchsorted(spent, budget.left(row_id), "right"))
            paid.append(order[begin : begin + taken])
            budget.spend(row_id, int(spent[taken - 1]) if taken else 0)
            if taken < end - begin:
                budget.cut.add(row_id)
        return np.concatenate(paid)

    def _shared(self, row: int, other: int) -> int:
        both = np.concatenate([self._keys_of(row), self._keys_of(other)])
        both.sort()
        return int(np.count_nonzero(both[1:] == both[:-1]))

    def _equal_short(self, row: int, budget: PairBudget) -> Iterator[tuple[int, int]]:
        for other in self._short.get(self._wholes[row], ()):
            if other < row and self._articles[row] != self._articles[other]:
                if not budget.allows(self.row_ids[row]):
                    return
                budget.spend(self.row_ids[row], CANDIDATE_UNITS)
                yield row, other


class _Postings:
    """Inverted index from keys to rows: a large sorted array, and a recent one that is merged into it from time to time."""

    def __init__(self) -> None:
        self._parts: list[Hashes] = [np.empty(0, np.uint64), np.empty(0, np.uint64)]

    def add(self, keys: Keys, rows: Numbers) -> None:
        large, recent = self._parts
        recent = np.concatenate([recent, (keys.astype(np.uint64) << ROW_BITS) | rows.astype(np.uint64)])
        if MERGE_RATIO * len(recent) > len(large):
            large, recent = np.concatenate([large, recent]), recent[:0]
            large.sort(kind="stable")  # two sorted runs, which a stable sort merges
        else:
            recent.sort(kind="stable")
        self._parts = [large, recent]

    def joins(self, keys: Keys, lookers: Hashes) -> Iterator["_Join"]:
        """Yield the matches of keys with postings; `lookers` holds the row of each key."""
        order = np.argsort(keys)  # sorted look-ups have fewer cache misses
        keys, lookers = keys[order], lookers[order]
        for part in self._parts:
            yield _Join(lookers, part, *_spans(part, keys))


@dataclass(frozen=True, slots=True, eq=False)
class _Join:
    """Rows and, for each, a range of postings that match."""

    lookers: Hashes
    part: Hashes
    starts: Numbers
    counts: Numbers

    @property
    def size(self) -> int:
        """Number of pairs."""
        return int(self.counts.sum())

    def pairs(self) -> Hashes:
        """Return the pairs, each packed in one integer: the row that looks up in the upper bits, the match in the lower."""
        steps = np.arange(self.size) - np.repeat(np.cumsum(self.counts) - self.counts, self.counts)
        matches = self.part[np.repeat(self.starts, self.counts) + steps] & ROW_MASK
        lookers: Hashes = np.repeat(self.lookers, self.counts) << ROW_BITS
        pairs: Hashes = lookers | matches
        return pairs

    def rarest(self, most: int) -> "_Join":
        """Return the matches of the rarest keys, at most so many."""
        order = np.argsort(self.counts, kind="stable")
        order = order[: np.searchsorted(np.cumsum(self.counts[order]), most, "right")]
        return _Join(self.lookers[order], self.part, self.starts[order], self.counts[order])


def _spans(part: Hashes, keys: Keys) -> tuple[Numbers, Numbers]:
    """Return the start and number of each key's postings in a sorted array."""
    wide = keys.astype(np.uint64)
    starts = np.searchsorted(part, wide << ROW_BITS)
    return starts, np.searchsorted(part, (wide << ROW_BITS) | ROW_MASK, "right") - starts


def _day(published: str) -> int:
    """Return the day of an ISO 8601 date as an ordinal, or 0 if it states no day."""
    if not published:
        return 0
    try:
        return date.fromisoformat(published[:ISO_DATE_CHARS]).toordinal()
    except ValueError:
        return 0


def _hash(name: str) -> int:
    return xxhash.xxh3_64_intdigest(name.encode())


def _enough(sizes: Numbers) -> Numbers:
    distinct, positions = np.unique(sizes, return_inverse=True)
    return np.array([enough_shared(int(size)) for size in distinct], dtype=np.int64)[positions]
