"""Distinguish copies from independent reports that quote one speech at length.

Two reporters who were at one speech quote the same sentences, and tell the rest in words of their own. Of a copy, the words
outside of the quotations are the same too.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

import numpy as np

from articles.links.alignment import Alignment, Span
from articles.links.fingerprint import Hashes, distinct, grams, words

OPENING = re.compile('[«“„"]')
# What ends a quotation that a sign opens; at the end of the line it is none
CLOSING = {sign: re.compile(f"[{ends}\n]") for sign, ends in {"«": "»", "“": "”", "„": "“”", '"': '"'}.items()}
MIN_QUOTED_WORDS = 8  # shorter ones are names and titles
MIN_TOLD_SHINGLES = 24  # outside of common quotations, for them to decide; an interview has next to none
# of these, that the other text has too: 0 to .07 in reports of one speech, .34 and more in copies (docs/measurements.md §11)
MIN_TOLD_SHARE = 0.2
MIN_INSIDE_SHARE = 0.5
# Of aligned sentences, that both texts quote, for the others to decide; of these, by characters, one text must have so many
# aligned: two reports of one press conference have .66 and .28 (docs/measurements.md §11)
MIN_SPEECH_SHARE, MIN_TOLD_COVERAGE = 0.5, 0.8


def quotations(text: str, least_words: int = MIN_QUOTED_WORDS) -> Iterator[Span]:
    """Yield the spans of the quotations of a text, in time proportional to its length."""
    at, unclosed = 0, dict.fromkeys(CLOSING, 0)  # to where each sign opens nothing, so that no line is searched twice
    while opening := OPENING.search(text, at):
        sign, at = opening.group(), opening.end()
        if at <= unclosed[sign]:
            continue
        closing = CLOSING[sign].search(text, at)
        if closing is None or closing.group() == "\n":
            unclosed[sign] = closing.start() if closing else len(text)
            continue
        at = closing.end()
        if len(words(text[opening.start() : at])) >= least_words:
            yield opening.start(), at


def quoted_shingles(text: str) -> Hashes:
    """Return the hashes of the distinct word 3-grams in quotations."""
    hashes = [grams(words(text[start:end])) for start, end in quotations(text)]
    return distinct(np.concatenate(hashes)) if hashes else np.empty(0, np.uint64)


def quoted_sentences(text: str, spans: Sequence[Span]) -> frozenset[int]:
    """Return which sentences stand in quotations, by half of their characters or more."""
    inside = [0] * len(spans)
    starts = [start for start, _ in spans]
    for start, end in quotations(text):
        for place in range(max(0, bisect_right(starts, start) - 1), bisect_left(starts, end)):
            inside[place] += max(0, min(end, spans[place][1]) - max(start, spans[place][0]))
    return frozenset(
        place for place, (start, end) in enumerate(spans) if inside[place] >= MIN_INSIDE_SHARE * (end - start)
    )


def told_share(shingles: Hashes, common: Hashes, quoted: tuple[Hashes, Hashes]) -> float:
    """Return the share of a text's shingles outside of common quotations that the other text has, 1 where they are too few.

    `shingles` are those of the text, `common` those of them that the other text has, `quoted` those in quotations of either.
    """
    speech = np.intersect1d(*quoted, assume_unique=True)
    told = len(shingles) - len(speech)
    return (len(common) - len(speech)) / told if len(speech) and told >= MIN_TOLD_SHINGLES else 1.0


def only_speech(
    found: Alignment, quoted: tuple[frozenset[int], frozenset[int]], lengths: tuple[Sequence[int], Sequence[int]]
) -> bool:
    """Return whether aligned texts have hardly more in common than what both quote."""
    both = sum(i in quoted[0] and j in quoted[1] for i, j, _ in found.pairs)
    if not both or both < MIN_SPEECH_SHARE * len(found.pairs):
        return False
    told = []
    for side in (0, 1):
        aligned = {pair[side] for pair in found.pairs} | found.parts[side]
        outside = {place: size for place, size in enumerate(lengths[side]) if place not in quoted[side]}
        told.append(sum(size for place, size in outside.items() if place in aligned) / max(1, sum(outside.values())))
    return max(told) < MIN_TOLD_COVERAGE and all(len(quoted[side]) < len(lengths[side]) for side in (0, 1))
