"""What kind of edit a source made between two versions of a document."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from articles.fingerprint import unify
from articles.history import Change, Paragraph, Words, diff
from articles.model import Document

PHRASE = 3  # words put in or taken out in one place: fewer are wording
TYPO_LIKENESS = 0.7  # of the letters of two words, in order: fewer and it is another word
TYPO_LETTERS = 4  # a shorter word is another word when a letter changes

WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
SENTENCE_START = re.compile(r"(?:^|[.!?…:]\s*[\"'«»“”„(]*)\s*$|^[\"'«»“”„(\s]*$")
QUOTED = re.compile(r"“[^”]*”|«[^»]*»|„[^“”]*[“”]|\"[^\"]*\"")
GAP = re.compile(r"[\s\W]{0,2}")  # what may stand unchanged between two words of one edit


class Kind(StrEnum):
    """What an edit touched; the first that fits, in this order."""

    HEADLINE = "headline"
    ADDITION = "addition"  # a paragraph or a phrase
    DELETION = "deletion"
    QUOTE = "quote"  # words between quotation marks
    NUMBER = "number"
    NAME = "name"
    TYPO = "typo"
    WORDING = "wording"


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit. `paragraph` counts in the new version from 0, for a deletion where it stood; -1 is the title."""

    kind: Kind
    paragraph: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Edits:
    """What changed between two versions; `silent` if the page does not admit it by another date of modification."""

    edits: tuple[Edit, ...]
    silent: bool


def classify(old: Document, new: Document) -> Edits:
    """Return the edits between two versions of a document, in the order of the text."""
    found = []
    if unify(old.title) != unify(new.title):
        found.append(Edit(Kind.HEADLINE, -1, old.title, new.title))
    number = 0
    for paragraph in diff(old.paragraphs, new.paragraphs):
        found.extend(_in_paragraph(paragraph, number))
        number += paragraph.change is not Change.DELETED
    return Edits(tuple(found), silent=bool(found) and old.modified == new.modified)


def _in_paragraph(paragraph: Paragraph, number: int) -> Iterator[Edit]:
    if paragraph.change is Change.ADDED:
        yield Edit(Kind.ADDITION, number, "", paragraph.new)
    elif paragraph.change is Change.DELETED:
        yield Edit(Kind.DELETION, number, paragraph.old, "")
    elif paragraph.change is Change.CHANGED:
        quoted = _spans(paragraph.old), _spans(paragraph.new)
        for start_old, start_new, old, new in _runs(paragraph.words):
            before = paragraph.new[:start_new] if new.strip() else paragraph.old[:start_old]
            inside = _within(quoted[0], start_old, old) and _within(quoted[1], start_new, new)
            yield Edit(_kind(old, new, inside=inside, before=before), number, old.strip(), new.strip())


def _runs(words: Sequence[Words]) -> Iterator[tuple[int, int, str, str]]:
    """Yield what changed, and where it begins in either text; changes with hardly anything between are one."""
    at_old = at_new = 0
    start: tuple[int, int] | None = None
    old = new = gap_old = gap_new = ""
    for run in words:
        if run.change is not Change.EQUAL:
            if start is None:
                start, old, new, gap_old, gap_new = (at_old, at_new), "", "", "", ""
            old, new, gap_old, gap_new = old + gap_old + run.old, new + gap_new + run.new, "", ""
        elif start is not None and GAP.fullmatch(run.old):
            gap_old, gap_new = run.old, run.new
        elif start is not None:
            yield *start, old, new
            start = None
        at_old, at_new = at_old + len(run.old), at_new + len(run.new)
    if start is not None:
        yield *start, old, new


def _kind(old: str, new: str, *, inside: bool, before: str) -> Kind:
    was, now = WORD.findall(old), WORD.findall(new)
    if len(was) + len(now) >= PHRASE and not (was and now) and not inside:
        return Kind.ADDITION if now else Kind.DELETION
    if inside:
        return Kind.QUOTE
    if _digits(old) != _digits(new):
        return Kind.NUMBER
    if was and now and _names(was, before) != _names(now, before):
        return Kind.NAME
    if len(was) == len(now) and all(_typo(one, other) for one, other in zip(was, now, strict=True)):
        return Kind.TYPO
    return Kind.WORDING


def _digits(text: str) -> list[str]:
    return re.findall(r"\d+", text)


def _names(words: Sequence[str], before: str) -> list[str]:
    """Return the words that are written as names; one that begins a sentence tells nothing."""
    first = 1 if SENTENCE_START.search(before) else 0
    return [word for word in words[first:] if word[0].isupper()]


def _typo(old: str, new: str) -> bool:
    if old.casefold() == new.casefold():
        return True
    long_enough = min(len(old), len(new)) >= TYPO_LETTERS
    return long_enough and abs(len(old) - len(new)) <= 1 and _likeness(old, new) >= TYPO_LIKENESS


def _likeness(old: str, new: str) -> float:
    return SequenceMatcher(None, old.casefold(), new.casefold(), autojunk=False).ratio()


def _spans(text: str) -> list[tuple[int, int]]:
    return [found.span() for found in QUOTED.finditer(text)]


def _within(spans: Sequence[tuple[int, int]], start: int, text: str) -> bool:
    """Tell whether a text that begins at `start` lies between quotation marks; an empty one where they surround it."""
    return any(begin < start and start + len(text) < end for begin, end in spans)
