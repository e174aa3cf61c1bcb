"""Contents of a snapshot without the texts: from its stored view, or else computed from all rows."""

import gc
import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial

import pyarrow as pa
import pyarrow.compute as pc

from articles.errors import CorruptError, MissingError, StoreError
from storage.objects import ObjectStore
from storage.snapshots import layers, view_layers
from storage.snapshots.checked_rows import checked_documents
from storage.snapshots.layer_tables import Layer, MadeLayer
from storage.snapshots.observed import RowLabel, SnapshotContents, compute
from storage.snapshots.portions import portions_of
from storage.snapshots.view_counts import ViewCounts, described, stored_counts
from storage.snapshots.view_layers import StoredView
from storage.snapshots.view_tables import TABLES, contents_of, of_contents
from storage.tables.file_ref import FileRef
from storage.tables.log_reader import LogReader
from storage.tables.state import State

__all__ = [
    "RowLabel",
    "SnapshotContents",
    "SnapshotReader",
    "SnapshotTables",
    "compute",
    "highest_score",
    "keep_lookups",
    "keep_view",
    "load",
    "load_articles",
    "load_tables",
    "load_tables_of_both",
    "reader",
    "reader_of_both",
    "stored_view",
]

MAX_COMMITS_TO_ADVANCE = 50  # that a reader adds to a stored view in memory; beyond, reading all rows is as fast
MAX_LAYERS = 8  # of one view, before those of single commits are joined

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SnapshotTables:
    """The same contents as tables, or a part of them: rows of `documents` and of `links`."""

    documents: pa.Table  # of `storage.snapshots.view_tables.TABLES`
    links: pa.Table

    def contents(self, state: State) -> SnapshotContents:
        """Return them as objects."""
        with _collector_paused():
            return contents_of(self.documents, self.links, _packs(state))


def highest_score(store: ObjectStore, state: State) -> float:
    """Return the highest topic score of a snapshot's documents."""
    documents = load_tables(store, state, ("score",), links=False).documents
    return pc.max(documents["score"]).as_py() or 0.0


def load(store: ObjectStore, state: State) -> SnapshotContents:
    """Return a snapshot's contents."""
    view = stored_view(store, state)
    return compute(store, state) if view is None else load_articles(view, state)


@dataclass(frozen=True)
class SnapshotReader:
    """Reads a snapshot's contents as far as they are asked for: of all articles, or of those in some layers."""

    store: ObjectStore
    state: State
    view: StoredView | None  # None if none is stored, so that the contents must be computed

    def documents(self, schema: pa.Schema) -> Iterator[pa.Table]:
        """Yield the documents in portions, with the columns and the parts of `versions` that a schema has."""
        if self.view is None:
            yield from portions_of(self._computed.documents, schema)
            return
        for rows in self.view.batches("documents", schema):
            yield checked_documents(rows, _packs(self.state))

    def links(self, schema: pa.Schema) -> Iterator[pa.Table]:
        """Yield the links in portions, with the columns that a schema has: one row for each of its two documents."""
        return portions_of(self._computed.links, schema) if self.view is None else self.view.batches("links", schema)

    def tables(self, columns: Sequence[str] = TABLES["documents"].names, *, links: bool = True) -> SnapshotTables:
        """Return the contents as tables, with some columns of `documents`. Without `links` there are none."""
        if self.view is None:
            documents, found = self._computed.documents.select(columns), self._computed.links
            return SnapshotTables(documents, found if links else found.slice(0, 0))
        documents = checked_documents(self.view.read("documents", columns), _packs(self.state))
        return SnapshotTables(documents, self.view.read("links", TABLES["links"].names, None if links else ()))

    @cached_property
    def _computed(self) -> SnapshotTables:
        return SnapshotTables(*of_contents(compute(self.store, self.state)))


def reader(store: ObjectStore, state: State) -> SnapshotReader:
    """Return a reader of a snapshot's contents."""
    return SnapshotReader(store, state, stored_view(store, state))


def reader_of_both(
    store: ObjectStore, older: State, newer: State, schema: pa.Schema
) -> tuple[Iterator[pa.Table], SnapshotReader]:
    """Return portions of the documents of a snapshot, and a reader of a later one, without what is the same as far as stored views tell.

    What has changed since is in the layers since alone. Portions have the columns and the parts of `versions` of a schema.
    """
    since = view_layers.between(store, older, newer)
    view = stored_view(store, older) if since is not None else None
    if since is None or view is None:
        return reader(store, older).documents(schema), reader(store, newer)
    changed = {name for layer in since.layers for name in layer.articles.to_pylist()}
    before = checked_documents(view.read("documents", schema.names, changed), _packs(older))
    return portions_of(before, schema), SnapshotReader(store, newer, since)


def load_tables(
    store: ObjectStore, state: State, columns: Sequence[str] = TABLES["documents"].names, *, links: bool = True
) -> SnapshotTables:
    """Return a snapshot's contents as tables, with some columns of `documents`. Without `links` there are none."""
    return reader(store, state).tables(columns, links=links)


def load_tables_of_both(
    store: ObjectStore, older: State, newer: State, columns: Sequence[str], *, links: bool = True
) -> tuple[pa.Table, SnapshotTables]:
    """Return columns of the documents of two snapshots as `reader_of_both` does."""
    schema = pa.schema([TABLES["documents"].field(name) for name in columns])
    before, after = reader_of_both(store, older, newer, schema)
    return pa.concat_tables([schema.empty_table(), *before]), after.tables(columns, links=links)


