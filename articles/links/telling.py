"""Decide from aligned sentences whether two texts tell the same: a translation or rewrite, whole or in part.

Reports of one event share facts and quotations, which lie scattered in both texts. Translations and rewrites share the
telling: nearly all sentences of at least one text, in the same order, in a dense stretch of the other.
"""

from collections.abc import Sequence
from functools import cache

from articles.data import load
from articles.links.alignment import Alignment

FULL, PARTIAL, NEITHER = "full", "partial", ""
MIN_PAIRS = 5  # aligned sentences (docs/measurements.md §6)
MIN_FULL_COVERAGE = 0.65  # of both texts' characters in aligned sentences: a full translation (docs/measurements.md §6)
# of one text's characters: one text translates a part of the other (docs/measurements.md §6)
MIN_PARTIAL_COVERAGE = 0.75
# Aligned sentences / the stretch of the longer text that they span. Translations of a part have .83–1.00, reports of one
# event .05–.57 (docs/measurements.md §11).
MIN_PARTIAL_DENSITY = 0.6
# Of a translation with fewer than MIN_PAIRS aligned sentences, in which names and figures decide: sentences, the coverage
# of both texts, and Dice of the anchors
MIN_SHORT_PAIRS, MIN_SHORT_COVERAGE, MIN_SHORT_DICE = 2, 0.8, 0.3
# … or the coverage of a short text whose sentences a longer one has without a gap, their mean likeness, and Dice by number
MIN_EXCERPT_COVERAGE, MIN_EXCERPT_MEAN, MIN_EXCERPT_DICE = 0.9, 0.55, {2: 0.5, 3: 0.3, 4: 0.25}
# … or, whatever the names, mean cosine above the least of the two languages: beginnings of reports of one event have up to .07.
# Two sentences are enough only if they are both texts whole; three or four may be a part, with one sentence left out at most.
MIN_CLOSE_EXCESS, MIN_CLOSE_PART_PAIRS, MIN_CLOSE_DENSITY = 0.10, 3, 0.75
# … or, of more sentences that are so close, in order, the coverage of the shorter text and the names: translators merge and
# split sentences
MIN_CLOSE_COVERAGE, MIN_CLOSE_DICE = 0.65, 0.25
# A report of the same press release has most of another's sentences in a text of up to so many sentences. So both texts must
# be covered nearly whole, or the shorter one whole, or the sentences must be closer than a translation's need to be.
MAX_BRIEF_SENTENCES, MIN_BRIEF_COVERAGE, MIN_BRIEF_PART, MIN_BRIEF_EXCESS = 8, 0.85, 0.95, 0.05
# A rewrite in another language has looser sentences than a translation. It counts if both texts are covered whole, in order.
MAX_WHOLE_SHORTFALL, MIN_WHOLE_PAIRS, MIN_WHOLE_COVERAGE = 0.03, 6, 0.9
# Mean cosine of the aligned sentences, for pairs of languages that `likeness.yaml` lacks
MIN_COSINE = 0.45
MIN_CLAIMED_PAIRS, MIN_CLAIMED_COVERAGE = 2, 0.4  # for a partial translation that a page states to be one
# For a translation that one page states to be one, where no encoder compares sentences: the weight of the common anchors,
# and its share of the anchors of the text with less. True pairs of tests/parallel have .55–1.00, unrelated ones up to .28,
# other issues of one template up to .39, whose numbers differ.
MIN_CLAIMED_WEIGHT, MIN_CLAIMED_SHARE = 4.5, 0.3
MIN_MUTUAL_WEIGHT = 2.5  # … of two pages that name each other: one rare anchor
MAX_CLAIMED_LENGTH_RATIO = 4.0  # longer / shorter text: a longer one is more than a version of it
# Coverage of both texts by rewritten sentences: rewrites of our own have .92–1.00, reports of one event up to .53
# (`benchmarks.links.events`, docs/measurements.md §11)
MIN_REWRITE_COVERAGE = 0.65
MIN_ABRIDGED_COVERAGE = 0.85  # of the shorter text, if the longer one tells more: .92–1.00, reports up to .60
MIN_ABRIDGED_DENSITY = 0.6  # of the longer text's sentences: .67–.83 where a third was left out
MIN_REWRITE_MEAN = 0.55  # likeness of the aligned sentences: rewrites .79–.98
MIN_REWRITE_SUPPORT = 0.7  # coverage × that likeness: rewrites .79–1.00, reports of one press release up to .66
MIN_WHOLE_SUPPORT = (
    0.65  # … of a shorter text that is covered whole, in order: two rewrites of one text have .69 and .74
)
MIN_MOVED_MEAN = 0.8  # likeness of brief texts that tell in another order, as reports of one press release do


def translated(found: Alignment, dice: float, excess: float, sentences: int, *, is_claimed: bool) -> str:
    """Return which part of the texts is a translation. Pages may claim to be one.

    `dice` is that of the anchors, `excess` the mean cosine of the aligned sentences less `least_cosine`, `sentences` the
    number of the shorter text.
    """
    if not is_claimed and excess < 0:
        return FULL if excess >= -MAX_WHOLE_SHORTFALL and _is_whole(found) else NEITHER
    is_brief = sentences <= MAX_BRIEF_SENTENCES and len(found.pairs) >= MIN_PAIRS
    if not is_claimed and is_brief and excess < MIN_BRIEF_EXCESS:
        return _brief(found)
    return _long(found, dice, excess, is_claimed=is_claimed)


