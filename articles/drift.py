"""Control limits: whether what an outlet's run gave looks like what its earlier runs gave.

Shares are held to a p-chart with limits at three standard errors (W. A. Shewhart, Economic Control of Quality of
Manufactured Product, 1931), with a margin besides, since the pages of one run are no random sample.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from math import sqrt

from articles.model import TemplateSigns

PAST_PAGES = 20  # fewer tell nothing of an outlet
PAST_RUNS = 20  # runs that one is compared with: a redesign that was let pass is the rule after as many
PAGES = 8  # of a run, for its shares and means to be judged
PAGES_ALIKE = 3  # of a run, for a template that all of them have and none had before
SIGMAS = 3.0
MARGIN = 0.1  # of a share
SHORTER, LONGER = 0.5, 2.5  # mean length over that of the past
LINKED = 0.15  # more of the text in links than before
UNSEEN = 0.5  # share of pages in a template that was not seen before
MISSED = 0.5  # share of pages on which a selector of the outlet's file found nothing, where it had found something
PREFIX = "template:"
MISSING = "missed_"


@dataclass(frozen=True, slots=True)
class SignCounts:
    """The signs of several pages, summed."""

    pages: int = 0  # that were read and answered with a page
    documents: int = 0  # of them became documents, whatever their topic
    titled: int = 0
    dated: int = 0
    signed: int = 0
    characters: int = 0
    linked: int = 0
    templates: Mapping[str, int] = field(default_factory=dict)
    missed: Mapping[str, int] = field(default_factory=dict)  # by attribute of the outlet's file

    def __add__(self, other: "SignCounts") -> "SignCounts":
        """Sum two tallies."""
        return SignCounts(
            **{name: getattr(self, name) + getattr(other, name) for name in SUMS},
            templates=_sum(self.templates, other.templates),
            missed=_sum(self.missed, other.missed),
        )

    def measures(self) -> dict[str, float]:
        """Return it as named numbers, those of `from_measures`; noughts are left out."""
        named: dict[str, float] = {name: float(getattr(self, name)) for name in SUMS}
        named |= {PREFIX + name: float(pages) for name, pages in self.templates.items()}
        named |= {MISSING + name: float(pages) for name, pages in self.missed.items()}
        return {name: value for name, value in sorted(named.items()) if value}

    @classmethod
    def from_measures(cls, measures: Mapping[str, float]) -> "SignCounts":
        """Read named numbers back; names that are not of a tally are passed over."""
        return cls(
            **{name: int(measures.get(name, 0)) for name in SUMS},
            templates={name.removeprefix(PREFIX): int(n) for name, n in measures.items() if name.startswith(PREFIX)},
            missed={name.removeprefix(MISSING): int(n) for name, n in measures.items() if name.startswith(MISSING)},
        )


SUMS = tuple(one.name for one in fields(SignCounts) if one.name not in {"templates", "missed"})


@dataclass(frozen=True, slots=True, order=True)
class Drift:
    """One limit that a run has crossed."""

    measure: str
    why: str  # in words, with both figures

    def __str__(self) -> str:
        """Return it as a person reads it."""
        return f"{self.measure}: {self.why}"


def tally(pages: Iterable[tuple[TemplateSigns | None, Iterable[str]]]) -> SignCounts:
    """Sum pages: the signs of each (None: it became no document) and the attributes whose selectors found nothing."""
    total = SignCounts()
    for signs, missed in pages:
        if signs is None:
            total += SignCounts(pages=1)
            continue
        total += SignCounts(
            pages=1,
            documents=1,
            titled=signs.titled,
            dated=signs.dated,
            signed=signs.signed,
            characters=signs.characters,
            linked=signs.linked,
            templates={signs.template: 1},
            missed=dict.fromkeys(missed, 1),
        )
    return total


def drifts(now: SignCounts, past: SignCounts, *, mended: bool = False) -> list[Drift]:
    """Return the limits that a run crosses, seen from earlier runs of the outlet; none while too little is known.

    `mended`: the rules for the outlet have changed since, so that new elements are what is expected.
    """
    if past.pages < PAST_PAGES or past.documents == 0:
        return []
    found = [*_template(now, past), *_selectors(now, past)] if not mended else []
    if now.pages >= PAGES:
        found += _share(
            "documents", "pages that held an article", (now.documents, now.pages), (past.documents, past.pages)
        )
    if now.documents >= PAGES:
        for name, what in (("titled", "articles with a title"), ("dated", "with a date"), ("signed", "with an author")):
            found += _share(name, what, (getattr(now, name), now.documents), (getattr(past, name), past.documents))
        found += _length(now, past)
    return sorted(found)


def _share(name: str, what: str, now: tuple[int, int], past: tuple[int, int]) -> list[Drift]:
    """Hold a share, told as how many of how many, to that of the past."""
    (has, pages), (had, past_pages) = now, past
    before, share = had / past_pages, has / pages
    if share >= before - SIGMAS * sqrt(before * (1 - before) / pages) - MARGIN:
        return []
    return [Drift(name, f"{what}: {share:.0%} of {pages}, {before:.0%} of {past_pages} before")]


def _length(now: SignCounts, past: SignCounts) -> list[Drift]:
    found = []
    mean, before = now.characters / now.documents, past.characters / past.documents
    if not SHORTER <= mean / max(before, 1.0) <= LONGER:
        found.append(Drift("length", f"{mean:.0f} characters an article, {before:.0f} before"))
    share, was = now.linked / max(1, now.characters), past.linked / max(1, past.characters)
    if share > was + LINKED:
        found.append(Drift("links", f"{share:.0%} of the text in links, {was:.0%} before"))
    return found


def _template(now: SignCounts, past: SignCounts) -> list[Drift]:
    unseen = {name: pages for name, pages in now.templates.items() if name not in past.templates}
    pages = sum(unseen.values())
    enough = pages >= PAGES_ALIKE if pages == now.documents else now.documents >= PAGES
    if not enough or pages < UNSEEN * now.documents:
        return []
    name = max(sorted(unseen), key=lambda one: unseen[one])
    return [Drift("template", f"{pages} of {now.documents} articles in a template not seen before, such as {name}")]


def _selectors(now: SignCounts, past: SignCounts) -> list[Drift]:
    if now.documents < PAGES_ALIKE:
        return []
    return [
        Drift("selectors", f"{name} found nothing on {pages} of {now.documents} articles")
        for name, pages in sorted(now.missed.items())
        if pages >= MISSED * now.documents and past.missed.get(name, 0) < MISSED * past.documents
    ]


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in sorted({*one, *other})}
