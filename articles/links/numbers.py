"""Compare the numbers and names of two texts place by place, to distinguish copies from issues of one template.

Issues of a template have other numbers and names at the places that the template leaves open, and hardly any other words
differ. An edited copy has other words, and keeps numbers and names. So what decides are the places where the texts
differ: numbers and names that a template always has (laws, the outlet, an address) say nothing.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from itertools import accumulate, pairwise, zip_longest

import numpy as np

from articles.data import load
from articles.dates import month_of, months
from articles.links.fingerprint import SHINGLE_WORDS, Hashes, cased_words
from articles.links.named_days import Apart, Day, DayPair, day_pairs, days_at

MAX_SLOT_WORDS = 12  # of either text at one place; longer stretches are passages of their own, not slots of a template
MIN_SAME_NAME_LETTERS = 4  # at the start, and …
MIN_SAME_NAME_SHARE = 0.6  # … of the longer form, that two forms of one name have in common ("Павлодар", "Павлодаре")
# Of all words; where more have capitals (German nouns, headlines), capitals do not show names.
MAX_NAMES_SHARE = 0.25
MAX_WEEKDAY_ENDING_LETTERS = 2  # after the stem: "понедельник-", "вторник-а"
# The first word of a sentence has a capital whether it is a name or not.
SENTENCE_FIRST = re.compile(r"(?:\A|[.!?…:\n])[^\w.!?…:\n]*\w")
# Of the numbers and names, from which on two texts are issues of a template. On half of the families of
# `benchmarks.links.templates` issues have .25 and more; a copy with a corrected figure has 1 in 10 to 40 …
MIN_OTHER_SHARE = 0.15
MIN_APART_SHARE = 0.05  # … and if a template's texts lie days apart, one figure in twenty is the news
REWORDED_PER_COMMON = 4  # places with other words that speak for an edited copy as much as one common number or name
DATE_START_LETTERS = 3
CACHED_WORDS = 1 << 16
Span = tuple[int, int, int, int]  # words of both texts: start and end in one, start and end in the other


@dataclass(frozen=True, slots=True)
class Differences:
    """Differences of two texts at corresponding places."""

    conflicts: int = 0  # distinct numbers and names of one text that the other has others for
    common: int = 0  # distinct numbers and names that both texts have
    reworded: int = 0  # places with other words, but without other numbers or names
    days: frozenset[DayPair] = frozenset()  # different days that the texts name at corresponding places

    @property
    def share(self) -> float:
        """Share of the numbers and names that differ, 0…1; rewordings count like common ones, with less weight."""
        return self.conflicts / max(1, self.conflicts + self.common + self.reworded / REWORDED_PER_COMMON)

    @property
    def turned(self) -> "Differences":
        """The differences of the same texts in the other order."""
        days = frozenset(pair._replace(one=pair.other, other=pair.one) for pair in self.days)
        return replace(self, days=days)

    def other_news(self, apart: Apart) -> bool:
        """Return whether the texts are two issues of a template. In a notice that comes again, the day may be all that differs."""
        if apart.days and any(apart.moved(pair) for pair in self.days):
            return True
        return self.conflicts > 0 and self.share >= (MIN_APART_SHARE if apart.days else MIN_OTHER_SHARE)


class TextWords:
    """Words of a text: as they are compared, and which of them are numbers or names."""

    def __init__(self, text: str, words: Sequence[str], grams: Hashes) -> None:
        self._text = text
        self.words = words
        self.grams = grams  # of all words, in order

    @cached_property
    def unique(self) -> tuple[Hashes, np.ndarray]:
        """The 3-grams that occur once, sorted, and their places."""
        found, places, counts = np.unique(self.grams, return_index=True, return_counts=True)
        return found[counts == 1], places[counts == 1]

    @cached_property
    def cased(self) -> Sequence[str]:
        """The words with their capitals; none if case folding splits a word, as a few signs do."""
        found = cased_words(self._text)
        return found if len(found) == len(self.words) else ()

    @cached_property
    def marked(self) -> Sequence[int]:
        """For each place, how many of the words before it may be numbers or names."""
        starts = _date_starts()
        dates = {word for word in set(self.words) if word[:DATE_START_LETTERS] in starts and _is_date_word(word)}
        marks = (
            word in dates or (sign := (cased or word)[0]).isdecimal() or sign.isupper()
            for word, cased in zip_longest(self.words, self.cased)
        )
        return [0, *accumulate(marks)]

    @cached_property
    def names(self) -> frozenset[int]:
        """Places of the words that are written as names; none where capitals show no names."""
        cased = cased_words(SENTENCE_FIRST.sub(lambda found: found.group().lower(), self._text))
        capital = frozenset(place for place, word in enumerate(cased) if word[0].isupper())
        return capital if len(capital) <= MAX_NAMES_SHARE * len(cased) and self.cased else frozenset()

    @cached_property
    def salient(self) -> frozenset[str]:
        """Distinct numbers and names of the text."""
        numbers = {word for word in self.words if word[0].isdecimal()}
        return frozenset(numbers.union(self.words[place] for place in self.names))

    def numbers_at(self, start: int, end: int) -> list[str]:
        """Return the numbers of a stretch; digits that only signs separate are one number: "1 700", "1,700"."""
        found: list[str] = []
        previous = False
        for word in self.words[start:end]:
            number = word[0].isdecimal()
            if number and previous:
                found[-1] += word
            elif number:
                found.append(word)
            previous = number
        return found

    def days_at(self, start: int, end: int) -> list[tuple[int, Day]]:
        """Return the places and days that a stretch and the words at its ends name."""
        return days_at(self.words, self.cased, start, end)

    def names_at(self, start: int, end: int) -> list[str]:
        """Return the names of a stretch, and its names of months and days."""
        found = [word for word in self.words[start:end] if _is_date_word(word)]
        for place, word in enumerate(self.cased[start:end], start):
            if word[0].isupper() and place in self.names and not _is_date_word(self.words[place]):
                found.append(self.words[place])
        return found


def differences(a: TextWords, b: TextWords) -> Differences:
    """Return how the numbers and names of two texts differ at corresponding places.

    3-grams that occur once in each text, in the same order, cut both into corresponding pieces; within a longer piece
    words that occur once in each do. A stretch without pieces that have words of both texts counts whole if one name of it is
    another: "the Republic of Armenia" may stand for "the Azerbaijani Republic". Place matters: today's list of exchange rates
    has other numbers after each currency than yesterday's, though both lists may have the same numbers somewhere.
    """
    conflicts: set[tuple[str, ...]] = set()
    days: set[DayPair] = set()
    sizes = len(a.words), len(b.words)
    gaps = [gap for gap in _gaps(a, b) if a.words[gap[0] : gap[1]] != b.words[gap[2] : gap[3]]]
    telling = [
        gap for gap in gaps if a.marked[gap[1]] > a.marked[gap[0]] and b.marked[gap[3]] > b.marked[gap[2]]
    ]  # in others, neither numbers nor names can differ
    reworded = len(gaps) - len(telling)
    for gap in telling:
        slots = [span for span in _pieces(a, b, gap) if _is_slot(a, b, span)]
        if not slots and _is_short(gap):
            conflicts.update(_other_name(a, b, gap))
        for span in slots:
            found = _conflicts_at(a, b, span)
            conflicts.update(found)
            if found:
                days.update(day_pairs(a.days_at(*span[:2]), b.days_at(*span[2:]), sizes))
            else:
                reworded += 1
    common = len(a.salient & b.salient) if conflicts else 0
    return Differences(len(conflicts), common, reworded, frozenset(days))


def _is_short(span: Span) -> bool:
    return max(span[1] - span[0], span[3] - span[2]) <= MAX_SLOT_WORDS


def _is_slot(a: TextWords, b: TextWords, span: Span) -> bool:
    """Return whether a piece may be a slot of a template that both texts fill differently."""
    return _is_short(span) and a.words[span[0] : span[1]] != b.words[span[2] : span[3]]


def _conflicts_at(a: TextWords, b: TextWords, span: Span) -> list[tuple[str, ...]]:
    """Return the numbers and names of one text at a place that the other has others for, in pairs."""
    return [
        pair
        for read, alike in ((TextWords.numbers_at, str.__eq__), (TextWords.names_at, _same_name))
        if (ours := read(a, *span[:2])) and (theirs := read(b, *span[2:]))
        for pair in _conflicts(ours, theirs, alike)
    ]


def _other_name(a: TextWords, b: TextWords, span: Span) -> list[tuple[str, ...]]:
    """Return the names of a stretch, as a pair, if each text has just one that the other lacks, as in a slot."""
    ours, theirs = a.names_at(*span[:2]), b.names_at(*span[2:])
    left, right = ((Counter(one) - Counter(other)).total() for one, other in ((ours, theirs), (theirs, ours)))
    return _conflicts(ours, theirs, _same_name) if left == right == 1 else []


def _gaps(a: TextWords, b: TextWords) -> Iterator[Span]:
    """Return the corresponding stretches between common 3-grams that both texts have words in."""
    (ours, at), (theirs, other_at) = a.unique, b.unique
    _, mine, its = np.intersect1d(ours, theirs, assume_unique=True, return_indices=True)
    places, others = at[mine], other_at[its]
    order = np.argsort(places)
    places, others = places[order], others[order]
    if np.any(np.diff(others) < 0):
        # an equal number may stand at another place; only words show which places correspond
        wordy = (
            pair
            for pair in zip(places.tolist(), others.tolist(), strict=True)
            if not any(word[0].isdecimal() for word in a.words[pair[0] : pair[0] + SHINGLE_WORDS])
        )
        kept = _longest_increasing(list(wordy))
        places, others = (np.array([pair[side] for pair in kept], dtype=np.int64) for side in (0, 1))
    starts = [np.concatenate(([0], side + SHINGLE_WORDS)) for side in (places, others)]
    ends = [np.append(side, len(text.words)) for side, text in ((places, a), (others, b))]
    filled = (ends[0] > starts[0]) & (ends[1] > starts[1])
    return zip(*(side[filled].tolist() for side in (starts[0], ends[0], starts[1], ends[1])), strict=True)


def _pieces(a: TextWords, b: TextWords, gap: Span) -> Iterator[Span]:
    """Yield the parts of a stretch between words that occur once in it in both texts."""
    start, end, other, other_end = gap
    if end - start == other_end - other == 1:
        yield gap
        return
    mine, its = (_once(text, *span) for text, span in ((a, (start, end)), (b, (other, other_end))))
    kept = _longest_increasing([(place, its[word]) for word, place in mine.items() if word in its])
    edges = [(start - 1, other - 1), *kept, (end, other_end)]
    for (before, before_other), (after, after_other) in pairwise(edges):
        if after > before + 1 and after_other > before_other + 1:
            yield before + 1, after, before_other + 1, after_other


def _once(text: TextWords, start: int, end: int) -> dict[str, int]:
    counts = Counter(text.words[start:end])
    return {
        word: place
        for place, word in enumerate(text.words[start:end], start)
        if counts[word] == 1 and not word[0].isdecimal()
    }


def _conflicts(ours: Sequence[str], theirs: Sequence[str], alike: Callable[[str, str], bool]) -> list[tuple[str, ...]]:
    """Return the items of one side that the other has other items for, in pairs."""
    left, right = list((Counter(ours) - Counter(theirs)).elements()), list((Counter(theirs) - Counter(ours)).elements())
    for one in list(left):
        match = next((other for other in right if alike(one, other)), None)
        if match is not None:
            left.remove(one)
            right.remove(match)
    return [tuple(sorted(pair)) for pair in zip(sorted(left), sorted(right), strict=False)]


def _same_name(one: str, other: str) -> bool:
    """Return whether two words can be forms of one name."""
    if one[0].isdecimal() or other[0].isdecimal():
        return False
    shared = next((count for count, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    letters = min(len(one), len(other)) if shared is None else shared
    return letters >= max(MIN_SAME_NAME_LETTERS, MIN_SAME_NAME_SHARE * max(len(one), len(other)))


@lru_cache(maxsize=CACHED_WORDS)
def _is_date_word(word: str) -> bool:
    """Return whether a word names a month or, in any case form, a day of the week."""
    if month_of(word):
        return True
    return any(
        word.startswith(stem) and len(word) <= len(stem) + MAX_WEEKDAY_ENDING_LETTERS for stem in _weekday_stems()
    )


@cache
def _date_starts() -> frozenset[str]:
    """Return the first letters of all names of months and days; most words begin otherwise, which saves a search."""
    return frozenset(name[:DATE_START_LETTERS] for name in (*months(), *_weekday_stems()))


@cache
def _weekday_stems() -> tuple[str, ...]:
    names = load("names")["weekdays"].split()
    return tuple(name[:-1] for name in names if len(name) > MIN_SAME_NAME_LETTERS)


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
