"""Helpers to compare titles and lines of text."""

import re
from functools import lru_cache

WORD = re.compile(r"\w+")
MAX_IGNORED_LETTERS = 3  # words of up to this many letters (articles, prepositions) are ignored
MIN_SHARED_WORDS = 3
MIN_SHARED_SHARE = 0.5  # of the words of the line with fewer words
MAX_FOLDED_CHARS = 3  # that one character becomes when it is case-folded: "ΐ"
LETTERS = re.compile(r"[^\W_]+")
ASCII_MARKS = {code: None for code in range(128) if not chr(code).isalnum()}
# Several rules compare the same lines of a page, and lines of a template recur on all pages of a site
CACHED_TEXTS = 4096


@lru_cache(maxsize=CACHED_TEXTS)
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
