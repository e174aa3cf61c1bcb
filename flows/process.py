"""Captures that no snapshot has consumed -> snapshots.

A batch is some segments whole: they are read in parallel, compared with what the table holds, and committed. Whatever
happens on the way, a capture is consumed by exactly one commit or by none.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from types import TracebackType
from typing import Self

from articles.accounting import missed
from articles.extractor_version import extractor_version
from articles.model import Reason
from articles.pipeline import PageResult
from flows.listener import Listener
from flows.processing import batch, translation_links
from flows.processing.memory import give_back
from flows.processing.quarantine import Quarantine, held
from flows.processing.segments import SegmentBatch, SegmentReader
from flows.processing.sites import Sites
from flows.processing.snapshot_index import SnapshotIndex
from flows.processing.topics import Topics
from flows.processing.workers import Workers
from flows.reports import ProcessReport
from storage.captures.segments import list_segments
from storage.objects import ObjectStore, probe
from storage.profiles import pin
from storage.quarantine import marks
from storage.tables.log import CommitDraft, Log
from storage.tables.packs import FileRef
from storage.tables.state import State

BATCH_CAPTURES = 1_000  # a commit's worth: docs/measurements.md §2 asks for shards of at least 1,000 documents
LEFT_OUT = frozenset((Reason.REDIRECTED, Reason.NOT_MODIFIED))  # another record tells what became of the page
CODE = f"irtysh {version('irtysh')}"


@dataclass(frozen=True, slots=True)
class ProcessingContext:
    """What processing needs besides captures: time, randomness and company are arguments."""

    store: ObjectStore
    run: str
    clock: Callable[[], datetime]
    rng: random.Random
    listener: Listener
    workers: int | None = None  # processes; None: one for each processor
    batch_captures: int = BATCH_CAPTURES
    outlets: str = ""  # a file or folder of outlets beside our own


class ProcessingTable:
    """A table and what is known of it. Use as a context manager; not to be shared by threads.

    UnsafeStoreError if the store ignores conditional writes.
    """

    def __init__(self, means: ProcessingContext) -> None:
        probe(means.store)
        self.means = means
        self.log = Log(means.store, means.clock, means.rng)
        self.sites = Sites(means.store, means.outlets)
        self._pool = Workers(Topics(means.store).text, means.workers, self.sites.of_capture)
        self.taker = SegmentReader(means.store, self._pool, means.listener, self.sites)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.close(at_once=kind is not None)

    def draft(
        self, state: State, operation: str, keys: Sequence[str], written: batch.WrittenBatch, readers: Iterable[str]
    ) -> CommitDraft:
        """Return the draft of a commit that consumes segments and adds what was written of them.

        `readers` name all that the readings rest on; it is stored, and pinned by the commit.
        """
        return CommitDraft(
            base=state.number,
            operation=operation,
            run=self.means.run,
            batch=f"{keys[0]} and {len(keys) - 1} more" if keys else "",
            code=CODE,
            config_sha256=pin(self.means.store, self.sites.configuration(readers)),
            captures=frozenset(keys),
            add=written.files,
            replaces=operation == "rebuild",
            counts={"pages": written.counts, "links": dict(written.links)},
        )


class Processor(ProcessingTable):
    """Takes captures into the table, a batch a step."""

    def __init__(self, means: ProcessingContext) -> None:
        super().__init__(means)
        self._known = SnapshotIndex(extractor_version(), self.sites.rules)
        self._watch = Quarantine(means.store, self.sites.rules, means.listener)
        self._known_at = -1
        self._ahead = False  # whether `_known` holds rows that no commit has made visible

    def step(self) -> ProcessReport | None:
        """Commit one batch of pending captures, then those of a held run that may come in; None when none is left."""
        while pending := self._pending(self.log.state()):
            taken = self.taker.take(pending, self._known, self.means.batch_captures)
            taken.readings = self._watch.hold(taken.readings)
            report = self._commit(taken)
            del taken
            give_back()
            if report is not None:
                return report
        for due in self._watch.due():
            readings = self.taker.again(due.refs)
            if self._watch.passes(due, readings):
                report = self._commit(SegmentBatch(again=readings))
                if report is not None:
                    return report
        return None

    def _pending(self, state: State) -> list[str]:
        """Return the segments that a state has not consumed."""
        return [key for key in list_segments(self.means.store) if key not in self._follow(state).captures]

    def _follow(self, state: State) -> State:
        """Make `_known` know what a state holds, and nothing else."""
        if state.number != self._known_at or self._ahead:
            replaced = any(commit.replaces for commit in state.history[self._known_at + 1 :])
            if replaced or self._ahead:
                self._known = SnapshotIndex(extractor_version(), self.sites.rules)
                self._watch = Quarantine(self.means.store, self.sites.rules, self.means.listener)
            self._known.follow(self.means.store, state)
            self._watch.follow(state)
            self._known_at, self._ahead = state.number, False
        return state

    def _commit(self, taken: SegmentBatch) -> ProcessReport | None:
        """Commit a batch; None if other writers have consumed all of it meanwhile."""
        drafts: list[tuple[SegmentBatch, batch.WrittenBatch]] = []

        def draft(state: State) -> CommitDraft | None:
            left = taken.without(self._follow(state).captures)
            if not left.keys and not left.again:
                return None
            self._ahead = True
            written = batch.write(self.means.store, self._known, [*left.readings, *left.again])
            drafts.append((left, written))
            readers = {one.fetch.extractor for one in (*left.readings, *left.again)}
            return self.draft(state, "process", left.keys, written, readers)

        first = draft(self.log.state())
        commit = self.log.append(first, draft) if first is not None else None
        if commit is None:
            return None
        self._ahead = False  # it is visible now
        left, written = drafts[-1]
        _name_rejected(left.readings, self.means.listener)
        _name_missed(left.readings, self.means.listener)
        return ProcessReport(
            (commit.number,), len(left.keys), written.counts, written.links, tuple(left.damaged), left.unread
        )


def _name_rejected(readings: Iterable[PageResult], listener: Listener) -> None:
    """Name every page that answered and became no document. Of what did not answer the crawl has told already."""
    for reading in readings:
        fetch = reading.fetch
        if reading.purpose.article and fetch.status and fetch.reason and fetch.reason not in LEFT_OUT:
            text = f"{fetch.url}: {fetch.reason}" + (f" ({fetch.detail})" if fetch.detail else "")
            listener.note("rejected", text, url=fetch.url, reason=fetch.reason, detail=fetch.detail)


def _name_missed(readings: Iterable[PageResult], listener: Listener) -> None:
    """Name the outlets whose selectors find nothing on pages that have become documents: they may have a new design."""
    for (outlet, attribute), pages in sorted(missed(readings).items()):
        listener.note(
            "missed",
            f"{outlet}: its selectors of {attribute} found nothing on {pages} of its articles",
            outlet=outlet,
            attribute=attribute,
            pages=pages,
        )


def process(
    means: ProcessingContext, take: Callable[[Processor], ProcessReport | None] = Processor.step
) -> ProcessReport:
    """Take all pending captures into the table. `take` commits one batch; Prefect makes a task of it."""
    report = ProcessReport()
    with Processor(means) as processor:
        while (step := take(processor)) is not None:
            report += step
            means.listener.note("snapshot", f"snapshot {step.snapshots[-1]}", number=step.snapshots[-1])
    if report.snapshots:
        translation_links.tell(means.listener)
    return report


def rebuild(means: ProcessingContext) -> ProcessReport:
    """Make fresh tables from all captures, in one commit that replaces all that was there."""
    with ProcessingTable(means) as table:
        keys: list[str] = []
        damaged: list[str] = []
        unread: list[str] = []
        total = batch.WrittenBatch((), {}, {})
        known = SnapshotIndex(extractor_version(), table.sites.rules)
        readers: set[str] = set()

        def read(pending: Sequence[str]) -> None:
            nonlocal total
            left = list(pending)
            while left:
                taken = table.taker.take(left, known, means.batch_captures)
                readings = held(taken.readings, marks(means.store))
                total += batch.write(means.store, known, readings)
                readers.update(reading.fetch.extractor for reading in taken.readings)
                known.follow(means.store, _uncommitted(total.files))
                keys.extend(taken.keys)
                damaged.extend(taken.damaged)
                unread.extend(taken.unread)
                left = left[len(taken.keys) :]
                del taken
                give_back()

        def draft(state: State) -> CommitDraft:
            read(sorted(state.captures.difference(keys)))
            return table.draft(state, "rebuild", keys, total, readers)

        read(list(list_segments(means.store)))
        commit = table.log.append(draft(table.log.state()), draft)
        translation_links.tell(means.listener)
    number = () if commit is None else (commit.number,)
    return ProcessReport(number, len(keys), total.counts, total.links, tuple(damaged), tuple(unread))


def _uncommitted(files: Sequence[FileRef]) -> State:
    """Return files as if a snapshot had them, for those who read what a rebuild has written so far."""
    by_table: defaultdict[str, dict[str, FileRef]] = defaultdict(dict)
    for ref in files:
        by_table[ref.table][ref.sha256] = ref
    return State(files=by_table)
