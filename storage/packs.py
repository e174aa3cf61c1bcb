"""Rows <-> Parquet files that are named by their content.

The same rows give the same bytes in whatever order they come: rows are sorted, nothing in a file tells when or where it
was written. zstd at level 3; packs of at most 64 MB.
"""

import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from articles.errors import CorruptError
from storage.tables import SCHEMAS, SORTED_BY, Row

ZSTD_LEVEL = 3
ROW_GROUP = 2_000  # rows: 13 MB of text at the 6.6 kB an article of FINDINGS §9, what a reader holds at a time
PACK_TEXT = 128 << 20  # characters before compression: zstd-3 brings clean text to a third to a half, below 64 MB


@dataclass(frozen=True, slots=True)
class Pack:
    """A Parquet file in memory."""

    table: str
    data: bytes
    sha256: str
    rows: int

    @property
    def key(self) -> str:
        """Where it belongs."""
        return pack_key(self.table, self.sha256)


def pack_key(table: str, sha256: str) -> str:
    """Return the key of a pack or side file."""
    return f"{table}/{sha256}.parquet"


def pack(table: str, rows: Iterable[Row]) -> Iterator[Pack]:
    """Yield the packs that hold these rows, sorted; none for no rows."""
    ordered = sorted(rows, key=lambda row: tuple(row[name] for name in SORTED_BY[table]))
    for share in _shares(ordered):
        data = encode(table, share)
        yield Pack(table, data, hashlib.sha256(data).hexdigest(), len(share))


def encode(table: str, rows: Sequence[Row]) -> bytes:
    """Return rows as one Parquet file, in the order given."""
    sink = io.BytesIO()
    pq.write_table(
        pa.Table.from_pylist(list(rows), schema=SCHEMAS[table]),
        sink,
        compression="zstd",
        compression_level=ZSTD_LEVEL,
        row_group_size=ROW_GROUP,
        store_schema=False,
        write_page_checksum=False,
    )
    return sink.getvalue()


def decode(table: str, data: bytes, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a pack, or some columns of it. CorruptError if it is no Parquet file of this table."""
    try:
        return pq.read_table(io.BytesIO(data), columns=list(columns or SCHEMAS[table].names), schema=SCHEMAS[table])
    except (pa.ArrowInvalid, pa.ArrowTypeError, OSError) as error:
        raise CorruptError(f"a {table} pack cannot be read: {error}") from error


def checked(key: str, data: bytes) -> bytes:
    """Return the bytes of a pack if they are what its name says. CorruptError if not."""
    expected = key.rpartition("/")[2].removesuffix(".parquet")
    found = hashlib.sha256(data).hexdigest()
    if found != expected:
        raise CorruptError(f"{key}: its content has the checksum {found}")
    return data


def _shares(rows: list[Row]) -> Iterator[list[Row]]:
    """Cut rows into runs of at most `PACK_TEXT` characters of text."""
    share: list[Row] = []
    size = 0
    for row in rows:
        weight = len(row.get("text") or "")
        if share and size + weight > PACK_TEXT:
            yield share
            share, size = [], 0
        share.append(row)
        size += weight
    if share:
        yield share
