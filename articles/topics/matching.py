"""Finding a topic's words in a text: one Aho-Corasick pass over normalised words, whatever the number of stems."""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import ahocorasick_rs

from articles.model import Mention, Place
from articles.topics.topic_file import TopicFile
from articles.topics.words import SIGNS, WordPattern, cased_patterns, normalise, normalise_each, patterns

SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'»”’)\]]*\s+|(?<=[。！？])|\n+")
CHUNK = re.compile(r"\S+")
TOKEN = re.compile(rf"[{SIGNS}]|(?:(?![{SIGNS}])[\w'ʻʼ‘’`´′\u0300-\u036f\u00ad])+")
PARAGRAPH_GAP = 2  # characters: a document's text has a blank line between paragraphs
NAMED = 1.0  # the most that one sentence adds to how far a side is named

Span = tuple[int, int]  # characters of a sentence


@dataclass(frozen=True, slots=True)
class TopicSentence:
    """The title, or a sentence of the text."""

    text: str
    place: Place
    offset: int  # characters into the title or the document's text
    weight: float  # of the hits in it


@dataclass(frozen=True, slots=True)
class TermMatch:
    """A word, or several in a row, that patterns matched: where, and which patterns."""

    at: int  # the number of its sentence
    word: int  # the number of its first word in the sentence; of no meaning where `span` is given
    span: Span | None
    found: dict[WordPattern, int]  # and how many words each took


@dataclass(slots=True)
class TopicCounts:
    """What was counted in a text. Sides are numbered 0 and 1 in the order of the file."""

    words: int = 0
    weighted: list[float] = field(default_factory=lambda: [0.0, 0.0])  # hits times weight times place, per side
    mentions: int = 0  # of either side, unweighted
    others: int = 0  # mentions of other countries
    context: float = 0.0
    up_front: set[int] = field(default_factory=set)  # sides named in title or lead
    met: list[dict[int, float]] = field(default_factory=list)  # for each sentence the sides it names, by what weight
    genres: Counter[str] = field(default_factory=Counter)
    evidence: tuple[Mention, ...] = ()

    def named(self, side: int) -> float:
        """Return how far a side is named: the sentences that do, each by its hits but at most as `NAMED`."""
        return sum(min(NAMED, sides.get(side, 0.0)) for sides in self.met)


class Matcher:
    """A topic's words for texts in one language."""

    def __init__(self, stated: TopicFile, lang: str) -> None:
        self._stated = stated
        found = list(patterns(stated, lang))
        self._patterns = [pattern for _, pattern in found]
        self._lengths = [string.strip().count(" ") + 1 for string, _ in found]
        self._automaton = ahocorasick_rs.AhoCorasick([string for string, _ in found])
        cased = [
            (re.escape(form) + (r"(?!\w)" if whole else r"\w*"), p) for form, whole, p in cased_patterns(stated, lang)
        ]
        self._cased = [(re.compile(rf"(?<!\w){form}"), pattern) for form, pattern in cased]
        self._any_cased = re.compile("|".join(form for form, _ in cased)) if cased else None

    def tally(self, title: str, paragraphs: Sequence[str]) -> TopicCounts:
        """Count the topic's words in a text."""
        sentences = self._sentences(title, paragraphs)
        normal = [f" {text} " for text in normalise_each(sentence.text for sentence in sentences)] if sentences else []
        tally = TopicCounts(met=[{} for _ in sentences], words=sum(len(sentence.split()) for sentence in normal))
        counted = [(hit, pattern) for hit in self._hits(sentences, normal) for pattern in _count(tally, hit, sentences)]
        tally.evidence = _evidence(counted, sentences, normal)
        return tally

    def _sentences(self, title: str, paragraphs: Sequence[str]) -> list[TopicSentence]:
        score = self._stated.score
        if score is None:
            raise ValueError("a topic of everything counts nothing")
        found = [TopicSentence(title.replace("\n", " "), Place.TITLE, 0, score.title_w)] if title.strip() else []
        start = 0
        for paragraph in paragraphs:
            for begin, end in _cut(paragraph):
                lead = start + begin < score.lead_chars
                place, weight = (Place.LEAD, score.lead_w) if lead else (Place.BODY, 1.0)
                found.append(TopicSentence(paragraph[begin:end], place, start + begin, weight))
            start += len(paragraph) + PARAGRAPH_GAP
        return found

    def _hits(self, sentences: Sequence[TopicSentence], normal: Sequence[str]) -> Iterator[TermMatch]:
        text = "\n".join(normal)
        bounds = list(accumulate((len(sentence) + 1 for sentence in normal), initial=0))
        by_word: defaultdict[int, dict[WordPattern, int]] = defaultdict(dict)
        for index, start, _ in self._automaton.find_matches_as_indexes(text, overlapping=True):
            pattern = self._patterns[index]
            length = text.index(" ", start + 1) - start - 1
            if length <= pattern.longest and not text.startswith(pattern.excluded, start):
                taken = by_word[start]
                taken[pattern] = max(taken.get(pattern, 0), self._lengths[index])
        for start, found in by_word.items():
            at = bisect_right(bounds, start) - 1
            yield TermMatch(at, text.count(" ", bounds[at], start), None, found)
        if self._any_cased is not None:
            for at, sentence in enumerate(sentences):
                if self._any_cased.search(sentence.text):
                    yield from self._cased_hits(at, sentence.text)

    def _cased_hits(self, at: int, text: str) -> Iterator[TermMatch]:
        by_word: defaultdict[Span, dict[WordPattern, int]] = defaultdict(dict)
        for form, pattern in self._cased:
            for found in form.finditer(text):
                if not f" {normalise(text[found.start() :])}".startswith(pattern.excluded):
                    by_word[found.span()][pattern] = 1
        for span, matched in sorted(by_word.items()):
            yield TermMatch(at, 0, span, matched)


