"""Whether two texts name the same numbers at the same places: what tells issues of one template from copies."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MIN_NUMBERS = 3  # at common places, for them to say anything


@dataclass(frozen=True, slots=True)
class TextNumbers:
    """The numbers of a text and the words that tell their places."""

    numbers: Sequence[tuple[int, str]]  # with their places in the text, counted in words
    once: Mapping[str, int]  # the places of words, no numbers, that stand once, in their order; none if no number does

    @classmethod
    def of(cls, words: Sequence[str]) -> "TextNumbers":
        """Return those of a text's words (`articles.links.fingerprint.words`)."""
        numbers = [(place, word) for place, word in enumerate(words) if word[0].isdecimal()]
        if len(numbers) < MIN_NUMBERS:
            return cls((), {})
        counts = Counter(words)
        once = {word: place for place, word in enumerate(words) if counts[word] == 1 and not word[0].isdecimal()}
        return cls(numbers, once)


def agreement(a: TextNumbers, b: TextNumbers) -> float:
    """Return the share of numbers at common places that are the same, 0…1; 1.0 where there are hardly any.

    Words that stand once in either text and in the same order in both cut them into pieces that belong together;
    numbers of such pieces are compared. A list of rates names other numbers after each currency than yesterday's,
    though both name the same ones somewhere.
    """
    if not a.numbers or not b.numbers:
        return 1.0
    anchors = _rising([(place, b.once[word]) for word, place in a.once.items() if word in b.once])
    ours, theirs = (
        Counter((bisect_right(places, place), number) for place, number in side.numbers)
        for side, places in ((a, [one for one, _ in anchors]), (b, [other for _, other in anchors]))
    )
    pieces = [Counter(piece for piece, _ in side.elements()) for side in (ours, theirs)]
    common = (pieces[0] & pieces[1]).total()
    return (ours & theirs).total() / common if common >= MIN_NUMBERS else 1.0


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest part of some pairs whose second numbers rise (patience sorting)."""
    tops: list[int] = []  # the smallest end of a rising part of each length
    piles: list[int] = []  # which pair that is
    before: list[int] = []  # the pair before each one in its part
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
