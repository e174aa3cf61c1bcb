"""Write and read packs: rows as content-addressed Parquet. The same rows give the same bytes, whatever their order.

A pack is named by the SHA-256 of its bytes. Each Parquet page has a checksum too, so columns that are read by ranges,
without the rest of the pack, are also checked.
"""

import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from articles.errors import CorruptError, DeniedError, MissingError, StoreError
from storage.objects import ObjectStore, create
from storage.objects.json_objects import get_bounded
from storage.objects.memory_limit import memory_limited
from storage.objects.ranged_file import RangedFile
from storage.tables.file_ref import FileRef
from storage.tables.listed import is_listed
from storage.tables.prefetch import prefetch
from storage.tables.schemas import SCHEMAS, SORT_ORDER, Row

MAX_PACK_BYTES = 64 << 20  # docs/measurements.md §10: one PUT, and small enough to hold in memory
MAX_PACK_MEMORY_BYTES = 128 << 20  # in Arrow; zstd compresses this much text to 30 to 50 MB
ROW_GROUP_ROWS = 2_000  # about 20 MB of text, which a streaming reader holds at once
ZSTD_LEVEL = 3  # docs/measurements.md §10
MAX_UNPACKED_BYTES = 1 << 30  # of a pack that is read, eight times what is written
MAX_CHUNK_VALUES = (
    100_000_000  # of a column in a row group of 2,000 rows; sketches of the longest texts have 80 million
)
MAX_READ_MEMORY_BYTES = 4 << 30  # while packs are read, at most `READ_THREADS` at once; each takes up to 300 MB
MAX_WHOLE_READ_BYTES = 256 << 10  # a smaller pack is read whole: one request instead of three
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
READ_THREADS = 8  # for packs
MAX_REUSED_AGE = timedelta(hours=1)  # of 24 h that `gc` leaves a pack unlisted, a writer keeps 23 h until its commit
MAX_COPIES = 100  # a run that died as often before its commit has another problem
COPY_METADATA = "irtysh.copy"


def make_table(table: str, rows: Iterable[Row]) -> pa.Table:
    """Return rows as an Arrow table with the schema of `table`. Raises StoreError for a value that does not fit its column.

    A lone surrogate, which JSON on a page can contain, becomes U+FFFD: UTF-8 cannot encode it.
    """
    found = list(rows)
    schema = SCHEMAS[table]
    try:
        try:
            return pa.Table.from_pylist(found, schema=schema)
        except UnicodeEncodeError:
            return pa.Table.from_pylist([_whole_characters(row) for row in found], schema=schema)
    except (pa.ArrowException, TypeError, OverflowError) as error:
        raise StoreError(f"a row does not fit the table {table}: {error}") from error


def encode(table: str, rows: pa.Table) -> Iterator[tuple[FileRef, bytes]]:
    """Yield rows as packs, sorted by `storage.tables.schemas.SORT_ORDER` and split where a pack would be too large."""
    if rows.schema != SCHEMAS[table]:
        raise StoreError(f"the rows do not have the columns of the table {table}")
    rows = rows.sort_by([(name, "ascending") for name in SORT_ORDER[table]]).combine_chunks()
    yield from _cut(table, rows)


def write(store: ObjectStore, table: str, rows: Iterable[Row] | pa.Table) -> tuple[FileRef, ...]:
    """Store rows as packs and return them; without rows there are none. A reader sees them once a commit lists them.

    A pack that exists already is used only if `gc` will not delete it: see `_store`.
    """
    packs = encode(table, rows if isinstance(rows, pa.Table) else make_table(table, rows))
    return tuple(_store(store, ref, data) for ref, data in packs)


