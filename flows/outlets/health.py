"""Health of outlets, from the tables: yield of the last runs, quarantined runs, and outlets that are quiet or silent."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from articles.drift import MAX_PAST_RUNS, SignCounts
from flows.outlets import last_run
from flows.outlets.last_run import LastRun
from flows.run_state import Trouble
from spiders.outlet import Outlet
from storage import quarantine
from storage.objects import ObjectStore
from storage.tables import packs
from storage.tables.state import State

FAILING_TROUBLES = frozenset({Trouble.CRASHED.value, Trouble.FAILING.value, Trouble.SLOW.value})
WEEK = timedelta(days=7)
QUIET_ARTICLES = 7.0  # expected while an outlet had none; that happens by chance once in 1,100 times (Poisson, e^-7)
MIN_QUIET_TIME = timedelta(days=4)  # any outlet may publish nothing over a long weekend


class OutletCondition(StrEnum):
    """Condition of an outlet: the worst that applies."""

    HELD = "held"  # one of its runs is in quarantine
    SILENT = "silent"  # no source answered in the last run
    FAILING = "failing"  # its last run failed, was too slow, or most of its pages failed
    QUIET = "quiet"  # its sources answer, but have named no new article for too long
    NEW = "new"  # never fetched
    GOOD = "good"


def quiet_time(daily: float) -> timedelta:
    """Return how long an outlet of so many expected articles a day may name none by chance; 0 if that is unknown."""
    return max(MIN_QUIET_TIME, timedelta(days=QUIET_ARTICLES / daily)) if daily else 4 * WEEK


@dataclass(slots=True)
class OutletHealth:
    """Health of one outlet. Shares are of the articles of its last runs; None if there are none."""

    name: str
    looked: date | None = None  # day of the last answer of a source
    last: date | None = None  # day of the last article
    week: dict[str, int] = field(default_factory=dict)  # counts of the last seven days, by accounting column
    tally: SignCounts = field(default_factory=SignCounts)
    failed: bool = False  # no source answered in the last run
    held: tuple[quarantine.QuarantineMark, ...] = ()
    run: LastRun | None = None  # how the last run went; None if it is not known
    daily: float = 0.0  # expected articles a day, from the outlet's file; 0: unknown

    @property
    def condition(self) -> OutletCondition:
        """The worst condition that applies."""
        if self.held:
            return OutletCondition.HELD
        if self.failed or self._trouble == Trouble.SILENT:
            return OutletCondition.SILENT
        if self._trouble in FAILING_TROUBLES:
            return OutletCondition.FAILING
        if self.looked is None and self.last is None:
            return OutletCondition.NEW
        return OutletCondition.QUIET if self.quiet else OutletCondition.GOOD

    @property
    def backlog(self) -> int:
        """New articles that its sources name, and that are not fetched yet."""
        return self.run.backlog if self.run is not None else 0

    @property
    def _trouble(self) -> str:
        return self.run.trouble if self.run is not None else ""

    @property
    def quiet(self) -> bool:
        """Whether the outlet has had no article for more days, up to the last answer, than chance explains."""
        if self.looked is None or self.last is None:
            return False
        return self.looked - self.last > quiet_time(self.daily)

    def share(self, name: str) -> float | None:
        """Return the share of articles that have a title (`titled`), a date (`dated`) or an author (`signed`)."""
        return getattr(self.tally, name) / self.tally.documents if self.tally.documents else None

    @property
    def length(self) -> int | None:
        """Mean number of characters of an article."""
        return round(self.tally.characters / self.tally.documents) if self.tally.documents else None

    @property
    def why(self) -> str:
        """The problem in words; empty if there is none."""
        if self.held:
            return "; ".join(f"run {mark.run}: {', '.join(mark.why)}" for mark in self.held)
        if self.run is not None and self.condition in {OutletCondition.SILENT, OutletCondition.FAILING}:
            times = f" ({self.run.runs} runs in a row)" if self.run.runs > 1 else ""
            return (self.run.why or "no source answered in the last run") + times
        if self.failed:
            return "no source answered in the last run"
        return f"no article since {self.last}" if self.condition is OutletCondition.QUIET else ""


def read(store: ObjectStore, state: State, outlets: Mapping[str, Outlet], today: date) -> list[OutletHealth]:
    """Return the health of all outlets with a file, and of others in the tables, sorted by name."""
    by_outlet: defaultdict[str, list[_Line]] = defaultdict(list)
    for line in _lines(store, state):
        by_outlet[line.outlet].append(line)
    marks = quarantine.marks(store)
    runs = last_run.read_each(store, sorted({*outlets, *by_outlet}))
    found = []
    for name in sorted({*outlets, *by_outlet}):
        health = _health(name, by_outlet.get(name, []), today)
        health.daily = outlets[name].daily if name in outlets else 0.0
        health.run = runs.get(name)
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
    answers_by_run: dict[str, tuple[date, set[str]]] = {}
    for line in sorted(lines, key=lambda line: (line.day, line.run, line.measure)):
        day, measure = line.day, line.measure
        if measure == "sources":
            health.looked = max(day, health.looked or day)
        if measure in {"new", "documents", "kept"}:
            health.last = max(day, health.last or day)
        if measure.startswith("sources"):
            first, answers = answers_by_run.setdefault(line.run, (day, set()))
            answers_by_run[line.run] = max(first, day), answers | {measure}
        if today - WEEK < day <= today:
            health.week[measure] = health.week.get(measure, 0) + round(line.value)
        run = runs[day, line.run]
        run[measure] = run.get(measure, 0.0) + line.value
    if answers_by_run:
        _, answers = max(answers_by_run.values(), key=lambda answer: answer[0])
        health.failed = "sources" not in answers
    for _, measures in sorted(runs.items(), key=lambda entry: entry[0])[-MAX_PAST_RUNS:]:
        health.tally += SignCounts.from_measures(measures)
    return health
