"""Judge by single words whether two texts may be translations, before any sentence is encoded.

The vectors of words in `articles.links.e5_model` say little of one sentence, and much of all sentences of two texts: those of a
translation have their words in the same order of sentences. What the words have in common whatever their order, since both
texts are about one event, is subtracted, so reports of one event look as unlike as any.
"""

import numpy as np
from numpy.typing import NDArray

from articles.links.anchors import SharedNames
from articles.links.encoder import Codes, signed_cosines
from articles.links.telling import MIN_SHORT_PAIRS

STEPS = 1 << 16  # of a cosine: sums of integers do not depend on their order
# Orders with which the texts' own order is compared: that of these multiples of the places. Of 7 and more sentences, few
# ascend for long. Of 6 and 5, one of the six is the own order, of 4 two, of 3 three, of 2 all: so little is said of short texts,
# and nothing of two sentences. The limits below were measured with that.
MULTIPLIERS, MODULUS = (65_536, 40_503, 28_657, 10_946, 48_271, 17_711), 65_537

# Weights of the evidence: the Dice of names and figures, the share of the common ones that are in one order, and words in
# order; and their least sum. Of few sentences order says less, so names count for more, and of the fewest it says least, so less
# is asked. The weights were chosen on half of the documents of NTREX, whole and cut in half, and of `benchmarks.links.topical`, the
# sums with all documents in view. Of their true pairs 8 of 5,410 have less, of pairs of different documents 70% (2 to 8
# sentences) and 97% (more; docs/measurements.md §11).
DICE_WEIGHT = 2.0
FEW_SENTENCES = 8
CHAIN_WEIGHT_OF_FEW, WORDS_WEIGHT_OF_FEW, MIN_OF_FEW = 0.6, 12.0, 1.15
FEWEST_SENTENCES, BONUS_OF_FEWEST = 3, 0.7  # the bonus is divided by the number of sentences, from three on
CHAIN_WEIGHT_OF_MORE, WORDS_WEIGHT_OF_MORE, MIN_OF_MORE = 1.0, 20.0, 1.70

Steps = NDArray[np.int64]


def may_translate(a: Codes, b: Codes, names: SharedNames, dice: float) -> bool:
    """Return whether two texts are worth encoding. `a` and `b` are vectors by words, `dice` is that of names and figures."""
    if not min(a.shape[1], b.shape[1]):
        return True
    shorter = min(len(a), len(b))
    if shorter < MIN_SHORT_PAIRS:
        return False
    found, ordered = DICE_WEIGHT * dice, ordered_words(a, b)
    if shorter > FEW_SENTENCES:
        return found + CHAIN_WEIGHT_OF_MORE * names.chained() + WORDS_WEIGHT_OF_MORE * ordered >= MIN_OF_MORE
    found += CHAIN_WEIGHT_OF_FEW * names.chained() + WORDS_WEIGHT_OF_FEW * ordered
    return found + BONUS_OF_FEWEST / max(FEWEST_SENTENCES, shorter) >= MIN_OF_FEW


def ordered_words(a: Codes, b: Codes) -> float:
    """Return by how much two texts are more alike in their own order of sentences than in other orders.

    Per sentence of the text with fewer: half of the true translations of NTREX have .03 and more, reports of one event .00.
    It is 0 if either text has one sentence, or `b` two; then names and figures decide.
    """
    if not min(a.size, b.size):
        return 0.0
    own: Steps = _distinct(np.rint(signed_cosines(a, b) * STEPS).astype(np.int64))
    columns = own.shape[1]
    places = np.arange(columns)
    orders = [places, *(np.argsort(places * multiplier % MODULUS, kind="stable") for multiplier in MULTIPLIERS)]
    best = _chains(np.stack([own[:, order] for order in orders]))
    return (int(best[0]) - int(best[1:].sum()) / (len(best) - 1)) / STEPS / min(len(a), len(b))


def _distinct(likeness: Steps) -> Steps:
    """Return what a pair of sentences has in common beyond what each has with all sentences of the other text; 0 and more."""
    rows, columns = likeness.shape
    usual = likeness.sum(axis=0) // rows + (likeness.sum(axis=1) // columns)[:, None] - likeness.sum() // likeness.size
    return np.asarray(np.maximum(0, likeness - usual), np.int64)


def _chains(likeness: Steps) -> Steps:
    """Return for each order of the columns the greatest sum over pairs of sentences that ascend in both texts."""
    orders, rows, columns = likeness.shape
    best = np.zeros((orders, columns + 1), np.int64)
    for row in range(rows):
        best[:, 1:] = np.maximum.accumulate(np.maximum(best[:, 1:], best[:, :-1] + likeness[:, row]), axis=1)
    return np.asarray(best[:, -1])
