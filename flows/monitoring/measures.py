"""Measures of a store: what is there, what waits, how each outlet does, how long a commit takes.

All of them are read from the store, so that they are the same on every machine, and survive the processes that made them.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from articles.accounting import COLUMNS
from flows.outlets import last_run
from flows.outlets.last_run import STATUS_PREFIX, LastRun
from flows.pending import RECENT
from flows.processing import last_commit
from storage import quarantine
from storage.captures.segments import recent_segment_infos, segment_infos
from storage.objects import ObjectStore
from storage.tables import accounts
from storage.tables.log_reader import LogReader
from storage.tables.state import State

METRICS: dict[str, tuple[str, tuple[str, ...], str]] = {  # name: kind, labels, meaning
    "irtysh_up": ("gauge", (), "Whether the store could be read."),
    "irtysh_snapshot_number": ("gauge", (), "Number of the newest snapshot; -1 before the first."),
    "irtysh_snapshot_age_seconds": ("gauge", (), "Age of the newest snapshot."),
    "irtysh_rows": ("gauge", ("table",), "Rows of a table in the newest snapshot."),
    "irtysh_table_bytes": ("gauge", ("table",), "Bytes of a table's files in the newest snapshot."),
    "irtysh_captured_bytes": ("gauge", ("outlet",), "Bytes of the segments that snapshots have consumed, compressed."),
    "irtysh_pages_total": (
        "counter",
        ("outlet", "outcome"),
        "Pages processed since the last rebuild, by outcome: the columns of `irtysh show`.",
    ),
    "irtysh_waiting_segments": ("gauge", ("outlet",), "Segments of captures that no snapshot has consumed."),
    "irtysh_waiting_bytes": ("gauge", ("outlet",), "Bytes of the segments that no snapshot has consumed, compressed."),
    "irtysh_waiting_age_seconds": ("gauge", (), "Age of the oldest segment that no snapshot has consumed; 0 without any."),
    "irtysh_commit_seconds": (
        "gauge",
        ("part",),
        "Duration of the last commit of processing: reading (with extraction) and writing (with links).",
    ),
    "irtysh_commit_captures": ("gauge", (), "Captures of the last commit of processing."),
    "irtysh_outlet_last_run_timestamp_seconds": ("gauge", ("outlet",), "When the last run of an outlet ended, Unix time."),
    "irtysh_outlet_ok": ("gauge", ("outlet",), "Whether the last run of an outlet had no trouble."),
    "irtysh_outlet_trouble_runs": ("gauge", ("outlet", "trouble"), "Runs in a row with this trouble."),
    "irtysh_outlet_backlog_articles": ("gauge", ("outlet",), "New articles that the sources name, and that are not fetched."),
    "irtysh_outlet_held_runs": ("gauge", ("outlet",), "Runs in quarantine."),
    "irtysh_run_pages": ("gauge", ("outlet",), "Pages that answered in the last run of an outlet."),
    "irtysh_run_bytes": ("gauge", ("outlet",), "Bytes of the bodies that the last run of an outlet received."),
    "irtysh_run_refusals": ("gauge", ("outlet", "reason"), "Sources and pages that failed in the last run, by reason."),
}  # fmt: skip


@dataclass
class Measure:
    """A metric with its samples: values of its labels, and a number."""

    name: str
    samples: list[tuple[tuple[str, ...], float]] = field(default_factory=list)

    def add(self, value: float, *labels: str) -> None:
        """Add a sample."""
        self.samples.append((labels, float(value)))


class StoreMeasures:
    """Reads the measures of one store; of what it has read before, only what is new. Not for sharing between threads."""

    def __init__(self, store: ObjectStore, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._log = LogReader(store)
        self._summed: tuple[int, str, accounts.Sums] = (-1, "", Counter())  # a snapshot, its entry and its pages
        self._runs: dict[str, tuple[datetime, LastRun]] = {}  # key -> when it was written, and what it says

    def read(self) -> list[Measure]:
        """Return the measures now. Raises StoreError."""
        made = {name: Measure(name) for name in METRICS}
        state, now = self._log.state(), self._clock()
        made["irtysh_up"].add(1)
        self._tables(made, state, now)
        self._waiting(made, state, now)
        self._last_commit(made)
        self._outlets(made)
        return list(made.values())

    def _tables(self, made: Mapping[str, Measure], state: State, now: datetime) -> None:
        made["irtysh_snapshot_number"].add(state.number)
        if state.head is not None:
            made["irtysh_snapshot_age_seconds"].add(max(0.0, (now - state.head.timestamp).total_seconds()))
        for table in sorted(state.files):
            made["irtysh_rows"].add(sum(ref.rows for ref in state.live(table)), table)
            made["irtysh_table_bytes"].add(sum(ref.size for ref in state.live(table)), table)
        sizes: Counter[str] = Counter()
        for key, known in state.sums.items():
            sizes[_outlet(key)] += known.size
        for outlet, size in sorted(sizes.items()):
            made["irtysh_captured_bytes"].add(size, outlet)
        for (outlet, outcome), pages in sorted(self._pages(state).items()):
            if pages and outcome in COLUMNS:
                made["irtysh_pages_total"].add(pages, outlet, outcome)

    def _pages(self, state: State) -> accounts.Sums:
        """Return the pages of all commits since the last rebuild, by outlet and outcome. Only new commits are read."""
        number, sha256, known = self._summed
        if 0 <= number <= state.number and state.history[number].sha256 == sha256:
            known = accounts.added(self._store, known, state.history[number + 1 :])
        else:  # the first time, or the log is another one
            known = accounts.sums(self._store, state)
        self._summed = state.number, state.sha256, known
        return known

    def _waiting(self, made: Mapping[str, Measure], state: State, now: datetime) -> None:
        if state.head is None:
            listed = segment_infos(self._store)
        else:
            listed = recent_segment_infos(self._store, (state.head.timestamp - RECENT).date())
        segments, sizes, oldest = Counter[str](), Counter[str](), now
        for info in listed:
            if info.key not in state.captures and info.key not in state.left_out:
                outlet = _outlet(info.key)
                segments[outlet] += 1
                sizes[outlet] += info.size
                oldest = min(oldest, info.modified)
        for outlet in sorted(segments):
            made["irtysh_waiting_segments"].add(segments[outlet], outlet)
            made["irtysh_waiting_bytes"].add(sizes[outlet], outlet)
        made["irtysh_waiting_age_seconds"].add((now - oldest).total_seconds())

    def _last_commit(self, made: Mapping[str, Measure]) -> None:
        if (last := last_commit.read(self._store)) is not None:
            made["irtysh_commit_seconds"].add(last.reading, "reading")
            made["irtysh_commit_seconds"].add(last.writing, "writing")
            made["irtysh_commit_captures"].add(last.captures)

    def _outlets(self, made: Mapping[str, Measure]) -> None:
        for run in self._last_runs():
            ended = datetime.fromisoformat(run.ended)
            made["irtysh_outlet_last_run_timestamp_seconds"].add(ended.astimezone(UTC).timestamp(), run.outlet)
            made["irtysh_outlet_ok"].add(not run.trouble, run.outlet)
            if run.trouble:
                made["irtysh_outlet_trouble_runs"].add(run.runs, run.outlet, run.trouble)
            made["irtysh_outlet_backlog_articles"].add(run.backlog, run.outlet)
            made["irtysh_run_pages"].add(run.pages, run.outlet)
            made["irtysh_run_bytes"].add(run.size, run.outlet)
            for reason, number in sorted(run.reasons.items()):
                made["irtysh_run_refusals"].add(number, run.outlet, reason)
        held: defaultdict[str, int] = defaultdict(int)
        for outlet, _ in quarantine.marks(self._store):
            held[outlet] += 1
        for outlet, runs in sorted(held.items()):
            made["irtysh_outlet_held_runs"].add(runs, outlet)

    def _last_runs(self) -> Iterator[LastRun]:
        """Yield how the last run of each outlet went; only those are read that were written since the last time."""
        fresh = {}
        for info in self._store.list(STATUS_PREFIX):
            name = info.key.removeprefix(STATUS_PREFIX).removesuffix(".json")
            if "/" in name:
                continue
            known = self._runs.get(name)
            fresh[name] = info.modified if known is None or known[0] != info.modified else None
        read = last_run.read_each(self._store, [name for name, modified in fresh.items() if modified is not None])
        for name, modified in fresh.items():
            if modified is not None and name in read:
                self._runs[name] = modified, read[name]
            if name in self._runs:
                yield self._runs[name][1]


def _outlet(key: str) -> str:
    return key.split("/")[1]
