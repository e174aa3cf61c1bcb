"""A text as the search for translations and rewrites compares it, and which of its sentences are compared first."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from articles.links import anchors
from articles.links.alignment import MAX_ALIGNED_CHARS, Alignment, Span, sentences
from articles.links.encoder import Codes, Encoder
from articles.links.fingerprint import Hashes, shingles
from articles.links.quoted import quoted_sentences

# Sentences whose names and figures are most alike are encoded before all others. Their mean cosine, less the least of their
# languages, is -.10 and more in true translations and their halves, in unrelated texts -.24 at the median; fewer sentences vary
# more, and true ones have -.29 and more (NTREX, five languages, docs/measurements.md §11).
FIRST_PROBES, PROBES = 2, 4  # the first two alone may show that a pair is none
MAX_PROBE_SHORTFALL = (0.3, 0.3, 0.3, 0.3, 0.13)  # by the number of sentences


@dataclass(eq=False)
class ComparedText:
    """A text prepared for comparison; all properties are computed when needed."""

    text: str
    lang: str
    _glance: Codes | None = field(default=None, init=False)

    def glance(self, encoder: Encoder) -> Codes:
        """Return vectors of its sentences by their words, the same ones by every encoder."""
        if self._glance is None:
            self._glance = encoder.glance(self.sentences)
        return self._glance

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """Spans of its sentences."""
        return sentences(self.text)

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """Sentences of the text."""
        return tuple(self.text[start:end] for start, end in self.spans)

    @cached_property
    def lengths(self) -> list[int]:
        """Lengths of the sentences in characters."""
        return [end - start for start, end in self.spans]

    @cached_property
    def quoted(self) -> frozenset[int]:
        """Places of the sentences that stand in quotations."""
        return quoted_sentences(self.text[:MAX_ALIGNED_CHARS], self.spans)

    @cached_property
    def named(self) -> anchors.SentenceNames:
        """Anchors of each sentence."""
        return anchors.SentenceNames.of(self.sentences, self.lang)

    @cached_property
    def shingles(self) -> Hashes:
        """Hashes of its distinct word 3-grams."""
        return shingles(self.text)


def probes(found: Alignment) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the sentences of both texts that are compared first, by an alignment of their anchors."""
    best = sorted(found.pairs, key=lambda pair: (-pair[2], pair[0]))[:PROBES]
    return tuple(pair[0] for pair in best), tuple(pair[1] for pair in best)


def mean_cosine(a: Codes, b: Codes) -> float:
    """Return the mean cosine of vectors, pair by pair."""
    wide = a.astype(np.float64), b.astype(np.float64)
    products, lengths = (wide[0] * wide[1]).sum(axis=1), [np.sqrt((side * side).sum(axis=1)) for side in wide]
    return float((products / np.maximum(1.0, lengths[0] * lengths[1])).mean())
