"""A labelled set: planted translations and rewrites among reports of the same events, siblings and other reports."""

import random
from dataclasses import dataclass, field
from datetime import date

from tests.parallel.making import Event, event, other_report, rewrite, sibling, tell

PLANTED = {("en", "ru"): 160, ("kk", "ru"): 80}
REWRITES = 100
UNRELATED = 400


@dataclass
class Set:
    """Texts with their languages and days, and which pairs of them are what."""

    texts: list[tuple[str, str, date]] = field(default_factory=list)
    pairs: dict[str, set[frozenset[int]]] = field(default_factory=dict)

    def add(self, text: str, lang: str, day: date) -> int:
        """Add a text and return its number."""
        self.texts.append((text, lang, day))
        return len(self.texts) - 1

    def plant(self, what: str, one: int, other: int) -> None:
        """Say what two texts are to each other."""
        self.pairs.setdefault(what, set()).add(frozenset((one, other)))


def make(dice: random.Random, scale: float, unrelated: int) -> Set:
    """Make the labelled set."""
    made = Set()
    for langs, number in PLANTED.items():
        what = "-".join(langs)
        for at in range(round(number * scale)):
            told = event(dice)
            one, other = (made.add(tell(told, lang, dice, loss=0.06), lang, told.day) for lang in langs)
            made.plant(what, one, other)
            if at % 2:
                for lang in langs:
                    made.add(tell(other_report(dice, told), lang, dice), lang, told.day)
            if at % 3 == 0:
                again = sibling(dice, told)
                lang = dice.choice(langs)
                made.add(tell(again, lang, dice), lang, again.day)
    for at in range(round(REWRITES * scale)):
        told, lang = event(dice), dice.choice(["en", "ru"])
        original = made.add(tell(told, lang, dice, wording=0), lang, told.day)
        made.plant("rewrite", original, made.add(rewrite(told, lang, dice), lang, told.day))
        _others(made, dice, told, lang)
        if at % 3 == 0:
            again = sibling(dice, told)
            made.add(tell(again, lang, dice, wording=0), lang, again.day)
    for _ in range(unrelated):
        told, lang = event(dice), dice.choice(["en", "ru", "kk"])
        made.add(tell(told, lang, dice), lang, told.day)
    return made


def _others(made: Set, dice: random.Random, told: Event, lang: str) -> None:
    """Add other reports of an event in its language."""
    report = other_report(dice, told)
    made.add(tell(report, lang, dice), lang, told.day)
