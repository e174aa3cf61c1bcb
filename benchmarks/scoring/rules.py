"""Precision and coverage of the rules that remove blocks, and what the text would be without one of them.

A removed line is an error if the reference holds it and the extracted text does not hold it elsewhere (half of its
3-grams; a line of one or two words must be a line of the reference).
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from articles.cleaning.decisions import ColumnDecisions
from benchmarks.scoring.bootstrap import Difference, differences
from benchmarks.scoring.extractors import irtysh
from benchmarks.scoring.measures import WORD, PageScore, Prediction, folded, grams, in_grams, score
from benchmarks.scoring.predictions import Results, attempt
from benchmarks.scoring.sets import BenchmarkPage, BenchmarkSet

NAME_WIDTH = 22
MIN_GRAM_WORDS = 3
MIN_SEALED_PAGES = 3  # on which a rule removed something: below it, precision and gain would be those of a page
# Rules that name what lies outside of the main column: without them the text is the same.
AROUND_THE_COLUMN = ("outside:", "title:headline", "column:replaced", "characters:")


@dataclass(slots=True)
class RuleFigures:
    """What a rule removed from the pages of a set."""

    blocks: int = 0
    words: int = 0
    wrong_blocks: int = 0  # with at least half of their words in lines of the reference
    wrong_words: int = 0
    pages: set[str] = field(default_factory=set)

    @property
    def precision(self) -> float:
        """Share of the removed words that are not of the reference."""
        return 1 - self.wrong_words / self.words if self.words else 1.0

    @property
    def block_precision(self) -> float:
        """Share of the removed blocks that are not of the reference."""
        return 1 - self.wrong_blocks / self.blocks if self.blocks else 1.0


class LineIndex:
    """The lines and 3-grams of a text."""

    def __init__(self, text: str) -> None:
        self._grams = set(grams(text, MIN_GRAM_WORDS))
        self._lines = {folded(line) for line in text.split("\n")}

    def holds(self, line: str) -> bool:
        """Whether the text holds a line."""
        if len(WORD.findall(line)) < MIN_GRAM_WORDS:
            return folded(line) in self._lines
        return in_grams(line, self._grams, "")


def rule_name(rule: str) -> str:
    """Return the name of a rule without what it counted or matched: "site:line 3 of 9" is "site:line"."""
    return rule.split(" ", 1)[0]


def figures(pages: BenchmarkSet, results: Results) -> dict[str, RuleFigures]:
    """Return the figures of each rule."""
    found: dict[str, RuleFigures] = {}
    for page in pages.full:
        prediction = results.by_id.get(page.id, Prediction())
        truth, ours = LineIndex(page.text), LineIndex(prediction.text)
        for rule, text in prediction.removals:
            words, wrong = _words(text, truth, ours)
            if words:
                of_rule = found.setdefault(rule_name(rule), RuleFigures())
                of_rule.blocks += 1
                of_rule.words += words
                of_rule.wrong_words += wrong
                of_rule.wrong_blocks += 2 * wrong >= words
                of_rule.pages.add(page.id)
    return found


def _words(text: str, truth: LineIndex, ours: LineIndex) -> tuple[int, int]:
    """Return the number of words of a removed block, and of those in lines that should have been kept."""
    words = wrong = 0
    for line in text.split("\n"):
        count = len(WORD.findall(line))
        words += count
        wrong += count if count and truth.holds(line) and not ours.holds(line) else 0
    return words, wrong


@contextmanager
def without(rules: Collection[str]) -> Iterator[None]:
    """Disable rules by name ("links:cards"), or by the beginning of their names ("markup:")."""
    remove = ColumnDecisions.remove
    names, openings = frozenset(rules), tuple(rule for rule in rules if rule.endswith(":"))

    def spare(self: ColumnDecisions, index: int, rule: str, reason: str) -> None:
        if rule_name(rule) not in names and not rule.startswith(openings):
            remove(self, index, rule, reason)

    ColumnDecisions.remove = spare  # type: ignore[method-assign]
    try:
        yield
    finally:
        ColumnDecisions.remove = remove  # type: ignore[method-assign]


def gains(
    pages: BenchmarkSet,
    results: Results,
    of_rules: Mapping[str, RuleFigures],
    extract: Callable[[bytes, str], Prediction] = irtysh,
) -> dict[str, dict[str, Difference]]:
    """Return what each rule gains: the measures with it, minus those without it.

    Only the pages on which the rule removed something are extracted again.
    """
    scored = dict(zip([page.id for page in pages.full], results.scores(pages), strict=True))
    found = {}
    for rule, of_rule in sorted(of_rules.items()):
        if rule.startswith(AROUND_THE_COLUMN):
            continue
        with without([rule]):
            affected = [page for page in pages.full if page.id in of_rule.pages]
            again = {page.id: _score_again(pages, page, extract) for page in affected}
        found[rule] = differences(list(scored.values()), list((scored | again).values()))
    return found


def _score_again(pages: BenchmarkSet, page: BenchmarkPage, extract: Callable[[bytes, str], Prediction]) -> PageScore:
    return score(page, attempt(extract, pages.body(page), page.url) or Prediction())


def print_figures(
    sets: Sequence[BenchmarkSet],
    figures_by_set: Sequence[Mapping[str, RuleFigures]],
    gains_by_set: Sequence[Mapping[str, Mapping[str, Difference]]] = (),
    sealed: Collection[str] = (),
) -> None:
    """Print the figures of each rule on all folders beside each other. `sealed` folders show no single page."""
    columns = f"{'pages':>7}{'blocks':>7}{'words':>8}{'p(w)':>6}{'p(b)':>6}"
    gained = f"{'F1 gain':>27}" if gains_by_set else ""
    width = len(columns + gained)
    print(
        "\nrules: pages and blocks on which each removed something, words removed, precision by words and by blocks\n"
        "(share of what was removed that the reference does not hold)"
        + ("; gain: F1 with the rule minus F1 without it, in points of .001" if gains_by_set else "")
    )
    print(f"{'':<{NAME_WIDTH}}" + "".join(f" {pages.name:>{width}}" for pages in sets))
    print(f"{'':<{NAME_WIDTH}}" + f" {columns}{gained}" * len(sets))
    for rule in sorted({rule for one in figures_by_set for rule in one}):
        line = f"{rule:<{NAME_WIDTH}}"
        for number, of_set in enumerate(figures_by_set):
            one = of_set.get(rule)
            shown = one is not None and (len(one.pages) >= MIN_SEALED_PAGES or sets[number].name not in sealed)
            cells = f"{len(one.pages):>7}{one.blocks:>7}{one.words:>8}" if one else ""
            cells += f"{one.precision:>6.2f}{one.block_precision:>6.2f}" if one and shown else ""
            gain = gains_by_set[number].get(rule) if gains_by_set and shown else None
            cells = f"{cells:<{len(columns)}}" + (_gain(gain["F1"]) if gain else "")
            line += f" {cells:<{width}}"
        print(line.rstrip())


def _gain(gain: Difference) -> str:
    mark = "*" if gain.certain else " "
    return f"{1000 * gain.value:>+8.2f} [{1000 * gain.low:>+6.2f}, {1000 * gain.high:>+6.2f}]{mark}"
