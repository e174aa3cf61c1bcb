"""Find candidate pairs of duplicates in tables that are too large for memory.

The pairs are those of `articles.links.duplicate_index`. Whether two rows are a candidate depends on these two rows
alone. So the table can be cut into blocks, and each pair of blocks joined on its own: one after the other on one machine,
or as Dask tasks on many, each of which reads its sketches from the store. DuckDB does the same join in SQL, and spills
to disk what does not fit into memory. DuckDB and Dask are optional (`pip install 'irtysh[scale]'`).
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from articles.links.duplicate_index import (
    FOLD_SHIFT,
    SHORT_TEXT_SHINGLES,
    DuplicateEntry,
    DuplicateIndex,
    enough_shared,
)
from articles.links.duplicates import settle
from articles.links.pair_budget import PairBudget
from articles.model import Link
from flows.processing.snapshot_index import DocumentHeads
from storage.objects import ObjectStore, open_store
from storage.snapshots.lookup_tables import HEAD_COLUMNS
from storage.tables import packs
from storage.tables import rows as table_rows
from storage.tables.file_ref import FileRef
from storage.tables.state import State
from storage.tables.texts import read_texts

MAX_BLOCK_ROWS = 250_000  # rows of one block; two blocks are in memory at once, in about 300 MB

Pairs = list[tuple[str, str]]  # row ids, the smaller first

JOIN_STEPS = (
    """CREATE TABLE doc AS
        SELECT row_number() OVER (ORDER BY row_id) AS n, row_id, whole, shingles, len(hashes) AS size, hashes
        FROM read_parquet($files)""",
    """CREATE TABLE key AS
        SELECT n, size, (h >> $fold)::UINTEGER AS k FROM (SELECT n, size, unnest(hashes) AS h FROM doc)""",
    # a row meets others by all of its keys except a few of the commonest, see `articles.links.duplicate_index`
    """CREATE TABLE ranked AS
        SELECT n, k, row_number() OVER (PARTITION BY n ORDER BY often, k) <= size - enough // 2 AS seen
        FROM key JOIN (SELECT k, count(*) AS often FROM key GROUP BY k) USING (k) JOIN needed USING (size)""",
    """CREATE TABLE met AS
        SELECT a, b, sum(times) AS times FROM (
            SELECT a.n AS a, b.n AS b, count(*) AS times
            FROM ranked a JOIN ranked b ON a.k = b.k AND a.n > b.n WHERE a.seen GROUP BY ALL
            UNION ALL
            SELECT a.n, b.n, count(*) FROM ranked a JOIN ranked b ON a.k = b.k AND a.n > b.n
            WHERE NOT a.seen AND b.seen GROUP BY ALL
        ) GROUP BY a, b""",
    """CREATE TABLE likely AS
        SELECT a, b, enough FROM met JOIN doc x ON x.n = a JOIN doc y ON y.n = b
        JOIN needed ON needed.size = least(x.size, y.size) WHERE times >= enough - enough // 2""",
)
JOIN_RESULT = """
    SELECT x.row_id, y.row_id FROM (
        SELECT a, b FROM likely JOIN key i ON i.n = a JOIN key j ON j.n = b AND j.k = i.k
        GROUP BY a, b, enough HAVING count(*) >= enough
        UNION
        SELECT i.n, j.n FROM doc i JOIN doc j ON i.whole = j.whole AND i.n > j.n
        WHERE i.shingles > 0 AND i.shingles < $short
    ) JOIN doc x ON x.n = b JOIN doc y ON y.n = a ORDER BY ALL
"""


def with_duckdb(sketches: Sequence[Path], *, scratch: Path, memory: str = "2GB", threads: int = 1) -> Pairs:
    """Return the candidate pairs, sorted, from the sketches in local packs.

    `memory` is DuckDB's limit, such as "2GB"; beyond it DuckDB spills to the folder `scratch`.
    """
    import duckdb  # noqa: PLC0415  optional

    config: dict[str, Any] = {"memory_limit": memory, "threads": threads, "preserve_insertion_order": False}
    config["temp_directory"] = str(scratch / "spilled")
    with duckdb.connect(str(scratch / "join.duckdb"), config=config) as base:
        files = {"files": [str(path) for path in sketches]}
        (longest,) = base.execute("SELECT max(len(hashes)) FROM read_parquet($files)", files).fetchall()[0]
        sizes = list(range((longest or 0) + 1))
        needed = {"sizes": sizes, "enough": [enough_shared(size) for size in sizes]}
        base.execute("CREATE TABLE needed AS SELECT unnest($sizes) AS size, unnest($enough) AS enough", needed)
        for step in JOIN_STEPS:
            given = {"files": files["files"], "fold": int(FOLD_SHIFT)}
            base.execute(step, {name: value for name, value in given.items() if f"${name}" in step})
        return base.execute(JOIN_RESULT, {"short": SHORT_TEXT_SHINGLES}).fetchall()


