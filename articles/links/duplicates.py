"""Near duplicates across articles: sketches propose pairs of rows, their texts decide.

Whether two rows are linked depends on these two rows alone. So the links of a set of rows are the same whatever the
order in which the rows came, and however they were split into runs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from articles.links.duplicate_index import PARTLY, DuplicateEntry, DuplicateIndex
from articles.links.fingerprint import SHINGLE, Hashes, distinct, grams, text_sha256, words
from articles.links.numbers import TextNumbers, agreement
from articles.model import Link, LinkKind

__all__ = ["DuplicateEntry", "DuplicateIndex", "Likeness", "compare", "link", "settle"]

Texts = Callable[[Sequence[str]], Mapping[str, str]]  # the texts of rows, by row id

# shingles of the smaller text that the other holds: recall .967, precision .998 (docs/measurements.md §5)
CONTAINMENT = 0.55
# An edited copy has lost many shingles, three for a word, but keeps runs of words that no other text shares. So less
# containment is enough where half of the smaller text stands in such runs: recall of copies that were shortened,
# edited and extended .82 -> .99 at equal precision (benchmarks/dedup.py).
RUN = 6  # words: templates whose issues differ in every sixth word have none
IN_RUNS = 0.5  # of the smaller text's words
MIN_RUNS = 64  # shingles of the smaller text, for its runs to say anything: less may be one common quotation
MIN_SHINGLES = 16  # of the smaller text: less is a caption, which proves nothing unless the texts are equal
SAME_LENGTH = 0.6  # smaller / larger, in shingles: below, the smaller text is contained in the larger
# of the numbers at common places: below it are two issues of one template (docs/measurements.md §5) …
SAME_NUMBERS = 0.3
SAME_TEMPLATE = 0.9  # … unless the texts agree in so many shingles
TEXTS_AT_ONCE = 2_000  # texts fetched and compared at a time


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two texts have in common."""

    shared: int  # shingles
    a: int  # shingles of either text
    b: int
    numbers: float  # share of the numbers at common places that agree; 1.0 where there are hardly any
    runs: float  # share of the smaller text's words in runs of the other; its containment where that decides alone

    @property
    def containment(self) -> float:
        """Share of the smaller text's shingles that the other holds, 0…1."""
        return self.shared / max(1, min(self.a, self.b))

    @property
    def kind(self) -> LinkKind | None:
        """What the likeness amounts to; for a contained text the smaller is the contained one."""
        smaller, larger = sorted((self.a, self.b))
        equal = smaller == larger == self.shared
        runs = self.runs >= IN_RUNS and smaller >= MIN_RUNS
        alike = self.containment >= CONTAINMENT or (self.containment >= PARTLY and runs)
        if not alike or (smaller < MIN_SHINGLES and not equal):
            return None
        if self.numbers < SAME_NUMBERS and self.containment < SAME_TEMPLATE:
            return None
        return LinkKind.DUPLICATE if smaller >= SAME_LENGTH * larger else LinkKind.CONTAINED


class _Read:
    """A text as it is compared."""

    def __init__(self, text: str) -> None:
        self.words = words(text)
        self.grams = grams(self.words)  # in order
        self.shingles = distinct(self.grams)
        self.sha256 = text_sha256(text)

    @cached_property
    def figures(self) -> TextNumbers:
        """Its numbers; few comparisons ask for them."""
        return TextNumbers.of(self.words)


def compare(a: str, b: str) -> Likeness:
    """Return what two texts have in common."""
    return _compare(_Read(a), _Read(b))


def link(new: Iterable[DuplicateEntry], index: DuplicateIndex, texts: Texts) -> list[Link]:
    """Add rows to the index and return their duplicate links, with rows before them and with each other.

    Rows that the index holds are passed over: their links were found when they came. `texts` is asked for the texts
    of rows that look alike, some at a time. Links are sorted.
    """
    first = len(index)
    index.add(new)
    links: list[Link] = []
    for met in index.pairs(first):
        pairs = [
            (index.row_ids[one], index.row_ids[other])
            for one, other in met
            if not index.same_words_elsewhere(one, other)
        ]
        for start in range(0, len(pairs), TEXTS_AT_ONCE):
            links.extend(_verify(pairs[start : start + TEXTS_AT_ONCE], texts))
    return sorted(links, key=lambda found: (found.a, found.b))


