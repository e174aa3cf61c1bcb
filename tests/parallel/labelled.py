"""Labelled set: known translations and rewrites, among other reports of the same events, siblings and unrelated reports."""

import random
from dataclasses import dataclass, field
from datetime import date

from tests.parallel.making import Event, event, other_report, rewrite, sibling, write_report

PLANTED = {("en", "ru"): 160, ("kk", "ru"): 80}
REWRITES = 100
UNRELATED = 400


@dataclass
class Set:
    """Texts with languages and days, and the pairs of each kind."""

    texts: list[tuple[str, str, date]] = field(default_factory=list)
    pairs: dict[str, set[frozenset[int]]] = field(default_factory=dict)

    def add(self, text: str, lang: str, day: date) -> int:
        """Add a text and return its index."""
        self.texts.append((text, lang, day))
        return len(self.texts) - 1

    def plant(self, kind: str, one: int, other: int) -> None:
        """Label a pair of texts."""
        self.pairs.setdefault(kind, set()).add(frozenset((one, other)))


def make(dice: random.Random, scale: float, unrelated: int) -> Set:
    """Return the labelled set; `scale` scales the numbers of planted pairs, `unrelated` is a number of texts."""
    labelled = Set()
    for langs, count in PLANTED.items():
        kind = "-".join(langs)
        for number in range(round(count * scale)):
            story = event(dice)
            one, other = (labelled.add(write_report(story, lang, dice, loss=0.06), lang, story.day) for lang in langs)
            labelled.plant(kind, one, other)
            if number % 2:
                for lang in langs:
                    labelled.add(write_report(other_report(dice, story), lang, dice), lang, story.day)
            if number % 3 == 0:
                later = sibling(dice, story)
                lang = dice.choice(langs)
                labelled.add(write_report(later, lang, dice), lang, later.day)
    for number in range(round(REWRITES * scale)):
        story, lang = event(dice), dice.choice(["en", "ru"])
        original = labelled.add(write_report(story, lang, dice, wording=0), lang, story.day)
        labelled.plant("rewrite", original, labelled.add(rewrite(story, lang, dice), lang, story.day))
        _others(labelled, dice, story, lang)
        if number % 3 == 0:
            later = sibling(dice, story)
            labelled.add(write_report(later, lang, dice, wording=0), lang, later.day)
    for _ in range(unrelated):
        story, lang = event(dice), dice.choice(["en", "ru", "kk"])
        labelled.add(write_report(story, lang, dice), lang, story.day)
    return labelled


def _others(labelled: Set, dice: random.Random, story: Event, lang: str) -> None:
    """Add another report of an event in the same language."""
    report = other_report(dice, story)
    labelled.add(write_report(report, lang, dice), lang, story.day)