def with_blocks(store: ObjectStore, state: State, rows: int = MAX_BLOCK_ROWS) -> Pairs:
    """Return the same pairs in this process, one pair of blocks after the other. `rows` is the size of a block."""
    return _merged(join_blocks(store.url, *blocks) for blocks in _block_pairs(state, rows))


def with_dask(store: ObjectStore, state: State, rows: int = MAX_BLOCK_ROWS, **compute: Any) -> Pairs:
    """Return the same pairs by Dask, one task for each pair of blocks. `compute` is passed to `dask.compute`.

    The tasks read their sketches from the store, so all Dask workers must be able to reach it.
    """
    from dask.base import compute as run  # noqa: PLC0415  optional
    from dask.delayed import delayed  # noqa: PLC0415

    tasks = [delayed(join_blocks, pure=True)(store.url, *blocks) for blocks in _block_pairs(state, rows)]
    return _merged(run(*tasks, **compute))  # type: ignore[no-untyped-call]  # dask has no types for it


def join_blocks(url: str, one: Sequence[FileRef], other: Sequence[FileRef]) -> Pairs:
    """Return the candidate pairs between two blocks of the store at `url`, or within one block if both are the same."""
    store, index = open_store(url), DuplicateIndex()
    index.add(_entries(store, one))
    first = 0 if one == other else len(index)
    if one != other:
        index.add(_entries(store, other))
    budget = PairBudget()
    found = ((a, b) for pairs in index.pairs(first, budget) for a, b in pairs if b < first or not first)
    return [_pair(index.row_ids[a], index.row_ids[b]) for a, b in found]


def links(store: ObjectStore, state: State, pairs: Sequence[tuple[str, str]], budget: PairBudget) -> list[Link]:
    """Return the duplicate links of candidate pairs, sorted: the same links as processing makes."""
    wanted = pa.array(sorted({row_id for pair in pairs for row_id in pair}), pa.string())
    place: dict[str, FileRef] = {}
    heads, entries = DocumentHeads(), dict[str, DuplicateEntry]()
    documents = state.live("documents")
    for ref, rows in zip(documents, packs.read_each(store, documents, HEAD_COLUMNS), strict=True):
        ours = rows.filter(pc.is_in(rows["row_id"], wanted))
        heads.add(ours)
        place |= dict.fromkeys(ours["row_id"].to_pylist(), ref)
    for sketches in packs.read_each(store, state.live("sketches")):
        ours = sketches.filter(pc.is_in(sketches["row_id"], wanted))
        entries |= {entry.row_id: entry for _, entry in heads.entries(ours)}

    def texts(row_ids: Collection[str]) -> dict[str, str]:
        return read_texts(store, place, row_ids)

    return settle(((entries[a], entries[b]) for a, b in pairs), texts, budget)


def _block_pairs(state: State, rows: int) -> Iterator[tuple[list[FileRef], list[FileRef]]]:
    """Yield each pair of blocks, and each block with itself. A block is a list of packs of sketches."""
    blocks: list[list[FileRef]] = [[]]
    for ref in sorted(state.live("sketches")):
        if sum(one.rows for one in blocks[-1]) + ref.rows > rows and blocks[-1]:
            blocks.append([])
        blocks[-1].append(ref)
    return combinations_with_replacement(blocks, 2)


def _entries(store: ObjectStore, block: Sequence[FileRef]) -> Iterator[DuplicateEntry]:
    """Yield the index entries of a block's rows, each as a separate article: the links are decided later by `settle`."""
    for rows in packs.read_each(store, block):
        for row_id, sketch in zip(rows["row_id"].to_pylist(), table_rows.sketches_of(rows), strict=True):
            yield DuplicateEntry(row_id, row_id, "", row_id, sketch)


def _merged(parts: Iterable[Pairs]) -> Pairs:
    return sorted(pair for part in parts for pair in part)


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)
