"""Stored look-ups: what processing must know of a snapshot, in layers, so that a few new pages cost no more than they have.

Layers only add rows. Where commits have taken rows away, the look-ups are made again from all tables.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files as resource_files

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from storage.objects import ObjectStore
from storage.snapshots import layers as stored_layers
from storage.snapshots.layer_names import code_digest
from storage.snapshots.layer_tables import Layer, LayerKind, MadeLayer
from storage.snapshots.lookup_tables import (
    ANCHOR,
    HELD_COLUMNS,
    KIND_BITS,
    PART_BITS,
    PART_MASK,
    SORTED_BY,
    STORED_COLUMNS,
    TABLES,
    Codes,
    fetch_rows,
    held_rows,
    postings_of,
    read_rows,
    versions_of,
)
from storage.snapshots.view_advance import only_adds
from storage.snapshots.view_code import core_code
from storage.tables import packs
from storage.tables.file_ref import FileRef
from storage.tables.log_reader import LogReader
from storage.tables.schemas import Row
from storage.tables.state import State

LOOKUPS_PREFIX = "index/lookups/"
FORMAT = 3
OWN_CODE = ("snapshots/lookup_tables.py", "snapshots/lookup_layers.py", "tables/link_rows.py", "tables/rows.py")
GROUP_ROWS = {
    "rows": 250, "versions": 1_000, "fetches": 250, "postings": 4_000, "vectors": 5_000, "health": 5_000, "held": 5_000,
}  # fmt: skip
FETCHES_PER_COMMIT_BITS = 32  # fetches are numbered so that those of a later layer come later
MAX_LAYERS = 8  # before those of single commits are joined
MIN_TEXTS = 1_000  # of a store with fewer rows the whole index is read in a fraction of a second


@cache
def code_version() -> str:
    """Return the SHA-256 of the code and data that make look-ups."""
    return code_digest([core_code(), (resource_files("storage"), OWN_CODE)], FORMAT)


LOOKUPS = LayerKind(LOOKUPS_PREFIX, TABLES, SORTED_BY, GROUP_ROWS, lambda: code_version())  # noqa: PLW0108  tests replace the function
Places = dict[int, set[int]]  # places in the table `rows`, by the number of the layer


@dataclass(frozen=True)
class Lookups:
    """The look-ups of a snapshot: layers from commit 0 on, the oldest first."""

    layers: tuple[Layer, ...]

    @property
    def snapshot(self) -> int:
        """The number of the snapshot."""
        return self.layers[-1].last

    def rows(self, row_ids: Collection[str]) -> list[pa.Table]:
        """Return the rows of `rows` with some row ids."""
        return self._read("rows", row_ids)

    def rows_at(self, places: Places) -> list[pa.Table]:
        """Return the rows of `rows` at some places."""
        return [self.layers[number].rows_at("rows", sorted(found)) for number, found in places.items() if found]

    def versions(self, documents: Collection[str]) -> Iterator[tuple[str, str]]:
        """Yield the version keys of some documents, with their document."""
        for rows in self._read("versions", documents):
            yield from zip(rows["document_id"].to_pylist(), rows["version_key"].to_pylist(), strict=True)

    def fetches(self, articles: Collection[str]) -> list[Row]:
        """Return the fetches that concern some articles, in the order of the log."""
        found = [row for rows in self._read("fetches", articles) for row in rows.to_pylist()]
        return sorted(found, key=lambda row: row["number"])

    def vectors(self, row_ids: Collection[str]) -> list[Row]:
        """Return which packs hold vectors of some rows."""
        return [row for rows in self._read("vectors", row_ids) for row in rows.to_pylist()]

    def health(self, outlets: Collection[str]) -> list[pa.Table]:
        """Return the rows of `health` of some outlets."""
        return self._read("health", outlets)

    def held(self) -> pa.Table:
        """Return the captures in quarantine."""
        return self.layers[-1].read("held", HELD_COLUMNS)

    def postings(self, keys: Codes) -> Iterator[tuple[int, pa.Table]]:
        """Yield the postings of some keys, with the number of their layer."""
        wanted = np.unique(keys).tolist()
        for number, layer in enumerate(self.layers if wanted else ()):
            yield number, layer.read("postings", TABLES["postings"].names, wanted)

    @cached_property
    def parts(self) -> set[int]:
        """The periods of texts with anchors, as `part_of` numbers them."""
        found: set[int] = set()
        for layer in self.layers:
            keys = layer.keys("postings", _of_one_period).to_numpy()
            anchors = keys[(keys >> KIND_BITS) == ANCHOR]
            found.update(np.unique((anchors >> PART_BITS) & PART_MASK).tolist())
        return found

    def articles(self, row_ids: Collection[str]) -> dict[str, str]:
        """Return the article of some rows."""
        tables = [layer.read("rows", ("row_id", "article_id"), row_ids) for layer in self.layers if row_ids]
        return {
            row_id: article
            for rows in tables
            for row_id, article in zip(rows["row_id"].to_pylist(), rows["article_id"].to_pylist(), strict=True)
        }

    def _read(self, table: str, keys: Collection[str]) -> list[pa.Table]:
        return [layer.read(table, TABLES[table].names, keys) for layer in self.layers if keys]

    def merged(self, first: int = 0) -> MadeLayer:
        """Return the layers from number `first` on as one."""
        parts = self.layers[first:]
        tables = {
            name: LOOKUPS.sort(name, pa.concat_tables([part.read(name, TABLES[name].names) for part in parts]))
            for name in TABLES
            if name not in {"postings", "held", "fetches"}
        }
        fetches = pa.concat_tables([part.read("fetches", TABLES["fetches"].names) for part in parts])
        order = [("article", "ascending"), ("number", "ascending")]
        tables["fetches"] = fetches.sort_by(order).combine_chunks()
        tables["postings"] = postings_of(tables["rows"])
        tables["held"] = self.held()
        return MadeLayer(LOOKUPS, parts[0].first, parts[-1].last, tables)


def _of_one_period(least: int, most: int) -> bool:
    """Whether two keys say which periods lie between them: of one kind that has none, or of one period."""
    kinds = {least >> int(KIND_BITS), most >> int(KIND_BITS)}
    return (len(kinds) == 1 and int(ANCHOR) not in kinds) or least >> int(PART_BITS) == most >> int(PART_BITS)


def find(store: ObjectStore, state: State) -> Lookups | None:
    """Return the look-ups of the newest snapshot up to a state that has them, if only rows were added since; or None."""
    found = stored_layers.find(store, LOOKUPS, state) if state.number >= 0 else ()
    if not found:
        return None
    commits = LogReader(store).read_many(range(found[-1].last + 1, state.number + 1))
    return Lookups(found) if only_adds(commits) else None


def keep(store: ObjectStore, state: State) -> None:
    """Store the look-ups of a snapshot."""
    named = LOOKUPS.edition(store)  # before anything is read: a takedown from now on is noticed by it
    before, log = find(store, state), LogReader(store)
    state = log.redactions.state(state)  # of takedowns since it was read
    commits = log.read_many(range(before.snapshot + 1 if before is not None else 0, state.number + 1))
    for number in stored_layers.portions(commits):  # after a killed command, many commits may lack a layer
        part = state if number == state.number else log.state(number)
        _keep_next(store, part, find(store, part), named)


def _keep_next(store: ObjectStore, state: State, before: Lookups | None, named: str) -> None:
    """Store a layer of an edition up to a state: on those before, or if there are none, of all rows."""
    if sum(ref.rows for ref in state.live("documents")) < MIN_TEXTS:
        return
    if before is not None and before.snapshot == state.number:
        return
    layer = None
    if before is not None:
        files: dict[str, list[FileRef]] = {}
        for ref in added(store, before, state):
            files.setdefault(ref.table, []).append(ref)
        layer = make(store, files, before, state.number)
    if before is None or layer is None:
        made = make(store, {table: state.live(table) for table in state.files}, None, state.number)
        if made is not None:
            stored_layers.write(store, made, named, state.sha256)
        return
    found = Lookups((*before.layers, stored_layers.write(store, layer, named, state.sha256)))
    first = stored_layers.to_join([_rows_of(part) for part in found.layers], MAX_LAYERS)
    if first is not None:
        stored_layers.write(store, found.merged(first), named, state.sha256)


def make(
    store: ObjectStore, files: Mapping[str, Sequence[FileRef]], before: Lookups | None, number: int
) -> MadeLayer | None:
    """Return the layer of new files up to a snapshot. None if they add to rows that an earlier layer holds."""
    rows = read_rows(store, files)
    if before is not None and not _whole(store, files, rows):
        return None
    fetches = packs.read_all(store, files.get("fetches", ()), "fetches", (*STORED_COLUMNS, "outlet", "run"))
    fetched = fetches.to_pylist()
    own = dict(zip(rows["row_id"].to_pylist(), rows["article_id"].to_pylist(), strict=True))
    shown = {row_id for fetch in fetched for row_id in fetch["rows"]} - own.keys()
    articles = own | (before.articles(shown) if before is not None else {})
    first = before.snapshot + 1 if before is not None else 0
    held = before.held() if before is not None else TABLES["held"].empty_table()
    return MadeLayer(
        LOOKUPS,
        first,
        number,
        {
            "rows": rows,
            "versions": versions_of(rows),
            "fetches": fetch_rows(fetched, articles, first << FETCHES_PER_COMMIT_BITS),
            "postings": postings_of(rows),
            "vectors": _vectors(store, files.get("vectors", ())),
            "health": LOOKUPS.sort("health", packs.read_all(store, files.get("health", ()), "health")),
            "held": held_rows(held, fetches.select(HELD_COLUMNS)),
        },
    )


def _vectors(store: ObjectStore, refs: Sequence[FileRef]) -> pa.Table:
    parts = [
        rows.append_column("pack", pa.array([ref.sha256] * rows.num_rows, pa.string()))
        for ref, rows in zip(refs, packs.read_each(store, refs, ("row_id", "encoder")), strict=True)
    ]
    return LOOKUPS.sort("vectors", pa.concat_tables([TABLES["vectors"].empty_table(), *parts]))


def _whole(store: ObjectStore, files: Mapping[str, Sequence[FileRef]], rows: pa.Table) -> bool:
    """Return whether all new sketches and anchors are of new rows."""
    own = rows["row_id"].combine_chunks()
    for table in ("sketches", "anchors"):
        named = packs.read_all(store, files.get(table, ()), table, ("row_id",))["row_id"]
        if not pc.all(pc.is_in(named, own), min_count=0).as_py():
            return False
    return True


def added(store: ObjectStore, before: Lookups, state: State) -> list[FileRef]:
    """Return the files that commits have added since some look-ups."""
    commits = LogReader(store).read_many(range(before.snapshot + 1, state.number + 1))
    return [ref for commit in commits for ref in commit.add]


def _rows_of(layer: Layer) -> int:
    return layer.num_rows("rows") + layer.num_rows("fetches")
