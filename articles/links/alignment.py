"""Sentence alignment: which sentence of one text says what which sentence of another does."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Likeness = NDArray[np.float32]  # sentences × sentences, 0…1
Span = tuple[int, int]  # characters of a text, the end exclusive

MIN_SENTENCE = 30  # characters: shorter ones say too little to be told apart (docs/measurements.md §6)
PARAGRAPH_GAP = "\n\n"
SENTENCE_END = re.compile(r"(?<![.!?…])[.!?…]+[\"'»”’)\]]*(?=\s)|[。！？]+[」』”]*")
LAST_WORD = re.compile(r"[^\W\d_]*\Z")
# after which a full stop ends no sentence, as one capital letter is an initial
ABBREVIATED = """
    mr mrs ms dr st prof gen col capt sen rep gov no vs jr sr inc ltd co corp vol art jan feb aug sept sep oct nov dec
    г гг в вв им ул пр стр млн млрд трлн тыс руб коп тг др см напр обл р просп ред
    ж жж т қ тел мың мысалы bzw ca nr str tel tzw ul gł tys mln mld zł ok
"""
ABBREVIATIONS = frozenset(ABBREVIATED.split())
PROPORTIONATE = 2.0  # lengths of two sentences between aligned ones that may be each other's, at most this apart
MOVED = 2  # aligned sentences that one may have been moved over
BETWEEN = 0.0  # likeness stated for such a pair: its place alone speaks for it


@dataclass(frozen=True, slots=True)
class Alignment:
    """Pairs of sentences in the order of the first text, and how much of each text they make up."""

    pairs: tuple[tuple[int, int, float], ...]  # number in one text, in the other, likeness
    coverage: tuple[float, float]  # of the characters of the sentences, 0…1


NOTHING = Alignment((), (0.0, 0.0))


def sentences(text: str) -> tuple[Span, ...]:
    """Return where a text's sentences stand that are long enough to be aligned. Paragraphs have a blank line between."""
    found = []
    start = 0
    for paragraph in text.split(PARAGRAPH_GAP):
        found += [(start + begin, start + end) for begin, end in _cut(paragraph) if end - begin >= MIN_SENTENCE]
        start += len(paragraph) + len(PARAGRAPH_GAP)
    return tuple(found)


def align(likeness: Likeness, lengths: tuple[Sequence[int], Sequence[int]], threshold: float) -> Alignment:
    """Align two texts' sentences one to one, in order, with gaps, so that the likeness of all pairs is greatest.

    `lengths` are the sentences' characters; pairs below the threshold are none.
    """
    rows, columns = likeness.shape
    if not rows or not columns:
        return NOTHING
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
    """Pair sentences that stand a little out of order too: those that are left and each other's best, over a threshold."""
    left = likeness.copy()
    for i, j, _ in found.pairs:
        left[i, :] = left[:, j] = 0.0
    moved = []
    for i in range(len(left)):
        j = int(np.argmax(left[i]))
        if left[i, j] >= threshold and int(np.argmax(left[:, j])) == i and _near(found, i, j):
            moved.append((i, j, round(float(left[i, j]), 4)))
    return _covering(sorted([*found.pairs, *moved]), lengths) if moved else found


def _near(found: Alignment, i: int, j: int) -> bool:
    """Whether sentences that were moved stand near where the order would have them."""
    before = sum(1 for one, _, _ in found.pairs if one < i)
    return abs(before - sum(1 for _, other, _ in found.pairs if other < j)) <= MOVED


def fill(found: Alignment, lengths: tuple[Sequence[int], Sequence[int]]) -> Alignment:
    """Pair the sentences between aligned ones too, where there are as many on both sides and of like lengths."""
    if not found.pairs:
        return found
    pairs: list[tuple[int, int, float]] = []
    before = (-1, -1)
    for pair in (*found.pairs, (len(lengths[0]), len(lengths[1]), BETWEEN)):
        rows, columns = range(before[0] + 1, pair[0]), range(before[1] + 1, pair[1])
        if len(rows) == len(columns) and all(
            _proportionate(lengths[0][i], lengths[1][j]) for i, j in zip(rows, columns, strict=True)
        ):
            pairs += [(i, j, BETWEEN) for i, j in zip(rows, columns, strict=True)]
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
    return max(a, b) <= PROPORTIONATE * min(a, b)


def _cut(paragraph: str) -> Iterator[Span]:
    """Yield where the sentences of a paragraph stand, without the blanks around them."""
    start = 0
    for end in (
        *(found.end() for found in SENTENCE_END.finditer(paragraph) if _ends(paragraph, found)),
        len(paragraph),
    ):
        piece = paragraph[start:end]
        if piece.strip():
            yield start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
        start = end


def _ends(paragraph: str, found: re.Match[str]) -> bool:
    """Whether a sentence ends here: no small letter follows, and what stands before is no abbreviation."""
    rest = paragraph[found.end() :].lstrip()
    if rest[:1].islower():
        return False
    if found.group() != ".":
        return True
    last = LAST_WORD.search(paragraph, max(0, found.start() - 12), found.start())
    word = last.group() if last else ""
    return not (word.casefold() in ABBREVIATIONS or (len(word) == 1 and word.isupper()))
