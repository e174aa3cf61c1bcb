"""Distinguish copies from notices: texts that a site shows at many addresses in place of the articles there.

Consent texts, access notices and menus come under the titles of the articles that they replace. So they have nothing to
do with these titles, and are short, or say what such texts say. Two pages with the same words are copies otherwise,
also under other titles: an outlet often publishes an article twice, and changes its headline.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from functools import cache

import xxhash

from articles.data import load
from articles.links.fingerprint import normalise, words

Stems = frozenset[int]  # hashes of the stems of a title's words

STEM_LETTERS = 5  # that the forms of a word have in common in most languages of the corpus
MIN_STEM_LETTERS = 5  # of a word in a title; shorter words are in any text
MIN_COMMON_SHARE = 0.5  # of the stems of the shorter title: two such titles head one article
MAX_NOTICE_WORDS = 120  # of a text that is a notice without saying so; consent texts of walls have up to 150, …
MAX_WORDED_NOTICE_WORDS = 250  # … and these say so
MIN_SHARE_IN_TEXT = 1 / 3  # of the stems of a title that occur in the text of its article
MIN_TITLE_STEMS = 2  # of a title that can show that a text is not about it; "News" cannot
NUMBER = re.compile(r"\d+")
WALL_PHRASES = ("texts", "consent", "paywall")  # of `walls.yaml`


def stems(title: str) -> Stems:
    """Return hashes of the stems of a title's longer words and numbers. Punctuation and short words do not count."""
    return frozenset(_hashed(_stems(words(title))))


def alike(one: Stems, other: Stems) -> bool:
    """Return whether two titles can head one article: site names and punctuation do not matter. An empty title can."""
    return len(one & other) >= MIN_COMMON_SHARE * min(len(one), len(other))


def replaces_articles(text: str, text_words: Sequence[str], titles: Iterable[Stems]) -> bool:
    """Return whether a text that is under two different titles is a notice, not an article."""
    if len(text_words) <= MAX_WORDED_NOTICE_WORDS and _says_so(text):
        return True
    if len(text_words) > MAX_NOTICE_WORDS:
        return False
    found = frozenset(_hashed(_stems(text_words)))
    return all(
        len(title) >= MIN_TITLE_STEMS and len(title & found) < MIN_SHARE_IN_TEXT * len(title) for title in titles
    )


def _says_so(text: str) -> bool:
    """Return whether a text has the wording of a wall: consent, access, subscription."""
    folded = NUMBER.sub("#", normalise(text))
    return any(phrase in folded for phrase in _phrases())


@cache
def _phrases() -> tuple[str, ...]:
    return tuple(normalise(phrase) for kind in WALL_PHRASES for phrase in load("walls")[kind])


def _stems(text_words: Iterable[str]) -> Collection[str]:
    return {word[:STEM_LETTERS] for word in text_words if len(word) >= MIN_STEM_LETTERS or word[0].isdecimal()}


def _hashed(found: Iterable[str]) -> Iterable[int]:
    return (xxhash.xxh3_64_intdigest(stem.encode()) & 0xFFFFFFFF for stem in found)
