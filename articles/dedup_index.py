"""An index of sketches that finds which rows may be near duplicates: numpy arrays, no text.

What it says of a pair of rows depends on that pair alone, so any order and any split of additions finds the same
pairs. There is no cap on common shingles, which would make the order matter. Instead each row keeps a few of its
commonest shingles out of sight, so few that a pair with enough in common still meets on the others (prefix filtering:
Chaudhuri, Ganti & Kaushik 2006; Bayardo, Ma & Srikant 2007).
"""

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from articles.fingerprint import Hashes, Sketch

Keys = NDArray[np.uint32]
Numbers = NDArray[np.int64]

PARTLY = 0.44  # shingles of the smaller text that the other holds: less is no near duplicate (`articles.dedup`)
SAFETY = 3.0  # standard errors that an estimate may lie below PARTLY: of the few pairs so unlike one in 700 lies lower
SMALL_SKETCH = 24  # hashes; two shared ones are enough below, three above (FINDINGS §5)
SHORT_TEXT = 64  # shingles: below, equal texts are found as such, since their sketches may hold nothing
FOLD = np.uint64(29)  # sketch hashes lie below 2**61: their upper 32 bits are enough to tell them apart
ROW = np.uint64(32)  # a posting is a key and, in the lower 32 bits, a row's number
LOWER = np.uint64(2**32 - 1)
CHUNK = 4_096  # rows added at a time
BLOCK = 1_024  # rows looked up at a time, or half as many …
MAX_JOINED = 4_000_000  # … while they meet more postings
MERGE_AT = 8  # the recent postings are merged into the main ones from an eighth of their number on


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """What the index is told of a row."""

    row_id: str
    article_id: str
    outlet: str
    version_key: str
    sketch: Sketch


@cache
def enough_shared(size: int) -> int:
    """Return how many hashes a pair must share, by the size of its smaller sketch, to be worth comparing."""
    if size < SMALL_SKETCH:
        return 2
    error = math.sqrt(PARTLY * (1 - PARTLY) / size)
    return max(3, math.ceil((PARTLY - SAFETY * error) * size))


