"""Holds out of the corpus what an outlet's run gave, where it does not look like what its earlier runs gave.

Which runs are held is knowledge of its own (`storage.quarantine`): it is decided once, when a run is first processed, and
a rebuild abides by it. Captures of a held run are kept and accounted for as `quarantined`. They are read again when a
person releases the run, or when what reads the outlet's pages has changed and the run then passes.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from articles.drift import PAST_RUNS, SignCounts, drifts, tally
from articles.model import CaptureRef, Reason
from articles.pipeline import PageResult
from flows.listener import Listener
from spiders.sources import from_archive
from storage import quarantine
from storage.objects import ObjectStore
from storage.quarantine import Key, Marks, QuarantineMark
from storage.tables import packs
from storage.tables.packs import FileRef
from storage.tables.rows import capture_ref
from storage.tables.state import State

READ = frozenset({Reason.NO_ARTICLE, Reason.EMPTY, Reason.UNREADABLE})  # a redesign can look like any of these
HELD_COLUMNS = ("outlet", "run", "url", "reason", "capture_key", "capture_offset", "capture_record_id")


@dataclass(frozen=True, slots=True)
class DueRun:
    """A held run whose captures are to be read again."""

    key: Key
    refs: tuple[CaptureRef, ...]
    mark: QuarantineMark | None  # None: it was released


@dataclass(slots=True)
class Quarantine:
    """What is known of the outlets' earlier runs. `rules` returns what a page at a URL is read by, its topic apart."""

    store: ObjectStore
    rules: Callable[[str], str]
    listener: Listener
    _runs: dict[str, dict[str, tuple[date, dict[str, float]]]] = field(default_factory=lambda: defaultdict(dict))
    _held: dict[Key, dict[str, tuple[str, CaptureRef]]] = field(default_factory=lambda: defaultdict(dict))
    _files: set[FileRef] = field(default_factory=set)

    def follow(self, state: State) -> None:
        """Take in what commits since have added."""
        for ref in self._fresh(state.live("health")):
            self._take_health(packs.read(self.store, ref))
        fetches = self._fresh(state.live("fetches"))
        for ref in fetches:
            self._take_held(packs.read(self.store, ref, HELD_COLUMNS))
        if any(self._held.values()):
            for ref in fetches:
                self._settle(packs.read(self.store, ref, ("reason", "capture_record_id")))

    def hold(self, readings: Sequence[PageResult]) -> list[PageResult]:
        """Return the readings of a batch, those of runs that have drifted as held; such runs are marked."""
        groups = self._groups(readings)
        marks = quarantine.marks(self.store)
        found = {key: mark for key, group in groups.items() if key not in marks and (mark := self._judge(key, group))}
        if found:
            marks = quarantine.change(self.store, lambda before: {**found, **before})
        for key in sorted(groups.keys() & marks.keys()):
            self._tell(marks[key], len(groups[key]))
        return held(readings, marks)

    def due(self) -> list[DueRun]:
        """Return the held runs that were released, or whose pages are read by other rules than when they were held."""
        waiting = {key: refs for key, refs in self._held.items() if refs}
        if not waiting:
            return []
        marks = quarantine.marks(self.store)
        return [
            DueRun(key, tuple(sorted(ref for _, ref in refs.values())), marks.get(key))
            for key, refs in sorted(waiting.items())
            if key not in marks or self._other_rules(marks[key], refs)
        ]

    def passes(self, due: DueRun, readings: Sequence[PageResult]) -> bool:
        """Whether a held run, read again, may enter the corpus; its mark is taken off, or says why it stays."""
        if due.mark is None:
            return True
        mark = due.mark
        why = tuple(map(str, drifts(_tally(readings), self._past(due.key), mended=True)))
        rules = _rules(readings) or mark.rules
        if why:
            left = replace(mark, why=why, rules=rules)
            quarantine.change(self.store, lambda before: {**before, due.key: left} if due.key in before else before)
            self._tell(left, len(readings))
            return False
        quarantine.change(self.store, lambda before: {key: one for key, one in before.items() if key != due.key})
        outlet, run = due.key
        self.listener.note(
            "released",
            f"{outlet}: run {run} looks right with the new rules",
            outlet=outlet,
            run=run,
            pages=len(readings),
        )
        return True

    def _groups(self, readings: Iterable[PageResult]) -> dict[Key, list[PageResult]]:
        groups: defaultdict[Key, list[PageResult]] = defaultdict(list)
        for reading in readings:
            if controlled(reading):
                groups[reading.fetch.outlet, reading.fetch.run].append(reading)
        return groups

    def _judge(self, key: Key, readings: Sequence[PageResult]) -> QuarantineMark | None:
        outlet, run = key
        runs = self._runs.get(outlet, {})
        day = min(reading.fetch.fetched.date() for reading in readings)
        if any(known > day for known, _ in runs.values()):
            return None  # captured before what is known: nothing that came later tells how it should look
        earlier = SignCounts.from_measures(runs[run][1]) if run in runs else SignCounts()
        found = drifts(earlier + _tally(readings), self._past(key))
        return QuarantineMark(outlet, run, tuple(map(str, found)), _rules(readings)) if found else None

    def _past(self, key: Key) -> SignCounts:
        outlet, run = key
        runs = sorted(
            (day, name, measures) for name, (day, measures) in self._runs.get(outlet, {}).items() if name != run
        )
        return sum((SignCounts.from_measures(measures) for _, _, measures in runs[-PAST_RUNS:]), SignCounts())

    def _other_rules(self, mark: QuarantineMark, refs: Mapping[str, tuple[str, CaptureRef]]) -> bool:
        url = min(url for url, _ in refs.values())
        return self.rules(url) != mark.rules

    def _tell(self, mark: QuarantineMark, pages: int) -> None:
        self.listener.note(
            "quarantined",
            f"{mark.outlet}: {pages} pages of run {mark.run} are held out of the corpus: {'; '.join(mark.why)}. Mend the "
            f"outlet's file and process again, or `irtysh outlets release {mark.outlet}` if they are right",
            outlet=mark.outlet,
            run=mark.run,
            pages=pages,
            why=list(mark.why),
        )

    def _fresh(self, refs: Iterable[FileRef]) -> list[FileRef]:
        fresh = [ref for ref in refs if ref not in self._files]
        self._files.update(fresh)
        return fresh

    def _take_health(self, rows: pa.Table) -> None:
        for row in rows.to_pylist():
            runs = self._runs[row["outlet"]]
            day, measures = runs.setdefault(row["run"], (row["day"], {}))
            measures[row["measure"]] = measures.get(row["measure"], 0.0) + row["value"]
            runs[row["run"]] = min(day, row["day"]), measures

    def _take_held(self, rows: pa.Table) -> None:
        for row in rows.filter(pc.equal(rows["reason"], Reason.QUARANTINED.value)).to_pylist():
            ref = capture_ref(row)
            self._held[row["outlet"], row["run"]][ref.record_id] = row["url"], ref

    def _settle(self, rows: pa.Table) -> None:
        """Forget the captures that a later commit has read again."""
        others = rows.filter(pc.not_equal(rows["reason"], Reason.QUARANTINED.value))
        for record_id in others["capture_record_id"].to_pylist():
            for refs in self._held.values():
                refs.pop(record_id, None)


def controlled(reading: PageResult) -> bool:
    """Whether a reading is of a page that a crawl of its outlet found, and was made now; others are taken as they are."""
    found = reading.fetch.discovery
    if not reading.purpose.article or found is None or from_archive(found.source):
        return False
    return reading.vitals is not None or reading.fetch.reason in READ


def held(readings: Iterable[PageResult], marks: Marks) -> list[PageResult]:
    """Return readings, those of marked runs without what they hold."""
    return [
        _hold(reading, mark)
        if controlled(reading) and (mark := marks.get((reading.fetch.outlet, reading.fetch.run)))
        else reading
        for reading in readings
    ]


def _hold(reading: PageResult, mark: QuarantineMark) -> PageResult:
    fetch = replace(reading.fetch, rows=(), reason=Reason.QUARANTINED.value, detail="; ".join(mark.why))
    return PageResult(fetch, purpose=reading.purpose)


def _tally(readings: Iterable[PageResult]) -> SignCounts:
    return tally((reading.vitals, reading.missed) for reading in readings)


def _rules(readings: Sequence[PageResult]) -> str:
    """Return what readings rest on, their topics apart."""
    return min((reading.fetch.extractor.partition(":")[0] for reading in readings), default="")
