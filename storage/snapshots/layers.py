"""Layers of tables: what is derived from the commits of a log, stored so that it need not be computed again.

    <prefix><edition>/<last commit>-<first commit>.json   one layer: its files, and the log entry that it ends with
    <prefix>files/<sha256>.parquet

A layer holds what a span of commits adds or changes; the layers from commit 0 to a snapshot hold all of it. The rows of a
table are sorted by one column, and in small groups, so reading few of them costs what they have. Layers are rebuildable.
They are of one edition: code that computes the same, and the same number of takedowns.
"""

import hashlib
import io
import json
import logging
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from articles.errors import CorruptError, MissingError
from storage.objects import ObjectStore, put_once
from storage.objects.json_objects import read_json
from storage.snapshots.layer_names import edition, layer_key, names_its_span, spans
from storage.tables.delta import Commit
from storage.tables.file_ref import DELTA_TABLE
from storage.tables.log_format import sums_of
from storage.tables.packs import ranged
from storage.tables.state import State

Rows = TypeVar("Rows", pa.Table, pa.ChunkedArray)

MAX_ADDED_SHARE = 0.25  # of what the layer before them holds; beyond, they are joined with it
FULL_LAYER_ROWS = 100_000  # articles or texts: joining so many takes .7 GB

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class LayerKind:
    """What layers hold, and where they lie."""

    prefix: str  # of their keys
    tables: Mapping[str, pa.Schema]
    sorted_by: Mapping[str, str]  # column, by table
    group_rows: Mapping[str, int]  # rows of a row group, by table
    code: Callable[[], str]  # the SHA-256 of the code that computes them

    @property
    def files_prefix(self) -> str:
        """Prefix of the keys of files."""
        return self.prefix + "files/"

    def edition(self, store: ObjectStore) -> str:
        """Return the name of the layers that hold now. Another version of the code, and each takedown, begin another edition."""
        return edition(store, self.code())

    def key(self, named: str, first: int, last: int) -> str:
        """Return the key of a layer of an edition."""
        return layer_key(self.prefix, named, first, last)

    def sort(self, table: str, rows: pa.Table) -> pa.Table:
        """Return the rows of a table in their order."""
        return rows.sort_by([(self.sorted_by[table], "ascending")]).combine_chunks()

    def schema(self, table: str, columns: Sequence[str]) -> pa.Schema:
        """Return the schema of some columns of a table."""
        return pa.schema([self.tables[table].field(name) for name in columns])


@dataclass(frozen=True)
class MadeLayer:
    """A layer in memory."""

    kind: LayerKind
    first: int
    last: int
    tables: Mapping[str, pa.Table]

    def read(self, table: str, columns: Sequence[str], keys: Collection[Any] | None = None) -> pa.Table:
        """Return columns of a table, of all rows or of those whose sort column is one of `keys`."""
        rows = self.tables[table]
        return (rows if keys is None else only(rows, self.kind.sorted_by[table], keys)).select(columns)

    def keys(self, table: str, says_enough: Callable[[Any, Any], bool]) -> pa.ChunkedArray:  # noqa: ARG002  as below
        """Return the sort column of a table."""
        return self.tables[table][self.kind.sorted_by[table]]

    def rows_at(self, table: str, places: Sequence[int]) -> pa.Table:
        """Return the rows at some places of a table."""
        return self.tables[table].take(pa.array(sorted(places), pa.int64()))

    def num_rows(self, table: str) -> int:
        """Return the number of rows of a table."""
        return int(self.tables[table].num_rows)

    @property
    def articles(self) -> pa.Array:
        """The articles that a layer with a table of articles holds."""
        return self.tables["articles"]["article_id"].combine_chunks()


