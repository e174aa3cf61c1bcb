"""The measures of one page and of many. Definitions are in `benchmarks/extraction.py`."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from benchmarks.scoring.sets import BenchmarkPage

WORD = re.compile(r"\w+")
NOT_LETTERS = re.compile(r"[\W_]+")
POOR_F1 = 0.5  # of a page: below it, the text is largely lost or largely something else


@dataclass(frozen=True, slots=True)
class Prediction:
    """What an extractor found on a page."""

    text: str = ""
    title: str = ""
    date: str = ""
    authors: tuple[str, ...] = ()
    removals: tuple[tuple[str, str], ...] = ()  # rule and text of each removed block; only Irtysh has them


@dataclass(frozen=True, slots=True)
class PageScore:
    """The measures of one page with a full reference. `None`: the measure does not apply to the page."""

    host: str
    precision: float | None  # None: nothing was extracted
    recall: float | None  # None: the reference is empty
    exact: bool
    paragraphs: int  # of the reference
    lost: int
    extra: int
    title: bool | None
    date: bool | None

    @property
    def f1(self) -> float:
        """F1 of the page; pages on which nothing was extracted have 0, unless nothing was to be extracted."""
        if self.precision is None and self.recall is None:
            return 1.0
        return harmonic(self.precision or 0.0, self.recall or 0.0)


@dataclass(frozen=True, slots=True)
class PartialScore:
    """The measures of one page with a partial reference."""

    present: tuple[bool, ...]  # for each snippet that must be in the text
    absent: tuple[bool, ...]  # for each snippet that must not
    title: bool | None
    date: bool | None
    authors: bool | None


def harmonic(precision: float, recall: float) -> float:
    """Return F1."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def grams(text: str, size: int) -> list[tuple[str, ...]]:
    """Return the word n-grams of a text; a text shorter than n words is one n-gram."""
    words = WORD.findall(text)
    return [gram for start in range(max(1, len(words) - size + 1)) if (gram := tuple(words[start : start + size]))]


def overlap(truth: str, found: str) -> tuple[float | None, float | None]:
    """Return precision and recall of 4-grams; None where a text is empty."""
    true, got = Counter(grams(truth, 4)), Counter(grams(found, 4))
    both, of_got, of_true = sum((true & got).values()), sum(got.values()), sum(true.values())
    return both / of_got if of_got else None, both / of_true if of_true else None


def unmatched_lines(text: str, other: str, *, words: int = 1, characters: int = 0) -> tuple[int, list[str]]:
    """Count the lines of a text, and return those of which under half the 3-grams are in the other text.

    Lines of fewer than `words` words or `characters` characters do not count.
    """
    have, flat = set(grams(other, 3)), folded(other)
    lines, unmatched = 0, []
    for line in text.split("\n"):
        tokens = WORD.findall(line)
        if len(tokens) < words or len(line.strip()) < characters:
            continue
        lines += 1
        if not in_grams(line, have, flat):
            unmatched.append(line)
    return lines, unmatched


def in_grams(line: str, have: set[tuple[str, ...]], flat: str) -> bool:
    """Whether half the 3-grams of a line are among those of a text; shorter lines must be in its folded letters."""
    tokens = WORD.findall(line)
    if len(tokens) < 3:
        return "".join(tokens).lower() in flat
    of_line = grams(line, 3)
    return sum(gram in have for gram in of_line) / len(of_line) >= 0.5


def count_unmatched(text: str, other: str, *, words: int = 1, characters: int = 0) -> tuple[int, int]:
    """Count the lines of a text, and those that are not in the other text: see `unmatched_lines`."""
    lines, unmatched = unmatched_lines(text, other, words=words, characters=characters)
    return lines, len(unmatched)


def folded(text: str) -> str:
    """Return the letters, digits and underscores of a text, in lower case."""
    return re.sub(r"\W+", "", text).lower()


def same(first: str, second: str) -> bool:
    """Whether two titles are the same except for case, spaces and punctuation."""
    return NOT_LETTERS.sub("", first).lower() == NOT_LETTERS.sub("", second).lower()


def score(page: BenchmarkPage, found: Prediction) -> PageScore:
    """Return the measures of a page with a full reference."""
    precision, recall = overlap(page.text, found.text)
    paragraphs, lost = count_unmatched(page.text, found.text, characters=40)
    return PageScore(
        page.host,
        precision,
        recall,
        WORD.findall(page.text) == WORD.findall(found.text),
        paragraphs,
        lost,
        count_unmatched(found.text, page.text, words=3)[1],
        same(page.title, found.title) if page.title else None,
        page.date[:10] == found.date[:10] if page.date else None,
    )


def score_partial(page: BenchmarkPage, found: Prediction) -> PartialScore:
    """Return the measures of a page with a partial reference."""
    text = folded(found.text)
    return PartialScore(
        tuple(folded(snippet) in text for snippet in page.present),
        tuple(folded(snippet) not in text for snippet in page.absent),
        same(page.title, found.title) if page.title else None,
        page.date[:10] == found.date[:10] if page.date else None,
        _names(page.authors) == _names(found.authors) if page.authors else None,
    )


def _names(authors: Sequence[str]) -> set[str]:
    return {NOT_LETTERS.sub("", author).lower() for author in authors}


def summary(scores: Sequence[PageScore]) -> dict[str, float | None]:
    """Return the figures of many pages: P and R are means over pages, F1 is that of the means."""
    precision = _mean([one.precision for one in scores]) or 0.0
    recall = _mean([one.recall for one in scores]) or 0.0
    return {
        "F1": harmonic(precision, recall),
        "P": precision,
        "R": recall,
        "exact": _mean([one.exact for one in scores]),
        "lost %": 100 * sum(one.lost for one in scores) / max(1, sum(one.paragraphs for one in scores)),
        "extra": _mean([one.extra for one in scores]),
        "title": _mean([one.title for one in scores]),
        "date": _mean([one.date for one in scores]),
        "poor": sum(one.f1 < POOR_F1 for one in scores),
    }


def partial_summary(scores: Sequence[PartialScore]) -> dict[str, float | None]:
    """Return the figures of many pages with partial references."""
    return {
        "with": _mean([found for one in scores for found in one.present]),
        "without": _mean([missing for one in scores for missing in one.absent]),
        "title": _mean([one.title for one in scores]),
        "date": _mean([one.date for one in scores]),
        "authors": _mean([one.authors for one in scores]),
    }


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(mean(known)) if known else None
