"""How the outlets do: what their last runs gave, which are held, which have gone quiet, which no longer answer."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from articles.drift import PAST_RUNS, SignCounts
from spiders.outlet import Outlet
from storage import quarantine
from storage.objects import ObjectStore
from storage.tables import packs
from storage.tables.state import State

WEEK = timedelta(days=7)
EXPECTED = 7.0  # articles that should have come meanwhile: none of them comes by chance once in 1,100 (Poisson, e^-7)
PATIENCE = timedelta(days=4)  # over a long weekend every outlet may be quiet


class OutletCondition(StrEnum):
    """What is to be said of an outlet, the worst that applies."""

    HELD = "held"  # a run of it waits for somebody to look
    SILENT = "silent"  # none of its sources answers
    QUIET = "quiet"  # its sources answer and name nothing new for too long
    NEW = "new"  # nothing was asked of it yet
    GOOD = "good"


@dataclass(slots=True)
class OutletHealth:
    """One outlet, as the tables tell of it. Shares are of the articles of its last runs, None where there are none."""

    name: str
    looked: date | None = None  # when one of its sources answered last
    last: date | None = None  # when an article came last
    week: dict[str, int] = field(
        default_factory=dict
    )  # by column of `articles.accounting`, of the seven days up to today
    tally: SignCounts = field(default_factory=SignCounts)
    failed: bool = False  # the last run had no answer from any source
    held: tuple[quarantine.QuarantineMark, ...] = ()
    daily: float = 0.0  # articles a day that are expected; 0: nobody says

    @property
    def condition(self) -> OutletCondition:
        """What is to be said of it."""
        if self.held:
            return OutletCondition.HELD
        if self.failed:
            return OutletCondition.SILENT
        if self.looked is None and self.last is None:
            return OutletCondition.NEW
        return OutletCondition.QUIET if self.quiet else OutletCondition.GOOD

    @property
    def quiet(self) -> bool:
        """Whether more days went by without an article, the last one looked at included, than chance explains."""
        if self.looked is None or self.last is None:
            return False
        patience = max(PATIENCE, timedelta(days=EXPECTED / self.daily)) if self.daily else 4 * WEEK
        return self.looked - self.last > patience

    def share(self, name: str) -> float | None:
        """Return the share of articles that are `titled`, `dated` or `signed`."""
        return getattr(self.tally, name) / self.tally.documents if self.tally.documents else None

    @property
    def length(self) -> int | None:
        """Mean characters of an article."""
        return round(self.tally.characters / self.tally.documents) if self.tally.documents else None

    @property
    def why(self) -> str:
        """Say in words what is wrong, if something is."""
        if self.held:
            return "; ".join(f"run {mark.run}: {', '.join(mark.why)}" for mark in self.held)
        if self.failed:
            return "no source answered at the last run"
        return f"no article since {self.last}" if self.condition is OutletCondition.QUIET else ""


def read(store: ObjectStore, state: State, outlets: Mapping[str, Outlet], today: date) -> list[OutletHealth]:
    """Return how outlets do: those known, and others that the tables tell of, in the order of their names."""
    by_outlet: defaultdict[str, list[_Line]] = defaultdict(list)
    for line in _lines(store, state):
        by_outlet[line.outlet].append(line)
    marks = quarantine.marks(store)
    found = []
    for name in sorted({*outlets, *by_outlet}):
        health = _health(name, by_outlet.get(name, []), today)
        health.daily = outlets[name].daily if name in outlets else 0.0
        health.held = tuple(mark for key, mark in sorted(marks.items()) if key[0] == name)
        found.append(health)
    return found


@dataclass(frozen=True, slots=True)
class _Line:
    outlet: str
    day: date
    run: str
    measure: str
    value: float


def _lines(store: ObjectStore, state: State) -> Iterator[_Line]:
    for ref in state.live("health"):
        for row in packs.read(store, ref).to_pylist():
            yield _Line(row["outlet"], row["day"], row["run"], row["measure"], row["value"])


def _health(name: str, lines: Iterable[_Line], today: date) -> OutletHealth:
    health = OutletHealth(name)
    runs: defaultdict[tuple[date, str], dict[str, float]] = defaultdict(dict)
    asked: dict[str, tuple[date, set[str]]] = {}
    for line in sorted(lines, key=lambda one: (one.day, one.run, one.measure)):
        day, measure = line.day, line.measure
        if measure == "sources":
            health.looked = max(day, health.looked or day)
        if measure in {"new", "documents", "kept"}:
            health.last = max(day, health.last or day)
        if measure.startswith("sources"):
            first, answers = asked.setdefault(line.run, (day, set()))
            asked[line.run] = max(first, day), answers | {measure}
        if today - WEEK < day <= today:
            health.week[measure] = health.week.get(measure, 0) + round(line.value)
        run = runs[day, line.run]
        run[measure] = run.get(measure, 0.0) + line.value
    if asked:
        _, answers = max(asked.values(), key=lambda one: one[0])
        health.failed = "sources" not in answers
    for _, measures in sorted(runs.items(), key=lambda one: one[0])[-PAST_RUNS:]:
        health.tally += SignCounts.from_measures(measures)
    return health
