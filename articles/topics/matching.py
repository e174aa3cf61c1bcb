"""Find a topic's words in a text, in one Aho-Corasick pass over normalised words, however many stems there are."""

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
PARAGRAPH_GAP_CHARS = 2  # a document's text has a blank line between paragraphs
MAX_SENTENCE_WEIGHT = 1.0  # the most that one sentence adds to `TopicCounts.named`

Span = tuple[int, int]  # start and end in a sentence, in characters


@dataclass(frozen=True, slots=True)
class TopicSentence:
    """The title, or a sentence of the text."""

    text: str
    place: Place
    offset: int  # start in the title or in the document's text, in characters
    weight: float  # of hits in it


@dataclass(frozen=True, slots=True)
class TermMatch:
    """A word, or several in a row, with the patterns that it matches."""

    sentence: int  # number of the sentence
    word: int  # number of the first word in the sentence; unused if `span` is given
    span: Span | None
    found: dict[WordPattern, int]  # pattern -> number of words that it matched


@dataclass(slots=True)
class TopicCounts:
    """Counts of a topic's words in a text. Sides are numbered 0 and 1 in the order of the file."""

    words: int = 0
    weighted: list[float] = field(
        default_factory=lambda: [0.0, 0.0]
    )  # per side, the sum of hits times weight of word times weight of place
    mentions: int = 0  # of either side, unweighted
    others: int = 0  # mentions of other countries
    context: float = 0.0
    leading_sides: set[int] = field(default_factory=set)  # sides named in title or lead
    sides_by_sentence: list[dict[int, float]] = field(default_factory=list)  # for each sentence: side -> weight
    genres: Counter[str] = field(default_factory=Counter)
    evidence: tuple[Mention, ...] = ()

    def named(self, side: int) -> float:
        """Return the number of sentences that name a side, each counted by its weight up to `MAX_SENTENCE_WEIGHT`."""
        return sum(min(MAX_SENTENCE_WEIGHT, sides.get(side, 0.0)) for sides in self.sides_by_sentence)


class Matcher:
    """Finds a topic's words in texts of one language."""

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

    def count(self, title: str, paragraphs: Sequence[str]) -> TopicCounts:
        """Count the topic's words in a text."""
        sentences = self._sentences(title, paragraphs)
        normal = [f" {text} " for text in normalise_each(sentence.text for sentence in sentences)] if sentences else []
        counts = TopicCounts(
            sides_by_sentence=[{} for _ in sentences], words=sum(len(sentence.split()) for sentence in normal)
        )
        counted = [
            (hit, pattern) for hit in self._hits(sentences, normal) for pattern in _count(counts, hit, sentences)
        ]
        counts.evidence = _evidence(counted, sentences, normal)
        return counts

    def _sentences(self, title: str, paragraphs: Sequence[str]) -> list[TopicSentence]:
        score = self._stated.score
        if score is None:
            raise ValueError("a topic that accepts everything has no words to count")
        found = [TopicSentence(title.replace("\n", " "), Place.TITLE, 0, score.title_w)] if title.strip() else []
        start = 0
        for paragraph in paragraphs:
            for begin, end in _sentence_spans(paragraph):
                lead = start + begin < score.lead_chars
                place, weight = (Place.LEAD, score.lead_w) if lead else (Place.BODY, 1.0)
                found.append(TopicSentence(paragraph[begin:end], place, start + begin, weight))
            start += len(paragraph) + PARAGRAPH_GAP_CHARS
        return found

    def _hits(self, sentences: Sequence[TopicSentence], normal: Sequence[str]) -> Iterator[TermMatch]:
        text = "\n".join(normal)
        bounds = list(accumulate((len(sentence) + 1 for sentence in normal), initial=0))
        by_word: defaultdict[int, dict[WordPattern, int]] = defaultdict(dict)
        for index, start, _ in self._automaton.find_matches_as_indexes(text, overlapping=True):
            pattern = self._patterns[index]
            length = text.index(" ", start + 1) - start - 1
            if length <= pattern.longest and not text.startswith(pattern.excluded, start):
                found = by_word[start]
                found[pattern] = max(found.get(pattern, 0), self._lengths[index])
        for start, found in by_word.items():
            number = bisect_right(bounds, start) - 1
            yield TermMatch(number, text.count(" ", bounds[number], start), None, found)
        if self._any_cased is not None:
            for number, sentence in enumerate(sentences):
                if self._any_cased.search(sentence.text):
                    yield from self._cased_hits(number, sentence.text)

    def _cased_hits(self, number: int, text: str) -> Iterator[TermMatch]:
        by_word: defaultdict[Span, dict[WordPattern, int]] = defaultdict(dict)
        for form, pattern in self._cased:
            for found in form.finditer(text):
                if not f" {normalise(text[found.start() :])}".startswith(pattern.excluded):
                    by_word[found.span()][pattern] = 1
        for span, matched in sorted(by_word.items()):
            yield TermMatch(number, 0, span, matched)


