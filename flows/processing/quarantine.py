"""Quarantine: keep a run out of the corpus if its pages differ from the outlet's earlier runs.

Whether a run is quarantined is decided once, when the run is first processed. The decision is stored as a mark
(`storage.quarantine`), and a rebuild follows it. Captures of a quarantined run are kept, and counted as `quarantined`.
They are processed again when a person releases the run, or when the rules for the outlet's pages have changed and the
run passes the check.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from articles.counting import are, many
from articles.drift import MAX_PAST_RUNS, SignCounts, drifts, tally
from articles.model import CaptureRef, Reason
from articles.pipeline import PageResult
from flows.listener import Listener
from spiders.sources import from_archive
from storage import quarantine
from storage.objects import ObjectStore
from storage.quarantine import Key, Marks, QuarantineMark
from storage.snapshots import lookup_layers
from storage.snapshots.lookup_layers import Lookups
from storage.snapshots.lookup_tables import HELD_COLUMNS
from storage.tables import packs
from storage.tables.file_ref import FileRef
from storage.tables.rows import capture_ref
from storage.tables.state import State

REDESIGN_REASONS = frozenset(
    {Reason.NO_ARTICLE, Reason.EMPTY, Reason.UNREADABLE}
)  # a redesign can look like any of these
FOLLOWED = ("health", "fetches")


@dataclass(frozen=True, slots=True)
class DueRun:
    """A quarantined run whose captures must be processed again."""

    key: Key
    refs: tuple[CaptureRef, ...]
    mark: QuarantineMark | None  # None: the run was released


@dataclass(slots=True)
class Quarantine:
    """Earlier runs of all outlets, and the captures in quarantine.

    `rules` returns the key of the rules that extract a page at a URL, without its topic.
    """

    store: ObjectStore
    rules: Callable[[str], str]
    listener: Listener
    _runs: dict[str, dict[str, tuple[date, dict[str, float]]]] = field(default_factory=lambda: defaultdict(dict))
    _held: dict[Key, dict[str, tuple[str, CaptureRef]]] = field(default_factory=lambda: defaultdict(dict))
    _files: set[FileRef] = field(default_factory=set)
    _lookups: Lookups | None = None
    _recalled: set[str] = field(default_factory=set)  # outlets whose runs were looked up

    def follow(self, state: State, lookups: Lookups | None = None) -> None:
        """Read the files that commits have added since the last call. What `lookups` holds is looked up when needed."""
        if lookups is not None and not self._files and self._lookups is None:
            self._lookups = lookups
            later = set(lookup_layers.added(self.store, lookups, state))
            self._files.update(ref for table in FOLLOWED for ref in state.live(table) if ref not in later)
            self._take_held(lookups.held())
        for ref in self._fresh(state.live("health")):
            self._take_health(packs.read(self.store, ref))
        fetches = self._fresh(state.live("fetches"))
        for ref in fetches:
            self._take_held(packs.read(self.store, ref, HELD_COLUMNS))
        if any(self._held.values()):
            for ref in fetches:
                self._settle(packs.read(self.store, ref, ("reason", "capture_record_id")))

    def screen(self, results: Sequence[PageResult]) -> list[PageResult]:
        """Mark the runs of a batch that have drifted. Return the results, with those of marked runs as quarantined."""
        groups = self._groups(results)
        marks = quarantine.marks(self.store)
        found = {key: mark for key, group in groups.items() if key not in marks and (mark := self._judge(key, group))}
        if found:
            marks = quarantine.change(self.store, lambda before: {**found, **before})
        for key in sorted(groups.keys() & marks.keys()):
            self._tell(marks[key], len(groups[key]))
        return apply_marks(results, marks)

    def due_runs(self) -> list[DueRun]:
        """Return the quarantined runs that were released, or whose rules have changed since they were judged."""
        waiting = {key: refs for key, refs in self._held.items() if refs}
        if not waiting:
            return []
        marks = quarantine.marks(self.store)
        return [
            DueRun(key, tuple(sorted(ref for _, ref in refs.values())), marks.get(key))
            for key, refs in sorted(waiting.items())
            if key not in marks or self._other_rules(marks[key], refs)
        ]

    def passes(self, due: DueRun, results: Sequence[PageResult]) -> bool:
        """Whether a quarantined run, extracted again, may enter the corpus. Remove its mark, or update its reason."""
        if due.mark is None:
            return True
        mark = due.mark
        why = tuple(map(str, drifts(_tally(results), self._past(due.key), rules_changed=True)))
        rules = _rules(results) or mark.rules
        if why:
            left = replace(mark, why=why, rules=rules)
            quarantine.change(self.store, lambda before: {**before, due.key: left} if due.key in before else before)
            self._tell(left, len(results))
            return False
        quarantine.change(self.store, lambda before: {key: one for key, one in before.items() if key != due.key})
        outlet, run = due.key
        self.listener.note(
            "released",
            f"{outlet}: run {run} passes the checks with the current rules; released from quarantine",
            outlet=outlet,
            run=run,
            pages=len(results),
        )
        return True

    def _groups(self, results: Iterable[PageResult]) -> dict[Key, list[PageResult]]:
        groups: defaultdict[Key, list[PageResult]] = defaultdict(list)
        for result in results:
            if is_checked(result):
                groups[result.fetch.outlet, result.fetch.run].append(result)
        return groups

    def _judge(self, key: Key, results: Sequence[PageResult]) -> QuarantineMark | None:
        outlet, run = key
        runs = self._runs_of(outlet)
        day = min(result.fetch.fetched.date() for result in results)
        if any(known > day for known, _ in runs.values()):
            return None  # older than the known runs: later pages do not tell how it should look
        earlier = SignCounts.from_measures(runs[run][1]) if run in runs else SignCounts()
        found = drifts(earlier + _tally(results), self._past(key))
        return QuarantineMark(outlet, run, tuple(map(str, found)), _rules(results)) if found else None

    def _past(self, key: Key) -> SignCounts:
        outlet, run = key
        runs = sorted((day, name, measures) for name, (day, measures) in self._runs_of(outlet).items() if name != run)
        return sum((SignCounts.from_measures(measures) for _, _, measures in runs[-MAX_PAST_RUNS:]), SignCounts())

    def _other_rules(self, mark: QuarantineMark, refs: Mapping[str, tuple[str, CaptureRef]]) -> bool:
        url = min(url for url, _ in refs.values())
        return self.rules(url) != mark.rules

    def _tell(self, mark: QuarantineMark, pages: int) -> None:
        self.listener.note(
            "quarantined",
            f"{mark.outlet}: {many(pages, 'page')} of run {mark.run} {are(pages)} in quarantine: {'; '.join(mark.why)}. Correct the outlet's "
            f"file and process again; if the pages are right, run `irtysh outlets release {mark.outlet}`",
            outlet=mark.outlet,
            run=mark.run,
            pages=pages,
            why=list(mark.why),
        )

    def _runs_of(self, outlet: str) -> Mapping[str, tuple[date, dict[str, float]]]:
        if self._lookups is not None and outlet not in self._recalled:
            self._recalled.add(outlet)
            for rows in self._lookups.health([outlet]):
                self._take_health(rows)
        return self._runs.get(outlet, {})

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
        """Forget the captures that a later commit has processed again."""
        others = rows.filter(pc.not_equal(rows["reason"], Reason.QUARANTINED.value))
        for record_id in others["capture_record_id"].to_pylist():
            for refs in self._held.values():
                refs.pop(record_id, None)


def is_checked(result: PageResult) -> bool:
    """Whether a result is checked for drift: a page that a crawl of its outlet discovered, and that was extracted now."""
    found = result.fetch.discovery
    if not result.purpose.article or found is None or from_archive(found.source):
        return False
    return result.vitals is not None or result.fetch.reason in REDESIGN_REASONS


def apply_marks(results: Iterable[PageResult], marks: Marks) -> list[PageResult]:
    """Return the results, with those of marked runs as quarantined: without rows and links."""
    return [
        _quarantined(result, mark)
        if is_checked(result) and (mark := marks.get((result.fetch.outlet, result.fetch.run)))
        else result
        for result in results
    ]


def _quarantined(result: PageResult, mark: QuarantineMark) -> PageResult:
    fetch = replace(result.fetch, rows=(), reason=Reason.QUARANTINED.value, detail="; ".join(mark.why))
    return PageResult(fetch, purpose=result.purpose)


def _tally(results: Iterable[PageResult]) -> SignCounts:
    return tally((result.vitals, result.missed) for result in results)


def _rules(results: Sequence[PageResult]) -> str:
    """Return the key of the rules that the results were extracted with, without their topics."""
    return min((result.fetch.extractor.partition(":")[0] for result in results), default="")
