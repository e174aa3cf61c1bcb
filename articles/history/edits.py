"""What kind of edit a source made between two versions of a document."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import cache
from itertools import groupby
from typing import Protocol

from articles.data import load
from articles.history.versions import ChangeKind, ParagraphDiff, WordChange, diff
from articles.links.duplicates import MIN_SHINGLES, compare
from articles.links.fingerprint import normalise, unify
from articles.text import fold, shares_words

PHRASE = 3  # words put in or taken out in one place: fewer are wording
SAME_ARTICLE = 0.3  # shingles in common: below it the address was given to another article (docs/measurements.md §5)
TYPO_LIKENESS = 0.7  # of the letters of two words, in order: fewer and it is another word
TYPO_LETTERS = 4  # a shorter word is another word when a letter changes

NOUNS_CAPITAL = frozenset({"de"})  # every noun has a capital letter: a name is what follows no article or adjective
INFLECTED = ("der", "die", "das", "den", "dem", "des", "ein", "e", "en", "er", "em", "es")

SUFFIXED = frozenset({"kk", "ky", "tr", "uz"})  # numerals take endings
STEM, SUFFIX = 2, 4  # letters of a numeral at least, and of its endings at most
NUMBER_OR_WORD = re.compile(r"\d+|[^\W\d_]+(?:'[^\W\d_]+)?")
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
SENTENCE_START = re.compile(r"(?:^|[.!?…:]\s*[\"'«»“”„(]*)\s*$|^[\"'«»“”„(\s]*$")
QUOTED = re.compile(r"“[^”]*”|«[^»]*»|„[^“”]*[“”]|\"[^\"]*\"")
# Who speaks, between the marks: «…, — said the mayor. — …», as Russian, Ukrainian and Kazakh have it.
SPEAKER = re.compile(r"(?<=[,!?…])\s+[—–-]\s+(?=[^\W\d_])[^«»“”]*?[.,!?…]\s+[—–-](?=\s)")
Spans = Sequence[tuple[int, int]]  # where quotations begin and end
Run = tuple[int, int, str, str]  # where a change begins in either text, and what stands there
GAP = re.compile(r"[\s\W]{0,2}")  # what may stand unchanged between two words of one edit


class EditKind(StrEnum):
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

    kind: EditKind
    paragraph: int
    old: str
    new: str


class VersionText(Protocol):
    """What of a version tells its edits; a `Document` does."""

    @property
    def lang(self) -> str:
        """ISO 639-1."""
        ...

    @property
    def title(self) -> str:
        """Its headline."""
        ...

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """Its text."""
        ...

    @property
    def modified(self) -> str:
        """What the page says of its last change; empty if nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Edits:
    """What changed between two versions."""

    edits: tuple[Edit, ...]
    silent: bool  # the page does not admit it by another date of modification
    reused: bool  # it is not the same article: its address was given to another one


def classify(old: VersionText, new: VersionText) -> Edits:
    """Return the edits between two versions of a document, in the order of the text."""
    found = []
    if unify(old.title) != unify(new.title):
        found.append(Edit(EditKind.HEADLINE, -1, old.title, new.title))
    number = 0
    for paragraph in diff(old.paragraphs, new.paragraphs):
        found.extend(within(paragraph, number, new.lang))
        number += paragraph.change is not ChangeKind.DELETED
    silent = bool(found) and old.modified == new.modified
    return Edits(tuple(found), silent, reused(old, new))


def reused(old: VersionText, new: VersionText) -> bool:
    """Tell whether an address was given to another article: neither the text nor the title says what it said."""
    texts = ["\n\n".join(told.paragraphs) for told in (old, new)]
    likeness = compare(*texts)
    if min(likeness.a, likeness.b) < MIN_SHINGLES or likeness.containment >= SAME_ARTICLE:
        return False
    return fold(old.title) != fold(new.title) and not shares_words(old.title, new.title)


