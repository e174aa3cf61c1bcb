"""What the documents of a stored view prove of the days of their outlets (`articles.history.claimed_days`), by outlet.

Each layer has a table of its outlets with the first days that its documents prove. So the first one of an outlet is found
without reading all its documents, unless all that a layer lists have changed since.
"""

from collections.abc import Collection

import pyarrow as pa
import pyarrow.compute as pc

from storage.snapshots.view_layers import StoredView
from storage.snapshots.view_tables import TABLES

COLUMNS = TABLES["outlets"].names
SPAN_COLUMNS = ("article_id", "outlet", "stated_day", "text_seen", "day_proved", "known")


class OutletDays:
    """First proved days of the outlets of a stored view."""

    def __init__(self, view: StoredView) -> None:
        self._view = view

    def starts(self, outlets: Collection[str], without: Collection[str] = ()) -> dict[str, str]:
        """Return the earliest proved day of each outlet with a file, leaving out the documents of some articles."""
        found: dict[str, str] = {}
        unclear: set[str] = set()
        for number in reversed(range(len(self._view.layers))):
            waiting = self._view.layers[number].read("outlets", COLUMNS, outlets).to_pylist() if outlets else []
            place = 0
            while waiting:
                listed = [row for row in waiting if place < len(row["days"])]
                unclear.update(row["outlet"] for row in waiting if place >= len(row["days"]) and row["more"])
                earlier = [
                    row for row in listed if row["days"][place] < found.get(row["outlet"], row["days"][place] + "~")
                ]
                gone = self._changed_since(number, {row["articles"][place] for row in earlier}) | set(without)
                found.update(
                    (row["outlet"], row["days"][place]) for row in earlier if row["articles"][place] not in gone
                )
                waiting = [row for row in earlier if row["articles"][place] in gone]
                place += 1
        return found | (self._read(unclear, without) if unclear else {})

    def moved(self, old: dict[str, str], new: dict[str, str]) -> set[str]:
        """Return the articles of documents whose day lies in the span of their outlet's days now but did not, or no longer does."""
        changed = {name for name in {*old, *new} if old.get(name) != new.get(name)}
        if not changed or not self._view.layers:
            return set()
        rows = self._view.read("documents", SPAN_COLUMNS)
        open_ = pc.and_(rows["known"], pc.invert(rows["day_proved"]))
        rows = rows.filter(pc.and_(open_, pc.is_in(rows["outlet"], _strings(changed))))
        found = set()
        for row in rows.to_pylist():
            outlet, day = row["outlet"], row["stated_day"]
            inside = [outlet in starts and starts[outlet] <= day <= row["text_seen"] for starts in (old, new)]
            if inside[0] != inside[1]:
                found.add(row["article_id"])
        return found

    def _changed_since(self, number: int, articles: set[str]) -> set[str]:
        """Return those of some articles that a later layer has."""
        found: set[str] = set()
        for layer in self._view.layers[number + 1 :]:
            found.update(layer.read("articles", ["article_id"], articles - found)["article_id"].to_pylist())
        return found

    def _read(self, outlets: Collection[str], without: Collection[str]) -> dict[str, str]:
        """Return the earliest proved days by all documents."""
        rows = self._view.read("documents", SPAN_COLUMNS)
        rows = rows.filter(
            pc.and_(pc.and_(rows["day_proved"], rows["known"]), pc.is_in(rows["outlet"], _strings(outlets)))
        )
        rows = rows.filter(pc.invert(pc.is_in(rows["article_id"], _strings(without))))
        days = rows.group_by("outlet").aggregate([("stated_day", "min")])
        return dict(zip(days["outlet"].to_pylist(), days["stated_day_min"].to_pylist(), strict=True))


def _strings(values: Collection[str]) -> pa.Array:
    return pa.array(sorted(values), pa.string())
