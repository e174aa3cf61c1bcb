"""Extract all captures again, in portions, and replace all tables of a store by what was read, in one commit."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from articles.extractor_version import extractor_version
from flows.processing import batch, taken_down, translation_links
from flows.processing.memory import release_memory
from flows.processing.quarantine import apply_marks
from flows.processing.segments import SegmentBatch
from flows.processing.snapshot_index import SnapshotIndex
from flows.processing.table import ProcessingContext, ProcessingTable
from flows.processing.time_left import Pace
from flows.reports import ProcessReport
from storage.captures import whole
from storage.captures.segments import segment_infos
from storage.captures.sums import known as known_sums
from storage.quarantine import marks
from storage.snapshots.contents import keep_lookups, keep_view
from storage.snapshots.rebuilds import Journal, Portion, files_of, state_of
from storage.tables import redactions
from storage.tables.log import CommitDraft
from storage.tables.state import State


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
