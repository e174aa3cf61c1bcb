"""What the documents of a stored view show of the lines of their outlets (`articles.history.changing`)."""

from collections import defaultdict
from collections.abc import Collection
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from articles.history.changing import OutletDocument, borne_out
from articles.history.snapshot_view import SnapshotView
from storage.snapshots.view_layers import StoredView

LINE_COLUMNS = ("article_id", "outlet", "changes", "marks")


class OutletLines:
    """Lines of the documents of a stored view, read when needed."""

    def __init__(self, view: StoredView) -> None:
        self._view = view
        self._read: dict[str, list[tuple[str, OutletDocument]]] = {}

    def of(self, outlet: str, without: Collection[str] = ()) -> list[OutletDocument]:
        """Return the documents of an outlet, leaving out those of some articles."""
        return [document for article, document in self._documents(outlet) if article not in without]

    def otherwise_judged(self, now: SnapshotView, without: Collection[str], before: Collection[str]) -> set[str]:
        """Return the articles, but for those in `without`, whose changes the outlets' documents judge in another way now.

        `now` is the view of the articles in `without`; `before` are the outlets that they had.
        """
        added: defaultdict[str, list[OutletDocument]] = defaultdict(list)
        for document in now.documents.values():
            added[document.head.outlet].append(OutletDocument(document.head.marks, document.changes))
        found: set[str] = set()
        for outlet in sorted(self._that_changed({*added, *before})):
            others = [(article, one) for article, one in self._documents(outlet) if article not in without]
            keys = {key for _, one in others for key in one.keys}
            old = borne_out(self.of(outlet), keys)
            new = borne_out([*(one for _, one in others), *added[outlet]], keys)
            found.update(article for article, one in others if one.keys & (old ^ new))
        return found

    @cached_property
    def _lines(self) -> pa.Table:
        return self._view.read("documents", LINE_COLUMNS)

    def _that_changed(self, outlets: Collection[str]) -> set[str]:
        """Return those of some outlets of which documents have changes, or had some in an earlier layer."""
        tables = [layer.read("outlets", ("outlet", "changed"), outlets) for layer in self._view.layers if outlets]
        return {row["outlet"] for rows in tables for row in rows.to_pylist() if row["changed"]}

    def _documents(self, outlet: str) -> list[tuple[str, OutletDocument]]:
        if not self._view.layers:
            return []
        if outlet not in self._read:
            rows = self._lines.filter(pc.equal(self._lines["outlet"], outlet))
            self._read[outlet] = [
                (row["article_id"], OutletDocument(row["marks"], frozenset(row["changes"]))) for row in rows.to_pylist()
            ]
        return self._read[outlet]
