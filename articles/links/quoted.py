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

MARK = re.compile('[«»“”„"]')
CLOSED_BY = {"«": "»", "“": "”", "„": '“”"', '"': '"'}
MIN_QUOTED_WORDS = 8  # shorter ones are names and titles
MIN_TOLD_SHINGLES = 24  # outside of common quotations, for them to decide; an interview has next to none
# of these, that the other text has too: 0 to .02 in reports of one speech, .14 and more in copies (docs/measurements.md §5)
MIN_TOLD_SHARE = 0.1
MIN_INSIDE_SHARE = 0.5
# Of aligned sentences, that both texts quote, for the others to decide; of these, by characters, one text must have so many
# aligned: two reports of one press conference quote .89 and have .66 and .28, a translation with a lead of its own quotes .5
# and has .53 (docs/measurements.md §6)
MIN_SPEECH_SHARE, MIN_TOLD_COVERAGE = 0.6, 0.8


def quotations(text: str, least_words: int = MIN_QUOTED_WORDS) -> Iterator[Span]:
    """Yield the spans of the quotations of a text; one ends where the marks inside are closed, or at the last one of its line."""
    begins = 0
    for line in text.split("\n"):
        for start, end in _in_line(line):
            if end - start > 2 * least_words and len(words(line[start:end])) >= least_words:
                yield begins + start, begins + end
        begins += len(line) + 1


def _in_line(line: str) -> Iterator[Span]:
    """Yield the outer quotations of a line. Each mark is looked at twice at most for each kind of opening mark."""
    at, unclosed = 0, set[str]()
    while opening := MARK.search(line, at):
        mark, at = opening.group(), opening.end()
        if mark not in CLOSED_BY or mark in unclosed:
            continue
        end = _end(line, mark, at)
        if end:
            yield opening.start(), end
            at = end
        else:
            unclosed.add(mark)


def _end(line: str, mark: str, at: int) -> int:
    """Return where a quotation ends that `mark` opens before `at`; 0 if nothing closes it."""
    depth, last = 1, 0
    for found in MARK.finditer(line, at):
        if found.group() in CLOSED_BY[mark]:
            depth, last = depth - 1, found.end()
        elif found.group() == mark:
            depth += 1
        if not depth:
            break
    return last


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
