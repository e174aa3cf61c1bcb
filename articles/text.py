"""Small things that every reader of text needs: how titles and lines are compared."""

import re

WORD = re.compile(r"\w+")
SMALL = 3  # letters of words that say nothing
SHARED = 3  # words
SHARED_PART = 0.5
NOT_WORD = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Return letters and digits only, case-folded."""
    return NOT_WORD.sub("", text.casefold())


def shares_words(text: str, other: str) -> bool:
    """Return whether one line says another in other words: most of the shorter one's words stand in both."""
    first, second = ({word for word in WORD.findall(line.casefold()) if len(word) > SMALL} for line in (text, other))
    shared = len(first & second)
    return shared >= SHARED and shared >= SHARED_PART * min(len(first), len(second))
