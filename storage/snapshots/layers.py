"""Layers of tables: what is derived from the commits of a log, stored so that it need not be computed again.

    <prefix><edition>/<last commit>-<first commit>.json   one layer: its files, and the log entry that it ends with
    <prefix>files/<sha256>.parquet

A layer holds what a span of commits adds or changes; the layers from commit 0 to a snapshot hold all of it. The rows of a
table are sorted by one column, so reading few of them costs what they have (`layer_tables`). Layers are rebuildable.
They are of one edition: code that computes the same, and the same number of takedowns.
"""

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any

from articles.errors import ContendedError, CorruptError, DeniedError, MissingError
from storage.objects import ObjectStore, put_once
from storage.objects.json_objects import read_json
from storage.snapshots.layer_names import names_its_span, spans
from storage.snapshots.layer_tables import LayerKind, MadeLayer, StoredLayer, encoded, footer_of
from storage.tables.delta import Commit
from storage.tables.file_ref import DELTA_TABLE
from storage.tables.log_format import SegmentSum, sums_of
from storage.tables.state import State

MAX_ADDED_SHARE = 0.25  # of what the layer before them holds; beyond, they are joined with it
FULL_LAYER_ROWS = 100_000  # articles or texts: joining so many takes .7 GB

logger = logging.getLogger(__name__)


def write(
    store: ObjectStore,
    layer: MadeLayer,
    named: str,
    entry_sha256: str,
    more: Mapping[str, Any] = MappingProxyType({}),
) -> StoredLayer:
    """Store a layer of an edition, which was read before the layer was made.

    `entry_sha256` is that of the log entry it ends with; `more` is added to its description. Raises ContendedError if
    articles were taken down since: the layer may hold them, and is deleted.
    """
    kind, listed, footers = layer.kind, {}, {}
    for table, rows in layer.tables.items():
        data = encoded(kind, table, rows)
        sha256 = hashlib.sha256(data).hexdigest()
        put_once(store, f"{kind.files_prefix}{sha256}.parquet", data)
        listed[table] = sha256, len(data)
        footers[table] = footer_of(data)
    span = {"first": layer.first, "last": layer.last}
    about = {**span, "entry": entry_sha256, "files": listed, "footers": footers, **more}
    key = kind.key(named, layer.first, layer.last)
    put_once(store, key, json.dumps(about, indent=1).encode())
    if (now := kind.edition(store)) != named:  # the takedown may have looked for layers before this one was there
        _delete(store, kind, key, {f"{kind.files_prefix}{sha256}.parquet" for sha256, _ in listed.values()}, now)
        raise ContendedError("articles were taken down at the same time")
    return StoredLayer(kind, store, layer.first, layer.last, listed, footers)


def _delete(store: ObjectStore, kind: LayerKind, key: str, files: set[str], now: str) -> None:
    """Delete a layer and those of its files that no layer of the edition in force lists."""
    for span in spans(store, kind.prefix, now):
        with suppress(CorruptError, MissingError):  # `find` ignores it
            files = files - files_of(store, kind, kind.key(now, *span))
    try:
        for one in (key, *sorted(files)):
            store.delete(one)
    except DeniedError:  # a policy may forbid it to workers: no reader uses the layer, and `gc` deletes it
        logger.warning("%s may hold articles that were taken down; run `irtysh gc --delete` after a day", key)


def files_of(store: ObjectStore, kind: LayerKind, key: str) -> set[str]:
    """Return the keys of the files that a layer lists. Raises CorruptError or MissingError."""
    return {f"{kind.files_prefix}{sha256}.parquet" for sha256, _ in listed_files(store, key).values()}


def listed_files(store: ObjectStore, key: str) -> dict[str, tuple[str, int]]:
    """Return the SHA-256 and size of each file that a layer lists, by table. Raises CorruptError or MissingError."""
    try:
        files = read_json(store, key)["files"]
        sums = sums_of({table: (size, sha256) for table, (sha256, size) in files.items()})
        return {table: (found.sha256, found.size) for table, found in sums.items()}
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise CorruptError(f"{key} lists no files: {error}") from error


