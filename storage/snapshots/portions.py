"""Which parts of a table to read: portions of its rows, row groups with given values, parts of nested columns."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

BATCH_ROWS = 10_000  # read at once by who does not need all rows together


def portions_of(rows: pa.Table, schema: pa.Schema) -> Iterator[pa.Table]:
    """Yield the rows in portions, with the columns of a schema."""
    for start in range(0, rows.num_rows, BATCH_ROWS):
        yield rows.slice(start, BATCH_ROWS).select(schema.names).cast(schema)


def leaves_of(schema: pa.Schema) -> list[str]:
    """Return the names of the Parquet columns that hold the columns of a schema: several for a nested one."""
    return [leaf for field in schema for leaf in _leaves(field)]


def _leaves(field: pa.Field, before: str = "") -> Iterator[str]:
    kind, name = field.type, f"{before}{field.name}"
    if pa.types.is_struct(kind):
        for place in range(kind.num_fields):
            yield from _leaves(kind.field(place), f"{name}.")
    elif pa.types.is_list(kind):
        yield from _leaves(pa.field("element", kind.value_type), f"{name}.list.")
    else:
        yield name


def groups_with(about: pq.FileMetaData, key: str, wanted: Sequence[Any]) -> Iterator[int]:
    """Yield the row groups that may hold some of the sorted values of a column."""
    for number, least, most in ends_of(about, key):
        at = bisect_left(wanted, least)
        if at < len(wanted) and wanted[at] <= most:
            yield number


def ends_of(about: pq.FileMetaData, key: str) -> Iterator[tuple[int, Any, Any]]:
    """Yield the number of each row group with rows, and the least and greatest value of a column in it."""
    place = about.schema.names.index(key) if about.num_row_groups else 0
    for number in range(about.num_row_groups):
        statistics = about.row_group(number).column(place).statistics
        if statistics is not None and statistics.has_min_max:  # it has rows
            yield number, statistics.min, statistics.max
