"""Turn captures that no snapshot has consumed into new snapshots.

A batch is a number of whole segments. Its pages are extracted in parallel, compared with the stored rows, and committed.
A capture is consumed by exactly one commit or by none, even after a crash.
"""

import random
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from types import TracebackType
from typing import Any, Self

from articles.extractor_version import extractor_version
from flows.listener import Listener
from flows.pending import pending_segments
from flows.processing import batch, last_commit, taken_down, translation_links
from flows.processing.last_commit import LastCommit
from flows.processing.memory import release_memory
from flows.processing.page_notes import report_missed, report_rejected
from flows.processing.quarantine import DueRun, Quarantine, apply_marks
from flows.processing.segments import JudgingReader, SegmentBatch, SegmentReader
from flows.processing.sites import Sites
from flows.processing.snapshot_index import SnapshotIndex
from flows.processing.time_left import Pace
from flows.processing.topics import Topics
from flows.processing.workers import Workers
from flows.reports import ProcessReport
from storage.captures import whole
from storage.captures.reader import CaptureReader
from storage.captures.segments import segment_infos
from storage.captures.sums import known as known_sums
from storage.objects import ObjectStore, probe
from storage.profiles import pin
from storage.quarantine import marks, was_used
from storage.snapshots import lookup_layers
from storage.snapshots.contents import keep_lookups, keep_view
from storage.snapshots.rebuilds import Journal, Portion, files_of, state_of
from storage.tables import accounts, redactions
from storage.tables.log import CommitDraft, Log
from storage.tables.state import State
from storage.tracing import span
from storage.user_cache import use_cached_version

BATCH_CAPTURES = 1_000  # captures of one commit: docs/measurements.md §2 asks for shards of at least 1,000 documents
# Of feeds and the like, before a snapshot holds them without any article: each run reads them again.
MAX_IDLE_CAPTURES = 1_000
CODE_VERSION = f"irtysh {version('irtysh')}"


@dataclass(frozen=True, slots=True)
class ProcessingContext:
    """What processing needs besides captures: store, clock, random generator, listener and options."""

    store: ObjectStore
    run: str  # name that the commits carry
    clock: Callable[[], datetime]
    rng: random.Random
    listener: Listener
    workers: int | None = None  # number of processes; None: one for each processor core
    batch_captures: int = BATCH_CAPTURES  # captures after which a batch takes no further segment
    outlets: str = ""  # file or folder of outlets in addition to the built-in ones
    topic: str = ""  # by which all captures are judged, as `topics.specify` returns it; empty: their own
    scheduler: str = ""  # address of the Dask scheduler whose workers extract pages; empty: this machine
    recent_only: bool = False  # list only segments since shortly before the newest snapshot, not all that there are


class ProcessingTable:
    """The tables of a store, with what is needed to add to them: log, sites, worker pool.

    A context manager; not thread-safe. UnsafeStoreError if the store ignores conditional writes.
    """

    def __init__(self, context: ProcessingContext) -> None:
        probe(context.store)
        use_cached_version()
        self.context = context
        self.log = Log(context.store, context.clock, context.rng)
        self.sites = Sites(context.store, context.outlets)
        self._pool = Workers(Topics(context.store).text, context.workers, self.sites.of_capture)
        self._captures = JudgingReader(context.topic) if context.topic else CaptureReader()
        self.reader = SegmentReader(context.store, self._pool, context.listener, self.sites, self._captures)
        self.cluster: Any = None  # a client of Dask
        self.linking: Any = None  # `flows.processing.pair_work.PairComparer` of that cluster
        if context.scheduler:
            from flows.processing import far, far_links  # noqa: PLC0415  most runs read on this machine

            far_reader, self.cluster = far.reader_of(context.scheduler, self.reader, context.topic, context.outlets)
            self.reader = far_reader
            self.linking = far_links.ClusterComparer(self.cluster, far_reader.threads, context.store.url)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._captures.close()
        if self.cluster is not None:
            self.cluster.close()
        self._pool.close(at_once=kind is not None)

    def draft(
        self, state: State, operation: str, keys: Sequence[str], written: batch.WrittenBatch, readers: Iterable[str]
    ) -> CommitDraft:
        """Return the draft of a commit that consumes the segments `keys` and adds the files of `written`.

        `readers` are the extractor keys of the batch. The configuration that they name is stored, and the commit holds
        its SHA-256.
        """
        pages, by_outlet = accounts.kept(self.context.store, written.counts)
        return CommitDraft(
            base=state.number,
            operation=operation,
            run=self.context.run,
            batch=f"{keys[0]} and {len(keys) - 1} more" if keys else "",
            code=CODE_VERSION,
            config_sha256=pin(self.context.store, self.sites.configuration(readers)),
            captures=frozenset(keys),
            add=written.files,
            replaces=operation == "rebuild",
            counts={"pages": pages, "links": dict(written.links)}
            | ({"links_cut": len(written.cut)} if written.cut else {}),
            accounts=by_outlet,
        )


