"""The current view as a Delta Lake table of its own, so that DuckDB and Polars see what `pull` writes, without Irtysh.

    index/current/_delta_log/             `storage.snapshots.current_log`
    index/current/<sha256>.parquet        documents of the view, in the order in which they were first seen

One row is one document: its newest text (`row_id`, by which the table `documents` has it), and the columns of the view. A
commit writes the files anew in which a row changes: mostly the last ones, since new articles come last, and pages are
fetched again while they are young. The table is derived: it is made again where it is missing, of other code, or from before
a takedown. Only its newest version is kept for good.
"""

import hashlib
import io
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from articles.errors import CorruptError, ExistsError, MissingError
from storage.objects import ObjectStore, put_once
from storage.snapshots import view_layers
from storage.snapshots.current_log import (
    CURRENT_PREFIX,
    LOG_PREFIX,
    SCHEMA,
    CurrentFile,
    CurrentTable,
    append,
    is_complete,
    layout,
    newest,
)
from storage.snapshots.view_layers import VIEWS, StoredView
from storage.tables.log_reader import LogReader
from storage.tables.state import State

# At most, half a megabyte. Fewer rows make more files: of a million documents in 500 files, DuckDB counts as fast as in 250.
ROWS_PER_FILE = 2_000
REPEATING = (
    "outlet",
    "lang",
    "topic_verdict",
    "date_doubt",
    "cluster_source",
)  # dictionaries of other columns only cost
MAX_ATTEMPTS = 5  # while other writers write the same entry
SOURCE = (
    "article_id", "document_id", "lang", "outlet", "title", "published", "score", "verdict", "first_seen", "last_seen", "gone",
    "cluster_id", "representative", "cluster_source", "cluster_first", "date_doubt", "versions",
)  # fmt: skip
PLACE = ("first_seen", "document_id")  # what rows are sorted by
BEFORE_ALL = 1 << 62  # microseconds; keys of years before 1970 have no sign so


def edition(store: ObjectStore) -> str:
    """Return the name of the tables that hold now: of this code, of these columns, and since the last takedown."""
    return f"{VIEWS.edition(store)} {layout()}"


def keep(store: ObjectStore, state: State, view: StoredView, named: str) -> None:
    """Bring the table to a snapshot, whose view is stored. Where other writers are always faster, they have brought it there.

    `named` is the edition from before the view was found: a takedown since then has begun another one, and its articles may be
    in what was written. It deletes the table after that, so what is written later must be deleted here.
    """
    try:
        _bring(store, state, view, named)
    finally:
        if edition(store) != named:
            clear(store)


def clear(store: ObjectStore) -> None:
    """Delete the table: it holds titles and URLs of articles that were taken down, or is damaged.

    The log goes first, its checkpoints before its entries: if this is interrupted, what is left has a gap, or is no table.
    """
    log = sorted((info.key for info in store.list(LOG_PREFIX)), key=lambda key: (key.endswith(".json"), key))
    for key in log:
        store.delete(key)
    for info in list(store.list(CURRENT_PREFIX)):
        store.delete(info.key)


def files_in_use(store: ObjectStore) -> set[str]:
    """Return the keys of the files of the newest version."""
    return {file.key for file in newest(store).files.values()}


def _bring(store: ObjectStore, state: State, view: StoredView, named: str) -> None:
    for _ in range(MAX_ATTEMPTS):
        try:
            before = newest(store)
            is_sound = before.edition == named and is_complete(store, before)
            if is_sound and _is_there(store, state, before):
                return
            is_start = is_sound and before.is_of(state)
            files = _advanced(store, state, view, before) if is_start else None
            files = written(store, view) if files is None else files
        except (CorruptError, MissingError):
            before, files = CurrentTable(), _made_again(store, view)
        entry = state.history[state.number].sha256
        if edition(store) != named:  # a worker may not delete what it wrote, but must not list it either
            return
        try:
            append(store, state, before, CurrentTable(before.version + 1, state.number, entry, named, files))
        except ExistsError:
            continue  # another writer has brought the table further
        return


def _is_there(store: ObjectStore, state: State, table: CurrentTable) -> bool:
    """Whether a table is of a snapshot, or of a later one. After the end of the log was lost, it may be of one that is lost."""
    if table.snapshot > state.number:
        return table.snapshot <= LogReader(store).head()
    return table.snapshot == state.number and table.is_of(state)


def _made_again(store: ObjectStore, view: StoredView) -> dict[str, CurrentFile]:
    """Write a damaged table anew. A damaged file is deleted first, since it may have the name of a new one."""
    rows = _whole(view)  # before anything is deleted: it may be the view that is damaged
    clear(store)
    return dict(_written(store, rows, is_last=True))


def _advanced(
    store: ObjectStore, state: State, view: StoredView, before: CurrentTable
) -> dict[str, CurrentFile] | None:
    """Return the files after the commits since an earlier version; None if no stored layers say what they change."""
    since = view_layers.between_numbers(store, before.snapshot, state.number, state)
    known = view_layers.between_numbers(store, -1, before.snapshot, state)
    if since is None or known is None:
        return None
    changed = {name for layer in since.layers for name in layer.articles.to_pylist()}
    return advanced(store, before.files, changed, known, view)