def load_articles(view: StoredView, state: State, articles: Collection[str] | None = None) -> SnapshotContents:
    """Return the contents of a stored view, of all articles or of some."""
    documents = view.read("documents", TABLES["documents"].names, articles)
    links = view.read("links", TABLES["links"].names, articles)
    with _collector_paused():
        return contents_of(documents, links, _packs(state))


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause Python's collector of cycles: it would look through millions of new objects again and again, none of them garbage."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def stored_view(store: ObjectStore, state: State) -> StoredView | None:
    """Return the view of a snapshot if it is stored, or that of a snapshot shortly before, and what commits added since."""
    found = view_layers.find(store, state) if state.number >= 0 else None
    if found is None or found.snapshot == state.number:
        return found
    if state.number - found.snapshot > MAX_COMMITS_TO_ADVANCE:
        return None
    layer = _next_layer(store, found, state)
    return None if layer is None else StoredView((*found.layers, layer))


def keep_view(store: ObjectStore, state: State) -> None:
    """Store the view of a snapshot, so that readers need not compute it. If this fails, a later writer does it."""
    from storage.snapshots import current_table  # noqa: PLC0415  for writers only

    try:
        named = current_table.edition(store)
        _keep_view(store, state)
        if (view := view_layers.find(store, state)) is not None and view.snapshot == state.number:
            current_table.keep(store, state, view, named)
    except StoreError as error:
        logger.warning("The view of snapshot %d was not stored: %s", state.number, error)


def keep_lookups(store: ObjectStore, state: State) -> None:
    """Store what the next writer looks up in a snapshot. If this fails, a later writer does it."""
    from storage.snapshots import lookup_layers  # noqa: PLC0415  loads what finds links, which readers do not need

    try:
        lookup_layers.keep(store, state)
    except StoreError as error:
        logger.warning("The look-ups of snapshot %d were not stored: %s", state.number, error)


def _keep_view(store: ObjectStore, state: State) -> None:
    if state.number < 0:
        return
    named = view_layers.VIEWS.edition(store)  # before anything is read: a takedown from now on is noticed by it
    before = view_layers.find(store, state)
    if before is not None and before.snapshot == state.number:
        return
    log = LogReader(store)
    state = log.redactions.state(state)  # of takedowns since it was read
    commits = log.read_many(range(before.snapshot + 1 if before is not None else 0, state.number + 1))
    if before is not None and not all(map(layers.adds, commits)):
        commits = log.read_many(range(state.number + 1))
    for number in layers.portions(commits):  # after a killed command, many commits may lack a layer
        _keep_next(store, state if number == state.number else log.state(number), named)


def _keep_next(store: ObjectStore, state: State, named: str) -> None:
    """Store a layer of an edition up to a state: on those before, or if there are none, of all rows."""
    from storage.snapshots import counting, view_advance  # noqa: PLC0415  load what computes views, which readers of stored ones do not need

    before = view_layers.find(store, state)
    files = _added_since(store, before, state) if before is not None else None
    if before is None or files is None:
        added = view_advance.read_added(store, {table: state.live(table) for table in state.files})
        layer = view_advance.advanced(StoredView(()), added, state.number, _packs(state))
        about = _counts(state, partial(counting.of_snapshot, store, state, StoredView((layer,))))
        layers.write(store, layer, named, state.sha256, about)
        return
    layer = _advanced(store, before, files, state)
    known = stored_counts(store, before.snapshot, state.history[before.snapshot].sha256)
    if known is not None:
        counted = counting.advanced(known, before, layer)
        about = _counts(state, lambda: counted + counting.of_files(store, files))
    else:
        about = _counts(state, partial(counting.of_snapshot, store, state, StoredView((*before.layers, layer))))
    parts: tuple[Layer, ...] = (*before.layers, layers.write(store, layer, named, state.sha256, about))
    first = layers.to_join([one.num_rows("articles") for one in parts], MAX_LAYERS)
    if first is not None:
        layers.write(store, StoredView(parts).merged(parts[first:]), named, state.sha256, about)


def _counts(state: State, counted: Callable[[], ViewCounts]) -> dict[str, object]:
    """Return counts for the description of a layer; none if a file that they need is damaged, which costs only time."""
    try:
        return described(counted())
    except (CorruptError, MissingError) as error:
        logger.warning("The view of snapshot %d is stored without its counts: %s", state.number, error)
        return {}


def _next_layer(store: ObjectStore, before: StoredView, state: State) -> MadeLayer | None:
    """Return the layer from a stored view to a later snapshot, or None if commits since have taken rows away."""
    files = _added_since(store, before, state)
    return None if files is None else _advanced(store, before, files, state)


def _added_since(store: ObjectStore, before: StoredView, state: State) -> dict[str, list[FileRef]] | None:
    """Return the files that commits have added since, by table, or None if commits have taken rows away."""
    from storage.snapshots import view_advance  # noqa: PLC0415  as in `_keep_view`

    commits = LogReader(store).read_many(range(before.snapshot + 1, state.number + 1))
    if not view_advance.only_adds(commits):
        return None
    files: dict[str, list[FileRef]] = {}
    for commit in commits:
        for ref in commit.add:
            files.setdefault(ref.table, []).append(ref)
    return files


def _advanced(
    store: ObjectStore, before: StoredView, files: Mapping[str, Sequence[FileRef]], state: State
) -> MadeLayer:
    from storage.snapshots import view_advance  # noqa: PLC0415  as in `_keep_view`

    return view_advance.advanced(before, view_advance.read_added(store, files), state.number, _packs(state))


def _packs(state: State) -> Mapping[str, FileRef]:
    return state.files.get("documents", {})