def _cut(paragraph: str) -> Iterator[Span]:
    """Yield where the sentences of a paragraph begin and end."""
    begin = 0
    for gap in SENTENCE_END.finditer(paragraph):
        if paragraph[begin : gap.start()].strip():
            yield begin, gap.start()
        begin = gap.end()
    if paragraph[begin:].strip():
        yield begin, len(paragraph)


def _count(tally: TopicCounts, hit: TermMatch, sentences: Sequence[TopicSentence]) -> list[WordPattern]:
    """Count one hit and return what it counts as: for each side the weightiest pattern, overlapping stems once."""
    sentence = sentences[hit.at]
    best: dict[int, WordPattern] = {}
    for pattern in sorted(hit.found, key=lambda one: (-one.weight, -hit.found[one], one.name)):
        for side in pattern.sides:
            best.setdefault(side, pattern)
    for side, pattern in best.items():
        tally.weighted[side] += pattern.weight * sentence.weight
        tally.mentions += 1
        tally.met[hit.at][side] = tally.met[hit.at].get(side, 0.0) + pattern.weight
        if sentence.place is not Place.BODY:
            tally.up_front.add(side)
    counted = list(dict.fromkeys(best.values()))
    kinds = {pattern.kind: pattern for pattern in hit.found}
    if not best and "other" in kinds:
        tally.others += 1
        counted.append(kinds["other"])
    if not best and "context" in kinds:
        tally.context += kinds["context"].weight * sentence.weight
        counted.append(kinds["context"])
    if "genre" in kinds:
        tally.genres[kinds["genre"].name] += 1
        counted.append(kinds["genre"])
    return counted


def _evidence(
    counted: Iterable[tuple[TermMatch, WordPattern]], sentences: Sequence[TopicSentence], normal: Sequence[str]
) -> tuple[Mention, ...]:
    """Return what was counted, with the places where it stands."""
    places = list(Place)
    spans: dict[int, list[Span]] = {}
    found: defaultdict[tuple[str, int, str], list[int]] = defaultdict(list)
    for hit, pattern in counted:
        sentence = sentences[hit.at]
        if hit.span is None and hit.at not in spans:
            spans[hit.at] = _words(sentence.text, len(normal[hit.at].split()))
        begin, end = hit.span or _span(spans[hit.at], hit.word, hit.found[pattern])
        form = sentence.text[begin:end].strip("'ʻʼ‘’`´′")
        found[pattern.name, places.index(sentence.place), form].append(sentence.offset + begin)
    return tuple(
        Mention(term, form, places[place], tuple(sorted(offsets)))
        for (term, place, form), offsets in sorted(found.items(), key=lambda item: (item[0][:2], min(item[1])))
    )


def _words(text: str, words: int) -> list[Span]:
    """Return where the words stand, so many, that `normalise` makes of a text.

    Words that cannot be told apart (compatibility signs like ™ or ½ become letters) share the place of what they are
    written in one with.
    """
    spans = [one.span() for one in TOKEN.finditer(text)]
    if len(spans) == words:
        return spans
    spans = []
    for chunk in CHUNK.finditer(text):
        tokens = [(chunk.start() + one.start(), chunk.start() + one.end()) for one in TOKEN.finditer(chunk.group())]
        tokens = [span for span in tokens if normalise(text[slice(*span)])]
        number = len(normalise(chunk.group()).split())
        spans += tokens if len(tokens) == number else [chunk.span()] * number
    return spans


def _span(spans: Sequence[Span], first: int, words: int) -> Span:
    return spans[first][0], spans[min(first + words, len(spans)) - 1][1]
