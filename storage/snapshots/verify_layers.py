"""Verify the layers that are derived from the log: stored views and look-ups. What is wrong with them costs no content."""

import hashlib
import io
from collections.abc import Iterator
from functools import partial

import pyarrow as pa
import pyarrow.parquet as pq

from articles.errors import CorruptError, MissingError
from storage.objects import ObjectStore
from storage.objects.json_objects import read_json
from storage.snapshots.counting import of_live_files, of_view
from storage.snapshots.current_log import CURRENT_PREFIX, damaged_checkpoint, newest
from storage.snapshots.current_table import clear, edition
from storage.snapshots.damage import REPAIR, Damage
from storage.snapshots.layer_names import names_its_span, spans
from storage.snapshots.layer_tables import LayerKind, footer_of
from storage.snapshots.layers import listed_files, listed_footers
from storage.snapshots.lookup_layers import LOOKUPS
from storage.snapshots.verify_named import prefetch_findings
from storage.snapshots.view_counts import ViewCounts, counts_of
from storage.snapshots.view_layers import VIEWS, find
from storage.tables.log_format import SegmentSum
from storage.tables.state import State

KINDS = (VIEWS, LOOKUPS)
AGAIN = f"{REPAIR}, which makes it again from the tables"


def check_layers(store: ObjectStore, state: State) -> Iterator[Damage]:
    """Yield what is wrong with the layers that are in use, up to a state."""
    for kind in KINDS:
        named = kind.edition(store)
        files: dict[str, tuple[str, int, SegmentSum]] = {}  # by key: its table, size and footer
        for span in sorted(spans(store, kind.prefix, named)):
            if span[1] > state.number:
                continue
            key = kind.key(named, *span)
            if problem := _layer(store, kind, key, span, state):
                yield Damage(key, problem, AGAIN)
                continue
            footers = listed_footers(read_json(store, key), key)
            for table, (sha256, size) in listed_files(store, key).items():
                files[f"{kind.files_prefix}{sha256}.parquet"] = table, size, footers[table]
        check = partial(_file, store, kind, files)
        yield from prefetch_findings(check, sorted(files))
    yield from _counts(store, state)
    yield from _current(store, state)


def _counts(store: ObjectStore, state: State) -> Iterator[Damage]:
    """Yield descriptions of layers whose counts are not those of their view."""
    named = VIEWS.edition(store)
    for span in sorted(spans(store, VIEWS.prefix, named)):
        if span[1] != state.number:
            continue
        key = VIEWS.key(named, *span)
        try:
            view = find(store, state)
            counts = counts_of(read_json(store, key), key)
            if counts is None or view is None or view.snapshot != state.number:
                continue
            if counts != of_view(view) + _counts_of_files(store, state, counts):
                yield Damage(key, "is damaged: its counts are not those of the view", AGAIN)
        except CorruptError as error:
            yield Damage(key, f"is damaged: {error}", AGAIN)
        except MissingError:  # deleted since
            pass


def _counts_of_files(store: ObjectStore, state: State, otherwise: ViewCounts) -> ViewCounts:
    """Count rejections and removals. If their files are damaged, return the view's own numbers: the damage has its own finding."""
    try:
        return of_live_files(store, state)
    except (CorruptError, MissingError):
        return ViewCounts(rejections=otherwise.rejections, removals=otherwise.removals)


def _current(store: ObjectStore, state: State) -> Iterator[Damage]:
    """Yield what is wrong with the newest version of the table of the current view."""
    try:
        table = newest(store)
    except CorruptError as error:
        yield Damage(CURRENT_PREFIX, f"is damaged: {error}", AGAIN)
        return
    is_in_use = table.edition == edition(store) and 0 <= table.snapshot <= state.number
    if is_in_use and not table.is_of(state):
        yield Damage(CURRENT_PREFIX, "does not match the log entry of its snapshot", AGAIN)
    if key := damaged_checkpoint(store):
        yield Damage(key, "is damaged: it does not list the files of its version", AGAIN)
    for file in sorted(table.files.values()):
        try:
            data = store.get(file.key)
        except MissingError:
            yield Damage(file.key, "is missing", AGAIN)
            continue
        if hashlib.sha256(data).hexdigest() != file.sha256:
            yield Damage(file.key, "is damaged: its bytes do not have the SHA-256 of its name", AGAIN)


def forget_damaged(store: ObjectStore, state: State) -> list[str]:
    """Delete damaged layers and files, and the layers that list them, so that they are made again. Return their keys."""
    damaged = {found.key for found in check_layers(store, state)}
    for kind in KINDS if damaged else ():
        named = kind.edition(store)
        for span in spans(store, kind.prefix, named):
            key = kind.key(named, *span)
            if key not in damaged:
                listed = {f"{kind.files_prefix}{sha256}.parquet" for sha256, _ in listed_files(store, key).values()}
                if not listed & damaged:
                    continue
            store.delete(key)
    if any(key.startswith(CURRENT_PREFIX) for key in damaged):
        clear(store)
    for key in damaged:
        store.delete(key)
    return sorted(damaged)


def _layer(store: ObjectStore, kind: LayerKind, key: str, span: tuple[int, int], state: State) -> str:
    """Return what is wrong with the description of a layer; empty if nothing is."""
    try:
        listed, about = listed_files(store, key), read_json(store, key)
        footers = listed_footers(about, key)
    except MissingError:
        return ""  # deleted since
    except CorruptError as error:
        return f"is damaged: {error}"
    if not listed.keys() == footers.keys() == kind.tables.keys():
        return "is damaged: it does not list a file for each table"
    if not names_its_span(about, span):
        return "holds another layer: it was swapped or copied"
    ends = [commit.sha256 for commit in state.history if commit.number == span[1]]  # none: that entry is damaged itself
    return "does not match the log entry that it ends with" if ends and about.get("entry") not in ends else ""


def _file(
    store: ObjectStore, kind: LayerKind, files: dict[str, tuple[str, int, SegmentSum]], key: str
) -> Damage | None:
    table, size, footer = files[key]
    try:
        data = store.get(key)
    except MissingError:
        return Damage(key, "is missing", AGAIN)
    if len(data) != size or f"{hashlib.sha256(data).hexdigest()}.parquet" != key.removeprefix(kind.files_prefix):
        return Damage(key, "is damaged: its bytes do not have the SHA-256 of its name", AGAIN)
    if footer_of(data) != footer:
        return Damage(key, "does not have the footer that a layer lists: the layer is damaged", AGAIN)
    try:
        names = pq.read_schema(io.BytesIO(data)).names
    except pa.ArrowException as error:
        return Damage(key, f"is not a Parquet file: {error}", AGAIN)
    if names != kind.tables[table].names:
        return Damage(key, f"is not a file of the table {table}", AGAIN)
    return None
