"""Stored views: layers of tables (`storage.snapshots.view_tables`), each with what changed in a span of commits.

    index/views/<edition>/<last commit>-<first commit>.json   one layer: its files, and the log entry that it ends with
    index/views/files/<sha256>.parquet

The layers from commit 0 to a snapshot hold its view: an article is as the last layer that has it says. The first layer
holds all articles, so reading few of them costs what they have, and a commit adds a layer with what it changed. Layers are
rebuildable. They are of one edition: code that computes the same views, and the same number of takedowns.
"""

import hashlib
import io
import json
import logging
import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from articles.errors import CorruptError, MissingError
from storage.objects import ObjectStore, put_once
from storage.objects.json_objects import read_json
from storage.snapshots.view_tables import SORTED_BY, TABLES, sort
from storage.tables.log_format import sums_of
from storage.tables.packs import ranged
from storage.tables.redactions import REDACTIONS_PREFIX
from storage.tables.state import State

VIEWS_PREFIX = "index/views/"
FILES_PREFIX = VIEWS_PREFIX + "files/"
LAYER_NAME = re.compile(r"(\d{20})-(\d{20})\.json")
CODE_DIGITS = 16
FORMAT = 1
ROW_GROUP_ROWS = {"documents": 1_000, "links": 4_000, "articles": 500, "rows": 10_000}  # each about 100 kB
# What a view is computed by: another version of it may compute another one. A test compares these with the imports. They are
# hashed as they are written: to parse them, as `articles.extractor_version` does, would cost each reading command .1 s.
CODE = (
    "addresses.py", "data/__init__.py", "dates.py", "dynamic.py", "errors.py", "model.py", "site.py", "text.py", "url.py",
    *(f"history/{name}.py" for name in ("claimed_days", "directions", "identity", "versions", "view", "visits")),
    *(f"links/{name}.py" for name in (
        "alignment", "anchors", "best_links", "clusters", "duplicate_index", "duplicates", "e5_model", "e5_tokens", "encoder",
        "fingerprint", "notices", "numbers", "pair_budget", "reading", "telling", "translation", "translation_index",
    )),
    *(f"metadata/{name}.py" for name in ("agencies", "alternates", "canonical")),
    *(f"page/{name}.py" for name in ("blocks", "structured")),
)  # fmt: skip
DATA = "data"  # all of it
OWN_CODE = ("snapshots/observed.py", "snapshots/view_tables.py", "snapshots/view_advance.py", "tables/rows.py")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class MadeLayer:
    """A layer in memory."""

    first: int
    last: int
    tables: Mapping[str, pa.Table]

    def read(self, table: str, columns: Sequence[str], keys: Collection[str] | None = None) -> pa.Table:
        """Return columns of a table, of all rows or of those whose `SORTED_BY` column is one of `keys`."""
        rows = self.tables[table]
        return (rows if keys is None else _only(rows, SORTED_BY[table], keys)).select(columns)

    @property
    def articles(self) -> pa.Array:
        """The articles that the layer holds."""
        return self.tables["articles"]["article_id"].combine_chunks()


@dataclass(frozen=True)
class StoredLayer:
    """A layer in a store, read by ranges."""

    store: ObjectStore
    first: int
    last: int
    files: Mapping[str, tuple[str, int]]  # SHA-256 and size, by table

    def read(self, table: str, columns: Sequence[str], keys: Collection[str] | None = None) -> pa.Table:
        """Return columns of a table, of all rows or of those whose `SORTED_BY` column is one of `keys`."""
        key = SORTED_BY[table]
        wanted = list(dict.fromkeys([*columns, key]))
        try:
            file = self._open(table)
            if keys is None:
                return file.read(columns=wanted).select(columns).cast(_schema(table, columns))
            groups = list(_groups(file.metadata, key, sorted(keys)))
            return (
                _only(file.read_row_groups(groups, columns=wanted), key, keys)
                .select(columns)
                .cast(_schema(table, columns))
            )
        except (pa.ArrowException, OSError, MissingError, CorruptError) as error:
            raise CorruptError(
                f"{self._key(table)} cannot be read: {error}; delete {VIEWS_PREFIX}, which the next run makes again"
            ) from error

    @cached_property
    def articles(self) -> pa.Array:
        """The articles that the layer holds."""
        return self.read("articles", ["article_id"])["article_id"].combine_chunks()

    def _key(self, table: str) -> str:
        return f"{FILES_PREFIX}{self.files[table][0]}.parquet"

    def _open(self, table: str) -> pq.ParquetFile:
        if table not in self._opened:
            source = ranged(self.store, self._key(table), self.files[table][1])
            self._opened[table] = pq.ParquetFile(source, page_checksum_verification=True, pre_buffer=True)
        return self._opened[table]

    @cached_property
    def _opened(self) -> dict[str, pq.ParquetFile]:
        return {}