def read(store: ObjectStore, ref: FileRef, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a whole pack, or some of its columns by ranges. Raises CorruptError if a checksum does not match."""
    if columns is None or ref.size <= MAX_WHOLE_READ_BYTES:
        data = get_bounded(store, ref.key, ref.size)
        if hashlib.sha256(data).hexdigest() != ref.sha256:
            raise CorruptError(f"{ref.key} is damaged: its bytes do not have the SHA-256 of its name")
        source: io.RawIOBase | io.BytesIO = io.BytesIO(data)
    else:
        source = RangedFile(store, ref.key, ref.size)
    try:
        with (
            memory_limited(MAX_READ_MEMORY_BYTES),
            pq.ParquetFile(source, page_checksum_verification=True, pre_buffer=True) as file,
        ):
            _check(file, ref.rows)
            return conform(file.read(columns=_present(file, columns)), ref.table, columns)
    except (pa.ArrowException, OSError, MemoryError) as error:
        raise CorruptError(f"{ref.key} cannot be read: {error}") from error


def read_some(store: ObjectStore, ref: FileRef, columns: Sequence[str], key: str, wanted: pa.Array) -> pa.Table:
    """Read columns of the row groups in which the column `key` has some of the wanted values. Raises CorruptError."""
    if ref.size <= MAX_WHOLE_READ_BYTES:
        return read(store, ref, columns)
    try:
        with (
            memory_limited(MAX_READ_MEMORY_BYTES),
            pq.ParquetFile(
                RangedFile(store, ref.key, ref.size), page_checksum_verification=True, pre_buffer=True
            ) as file,
        ):
            _check(file, ref.rows)
            groups = _groups_with(file, key, wanted)
            return conform(file.read_row_groups(groups, columns=_present(file, columns)), ref.table, columns)
    except (pa.ArrowException, OSError, MemoryError) as error:
        raise CorruptError(f"{ref.key} cannot be read: {error}") from error


def rewritten(ref: FileRef, rows: pa.Table) -> tuple[FileRef, bytes]:
    """Return a pack with other rows in place of an existing one. No two packs get the same bytes, even without rows."""
    data = _parquet(rows, {COPY_METADATA: ref.sha256})
    return FileRef(ref.table, hashlib.sha256(data).hexdigest(), rows.num_rows, len(data)), data


def read_each(store: ObjectStore, refs: Iterable[FileRef], columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """Read several packs at once, and yield them in order."""
    return prefetch(lambda ref: read(store, ref, columns), refs, READ_THREADS)


def read_all(store: ObjectStore, refs: Iterable[FileRef], table: str, columns: Sequence[str] | None = None) -> pa.Table:
    """Read the packs of one table, or some of their columns, as one table, in the order of `refs`."""
    parts = list(read_each(store, refs, columns))
    return pa.concat_tables(parts) if parts else conform(SCHEMAS[table].empty_table(), table, columns)


def batches(
    source: Any, table: str, columns: Sequence[str] | None = None, only: pa.ChunkedArray | None = None
) -> Iterator[pa.Table]:
    """Yield the row groups of a Parquet file (a path or an open file) one by one, so that memory stays flat.

    With `only`, groups that hold none of these row ids are not read.
    """
    try:
        with pq.ParquetFile(source, page_checksum_verification=True) as file:
            _check(file)
            groups: Sequence[int] = range(file.num_row_groups)
            if only is not None:
                with memory_limited(MAX_READ_MEMORY_BYTES):
                    groups = _groups_with(file, "row_id", only)
            present = _present(file, columns)

            def group(number: int) -> pa.Table:
                with memory_limited(MAX_READ_MEMORY_BYTES):
                    return conform(file.read_row_group(number, columns=present), table, columns)

            yield from prefetch(group, groups, 1)
    except (pa.ArrowException, OSError, MemoryError) as error:
        name = source.name if isinstance(source, Path) else f"a pack of {table}"
        raise CorruptError(f"{name} cannot be read: {error}") from error


def conform(rows: pa.Table, table: str, columns: Sequence[str] | None) -> pa.Table:
    """Return rows with the given columns of today's schema (None: all). Columns that an older file lacks are null."""
    schema = SCHEMAS[table]
    fields = [schema.field(name) for name in (schema.names if columns is None else columns)]
    missing = [column for column in fields if column.name not in rows.column_names]
    for column in missing:
        rows = rows.append_column(column, pa.nulls(rows.num_rows, column.type))
    return rows.select([column.name for column in fields]).cast(pa.schema(fields))


def _groups_with(file: pq.ParquetFile, key: str, wanted: pa.Array | pa.ChunkedArray) -> list[int]:
    """Return the row groups in which the column `key` has some of the wanted values."""
    return [
        number
        for number in range(file.num_row_groups)
        if pc.any(pc.is_in(file.read_row_group(number, columns=[key])[key], value_set=wanted)).as_py()
    ]


def _check(file: pq.ParquetFile, rows: int | None = None) -> None:
    """Raise ArrowInvalid for a Parquet file that Irtysh does not write, by what the file says of itself."""
    about = file.metadata
    if rows is not None and about.num_rows != rows:
        raise pa.ArrowInvalid(f"it has {about.num_rows} rows, but its commit says {rows}")
    chunks = [
        about.row_group(group).column(place)
        for group in range(about.num_row_groups)
        for place in range(about.num_columns)
    ]
    if sum(chunk.total_uncompressed_size for chunk in chunks) > MAX_UNPACKED_BYTES:
        raise pa.ArrowInvalid(f"it has over {MAX_UNPACKED_BYTES:,} bytes when it is unpacked")
    if any(chunk.num_values > MAX_CHUNK_VALUES for chunk in chunks):
        raise pa.ArrowInvalid(f"it has a column of over {MAX_CHUNK_VALUES:,} values")


def _store(store: ObjectStore, ref: FileRef, data: bytes) -> FileRef:
    """Store a pack, and return what to list. It is created, never replaced, as long as a commit lists what is there.

    A pack that no commit lists was left by a writer that died, and `gc` may be about to delete it: it is written again.
    Where a policy forbids that, the rows get another name.
    """
    if create(store, ref.key, data):
        return ref
    sound = _is_sound(store, ref)
    if sound and is_listed(store, ref.sha256):
        return ref
    try:
        store.put(ref.key, data)
    except DeniedError:
        return ref if sound and _is_young(store, ref) else _store_copy(store, ref, data)
    return ref


def _store_copy(store: ObjectStore, ref: FileRef, data: bytes) -> FileRef:
    """Store the rows of a pack under another name: the same Parquet with a number in its metadata."""
    with pq.ParquetFile(io.BytesIO(data)) as file:
        rows = file.read()
    for number in range(1, MAX_COPIES + 1):
        copy = _parquet(rows, {COPY_METADATA: str(number)})
        named = FileRef(ref.table, hashlib.sha256(copy).hexdigest(), ref.rows, len(copy))
        if create(store, named.key, copy) or (_is_sound(store, named) and _is_young(store, named)):
            return named
    raise StoreError(
        f"{ref.key} and {MAX_COPIES} copies are there, no commit lists them, and a policy forbids to write them again; "
        "collect the garbage as the store's owner"
    )


def _is_sound(store: ObjectStore, ref: FileRef) -> bool:
    try:
        return hashlib.sha256(store.get(ref.key)).hexdigest() == ref.sha256
    except MissingError:  # deleted since
        return False


def _is_young(store: ObjectStore, ref: FileRef) -> bool:
    """Return whether a pack is so new that `gc` will not delete it before its writer commits it."""
    written = next((info.modified for info in store.list(ref.key) if info.key == ref.key), None)
    return written is not None and datetime.now(UTC) - written < MAX_REUSED_AGE


def _whole_characters(value: Any) -> Any:
    """Return a row, or a value in it, with lone surrogates replaced."""
    if isinstance(value, str):
        return LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {name: _whole_characters(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_whole_characters(item) for item in value]
    return value


def _present(file: pq.ParquetFile, columns: Sequence[str] | None) -> list[str] | None:
    return None if columns is None else [name for name in columns if name in file.schema_arrow.names]


def _cut(table: str, rows: pa.Table) -> Iterator[tuple[FileRef, bytes]]:
    if rows.num_rows == 0:
        return
    halves = rows.num_rows > 1
    if halves and rows.nbytes > MAX_PACK_MEMORY_BYTES:
        data = b""
    else:
        data = _parquet(rows)
        halves = halves and len(data) > MAX_PACK_BYTES
    if data and not halves:
        yield FileRef(table, hashlib.sha256(data).hexdigest(), rows.num_rows, len(data)), data
        return
    middle = rows.num_rows // 2
    yield from _cut(table, rows.slice(0, middle).combine_chunks())
    yield from _cut(table, rows.slice(middle).combine_chunks())


def _parquet(rows: pa.Table, metadata: Mapping[str, str] | None = None) -> bytes:
    sink = io.BytesIO()
    with pq.ParquetWriter(
        sink,
        rows.schema,
        compression="zstd",
        compression_level=ZSTD_LEVEL,
        store_schema=False,  # the Parquet schema says enough
        write_page_checksum=True,
    ) as writer:
        writer.write_table(rows, row_group_size=ROW_GROUP_ROWS)
        if metadata:
            writer.add_key_value_metadata(metadata)
    return sink.getvalue()
