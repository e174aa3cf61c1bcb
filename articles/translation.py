"""Translations and rewrites of articles across outlets, told by aligning their sentences.

Whether two rows are linked depends on these two rows alone: the links of a set of rows are the same whatever the
order in which they came. Vectors of whole texts only propose pairs; within one topic they are all near each other.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

import numpy as np

from articles.alignment import Alignment, Vectors, align, sentences
from articles.dedup import compare
from articles.encoder import Encoder
from articles.model import Link, LinkKind

MIN_PAIRS = 5  # aligned sentences (FINDINGS §6)
TRANSLATION_THRESHOLD = 0.45  # likeness of a sentence and its translation (FINDINGS §6)
FULL = 0.65  # of either text's characters in aligned sentences: the whole is translated (FINDINGS §6)
PARTIAL = 0.75  # of one text's characters: it translates a part, or a part of it is a translation (FINDINGS §6)
REWRITE_THRESHOLD = 0.5
REWRITE = 0.55  # of either text's characters; recall .997, no false positive (FINDINGS §6)
REWRITE_SHARED = 0.10  # of the smaller text's shingles: reports of one event by other hands share less (FINDINGS §6)
NEAR = 0.75  # cosine of the texts' vectors to be compared at all: a translation .89, its topic across languages .65–.75
NEAR_REWRITE = 0.80  # within a language, where a topic's texts lie at .72–.86
WITHIN_DAYS = 60  # between two dated texts to be compared
NAMED = 0.5  # score of a translation that only the page itself claims
DAY = 10  # characters of an ISO 8601 date
ROUNDING = 1e-3  # matrix products differ in their last digits with their shapes; each pair is computed again alone
BLOCK = 512  # rows whose vectors are multiplied with all others at a time
PAIRS_AT_ONCE = 500  # whose texts are held at a time, 50 kB each


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """What is known of a row beside its text. `source_article` is the article that it names as its source, or empty."""

    row_id: str
    article_id: str
    lang: str
    published: str  # ISO 8601, or empty
    source_article: str
    mean: Vectors  # of the whole text, one dimension; zeros where the encoder does not know the language


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """A text with its sentences' vectors."""

    text: str
    sentences: tuple[str, ...]
    vectors: Vectors

    @property
    def lengths(self) -> list[int]:
        """The sentences' characters."""
        return [len(sentence) for sentence in self.sentences]

    @property
    def mean(self) -> Vectors:
        """The text's vector: the mean of its sentences', weighted by length, of length 1; zeros for no sentences."""
        total: Vectors = np.asarray(self.lengths, np.float32) @ self.vectors
        norm = float(np.linalg.norm(total))
        return total / np.float32(norm) if norm else total


Lookup = Callable[[Sequence[str]], Mapping[str, Encoded]]


def encode(paragraphs: Sequence[str], lang: str, encoder: Encoder) -> Encoded:
    """Return a text with its vectors; without any where the encoder does not know its language."""
    found = sentences(paragraphs) if lang in encoder.languages else ()
    return Encoded("\n\n".join(paragraphs), found, encoder.encode(found))


