"""Control limits that compare a run of an outlet with its earlier runs.

Shares are checked by a p-chart with limits at three standard errors (W. A. Shewhart, Economic Control of Quality of
Manufactured Product, 1931). A margin is added, since the pages of one run are no random sample.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from math import sqrt

from articles.model import TemplateSigns

MIN_PAST_PAGES = 20  # with fewer earlier pages, an outlet is not judged
MAX_PAST_RUNS = 20  # earlier runs to compare with: a redesign that was released becomes normal after so many
MIN_PAGES = 8  # pages or articles of a run, for its shares and means to be judged
MIN_PAGES_ALIKE = 3  # articles of a run, for a new template that all of them share, or for selectors
STANDARD_ERRORS = 3.0
MARGIN_SHARE = 0.1  # subtracted from the limit
MIN_LENGTH_RATIO, MAX_LENGTH_RATIO = 0.5, 2.5  # mean length of a run's articles / mean length in the past
MAX_LINKED_SHARE_INCREASE = 0.15  # share of the text in links, above that of the past
MIN_UNSEEN_TEMPLATE_SHARE = 0.5  # of a run's articles in templates not seen before
# of the articles on which a selector of the outlet's file found nothing, if it found something before
MIN_MISSED_SHARE = 0.5
TEMPLATE_PREFIX = "template:"
MISSED_PREFIX = "missed_"


@dataclass(frozen=True, slots=True)
class SignCounts:
    """Sums of the template signs of several pages."""

    pages: int = 0  # that were fetched and extracted
    documents: int = 0  # of these pages gave documents, whatever their topic
    titled: int = 0
    dated: int = 0
    signed: int = 0
    characters: int = 0
    linked: int = 0
    templates: Mapping[str, int] = field(default_factory=dict)
    missed: Mapping[str, int] = field(default_factory=dict)  # by attribute of the outlet's file

    def __add__(self, other: "SignCounts") -> "SignCounts":
        """Return the sum of two counts."""
        return SignCounts(
            **{name: getattr(self, name) + getattr(other, name) for name in SUM_FIELDS},
            templates=_sum(self.templates, other.templates),
            missed=_sum(self.missed, other.missed),
        )

    def measures(self) -> dict[str, float]:
        """Return the counts as named numbers, the input of `from_measures`; zeros are omitted."""
        named: dict[str, float] = {name: float(getattr(self, name)) for name in SUM_FIELDS}
        named |= {TEMPLATE_PREFIX + name: float(pages) for name, pages in self.templates.items()}
        named |= {MISSED_PREFIX + name: float(pages) for name, pages in self.missed.items()}
        return {name: value for name, value in sorted(named.items()) if value}

    @classmethod
    def from_measures(cls, measures: Mapping[str, float]) -> "SignCounts":
        """Read the result of `measures`; unknown names are ignored."""
        return cls(
            **{name: int(measures.get(name, 0)) for name in SUM_FIELDS},
            templates={
                name.removeprefix(TEMPLATE_PREFIX): int(n)
                for name, n in measures.items()
                if name.startswith(TEMPLATE_PREFIX)
            },
            missed={
                name.removeprefix(MISSED_PREFIX): int(n)
                for name, n in measures.items()
                if name.startswith(MISSED_PREFIX)
            },
        )


SUM_FIELDS = tuple(counted.name for counted in fields(SignCounts) if counted.name not in {"templates", "missed"})


@dataclass(frozen=True, slots=True, order=True)
class Drift:
    """A limit that a run has exceeded."""

    measure: str
    why: str  # a sentence with both figures

    def __str__(self) -> str:
        """Return the drift as text."""
        return f"{self.measure}: {self.why}"


def tally(pages: Iterable[tuple[TemplateSigns | None, Iterable[str]]]) -> SignCounts:
    """Sum pages, given as pairs: signs (None if there is no document), and attributes whose selectors found nothing."""
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


def drifts(now: SignCounts, past: SignCounts, *, rules_changed: bool = False) -> list[Drift]:
    """Return the limits that a run exceeds, compared with earlier runs of the outlet; none while these are too few.

    `rules_changed`: the outlet's rules have changed since the earlier runs, so new templates are expected.
    """
    if past.pages < MIN_PAST_PAGES or past.documents == 0:
        return []
    found = [*_template(now, past), *_selectors(now, past)] if not rules_changed else []
    if now.pages >= MIN_PAGES:
        found += _share(
            "documents", "pages that held an article", (now.documents, now.pages), (past.documents, past.pages)
        )
    if now.documents >= MIN_PAGES:
        for name, what in (("titled", "articles with a title"), ("dated", "with a date"), ("signed", "with an author")):
            found += _share(name, what, (getattr(now, name), now.documents), (getattr(past, name), past.documents))
        found += _length(now, past)
    return sorted(found)


def _share(name: str, what: str, now: tuple[int, int], past: tuple[int, int]) -> list[Drift]:
    """Compare a share with that of the past; both are given as (count, total)."""
    (has, pages), (had, past_pages) = now, past
    before, share = had / past_pages, has / pages
    if share >= before - STANDARD_ERRORS * sqrt(before * (1 - before) / pages) - MARGIN_SHARE:
        return []
    return [Drift(name, f"{what}: {share:.0%} of {pages}, {before:.0%} of {past_pages} before")]


def _length(now: SignCounts, past: SignCounts) -> list[Drift]:
    found = []
    mean, before = now.characters / now.documents, past.characters / past.documents
    if not MIN_LENGTH_RATIO <= mean / max(before, 1.0) <= MAX_LENGTH_RATIO:
        found.append(Drift("length", f"{mean:.0f} characters an article, {before:.0f} before"))
    share, was = now.linked / max(1, now.characters), past.linked / max(1, past.characters)
    if share > was + MAX_LINKED_SHARE_INCREASE:
        found.append(Drift("links", f"{share:.0%} of the text in links, {was:.0%} before"))
    return found


def _template(now: SignCounts, past: SignCounts) -> list[Drift]:
    unseen = {name: pages for name, pages in now.templates.items() if name not in past.templates}
    pages = sum(unseen.values())
    enough = pages >= MIN_PAGES_ALIKE if pages == now.documents else now.documents >= MIN_PAGES
    if not enough or pages < MIN_UNSEEN_TEMPLATE_SHARE * now.documents:
        return []
    name = max(sorted(unseen), key=lambda template: unseen[template])
    return [Drift("template", f"{pages} of {now.documents} articles in a template not seen before, such as {name}")]


def _selectors(now: SignCounts, past: SignCounts) -> list[Drift]:
    if now.documents < MIN_PAGES_ALIKE:
        return []
    return [
        Drift("selectors", f"{name} found nothing on {pages} of {now.documents} articles")
        for name, pages in sorted(now.missed.items())
        if pages >= MIN_MISSED_SHARE * now.documents and past.missed.get(name, 0) < MIN_MISSED_SHARE * past.documents
    ]


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in sorted({*one, *other})}
