"""Marks of the short lines of a text, from which versions tell lines that change with every fetch without reading texts.

The marks of a text are a hash of its title and long paragraphs, and one mark for each paragraph: `LONG` for a long one,
otherwise its kind, its shape (its words without endings, its numbers masked), its value, and a filter of its words.
"""

import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence

import xxhash

from articles.dynamic import LIST_MARK, SENTENCE_END, lasting
from articles.links.fingerprint import ANY_UNSPACED, unify
from articles.model import Document

MAX_LINE_WORDS = 30  # of a teaser with a summary, or an advertisement; most paragraphs of an article are longer
MAX_LINES = 60  # short lines of a text; one with more is a list, whose lines are its own: it has no marks
UNSPACED_SIGNS_PER_WORD = 2  # of Chinese, Japanese and Thai, which have no spaces
MAX_PARAGRAPHS = 400  # of a text that has marks: comparing two texts takes the square of their number, .02 s for these
LONG = "-"
KINDS = "abcd"  # of a line: a plain line, one with a number; a sentence or item of a list, one with a number
NUMBERED = "bd"
NUMBERED_LINE = "b"
OWN_WORDS = "cd"
SHAPE_END, VALUE_END = 5, 9  # of a mark, in characters; its filter follows
FIRM_BYTES, HASH_BYTES, FILTER_BYTES = 6, 3, 6
STEM_LETTERS = 2  # "hour" and "hours", «дня» and «дней» have one shape
FILTER_STEM_LETTERS = 5
NUMBER = re.compile(r"\d+(?:[.,:  ]\d+)*")
WORD = re.compile(r"[^\W\d_]+|#")


def _hashed(text: str, size: int) -> str:
    return urlsafe_b64encode(xxhash.xxh3_64_digest(text.encode("utf-8", "surrogatepass"))[:size]).decode()


BARE_SHAPES = frozenset(kind + _hashed("#", HASH_BYTES) for kind in NUMBERED)  # of a line that is a number alone


def line_marks(document: Document) -> str:
    """Return the marks of a document's lines, or an empty string if it has no short ones or too many."""
    return marks_of(document.title, document.paragraphs)


def marks_of(title: str, paragraphs: Sequence[str]) -> str:
    """Return the marks of the lines of a text, without lines that `articles.dynamic` knows by their wording."""
    if len(paragraphs) > MAX_PARAGRAPHS:
        return ""
    marks: list[str] = []
    firm = [unify(title)]
    for text in lasting(title, paragraphs):
        mark = line_mark(text)
        marks.append(mark)
        if mark == LONG:
            firm.append(unify(text))
    short = sum(mark != LONG for mark in marks)
    return " ".join((_hashed("\n".join(firm), FIRM_BYTES), *marks)) if 0 < short <= MAX_LINES else ""


def line_mark(text: str) -> str:
    """Return the mark of a paragraph."""
    plain = unify(text)
    if len(plain.split()) + len(ANY_UNSPACED.findall(plain)) // UNSPACED_SIGNS_PER_WORD > MAX_LINE_WORDS:
        return LONG
    folded = plain.casefold()
    words = WORD.findall(NUMBER.sub("#", folded))
    own = bool(SENTENCE_END.search(plain) or LIST_MARK.match(plain))
    kind = KINDS[2 * own + ("#" in words)]
    shape = _hashed(" ".join(word[:STEM_LETTERS] for word in words), HASH_BYTES)
    return kind + shape + _hashed(plain, HASH_BYTES) + _filter(words)


def _filter(words: Iterable[str]) -> str:
    """Return a set of words as bits."""
    bits = 0
    for word in words:
        if word != "#":
            bits |= 1 << xxhash.xxh3_64_intdigest(word[:FILTER_STEM_LETTERS].encode()) % (8 * FILTER_BYTES)
    return urlsafe_b64encode(bits.to_bytes(FILTER_BYTES, "big")).decode()
