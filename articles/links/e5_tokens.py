"""Tokenizer of multilingual-e5: a unigram model of word pieces (Kudo 2018, arXiv:1804.10959), as in SentencePiece.

A piece never continues past a space, so each word is cut by itself, and the pieces of frequent words are cached.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

SPACE = "\u2581"  # stands for a space before a word
UNKNOWN_PENALTY = 10.0  # of an unknown character, below the least likely piece
CACHED_WORDS = 1 << 16


@dataclass(frozen=True, eq=False)
class Tokenizer:
    """Cuts a text into the numbers of its most likely pieces."""

    pieces: Mapping[str, int]
    scores: Sequence[float]  # logarithms of the pieces' probabilities
    normal: Mapping[int, str]  # replacements of characters
    unknown: int
    longest: int = field(init=False)
    _unknown_score: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "longest", max(map(len, self.pieces)))
        object.__setattr__(self, "_unknown_score", min(self.scores) - UNKNOWN_PENALTY)
        object.__setattr__(self, "_cached", lru_cache(CACHED_WORDS)(self._cut))

    def tokens(self, text: str) -> list[int]:
        """Return the numbers of a text's pieces."""
        words = text.translate(self.normal).split(" ")
        return [token for word in words if word for token in self._cached(SPACE + word)]  # type: ignore[attr-defined]

    def _cut(self, word: str) -> tuple[int, ...]:
        """Return the pieces whose scores have the largest sum (Viterbi)."""
        size = len(word)
        best = [0.0, *[float("-inf")] * size]
        back = [(0, self.unknown)] * (size + 1)
        for start in range(size):
            for end in range(start + 1, min(size, start + self.longest) + 1):
                piece = self.pieces.get(word[start:end])
                if piece is not None and best[start] + self.scores[piece] > best[end]:
                    best[end], back[end] = best[start] + self.scores[piece], (start, piece)
            if best[start] + self._unknown_score > best[start + 1]:
                best[start + 1], back[start + 1] = best[start] + self._unknown_score, (start, self.unknown)
        found = []
        end = size
        while end:
            end, piece = back[end]
            found.append(piece)
        return tuple(reversed(found))
