"""Read a corpus from Python: `Corpus.open("s3://bucket/prefix").snapshot("latest").documents()`.

Nothing is written, neither to the store nor to the disk.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Self

import pyarrow as pa

from storage.export.selection import SCHEMA, SelectedRow, Selection, annotate, select
from storage.export.text_query import matching
from storage.objects import ObjectStore, open_store
from storage.snapshots import article_history, catalog
from storage.snapshots.article_history import VersionStep
from storage.snapshots.catalog import LATEST, Snapshot
from storage.snapshots.contents import SnapshotContents, load
from storage.tables import packs
from storage.tables.log_reader import LogReader
from storage.tables.state import State

CURRENT = Selection()  # the newest text of each accepted document that represents its cluster


class Corpus:
    """The corpus in one store. Not to be shared by threads."""

    def __init__(self, store: ObjectStore) -> None:
        self.store = store
        self._log = LogReader(store)

    @classmethod
    def open(cls, url: str) -> Self:
        """Open a store: a path, or `s3://bucket/prefix`. Raises UsageError for a URL that names no store."""
        return cls(open_store(url))

    def snapshots(self) -> list[Snapshot]:
        """Return all snapshots, the oldest first."""
        return catalog.snapshots(self._log)

    def snapshot(self, ref: str = LATEST) -> "CorpusSnapshot":
        """Return a snapshot by number, tag, date or `latest`. Raises RefError where there is none."""
        return CorpusSnapshot(self.store, self._log.state(catalog.resolve(self._log, ref)))


class CorpusSnapshot:
    """One immutable snapshot. Its contents without the texts are read once, when they are first needed."""

    def __init__(self, store: ObjectStore, state: State) -> None:
        self._store = store
        self._state = state
        self.number = state.number
        self.digest = catalog.digest(state)

    @cached_property
    def _contents(self) -> SnapshotContents:
        return load(self._store, self._state)

    def tables(self, selection: Selection = CURRENT) -> Iterator[pa.Table]:
        """Yield the selected documents as Arrow tables with the columns of docs/data.md, one table a pack."""
        by_pack: defaultdict[packs.FileRef, dict[str, list[SelectedRow]]] = defaultdict(dict)
        for row_id, rows in select(self._contents, selection, None).items():
            by_pack[self._contents.labels[row_id].pack][row_id] = rows
        refs = sorted(by_pack)
        for ref, table in zip(refs, packs.read_each(self._store, refs), strict=True):
            yield matching(annotate(table, by_pack[ref]), selection.query)

    def to_arrow(self, selection: Selection = CURRENT) -> pa.Table:
        """Return the selected documents as one Arrow table, all texts in memory."""
        tables = list(self.tables(selection))
        return pa.concat_tables(tables) if tables else SCHEMA.empty_table()

    def documents(self, selection: Selection = CURRENT) -> Iterator[dict[str, Any]]:
        """Yield the selected documents as dictionaries."""
        for table in self.tables(selection):
            for batch in table.to_batches():
                yield from batch.to_pylist()

    def history(self, url: str) -> dict[str, tuple[VersionStep, ...]]:
        """Return the versions of the article at a URL, by document id. Raises InputError if there is no such article."""
        return article_history.history(self._store, self._state, url, self._contents)
