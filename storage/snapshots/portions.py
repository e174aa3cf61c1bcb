"""Which parts of a table to read: portions of its rows, parts of nested columns."""

from collections.abc import Iterator

import pyarrow as pa

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
