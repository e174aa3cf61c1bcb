"""Sentence alignment: find which sentence of one text corresponds to which sentence of another."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

Likeness = NDArray[np.float32]  # sentences × sentences, 0…1
Span = tuple[int, int]  # characters of a text, the end exclusive

# Of a text, only the first so many sentences and characters are aligned. A matrix of likeness then has at most 8 MB, and
# a pair takes at most 0.3 s. 1,000 sentences have about 130,000 characters: twice a president's annual address.
MAX_SENTENCES = 1_000
MAX_ALIGNED_CHARS = 300_000
MIN_SENTENCE_CHARS = 30  # shorter sentences say too little to be distinguished (docs/measurements.md §6)
PARAGRAPH_GAP = "\n\n"
SENTENCE_END = re.compile(r"(?<![.!?…])[.!?…]+[\"'»”’)\]]*(?=\s)|[。！？]+[」』”]*")
NOT_SPACE = re.compile(r"\S")
LAST_WORD = re.compile(r"[^\W\d_]*\Z")
# Words after which a full stop ends no sentence; neither does it after a single capital letter, an initial.
ABBREVIATED = """
    mr mrs ms dr st prof gen col capt sen rep gov no vs jr sr inc ltd co corp vol art jan feb aug sept sep oct nov dec
    г гг в вв им ул пр стр млн млрд трлн тыс руб коп тг др см напр обл р просп ред
    ж жж т қ тел мың мысалы bzw ca nr str tel tzw ul gł tys mln mld zł ok
"""
ABBREVIATIONS = frozenset(ABBREVIATED.split())
MAX_LENGTH_RATIO = 2.0  # of the lengths of two sentences between aligned ones, for them to be paired
MAX_MOVED_OVER = 2  # of aligned sentences that a moved sentence may have passed
MIN_SPLIT_RATIO = 1.3  # of the length of a sentence that was split in two, to its aligned part
FILLED_LIKENESS = 0.0  # recorded for pairs that are supported by their place only


@dataclass(frozen=True, slots=True)
class Alignment:
    """Pairs of aligned sentences in the order of the first text, and their share of each text."""

    pairs: tuple[tuple[int, int, float], ...]  # index in the first text, index in the second, likeness
    coverage: tuple[float, float]  # share of the characters of all sentences, 0…1, with `parts`
    parts: tuple[frozenset[int], frozenset[int]] = (frozenset(), frozenset())  # of split sentences, besides the aligned

    @property
    def density(self) -> tuple[float, float]:
        """Aligned sentences of each text / the stretch of sentences from the first aligned one to the last, 0…1."""
        if not self.pairs:
            return 0.0, 0.0
        sides = [{pair[side] for pair in self.pairs} | self.parts[side] for side in (0, 1)]
        first, second = (len(side) / (max(side) - min(side) + 1) for side in sides)
        return first, second


NO_ALIGNMENT = Alignment((), (0.0, 0.0))


def sentences(text: str) -> tuple[Span, ...]:
    """Return the spans of a text's sentences that are long enough to align, of its beginning if it is very long.

    Blank lines separate paragraphs.
    """
    return tuple(islice(_long_sentences(text[:MAX_ALIGNED_CHARS]), MAX_SENTENCES))


def is_cut(text: str, spans: Sequence[Span]) -> bool:
    """Return whether a text is so long that only its beginning is aligned; `spans` are its sentences."""
    return len(spans) == MAX_SENTENCES or len(text) > MAX_ALIGNED_CHARS


def _long_sentences(text: str) -> Iterator[Span]:
    start = 0
    for paragraph in text.split(PARAGRAPH_GAP):
        for begin, end in _cut(paragraph):
            if end - begin >= MIN_SENTENCE_CHARS:
                yield start + begin, start + end
        start += len(paragraph) + len(PARAGRAPH_GAP)


def align(likeness: Likeness, lengths: tuple[Sequence[int], Sequence[int]], threshold: float) -> Alignment:
    """Align the sentences of two texts one to one, in order and with gaps, so that the sum of likeness is maximal.

    `lengths` holds the lengths of the sentences in characters. Pairs below the threshold are not aligned.
    """
    rows, columns = likeness.shape
    if not rows or not columns:
        return NO_ALIGNMENT
    gain = np.where(likeness >= threshold, likeness, 0.0).astype(np.float64)
    best = np.zeros((rows + 1, columns + 1))
    for i in range(rows):
        best[i + 1, 1:] = np.maximum.accumulate(np.maximum(best[i, 1:], best[i, :-1] + gain[i]))
    pairs = []
    i, j = rows, columns
    while i and j:
        if best[i, j] == best[i - 1, j]:
            i -= 1
        elif best[i, j] == best[i, j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j, round(float(likeness[i, j]), 4)))
    pairs.reverse()
    return _covering(pairs, lengths)


def with_moved(
    found: Alignment, likeness: Likeness, lengths: tuple[Sequence[int], Sequence[int]], threshold: float
) -> Alignment:
    """Add pairs of sentences that were moved a little: not aligned yet, each other's best, and above the threshold."""
    remaining = likeness.copy()
    for i, j, _ in found.pairs:
        remaining[i, :] = remaining[:, j] = 0.0
    moved = []
    for i in range(len(remaining)):
        j = int(np.argmax(remaining[i]))
        if remaining[i, j] >= threshold and int(np.argmax(remaining[:, j])) == i and _near(found, i, j):
            moved.append((i, j, round(float(remaining[i, j]), 4)))
    return _covering(sorted([*found.pairs, *moved]), lengths) if moved else found


