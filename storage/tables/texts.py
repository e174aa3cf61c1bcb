"""Read the texts and other columns of given rows."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from storage.objects import ObjectStore
from storage.tables import packs
from storage.tables.file_ref import FileRef
from storage.tables.schemas import Row


def read_rows(
    store: ObjectStore, refs: Iterable[FileRef], row_ids: Collection[str], columns: Sequence[str]
) -> Iterator[Row]:
    """Yield some columns of the given rows, found in any of the packs `refs`. `columns` must include `row_id`."""
    wanted = pa.array(sorted(row_ids), pa.string())
    for ref in refs:
        rows = packs.read_some(store, ref, columns, "row_id", wanted)
        yield from rows.filter(pc.is_in(rows["row_id"], wanted)).to_pylist()


def read_texts(store: ObjectStore, pack_of: Mapping[str, FileRef], row_ids: Iterable[str]) -> dict[str, str]:
    """Return the texts of the given rows, by row id. `pack_of` gives the pack of each row id."""
    by_pack: defaultdict[FileRef, list[str]] = defaultdict(list)
    for row_id in row_ids:
        by_pack[pack_of[row_id]].append(row_id)
    return {
        row["row_id"]: row["text"]
        for ref in sorted(by_pack)
        for row in read_rows(store, (ref,), by_pack[ref], ("row_id", "text"))
    }
