"""What a line says by its words alone: phrase lists per language (data/phrases.yaml), matched at a line's ends.

A phrase is a hint, not a verdict: `articles.boilerplate` weighs it with the line's length, its links and its place.
"""

import re
from functools import cache
from typing import NamedTuple

from articles.data import load

LEADING = re.compile(r"^[\W_]+")
TRAILING = re.compile(r"[\s:.…»>→›|!\-–—]+$")
NUMBER = re.compile(r"\d+")
QUOTES = str.maketrans("’‘ʻʼ`´“”«»„", "''''''\"\"\"\"\"")
LONGEST_LINE = 140  # characters; no phrase of the lists that stands alone is longer
INDEXED = 3  # starts are looked up by their first characters


class Hit(NamedTuple):
    """A phrase that a line matched."""

    reason: str  # related, comments, promo, share …
    how: str  # section, line or start
    phrase: str


class _Lists(NamedTuple):
    whole: dict[str, tuple[str, str]]  # phrase -> reason, how
    starts: dict[str, list[tuple[str, str]]]  # first characters -> (phrase, reason), longest first


@cache
def _lists() -> _Lists:
    whole: dict[str, tuple[str, str]] = {}
    starts: dict[str, list[tuple[str, str]]] = {}
    for reason, forms in load("phrases").items():
        for how in ("section", "line"):
            for phrase in forms.get(how, ()):
                whole.setdefault(fold(phrase), (reason, how))
        for phrase in forms.get("start", ()):
            folded = phrase.translate(QUOTES).casefold()
            starts.setdefault(folded[:INDEXED], []).append((folded, reason))
    for listed in starts.values():
        listed.sort(key=lambda entry: (-len(entry[0]), entry))
    return _Lists(whole, starts)


def fold(line: str) -> str:
    """Return a line as phrases are compared: case-folded, numbers as "#", bullets and trailing marks cut off."""
    line = NUMBER.sub("#", line.translate(QUOTES).casefold())
    return TRAILING.sub("", LEADING.sub("", line) if not line.startswith(("#", "(c)")) else line)


def match(line: str) -> Hit | None:
    """Return the phrase that is the whole line or that begins it, or None."""
    lists = _lists()
    if len(line) <= LONGEST_LINE:
        folded = fold(line)
        entry = lists.whole.get(folded)
        if entry:
            return Hit(*entry, folded)
    start = line.translate(QUOTES).casefold()
    if not start.startswith(("©", "(c)")):
        start = LEADING.sub("", start)
    for phrase, reason in lists.starts.get(start[:INDEXED], ()):
        if start.startswith(phrase):
            return Hit(reason, "start", phrase)
    short = start[:1]
    for phrase, reason in lists.starts.get(short, ()):  # phrases shorter than the index
        if start.startswith(phrase):
            return Hit(reason, "start", phrase)
    return None
