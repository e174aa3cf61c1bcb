"""What a line says by its words alone: phrase lists per language (data/phrases.yaml), matched at a line's ends.

A phrase is a hint, not a verdict: `articles.cleaning.clean` weighs it with the line's length, its links and its place.
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
INDEXED = 3  # phrases are looked up by their first characters
ROOM = 40  # characters of bullets and quotation marks before a phrase that a first look allows for


class PhraseMatch(NamedTuple):
    """A phrase that a line matched."""

    reason: str  # related, comments, promo, share …
    how: str  # section, line or start
    phrase: str


class _Lists(NamedTuple):
    whole: dict[str, tuple[str, str]]  # phrase -> reason, how
    heads: frozenset[str]  # the first characters of these
    starts: dict[str, list[tuple[str, str]]]  # first characters -> (phrase, reason), longest first
    longest: int  # characters of a start


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
    longest = max(len(phrase) for listed in starts.values() for phrase, _ in listed)
    return _Lists(whole, frozenset(phrase[:INDEXED] for phrase in whole), starts, longest)


def fold(line: str) -> str:
    """Return a line as phrases are compared: case-folded, numbers as "#", bullets and trailing marks cut off."""
    line = NUMBER.sub("#", line.translate(QUOTES).casefold())
    return TRAILING.sub("", LEADING.sub("", line) if not line.startswith(("#", "(c)")) else line)


def match(line: str) -> PhraseMatch | None:
    """Return the phrase that is the whole line or that begins it, or None."""
    lists = _lists()
    start = _start(line, lists.longest)
    opening = start[:INDEXED]
    if len(line) <= LONGEST_LINE and (opening in lists.heads or not opening.isalpha()):  # letters stay as they are
        folded = fold(line)
        entry = lists.whole.get(folded)
        if entry:
            return PhraseMatch(*entry, folded)
    for phrase, reason in lists.starts.get(opening, ()):
        if start.startswith(phrase):
            return PhraseMatch(reason, "start", phrase)
    short = start[:1]
    for phrase, reason in lists.starts.get(short, ()):  # phrases shorter than the index
        if start.startswith(phrase):
            return PhraseMatch(reason, "start", phrase)
    return None


def _start(line: str, length: int) -> str:
    """Return a line as starts are compared: of a long one so many characters or more, as far as `length` needs."""
    start = line[: length + ROOM].translate(QUOTES).casefold()
    marks = None if start.startswith(("©", "(c)")) else LEADING.match(start)
    if marks is None:
        return start
    if len(line) > length + ROOM and marks.end() > ROOM:
        return LEADING.sub("", line.translate(QUOTES).casefold())
    return start[marks.end() :]