class Processor(ProcessingTable):
    """Processes pending captures; each step commits one batch."""

    def __init__(self, context: ProcessingContext) -> None:
        super().__init__(context)
        self._index = SnapshotIndex(extractor_version(), self.sites.rules, self.linking)
        self._quarantine = Quarantine(context.store, self.sites.rules, context.listener)
        self._known_at = -1
        self._ahead = False  # whether `_known` holds rows that are not committed
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


class Rebuilding(ProcessingTable):
    """Reads all captures again, in portions. With a journal, an interrupted rebuild continues, and a read one waits.

    Raises CorruptError, before anything is changed, if segments were damaged since a commit consumed them and
    `leave_out` (keys, or `storage.captures.whole.ALL_DAMAGED`) does not name them.
    """

    def __init__(
        self, context: ProcessingContext, leave_out: Collection[str] = (), journal: Journal | None = None
    ) -> None:
        super().__init__(context)
        self._leave_out, self._journal = leave_out, journal
        self._takedowns = redactions.count(context.store)
        self._left_out = whole.left_out(context.store, self.log.state(), leave_out)
        self._known = SnapshotIndex(extractor_version(), self.sites.rules, self.linking)
        self._known.recall_refusals(context.store, self.log.state())
        self.portions = journal.begin() if journal is not None else []
        self._known.follow(context.store, state_of(files_of(self.portions)))

    @property
    def keys(self) -> list[str]:
        """The segments that were read."""
        return [key for portion in self.portions for key in portion.keys]

    def read_all(self) -> None:
        """Read all segments that were not read yet."""
        self._read([(info.key, info.size) for info in segment_infos(self.context.store)])

    def _read(self, listed: Sequence[tuple[str, int]]) -> None:
        store, done = self.context.store, {*self.keys, *self._left_out}
        left = [key for key, _ in listed if key not in done]
        sizes = dict(listed)
        pace = Pace(sum(sizes[key] for key in left), self.context.clock())
        number = len(left)
        while left:
            segment_batch = self.reader.read_batch(left, self._known, self.context.batch_captures)
            results = taken_down.withhold(store, apply_marks(segment_batch.results, marks(store)))
            written = batch.write(store, self._known, results)
            self._known.follow(store, state_of((*files_of(self.portions), *written.files)))
            self._add(segment_batch, written)
            left = left[len(segment_batch.keys) :]
            pace.done += sum(sizes[key] for key in segment_batch.keys)
            says = pace.says(self.context.clock())
            self.context.listener.progress("rebuilding", number - len(left), number, says)
            del segment_batch, results
            release_memory()

    def _add(self, read: SegmentBatch, written: batch.WrittenBatch) -> None:
        readers = tuple(sorted({result.fetch.extractor for result in read.results}))
        portion = Portion(
            tuple(read.keys), read.sums, written.files, written.counts, dict(written.links), written.cut,
            tuple(read.damaged), tuple(read.unread), readers,
        )  # fmt: skip
        if self._journal is not None:
            self._journal.add(portion)
        self.portions.append(portion)

    def publish(self) -> ProcessReport:
        """Replace all tables by what was read, in one commit; what was captured since is read first."""
        store = self.context.store
        summed = known_sums(store, self.log.state()).keys()
        sums = dict(self.log.state().sums)

        def draft(state: State) -> CommitDraft:
            self._read([(key, 0) for key in sorted(state.captures.difference(self.keys))])
            redactions.refuse_later(store, self._takedowns)
            damaged = [key for portion in self.portions for key in portion.damaged]
            unproved = {key for key in damaged if key in state.captures and key not in summed}  # of older commits
            if whole.ALL_DAMAGED not in self._leave_out:
                whole.refuse([f"{key} cannot be read to its end" for key in unproved])
            for portion in self.portions:
                sums.update(portion.sums)
            readers = {reader for portion in self.portions for reader in portion.readers}
            made = self.draft(state, "rebuild", self.keys, self._written(), readers)
            return replace(made, sums=sums, left_out=tuple(self._left_out), takedowns=self._takedowns)

        commit = self.log.append(draft(self.log.state()), draft)
        total = self._written()
        translation_links.report_cut(self.context.listener, total.cut)
        keep_view(store, self.log.state())
        keep_lookups(store, self.log.state())
        damaged, unread = (
            tuple(one for portion in self.portions for one in getattr(portion, name)) for name in ("damaged", "unread")
        )
        numbers = () if commit is None else (commit.number,)
        return ProcessReport(numbers, len(self.keys), total.counts, total.links, damaged, unread, total.cut)

    def _written(self) -> batch.WrittenBatch:
        parts = (batch.WrittenBatch(one.files, one.counts, one.links, one.cut) for one in self.portions)
        return sum(parts, batch.WrittenBatch((), {}, {}))


def rebuild(context: ProcessingContext, leave_out: Collection[str] = ()) -> ProcessReport:
    """Process all captures again, and replace all tables in one commit. Raises CorruptError as `Rebuilding` does."""
    with Rebuilding(context, leave_out) as rebuilding:
        rebuilding.read_all()
        return rebuilding.publish()
