"""Finding a topic's words in a text: one Aho-Corasick pass over normalised words, whatever the number of stems."""

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import ahocorasick_rs
from babel import Locale, UnknownLocaleError

from articles.topic_file import TopicFile, Words

SHORT_NAME = 5  # letters: a country's short name takes at most LONGEST_ENDING more (Iran-ians; Mali, but no malice)
LONGEST_ENDING = 3
ANY_LENGTH = 10_000
MIN_NAME = 3
MIN_STEM = 4  # letters that cutting a name's ending must leave

SENTENCE_END = re.compile(r"(?<=[.!?…。！？])[\"'»”’)\]]*\s+|\n+")
APOSTROPHES = dict.fromkeys("ʻʼ‘’`´′", "'")
COMBINING = dict.fromkeys("\u0301\u0307\u00ad")  # stress marks, the dot of a lower-cased İ, soft hyphens
SAME = str.maketrans(APOSTROPHES | COMBINING | {"ё": "е"})
NOT_WORD = re.compile(r"[^\w']+")
NAME_ENDING = re.compile(r"(?:ия|ія|iya|ija|ien|ia|ie|ya|[аяеоыиійьaeiouyąáéíóú])$")


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a found string means."""

    kind: str  # "side", "context", "other" or "genre"
    name: str
    sides: tuple[int, ...] = ()
    weight: float = 1.0
    excluded: tuple[str, ...] = ()  # normalised beginnings, each after a space
    longest: int = ANY_LENGTH  # letters that the word may have


@dataclass(slots=True)
class Tally:
    """What was counted in a text. Sides are numbered 0 and 1 in the order of the file."""

    words: int = 0
    weighted: list[float] = field(default_factory=lambda: [0.0, 0.0])  # hits times weight times place, per side
    mentions: int = 0  # of either side, unweighted
    others: int = 0  # mentions of other countries
    context: float = 0.0
    up_front: set[int] = field(default_factory=set)  # sides named in title or lead
    met: list[set[int]] = field(default_factory=list)  # the sides that each sentence names, the title first
    genres: Counter[str] = field(default_factory=Counter)
    terms: Counter[str] = field(default_factory=Counter)


class Matcher:
    """A topic's words for texts in one language."""

    def __init__(self, stated: TopicFile, lang: str) -> None:
        self._stated = stated
        found = [pair for pair in _patterns(stated, lang) if pair[0].strip()]
        self._patterns = [pattern for _, pattern in found]
        self._automaton = ahocorasick_rs.AhoCorasick([string for string, _ in found])
        self._cased = dict(_cased(stated, lang))
        alternatives = "|".join(re.escape(word) for word in self._cased)
        self._cased_words = re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)") if alternatives else None

    def tally(self, title: str, paragraphs: Sequence[str]) -> Tally:
        """Count the topic's words in a text."""
        score = self._stated.score
        if score is None:
            raise ValueError("a topic of everything counts nothing")
        sentences = [title, *(s for p in paragraphs for s in SENTENCE_END.split(p) if s.strip())]
        starts = accumulate((len(sentence) for sentence in sentences[1:]), initial=0)
        weights = [score.title_w, *(score.lead_w if start < score.lead_chars else 1.0 for start in starts)]
        tally = Tally(met=[set() for _ in sentences])
        normal = [f" {normalise(sentence)} " for sentence in sentences]
        tally.words = sum(len(sentence.split()) for sentence in normal)
        for at, patterns in self._found(sentences, normal):
            place = weights[at]
            _add(tally, patterns, at, place, up_front=place != 1.0)
        return tally

    def _found(self, sentences: Sequence[str], normal: Sequence[str]) -> Iterator[tuple[int, list[Pattern]]]:
        """Yield the patterns that one word matched, with the number of its sentence."""
        text = "\n".join(normal)
        bounds = list(accumulate((len(sentence) + 1 for sentence in normal), initial=0))
        by_word: dict[int, list[Pattern]] = {}
        for index, start, _ in self._automaton.find_matches_as_indexes(text, overlapping=True):
            pattern = self._patterns[index]
            length = text.index(" ", start + 1) - start - 1
            if length <= pattern.longest and not text.startswith(pattern.excluded, start):
                by_word.setdefault(start, []).append(pattern)
        for start, patterns in by_word.items():
            yield bisect_right(bounds, start) - 1, patterns
        if self._cased_words is not None:
            for at, sentence in enumerate(sentences):
                for word in self._cased_words.findall(sentence):
                    yield at, [self._cased[word]]