def listed_footers(about: Mapping[str, Any], key: str) -> dict[str, SegmentSum]:
    """Return the footer of each file that the description of a layer lists, by table. Raises CorruptError."""
    try:
        return sums_of(about["footers"])
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise CorruptError(f"{key} lists no footers: {error}") from error


def find(store: ObjectStore, kind: LayerKind, state: State) -> tuple[StoredLayer, ...]:
    """Return the layers up to the newest snapshot, not after a state, that has them; none if no snapshot has."""
    named = kind.edition(store)
    there = spans(store, kind.prefix, named)
    for last in sorted({last for _, last in there if last <= state.number}, reverse=True):
        chain = _chain(there, -1, last)
        if chain is not None and (layers := _all_stored(store, kind, named, chain, state)):
            return layers
    return ()


def between(store: ObjectStore, kind: LayerKind, older: int, newer: int, state: State) -> tuple[StoredLayer, ...]:
    """Return the layers from one snapshot to a later one, or none if they are not stored. `state` is of no earlier one."""
    if older > newer:
        return ()
    named = kind.edition(store)
    chain = _chain(spans(store, kind.prefix, named), older, newer)
    return _all_stored(store, kind, named, chain or (), state)


def to_join(sizes: Sequence[int], most: int) -> int | None:
    """Return from which layer on the layers of a snapshot are to be joined into one, by their sizes; None if they are not.

    `most` is the number of layers of single commits. Layers that are full stay as they are, so that joining never reads a whole large corpus into memory. Of the others, single
    commits are joined with each other, and with the first of them where they hold much of what it holds.
    """
    full = next((number for number, size in enumerate(sizes) if size < FULL_LAYER_ROWS), len(sizes))
    own = sizes[full:]
    if len(own) > 1 and sum(own[1:]) > MAX_ADDED_SHARE * own[0]:
        return full
    return full + 1 if len(own) > most else None


def portions(commits: Sequence[Commit]) -> Iterator[int]:
    """Yield the snapshots whose layers are made in turn for commits that have none: each adds as many texts as a full layer has.

    What comes before the last commit that takes rows away is made at once.
    """
    first = max((place for place, commit in enumerate(commits) if not adds(commit)), default=0)
    texts = 0
    for commit in commits[first:]:
        texts += sum(ref.rows for ref in commit.add if ref.table == DELTA_TABLE)
        if texts >= FULL_LAYER_ROWS or commit is commits[-1]:
            yield commit.number
            texts = 0


def adds(commit: Commit) -> bool:
    """Return whether a commit only adds rows."""
    return not (commit.remove or commit.replaces or commit.rearranges)


def _all_stored(
    store: ObjectStore, kind: LayerKind, named: str, chain: Sequence[tuple[int, int]], state: State
) -> tuple[StoredLayer, ...]:
    """Return the layers of a chain, or nothing if one of them cannot be used."""
    entries = {commit.number: commit.sha256 for commit in state.history}
    layers = [_stored(store, kind, named, span, entries.get(span[1], "")) for span in chain]
    return tuple(layer for layer in layers if layer) if all(layers) else ()


def _chain(there: Sequence[tuple[int, int]], after: int, last: int) -> list[tuple[int, int]] | None:
    """Return the fewest layers from the commit after `after` to `last`, or None if there are none."""
    best: dict[int, list[tuple[int, int]]] = {after: []}
    for first, end in sorted(there, key=lambda span: span[1]):
        before = best.get(first - 1)
        if end <= last and before is not None and (end not in best or len(before) + 1 < len(best[end])):
            best[end] = [*before, (first, end)]
    return best.get(last)


def _stored(
    store: ObjectStore, kind: LayerKind, named: str, span: tuple[int, int], entry_sha256: str
) -> StoredLayer | None:
    key = kind.key(named, *span)
    try:
        listed = listed_files(store, key)
        about = read_json(store, key)
        footers = listed_footers(about, key)
        right = about["entry"] == entry_sha256 and names_its_span(about, span)
        right = right and listed.keys() == footers.keys() == kind.tables.keys()
    except (CorruptError, MissingError, LookupError, TypeError) as error:
        logger.warning("%s cannot be used: %s", key, error)
        return None
    return StoredLayer(kind, store, *span, listed, footers) if right else None