Layer = MadeLayer | StoredLayer


@dataclass(frozen=True)
class StoredView:
    """The view of a snapshot: layers from commit 0 on, the oldest first."""

    layers: tuple[Layer, ...]

    @property
    def snapshot(self) -> int:
        """The number of the snapshot."""
        return self.layers[-1].last if self.layers else -1

    def read(self, table: str, columns: Sequence[str], articles: Collection[str] | None = None) -> pa.Table:
        """Return columns of a table of the view, of all articles or of some."""
        parts: list[pa.Table] = []
        newer: list[pa.Array] = []
        for layer in reversed(self.layers):
            left = articles
            wanted = list(dict.fromkeys([*columns, "article_id"]))
            rows = layer.read(table, wanted, left)
            if newer and rows.num_rows:
                known = pa.concat_arrays(newer)
                rows = rows.filter(pc.invert(pc.is_in(rows["article_id"], known)))
            parts.append(rows.select(columns))
            if len(self.layers) > 1:
                newer.append(layer.articles)
        return pa.concat_tables(parts) if parts else _schema(table, columns).empty_table()

    def articles_of(self, row_ids: Collection[str]) -> dict[str, str]:
        """Return the articles at whose URLs rows were observed, by row id."""
        found: dict[str, str] = {}
        for layer in self.layers:
            rows = layer.read("rows", ["row_id", "article_id"], row_ids) if row_ids else None
            if rows is not None:
                found.update(zip(rows["row_id"].to_pylist(), rows["article_id"].to_pylist(), strict=True))
        return found

    def merged(self, layers: Sequence[Layer]) -> MadeLayer:
        """Return some of the layers, which follow each other, as one."""
        part = StoredView(tuple(layers))
        tables = {name: sort(name, part.read(name, schema.names)) for name, schema in TABLES.items() if name != "rows"}
        rows = pa.concat_tables([layer.read("rows", TABLES["rows"].names) for layer in layers])
        found = rows.group_by("row_id").aggregate([("article_id", "max")])
        tables["rows"] = sort("rows", pa.table({"row_id": found["row_id"], "article_id": found["article_id_max"]}))
        return MadeLayer(layers[0].first, layers[-1].last, tables)


@cache
def code_version() -> str:
    """Return the SHA-256 of the code and data that compute views."""
    digest = hashlib.sha256(str(FORMAT).encode())
    core = files("articles")
    data = sorted(f"{DATA}/{item.name}" for item in (core / DATA).iterdir() if item.name.endswith(".yaml"))
    for home, names in ((core, (*CODE, *data)), (files("storage"), OWN_CODE)):
        for name in names:
            digest.update((home / name).read_bytes())
    return digest.hexdigest()


def edition(store: ObjectStore) -> str:
    """Return the name of the layers that hold now. Another version of the code, and each takedown, begin another edition."""
    takedowns = sum(1 for _ in store.list(REDACTIONS_PREFIX))
    return f"{code_version()[:CODE_DIGITS]}-{takedowns}"


def write(store: ObjectStore, layer: MadeLayer, entry_sha256: str) -> StoredLayer:
    """Store a layer. `entry_sha256` is that of the log entry it ends with."""
    listed = {}
    for table, rows in layer.tables.items():
        sink = io.BytesIO()
        with pq.ParquetWriter(sink, rows.schema, compression="zstd", write_page_checksum=True) as writer:
            writer.write_table(rows, row_group_size=ROW_GROUP_ROWS[table])
        data = sink.getvalue()
        sha256 = hashlib.sha256(data).hexdigest()
        put_once(store, f"{FILES_PREFIX}{sha256}.parquet", data)
        listed[table] = sha256, len(data)
    about = {"entry": entry_sha256, "files": listed}
    put_once(store, layer_key(edition(store), layer.first, layer.last), json.dumps(about, indent=1).encode())
    return StoredLayer(store, layer.first, layer.last, listed)


