"""A hint that a text was spun: rewritten by a program that puts synonyms in, of an original that need not be known.

Such programs don't spare fixed expressions: the Foreign Ministry becomes the Overseas Ministry, 9 May becomes Might 9. A text
with several of these marks was hardly written by anybody. It is a hint, no verdict: it changes nothing but a document's evidence.
"""

import re
from dataclasses import dataclass, replace
from functools import cache

from ahocorasick_rs import AhoCorasick, MatchKind

from articles.data import load
from articles.model import Document, Evidence

# distinct marks (docs/measurements.md §7, drafted from one text); of 255 English pages that nobody spun none has one
ENOUGH = 4
SHOWN = 6
FIELD = "spun"
LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class _Marks:
    """Expressions in small letters; `names` holds, at the place of a name, how it is written."""

    expressions: tuple[str, ...]
    names: tuple[str, ...]
    search: AhoCorasick
    months: re.Pattern[str]


def marks(text: str) -> tuple[str, ...]:
    """Return the distinct expressions in a text that only such programs write, in order."""
    known = _marks()
    plain = text.replace("\u2019", "'").replace("\u00a0", " ")
    lower = plain.lower()
    found = set(known.months.findall(plain))
    if len(lower) != len(plain):
        plain = lower  # a letter whose small form is two: names cannot be told by their capitals
    for number, start, end in known.search.find_matches_as_indexes(lower):
        name = known.names[number]
        alone = not (lower[max(0, start - 1) : start].isalnum() or lower[end : end + 1].isalnum())
        if alone and (not name or plain[start:end] == name):
            found.add(name or known.expressions[number])
    return tuple(sorted(found))


def hinted(document: Document) -> Document:
    """Return a document with the hint in its evidence, if its text has enough of the marks."""
    found = marks(document.text) if document.lang == LANGUAGE else ()
    if len(found) < ENOUGH:
        return document
    told = f"{len(found)} marks: {', '.join(found[:SHOWN])}"
    return replace(document, evidence=(*document.evidence, Evidence(FIELD, "phrases", told)))


@cache
def _marks() -> _Marks:
    told = {name: [part.strip() for part in text.split("|")] for name, text in load("spun").items()}
    names = sorted(told["names"])
    phrases = sorted(told["phrases"])
    months = "|".join(map(re.escape, sorted(told["months"])))
    expressions = (*map(str.lower, names), *phrases)
    return _Marks(
        expressions=expressions,
        names=(*names, *("" for _ in phrases)),
        search=AhoCorasick(list(expressions), matchkind=MatchKind.LeftmostLongest),
        months=re.compile(rf"\b(?:(?:{months}) \d{{1,2}}(?:st|nd|rd|th)?(?= [A-Z]|,|\.|;|$)|\d{{1,2}} (?:{months})\b)"),
    )