def written(store: ObjectStore, view: StoredView) -> dict[str, CurrentFile]:
    """Write all rows of a view, and return the files by the keys of their first rows."""
    return dict(_written(store, _whole(view), is_last=True))


def _whole(view: StoredView) -> pa.Table:
    return pa.concat_tables([SCHEMA.empty_table(), *_rows(view, None)])


def advanced(
    store: ObjectStore, before: Mapping[str, CurrentFile], changed: Collection[str], known: StoredView, view: StoredView
) -> dict[str, CurrentFile]:
    """Return the files of a view by those of an earlier one, `known`, and by the articles in which they may differ."""
    if not before:
        return written(store, view)
    fresh = pa.concat_tables([SCHEMA.empty_table(), *_rows(view, changed)])
    starts = sorted(before)
    places: defaultdict[int, list[int]] = defaultdict(
        list
    )  # of fresh rows, by the number of the file that they belong in
    for place, key in enumerate(_keys(fresh)):
        places[_number(starts, key)].append(place)
    left_by = {_number(starts, key) for key in _keys(known.read("documents", PLACE, changed))}
    files = dict(before)
    for number in sorted({*places, *left_by}):
        file = files.pop(starts[number])
        rows = _read(store, file)
        gone = pc.is_in(rows["article_id"], pa.array(sorted(changed), pa.string()))
        own = fresh.take(pa.array(places.get(number, []), pa.int64()))
        left = _sorted(pa.concat_tables([rows.filter(pc.invert(gone)), own]))
        if left.equals(rows):  # what is computed again is often as before
            files[starts[number]] = file
        else:
            files.update(_written(store, left, is_last=number == len(starts) - 1))
    return files


def _number(starts: Sequence[str], key: str) -> int:
    """Return the number of the file that a row belongs in. What comes before all files belongs in the first."""
    return max(bisect_right(starts, key) - 1, 0)


def _keys(rows: pa.Table) -> list[str]:
    """Return what rows are sorted by, when the document was first seen and its id, as texts in the same order."""
    seen = rows["first_seen"].cast(pa.int64()).to_pylist()
    return [f"{at + BEFORE_ALL:020} {name}" for at, name in zip(seen, rows["document_id"].to_pylist(), strict=True)]


def _sorted(rows: pa.Table) -> pa.Table:
    return rows.sort_by([(name, "ascending") for name in PLACE]).combine_chunks()


def _written(store: ObjectStore, rows: pa.Table, *, is_last: bool) -> Iterator[tuple[str, CurrentFile]]:
    """Write rows as files, and yield them by the keys of their first rows.

    More rows than one file holds are cut in equal parts, so that there is space for others between them; at the end, where
    new rows come, files are filled.
    """
    rows = _sorted(rows)
    parts = max(1, -(-rows.num_rows // ROWS_PER_FILE))
    step = ROWS_PER_FILE if is_last else max(1, -(-rows.num_rows // parts))
    for start in range(0, rows.num_rows, step):
        part = rows.slice(start, step)
        sink = io.BytesIO()
        pq.write_table(part, sink, compression="zstd", store_schema=False, use_dictionary=list(REPEATING))
        data = sink.getvalue()
        file = CurrentFile(hashlib.sha256(data).hexdigest(), len(data), part.num_rows)
        put_once(store, file.key, data)
        yield _keys(part.slice(0, 1))[0], file


def _rows(view: StoredView, articles: Collection[str] | None) -> Iterator[pa.Table]:
    """Yield the rows of documents with a text: the newest one that is no tombstone, as `pull` chooses it."""
    for part in view.parts("documents", SOURCE, articles):
        found = part.combine_chunks()
        versions = pa.concat_arrays(found["versions"].chunks) if found.num_rows else found["versions"].combine_chunks()
        flat, parents = versions.flatten(), pc.list_parent_indices(versions).to_numpy()
        texts = np.flatnonzero(~flat.field("gone").to_numpy(zero_copy_only=False))
        is_last = np.append(parents[texts][1:] != parents[texts][:-1], [True] * bool(len(texts))).astype(bool)
        last = texts[is_last]
        chosen, rows = flat.take(pa.array(last)), found.take(pa.array(parents[last]))
        yield _named(chosen, rows)


def _named(chosen: pa.StructArray, rows: pa.Table) -> pa.Table:
    """Return documents with their chosen versions as rows of the table."""
    own = {"version": "number", "row_id": "row_id"}
    columns = {name: chosen.field(source) for name, source in own.items()}
    joined = chosen.field("joined_url")
    is_own = pc.fill_null(pc.equal(joined, ""), True)
    columns["url"] = pc.if_else(is_own, chosen.field("url"), joined)
    renamed = {"topic_score": "score", "topic_verdict": "verdict"}
    columns |= {name: rows[renamed.get(name, name)] for name in SCHEMA.names if name not in columns}
    return pa.table({name: columns[name] for name in SCHEMA.names}).cast(SCHEMA)


def _read(store: ObjectStore, file: CurrentFile) -> pa.Table:
    data = store.get(file.key)
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise CorruptError(f"{file.key} is damaged: its bytes do not have the SHA-256 of its name")
    try:
        return pq.ParquetFile(io.BytesIO(data)).read(use_threads=False).cast(SCHEMA)
    except (pa.ArrowException, ValueError) as error:
        raise CorruptError(f"{file.key} is not a file of the table: {error}") from error
