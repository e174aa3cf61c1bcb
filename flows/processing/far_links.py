"""Compare pairs of rows on a Dask cluster: a task is some pairs with the texts of their rows.

Vectors that are stored are read by the worker from the store; those that it computes come back with the results.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from articles.errors import UsageError
from articles.extractor_version import extractor_version
from articles.links.encoder import Codes, Encoder, default_encoders, encoder_names
from articles.links.pair_budget import PairBudget
from articles.links.translation_index import TranslationEntry
from flows.processing.far import OTHER_CODE
from flows.processing.pair_work import ComparedPair, EntryPair, PairWork, StoredVectors, VectorKey
from storage.objects import open_store
from storage.snapshots import view_layers
from storage.tables.file_ref import FileRef

TASKS_PER_THREAD = 2  # so that a thread with costly pairs does not keep the others waiting for long
MIN_TASK_PAIRS = 10


@dataclass(frozen=True, slots=True)
class LinkTask:
    """Pairs of rows, and what a worker needs to compare them besides the store and the code."""

    store: str
    # versions of the readers, and of the code that computes links and views; names of the encoders
    code: tuple[str, str, str]
    entries: tuple[TranslationEntry, ...]
    pairs: tuple[tuple[int, int], ...]  # numbers of entries
    texts: Mapping[str, str]  # by row
    vectors: tuple[tuple[str, str, FileRef], ...]  # row, encoder, and the pack that holds them


LinkResults = tuple[tuple[ComparedPair | None, ...], dict[VectorKey, Codes]]


@dataclass(frozen=True, slots=True)
class ClusterComparer:
    """Compares pairs on a cluster: a `flows.processing.pair_work.PairComparer`."""

    cluster: Any  # a client of Dask, or an executor
    threads: int
    store: str

    def __call__(
        self, pairs: Sequence[EntryPair], texts: Mapping[str, str], vectors: StoredVectors
    ) -> Iterator[LinkResults]:
        """Yield results in the order of the pairs, one part for each task."""
        size = max(MIN_TASK_PAIRS, -(-len(pairs) // (self.threads * TASKS_PER_THREAD)))
        parts = [pairs[start : start + size] for start in range(0, len(pairs), size)]
        running = [self.cluster.submit(compare_far, self._task(part, texts, vectors)) for part in parts]
        for future in running:
            yield future.result()

    def _task(self, pairs: Sequence[EntryPair], texts: Mapping[str, str], vectors: StoredVectors) -> LinkTask:
        entries = {entry.row_id: entry for pair in pairs for entry in pair}
        numbers = {row_id: number for number, row_id in enumerate(entries)}
        stored = [
            (row_id, encoder.name, ref)
            for row_id in entries
            for encoder in vectors.encoders
            if (ref := vectors.stored(row_id, encoder.name)) is not None
        ]
        return LinkTask(
            self.store,
            (extractor_version(), view_layers.code_version(), encoder_names()),
            tuple(entries.values()),
            tuple((numbers[one.row_id], numbers[other.row_id]) for one, other in pairs),
            {row_id: texts[row_id] for row_id in entries},
            tuple(stored),
        )


def compare_far(task: LinkTask) -> LinkResults:
    """Compare the pairs of a task, on a worker of the cluster. UsageError if the worker has other code or encoders."""
    if task.code != (extractor_version(), view_layers.code_version(), encoder_names()):
        raise UsageError(OTHER_CODE)
    vectors = StoredVectors(_encoders())
    for one in task.vectors:
        vectors.note(*one)
    store = open_store(task.store)
    work = PairWork(store, vectors, lambda rows: {row: task.texts[row] for row in rows}, PairBudget())
    pairs = [(task.entries[one], task.entries[other]) for one, other in task.pairs]
    return tuple(work.compare(pairs)), work.computed()


@cache
def _encoders() -> tuple[Encoder, ...]:
    return default_encoders()
