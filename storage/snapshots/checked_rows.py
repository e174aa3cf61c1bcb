"""Check rows of a stored view before they are used as columns: a store may come from somebody else."""

from collections.abc import Collection

import pyarrow as pa
import pyarrow.compute as pc

from articles.errors import CorruptError
from storage.tables.rows import relevance_of

OF_EACH_VERSION = (
    "number", "row_id", "gone", "url", "version_key", "first_seen", "last_seen", "shown", "shown_by", "pack",
)  # fmt: skip


def checked_documents(rows: pa.Table, packs: Collection[str]) -> pa.Table:
    """Return rows of a view's `documents`, of some columns. Raises CorruptError.

    `packs` are the SHA-256 of the snapshot's files of documents.
    """
    try:
        _check(rows, packs)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise CorruptError(
            f"a stored view holds a row that Irtysh did not write: {error}; run `irtysh repair`, or delete index/views/, which "
            "the next run makes again"
        ) from error
    return rows


def _check(rows: pa.Table, packs: Collection[str]) -> None:
    if missing := [name for name in rows.column_names if rows[name].null_count]:
        raise ValueError(f"no {missing[0]}")
    if "verdict" in rows.column_names:
        for verdict in pc.unique(rows["verdict"]).to_pylist():
            relevance_of(verdict)
    if "versions" not in rows.column_names or not rows.num_rows:
        return
    if pc.min(pc.list_value_length(rows["versions"])).as_py() == 0:
        raise ValueError("no versions")
    versions = pc.list_flatten(rows["versions"])
    if missing := [name for name in OF_EACH_VERSION if pc.struct_field(versions, name).null_count]:
        raise ValueError(f"no {missing[0]} of a version")
    shown = pc.struct_field(versions, "shown_by")
    if missing := [name for name in ("key", "offset", "record_id") if pc.struct_field(shown, name).null_count]:
        raise ValueError(f"no {missing[0]} of a capture")
    if strange := set(pc.unique(pc.struct_field(versions, "pack")).to_pylist()) - set(packs):
        raise ValueError(f"the snapshot has no file {min(strange)}")
