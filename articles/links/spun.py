"""Detect spun texts, in which a program replaced words with synonyms, without knowing the original.

Such programs replace fixed expressions too: the Foreign Ministry becomes the Overseas Ministry, 9 May becomes Might 9. A
text with several of these marks was hardly written by a person. This is a hint, which only adds to a document's evidence.
"""

import re
from dataclasses import dataclass, replace
from functools import cache

from ahocorasick_rs import AhoCorasick, MatchKind

from articles.data import load
from articles.model import Document, Evidence

# distinct (docs/measurements.md §7, drafted from one text); none of 255 English pages that were not spun has any
MIN_MARKS = 4
MAX_SHOWN_MARKS = 6
FIELD = "spun"
LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class _Marks:
    """Expressions in lower case; at the same index, `names` holds the spelling of names and "" for phrases."""

    expressions: tuple[str, ...]
    names: tuple[str, ...]
    search: AhoCorasick
    months: re.Pattern[str]


def marks(text: str) -> tuple[str, ...]:
    """Return the distinct expressions in a text that only such programs write, sorted."""
    known = _marks()
    plain = text.replace("\u2019", "'").replace("\u00a0", " ")
    lower = plain.lower()
    found = set(known.months.findall(plain))
    if len(lower) != len(plain):
        plain = lower  # a letter's lower case has two characters, so offsets differ and capitals cannot be checked
    for number, start, end in known.search.find_matches_as_indexes(lower):
        name = known.names[number]
        alone = not (lower[max(0, start - 1) : start].isalnum() or lower[end : end + 1].isalnum())
        if alone and (not name or plain[start:end] == name):
            found.add(name or known.expressions[number])
    return tuple(sorted(found))


def with_spun_hint(document: Document) -> Document:
    """Return the document, with the hint in its evidence if its text has enough marks."""
    found = marks(document.text) if document.lang == LANGUAGE else ()
    if len(found) < MIN_MARKS:
        return document
    detail = f"{len(found)} marks: {', '.join(found[:MAX_SHOWN_MARKS])}"
    return replace(document, evidence=(*document.evidence, Evidence(FIELD, "phrases", detail)))


@cache
def _marks() -> _Marks:
    content = {name: [part.strip() for part in text.split("|")] for name, text in load("spun").items()}
    names = sorted(content["names"])
    phrases = sorted(content["phrases"])
    months = "|".join(map(re.escape, sorted(content["months"])))
    expressions = (*map(str.lower, names), *phrases)
    return _Marks(
        expressions=expressions,
        names=(*names, *("" for _ in phrases)),
        search=AhoCorasick(list(expressions), matchkind=MatchKind.LeftmostLongest),
        months=re.compile(rf"\b(?:(?:{months}) \d{{1,2}}(?:st|nd|rd|th)?(?= [A-Z]|,|\.|;|$)|\d{{1,2}} (?:{months})\b)"),
    )
