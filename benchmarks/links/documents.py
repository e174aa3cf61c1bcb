"""Measure translation links among documents in several languages: `python -m benchmarks.links.documents FILE [--half] [--alone]`.

FILE has one JSON object a line: `document`, `lang` and `sentences`, as made from NTREX-128 (Federmann et al. 2022). The texts
are linked as processing links them. Least cosines and the rules of short texts were chosen on half of the documents, by a
hash of their names; figures are printed for each half and for all, with 95% intervals (bootstrap over documents).
"""

import argparse
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations
from pathlib import Path

from articles.model import Link, LinkKind
from benchmarks.links.events import Report, links_of

FIVE = frozenset(("en", "ru", "kk", "uk", "uz"))
DRAWS = 1_000
SENTENCES_PER_PARAGRAPH = 2
WHOLE_LANGUAGE = "en"  # that stays whole with --half


@dataclass(frozen=True)
class Tally:
    """Links of one document with its own versions in other languages, and with other documents."""

    right: int
    wrong: float  # half of a link for each of its two documents
    there: int

    @staticmethod
    def ratio(part: float, whole: float) -> float:
        """Return a share, 1 if there is nothing."""
        return part / whole if whole else 1.0


def texts(path: Path, *, half: bool, alone: bool) -> list[Report]:
    """Return the texts of a file: as they are, cut to their first halves, or each document in one language only."""
    found = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    langs = sorted({one["lang"] for one in found})
    reports = []
    for one in found:
        if alone and one["lang"] != langs[digest(one["document"]) // 2 % len(langs)]:
            continue
        sentences = one["sentences"]
        if half and one["lang"] != WHOLE_LANGUAGE:
            sentences = sentences[: (len(sentences) + 1) // 2]
        starts = range(0, len(sentences), SENTENCES_PER_PARAGRAPH)
        text = "\n\n".join(" ".join(sentences[start : start + SENTENCES_PER_PARAGRAPH]) for start in starts)
        reports.append(Report(f"{one['lang']} {one['document']}", one["document"], "", one["lang"], False, text))
    return reports


def digest(name: str) -> int:
    """Return the hash of a document's name, by which it is chosen."""
    return int(sha256(name.encode()).hexdigest(), 16)


def is_chosen(name: str) -> bool:
    """Return whether a document is of the half on which thresholds were chosen."""
    return digest(name) // 4 % 2 == 0


def tallies(reports: Sequence[Report], links: Collection[Link], langs: Collection[str]) -> dict[str, Tally]:
    """Return the tally of each document, of the pairs of some languages."""
    by_row = {report.row_id: report for report in reports}
    there: Counter[str] = Counter()
    for one, other in combinations((report for report in reports if report.lang in langs), 2):
        there[one.event] += one.event == other.event
    right: Counter[str] = Counter()
    wrong: defaultdict[str, float] = defaultdict(float)
    for link in links:
        one, other = by_row[link.a], by_row[link.b]
        if link.kind is LinkKind.TRANSLATION and {one.lang, other.lang} <= set(langs):
            if one.event == other.event:
                right[one.event] += 1
            else:
                wrong[one.event] += 0.5
                wrong[other.event] += 0.5
    names = sorted({report.event for report in reports})
    return {name: Tally(right[name], wrong[name], there[name]) for name in names}


def recall(of: Sequence[Tally]) -> float:
    """Return the share of translations that are linked."""
    return Tally.ratio(sum(one.right for one in of), sum(one.there for one in of))


def precision(of: Sequence[Tally]) -> float:
    """Return the share of links that are right."""
    right = sum(one.right for one in of)
    return Tally.ratio(right, right + sum(one.wrong for one in of))


def interval(of: Sequence[Tally], value: Callable[[Sequence[Tally]], float]) -> str:
    """Return a value with its 95% interval."""
    rng = random.Random(0)  # noqa: S311  a benchmark
    drawn = sorted(value(rng.choices(of, k=len(of))) for _ in range(DRAWS))
    return f"{value(of):.3f} [{drawn[DRAWS // 40]:.3f}, {drawn[-DRAWS // 40 - 1]:.3f}]"


def main() -> None:
    """Print recall and precision."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--half", action="store_true", help="only the first half of each text, but for English")
    parser.add_argument("--alone", action="store_true", help="each document in one language: every link is wrong")
    options = parser.parse_args()
    reports = texts(options.file, half=options.half, alone=options.alone)
    links = set(links_of(reports).values())
    langs = sorted({report.lang for report in reports})
    wrong = sum(one.wrong for one in tallies(reports, links, langs).values())
    print(f"{len(reports)} texts, {len(langs)} languages, {wrong:.0f} wrong translation links")
    if options.alone:
        return
    for name, among in (("all pairs of languages", langs), ("en, ru, kk, uk, uz", FIVE)):
        found = tallies(reports, links, among)
        for half, chosen in (("chosen on", (True,)), ("reported", (False,)), ("all", (True, False))):
            ours = [one for document, one in found.items() if is_chosen(document) in chosen]
            print(f"{name}, {half}: recall {interval(ours, recall)}, precision {interval(ours, precision)}")


if __name__ == "__main__":
    main()