def _sentence_spans(paragraph: str) -> Iterator[Span]:
    """Yield start and end of each sentence of a paragraph."""
    begin = 0
    for gap in SENTENCE_END.finditer(paragraph):
        if paragraph[begin : gap.start()].strip():
            yield begin, gap.start()
        begin = gap.end()
    if paragraph[begin:].strip():
        yield begin, len(paragraph)


def _count(counts: TopicCounts, hit: TermMatch, sentences: Sequence[TopicSentence]) -> list[WordPattern]:
    """Count one hit; return the patterns counted: the heaviest for each side, so that overlapping stems count once."""
    sentence = sentences[hit.sentence]
    best: dict[int, WordPattern] = {}
    for pattern in sorted(hit.found, key=lambda pattern: (-pattern.weight, -hit.found[pattern], pattern.name)):
        for side in pattern.sides:
            best.setdefault(side, pattern)
    for side, pattern in best.items():
        counts.weighted[side] += pattern.weight * sentence.weight
        counts.mentions += 1
        counts.sides_by_sentence[hit.sentence][side] = (
            counts.sides_by_sentence[hit.sentence].get(side, 0.0) + pattern.weight
        )
        if sentence.place is not Place.BODY:
            counts.leading_sides.add(side)
    counted = list(dict.fromkeys(best.values()))
    kinds = {pattern.kind: pattern for pattern in hit.found}
    if not best and "other" in kinds:
        counts.others += 1
        counted.append(kinds["other"])
    if not best and "context" in kinds:
        counts.context += kinds["context"].weight * sentence.weight
        counted.append(kinds["context"])
    if "genre" in kinds:
        counts.genres[kinds["genre"].name] += 1
        counted.append(kinds["genre"])
    return counted


def _evidence(
    counted: Iterable[tuple[TermMatch, WordPattern]], sentences: Sequence[TopicSentence], normal: Sequence[str]
) -> tuple[Mention, ...]:
    """Return the counted words with their places in the text."""
    places = list(Place)
    spans: dict[int, list[Span]] = {}
    found: defaultdict[tuple[str, int, str], list[int]] = defaultdict(list)
    for hit, pattern in counted:
        sentence = sentences[hit.sentence]
        if hit.span is None and hit.sentence not in spans:
            spans[hit.sentence] = _word_spans(sentence.text, len(normal[hit.sentence].split()))
        begin, end = hit.span or _span(spans[hit.sentence], hit.word, hit.found[pattern])
        form = sentence.text[begin:end].strip("'ʻʼ‘’`´′")
        found[pattern.name, places.index(sentence.place), form].append(sentence.offset + begin)
    return tuple(
        Mention(term, form, places[place], tuple(sorted(offsets)))
        for (term, place, form), offsets in sorted(found.items(), key=lambda item: (item[0][:2], min(item[1])))
    )


def _word_spans(text: str, words: int) -> list[Span]:
    """Return start and end in `text` of the `words` words that `normalise` makes of it.

    Words that cannot be separated (signs such as ™ or ½ become letters) get the place of the whole chunk between spaces.
    """
    spans = [token.span() for token in TOKEN.finditer(text)]
    if len(spans) == words:
        return spans
    spans = []
    for chunk in CHUNK.finditer(text):
        tokens = [
            (chunk.start() + token.start(), chunk.start() + token.end()) for token in TOKEN.finditer(chunk.group())
        ]
        tokens = [span for span in tokens if normalise(text[slice(*span)])]
        number = len(normalise(chunk.group()).split())
        spans += tokens if len(tokens) == number else [chunk.span()] * number
    return spans


def _span(spans: Sequence[Span], first: int, words: int) -> Span:
    return spans[first][0], spans[min(first + words, len(spans)) - 1][1]
