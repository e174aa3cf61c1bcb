"""Translations and rewrites of articles across outlets, told by aligning their sentences.

Whether two rows are linked depends on these two rows alone: the links of a set of rows are the same whatever the order in
which they came. Sentences are compared by vectors where an encoder knows both languages, else by what they name
(`articles.links.anchors`); that cannot tell a translation from another report of the same event, so such links are marked and
the view of a snapshot keeps those whose rows are each other's best (`articles.links.best_links`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from articles.links import anchors
from articles.links.alignment import Alignment, Span, align, fill, sentences, with_moved
from articles.links.anchors import CLASS_BITS, CLDR_LANGUAGES, NUMERIC, Keys
from articles.links.duplicates import CONTAINMENT, compare
from articles.links.encoder import Codes, Encoder, cosines
from articles.links.fingerprint import Hashes, shingles
from articles.links.translation_index import TranslationEntry
from articles.model import Link, LinkKind

MIN_PAIRS = 5  # aligned sentences (docs/measurements.md §6)
TRANSLATION_THRESHOLD = 0.45  # likeness of a sentence and its translation (docs/measurements.md §6)
MOVED_THRESHOLD = 0.6  # of a sentence that stands out of order: it has to be surer
UNTRAINED_THRESHOLD = 0.33  # … where the encoder was not trained on a language: Ukrainian .37–.61, others under .24
UNTRAINED = frozenset(("uk",))
FULL = 0.65  # of either text's characters in aligned sentences: the whole is translated (docs/measurements.md §6)
# of one text's characters: it translates a part, or a part of it is a translation (docs/measurements.md §6)
PARTIAL = 0.75
NAMED_PAIRS, NAMED_PART = 2, 0.4  # what is enough of a translation that a page claims to be one
NAMED = 0.5  # least score of a translation that the page itself claims
REWRITE_THRESHOLD = 0.5
REWRITE = 0.55  # of either text's characters; recall .997, no false positive (docs/measurements.md §6)
# of the smaller text's shingles: reports of one event by other hands share less (docs/measurements.md §6)
REWRITE_SHARED = 0.10
SAME_EVENT_PAIRS = 3  # aligned sentences of texts that are no translations of each other
ANCHORED = 0.15  # Dice of the anchors' weight … (docs/measurements.md §6)
# … and the weight of the shared ones: three names and a number (docs/measurements.md §6: 8, of other weights)
ANCHORED_MASS = 15.0
ANCHORED_SENTENCE = 0.2  # Dice of two sentences' anchors
# Weight of what both texts name in the same order, of all that the poorer one names. The translation in seed 001 has .44,
# another report of the same speech .09; of made-up translations all have .45, of other pairs that name the same 1% have .30
IN_ORDER = 0.30  # for vectors to be taken
ANCHORED_IN_ORDER = 0.65  # with the Dice of the anchors, for a link without vectors: seed 001 has .44 + .21
NAMING = 0.2  # what naming the same adds to the likeness of two sentences: a number tells more than its vector
MIN_NUMBERS = 3  # in both texts, for their numbers to say anything
# of the fewer numbers, in the other text: below it are two issues of one template (docs/measurements.md §5)
SAME_NUMBERS = 0.3
MIN_FIGURES = 2  # aligned sentences that name numbers or days on both sides …
AGREEING = 0.5  # … of which so many must share one; a translation writes some of them out, a template none are shared
DAY = 10  # characters of an ISO 8601 date
BY_ANCHORS = "anchors"


@dataclass(eq=False)
class ComparedText:
    """A text as it is compared; what it takes is computed when it is asked for."""

    text: str
    lang: str

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """Where its sentences stand."""
        return sentences(self.text)

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """Its sentences."""
        return tuple(self.text[start:end] for start, end in self.spans)

    @cached_property
    def lengths(self) -> list[int]:
        """The sentences' characters."""
        return [end - start for start, end in self.spans]

    @cached_property
    def named(self) -> anchors.SentenceNames:
        """What each sentence names."""
        return anchors.SentenceNames.of(self.sentences, self.lang)

    @cached_property
    def shingles(self) -> Hashes:
        """The hashes of its word 3-grams."""
        return shingles(self.text)


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A link, and the sentences that it rests on."""

    link: Link
    extent: str  # "full", "partial" or empty
    pairs: tuple[tuple[Span, Span, float], ...]  # of `link.a` and `link.b`, with their likeness


Vectors = Callable[[TranslationEntry, ComparedText], Codes]


def relate(
    a: TranslationEntry,
    b: TranslationEntry,
    texts: tuple[ComparedText, ComparedText],
    encoder: Encoder | None,
    vectors: Vectors,
) -> FoundLink | None:
    """Return how two rows of different articles stand to each other; `a` of the link is the later one.

    `vectors` is asked for a row's only when the pair needs them.
    """
    if set(a.articles) & set(b.articles):
        return None
    if later(b, a):
        a, b, texts = b, a, (texts[1], texts[0])
    pair = _AlignedPair(a, b, *texts, encoder, vectors)
    if not pair.named and _other_numbers(a.keys, b.keys):
        return None
    if a.lang == b.lang:
        return pair.rewrite()
    if pair.has_vectors:
        return pair.translation()
    return pair.anchored()


def stated(
    a: TranslationEntry,
    b: TranslationEntry,
    texts: tuple[ComparedText, ComparedText],
    encoder: Encoder | None,
    vectors: Vectors,
) -> Alignment:
    """Return the alignment of two texts that their page states to be one another's translation."""
    return _AlignedPair(a, b, *texts, encoder, vectors).best_alignment()