def within(paragraph: ParagraphDiff, number: int, lang: str) -> Iterator[Edit]:
    """Yield the edits in a paragraph of two versions side by side; `number` is its place, as in `Edit`."""
    if paragraph.change is ChangeKind.ADDED:
        yield Edit(EditKind.ADDITION, number, "", paragraph.new)
    elif paragraph.change is ChangeKind.DELETED:
        yield Edit(EditKind.DELETION, number, paragraph.old, "")
    elif paragraph.change is ChangeKind.CHANGED:
        spans = _spans(paragraph.old), _spans(paragraph.new)
        runs = _runs(paragraph.words)
        for quotations, together in groupby(runs, lambda run: _quotations(spans, run)):
            if quotations is None:
                for start_old, start_new, old, new in together:
                    before = paragraph.new[:start_new] if new.strip() else paragraph.old[:start_old]
                    yield Edit(_kind(old, new, before, lang), number, old.strip(), new.strip())
            else:  # what changes in several places of one quotation is one edit
                changes = list(together)
                old = _reach(paragraph.old, [(run[0], run[2]) for run in changes])
                new = _reach(paragraph.new, [(run[1], run[3]) for run in changes])
                yield Edit(EditKind.QUOTE, number, old.strip(), new.strip())


def _runs(words: Sequence[WordChange]) -> Iterator[Run]:
    """Yield what changed, and where it begins in either text; changes with hardly anything between are one."""
    at_old = at_new = 0
    start: tuple[int, int] | None = None
    old = new = gap_old = gap_new = ""
    for run in words:
        if run.change is not ChangeKind.EQUAL:
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


def _kind(old: str, new: str, before: str, lang: str) -> EditKind:
    was, now = WORD.findall(old), WORD.findall(new)
    if len(was) + len(now) >= PHRASE and not (was and now):
        return EditKind.ADDITION if now else EditKind.DELETION
    if _numbers(old, lang) != _numbers(new, lang):
        return EditKind.NUMBER
    if was and now and _names(was, before, lang) != _names(now, before, lang):
        return EditKind.NAME
    if len(was) == len(now) and all(_typo(one, other) for one, other in zip(was, now, strict=True)):
        return EditKind.TYPO
    return EditKind.WORDING


def _numbers(text: str, lang: str) -> list[str]:
    """Return the numbers in a text, in digits or in words."""
    return [token for token in NUMBER_OR_WORD.findall(normalise(text)) if token[0].isdecimal() or _numeral(token, lang)]


def _numeral(word: str, lang: str) -> bool:
    numerals = _numerals(lang)
    if lang in SUFFIXED:
        return any(word[:length] in numerals for length in range(max(STEM, len(word) - SUFFIX), len(word) + 1))
    return word in numerals


@cache
def _numerals(lang: str) -> frozenset[str]:
    return frozenset(map(normalise, load("numerals").get(lang, "").split()))


def _names(words: Sequence[str], before: str, lang: str) -> list[str]:
    """Return the words that are written as names; one that begins a sentence tells nothing."""
    first = 1 if SENTENCE_START.search(before) else 0
    preceding = ["", *words][: len(words)]
    preceding[0] = next(iter(WORD.findall(before)[-1:]), "")
    return [
        word
        for word, previous in list(zip(words, preceding, strict=True))[first:]
        if word[0].isupper() and not (lang in NOUNS_CAPITAL and previous.endswith(INFLECTED) and previous[0].islower())
    ]


def _typo(old: str, new: str) -> bool:
    if old.casefold() == new.casefold():
        return True
    long_enough = min(len(old), len(new)) >= TYPO_LETTERS
    return long_enough and abs(len(old) - len(new)) <= 1 and _likeness(old, new) >= TYPO_LIKENESS


def _likeness(old: str, new: str) -> float:
    return SequenceMatcher(None, old.casefold(), new.casefold(), autojunk=False).ratio()


def _spans(text: str) -> Spans:
    """Return where the words between quotation marks begin and end, marks included; not those that say who speaks."""
    found: list[tuple[int, int]] = []
    for quoted in QUOTED.finditer(text):
        start = quoted.start()
        for speaker in SPEAKER.finditer(text, *quoted.span()):
            found.append((start, speaker.start() + 1))
            start = speaker.end() - 1
        found.append((start, quoted.end()))
    return found


def _quotations(spans: tuple[Spans, Spans], run: Run) -> tuple[int, int] | None:
    """Return in which quotation of either text a change lies; None if it does not lie in one on both sides."""
    old, new = _within(spans[0], run[0], run[2]), _within(spans[1], run[1], run[3])
    return None if old is None or new is None else (old, new)


def _within(spans: Spans, start: int, text: str) -> int | None:
    """Return between which quotation marks a text lies that begins at `start`; an empty one where they surround it."""
    inside = (at for at, (begin, end) in enumerate(spans) if begin < start and start + len(text) < end)
    return next(inside, None)


def _reach(text: str, changes: Sequence[tuple[int, str]]) -> str:
    """Return a text from where the first of some changes begins to where the last ends."""
    start, last = changes[-1]
    return text[changes[0][0] : start + len(last)]
