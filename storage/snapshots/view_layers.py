"""Stored views: layers of tables (`storage.snapshots.layers`, `view_tables`), each with what changed in a span of commits.

The layers from commit 0 to a snapshot hold its view: an article is as the last layer that has it says. The first layer
holds all articles, and a commit adds a layer with what it changed.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from storage.objects import ObjectStore
from storage.snapshots import layers as stored_layers
from storage.snapshots.layer_tables import Layer, LayerKind, MadeLayer
from storage.snapshots.view_code import CODE, VIEWS_PREFIX, code_version, core_code
from storage.snapshots.view_tables import SORTED_BY, TABLES, outlets_of
from storage.tables.state import State

__all__ = ["CODE", "VIEWS", "VIEWS_PREFIX", "StoredView", "between", "code_version", "core_code", "find"]

ROW_GROUP_ROWS = {"documents": 1_000, "links": 1_000, "articles": 250, "rows": 2_000, "outlets": 1_000}


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
        parts = list(self.parts(table, columns, articles))
        return pa.concat_tables(parts) if parts else VIEWS.schema(table, columns).empty_table()

    def parts(self, table: str, columns: Sequence[str], articles: Collection[str] | None = None) -> Iterator[pa.Table]:
        """Yield the same by layers, so that not all of it need be in memory."""
        return self._all(table, columns) if articles is None else self._some(table, columns, articles)

    def _all(self, table: str, columns: Sequence[str]) -> Iterator[pa.Table]:
        newer: list[pa.Array] = []
        for layer in reversed(self.layers):
            rows = layer.read(table, list(dict.fromkeys([*columns, "article_id"])) if newer else columns)
            if newer and rows.num_rows:
                rows = rows.filter(pc.invert(pc.is_in(rows["article_id"], pa.concat_arrays(newer))))
            yield rows.select(columns)
            if layer is not self.layers[0]:
                newer.append(layer.articles)

    def _some(self, table: str, columns: Sequence[str], articles: Collection[str]) -> Iterator[pa.Table]:
        """Yield the rows of some articles, each from the last layer that has the article."""
        left = set(articles)
        for layer in reversed(self.layers):
            if not left:
                return
            yield layer.read(table, columns, left)
            if layer is not self.layers[0]:
                left -= set(layer.read("articles", ["article_id"], left)["article_id"].to_pylist())

    def batches(self, table: str, schema: pa.Schema) -> Iterator[pa.Table]:
        """Yield the rows of a table of all articles in portions, with the columns and parts of columns of a schema."""
        newer: list[pa.Array] = []
        for layer in reversed(self.layers):
            start, kept = 0, None
            if newer:  # once for a layer: to look up a portion alone would cost as much
                names = layer.read(table, ["article_id"])["article_id"]
                kept = pc.invert(pc.is_in(names, pa.concat_arrays(newer)))
            for rows in layer.batches(table, schema):
                yield rows if kept is None else rows.filter(kept.slice(start, rows.num_rows))
                start += rows.num_rows
            if layer is not self.layers[0]:
                newer.append(layer.articles)

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
        tables = {
            name: VIEWS.sort(name, part.read(name, TABLES[name].names)) for name in ("documents", "links", "articles")
        }
        tables["outlets"] = outlets_of(tables["documents"])
        rows = pa.concat_tables([layer.read("rows", TABLES["rows"].names) for layer in layers])
        found = rows.group_by("row_id").aggregate([("article_id", "max")])
        tables["rows"] = VIEWS.sort(
            "rows", pa.table({"row_id": found["row_id"], "article_id": found["article_id_max"]})
        )
        return MadeLayer(VIEWS, layers[0].first, layers[-1].last, tables)


VIEWS = LayerKind(VIEWS_PREFIX, TABLES, SORTED_BY, ROW_GROUP_ROWS, lambda: code_version())  # noqa: PLW0108  tests replace the function


def find(store: ObjectStore, state: State) -> StoredView | None:
    """Return the view of the newest snapshot up to a state that is stored, or None."""
    found = stored_layers.find(store, VIEWS, state)
    return StoredView(found) if found else None


def between(store: ObjectStore, older: State, newer: State) -> StoredView | None:
    """Return the part of a snapshot's view that may differ from that of an earlier one, or None if no stored layers tell."""
    if older.number == newer.number:
        return StoredView(())
    return between_numbers(store, older.number, newer.number, newer)


def between_numbers(store: ObjectStore, older: int, newer: int, state: State) -> StoredView | None:
    """Return the same of two snapshots by their numbers; `state` is of no earlier one. From -1 on, it is the newer one's view."""
    found = stored_layers.between(store, VIEWS, older, newer, state)
    return StoredView(found) if found else None
