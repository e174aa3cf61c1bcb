"""Join the versions of documents that differ only in lines that change with every fetch (`articles.history.changing`)."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from articles.history.changing import OutletDocument, borne_out, line_history, merged
from articles.history.identity import RowHead
from articles.history.versions import Observation, Version, versions


@dataclass(frozen=True, slots=True)
class DocumentLines:
    """Keys of a document's changes in short lines alone, and those of lines that change with every fetch."""

    changes: frozenset[str] = frozenset()
    changing: frozenset[str] = frozenset()


def join_versions(
    histories: dict[str, tuple[Version, ...]],
    observed: Mapping[str, Sequence[Observation]],
    current: Mapping[str, RowHead],
    by_row: Mapping[str, RowHead],
    others: Callable[[str], Sequence[OutletDocument]],
) -> dict[str, DocumentLines]:
    """Join, in `histories`, versions that differ in changing lines alone. Return the lines of the documents concerned."""
    marks = {row_id: head.marks for row_id, head in by_row.items()}
    found = {name: line_history(observed[name], marks) for name in current if len(histories[name]) > 1}
    keys = {name: history.keys for name, history in found.items() if history.steps}
    outlets: defaultdict[str, set[str]] = defaultdict(set)
    for name, ours in keys.items():
        outlets[current[name].outlet] |= ours
    documents: defaultdict[str, list[OutletDocument]] = defaultdict(list)
    for name, head in current.items():
        if head.outlet in outlets:
            documents[head.outlet].append(OutletDocument(head.marks, keys.get(name, frozenset())))
    known = {outlet: borne_out([*documents[outlet], *others(outlet)], wanted) for outlet, wanted in outlets.items()}
    lines = {}
    for name, ours in keys.items():
        joined, used = merged(observed[name], found[name], known[current[name].outlet])
        histories[name] = versions(name, joined)
        lines[name] = DocumentLines(ours, used)
    return lines
