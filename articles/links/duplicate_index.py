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
import xxhash
from numpy.typing import NDArray

from articles.links.fingerprint import Hashes, Sketch

Keys = NDArray[np.uint32]
Numbers = NDArray[np.int64]

PARTLY = (
    0.44  # shingles of the smaller text that the other holds: less is no near duplicate (`articles.links.duplicates`)
)
SAFETY = 3.0  # standard errors that an estimate may lie below PARTLY: of the few pairs so unlike one in 700 lies lower
SMALL_SKETCH = 24  # hashes; two shared ones are enough below, three above (docs/measurements.md §5)
SHORT_TEXT = 64  # shingles: below, equal texts are found as such, since their sketches may hold nothing
FOLD = np.uint64(29)  # sketch hashes lie below 2**61: their upper 32 bits are enough to tell them apart
ROW = np.uint64(32)  # a posting is a key and, in the lower 32 bits, a row's number
LOWER = np.uint64(2**32 - 1)
CHUNK = 4_096  # rows added at a time: 12 bits …
RANK = np.uint64(52)  # … above 20 for how often a key was seen and 32 for the key
MOST = np.uint32(2**20 - 1)
COUNTERS = 2**22  # of how often keys were seen, 16 MB
BLOCK = 1_024  # rows looked up at a time, or half as many …
MAX_JOINED = 4_000_000  # … while they meet more postings
MERGE_AT = 8  # the recent postings are merged into the main ones from an eighth of their number on


@dataclass(frozen=True, slots=True, eq=False)
class DuplicateEntry:
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


class DuplicateIndex:
    """Rows by their sketches, numbered in the order in which they were added. About 1 kB a row of 360 words."""

    def __init__(self) -> None:
        self.row_ids: list[str] = []
        self._numbers: dict[str, int] = {}
        # of each row: hashes of its article, outlet and version, since they are only asked whether they are the same
        self._articles, self._outlets, self._versions, self._wholes = array("Q"), array("Q"), array("Q"), array("Q")
        self._sizes = array("I")
        self._keys = array("I")  # of all rows one after the other, of a row those in sight before the hidden ones
        self._starts = array("Q", [0])  # of each row's keys
        self._short: defaultdict[int, list[int]] = defaultdict(list)  # rows of short texts by the hash of the whole
        # postings of the keys in sight, which every look-up sees, and of the hidden ones, which those in sight see
        self._seen, self._hidden = _Postings(), _Postings()
        self._counts = np.zeros(COUNTERS, np.uint32)

    def __len__(self) -> int:
        return len(self.row_ids)

    def __contains__(self, row_id: str) -> bool:
        return row_id in self._numbers

    def add(self, entries: Iterable[DuplicateEntry]) -> None:
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

    def same_words_elsewhere(self, one: int, other: int) -> bool:
        """Tell whether two addresses of one site give the same words under different titles: a consent text, a menu."""
        return (
            self._outlets[one] == self._outlets[other]
            and self._wholes[one] == self._wholes[other]
            and self._versions[one] != self._versions[other]
        )

    def _add(self, entries: Sequence[DuplicateEntry]) -> None:
        first = len(self)
        for number, entry in enumerate(entries, first):
            self._numbers[entry.row_id] = number
            self.row_ids.append(entry.row_id)
            self._articles.append(_hash(entry.article_id))
            self._outlets.append(_hash(entry.outlet))
            self._versions.append(_hash(entry.version_key))
            self._wholes.append(entry.sketch.whole)
            self._sizes.append(len(entry.sketch.hashes))
            if 0 < entry.sketch.shingles < SHORT_TEXT:
                self._short[entry.sketch.whole].append(number)
        sizes = np.array([len(entry.sketch.hashes) for entry in entries])
        keys = (np.concatenate([entry.sketch.hashes for entry in entries]) >> FOLD).astype(np.uint32)
        rows = np.repeat(np.arange(len(entries)), sizes)
        # by row, then by how often a key has been seen, so that a row's rarest keys come first: in one sort of integers
        packed = (rows.astype(np.uint64) << RANK) | (self._frequencies(keys) << ROW) | keys
        packed.sort()
        keys = (packed & LOWER).astype(np.uint32)
        rows += first
        ends = np.cumsum(sizes)
        ranks = np.arange(len(keys)) - np.repeat(ends - sizes, sizes)
        in_sight = ranks < np.repeat(sizes - _enough(sizes) // 2, sizes)
        self._keys.frombytes(keys.tobytes())
        self._starts.frombytes((ends + self._starts[-1]).astype(np.uint64).tobytes())
        self._seen.add(keys[in_sight], rows[in_sight])
        self._hidden.add(keys[~in_sight], rows[~in_sight])

    def _frequencies(self, keys: Keys) -> Hashes:
        """Return about how often each key has been seen, these times included: keys that share a counter add up.

        It only decides which keys are out of sight, and whichever they are, the same pairs are found.
        """
        counters = keys & np.uint32(COUNTERS - 1)
        np.add.at(self._counts, counters, np.uint32(1))
        seen: Hashes = np.minimum(self._counts[counters], MOST).astype(np.uint64)
        return seen

    def _keys_of(self, row: int) -> Keys:
        """Return a row's keys, as a view that must not outlive the next addition."""
        return np.frombuffer(self._keys, np.uint32, self._sizes[row], 4 * self._starts[row])

    def _block(self, start: int, stop: int) -> Iterator[list[tuple[int, int]]]:
        """Yield the pairs of rows from `start` to `stop`, exclusive, with earlier ones; by halves if they are many."""
        first, last = self._starts[start], self._starts[stop]
        keys = np.frombuffer(self._keys, np.uint32, last - first, 4 * first).copy()
        sizes = np.array(self._sizes[start:stop], dtype=np.int64)
        rows = np.repeat(np.arange(start, stop, dtype=np.uint64), sizes)
        ranks = np.arange(len(keys)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        visible = ranks < np.repeat(sizes - _enough(sizes) // 2, sizes)
        in_sight, hidden = (keys[visible], rows[visible]), (keys[~visible], rows[~visible])
        joins = [
            *self._seen.joins(*in_sight),
            *self._hidden.joins(*in_sight),
            *self._seen.joins(*hidden),
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
        sizes = np.frombuffer(self._sizes, np.uint32).astype(np.int64)
        enough = _enough(np.minimum(sizes[rows], sizes[others]))
        likely = counts >= enough - np.minimum(_enough(sizes[rows]), _enough(sizes[others])) // 2
        found = {
            (row, other)
            for row, other, needed in zip(*(side[likely].tolist() for side in (rows, others, enough)), strict=True)
            if self._articles[row] != self._articles[other] and self._shared(row, other) >= needed
        }
        return sorted(found.union(self._equal_short(start, stop)))

    def _shared(self, row: int, other: int) -> int:
        both = np.concatenate([self._keys_of(row), self._keys_of(other)])
        both.sort()
        return int(np.count_nonzero(both[1:] == both[:-1]))

    def _equal_short(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        for row in range(start, stop):
            for other in self._short.get(self._wholes[row], ()):
                if other < row and self._articles[row] != self._articles[other]:
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

    def joins(self, keys: Keys, lookers: Hashes) -> Iterator["_Join"]:
        """Yield where rows meet those that hold the same key; `lookers` names the row of each key."""
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


def _hash(name: str) -> int:
    return xxhash.xxh3_64_intdigest(name.encode())


def _enough(sizes: Numbers) -> Numbers:
    distinct, where = np.unique(sizes, return_inverse=True)
    return np.array([enough_shared(int(size)) for size in distinct], dtype=np.int64)[where]
