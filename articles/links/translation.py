"""Find translations and rewrites of articles across outlets, by aligning their sentences.

A link depends on its two rows only, so the links of a set of rows do not depend on their order. Sentences are compared by
vectors if an encoder knows both languages, otherwise by their anchors (`articles.links.anchors`). Anchors cannot
distinguish a translation from another report of the same event. So such links are marked, and the view of a snapshot
keeps only those that are the best for both rows (`articles.links.best_links`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from articles.dates import ISO_DATE_CHARS
from articles.links import anchors, telling
from articles.links.alignment import Alignment, Likeness, Span, align, fill, is_cut, with_moved, with_parts
from articles.links.anchors import CLDR_LANGUAGES
from articles.links.best_links import BY_ANCHORS
from articles.links.compared_text import FIRST_PROBES, MAX_PROBE_SHORTFALL, ComparedText, mean_cosine, probes
from articles.links.duplicates import MIN_CONTAINMENT, compare
from articles.links.encoder import Codes, Encoder, cosines
from articles.links.figures import figures_differ, numbers_differ
from articles.links.glance import may_translate
from articles.links.quoted import only_speech
from articles.links.translation_index import TranslationEntry
from articles.model import Link, LinkKind

MIN_MOVED_LIKENESS = 0.6  # of a sentence that is out of order, which needs a higher likeness
MIN_CLAIMED_SCORE = 0.5  # of a translation by anchors that both pages state to be one
MIN_REWRITE_LIKENESS = 0.4  # of a sentence and its rewrite
# Aligned sentences of texts that are no translation of each other, and their share of one text's characters
MIN_SAME_EVENT_PAIRS, MIN_SAME_EVENT_COVERAGE = 3, 0.25
MIN_ANCHORS_DICE = 0.15  # Dice of the anchors' weight … (docs/measurements.md §6)
# … and the weight of the shared anchors: three names and a number (docs/measurements.md §6: 8, with other weights)
MIN_SHARED_ANCHORS_WEIGHT = 15.0
MIN_SENTENCE_ANCHORS_DICE = 0.2  # Dice of two sentences' anchors
# Weight of the anchors that both texts have in the same order / weight of the anchors of the text with less. The
# translation in seed 001 has .44, another report of the same speech .09.
MIN_REWRITE_ORDERED_SHARE = 0.40  # of rewrites .54–1.00, of reports of one event .12–.51 (docs/measurements.md §11)
# … + Dice of the anchors: rewrites 1.00 and more, abridged ones too; long unrelated texts, which cost most, .41–.87
MIN_REWRITE_LIKELY = 0.80
BRIEF_REWRITE = (
    0.35,
    0.70,
)  # both, of brief texts, where one name weighs much: two rewrites of one text have .38 and .77
# Ordered share + Dice of the anchors, for sentences to be encoded. Long texts cost most, and chance gives them common names out
# of order: of 1,264 unrelated real pages, 3,200 sentences are encoded where .36 for all would take 11,400, and no true pair of
# NTREX is lost (docs/measurements.md §11). Of brief texts, names say little.
MAX_BRIEF_SENTENCES = 30  # of the longer text
MIN_LIKELY_BRIEF, MIN_LIKELY = 0.20, 0.36
MIN_LIKELY_PART, MIN_PART_RATIO = 0.50, 2  # … if the longer text has more than so many times the sentences
# Ordered share + Dice of the anchors, for a link without vectors: seed 001 has .44 + .21
MIN_ORDERED_SHARE_PLUS_DICE = 0.65
# Added to the cosine of two sentences with the same anchors: a number says more than its vector
SHARED_NAMES_BONUS = 0.2
# Beginnings of the evidence of links whose later text its own page names; the view keeps their direction
NAMES_SOURCE, NAMES_TRANSLATOR = "names it as its source; ", "names a translator; "


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A link and the aligned sentences that it is based on."""

    link: Link
    extent: str  # of a translation: "full", "partial" or, if by anchors, empty; empty for other kinds
    pairs: tuple[tuple[Span, Span, float], ...]  # span in `link.a`, span in `link.b`, likeness


class Vectors(Protocol):
    """Returns the vectors of a row's sentences."""

    def __call__(self, entry: TranslationEntry, text: ComparedText, places: Sequence[int] | None = None) -> Codes:
        """Return the vectors of all sentences, or of those at some places."""


def relate(
    a: TranslationEntry,
    b: TranslationEntry,
    texts: tuple[ComparedText, ComparedText],
    encoder: Encoder | None,
    vectors: Vectors,
) -> FoundLink | None:
    """Return the link between two rows of different articles, or None. `a` of the link is the later row.

    `vectors` returns the sentence vectors of a row; it is called only for pairs that need them.
    """
    if set(a.articles) & set(b.articles):
        return None
    if later(b, a):
        a, b, texts = b, a, (texts[1], texts[0])
    pair = _AlignedPair(a, b, *texts, encoder, vectors)
    if not pair.claim and numbers_differ(a.keys, b.keys):
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
    """Return the alignment of two texts whose page states that one translates the other."""
    return _AlignedPair(a, b, *texts, encoder, vectors).best_alignment()


