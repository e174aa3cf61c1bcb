"""Tables of a layer (`storage.snapshots.layers`): in memory, or in files that are read by ranges.

Each table is sorted by one column, in small groups. A file says of each group the first and the last value of that column, and
of texts also which it may hold at all (`storage.snapshots.key_filter`), so that few rows are found without reading others.
"""

import hashlib
import io
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from articles.errors import CorruptError, MissingError
from storage.objects import ObjectStore
from storage.objects.ranged_file import BlockFile
from storage.snapshots import key_filter
from storage.snapshots.key_filter import KeyFilter
from storage.snapshots.layer_names import edition, layer_key
from storage.snapshots.portions import BATCH_ROWS, leaves_of, portions_of
from storage.tables.log_format import SegmentSum

FILTER = b"irtysh.keys"  # in a file's metadata: the filter of its sort column

FEW_GROUPS = 4  # row groups that are requested as they are; of more, their blocks are
FOOTER_END_BYTES = 8  # the length of a Parquet footer, and "PAR1"
Read = TypeVar("Read")


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

    def batches(self, table: str, schema: pa.Schema) -> Iterator[pa.Table]:
        """Yield the rows of a table in portions, with the columns and the parts of nested columns that a schema has."""
        yield from portions_of(self.tables[table], schema)

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
    """A layer in a store, read by ranges. Not for several threads at once."""

    kind: LayerKind
    store: ObjectStore
    first: int
    last: int
    files: Mapping[str, tuple[str, int]]  # SHA-256 and size, by table
    footers: Mapping[str, SegmentSum]

    def read(self, table: str, columns: Sequence[str], keys: Collection[Any] | None = None) -> pa.Table:
        """Return columns of a table, of all rows or of those whose sort column is one of `keys`."""
        key = self.kind.sorted_by[table]
        wanted, schema = list(dict.fromkeys([*columns, key])), self.kind.schema(table, columns)
        known = None if keys is None else self._once(table, lambda _: self._filter_of(table))
        left = keys if keys is None or known is None else known.possible(keys)
        parts = []
        for rows in self._portions(table, wanted, None if left is None else sorted(left)):
            found = rows if left is None else only(rows, key, left)
            parts.append(found.select(columns).cast(schema))
        return pa.concat_tables(parts) if parts else schema.empty_table()

    def batches(self, table: str, schema: pa.Schema) -> Iterator[pa.Table]:
        """Yield the rows of a table in portions, with the columns and the parts of nested columns that a schema has."""
        for rows in self._portions(table, leaves_of(schema)):
            yield rows.cast(schema)

    def _portions(self, table: str, columns: Sequence[str], keys: Sequence[Any] | None = None) -> Iterator[pa.Table]:
        """Yield a table some row groups at a time; with sorted `keys`, only groups that may hold some of them.

        Arrow reads column by column: of few groups at once, each block of the file is requested once.
        """
        try:
            if keys is None:
                groups = self._read(table, lambda file: list(range(file.num_row_groups)))
            else:
                groups = self._read(table, lambda _: self._ends_of(table).groups(keys))
            self._sources[table].exact = len(groups) <= FEW_GROUPS
            many = max(1, BATCH_ROWS // self.kind.group_rows[table])
            for start in range(0, len(groups), many):
                some = groups[start : start + many]
                yield self._read(table, partial(pq.ParquetFile.read_row_groups, row_groups=some, columns=columns))
        finally:
            self._forget(table)

    def keys(self, table: str, says_enough: Callable[[Any, Any], bool]) -> pa.ChunkedArray:
        """Return the sort column of a table. Of row groups whose first and last value say enough, only these are returned."""
        key = self.kind.sorted_by[table]
        kind = self.kind.tables[table].field(key).type

        def found(file: pq.ParquetFile) -> pa.ChunkedArray:
            ends: list[Any] = []
            open_groups: list[int] = []
            for number, least, most in zip(*self._ends_of(table), strict=True):
                if says_enough(least, most):
                    ends += (least, most)
                else:
                    open_groups.append(number)
            read = file.read_row_groups(open_groups, columns=[key])[key].cast(kind).chunks if open_groups else []
            return pa.chunked_array([pa.array(ends, kind), *read], kind)

        return self._once(table, found)

    def rows_at(self, table: str, places: Sequence[int]) -> pa.Table:
        """Return the rows at some places of a table."""
        many = self.kind.group_rows[table]
        groups = sorted({place // many for place in places})
        starts = {
            group: number * many for number, group in enumerate(groups)
        }  # only the last group of a file is smaller
        wanted = pa.array([starts[place // many] + place % many for place in sorted(places)], pa.int64())
        rows = self._once(
            table, lambda file: file.read_row_groups(groups).take(wanted), exact=len(groups) <= FEW_GROUPS
        )
        return rows.cast(self.kind.tables[table])

    def num_rows(self, table: str) -> int:
        """Return the number of rows of a table."""
        return int(self._once(table, lambda file: file.metadata.num_rows))

    @cached_property
    def articles(self) -> pa.Array:
        """The articles that a layer with a table of articles holds."""
        return self.read("articles", ["article_id"])["article_id"].combine_chunks()

    def key_of(self, table: str) -> str:
        """Return the key of the file of a table."""
        return f"{self.kind.files_prefix}{self.files[table][0]}.parquet"

    def _once(self, table: str, reading: Callable[[pq.ParquetFile], Read], *, exact: bool = False) -> Read:
        """Read, and keep no block of the file."""

        def read(file: pq.ParquetFile) -> Read:
            self._sources[table].exact = exact
            return reading(file)

        try:
            return self._read(table, read)
        finally:
            self._forget(table)

    def _forget(self, table: str) -> None:
        if table in self._sources:
            self._sources[table].exact = False
            self._sources[table].forget()

    def _read(self, table: str, reading: Callable[[pq.ParquetFile], Read]) -> Read:
        try:
            return reading(self._open(table))
        except (pa.ArrowException, OSError, MissingError, CorruptError, KeyError, ValueError) as error:
            raise CorruptError(
                f"{self.key_of(table)} cannot be read: {error}; run `irtysh repair`, or delete {self.kind.prefix}, which "
                "the next run makes again"
            ) from error

    def _open(self, table: str) -> pq.ParquetFile:
        if table not in self._opened:
            source = BlockFile(self.store, self.key_of(table), self.files[table][1])
            self._sources[table] = source
            footer = self.footers[table]
            source.seek(-footer.size, io.SEEK_END)
            data = source.read(footer.size)
            if footer_of(data) != footer:  # pages have checksums of their own, a footer has none
                raise CorruptError("its footer does not have the SHA-256 that the layer lists")
            about = pq.read_metadata(io.BytesIO(data))
            if about.schema.to_arrow_schema().names != self.kind.tables[table].names:
                raise CorruptError(f"it is not a file of the table {table}")
            self._opened[table] = pq.ParquetFile(
                source, metadata=about, page_checksum_verification=True, pre_buffer=True
            )
        return self._opened[table]

    def _ends_of(self, table: str) -> "_Ends":
        if table not in self._ends:
            self._ends[table] = _Ends.of(self._open(table).metadata, self.kind.sorted_by[table])
        return self._ends[table]

    def _filter_of(self, table: str) -> KeyFilter | None:
        if table not in self._filters:
            text = (self._open(table).metadata.metadata or {}).get(FILTER)
            self._filters[table] = None if text is None else key_filter.read(text.decode("latin-1"))
        return self._filters[table]

    @cached_property
    def _filters(self) -> dict[str, KeyFilter | None]:
        return {}

    @cached_property
    def _opened(self) -> dict[str, pq.ParquetFile]:
        return {}

    @cached_property
    def _sources(self) -> dict[str, BlockFile]:
        return {}

    @cached_property
    def _ends(self) -> dict[str, "_Ends"]:
        return {}


Layer = MadeLayer | StoredLayer


class _Ends(NamedTuple):
    """Row groups with rows: their numbers, and the least and greatest value of the sort column in each."""

    numbers: list[int]
    least: list[Any]
    most: list[Any]

    @classmethod
    def of(cls, about: pq.FileMetaData, key: str) -> "_Ends":
        found = cls([], [], [])
        place = about.schema.names.index(key) if about.num_row_groups else 0
        for number in range(about.num_row_groups):
            statistics = about.row_group(number).column(place).statistics
            if statistics is not None and statistics.has_min_max:  # it has rows
                for values, value in zip(found, (number, statistics.min, statistics.max), strict=True):
                    values.append(value)
        return found

    def groups(self, wanted: Sequence[Any]) -> list[int]:
        """Return the numbers of the row groups that may hold some values."""
        found: set[int] = set()
        for value in wanted:
            place = bisect_left(self.most, value)
            while place < len(self.most) and self.least[place] <= value:
                found.add(self.numbers[place])
                place += 1
        return sorted(found)


def encoded(kind: LayerKind, table: str, rows: pa.Table) -> bytes:
    """Return a table as a file. Only the sort column has statistics: those of long texts would be most of what readers load first."""
    key = kind.sorted_by[table]
    sink = io.BytesIO()
    with pq.ParquetWriter(
        sink, rows.schema, compression="zstd", write_page_checksum=True, write_statistics=[key]
    ) as writer:
        writer.write_table(rows, row_group_size=kind.group_rows[table])
        if pa.types.is_string(rows.schema.field(key).type):
            writer.add_key_value_metadata({FILTER.decode(): key_filter.made(rows[key].unique().to_pylist())})
    return sink.getvalue()


def footer_of(data: bytes) -> SegmentSum:
    """Return the size and SHA-256 of the footer that ends a Parquet file, with its length and the mark after it."""
    size = int.from_bytes(data[-FOOTER_END_BYTES:-4], "little") + FOOTER_END_BYTES
    return SegmentSum(size, hashlib.sha256(data[-size:]).hexdigest())


def only(rows: pa.Table, key: str, values: Collection[Any]) -> pa.Table:
    """Return the rows whose column `key` has one of some values."""
    return rows.filter(pc.is_in(rows[key], pa.array(sorted(values), rows.schema.field(key).type)))