@cache
def least_cosine(*langs: str) -> float:
    """Return the least mean cosine of the aligned sentences of a translation between two languages, in their order."""
    pair = "-".join(langs)
    return next(
        (float(least) for least, pairs in load("likeness")["cosine"].items() if pair in pairs.split()), MIN_COSINE
    )


def _brief(found: Alignment) -> str:
    """Return which part of two texts, one of them short, is a translation, if the sentences are no closer than reports'."""
    smaller, larger = sorted(found.coverage)
    if not _in_order(found):
        return NEITHER
    if smaller >= MIN_BRIEF_COVERAGE:
        return FULL
    return PARTIAL if larger >= MIN_BRIEF_PART and min(found.density) >= MIN_PARTIAL_DENSITY else NEITHER


def _long(found: Alignment, dice: float, excess: float, *, is_claimed: bool) -> str:
    smaller, larger = sorted(found.coverage)
    count = len(found.pairs)
    if count >= MIN_PAIRS and smaller >= MIN_FULL_COVERAGE:
        return FULL
    if MIN_SHORT_PAIRS <= count < MIN_PAIRS:
        is_close = excess >= MIN_CLOSE_EXCESS
        if smaller >= MIN_SHORT_COVERAGE and (dice >= MIN_SHORT_DICE or is_close):
            return FULL
        is_part = larger >= MIN_PARTIAL_COVERAGE and min(found.density) >= MIN_CLOSE_DENSITY
        if is_close and is_part and count >= MIN_CLOSE_PART_PAIRS:
            return PARTIAL
        if larger >= MIN_EXCERPT_COVERAGE and dice >= MIN_EXCERPT_DICE[count] and _is_excerpt(found):
            return PARTIAL
    if count >= MIN_PAIRS and excess >= MIN_CLOSE_EXCESS and dice >= MIN_CLOSE_DICE and _is_close_part(found):
        return PARTIAL
    if count >= MIN_PAIRS and larger >= MIN_PARTIAL_COVERAGE and min(found.density) >= MIN_PARTIAL_DENSITY:
        return PARTIAL
    claimed = is_claimed and count >= MIN_CLAIMED_PAIRS and larger >= MIN_CLAIMED_COVERAGE
    return PARTIAL if claimed else NEITHER


def bears_out(common: float, poorer: float, lengths: Sequence[int], *, mutual: bool) -> bool:
    """Return whether two texts may be translations, as one of their pages states, or both do (`mutual`).

    `common` and `poorer` are the weights of their common anchors and of those of the text with less, `lengths` their
    lengths in characters.
    """
    shorter, longer = sorted(lengths)
    if mutual:
        return common >= max(MIN_MUTUAL_WEIGHT, MIN_CLAIMED_SHARE * poorer)
    return (
        common >= max(MIN_CLAIMED_WEIGHT, MIN_CLAIMED_SHARE * poorer) and longer <= MAX_CLAIMED_LENGTH_RATIO * shorter
    )


def rewritten(found: Alignment) -> str:
    """Return which part of the texts is a rewrite."""
    smaller, larger = sorted(found.coverage)
    count = len(found.pairs)
    in_order = _in_order(found)
    least = MIN_REWRITE_MEAN if in_order or count > MAX_BRIEF_SENTENCES else MIN_MOVED_MEAN
    if count < MIN_PAIRS or _mean(found) < least:
        return NEITHER
    if smaller >= MIN_REWRITE_COVERAGE and smaller * _mean(found) >= MIN_REWRITE_SUPPORT:
        return FULL
    is_whole = in_order and larger >= MIN_WHOLE_COVERAGE
    if larger * _mean(found) < (MIN_WHOLE_SUPPORT if is_whole else MIN_REWRITE_SUPPORT):
        return NEITHER
    return PARTIAL if larger >= MIN_ABRIDGED_COVERAGE and min(found.density) >= MIN_ABRIDGED_DENSITY else NEITHER


def _is_whole(found: Alignment) -> bool:
    """Return whether nearly all sentences of both texts are aligned, in one order."""
    return len(found.pairs) >= MIN_WHOLE_PAIRS and min(found.coverage) >= MIN_WHOLE_COVERAGE and _in_order(found)


def _in_order(found: Alignment) -> bool:
    """Return whether the aligned sentences stand in one order in both texts."""
    places = [other for _, other, _ in sorted(found.pairs)]
    return places == sorted(places)


def _is_close_part(found: Alignment) -> bool:
    """Return whether sentences that are clearly the same cover most of a text, in order and nearly without gaps."""
    return max(found.coverage) >= MIN_CLOSE_COVERAGE and min(found.density) >= MIN_CLOSE_DENSITY and _in_order(found)


def _is_excerpt(found: Alignment) -> bool:
    """Return whether the aligned sentences follow each other without a gap in both texts, and are clearly the same."""
    return min(found.density) == 1 and _mean(found) >= MIN_EXCERPT_MEAN


def _mean(found: Alignment) -> float:
    """Return the mean likeness of the aligned sentences."""
    return sum(likeness for _, _, likeness in found.pairs) / len(found.pairs)
