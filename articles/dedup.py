"""Near duplicates across articles: sketches propose pairs of rows, their texts decide.

Whether two rows are linked depends on these two rows alone. So the links of a set of rows are the same whatever the
order in which the rows came, and however they were split into runs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from articles.dedup_index import CONTAINMENT, Entry, Index
from articles.fingerprint import Hashes, numbers, shingles, text_sha256
from articles.model import Link, LinkKind

__all__ = ["Entry", "Index", "Likeness", "compare", "link"]

Texts = Callable[[Sequence[str]], Mapping[str, str]]  # the texts of rows, by row id

MIN_SHINGLES = 16  # of the smaller text: less is a caption, which proves nothing unless the texts are equal
SAME_LENGTH = 0.6  # smaller / larger, in shingles: below, the smaller text is contained in the larger
MIN_NUMBERS = 3  # in both texts, for their numbers to say anything
SAME_NUMBERS = 0.3  # of the fewer numbers, in the other text: below it are two issues of one template (FINDINGS §5) …
SAME_TEMPLATE = 0.9  # … unless the texts agree in so many shingles
TEXTS_AT_ONCE = 2_000  # texts fetched and compared at a time


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two texts have in common."""

    shared: int  # shingles
    a: int  # shingles of either text
    b: int
    numbers: float  # share of the fewer numbers that the other text has too; 1.0 where either has hardly any

    @property
    def containment(self) -> float:
        """Share of the smaller text's shingles that the other holds, 0…1."""
        return self.shared / max(1, min(self.a, self.b))

    @property
    def kind(self) -> LinkKind | None:
        """What the likeness amounts to; for a contained text the smaller is the contained one."""
        smaller, larger = sorted((self.a, self.b))
        equal = smaller == larger == self.shared
        if self.containment < CONTAINMENT or (smaller < MIN_SHINGLES and not equal):
            return None
        if self.numbers < SAME_NUMBERS and self.containment < SAME_TEMPLATE:
            return None
        return LinkKind.DUPLICATE if smaller >= SAME_LENGTH * larger else LinkKind.CONTAINED


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """A text as it is compared."""

    shingles: Hashes
    numbers: frozenset[str]
    sha256: str

    @classmethod
    def of(cls, text: str) -> "_Read":
        return cls(shingles(text), numbers(text), text_sha256(text))


def compare(a: str, b: str) -> Likeness:
    """Return what two texts have in common."""
    return _compare(_Read.of(a), _Read.of(b))


def link(new: Iterable[Entry], index: Index, texts: Texts) -> list[Link]:
    """Add rows to the index and return their duplicate links, with rows before them and with each other.

    Rows that the index holds are passed over: their links were found when they came. `texts` is asked for the texts
    of rows that look alike, some at a time. Links are sorted.
    """
    first = len(index)
    index.add(new)
    links: list[Link] = []
    for pairs in index.pairs(first):
        for start in range(0, len(pairs), TEXTS_AT_ONCE):
            links.extend(_verify(pairs[start : start + TEXTS_AT_ONCE], index, texts))
    return sorted(links, key=lambda found: (found.a, found.b))


def _verify(pairs: Sequence[tuple[int, int]], index: Index, texts: Texts) -> list[Link]:
    pairs = [pair for pair in pairs if not _failed_extraction(index, *pair)]
    wanted = sorted({index.row_ids[row] for pair in pairs for row in pair})
    if not wanted:
        return []
    read = {row_id: _Read.of(text) for row_id, text in texts(wanted).items()}
    found = (_link(index.row_ids[one], index.row_ids[other], read) for one, other in pairs)
    return [each for each in found if each is not None]


def _failed_extraction(index: Index, one: int, other: int) -> bool:
    """Tell whether two addresses of one site give the same words under different titles: a consent text, a menu."""
    return (
        index.outlets[one] == index.outlets[other]
        and index.wholes[one] == index.wholes[other]
        and index.versions[one] != index.versions[other]
    )


def _link(one: str, other: str, read: Mapping[str, _Read]) -> Link | None:
    a, b = sorted((one, other))
    likeness = _compare(read[a], read[b])
    kind = likeness.kind
    if kind is None:
        return None
    if kind is LinkKind.CONTAINED and likeness.a > likeness.b:
        a, b = b, a
        likeness = Likeness(likeness.shared, likeness.b, likeness.a, likeness.numbers)
    equal = read[a].sha256 == read[b].sha256
    evidence = (
        "equal texts"
        if equal
        else f"{likeness.shared} shingles shared of {likeness.a} and {likeness.b}, numbers {likeness.numbers:.2f}"
    )
    return Link(kind, a, b, round(likeness.containment, 4), evidence)


def _compare(a: _Read, b: _Read) -> Likeness:
    shared = len(np.intersect1d(a.shingles, b.shingles, assume_unique=True))
    fewer = min(len(a.numbers), len(b.numbers))
    common = len(a.numbers & b.numbers) / fewer if fewer >= MIN_NUMBERS else 1.0
    return Likeness(shared, len(a.shingles), len(b.shingles), common)