def later(one: TranslationEntry, other: TranslationEntry) -> bool:
    """Return whether the first row is the later one.

    The criteria are, in this order: it names the other as its source, it names a translator, its day, its row id.
    """
    claims = [any(article in y.articles for article in x.originals) for x, y in ((one, other), (other, one))]
    if claims[0] != claims[1]:
        return claims[0]
    if one.translated != other.translated:
        return one.translated
    days = (one.published[:ISO_DATE_CHARS], other.published[:ISO_DATE_CHARS])
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
    def stated(self) -> str:
        """Evidence of what the pages state about each other; empty if they state nothing."""
        if self.names_source:
            return NAMES_SOURCE
        names = "named as the same in another language; " if self.a.names(self.b) or self.b.names(self.a) else ""
        return f"{NAMES_TRANSLATOR if self.a.translated and not self.b.translated else ''}{names}"

    @property
    def names_source(self) -> bool:
        return any(article in self.b.articles for article in self.a.originals)

    @cached_property
    def claim(self) -> bool:
        """Whether a statement of one page about the other counts, so that less evidence of the texts is asked.

        Any page can name any other. So both have to name each other, or they are pages of one site.
        """
        one_site = bool(self.a.site) and self.a.site == self.b.site
        return self.mutual or (one_site and (self.a.names(self.b) or self.b.names(self.a)))

    @property
    def mutual(self) -> bool:
        """Whether both pages name each other, by the URLs from which they were fetched."""
        return self.a.names(self.b, fetched=True) and self.b.names(self.a, fetched=True)

    @property
    def texts(self) -> tuple[ComparedText, ComparedText]:
        return self.a_text, self.b_text

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
        if not (self._in_order(self._least_likely() - self._dice) and self._likely_by_words() and self._probed()):
            return None
        found = self._by_vectors(self._threshold)
        if self._contradicts(found):
            return None
        smaller, larger = sorted(found.coverage)
        excess = self._cosine(found) - telling.least_cosine(*sorted((self.a.lang, self.b.lang)))
        shorter = min(map(len, self.lengths))
        extent = telling.translated(found, self._dice, excess, shorter, is_claimed=self.claim)
        if extent and not self._only_speech(found):
            return self._found(LinkKind.TRANSLATION, smaller if extent == telling.FULL else larger, extent, found)
        if len(found.pairs) >= MIN_SAME_EVENT_PAIRS and larger >= MIN_SAME_EVENT_COVERAGE:
            return self._found(LinkKind.SAME_EVENT, larger, "", found)
        return None

    def _likely_by_words(self) -> bool:
        """Return whether single words, names and figures leave it open that one text translates the other."""
        if self.claim or self.encoder is None:
            return True
        return may_translate(
            self.a_text.glance(self.encoder), self.b_text.glance(self.encoder), self._common, self._dice
        )

    def _probed(self) -> bool:
        """Return whether the sentences with the same names and figures are close enough for all others to be encoded."""
        if self.claim or self.encoder is None or not self.encoder.is_slow:
            return True
        places = probes(self._by_anchors())
        least = telling.least_cosine(*sorted((self.a.lang, self.b.lang)))
        for count in sorted({min(FIRST_PROBES, len(places[0])), len(places[0])} - {0}):
            sides = zip((self.a, self.b), self.texts, places, strict=True)
            mean = mean_cosine(*(self.vectors(entry, text, ours[:count]) for entry, text, ours in sides))
            if mean < least - MAX_PROBE_SHORTFALL[count]:
                return False
        return True

    def _least_likely(self) -> float:
        shorter, longer = sorted(map(len, self.lengths))
        if longer <= MAX_BRIEF_SENTENCES:
            return MIN_LIKELY_BRIEF
        return MIN_LIKELY_PART if longer > MIN_PART_RATIO * shorter else MIN_LIKELY

    def anchored(self) -> FoundLink | None:
        """Return the link of two texts if the encoder does not support one of their languages."""
        known = self.encoder.languages if self.encoder is not None else frozenset[str]()
        if {self.a.lang, self.b.lang} <= known or not {self.a.lang, self.b.lang} <= set(CLDR_LANGUAGES):
            return None
        common, dice = self._shared_weight, self._dice
        likely = dice >= MIN_ANCHORS_DICE and common >= MIN_SHARED_ANCHORS_WEIGHT
        if not (
            self._bears_claim_out()
            if self.claim or self.names_source
            else likely and self._in_order(MIN_ORDERED_SHARE_PLUS_DICE - dice)
        ):
            return None
        score = max(MIN_CLAIMED_SCORE, dice) if self.mutual else dice
        detail = f"anchors {dice:.2f}, weight {common:.0f}; "
        alignment = fill(self._by_anchors(), self.lengths)
        return self._found(LinkKind.TRANSLATION, score, "", alignment, detail, BY_ANCHORS)

    def rewrite(self) -> FoundLink | None:
        is_brief = max(map(len, self.lengths)) <= MAX_BRIEF_SENTENCES
        ordered, likely = BRIEF_REWRITE if is_brief else (MIN_REWRITE_ORDERED_SHARE, MIN_REWRITE_LIKELY)
        if min(map(len, self.lengths)) < telling.MIN_PAIRS:
            return None
        if not self.has_vectors or not self._in_order(max(ordered, likely - self._dice)):
            return None
        shared = len(np.intersect1d(self.a_text.shingles, self.b_text.shingles, assume_unique=True))
        containment = shared / max(1, min(len(self.a_text.shingles), len(self.b_text.shingles)))
        if containment >= MIN_CONTAINMENT:
            return None  # a duplicate
        found = self._by_vectors(MIN_REWRITE_LIKENESS)
        extent = telling.rewritten(found)
        if not extent or self._contradicts(found) or self._only_speech(found):
            return None
        alike = compare(self.a_text.text, self.b_text.text)
        if alike.kind() is not None or alike.quotes_alike:
            return None
        score = min(found.coverage) if extent == telling.FULL else max(found.coverage)
        detail = f"{'' if extent == telling.FULL else 'abridged, '}{containment:.2f} of the shingles shared; "
        return self._found(LinkKind.REWRITE, score, "", found, detail)

    @property
    def _threshold(self) -> float:
        return self.encoder.min_likeness if self.encoder is not None else 1.0

    @cached_property
    def _shared_weight(self) -> float:
        return anchors.total_weight(anchors.shared(self.a.keys, self.b.keys))

    @property
    def _dice(self) -> float:
        """Dice of the anchors of both texts, by weight."""
        total = anchors.total_weight(self.a.keys) + anchors.total_weight(self.b.keys)
        return 2 * self._shared_weight / max(1.0, total)

    def _cosines(self) -> Likeness:
        sides = ((self.a, self.a_text), (self.b, self.b_text))
        # rows stored by earlier versions may have vectors of more sentences
        return cosines(*(self.vectors(entry, text)[: len(text.spans)] for entry, text in sides))

    def _cosine(self, found: Alignment) -> float:
        """Return the mean cosine of the aligned sentences, without what common names add."""
        if not found.pairs:
            return 0.0
        likeness = self._cosines()
        return sum(float(likeness[i, j]) for i, j, _ in found.pairs) / len(found.pairs)

    def _by_vectors(self, threshold: float) -> Alignment:
        likeness = self._cosines()
        if likeness.size:
            likeness = np.minimum(1, likeness + np.float32(SHARED_NAMES_BONUS) * self._common.likeness())
        found = align(likeness, self.lengths, threshold)
        if not found.pairs:
            return found
        found = with_moved(found, likeness, self.lengths, MIN_MOVED_LIKENESS)
        return with_parts(found, likeness, self.lengths, threshold)

    def _by_anchors(self) -> Alignment:
        return align(self._common.likeness(), self.lengths, MIN_SENTENCE_ANCHORS_DICE)

    @cached_property
    def _common(self) -> anchors.SharedNames:
        return anchors.SharedNames.of(self.a_text.named, self.b_text.named)

    def _contradicts(self, found: Alignment) -> bool:
        return not self.claim and figures_differ(found, self.a_text.named, self.b_text.named)

    def _only_speech(self, found: Alignment) -> bool:
        return not self.claim and only_speech(found, (self.a_text.quoted, self.b_text.quoted), self.lengths)

    def _bears_claim_out(self) -> bool:
        """Return whether what one page states of the other may be true: claims alone link no unrelated texts.

        Of pages that name each other, less is asked: one of them may be short, or an abstract.
        """
        if numbers_differ(self.a.keys, self.b.keys):
            return False
        poorer = min(anchors.total_weight(entry.keys) for entry in (self.a, self.b))
        lengths = [len(side.text) for side in self.texts]
        return telling.bears_out(self._shared_weight, poorer, lengths, mutual=self.mutual)

    def _in_order(self, minimum: float) -> bool:
        return self.claim or self._common.in_order() >= minimum

    def _found(  # noqa: PLR0917  all parts of a link
        self, kind: LinkKind, score: float, extent: str, alignment: Alignment, detail: str = "", method: str = ""
    ) -> FoundLink:
        covered = f"{len(alignment.pairs)} sentences aligned, {alignment.coverage[0]:.2f} and {alignment.coverage[1]:.2f} of the texts"
        cut = "; only the beginnings compared" if any(is_cut(side.text, side.spans) for side in self.texts) else ""
        evidence = f"{self.stated}{f'{extent}: ' if extent else ''}{detail}{covered}{cut}"
        link = Link(kind, self.a.row_id, self.b.row_id, round(score, 4), evidence, method or self._method)
        return FoundLink(link, extent, spans(alignment, self.a_text, self.b_text))

    @property
    def _method(self) -> str:
        return self.encoder.name if self.encoder is not None else ""


def spans(alignment: Alignment, a: ComparedText, b: ComparedText) -> tuple[tuple[Span, Span, float], ...]:
    """Return an alignment as spans of the texts, with likeness."""
    return tuple((a.spans[i], b.spans[j], likeness) for i, j, likeness in alignment.pairs)
