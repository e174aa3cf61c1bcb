"""Compare the numbers of two texts place by place, to distinguish copies from issues of one template."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MIN_COMMON_NUMBERS = 3  # at common places, for their agreement to count


@dataclass(frozen=True, slots=True)
class TextNumbers:
    """Numbers of a text, and the words that locate them."""

    numbers: Sequence[tuple[int, str]]  # (index of the word, number)
    once: Mapping[str, int]  # index of each word (no number) that occurs once, in order; empty without numbers

    @classmethod
    def of(cls, words: Sequence[str]) -> "TextNumbers":
        """Return the numbers among a text's words (`articles.links.fingerprint.words`)."""
        numbers = [(place, word) for place, word in enumerate(words) if word[0].isdecimal()]
        if len(numbers) < MIN_COMMON_NUMBERS:
            return cls((), {})
        counts = Counter(words)
        once = {word: place for place, word in enumerate(words) if counts[word] == 1 and not word[0].isdecimal()}
        return cls(numbers, once)


def agreement(a: TextNumbers, b: TextNumbers) -> float:
    """Return the share of numbers at common places that are the same, 0…1; 1.0 if there are hardly any.

    Words that occur once in each text, in the same order, cut both into corresponding pieces, whose numbers are
    compared. Place matters: today's list of exchange rates has other numbers after each currency than yesterday's,
    though both lists may have the same numbers somewhere.
    """
    if not a.numbers or not b.numbers:
        return 1.0
    anchors = _longest_increasing([(place, b.once[word]) for word, place in a.once.items() if word in b.once])
    ours, theirs = (
        Counter((bisect_right(places, place), number) for place, number in side.numbers)
        for side, places in ((a, [one for one, _ in anchors]), (b, [other for _, other in anchors]))
    )
    pieces = [Counter(piece for piece, _ in side.elements()) for side in (ours, theirs)]
    common = (pieces[0] & pieces[1]).total()
    return (ours & theirs).total() / common if common >= MIN_COMMON_NUMBERS else 1.0


def _longest_increasing(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest subsequence of pairs whose second numbers increase (patience sorting)."""
    tops: list[int] = []  # smallest last number of an increasing subsequence of each length
    piles: list[int] = []  # index of the pair with that number
    before: list[int] = []  # for each pair, its predecessor in the subsequence
    for number, (_, place) in enumerate(pairs):
        pile = bisect_left(tops, place)
        before.append(piles[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [place]
        piles[pile : pile + 1] = [number]
    found = []
    number = piles[-1] if piles else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]