class Index:
    """Rows by their sketches, numbered in the order in which they were added."""

    def __init__(self) -> None:
        self.row_ids: list[str] = []
        self.articles: list[str] = []
        self.outlets: list[str] = []
        self.versions: list[str] = []
        self.wholes = array("Q")
        self._numbers: dict[str, int] = {}
        self._sizes = array("I")
        self._keys: list[Keys] = []  # each row's, those in sight before the hidden ones
        self._short: defaultdict[int, list[int]] = defaultdict(list)  # rows of short texts by the hash of the whole
        # postings of the keys in sight, which every look-up sees, and of the hidden ones, which those in sight see
        self._seen, self._hidden = _Postings(), _Postings()

    def __len__(self) -> int:
        return len(self.row_ids)

    def __contains__(self, row_id: str) -> bool:
        return row_id in self._numbers

    def add(self, entries: Iterable[Entry]) -> None:
        """Add rows; those that the index holds are passed over."""
        stream = iter(entries)
        while chunk := list(islice(stream, CHUNK)):
            fresh = [entry for entry in {entry.row_id: entry for entry in chunk}.values() if entry.row_id not in self]
            if fresh:
                self._add(fresh)

    def pairs(self, first: int) -> Iterator[list[tuple[int, int]]]:
        """Yield, some at a time, the pairs of a row from number `first` on and an earlier one worth comparing.

        Rows of one article are never paired.
        """
        for start in range(first, len(self), BLOCK):
            yield from self._block(start, min(start + BLOCK, len(self)))

    def _add(self, entries: Sequence[Entry]) -> None:
        first = len(self)
        for number, entry in enumerate(entries, first):
            self._numbers[entry.row_id] = number
            self.row_ids.append(entry.row_id)
            self.articles.append(entry.article_id)
            self.outlets.append(entry.outlet)
            self.versions.append(entry.version_key)
            self.wholes.append(entry.sketch.whole)
            self._sizes.append(len(entry.sketch.hashes))
            if 0 < entry.sketch.shingles < SHORT_TEXT:
                self._short[entry.sketch.whole].append(number)
        sizes = np.array([len(entry.sketch.hashes) for entry in entries])
        keys = (np.concatenate([entry.sketch.hashes for entry in entries]) >> FOLD).astype(np.uint32)
        rows = np.repeat(np.arange(first, first + len(entries)), sizes)
        order = np.lexsort((keys, self._frequencies(keys), rows))
        keys = keys[order]  # a row's rarest keys come first
        ends = np.cumsum(sizes)
        ranks = np.arange(len(keys)) - np.repeat(ends - sizes, sizes)
        in_sight = ranks < np.repeat(sizes - _enough(sizes) // 2, sizes)
        self._keys.extend(np.split(keys, ends[:-1]))
        self._seen.add(keys[in_sight], rows[in_sight])
        self._hidden.add(keys[~in_sight], rows[~in_sight])

    def _frequencies(self, keys: Keys) -> Numbers:
        """Return in how many rows each key lies, those about to be added included."""
        distinct, where, counts = np.unique(keys, return_inverse=True, return_counts=True)
        return (self._seen.count(distinct) + self._hidden.count(distinct) + counts)[where]

    def _split(self, row: int) -> int:
        """Return how many of a row's keys are in sight."""
        return self._sizes[row] - enough_shared(self._sizes[row]) // 2 if self._sizes[row] else 0

    def _block(self, start: int, stop: int) -> Iterator[list[tuple[int, int]]]:
        """Yield the pairs of rows from `start` to `stop`, exclusive, with earlier ones; by halves if they are many."""
        in_sight = [self._keys[row][: self._split(row)] for row in range(start, stop)]
        hidden = [self._keys[row][self._split(row) :] for row in range(start, stop)]
        joins = [
            *self._seen.joins(in_sight, start),
            *self._hidden.joins(in_sight, start),
            *self._seen.joins(hidden, start),
        ]
        if sum(join.size for join in joins) > MAX_JOINED and stop - start > 1:
            middle = (start + stop) // 2
            yield from self._block(start, middle)
            yield from self._block(middle, stop)
        else:
            yield self._enough_in_common(np.concatenate([join.pairs() for join in joins]), start, stop)

    def _enough_in_common(self, met: Hashes, start: int, stop: int) -> list[tuple[int, int]]:
        """Return the pairs among those that met, each as often as it met, that share enough."""
        distinct, counts = np.unique(met[(met & LOWER) < (met >> ROW)], return_counts=True)
        rows, others = (distinct >> ROW).astype(np.int64), (distinct & LOWER).astype(np.int64)
        sizes = np.array(self._sizes)
        enough = _enough(np.minimum(sizes[rows], sizes[others]))
        likely = counts >= enough - np.minimum(_enough(sizes[rows]), _enough(sizes[others])) // 2
        found = {
            (row, other)
            for row, other, needed in zip(*(side[likely].tolist() for side in (rows, others, enough)), strict=True)
            if self.articles[row] != self.articles[other] and self._shared(row, other) >= needed
        }
        return sorted(found.union(self._equal_short(start, stop)))

    def _shared(self, row: int, other: int) -> int:
        both = np.concatenate([self._keys[row], self._keys[other]])
        both.sort()
        return int(np.count_nonzero(both[1:] == both[:-1]))

    def _equal_short(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        for row in range(start, stop):
            for other in self._short.get(self.wholes[row], ()):
                if other < row and self.articles[row] != self.articles[other]:
                    yield row, other


class _Postings:
    """Which rows hold a key: sorted arrays, a large one and a recent one that joins it now and then."""

    def __init__(self) -> None:
        self._parts: list[Hashes] = [np.empty(0, np.uint64), np.empty(0, np.uint64)]

    def add(self, keys: Keys, rows: Numbers) -> None:
        large, recent = self._parts
        recent = np.concatenate([recent, (keys.astype(np.uint64) << ROW) | rows.astype(np.uint64)])
        if MERGE_AT * len(recent) > len(large):
            large, recent = np.concatenate([large, recent]), recent[:0]
            large.sort(kind="stable")  # sorted runs: a merge
        else:
            recent.sort(kind="stable")
        self._parts = [large, recent]

    def count(self, keys: Keys) -> Numbers:
        """Return how many rows hold each key."""
        total = np.zeros(len(keys), np.int64)
        for part in self._parts:
            total += _spans(part, keys)[1]
        return total

    def joins(self, lists: Sequence[Keys], first: int) -> Iterator["_Join"]:
        """Yield where rows meet those that hold the same key; `lists` holds the keys of rows from `first` on."""
        keys = np.concatenate(lists)
        lookers = np.repeat(np.arange(first, first + len(lists), dtype=np.uint64), [len(keys) for keys in lists])
        order = np.argsort(keys)  # neighbouring keys find neighbouring postings: less cache is missed
        keys, lookers = keys[order], lookers[order]
        for part in self._parts:
            yield _Join(lookers, part, *_spans(part, keys))


@dataclass(frozen=True, slots=True, eq=False)
class _Join:
    """Rows and, for each, a span of postings that it meets."""

    lookers: Hashes
    part: Hashes
    starts: Numbers
    counts: Numbers

    @property
    def size(self) -> int:
        """How many pairs there are."""
        return int(self.counts.sum())

    def pairs(self) -> Hashes:
        """Return the pairs, each in one integer: the looking row above, the met one below."""
        steps = np.arange(self.size) - np.repeat(np.cumsum(self.counts) - self.counts, self.counts)
        held = self.part[np.repeat(self.starts, self.counts) + steps] & LOWER
        lookers: Hashes = np.repeat(self.lookers, self.counts) << ROW
        pairs: Hashes = lookers | held
        return pairs


def _spans(part: Hashes, keys: Keys) -> tuple[Numbers, Numbers]:
    """Return where each key's postings begin in a sorted array, and how many they are."""
    wide = keys.astype(np.uint64)
    starts = np.searchsorted(part, wide << ROW)
    return starts, np.searchsorted(part, (wide << ROW) | LOWER, "right") - starts


def _enough(sizes: Numbers) -> Numbers:
    distinct, where = np.unique(sizes, return_inverse=True)
    return np.array([enough_shared(int(size)) for size in distinct], dtype=np.int64)[where]
