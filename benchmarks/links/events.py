"""Measure links between reports of one event, translations and rewrites: `python -m benchmarks.links.events [--all] [--pairs]`.

The texts are linked as processing links them. Thresholds were chosen on the events of `chosen.yaml` and `further_chosen.yaml`;
figures are printed for the others, with 95% intervals (Wilson). `--all` prints all, `--pairs` each pair that is wrong, but not of
`further_reported.yaml`, which nobody reads.
"""

import argparse
import tempfile
from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from pathlib import Path

import yaml

from articles.links.anchors import anchors
from articles.links.best_links import keep_best
from articles.links.encoder import default_encoders
from articles.links.pair_budget import PairBudget
from articles.links.translation_index import TranslationEntry
from articles.model import Link, LinkKind
from flows.processing.translation_links import TranslationLinker
from storage.objects.directory import DirectoryStore

HALVES = ("chosen", "reported", "further_chosen", "further_reported")  # the first and third are for choosing
DAY = "2026-03-05"  # of all reports
NORMAL_95 = 1.96
RIGHT = {
    "translation": {"translation_of"},
    "abridged translation": {"translation_of", "same_event"},
    "rewrite": {"rewrite_of"},
    "abridged rewrite": {"rewrite_of"},
    "same event": {"same_event", "none"},
    "unrelated": {"none"},
}


@dataclass(frozen=True)
class Report:
    """A text of the set."""

    row_id: str
    event: str
    telling: str
    lang: str
    short: bool
    text: str

    def truth(self, other: "Report") -> str:
        """Return how it is related to another report."""
        if self.event != other.event:
            return "unrelated"
        if self.telling != other.telling:
            return "same event"
        if self.lang != other.lang:
            return "abridged translation" if self.short or other.short else "translation"
        return "abridged rewrite" if self.short or other.short else "rewrite"


def reports(half: str) -> list[Report]:
    """Return the texts of a half of the set, with two sentences a paragraph."""
    found = []
    for event in yaml.safe_load(Path(__file__).with_name(f"{half}.yaml").read_text("utf-8")):
        for number, text in enumerate(event["texts"]):
            lines = text["text"].splitlines()
            paragraphs = "\n\n".join(" ".join(lines[start : start + 2]) for start in range(0, len(lines), 2))
            name = f"{event['event']} {number} {text['telling']} {text['lang']}"
            found.append(
                Report(name, event["event"], text["telling"], text["lang"], text.get("short", False), paragraphs)
            )
    return found


def links_of(texts: list[Report]) -> dict[frozenset[str], Link]:
    """Return the links that processing finds, by pair of rows."""
    by_row = {report.row_id: report for report in texts}
    entries = [
        TranslationEntry(row, (row,), one.lang, DAY, False, (), (), anchors(one.text, one.lang))
        for row, one in by_row.items()
    ]
    with tempfile.TemporaryDirectory() as folder:
        store = DirectoryStore(Path(folder) / "store")
        linked = TranslationLinker(default_encoders()).link(
            store, entries, (), lambda rows: {row: by_row[row].text for row in rows}, PairBudget()
        )
    kept = keep_best(linked.links, lambda row: by_row[row].lang)
    return {frozenset((link.a, link.b)): link for link in kept}


def interval(right: int, number: int) -> str:
    """Return a share with its 95% interval (Wilson 1927)."""
    if not number:
        return "–"
    share, square = right / number, NORMAL_95**2 / number
    middle = (share + square / 2) / (1 + square)
    half = NORMAL_95 * sqrt(share * (1 - share) / number + square / 4 / number) / (1 + square)
    return f"{share:.3f} ({middle - half:.2f}–{middle + half:.2f}, {right} of {number})"


def report(texts: list[Report], found: dict[frozenset[str], Link], *, list_pairs: bool) -> None:
    """Print precision and recall."""
    table: Counter[tuple[str, str]] = Counter()
    for one, other in combinations(texts, 2):
        link = found.get(frozenset((one.row_id, other.row_id)))
        truth, kind = one.truth(other), link.kind.value if link else "none"
        table[truth, kind] += 1
        if list_pairs and kind not in RIGHT[truth]:
            print(f"  {one.row_id} | {other.row_id}: {truth}, linked as {kind}: {link.evidence if link else ''}")
    for truth in sorted({truth for truth, _ in table}):
        print(
            f"{truth}: "
            + ", ".join(f"{number} {kind}" for (is_, kind), number in sorted(table.items()) if is_ == truth)
        )
    for name, kind, truths in (
        ("translations", LinkKind.TRANSLATION, ("translation", "abridged translation")),
        ("rewrites", LinkKind.REWRITE, ("rewrite", "abridged rewrite")),
    ):
        right = sum(table[truth, kind.value] for truth in truths)
        linked = sum(number for (_, is_), number in table.items() if is_ == kind.value)
        there = sum(number for (truth, _), number in table.items() if truth in truths)
        print(f"{name}: precision {interval(right, linked)}, recall {interval(right, there)}")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="also print the half on which thresholds were chosen")
    parser.add_argument("--pairs", action="store_true", help="print the pairs that are wrong")
    options = parser.parse_args()
    for half in HALVES if options.all else HALVES[1::2]:
        texts = reports(half)
        print(f"{half}: {len(texts)} reports of {len({one.event for one in texts})} events")
        report(texts, links_of(texts), list_pairs=options.pairs and half != HALVES[-1])


if __name__ == "__main__":
    main()