@dataclass(frozen=True)
class StoredLayer:
    """A layer in a store, read by ranges."""

    kind: LayerKind
    store: ObjectStore
    first: int
    last: int
    files: Mapping[str, tuple[str, int]]  # SHA-256 and size, by table

    def read(self, table: str, columns: Sequence[str], keys: Collection[Any] | None = None) -> pa.Table:
        """Return columns of a table, of all rows or of those whose sort column is one of `keys`."""
        key = self.kind.sorted_by[table]
        wanted = list(dict.fromkeys([*columns, key]))

        def found(file: pq.ParquetFile) -> pa.Table:
            if keys is None:
                return file.read(columns=wanted)
            groups = list(_groups(file.metadata, key, sorted(keys)))
            return only(file.read_row_groups(groups, columns=wanted), key, keys)

        return self._read(table, found).select(columns).cast(self.kind.schema(table, columns))

    def keys(self, table: str, says_enough: Callable[[Any, Any], bool]) -> pa.ChunkedArray:
        """Return the sort column of a table. Of row groups whose first and last value say enough, only these are returned."""
        key = self.kind.sorted_by[table]
        kind = self.kind.tables[table].field(key).type

        def found(file: pq.ParquetFile) -> pa.ChunkedArray:
            ends: list[Any] = []
            open_groups: list[int] = []
            for number, least, most in _ends(file.metadata, key):
                if says_enough(least, most):
                    ends += (least, most)
                else:
                    open_groups.append(number)
            read = file.read_row_groups(open_groups, columns=[key])[key].cast(kind).chunks if open_groups else []
            return pa.chunked_array([pa.array(ends, kind), *read], kind)

        return self._read(table, found)

    def rows_at(self, table: str, places: Sequence[int]) -> pa.Table:
        """Return the rows at some places of a table."""
        many = self.kind.group_rows[table]
        groups = sorted({place // many for place in places})
        starts = {
            group: number * many for number, group in enumerate(groups)
        }  # only the last group of a file is smaller
        wanted = pa.array([starts[place // many] + place % many for place in sorted(places)], pa.int64())
        rows = self._read(table, lambda file: file.read_row_groups(groups).take(wanted))
        return rows.cast(self.kind.tables[table])

    def num_rows(self, table: str) -> int:
        """Return the number of rows of a table."""
        return int(self._open(table).metadata.num_rows)

    @cached_property
    def articles(self) -> pa.Array:
        """The articles that a layer with a table of articles holds."""
        return self.read("articles", ["article_id"])["article_id"].combine_chunks()

    def key_of(self, table: str) -> str:
        """Return the key of the file of a table."""
        return f"{self.kind.files_prefix}{self.files[table][0]}.parquet"

    def _read(self, table: str, reading: Callable[[pq.ParquetFile], Rows]) -> Rows:
        try:
            return reading(self._open(table))
        except (pa.ArrowException, OSError, MissingError, CorruptError) as error:
            raise CorruptError(
                f"{self.key_of(table)} cannot be read: {error}; run `irtysh repair`, or delete {self.kind.prefix}, which "
                "the next run makes again"
            ) from error

    def _open(self, table: str) -> pq.ParquetFile:
        if table not in self._opened:
            source = ranged(self.store, self.key_of(table), self.files[table][1])
            self._opened[table] = pq.ParquetFile(source, page_checksum_verification=True, pre_buffer=True)
        return self._opened[table]

    @cached_property
    def _opened(self) -> dict[str, pq.ParquetFile]:
        return {}


Layer = MadeLayer | StoredLayer


def write(
    store: ObjectStore, layer: MadeLayer, entry_sha256: str, more: Mapping[str, Any] = MappingProxyType({})
) -> StoredLayer:
    """Store a layer. `entry_sha256` is that of the log entry it ends with; `more` is added to its description."""
    kind, listed = layer.kind, {}
    for table, rows in layer.tables.items():
        sink = io.BytesIO()
        with pq.ParquetWriter(sink, rows.schema, compression="zstd", write_page_checksum=True) as writer:
            writer.write_table(rows, row_group_size=kind.group_rows[table])
        data = sink.getvalue()
        sha256 = hashlib.sha256(data).hexdigest()
        put_once(store, f"{kind.files_prefix}{sha256}.parquet", data)
        listed[table] = sha256, len(data)
    about = {"first": layer.first, "last": layer.last, "entry": entry_sha256, "files": listed, **more}
    put_once(store, kind.key(kind.edition(store), layer.first, layer.last), json.dumps(about, indent=1).encode())
    return StoredLayer(kind, store, layer.first, layer.last, listed)


def files_of(store: ObjectStore, kind: LayerKind, key: str) -> set[str]:
    """Return the keys of the files that a layer lists. Raises CorruptError or MissingError."""
    return {f"{kind.files_prefix}{sha256}.parquet" for sha256, _ in listed_files(store, key).values()}


def listed_files(store: ObjectStore, key: str) -> dict[str, tuple[str, int]]:
    """Return the SHA-256 and size of each file that a layer lists, by table. Raises CorruptError or MissingError."""
    try:
        files = read_json(store, key)["files"]
        sums = sums_of({table: (size, sha256) for table, (sha256, size) in files.items()})
        return {table: (found.sha256, found.size) for table, found in sums.items()}
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise CorruptError(f"{key} lists no files: {error}") from error


def find(store: ObjectStore, kind: LayerKind, state: State) -> tuple[StoredLayer, ...]:
    """Return the layers up to the newest snapshot, not after a state, that has them; none if no snapshot has."""
    named = kind.edition(store)
    there = spans(store, kind.prefix, named)
    for last in sorted({last for _, last in there if last <= state.number}, reverse=True):
        chain = _chain(there, -1, last)
        if chain is not None and (layers := _all_stored(store, kind, named, chain, state)):
            return layers
    return ()


def between(store: ObjectStore, kind: LayerKind, older: int, newer: int, state: State) -> tuple[StoredLayer, ...]:
    """Return the layers from one snapshot to a later one, or none if they are not stored. `state` is of no earlier one."""
    if older > newer:
        return ()
    named = kind.edition(store)
    chain = _chain(spans(store, kind.prefix, named), older, newer)
    return _all_stored(store, kind, named, chain or (), state)


def to_join(sizes: Sequence[int], most: int) -> int | None:
    """Return from which layer on the layers of a snapshot are to be joined into one, by their sizes; None if they are not.

    `most` is the number of layers of single commits. Layers that are full stay as they are, so that joining never reads a whole large corpus into memory. Of the others, single
    commits are joined with each other, and with the first of them where they hold much of what it holds.
    """
    full = next((number for number, size in enumerate(sizes) if size < FULL_LAYER_ROWS), len(sizes))
    own = sizes[full:]
    if len(own) > 1 and sum(own[1:]) > MAX_ADDED_SHARE * own[0]:
        return full
    return full + 1 if len(own) > most else None


def portions(commits: Sequence[Commit]) -> Iterator[int]:
    """Yield the snapshots whose layers are made in turn for commits that have none: each adds as many texts as a full layer has.

    What comes before the last commit that takes rows away is made at once.
    """
    first = max((place for place, commit in enumerate(commits) if not adds(commit)), default=0)
    texts = 0
    for commit in commits[first:]:
        texts += sum(ref.rows for ref in commit.add if ref.table == DELTA_TABLE)
        if texts >= FULL_LAYER_ROWS or commit is commits[-1]:
            yield commit.number
            texts = 0


def adds(commit: Commit) -> bool:
    """Return whether a commit only adds rows."""
    return not (commit.remove or commit.replaces or commit.rearranges)


def only(rows: pa.Table, key: str, values: Collection[Any]) -> pa.Table:
    """Return the rows whose column `key` has one of some values."""
    return rows.filter(pc.is_in(rows[key], pa.array(sorted(values), rows.schema.field(key).type)))


def _all_stored(
    store: ObjectStore, kind: LayerKind, named: str, chain: Sequence[tuple[int, int]], state: State
) -> tuple[StoredLayer, ...]:
    """Return the layers of a chain, or nothing if one of them cannot be used."""
    entries = {commit.number: commit.sha256 for commit in state.history}
    layers = [_stored(store, kind, named, span, entries.get(span[1], "")) for span in chain]
    return tuple(layer for layer in layers if layer) if all(layers) else ()


def _chain(there: Sequence[tuple[int, int]], after: int, last: int) -> list[tuple[int, int]] | None:
    """Return the fewest layers from the commit after `after` to `last`, or None if there are none."""
    best: dict[int, list[tuple[int, int]]] = {after: []}
    for first, end in sorted(there, key=lambda span: span[1]):
        before = best.get(first - 1)
        if end <= last and before is not None and (end not in best or len(before) + 1 < len(best[end])):
            best[end] = [*before, (first, end)]
    return best.get(last)


def _stored(
    store: ObjectStore, kind: LayerKind, named: str, span: tuple[int, int], entry_sha256: str
) -> StoredLayer | None:
    key = kind.key(named, *span)
    try:
        listed = listed_files(store, key)
        about = read_json(store, key)
        right = about["entry"] == entry_sha256 and names_its_span(about, span) and listed.keys() == kind.tables.keys()
    except (CorruptError, MissingError, LookupError, TypeError) as error:
        logger.warning("%s cannot be used: %s", key, error)
        return None
    return StoredLayer(kind, store, *span, listed) if right else None


def _groups(about: pq.FileMetaData, key: str, wanted: Sequence[Any]) -> Iterator[int]:
    """Yield the row groups that may hold some of the sorted values of a column."""
    for number, least, most in _ends(about, key):
        at = bisect_left(wanted, least)
        if at < len(wanted) and wanted[at] <= most:
            yield number


def _ends(about: pq.FileMetaData, key: str) -> Iterator[tuple[int, Any, Any]]:
    """Yield the number of each row group with rows, and the least and greatest value of a column in it."""
    place = about.schema.names.index(key) if about.num_row_groups else 0
    for number in range(about.num_row_groups):
        statistics = about.row_group(number).column(place).statistics
        if statistics is not None and statistics.has_min_max:  # it has rows
            yield number, statistics.min, statistics.max