def later(one: TranslationEntry, other: TranslationEntry) -> bool:
    """Tell which of two rows came later: it names the other as its source, or a translator, or by day, or by row id."""
    claims = [any(article in y.articles for article in x.originals) for x, y in ((one, other), (other, one))]
    if claims[0] != claims[1]:
        return claims[0]
    if one.translated != other.translated:
        return one.translated
    days = (one.published[:DAY], other.published[:DAY])
    if all(days) and days[0] != days[1]:
        return days[0] > days[1]
    return one.row_id > other.row_id


@dataclass(frozen=True)
class _AlignedPair:
    a: TranslationEntry
    b: TranslationEntry
    a_text: ComparedText
    b_text: ComparedText
    encoder: Encoder | None
    vectors: Vectors

    @property
    def named(self) -> str:
        """What the pages say of each other, as evidence."""
        if any(article in self.b.articles for article in self.a.originals):
            return "names it as its source; "
        return "named as the same in another language; " if self.a.names(self.b) or self.b.names(self.a) else ""

    @property
    def has_vectors(self) -> bool:
        return self.encoder is not None and {self.a.lang, self.b.lang} <= self.encoder.languages

    @property
    def lengths(self) -> tuple[list[int], list[int]]:
        return self.a_text.lengths, self.b_text.lengths

    def best_alignment(self) -> Alignment:
        if self.has_vectors:
            return self._by_vectors(self._threshold)
        return fill(self._by_anchors(), self.lengths)

    def translation(self) -> FoundLink | None:
        if not self._in_order(IN_ORDER):
            return None
        found = self._by_vectors(self._threshold)
        if self._contradicts(found):
            return None
        least, most = sorted(found.coverage)
        count = len(found.pairs)
        if count >= MIN_PAIRS and least >= FULL:
            return self._found(LinkKind.TRANSLATION, least, "full", found)
        if (count >= MIN_PAIRS and most >= PARTIAL) or (self.named and count >= NAMED_PAIRS and most >= NAMED_PART):
            return self._found(LinkKind.TRANSLATION, most, "partial", found)
        if count >= SAME_EVENT_PAIRS:
            return self._found(LinkKind.SAME_EVENT, most, "", found)
        return None

    def anchored(self) -> FoundLink | None:
        """Return the link of texts of which a language is known to no encoder."""
        known = self.encoder.languages if self.encoder is not None else frozenset[str]()
        if {self.a.lang, self.b.lang} <= known or not {self.a.lang, self.b.lang} <= set(CLDR_LANGUAGES):
            return None
        common = anchors.mass(anchors.shared(self.a.keys, self.b.keys))
        dice = 2 * common / max(1.0, anchors.mass(self.a.keys) + anchors.mass(self.b.keys))
        if self.named:
            score = max(NAMED, dice)
        elif dice >= ANCHORED and common >= ANCHORED_MASS and self._in_order(ANCHORED_IN_ORDER - dice):
            score = dice
        else:
            return None
        told = f"anchors {dice:.2f}, weight {common:.0f}; "
        by = fill(self._by_anchors(), self.lengths)
        return self._found(LinkKind.TRANSLATION, score, "", by, told, BY_ANCHORS)

    def rewrite(self) -> FoundLink | None:
        shared = len(np.intersect1d(self.a_text.shingles, self.b_text.shingles, assume_unique=True))
        containment = shared / max(1, min(len(self.a_text.shingles), len(self.b_text.shingles)))
        if not REWRITE_SHARED <= containment < CONTAINMENT or not self.has_vectors:
            return None  # a duplicate, or another hand's report
        if not self._in_order(IN_ORDER):
            return None
        found = self._by_vectors(REWRITE_THRESHOLD)
        if len(found.pairs) < MIN_PAIRS or min(found.coverage) < REWRITE or self._contradicts(found):
            return None
        if compare(self.a_text.text, self.b_text.text).kind is not None:
            return None
        told = f"{containment:.2f} of the shingles shared; "
        return self._found(LinkKind.REWRITE, min(found.coverage), "", found, told)

    @property
    def _threshold(self) -> float:
        return UNTRAINED_THRESHOLD if {self.a.lang, self.b.lang} & UNTRAINED else TRANSLATION_THRESHOLD

    def _by_vectors(self, threshold: float) -> Alignment:
        likeness = cosines(self.vectors(self.a, self.a_text), self.vectors(self.b, self.b_text))
        if likeness.size:
            likeness = np.minimum(1, likeness + np.float32(NAMING) * self._common.likeness())
        found = align(likeness, self.lengths, threshold)
        return with_moved(found, likeness, self.lengths, MOVED_THRESHOLD) if found.pairs else found

    def _by_anchors(self) -> Alignment:
        return align(self._common.likeness(), self.lengths, ANCHORED_SENTENCE)

    @cached_property
    def _common(self) -> anchors.SharedNames:
        return anchors.SharedNames.of(self.a_text.named, self.b_text.named)

    def _contradicts(self, found: Alignment) -> bool:
        """Whether most of the aligned sentences that name numbers or days name others: issues of one template do."""
        sides = [[anchors.figures(keys) for keys in text.named.keys] for text in (self.a_text, self.b_text)]
        both = [(sides[0][i], sides[1][j]) for i, j, _ in found.pairs if sides[0][i] and sides[1][j]]
        agreeing = sum(not one.isdisjoint(other) for one, other in both)
        return not self.named and len(both) >= MIN_FIGURES and agreeing < AGREEING * len(both)

    def _in_order(self, least: float) -> bool:
        return bool(self.named) or self._common.in_order() >= least

    def _found(  # noqa: PLR0917  what a link consists of
        self, kind: LinkKind, score: float, extent: str, by: Alignment, told: str = "", method: str = ""
    ) -> FoundLink:
        covered = f"{len(by.pairs)} sentences aligned, {by.coverage[0]:.2f} and {by.coverage[1]:.2f} of the texts"
        evidence = f"{self.named}{f'{extent}: ' if extent else ''}{told}{covered}"
        link = Link(kind, self.a.row_id, self.b.row_id, round(score, 4), evidence, method or self._method)
        return FoundLink(link, extent, spans(by, self.a_text, self.b_text))

    @property
    def _method(self) -> str:
        return self.encoder.name if self.encoder is not None else ""


def spans(by: Alignment, a: ComparedText, b: ComparedText) -> tuple[tuple[Span, Span, float], ...]:
    """Return an alignment as places in the texts."""
    return tuple((a.spans[i], b.spans[j], likeness) for i, j, likeness in by.pairs)


def _other_numbers(a: Keys, b: Keys) -> bool:
    """Whether two texts have hardly a number in common, as two issues of one template."""
    sides = [keys[(keys & CLASS_BITS) >= NUMERIC] for keys in (a, b)]
    fewer = min(map(len, sides))
    return fewer >= MIN_NUMBERS and len(anchors.shared(*sides)) < SAME_NUMBERS * fewer