def _near(found: Alignment, i: int, j: int) -> bool:
    """Return whether two moved sentences are near the place where the order would have them."""
    before = sum(1 for first, _, _ in found.pairs if first < i)
    return abs(before - sum(1 for _, second, _ in found.pairs if second < j)) <= MAX_MOVED_OVER


def with_parts(
    found: Alignment, likeness: Likeness, lengths: tuple[Sequence[int], Sequence[int]], threshold: float
) -> Alignment:
    """Add the sentences that are the other part of a sentence that a translator split in two.

    Such a sentence stands next to an aligned one, whose partner is longer than it and like both.
    """
    parts = tuple(
        frozenset(_parts(dict(sorted(pairs)), matrix, (lengths[side], lengths[1 - side]), threshold))
        for side, matrix, pairs in (
            (0, likeness, [(i, j) for i, j, _ in found.pairs]),
            (1, likeness.T, [(j, i) for i, j, _ in found.pairs]),
        )
    )
    covered = [
        found.coverage[side] + sum(lengths[side][number] for number in parts[side]) / max(1, sum(lengths[side]))
        for side in (0, 1)
    ]
    return Alignment(found.pairs, (covered[0], covered[1]), (parts[0], parts[1]))


def _parts(
    partners: Mapping[int, int], likeness: Likeness, lengths: tuple[Sequence[int], Sequence[int]], threshold: float
) -> Iterator[int]:
    """Yield the sentences of one text that are parts of a sentence of the other one. `partners` are the aligned ones."""
    for number in range(len(lengths[0])):
        if number in partners:
            continue
        for neighbour in (number - 1, number + 1):
            whole = partners.get(neighbour)
            if (
                whole is not None
                and likeness[number, whole] >= threshold
                and lengths[1][whole] >= MIN_SPLIT_RATIO * lengths[0][neighbour]
                and lengths[1][whole] <= MAX_LENGTH_RATIO * (lengths[0][neighbour] + lengths[0][number])
            ):
                yield number
                break


def fill(found: Alignment, lengths: tuple[Sequence[int], Sequence[int]]) -> Alignment:
    """Add the sentences between aligned ones, if both sides have equally many, of similar lengths."""
    if not found.pairs:
        return found
    pairs: list[tuple[int, int, float]] = []
    before = (-1, -1)
    for pair in (*found.pairs, (len(lengths[0]), len(lengths[1]), FILLED_LIKENESS)):
        rows, columns = range(before[0] + 1, pair[0]), range(before[1] + 1, pair[1])
        if len(rows) == len(columns) and all(
            _proportionate(lengths[0][i], lengths[1][j]) for i, j in zip(rows, columns, strict=True)
        ):
            pairs += [(i, j, FILLED_LIKENESS) for i, j in zip(rows, columns, strict=True)]
        pairs.append(pair)
        before = pair[:2]
    return _covering(pairs[:-1], lengths)


def _covering(pairs: Sequence[tuple[int, int, float]], lengths: tuple[Sequence[int], Sequence[int]]) -> Alignment:
    return Alignment(
        tuple(pairs),
        (
            sum(lengths[0][i] for i, _, _ in pairs) / max(1, sum(lengths[0])),
            sum(lengths[1][j] for _, j, _ in pairs) / max(1, sum(lengths[1])),
        ),
    )


def _proportionate(a: int, b: int) -> bool:
    return max(a, b) <= MAX_LENGTH_RATIO * min(a, b)


def _cut(paragraph: str) -> Iterator[Span]:
    """Yield the spans of the sentences of a paragraph, without surrounding spaces."""
    start = 0
    ends = (found.end() for found in SENTENCE_END.finditer(paragraph) if _ends(paragraph, found))
    for end in chain(ends, (len(paragraph),)):
        piece = paragraph[start:end]
        if piece.strip():
            yield start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
        start = end


def _ends(paragraph: str, found: re.Match[str]) -> bool:
    """Return whether a sentence ends at a match: no lower-case letter follows, and no abbreviation precedes."""
    following = NOT_SPACE.search(paragraph, found.end())
    if following and following.group().islower():
        return False
    if found.group() != ".":
        return True
    last = LAST_WORD.search(paragraph, max(0, found.start() - 12), found.start())
    word = last.group() if last else ""
    return not (word.casefold() in ABBREVIATIONS or (len(word) == 1 and word.isupper()))
