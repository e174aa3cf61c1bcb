"""Recognise paragraphs that change with every fetch of a page: counters, relative times, rates, advertisements, teasers.

They are no words of the article, and a change in them makes no version. Each rule must explain the whole line, so that a
sentence with a number ("The video has 2 million views.") is none of them.
"""

import re
from collections.abc import Sequence
from functools import cache

from articles.data import load

MAX_LINE_WORDS = 16  # of a counter, a time, a box of rates, a paywall's count
MAX_LINE_CHARS = 500  # of the same; some scripts have no spaces
MAX_ADVERTISEMENT_WORDS = 80
MAX_ENDING_LETTERS = 5  # that a word has after the stem of its group
MIN_FULL_STEM = 3  # shorter words belong to a group only as they are
MIN_TEASER_WORDS, MAX_TEASER_WORDS = 4, 20  # of the headline of another article
MAX_TEASERS = 2  # at the end of a text; more such lines are a list
MIN_OWN_SHARE = 1 / 3  # of a line's longer words that the text has too, for it to be the article's own words
OWN_STEM_LETTERS, MIN_OWN_LETTERS = 5, 5
TIME_WORDS = ("time_fillers", "updates")
WORD = re.compile(r"[^\W\d_]+(?:['’ʻ][^\W\d_]+)*")
NUMBER = re.compile(r"\d+(?:[.,:   ]\d+)*(?:\s?(?:k|m|тыс|млн|мың)\b)?", re.IGNORECASE)
CLOCK = re.compile(r"\b\d{1,2}[:.]\d\d\b")
DEGREES = re.compile(r"\d\s?°")
MAX_DEGREES_WORDS = 3  # "Almaty +12 °C"
CURRENCY_SIGN = re.compile(r"[$€₸₽£¥₴]")
ADVERTISEMENT_MARK = re.compile(r"\berid\b\W*\w", re.IGNORECASE)  # the token of the Russian register of advertisements
SENTENCE_END = re.compile(r"[.!?…:;,][\"'»”“’)\]]*$")
LIST_MARK = re.compile(r"^(?:[-–—•*·▪■●]|\(?\w{1,3}[.)])\s?")


def lasting(title: str, paragraphs: Sequence[str]) -> list[str]:
    """Return the paragraphs without those that change with every fetch; all of them if none is left."""
    on_rates = _any(WORD.findall(title.casefold()), "rates")  # the article's own figures
    kept = [text for text in paragraphs if not is_dynamic(text, on_rates=on_rates)]
    kept = kept[: len(kept) - _teasers(title, kept)]
    return kept or list(paragraphs)


def is_dynamic(text: str, *, on_rates: bool = False) -> bool:
    """Return whether a paragraph is a counter, a time of update, a box of rates, a paywall's count or an advertisement.

    `on_rates`: the article is about rates, and a line of them is its own.
    """
    size = len(text.split())
    if size <= MAX_ADVERTISEMENT_WORDS and ADVERTISEMENT_MARK.search(text):
        return True
    if size > MAX_LINE_WORDS or len(text) > MAX_LINE_CHARS:
        return False
    line = WORD.findall(NUMBER.sub(" ", text.casefold()))
    if all(_any(line, group) for group in ("free", "articles", "left")) or _covered(line, "just_now", *TIME_WORDS):
        return True
    if not NUMBER.search(text):
        return False
    return (
        _covered(line, "counters", "counter_fillers")
        or (_covered(line, "time_units", *TIME_WORDS) and _any(line, "time_fillers"))
        or (bool(CLOCK.search(text)) and _covered(line, "updates", "time_fillers"))
        or (not on_rates and _is_rates(text, line))
    )


def _is_rates(text: str, line: Sequence[str]) -> bool:
    """Return whether a line is a box of exchange rates, prices of oil, or the weather."""
    if SENTENCE_END.search(text):
        return False
    if CURRENCY_SIGN.search(text) and all(_in(word, "rate_fillers") or _in(word, "rates") for word in line):
        return True
    return bool(DEGREES.search(text) and len(line) <= MAX_DEGREES_WORDS) or _covered(line, "rates", "rate_fillers")


def _teasers(title: str, paragraphs: Sequence[str]) -> int:
    """Return how many lines at the end of a text are headlines of other articles."""
    count = 0
    while count < len(paragraphs) and _is_headline(paragraphs[-1 - count]):
        count += 1
    if not 0 < count <= MAX_TEASERS or count == len(paragraphs):
        return 0
    known = _stems("\n".join((title, *paragraphs[: len(paragraphs) - count])))
    ours = (_stems(text) for text in paragraphs[len(paragraphs) - count :])
    return count if all(stems and len(stems & known) < MIN_OWN_SHARE * len(stems) for stems in ours) else 0


def _is_headline(text: str) -> bool:
    """Return whether a line can be a headline: short, no sentence, no item of a list."""
    return (
        MIN_TEASER_WORDS <= len(text.split()) <= MAX_TEASER_WORDS
        and not SENTENCE_END.search(text)
        and not LIST_MARK.match(text)
    )


def _stems(text: str) -> set[str]:
    return {word[:OWN_STEM_LETTERS] for word in WORD.findall(text.casefold()) if len(word) >= MIN_OWN_LETTERS}


def _covered(line: Sequence[str], first: str, *others: str) -> bool:
    """Return whether a line has a word of the first group, and only words of the groups."""
    return _any(line, first) and all(any(_in(word, group) for group in (first, *others)) for word in line)


def _any(line: Sequence[str], group: str) -> bool:
    return any(_in(word, group) for word in line)


def _in(word: str, group: str) -> bool:
    stems = _group(group)
    return word in stems or any(
        word[:end] in stems for end in range(max(MIN_FULL_STEM, len(word) - MAX_ENDING_LETTERS), len(word))
    )


@cache
def _group(name: str) -> frozenset[str]:
    return frozenset(load("dynamic")[name].split())
