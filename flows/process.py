"""Turn captures that no snapshot has consumed into new snapshots.

A batch is a number of whole segments. Its pages are extracted in parallel, compared with the stored rows, and committed.
A capture is consumed by exactly one commit or by none, even after a crash.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from articles.extractor_version import extractor_version
from flows.pending import pending_segments
from flows.processing import batch, last_commit, taken_down, translation_links
from flows.processing.last_commit import LastCommit
from flows.processing.memory import release_memory
from flows.processing.page_notes import report_missed, report_rejected
from flows.processing.quarantine import DueRun, Quarantine
from flows.processing.segments import SegmentBatch
from flows.processing.snapshot_index import SnapshotIndex
from flows.processing.table import ProcessingContext, ProcessingTable
from flows.reports import ProcessReport
from storage.quarantine import was_used
from storage.snapshots import lookup_layers
from storage.snapshots.contents import keep_lookups, keep_view
from storage.tables import redactions
from storage.tables.log import CommitDraft
from storage.tables.state import State
from storage.tracing import span

# Of feeds and the like, before a snapshot holds them without any article: each run reads them again.
MAX_IDLE_CAPTURES = 1_000


class Processor(ProcessingTable):
    """Processes pending captures; each step commits one batch."""

    def __init__(self, context: ProcessingContext) -> None:
        super().__init__(context)
        self._index = SnapshotIndex(extractor_version(), self.sites.rules, self.linking)
        self._quarantine = Quarantine(context.store, self.sites.rules, context.listener)
        self._known_at = -1
        self._ahead = False  # whether `_index` holds rows that are not committed
        self._idle: frozenset[str] = frozenset()  # pending segments that hold no articles

    def step(self) -> ProcessReport | None:
        """Commit one batch of pending captures, or else one quarantined run that may enter the corpus.

        Return None if nothing is left but segments without articles, such as those of a run that found nothing new in its
        feeds: the next commit consumes them.
        """
        while not self._idle.issuperset(pending := self._pending(state := self.log.state())):
            self._follow(state)
            began = self.context.clock()
            with span("read", segments=len(pending)):
                segment_batch = self._read(pending)
            if segment_batch is None:
                self._idle = frozenset(pending)
                break
            segment_batch.results = self._quarantine.screen(segment_batch.results)
            read, captures = self.context.clock(), len(segment_batch.results)
            with span("commit", captures=captures):
                report = self._commit(segment_batch)
            del segment_batch
            release_memory()
            if report is not None:
                self._note_times(report.snapshots[-1], captures, began, read)
                return report
        for due in self._due_runs(state):
            results = self.reader.reread(due.refs)
            if self._quarantine.passes(due, results):
                report = self._commit(SegmentBatch(reread=results))
                if report is not None:
                    return report
        return None

    def _note_times(self, snapshot: int, captures: int, began: datetime, read: datetime) -> None:
        ended = self.context.clock()
        reading, writing = (read - began).total_seconds(), (ended - read).total_seconds()
        last = LastCommit(snapshot, ended.isoformat(timespec="seconds"), captures, round(reading, 3), round(writing, 3))
        last_commit.write(self.context.store, last, self.context.listener)

    def _read(self, pending: Sequence[str]) -> SegmentBatch | None:
        """Read segments up to a batch with articles, or with many captures; None if all of them are few, without articles."""
        segment_batch = SegmentBatch()
        while len(segment_batch.keys) < len(pending):
            left = pending[len(segment_batch.keys) :]
            segment_batch += self.reader.read_batch(left, self._index, self.context.batch_captures)
            if not segment_batch.is_idle or len(segment_batch.results) >= MAX_IDLE_CAPTURES:
                return segment_batch
        return None

    def _pending(self, state: State) -> list[str]:
        return pending_segments(self.context.store, state, recent_only=self.context.recent_only)

    def _due_runs(self, state: State) -> list[DueRun]:
        """Return the quarantined runs that may enter the corpus. Without any quarantine so far, no table is read."""
        if not was_used(self.context.store):
            return []
        if self._known_at < 0:
            self._quarantine.follow(
                state, lookup_layers.find(self.context.store, state)
            )  # the index is not needed where nothing is new
        else:
            self._follow(state)
        return self._quarantine.due_runs()

    def _follow(self, state: State) -> State:
        """Bring the index and the quarantine to exactly this state, and return the state."""
        if state.number != self._known_at or self._ahead:
            replaced = any(commit.replaces for commit in state.history[self._known_at + 1 :])
            if replaced or self._ahead:
                self._index = SnapshotIndex(extractor_version(), self.sites.rules, self.linking)
                self._quarantine = Quarantine(self.context.store, self.sites.rules, self.context.listener)
            self._index.follow(self.context.store, state)
            self._quarantine.follow(state, self._index.lookups)
            self._known_at, self._ahead = state.number, False
        return state

    def _commit(self, segment_batch: SegmentBatch) -> ProcessReport | None:
        """Commit a batch; None if other writers have consumed all its segments meanwhile."""
        drafts: list[tuple[int, SegmentBatch, batch.WrittenBatch]] = []

        def draft(state: State) -> CommitDraft | None:
            takedowns = redactions.count(self.context.store)
            left = taken_down.withheld(self.context.store, segment_batch.without(self._follow(state).captures))
            if not left.keys and not left.reread:
                return None
            self._ahead = True
            written = batch.write(self.context.store, self._index, [*left.results, *left.reread])
            drafts.append((takedowns, left, written))
            readers = {result.fetch.extractor for result in (*left.results, *left.reread)}
            return replace(
                self.draft(state, "process", left.keys, written, readers), sums=left.sums, takedowns=takedowns
            )

        first = draft(self.log.state())
        commit = self.log.append(first, draft) if first is not None else None
        if commit is None or len(drafts) > 1:
            outdated = [(count, one.files) for count, _, one in drafts]
            taken_down.delete_outdated(self.log, outdated, self.context.listener)
        if commit is None:
            return None
        self._ahead = False  # the commit has made the rows visible
        keep_view(self.context.store, self.log.state())
        keep_lookups(self.context.store, self.log.state())
        _, left, written = drafts[-1]
        report_rejected(left.results, self.context.listener)
        report_missed(left.results, self.context.listener)
        translation_links.report_cut(self.context.listener, written.cut)
        consumed, damaged = len(left.keys), tuple(left.damaged)
        return ProcessReport(
            (commit.number,), consumed, written.counts, written.links, damaged, left.unread, written.cut
        )


def process(
    context: ProcessingContext, step: Callable[[Processor], ProcessReport | None] = Processor.step
) -> ProcessReport:
    """Process all pending captures. `step` commits one batch; under Prefect it is a task."""
    report = ProcessReport()
    with Processor(context) as processor:
        while (done := step(processor)) is not None:
            report += done
            context.listener.note("snapshot", f"snapshot {done.snapshots[-1]}", number=done.snapshots[-1])
    return report
