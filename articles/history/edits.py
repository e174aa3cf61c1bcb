"""Classify the edits that a source made between two versions of a document."""

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import cache
from itertools import groupby
from typing import Protocol

from articles.data import load
from articles.history.changing import comparable, without_lines
from articles.history.versions import ChangeKind, ParagraphDiff, WordChange, diff
from articles.links.duplicates import MIN_SHINGLES, compare
from articles.links.fingerprint import normalise, unify
from articles.text import fold, shares_words

MIN_PHRASE_WORDS = 3  # fewer words added or deleted in one place are a change of wording
MIN_SAME_ARTICLE_CONTAINMENT = 0.3  # below it the URL was reused for another article (docs/measurements.md §5)
MIN_TYPO_LIKENESS = 0.7  # share of letters that two words have in common, in order; below it they are different words
MAX_TYPO_CHARS = 60  # a longer string is no word, and comparing it takes long
MIN_TYPO_CHARS = 4  # in a shorter word, another letter makes another word

# Every noun has a capital letter in these; only one that follows no article or adjective counts as a name.
CAPITALISED_NOUN_LANGS = frozenset({"de"})
GERMAN_ARTICLE_ENDINGS = ("der", "die", "das", "den", "dem", "des", "ein", "e", "en", "er", "em", "es")

SUFFIXED_NUMERAL_LANGS = frozenset({"kk", "ky", "tr", "uz"})  # languages in which numerals take endings
MIN_STEM_CHARS, MAX_SUFFIX_CHARS = 2, 4  # of a numeral without its endings, and of the endings
NUMBER_OR_WORD = re.compile(r"\d+|[^\W\d_]+(?:'[^\W\d_]+)?")
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
# Endings that surnames of the region have, and hardly any other first word of a sentence that is as long
SURNAME = re.compile(r"[^\W\d_]{4,}(?:[оеё]ва?|ск[иі]й|ськ[иа]й?|ская|енко|швили|баев|бек|[oe]va?|sky|skaya|enko)")
YO = str.maketrans("ёЁ", "еЕ")
SENTENCE_START = re.compile(r"(?:^|[.!?…:]\s*[\"'«»“”„(]*)\s*$|^[\"'«»“”„(\s]*$")
NO_WORD = re.compile(r"[^\w'’]|\B['’]|['’]\B|_")  # signs, but no apostrophe within a word
SPACES = re.compile(r"\s+")
DECIMAL = re.compile(r"\d+(?:\.\d+)*")
MAX_CHARS_BEFORE = 200  # of a change, to see whether a sentence starts there and which word precedes
OPENING = re.compile(r"[“«„\"]")
CLOSING = {"“": re.compile("”"), "«": re.compile("»"), "„": re.compile("[“”]"), '"': re.compile('"')}
# The speaker, named inside the quotation marks: «…, — said the mayor. — …», as in Russian, Ukrainian and Kazakh.
SPEAKER = re.compile(r"(?<=[,!?…])\s+[—–-]\s+(?=[^\W\d_])[^«»“”]*?[.,!?…]\s+[—–-](?=\s)")
Names = Callable[[], frozenset[str]]
Spans = Sequence[tuple[int, int]]  # start and end of each quotation
Run = tuple[int, int, str, str]  # a change: its start in the old and in the new text, the old and the new words
EDIT_GAP = re.compile(r"[\s\W]{0,2}")  # unchanged characters that two changes of one edit may have between them