class Index:
    """Rows by their vectors and by the sources that they name."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._numbers: dict[str, int] = {}
        self._means: list[Vectors] = []
        self._of_article: defaultdict[str, list[int]] = defaultdict(list)
        self._naming: defaultdict[str, list[int]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, number: int) -> Entry:
        return self._entries[number]

    def add(self, entries: Iterable[Entry]) -> None:
        """Add rows; those that the index holds are passed over."""
        for entry in entries:
            if entry.row_id in self._numbers:
                continue
            number = self._numbers[entry.row_id] = len(self._entries)
            self._entries.append(entry)
            self._means.append(entry.mean)
            self._of_article[entry.article_id].append(number)
            if entry.source_article:
                self._naming[entry.source_article].append(number)

    def pairs(self, first: int) -> Iterator[tuple[int, int]]:
        """Yield the pairs of a row from number `first` on and an earlier one worth comparing."""
        if first >= len(self):
            return
        means = np.stack(self._means)
        for start in range(first, len(self), BLOCK):
            stop = min(start + BLOCK, len(self))
            rows, others = np.nonzero(means[start:stop] @ means[:stop].T >= NEAR - ROUNDING)
            near = zip((rows + start).tolist(), others.tolist(), strict=True)
            found = {(row, other) for row, other in near if other < row and self._worth(row, other)}
            for row in range(start, stop):
                related = (
                    *self._of_article.get(self[row].source_article, ()),
                    *self._naming.get(self[row].article_id, ()),
                )
                found.update((row, other) for other in related if other < row)
            yield from sorted(found)

    def _worth(self, row: int, other: int) -> bool:
        a, b = self[row], self[other]
        near = NEAR_REWRITE if a.lang == b.lang else NEAR
        return a.article_id != b.article_id and _days(a, b) <= WITHIN_DAYS and float(np.dot(a.mean, b.mean)) >= near


def link(new: Iterable[Entry], index: Index, texts: Lookup) -> list[Link]:
    """Add rows to the index and return their translation and rewrite links with rows before them and each other."""
    first = len(index)
    index.add(new)
    links = []
    pairs = index.pairs(first)
    while some := list(islice(pairs, PAIRS_AT_ONCE)):
        read = texts(sorted({index[number].row_id for pair in some for number in pair}))
        for a, b in (sorted((index[row], index[other]), key=lambda entry: entry.row_id) for row, other in some):
            found = relate(a, b, read[a.row_id], read[b.row_id])
            if found is not None:
                links.append(found)
    return sorted(links, key=lambda found: (found.kind, found.a, found.b))


def relate(a: Entry, b: Entry, a_text: Encoded, b_text: Encoded) -> Link | None:
    """Return how two rows of different articles stand to each other; `a` of the link is the later one."""
    if a.article_id == b.article_id:
        return None
    if _is_later(b, a):
        return relate(b, a, b_text, a_text)
    return _translation(a, b, a_text, b_text) if a.lang != b.lang else _rewrite(a, b, a_text, b_text)


def _translation(a: Entry, b: Entry, a_text: Encoded, b_text: Encoded) -> Link | None:
    found = _align(a_text, b_text, TRANSLATION_THRESHOLD)
    least, most = sorted(found.coverage)
    named = "names it as its source; " if a.source_article == b.article_id else ""
    if named and not (a_text.sentences and b_text.sentences):
        return Link(LinkKind.TRANSLATION, a.row_id, b.row_id, NAMED, f"{named}no vectors for {a.lang} or {b.lang}")
    if len(found.pairs) >= MIN_PAIRS and least >= FULL:
        return Link(LinkKind.TRANSLATION, a.row_id, b.row_id, round(least, 4), f"{named}full: {_told(found)}")
    if len(found.pairs) >= MIN_PAIRS and most >= PARTIAL:
        return Link(LinkKind.TRANSLATION, a.row_id, b.row_id, round(most, 4), f"{named}partial: {_told(found)}")
    return None


def _rewrite(a: Entry, b: Entry, a_text: Encoded, b_text: Encoded) -> Link | None:
    likeness = compare(a_text.text, b_text.text)
    if likeness.kind is not None or likeness.containment < REWRITE_SHARED:
        return None  # a duplicate, or another hand's report
    found = _align(a_text, b_text, REWRITE_THRESHOLD)
    if len(found.pairs) < MIN_PAIRS or min(found.coverage) < REWRITE:
        return None
    evidence = f"{_told(found)}, {likeness.containment:.2f} of the shingles shared"
    return Link(LinkKind.REWRITE, a.row_id, b.row_id, round(min(found.coverage), 4), evidence)


def _align(a: Encoded, b: Encoded, threshold: float) -> Alignment:
    return align(a.vectors, b.vectors, (a.lengths, b.lengths), threshold)


def _told(found: Alignment) -> str:
    return f"{len(found.pairs)} sentences aligned, {found.coverage[0]:.2f} and {found.coverage[1]:.2f} of the texts"


def _is_later(one: Entry, other: Entry) -> bool:
    """Tell which of two rows came later: it names the other as its source, or by day, or by row id."""
    if (one.source_article == other.article_id) != (other.source_article == one.article_id):
        return one.source_article == other.article_id
    one_day, other_day = one.published[:DAY], other.published[:DAY]
    if one_day and other_day and one_day != other_day:
        return one_day > other_day
    return one.row_id > other.row_id


def _days(a: Entry, b: Entry) -> int:
    """Return how many days lie between two rows; 0 where a date is unknown."""
    if min(len(a.published), len(b.published)) < DAY:
        return 0
    return abs((date.fromisoformat(a.published[:DAY]) - date.fromisoformat(b.published[:DAY])).days)
