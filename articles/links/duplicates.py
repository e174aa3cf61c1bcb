"""Find near duplicates across articles: sketches propose pairs of rows, and their texts decide.

A link depends on its two rows only. So the links of a set of rows do not depend on the order of the rows, nor on how
they were split into runs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from articles.links import notices
from articles.links.duplicate_index import MIN_CANDIDATE_CONTAINMENT, DuplicateEntry, DuplicateIndex, RowFacts
from articles.links.fingerprint import SHINGLE_WORDS, Hashes, distinct, grams, text_sha256, words
from articles.links.named_days import Apart
from articles.links.numbers import Differences, TextWords, differences
from articles.links.pair_budget import LINK_UNITS, PAIR_UNITS, PairBudget
from articles.links.quoted import MIN_TOLD_SHARE, quoted_shingles, told_share
from articles.links.reading import Texts, read_bounded
from articles.model import Link, LinkKind

__all__ = ["DuplicateEntry", "DuplicateIndex", "Likeness", "compare", "link", "settle"]

# of the smaller text's shingles: recall .967, precision .998 (docs/measurements.md §5)
MIN_CONTAINMENT = 0.55
# An edited copy loses three shingles for each changed word, but keeps long runs of words, which unrelated texts do not
# share. So less containment is enough if half of the smaller text is in such runs: recall of copies that were
# shortened, edited and extended .82 -> .99 at equal precision (benchmarks/dedup.py).
MIN_RUN_WORDS = 6  # issues of a template that differ in every sixth word share no such run
MIN_RUNS_SHARE = 0.5  # of the smaller text's words, in runs
MIN_SHINGLES_FOR_RUNS = 64  # of the smaller text, for runs to count: in a shorter text they may be one common quotation
MIN_SHINGLES = 16  # of the smaller text: shorter ones are captions, which are linked only if equal
MIN_LENGTH_RATIO = 0.6  # smaller / larger text in shingles: with less, the smaller is contained in the larger
# Articles that share their background have openings of their own. If neither text has the other's, more is asked.
OPENING_WORDS = 30
MIN_OPENING_SHARE = 0.25  # of the 3-grams of an opening that the other text has
MIN_REOPENED_CONTAINMENT = 0.8  # a copy with a new opening has more (benchmarks.links.templates)
# An outlet that prints a text again on another day changes little of it (.73 and more); less is news in the words of earlier
# news, as of each telephone call of two presidents: .58 to .64 (benchmarks.links.news)
MIN_REPEATED_CONTAINMENT = 0.66
PAIRS_PER_BATCH = 2_000  # whose texts are fetched and compared at a time
CHARS_PER_UNIT = 4  # of both texts, in `PairBudget`: most texts are prepared once for many pairs
TOGETHER = Apart()

Facts = Callable[[str], RowFacts]  # of a row, by its id


@dataclass(frozen=True, slots=True)
class Likeness:
    """Similarity of two texts."""

    shared: int  # shingles
    a: int  # shingles of either text
    b: int
    differ: Differences  # of numbers and names; none if the texts are too unlike to be compared
    runs: float  # share of the smaller text's words in common runs; the containment where runs are not needed
    opened: bool = True  # either text has most of the other's opening
    told: float = 1.0  # share of the smaller text's shingles outside of common quotations that the other has too

    @property
    def containment(self) -> float:
        """Share of the smaller text's shingles that the other has too, 0…1."""
        return self.shared / max(1, min(self.a, self.b))

    @property
    def quotes_alike(self) -> bool:
        """Whether the texts have hardly more in common than what they quote, as reports of one speech."""
        return self.told < MIN_TOLD_SHARE

    def kind(self, apart: Apart = TOGETHER) -> LinkKind | None:
        """Return the kind of link that the similarity justifies, or None; the smaller text is the contained one."""
        smaller, larger = sorted((self.a, self.b))
        equal = smaller == larger == self.shared
        runs = self.runs >= MIN_RUNS_SHARE and smaller >= MIN_SHINGLES_FOR_RUNS
        alike = self.containment >= MIN_CONTAINMENT or (self.containment >= MIN_CANDIDATE_CONTAINMENT and runs)
        if not self.opened and self.containment < MIN_REOPENED_CONTAINMENT:
            return None  # different news with one background
        if self.quotes_alike or (apart.days and apart.one_outlet and self.containment < MIN_REPEATED_CONTAINMENT):
            return None
        if not alike or (smaller < MIN_SHINGLES and not equal) or self.differ.other_news(apart):
            return None
        return LinkKind.DUPLICATE if smaller >= MIN_LENGTH_RATIO * larger else LinkKind.CONTAINED