class EditKind(StrEnum):
    """What an edit changed. The first kind that fits, in this order, is used."""

    HEADLINE = "headline"
    ADDITION = "addition"  # a paragraph or a phrase
    DELETION = "deletion"
    QUOTE = "quote"  # words between quotation marks
    NUMBER = "number"
    NAME = "name"
    TYPOGRAPHY = "typography"  # only spaces and punctuation
    TYPO = "typo"
    WORDING = "wording"


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit. `paragraph` counts from 0 in the new version (for a deletion: where it was); -1 is the title."""

    kind: EditKind
    paragraph: int
    old: str
    new: str


class VersionText(Protocol):
    """The parts of a version from which edits are classified. `Document` has them."""

    @property
    def lang(self) -> str:
        """Language, ISO 639-1."""
        ...

    @property
    def title(self) -> str:
        """Headline."""
        ...

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """Text, by paragraphs."""
        ...

    @property
    def modified(self) -> str:
        """Date of the last change that the page states, empty if none."""
        ...


@dataclass(frozen=True, slots=True)
class Edits:
    """Edits between two versions."""

    edits: tuple[Edit, ...]
    silent: bool  # there are edits, but the page's date of modification is unchanged
    reused: bool  # the URL was reused for another article


def classify(old: VersionText, new: VersionText, changing: Collection[str] = ()) -> Edits:
    """Return the edits between two versions of a document, in the order of the text.

    `changing` holds keys of lines that change with every fetch (`articles.history.changing`): they are no edits.
    """
    found = []
    if unify(old.title) != unify(new.title):
        found.append(Edit(EditKind.HEADLINE, -1, old.title, new.title))

    @cache
    def known() -> frozenset[str]:
        return frozenset(stem for text in (*old.paragraphs, *new.paragraphs) for stem in _name_stems(text, new.lang))

    number = 0
    keys = comparable(changing, old.paragraphs, new.paragraphs)
    for paragraph in diff(*(without_lines(version.title, version.paragraphs, keys) for version in (old, new))):
        if paragraph.old or paragraph.new:
            found.extend(within(paragraph, number, new.lang, known))
        number += paragraph.change is not ChangeKind.DELETED
    found = _without_moved_breaks(found)
    silent = bool(found) and old.modified == new.modified
    return Edits(tuple(found), silent, is_reused(old, new))


def is_reused(old: VersionText, new: VersionText) -> bool:
    """Return whether a URL was reused for another article: neither the text nor the title resembles the old one."""
    texts = ["\n\n".join(version.paragraphs) for version in (old, new)]
    likeness = compare(*texts)
    if min(likeness.a, likeness.b) < MIN_SHINGLES or likeness.containment >= MIN_SAME_ARTICLE_CONTAINMENT:
        return False
    return fold(old.title) != fold(new.title) and not shares_words(old.title, new.title)


def _without_moved_breaks(found: Sequence[Edit]) -> list[Edit]:
    """Leave out a text that one paragraph lost and its neighbour got: only the break between them moved."""
    kept: list[Edit] = []
    for edit in found:
        last = kept[-1] if kept else None
        if (
            last is not None
            and {edit.kind, last.kind} == {EditKind.ADDITION, EditKind.DELETION}
            and unify(edit.old + edit.new) == unify(last.old + last.new)
            and abs(edit.paragraph - last.paragraph) <= 1
        ):
            kept.pop()
        else:
            kept.append(edit)
    return kept


def within(paragraph: ParagraphDiff, number: int, lang: str, known: Names = frozenset) -> Iterator[Edit]:
    """Yield the edits within a paragraph; `number` is its place, as in `Edit.paragraph`.

    `known` returns the stems of the names that stand within sentences of either version.
    """
    if paragraph.change is ChangeKind.ADDED:
        yield Edit(EditKind.ADDITION, number, "", paragraph.new)
    elif paragraph.change is ChangeKind.DELETED:
        yield Edit(EditKind.DELETION, number, paragraph.old, "")
    elif paragraph.change is ChangeKind.CHANGED:
        whole = paragraph.old, paragraph.new
        spans = _spans(whole[0]), _spans(whole[1])
        runs = _runs(paragraph.words)
        for quotations, together in groupby(runs, lambda run: _quotations(spans, run)):
            if quotations is None:
                for start_old, start_new, old, new in together:
                    text, start = (whole[1], start_new) if new.strip() else (whole[0], start_old)
                    before = text[max(0, start - MAX_CHARS_BEFORE) : start]
                    if old.strip() != new.strip():
                        yield Edit(_kind(old, new, before, lang, known), number, old.strip(), new.strip())
            else:  # all changes within one quotation are one edit
                changes = list(together)
                old = _changed_stretch(whole[0], [(run[0], run[2]) for run in changes])
                new = _changed_stretch(whole[1], [(run[1], run[3]) for run in changes])
                if old.strip() != new.strip():
                    kind = EditKind.TYPOGRAPHY if _is_typography(old, new) else EditKind.QUOTE
                    yield Edit(kind, number, old.strip(), new.strip())


def _runs(words: Sequence[WordChange]) -> Iterator[Run]:
    """Yield the changes with their starts in both texts; join changes that only `EDIT_GAP` separates."""
    at_old = at_new = 0
    start: tuple[int, int] | None = None
    old = new = gap_old = gap_new = ""
    for run in words:
        if run.change is not ChangeKind.EQUAL:
            if start is None:
                start, old, new, gap_old, gap_new = (at_old, at_new), "", "", "", ""
            old, new, gap_old, gap_new = old + gap_old + run.old, new + gap_new + run.new, "", ""
        elif start is not None and EDIT_GAP.fullmatch(run.old):
            gap_old, gap_new = run.old, run.new
        elif start is not None:
            yield *start, old, new
            start = None
        at_old, at_new = at_old + len(run.old), at_new + len(run.new)
    if start is not None:
        yield *start, old, new


def _kind(old: str, new: str, before: str, lang: str, known: Names) -> EditKind:
    if _is_typography(old, new):
        return EditKind.TYPOGRAPHY
    was, now = WORD.findall(old), WORD.findall(new)
    if len(was) + len(now) >= MIN_PHRASE_WORDS and not (was and now):
        return EditKind.ADDITION if now else EditKind.DELETION
    if _numbers(old, lang) != _numbers(new, lang):
        return EditKind.NUMBER
    if [word.casefold() for word in was] == [word.casefold() for word in now]:
        return EditKind.TYPO
    if _names(old, before, lang) != _names(new, before, lang) or _is_other_first_name(old, new, before, known):
        return EditKind.NAME
    if len(was) == len(now) and all(_is_typo(*pair) for pair in zip(was, now, strict=True)):
        return EditKind.TYPO
    return EditKind.WORDING


def _numbers(text: str, lang: str) -> list[str]:
    """Return the numbers in a text, written in digits or in words."""
    return [
        token for token in NUMBER_OR_WORD.findall(normalise(text)) if token[0].isdecimal() or _is_numeral(token, lang)
    ]


def _is_numeral(word: str, lang: str) -> bool:
    numerals = _numerals(lang)
    if lang in SUFFIXED_NUMERAL_LANGS:
        return any(
            word[:length] in numerals
            for length in range(max(MIN_STEM_CHARS, len(word) - MAX_SUFFIX_CHARS), len(word) + 1)
        )
    return word in numerals


@cache
def _numerals(lang: str) -> frozenset[str]:
    return frozenset(map(normalise, load("numerals").get(lang, "").split()))


def _is_typography(old: str, new: str) -> bool:
    """Return whether only spaces and punctuation differ; "1 700" is 1700, but "1.5" is not 15."""
    if NO_WORD.sub("", old).translate(YO) != NO_WORD.sub("", new).translate(YO):
        return False
    numbers = (DECIMAL.findall(SPACES.sub("", text).replace(",", ".")) for text in (old, new))
    return next(numbers) == next(numbers)


def _is_other_first_name(old: str, new: str, before: str, known: Names) -> bool:
    """Return whether the first word of a sentence was replaced, and either word is a name.

    Its capital does not show that: but the texts have it with a capital elsewhere, or both words end as surnames do.
    """
    if not SENTENCE_START.search(before):
        return False
    firsts = [next(iter(WORD.findall(text)), "") for text in (old, new)]
    if not all(firsts) or firsts[0] == firsts[1] or not all(word[0].isupper() for word in firsts):
        return False
    surnames = all(SURNAME.fullmatch(word) for word in firsts)
    return surnames or any(_stem(word) in known() for word in firsts)


def _name_stems(text: str, lang: str) -> Iterator[str]:
    return (_stem(name) for name in _names(text, "", lang) if len(name) >= MIN_TYPO_CHARS)


def _stem(name: str) -> str:
    """Return a name without its last vowels, which its cases change."""
    return name.rstrip("аеёиіоуыюяәөүұaeiouy'’")


def _names(text: str, before: str, lang: str) -> list[str]:
    """Return the words of a run that are written as names, leaving out the first word of each sentence."""
    found = []
    previous = next(iter(WORD.findall(before)[-1:]), "")
    for word in WORD.finditer(text):
        start = max(0, word.start() - MAX_CHARS_BEFORE)
        ahead = f"{before if not start else ''}{text[start : word.start()]}"[-MAX_CHARS_BEFORE:]
        noun = lang in CAPITALISED_NOUN_LANGS and previous.endswith(GERMAN_ARTICLE_ENDINGS) and previous[0].islower()
        if word.group()[0].isupper() and not noun and not SENTENCE_START.search(ahead):
            found.append(word.group())
        previous = word.group()
    return found


def _is_typo(old: str, new: str) -> bool:
    if old.casefold() == new.casefold():
        return True
    are_words = MIN_TYPO_CHARS <= min(len(old), len(new)) <= MAX_TYPO_CHARS
    return are_words and abs(len(old) - len(new)) <= 1 and _likeness(old, new) >= MIN_TYPO_LIKENESS


def _likeness(old: str, new: str) -> float:
    return SequenceMatcher(None, old.casefold(), new.casefold(), autojunk=False).ratio()


def _spans(text: str) -> Spans:
    """Return start and end of each quotation, marks included, without the words that name the speaker."""
    found: list[tuple[int, int]] = []
    for start, end in _quoted(text):
        begin = start
        for speaker in SPEAKER.finditer(text, start, end):
            found.append((begin, speaker.start() + 1))
            begin = speaker.end() - 1
        found.append((begin, end))
    return found


def _quoted(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each quotation. The time is linear: a mark that is never closed is looked for once."""
    unclosed: set[str] = set()
    at = 0
    while opening := OPENING.search(text, at):
        mark, at = opening.group(), opening.end()
        closing = None if mark in unclosed else CLOSING[mark].search(text, at)
        if closing is None:
            unclosed.add(mark)
        else:
            at = closing.end()
            yield opening.start(), at


def _quotations(spans: tuple[Spans, Spans], run: Run) -> tuple[int, int] | None:
    """Return the numbers of the quotations that contain a change in both texts, None unless both texts have one."""
    old, new = _quotation_around(spans[0], run[0], run[2]), _quotation_around(spans[1], run[1], run[3])
    return None if old is None or new is None else (old, new)


def _quotation_around(spans: Spans, start: int, text: str) -> int | None:
    """Return the number of the quotation that contains `text`, which begins at `start`; None if there is none."""
    at = bisect_left(spans, (start, 0)) - 1  # the last that begins before it; they do not overlap
    return at if at >= 0 and start + len(text) < spans[at][1] else None


def _changed_stretch(text: str, changes: Sequence[tuple[int, str]]) -> str:
    """Return the stretch of a text from the start of the first change to the end of the last."""
    start, last = changes[-1]
    return text[changes[0][0] : start + len(last)]
