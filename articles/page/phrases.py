"""Match lines with phrase lists of several languages (data/phrases.yaml): as a whole line, or at its start.

A match is only a hint. The rules in `articles.cleaning` also consider the line's length, its links and its position.
"""

import re
from functools import cache
from typing import NamedTuple

from articles.data import load
from articles.text import cached_if_short

LEADING_MARKS = re.compile(r"^[\W_]+")
TRAILING_MARKS = re.compile(r"(?<![\s:.…»>→›|!\-–—])[\s:.…»>→›|!\-–—]+$")
NUMBER = re.compile(r"\d+")
VARIANTS = str.maketrans("’‘ʻʼ`´“”«»„Ёё", "''''''\"\"\"\"\"Ее")  # quotation marks and letters written in several ways
MAX_LINE_CHARS = 140  # of a line that is compared as a whole; no whole-line phrase of the lists is longer
CACHED_LINES = 1024  # several rules look at the same lines of a page
INDEX_CHARS = 3  # phrases are indexed by so many first characters
MAX_LEADING_MARKS = 40  # bullets and quotation marks before a phrase; if there are more, the whole line is read


class PhraseMatch(NamedTuple):
    """A phrase that a line matched."""

    reason: str  # related, comments, promo, share …
    how: str  # the list that it is in: section, line or start
    phrase: str


class _Lists(NamedTuple):
    whole: dict[str, tuple[str, str]]  # phrase -> reason, how
    heads: frozenset[str]  # their first characters
    starts: dict[str, list[tuple[str, str]]]  # first characters -> (phrase, reason), longest phrase first
    openings: frozenset[str]  # the first characters of all phrases
    longest: int  # characters of the longest start phrase


@cache
def _lists() -> _Lists:
    whole: dict[str, tuple[str, str]] = {}
    starts: dict[str, list[tuple[str, str]]] = {}
    for reason, forms in load("phrases").items():
        for how in ("section", "line"):
            for phrase in forms.get(how, ()):
                whole.setdefault(fold(phrase), (reason, how))
        for phrase in forms.get("start", ()):
            folded = phrase.translate(VARIANTS).casefold()
            starts.setdefault(folded[:INDEX_CHARS], []).append((folded, reason))
            if not phrase.endswith(":"):
                whole.setdefault(fold(phrase), (reason, "section" if "section" in forms else "line"))
    whole.pop("", None)  # of a phrase that is a sign
    for listed in starts.values():
        listed.sort(key=lambda entry: (-len(entry[0]), entry))
    longest = max(len(phrase) for listed in starts.values() for phrase, _ in listed)
    heads = frozenset(phrase[:INDEX_CHARS] for phrase in whole)
    return _Lists(whole, heads, starts, heads.union(starts), longest)


@cache
def _witnesses() -> re.Pattern[str]:
    stems = sorted(load("witnesses")["words"].split())
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, stems))})|@|https?://|www\.|©", re.IGNORECASE)


def is_notice(line: str) -> bool:
    """Return whether words or addresses show that a sentence is a notice of the site, see data/witnesses.yaml."""
    return _witnesses().search(line) is not None


def fold(line: str) -> str:
    """Return the form in which lines are compared: case-folded, numbers as "#", without bullets and trailing marks."""
    line = NUMBER.sub("#", line.translate(VARIANTS).casefold())
    return TRAILING_MARKS.sub("", LEADING_MARKS.sub("", line) if not line.startswith("#") else line)


@cached_if_short(CACHED_LINES)
def match(line: str) -> PhraseMatch | None:
    """Return the phrase that equals the whole line or begins it, or None."""
    lists = _lists()
    opening = line[:INDEX_CHARS].translate(VARIANTS).casefold()[:INDEX_CHARS]
    if opening.isalpha() and lists.openings.isdisjoint((opening, opening[:1])):
        return None  # as most lines
    start = _start(line, lists.longest)
    opening = start[:INDEX_CHARS]
    if len(line) <= MAX_LINE_CHARS and (opening in lists.heads or not opening.isalpha()):  # `fold` keeps letters
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
    """Return the folded start of a line, without leading marks: at least `length` characters, if the line has them."""
    start = line[: length + MAX_LEADING_MARKS].translate(VARIANTS).casefold()
    marks = None if start.startswith("©") else LEADING_MARKS.match(start)
    if marks is None:
        return start
    if len(line) > length + MAX_LEADING_MARKS and marks.end() > MAX_LEADING_MARKS:
        return LEADING_MARKS.sub("", line.translate(VARIANTS).casefold())
    return start[marks.end() :]