def layer_key(named: str, first: int, last: int) -> str:
    """Return the key of a layer of an edition."""
    return f"{VIEWS_PREFIX}{named}/{last:020}-{first:020}.json"


def files_of(store: ObjectStore, key: str) -> set[str]:
    """Return the keys of the files that a layer lists. Raises CorruptError or MissingError."""
    try:
        return {f"{FILES_PREFIX}{sha256}.parquet" for sha256, _ in read_json(store, key)["files"].values()}
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise CorruptError(f"{key} lists no files: {error}") from error


def find(store: ObjectStore, state: State) -> StoredView | None:
    """Return the view of the newest snapshot up to a state that is stored, or None."""
    named = edition(store)
    there = _spans(store, named)
    for last in sorted({last for _, last in there if last <= state.number}, reverse=True):
        chain = _chain(there, -1, last)
        if chain is not None and (layers := _all_stored(store, named, chain, state)):
            return StoredView(layers)
    return None


def changed(store: ObjectStore, older: State, newer: State) -> set[str] | None:
    """Return the articles that may differ between two snapshots, or None if no stored layers tell."""
    named = edition(store)
    chain = _chain(_spans(store, named), older.number, newer.number) if older.number <= newer.number else None
    layers = _all_stored(store, named, chain or (), newer)
    return {name for layer in layers for name in layer.articles.to_pylist()} if layers else None


def _spans(store: ObjectStore, named: str) -> list[tuple[int, int]]:
    """List the layers of an edition: the first and the last commit of each."""
    prefix = f"{VIEWS_PREFIX}{named}/"
    matches = (LAYER_NAME.fullmatch(info.key.removeprefix(prefix)) for info in store.list(prefix))
    return [(int(match[2]), int(match[1])) for match in matches if match]


def _all_stored(
    store: ObjectStore, named: str, chain: Sequence[tuple[int, int]], state: State
) -> tuple[StoredLayer, ...]:
    """Return the layers of a chain, or nothing if one of them cannot be used."""
    entries = {commit.number: commit.sha256 for commit in state.history}
    layers = [_stored(store, layer_key(named, *span), span, entries.get(span[1], "")) for span in chain]
    return tuple(layer for layer in layers if layer) if all(layers) else ()


def _chain(there: Sequence[tuple[int, int]], after: int, last: int) -> list[tuple[int, int]] | None:
    """Return the fewest layers from the commit after `after` to `last`, or None if there are none."""
    best: dict[int, list[tuple[int, int]]] = {after: []}
    for first, end in sorted(there, key=lambda span: span[1]):
        before = best.get(first - 1)
        if end <= last and before is not None and (end not in best or len(before) + 1 < len(best[end])):
            best[end] = [*before, (first, end)]
    return best.get(last)


def _stored(store: ObjectStore, key: str, span: tuple[int, int], entry_sha256: str) -> StoredLayer | None:
    try:
        about = read_json(store, key)
        sums = sums_of({table: (size, sha256) for table, (sha256, size) in about["files"].items()})
        listed = {table: (found.sha256, found.size) for table, found in sums.items()}
        right = about["entry"] == entry_sha256 and listed.keys() == TABLES.keys()
    except (CorruptError, MissingError, LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        logger.warning("%s cannot be used: %s", key, error)
        return None
    return StoredLayer(store, *span, listed) if right else None


def _groups(about: pq.FileMetaData, key: str, wanted: Sequence[str]) -> Iterator[int]:
    """Yield the row groups that may hold some of the sorted values of a column."""
    place = about.schema.names.index(key) if about.num_row_groups else 0
    for number in range(about.num_row_groups):
        statistics = about.row_group(number).column(place).statistics
        if statistics is None or not statistics.has_min_max:  # it has no rows
            continue
        at = bisect_left(wanted, statistics.min)
        if at < len(wanted) and wanted[at] <= statistics.max:
            yield number


def _only(rows: pa.Table, key: str, values: Collection[str]) -> pa.Table:
    return rows.filter(pc.is_in(rows[key], pa.array(sorted(values), pa.string())))


def _schema(table: str, columns: Sequence[str]) -> pa.Schema:
    return pa.schema([TABLES[table].field(name) for name in columns])
