"""Past fetches of one outlet, without reading those of all others.

The packs of `fetches` hold the rows of all outlets. So each outlet has an index, `index/fetches/<outlet>/<n:020>.parquet`:
its rows up to snapshot n. A run reads its outlet's index, and the packs of the commits since. If there are many, it writes
the index again. An index can always be rebuilt: without one, or if it does not fit the log, all packs are read.
"""

import io
import re
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from articles.errors import CorruptError, DeniedError, MissingError
from storage.objects import ObjectStore, create
from storage.objects.json_objects import get_bounded
from storage.snapshots.layer_names import FETCHES_INDEX_PREFIX
from storage.tables import packs
from storage.tables.file_ref import FileRef
from storage.tables.log_reader import LogReader
from storage.tables.schemas import SCHEMAS

if TYPE_CHECKING:
    from storage.tables.state import State

COLUMNS = (
    "outlet", "url", "fetched", "status", "reason", "rows", "etag", "last_modified", "purpose", "body_sha256",
    "source", "found_date",
)  # fmt: skip
MIN_READ_ROWS = 20_000  # beyond the index, before it is written again: they are read in a tenth of a second,
MIN_READ_SHARE = 0.5  # of the outlet's own rows: writing them costs as much as reading,
MAX_NEW_COMMITS = 512  # unless there are so many commits: reading their packs takes a bucket some three seconds
MAX_SHARED_ROWS = 200_000  # of packs kept in memory for the next outlet; some 60 MB
MAX_INDEX_BYTES = 1 << 30  # ten million rows have some 600 MB
COMMIT_METADATA = b"irtysh.commit"
NUMBER = re.compile(r"(\d{20})\.parquet")
READ_THREADS = 8


class PastFetches:
    """Reads the past fetches of outlets at the newest snapshot. Several threads may share it."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._log = LogReader(store)
        self._lock = threading.Lock()
        self._recent: dict[str, pa.Table] = {}  # SHA-256 of a pack that was read -> its rows
        self._added: dict[int, tuple[FileRef, ...]] = {}  # commit -> its packs of fetches
        self.state: State = self._log.state()

    def rows(self, outlet: str) -> pa.Table:
        """Return the rows of an outlet, in no particular order, with `COLUMNS`."""
        number, indexed = self._index(outlet)
        new = self._new_packs(number)
        if new is None:  # the index does not lead to the newest snapshot
            number, indexed, new = -1, None, self.state.live("fetches")
        found = self._of_outlet(outlet, new)
        table = found if indexed is None else pa.concat_tables([indexed, found])
        read = sum(ref.rows for ref in new)
        is_costly = read >= MIN_READ_ROWS and read >= MIN_READ_SHARE * table.num_rows
        if is_costly or self.state.number - number > MAX_NEW_COMMITS:
            self._write(outlet, table)
        return table

    def _index(self, outlet: str) -> tuple[int, pa.Table | None]:
        """Return the newest usable index of an outlet, and the snapshot up to which it holds all rows; -1 without one."""
        folder = f"{FETCHES_INDEX_PREFIX}{outlet}/"
        names = (found.key.removeprefix(folder) for found in self._store.list(folder))
        numbers = sorted((int(match[1]) for name in names if (match := NUMBER.fullmatch(name))), reverse=True)
        for number in numbers:
            if number > self.state.number:
                continue
            with suppress(CorruptError, MissingError):
                data = get_bounded(self._store, _key(outlet, number), MAX_INDEX_BYTES)
                if _commit_of(data) == self.state.history[number].sha256:
                    parts = list(packs.batches(io.BytesIO(data), "fetches", COLUMNS))
                    return number, pa.concat_tables(parts) if parts else _nothing()
        return -1, None

    def _new_packs(self, number: int) -> Sequence[FileRef] | None:
        """Return the packs of fetches that commits after `number` have added; None if that does not tell the newest rows."""
        if number < 0:
            return None
        since = self.state.history[number + 1 :]
        if any(commit.replaces for commit in since):
            return None
        with self._lock:
            missing = [commit.number for commit in since if commit.number not in self._added]
        with ThreadPoolExecutor(READ_THREADS) as pool:
            commits = list(pool.map(self._log.read, missing))
        with self._lock:
            for commit in commits:
                self._added[commit.number] = tuple(ref for ref in commit.add if ref.table == "fetches")
            new = [ref for commit in since if not commit.rearranges for ref in self._added[commit.number]]
        live = self.state.files.get("fetches", {})
        return new if all(ref.sha256 in live for ref in new) else None  # they were packed again since

    def _of_outlet(self, outlet: str, refs: Sequence[FileRef]) -> pa.Table:
        """Return the rows of an outlet in packs. If these are not large, they are kept in memory for the next outlet."""
        keep = sum(ref.rows for ref in refs) <= MAX_SHARED_ROWS
        with self._lock:
            missing = [ref for ref in refs if ref.sha256 not in self._recent]
        parts = []
        for ref, table in zip(missing, packs.read_each(self._store, missing, COLUMNS), strict=True):
            if keep:
                with self._lock:
                    self._recent[ref.sha256] = table
            else:
                parts.append(_only(table, outlet))
        if keep:
            with self._lock:
                parts = [_only(self._recent[ref.sha256], outlet) for ref in refs]
        return pa.concat_tables(parts) if parts else _nothing()

    def _write(self, outlet: str, rows: pa.Table) -> None:
        """Write the index of an outlet at the newest snapshot, and delete earlier ones if that is allowed."""
        sink = io.BytesIO()
        rows = rows.sort_by([("url", "ascending"), ("fetched", "ascending"), ("purpose", "ascending")])
        with pq.ParquetWriter(
            sink, rows.schema, compression="zstd", store_schema=False, write_page_checksum=True
        ) as file:
            file.write_table(rows, row_group_size=packs.ROW_GROUP_ROWS)
            file.add_key_value_metadata({COMMIT_METADATA: self.state.history[-1].sha256.encode()})
        if len(sink.getbuffer()) > MAX_INDEX_BYTES:
            return
        key = _key(outlet, self.state.number)
        create(self._store, key, sink.getvalue())
        with suppress(DeniedError):
            for found in list(self._store.list(f"{FETCHES_INDEX_PREFIX}{outlet}/")):
                if found.key < key:
                    self._store.delete(found.key)


def _only(table: pa.Table, outlet: str) -> pa.Table:
    return table.filter(pc.equal(table["outlet"], outlet))


def _nothing() -> pa.Table:
    return packs.conform(SCHEMAS["fetches"].empty_table(), "fetches", COLUMNS)


def _commit_of(data: bytes) -> str:
    """Return the hash of the commit up to which an index holds all rows. Raises CorruptError."""
    try:
        with pq.ParquetFile(io.BytesIO(data)) as file:
            return str((file.metadata.metadata or {}).get(COMMIT_METADATA, b"").decode("ascii"))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise CorruptError(f"an index of fetches cannot be read: {error}") from error


def _key(outlet: str, number: int) -> str:
    return f"{FETCHES_INDEX_PREFIX}{outlet}/{number:020}.parquet"