class _Read:
    """A text prepared for comparison."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = words(text)
        self.grams = grams(self.words)  # in order
        self.shingles = distinct(self.grams)

    @cached_property
    def quoted(self) -> Hashes:
        """The hashes in quotations."""
        return quoted_shingles(self.text)

    @cached_property
    def sha256(self) -> str:
        """Hash that puts texts of one length in an order."""
        return text_sha256(self.text)

    @cached_property
    def places(self) -> TextWords:
        """Words and their places; computed when needed, since equal texts need none."""
        return TextWords(self.text, self.words, self.grams)


def compare(a: str, b: str) -> Likeness:
    """Return the similarity of two texts."""
    return _compare(_Read(a), _Read(b))


def link(new: Iterable[DuplicateEntry], index: DuplicateIndex, texts: Texts, budget: PairBudget) -> list[Link]:
    """Add rows to the index and return their duplicate links to earlier rows and to each other, sorted.

    Rows that are already in the index are skipped: their links were found when they were added. `texts` is called in
    batches for the texts of candidates. A row is compared with as many candidates as `budget` allows.
    """
    first = len(index)
    index.add(new)
    links: list[Link] = []
    for candidates in index.pairs(first, budget):
        pairs = [(index.row_ids[one], index.row_ids[other]) for one, other in candidates]
        for start in range(0, len(pairs), PAIRS_PER_BATCH):
            links.extend(_verify(pairs[start : start + PAIRS_PER_BATCH], texts, index.facts, budget))
    return sorted(links, key=lambda found: (found.a, found.b))


def settle(pairs: Iterable[tuple[DuplicateEntry, DuplicateEntry]], texts: Texts, budget: PairBudget) -> list[Link]:
    """Return the links of candidate pairs that were found without the index, sorted; the decision is that of `link`."""
    facts: dict[str, RowFacts] = {}
    wanted: set[tuple[str, str]] = set()
    for one, other in pairs:
        if one.article_id != other.article_id:
            wanted.add((min(one.row_id, other.row_id), max(one.row_id, other.row_id)))
            facts.update((entry.row_id, RowFacts.of(entry)) for entry in (one, other) if entry.row_id not in facts)
    ordered = sorted(wanted)
    links: list[Link] = []
    for start in range(0, len(ordered), PAIRS_PER_BATCH):
        links.extend(_verify(ordered[start : start + PAIRS_PER_BATCH], texts, facts.__getitem__, budget))
    return sorted(links, key=lambda found: (found.a, found.b))


def _verify(candidates: Sequence[tuple[str, str]], texts: Texts, facts: Facts, budget: PairBudget) -> list[Link]:
    """Return the links of pairs. The first row of each pair is the one whose budget pays."""
    pairs = [pair for pair in candidates if budget.allows(pair[0])]
    row_ids = sorted({row_id for pair in pairs for row_id in pair})
    if not row_ids:
        return []
    within = read_bounded(texts, row_ids)
    if within is None and len(pairs) > 1:
        middle = len(pairs) // 2
        return [*_verify(pairs[:middle], texts, facts, budget), *_verify(pairs[middle:], texts, facts, budget)]
    contents = texts(row_ids) if within is None else within
    read: dict[str, _Read] = {}
    links = []
    for one, other in pairs:
        if not budget.allows(one):
            continue
        budget.spend(one, PAIR_UNITS + (len(contents[one]) + len(contents[other])) // CHARS_PER_UNIT)
        for row_id in (one, other):
            if row_id not in read:
                read[row_id] = _Read(contents[row_id])
        if (found := _link(one, other, read, facts)) is not None:
            links.append(found)
            budget.spend(one, LINK_UNITS)
    return links


def _link(one: str, other: str, read: Mapping[str, _Read], facts: Facts) -> Link | None:
    a, b = sorted((one, other))
    known = facts(a), facts(b)
    if _is_notice(read[a], read[b], *known):
        return None
    likeness = _compare(read[a], read[b])
    kind = likeness.kind(known[0].apart(known[1]))
    if kind is None:
        return None
    if kind is LinkKind.CONTAINED and likeness.a > likeness.b:
        a, b = b, a
        likeness = replace(likeness, a=likeness.b, b=likeness.a)
    equal = read[a].text == read[b].text
    evidence = (
        "equal texts"
        if equal
        else f"{likeness.shared} shingles shared of {likeness.a} and {likeness.b}, "
        f"numbers and names {likeness.differ.common} equal, {likeness.differ.conflicts} different"
    )
    return Link(kind, a, b, round(likeness.containment, 4), evidence)


def _is_notice(a: _Read, b: _Read, one: RowFacts, other: RowFacts) -> bool:
    """Return whether one outlet has the same words under different titles, because they replace articles."""
    return (
        one.outlet == other.outlet
        and not notices.alike(one.title, other.title)
        and a.words == b.words
        and notices.replaces_articles(a.text, a.words, (one.title, other.title))
    )


def _compare(a: _Read, b: _Read) -> Likeness:
    small, large = sorted((a, b), key=lambda read: len(read.shingles))
    if len(small.shingles) == len(large.shingles):
        small, large = sorted((a, b), key=lambda read: read.sha256)
    common = small.shingles[_contained(small.shingles, large)]
    shared = len(common)
    alike = shared >= MIN_CANDIDATE_CONTAINMENT * len(small.shingles)
    undecided = alike and shared < MIN_CONTAINMENT * len(small.shingles)
    differ = differences(small.places, large.places) if alike and small.words != large.words else Differences()
    quotes = alike and shared < MIN_REOPENED_CONTAINMENT * len(small.shingles)
    return Likeness(
        shared,
        len(a.shingles),
        len(b.shingles),
        differ=differ if small is a else differ.turned,
        runs=_in_runs(small, large) if undecided else shared / max(1, len(small.shingles)),
        opened=not alike or _has_opening(small, large) or _has_opening(large, small),
        told=told_share(small.shingles, common, (small.quoted, large.quoted)) if quotes else 1.0,
    )


def _has_opening(text: _Read, other: _Read) -> bool:
    """Return whether a text has the opening of another one."""
    opening = other.grams[:OPENING_WORDS]
    return int(np.count_nonzero(_contained(opening, text))) >= MIN_OPENING_SHARE * len(opening)


def _contained(hashes: Hashes, text: _Read) -> NDArray[np.bool_]:
    """Return a mask of the shingles that a text has."""
    if not len(text.shingles):
        return np.zeros(len(hashes), dtype=np.bool_)
    places = np.searchsorted(text.shingles, hashes)
    found: NDArray[np.bool_] = text.shingles[np.minimum(places, len(text.shingles) - 1)] == hashes
    return found


def _in_runs(small: _Read, large: _Read) -> float:
    """Return the share of the smaller text's words that are in common runs of at least `MIN_RUN_WORDS` words, 0…1."""
    edges = np.flatnonzero(np.diff(_contained(small.grams, large), prepend=False, append=False))
    lengths = edges[1::2] - edges[::2] + SHINGLE_WORDS - 1
    return float(lengths[lengths >= MIN_RUN_WORDS].sum()) / max(1, len(small.words))
