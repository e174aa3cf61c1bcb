"""Sentence alignment: which sentence of one text says what which sentence of another does."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]  # sentences × dimensions, each row of length 1

MIN_SENTENCE = 30  # characters: shorter ones say too little to be told apart (FINDINGS §6)
SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'»”’)\]]*\s+|(?<=[。！？])")


@dataclass(frozen=True, slots=True)
class Alignment:
    """Pairs of sentences in the order of both texts, and how much of each text they make up."""

    pairs: tuple[tuple[int, int, float], ...]  # number in one text, in the other, likeness
    coverage: tuple[float, float]  # of the characters of the sentences, 0…1


def sentences(paragraphs: Sequence[str]) -> tuple[str, ...]:
    """Return a text's sentences that are long enough to be aligned."""
    found = (sentence.strip() for paragraph in paragraphs for sentence in SENTENCE_END.split(paragraph))
    return tuple(sentence for sentence in found if len(sentence) >= MIN_SENTENCE)


def align(a: Vectors, b: Vectors, lengths: tuple[Sequence[int], Sequence[int]], threshold: float) -> Alignment:
    """Align two texts' sentences one to one, in order, with gaps, so that the likeness of all pairs is greatest.

    `lengths` are the sentences' characters; pairs below the threshold (cosine) are none.
    """
    if not len(a) or not len(b):
        return Alignment((), (0.0, 0.0))
    likeness = a @ b.T
    gain = np.where(likeness >= threshold, likeness, 0.0)
    best = np.zeros((len(a) + 1, len(b) + 1))
    for i in range(len(a)):
        row = np.maximum(best[i, 1:], best[i, :-1] + gain[i])
        best[i + 1, 1:] = np.maximum.accumulate(row)
    pairs = []
    i, j = len(a), len(b)
    while i and j:
        if best[i, j] == best[i - 1, j]:
            i -= 1
        elif best[i, j] == best[i, j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j, round(float(likeness[i, j]), 4)))
    pairs.reverse()
    return Alignment(
        tuple(pairs),
        (
            sum(lengths[0][i] for i, _, _ in pairs) / sum(lengths[0]),
            sum(lengths[1][j] for _, j, _ in pairs) / sum(lengths[1]),
        ),
    )
