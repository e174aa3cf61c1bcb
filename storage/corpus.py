"""Read the corpus of a store: `StoredCorpus.open("s3://bucket/prefix").snapshot("latest").documents()`.

Nothing is written, neither to the store nor to the disk. `irtysh.py` is its public face.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Self

import pyarrow as pa

from articles.history.snapshot_view import DocumentLink
from storage.export import listing
from storage.export.listing import ListedRejection, ListFilter
from storage.export.reserved import reserved_documents
from storage.export.selection import SCHEMA, Selection, annotate, by_pack, select
from storage.export.text_query import matching
from storage.objects import ObjectStore, open_store
from storage.snapshots import article_history, catalog, find_capture
from storage.snapshots.article_history import VersionStep
from storage.snapshots.catalog import Snapshot
from storage.snapshots.contents import SnapshotContents, SnapshotTables, compute, load_tables, stored_view
from storage.snapshots.find_capture import FoundCapture
from storage.snapshots.refs import LATEST
from storage.tables import packs
from storage.tables.log_reader import LogReader
from storage.tables.state import State

CURRENT = Selection()  # the newest text of each accepted document that represents its cluster


class StoredCorpus:
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
        self.store = store
        self._state = state
        self.number = state.number
        self.digest = catalog.digest(state)

    @cached_property
    def _tables(self) -> SnapshotTables:
        return load_tables(self.store, self._state)

    @cached_property
    def _contents(self) -> SnapshotContents:
        return self._tables.contents(self._state)

    @cached_property
    def _computed(self) -> SnapshotContents | None:
        """The contents of a snapshot without a stored view: they tell which articles others have joined, as tables do not."""
        return None if stored_view(self.store, self._state) is not None else compute(self.store, self._state)

    def tables(self, selection: Selection = CURRENT) -> Iterator[pa.Table]:
        """Yield the selected documents as Arrow tables with the columns of docs/data.md, one table a pack."""
        lines = by_pack(self._selected(selection), self._state.files.get("documents", {}))
        for ref, table in zip(lines, packs.read_each(self.store, lines), strict=True):
            yield matching(annotate(table, lines[ref]), selection.query)

    def to_arrow(self, selection: Selection = CURRENT) -> pa.Table:
        """Return the selected documents as one Arrow table, all texts in memory."""
        tables = list(self.tables(selection))
        return pa.concat_tables(tables) if tables else SCHEMA.empty_table()

    def documents(self, selection: Selection = CURRENT) -> Iterator[dict[str, Any]]:
        """Yield the selected documents as dictionaries."""
        for table in self.tables(selection):
            for batch in table.to_batches():
                yield from batch.to_pylist()

    def count(self, selection: Selection = CURRENT) -> int:
        """Return the number of selected documents. Texts are read only if the selection has a query."""
        if selection.query:
            return sum(table.num_rows for table in self.tables(selection))
        return int(self._selected(selection).num_rows)

    def links(self) -> tuple[DocumentLink, ...]:
        """Return the links between the current texts of documents."""
        return self._contents.view.links

    def rejections(self, chosen: ListFilter = ListFilter()) -> list[ListedRejection]:
        """Return the URLs that became no document. Raises UsageError for an unknown reason."""
        return listing.rejections(self.store, self._state, chosen, listing.last_kept(self.store, self._state))

    def newest_capture(self, url: str) -> FoundCapture | None:
        """Return the newest capture of a page, None if there is none. Raises InputError if it cannot be read."""
        return find_capture.newest_capture(self.store, self._state, url)

    def _selected(self, selection: Selection) -> pa.Table:
        use = selection.purpose
        reserved = reserved_documents(self.store, self._state, use) if use is not None else {}
        return select(self._tables.documents, selection, None, reserved)

    def history(self, url: str) -> dict[str, tuple[VersionStep, ...]]:
        """Return the versions of the article at a URL, by document id. Raises InputError if there is no such article."""
        return article_history.history(self.store, self._state, url, self._computed)
