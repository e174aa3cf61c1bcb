"""Helpers to compare titles and lines of text."""

import re
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

Result = TypeVar("Result")

WORD = re.compile(r"\w+")
MAX_IGNORED_LETTERS = 3  # words of up to this many letters (articles, prepositions) are ignored
MIN_SHARED_WORDS = 3
MIN_SHARED_SHARE = 0.5  # of the words of the line with fewer words
MAX_FOLDED_CHARS = 3  # that one character becomes when it is case-folded: "ΐ"
LETTERS = re.compile(r"[^\W_]+")
LETTER_WORD = re.compile(r"[^\W\d_]+")
ASCII_MARKS = {code: None for code in range(128) if not chr(code).isalnum()}
# Several rules compare the same lines of a page, and lines of a template recur on all pages of a site
CACHED_TEXTS = 4096
MAX_CACHED_CHARS = 2_000  # of a text whose result is kept: a cache of longer ones would grow as pages wish


def cached_if_short(size: int) -> Callable[[Callable[[str], Result]], Callable[[str], Result]]:
    """Return a decorator that keeps the results of a function for the last `size` texts that are not long."""

    def decorate(function: Callable[[str], Result]) -> Callable[[str], Result]:
        cached = lru_cache(maxsize=size)(function)

        @wraps(function)
        def answer(text: str) -> Result:
            return cached(text) if len(text) <= MAX_CACHED_CHARS else function(text)

        return answer

    return decorate


@cached_if_short(CACHED_TEXTS)
def fold(text: str) -> str:
    """Return the letters and digits of a text, case-folded."""
    folded = text.casefold()
    return folded.translate(ASCII_MARKS) if folded.isascii() else "".join(LETTERS.findall(folded))


def shares_words(text: str, other: str) -> bool:
    """Return whether two lines share most words: at least 3, and half of the words of the line with fewer words."""
    first, second = (
        {word for word in WORD.findall(line.casefold()) if len(word) > MAX_IGNORED_LETTERS} for line in (text, other)
    )
    shared = len(first & second)
    return shared >= MIN_SHARED_WORDS and shared >= MIN_SHARED_SHARE * min(len(first), len(second))