def normalise(text: str) -> str:
    """Return a text's words in one spelling, a space between: case, apostrophes, ё and punctuation don't matter."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(SAME)
    return NOT_WORD.sub(" ", folded).strip()


def _add(tally: Tally, patterns: Iterable[Pattern], at: int, place: float, *, up_front: bool) -> None:
    """Count one word: for each side its weightiest pattern, so that overlapping stems count once."""
    best: dict[int, Pattern] = {}
    kinds = {pattern.kind: pattern for pattern in patterns}
    for pattern in patterns:
        for side in pattern.sides:
            if side not in best or pattern.weight > best[side].weight:
                best[side] = pattern
    for side, pattern in best.items():
        tally.weighted[side] += pattern.weight * place
        tally.mentions += 1
        tally.met[at].add(side)
        tally.terms[pattern.name] += 1
        if up_front:
            tally.up_front.add(side)
    if "other" in kinds and not best:
        tally.others += 1
    if "context" in kinds and not best:
        tally.context += kinds["context"].weight * place
        tally.terms[kinds["context"].name] += 1
    if "genre" in kinds:
        tally.genres[kinds["genre"].name] += 1


def _patterns(stated: TopicFile, lang: str) -> Iterator[tuple[str, Pattern]]:
    """Yield what to search for in texts of a language, as it stands in normalised text, and what it means."""
    for words, pattern in _stated_words(stated, lang):
        for stem in words.stem:
            yield f" {normalise(stem)}", pattern
        for word in words.word:
            yield f" {normalise(word)} ", pattern
    for name in _other_countries(lang, set(stated.sides)):
        stem = NAME_ENDING.sub("", name) if len(name) > SHORT_NAME else name
        stem = stem if len(stem) >= MIN_STEM else name
        longest = len(name) + LONGEST_ENDING if len(name) <= SHORT_NAME else ANY_LENGTH
        yield f" {stem}", Pattern("other", name, longest=longest)


def _cased(stated: TopicFile, lang: str) -> Iterator[tuple[str, Pattern]]:
    for words, pattern in _stated_words(stated, lang):
        for word in words.word_cs:
            yield word, pattern


def _stated_words(stated: TopicFile, lang: str) -> Iterator[tuple[Words, Pattern]]:
    for side, (country, terms) in enumerate(stated.sides.items()):
        for term in terms:
            if not term.langs or lang in term.langs:
                yield term, Pattern("side", f"{country}:{term.id}", (side,), term.w, _excluded(term))
    if stated.bilateral is not None:
        heaviest = max(term.w for terms in stated.sides.values() for term in terms)
        yield stated.bilateral, Pattern("side", "bilateral", (0, 1), heaviest, _excluded(stated.bilateral))
    if stated.context is not None:
        yield stated.context, Pattern("context", "context", (), stated.context.w, _excluded(stated.context))
    if stated.others is not None:
        yield stated.others, Pattern("other", "others", (), excluded=_excluded(stated.others))
    for name, genre in stated.genre_reject.items():
        yield genre, Pattern("genre", name, (), excluded=_excluded(genre))


def _excluded(words: Words) -> tuple[str, ...]:
    return tuple(f" {normalise(form)}" for form in words.excluded)


def _other_countries(lang: str, sides: set[str]) -> Iterator[str]:
    """Yield the normalised names of all countries but the two sides in a language (CLDR), English where it has none."""
    try:
        territories = Locale.parse(lang).territories
    except (UnknownLocaleError, ValueError):
        territories = Locale("en").territories
    for code, name in territories.items():
        if len(code) == 2 and code not in sides | {"ZZ", "QO", "EZ", "XA", "XB"}:  # noqa: PLR2004 - countries only
            normal = normalise(name)
            if len(normal) >= MIN_NAME:
                yield normal
