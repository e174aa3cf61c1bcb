"""Small things that every reader of text needs: how titles and lines are compared."""

import re
from functools import lru_cache

WORD = re.compile(r"\w+")
SMALL = 3  # letters of words that say nothing
SHARED = 3  # words
SHARED_PART = 0.5
LETTERS = re.compile(r"[^\W_]+")
ASCII_MARKS = {code: None for code in range(128) if not chr(code).isalnum()}
REMEMBERED = 4096  # texts: a page's lines are compared by several rules, a site's on all of its pages


@lru_cache(maxsize=REMEMBERED)
def fold(text: str) -> str:
    """Return letters and digits only, case-folded."""
    folded = text.casefold()
    return folded.translate(ASCII_MARKS) if folded.isascii() else "".join(LETTERS.findall(folded))


def shares_words(text: str, other: str) -> bool:
    """Return whether one line says another in other words: most of the shorter one's words stand in both."""
    first, second = ({word for word in WORD.findall(line.casefold()) if len(word) > SMALL} for line in (text, other))
    shared = len(first & second)
    return shared >= SHARED and shared >= SHARED_PART * min(len(first), len(second))