def settle(pairs: Iterable[tuple[DuplicateEntry, DuplicateEntry]], texts: Texts) -> list[Link]:
    """Return the links of pairs that were found elsewhere to be worth comparing, sorted: what `link` makes of them."""
    wanted = sorted(
        {
            (min(one.row_id, other.row_id), max(one.row_id, other.row_id))
            for one, other in pairs
            if one.article_id != other.article_id and not _same_words_elsewhere(one, other)
        }
    )
    links: list[Link] = []
    for start in range(0, len(wanted), TEXTS_AT_ONCE):
        links.extend(_verify(wanted[start : start + TEXTS_AT_ONCE], texts))
    return sorted(links, key=lambda found: (found.a, found.b))


def _same_words_elsewhere(one: DuplicateEntry, other: DuplicateEntry) -> bool:
    """Tell what `Index.same_words_elsewhere` does."""
    return (
        one.outlet == other.outlet and one.sketch.whole == other.sketch.whole and one.version_key != other.version_key
    )


def _verify(pairs: Sequence[tuple[str, str]], texts: Texts) -> list[Link]:
    wanted = sorted({row_id for pair in pairs for row_id in pair})
    if not wanted:
        return []
    read = {row_id: _Read(text) for row_id, text in texts(wanted).items()}
    found = (_link(one, other, read) for one, other in pairs)
    return [each for each in found if each is not None]


def _link(one: str, other: str, read: Mapping[str, _Read]) -> Link | None:
    a, b = sorted((one, other))
    likeness = _compare(read[a], read[b])
    kind = likeness.kind
    if kind is None:
        return None
    if kind is LinkKind.CONTAINED and likeness.a > likeness.b:
        a, b = b, a
        likeness = replace(likeness, a=likeness.b, b=likeness.a)
    equal = read[a].sha256 == read[b].sha256
    evidence = (
        "equal texts"
        if equal
        else f"{likeness.shared} shingles shared of {likeness.a} and {likeness.b}, "
        f"numbers {likeness.numbers:.2f}, runs {likeness.runs:.2f}"
    )
    return Link(kind, a, b, round(likeness.containment, 4), evidence)


def _compare(a: _Read, b: _Read) -> Likeness:
    small, large = (a, b) if (len(a.shingles), a.sha256) <= (len(b.shingles), b.sha256) else (b, a)
    shared = int(np.count_nonzero(_held(small.shingles, large)))
    telling = PARTLY * len(small.shingles) <= shared < SAME_TEMPLATE * len(small.shingles)
    return Likeness(
        shared,
        len(a.shingles),
        len(b.shingles),
        numbers=agreement(small.figures, large.figures) if telling else 1.0,
        runs=_in_runs(small, large) if telling else shared / max(1, len(small.shingles)),
    )


def _held(hashes: Hashes, by: _Read) -> NDArray[np.bool_]:
    """Return which of some shingles a text holds."""
    if not len(by.shingles):
        return np.zeros(len(hashes), dtype=np.bool_)
    places = np.searchsorted(by.shingles, hashes)
    held: NDArray[np.bool_] = by.shingles[np.minimum(places, len(by.shingles) - 1)] == hashes
    return held


def _in_runs(small: _Read, large: _Read) -> float:
    """Return the share of a text's words that stand in runs of at least `RUN` words of another, 0…1."""
    turns = np.flatnonzero(np.diff(_held(small.grams, large), prepend=False, append=False))
    lengths = turns[1::2] - turns[::2] + SHINGLE - 1
    return float(lengths[lengths >= RUN].sum()) / max(1, len(small.words))
