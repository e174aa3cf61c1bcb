"""Recognise issues of one template by their figures: nearly the same sentences, with other numbers and days."""

from articles.links import anchors
from articles.links.alignment import Alignment
from articles.links.anchors import CLASS_BITS, FIRST_NUMERIC_CLASS, Keys

MIN_NUMBERS = 3  # in both texts, for their numbers to be compared
# of the text with fewer numbers; with less, both are issues of one template (docs/measurements.md §5)
MIN_SHARED_NUMBERS_SHARE = 0.3
MIN_FIGURE_PAIRS = 2  # aligned pairs with numbers or days in both sentences …
# … of which so many must share one; translations write some numbers as words, issues of a template share none
MIN_AGREEING_SHARE = 0.4
# of the aligned sentences; with fewer figures, a text is no issue of a template, and translators convert miles and pounds
MIN_FIGURES_SHARE = 0.3


def numbers_differ(a: Keys, b: Keys) -> bool:
    """Return whether two texts share hardly any numbers."""
    sides = [keys[(keys & CLASS_BITS) >= FIRST_NUMERIC_CLASS] for keys in (a, b)]
    fewer = min(map(len, sides))
    return fewer >= MIN_NUMBERS and len(anchors.shared(*sides)) < MIN_SHARED_NUMBERS_SHARE * fewer


def figures_differ(found: Alignment, a: anchors.SentenceNames, b: anchors.SentenceNames) -> bool:
    """Return whether most aligned sentences with numbers or days have different ones."""
    sides = [[anchors.figures(keys) for keys in text.keys] for text in (a, b)]
    both = [(sides[0][i], sides[1][j]) for i, j, _ in found.pairs if sides[0][i] and sides[1][j]]
    agreeing = sum(not one.isdisjoint(other) for one, other in both)
    counts = len(both) >= max(MIN_FIGURE_PAIRS, MIN_FIGURES_SHARE * len(found.pairs))
    return counts and agreeing < MIN_AGREEING_SHARE * len(both)
