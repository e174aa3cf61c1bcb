"""The current view as a Delta Lake table of its own, so that DuckDB and Polars see what `pull` writes, without Irtysh.

    index/current/_delta_log/<n>.json     one entry for each snapshot that a writer has brought the table to
    index/current/<sha256>.parquet        documents of the view, in buckets by the first digits of the article id

One row is one document: its newest text (`row_id`, by which the table `documents` has it), and the columns of the view. A
commit writes the buckets anew in which it changes an article. The table is derived: it is made again where it is missing,
of other code, or from before a takedown. Only its newest version is kept for good.
"""

import hashlib
import io
import json
import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from articles.errors import CorruptError, ExistsError, MissingError
from storage.objects import ObjectStore, put_once
from storage.objects.json_objects import get_bounded, parse_json
from storage.snapshots import layers
from storage.snapshots.view_counts import stored_counts
from storage.snapshots.view_layers import VIEWS, StoredView
from storage.tables.delta import millis
from storage.tables.delta_schema import schema_string
from storage.tables.log_format import sums_of
from storage.tables.schemas import INSTANT
from storage.tables.state import State

CURRENT_PREFIX = "index/current/"
LOG_PREFIX = CURRENT_PREFIX + "_delta_log/"
ENTRY = re.compile(re.escape(LOG_PREFIX) + r"(\d{20})\.json")
MAX_ENTRY_BYTES = 16 << 20  # 256 buckets take 60 kB
ROWS_PER_BUCKET = 2_000  # at most about; half a megabyte
MAX_DIGITS = 2  # 256 buckets
HEX = 16
MAX_ATTEMPTS = 5  # while other writers write the same entry
SOURCE = (
    "article_id", "document_id", "lang", "outlet", "title", "published", "score", "verdict", "first_seen", "last_seen", "gone",
    "cluster_id", "representative", "cluster_source", "cluster_first", "date_doubt", "versions",
)  # fmt: skip
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("document_id", "article_id", "row_id", "url", "outlet", "lang", "title", "published")),
        ("version", pa.int32()),
        ("first_seen", INSTANT),
        ("last_seen", INSTANT),
        ("gone", pa.bool_()),
        ("topic_score", pa.float64()),
        ("topic_verdict", pa.string()),
        ("cluster_id", pa.string()),
        ("representative", pa.bool_()),
        ("cluster_source", pa.string()),
        ("cluster_first", pa.string()),
        ("date_doubt", pa.string()),
    ]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CurrentTable:
    """The newest version of the table."""

    version: int = -1
    snapshot: int = -1
    edition: str = ""
    digits: int = 0  # of the article id, that name a bucket
    files: Mapping[str, tuple[str, int, int]] = field(default_factory=dict)  # SHA-256, size and rows, by bucket


def newest(store: ObjectStore) -> CurrentTable:
    """Return the newest version of the table. Raises CorruptError."""
    version = max(
        (int(found[1]) for info in store.list(LOG_PREFIX) if (found := ENTRY.fullmatch(info.key))), default=-1
    )
    return _read(store, version) if version >= 0 else CurrentTable()


def keep(store: ObjectStore, state: State, view: StoredView) -> None:
    """Bring the table to a snapshot, whose view is stored. Where other writers are always faster, they have brought it there."""
    for _ in range(MAX_ATTEMPTS):
        try:
            before = newest(store)
        except CorruptError:
            clear(store)
            before = CurrentTable()
        edition = VIEWS.edition(store)
        if before.edition == edition and before.snapshot >= state.number:
            return
        changed = None
        if before.edition == edition and before.files:
            between = layers.between(store, VIEWS, before.snapshot, state)
            changed = {name for layer in between for name in layer.articles.to_pylist()} if between else None
        try:
            store.put_new(
                _entry_key(before.version + 1),
                _entry(state, before, edition, _written(store, view, before, changed, _documents(store, state, view))),
            )
        except ExistsError:
            continue  # another writer has brought the table further
        return


def clear(store: ObjectStore) -> None:
    """Delete the table: it holds titles and URLs of articles that were taken down, or is damaged."""
    for info in list(store.list(CURRENT_PREFIX)):
        store.delete(info.key)


def files_in_use(store: ObjectStore) -> set[str]:
    """Return the keys of the files of the newest version."""
    return {f"{CURRENT_PREFIX}{sha256}.parquet" for sha256, _, _ in newest(store).files.values()}


def _written(
    store: ObjectStore, view: StoredView, before: CurrentTable, changed: Collection[str] | None, documents: int
) -> tuple[int, dict[str, tuple[str, int, int]]]:
    """Write the buckets that differ from an earlier version, and return the digits of their names, and all buckets."""
    digits = next((n for n in range(MAX_DIGITS) if documents <= ROWS_PER_BUCKET * HEX**n), MAX_DIGITS)
    files = dict(before.files)
    if changed is None or digits != before.digits:
        files, parts = {}, _buckets(_rows(view, None), digits)
    else:
        fresh, parts = _buckets(_rows(view, changed), digits), {}
        for bucket in {name[:digits] for name in changed}:
            known = _file(store, files[bucket][0]) if bucket in files else SCHEMA.empty_table()
            gone = pc.is_in(known["article_id"], pa.array(sorted(changed), pa.string()))
            parts[bucket] = pa.concat_tables([known.filter(pc.invert(gone)), fresh.get(bucket, SCHEMA.empty_table())])
    for bucket, rows in sorted(parts.items()):
        files.pop(bucket, None)
        if rows.num_rows:
            sink = io.BytesIO()
            pq.write_table(rows.sort_by("document_id"), sink, compression="zstd", store_schema=False)
            data = sink.getvalue()
            sha256 = hashlib.sha256(data).hexdigest()
            put_once(store, f"{CURRENT_PREFIX}{sha256}.parquet", data)
            files[bucket] = sha256, len(data), rows.num_rows
    return digits, files


def _documents(store: ObjectStore, state: State, view: StoredView) -> int:
    counts = stored_counts(store, state.number, state.sha256)
    return view.read("documents", ["article_id"]).num_rows if counts is None else counts.documents


def _rows(view: StoredView, articles: Collection[str] | None) -> pa.Table:
    """Return the rows of documents with a text: the newest one that is no tombstone, as `pull` chooses it."""
    found = view.read("documents", SOURCE, articles).combine_chunks()
    versions = found["versions"].combine_chunks()
    flat, parents = versions.flatten(), pc.list_parent_indices(versions).to_numpy()
    texts = np.flatnonzero(~flat.field("gone").to_numpy(zero_copy_only=False))
    is_last = np.append(parents[texts][1:] != parents[texts][:-1], [True] * bool(len(texts))).astype(bool)
    last = texts[is_last]
    chosen, rows = flat.take(pa.array(last)), found.take(pa.array(parents[last]))
    own = {"version": "number", "row_id": "row_id"}
    columns = {name: chosen.field(source) for name, source in own.items()}
    joined = chosen.field("joined_url")
    is_own = pc.fill_null(pc.equal(joined, ""), True)
    columns["url"] = pc.if_else(is_own, chosen.field("url"), joined)
    renamed = {"topic_score": "score", "topic_verdict": "verdict"}
    columns |= {name: rows[renamed.get(name, name)] for name in SCHEMA.names if name not in columns}
    return pa.table({name: columns[name] for name in SCHEMA.names}).cast(SCHEMA)


def _buckets(rows: pa.Table, digits: int) -> dict[str, pa.Table]:
    names = pc.utf8_slice_codeunits(rows["article_id"], 0, digits)
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(names.to_pylist()):
        places[name].append(place)
    return {name: rows.take(pa.array(found)) for name, found in places.items()}


def _entry(
    state: State,
    before: CurrentTable,
    edition: str,
    written: tuple[int, dict[str, tuple[str, int, int]]],
) -> bytes:
    """Return the log entry of a version."""
    digits, files = written
    time = millis(state.history[-1].timestamp)
    about = {"snapshot": state.number, "edition": edition, "digits": digits, "files": files}
    actions: list[dict[str, Any]] = [{"commitInfo": {"timestamp": time, "operation": "WRITE", "irtysh": about}}]
    if before.version < 0:
        actions.append({"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}})
        actions.append(
            {
                "metaData": {
                    "id": f"{state.history[0].sha256[:8]}-0000-4000-8000-{state.history[0].sha256[8:20]}",
                    "format": {"provider": "parquet", "options": {}},
                    "schemaString": schema_string(SCHEMA),
                    "partitionColumns": [],
                    "configuration": {},
                    "createdTime": time,
                }
            }
        )
    old, new = set(before.files.values()), set(files.values())
    for sha256, _, _ in sorted(old - new):
        actions.append({"remove": {"path": f"{sha256}.parquet", "deletionTimestamp": time, "dataChange": True}})
    for sha256, size, rows in sorted(new - old):
        add = {
            "path": f"{sha256}.parquet",
            "partitionValues": {},
            "size": size,
            "modificationTime": time,
            "dataChange": True,
        }
        actions.append({"add": add | {"stats": json.dumps({"numRecords": rows})}})
    return "".join(json.dumps(action) + "\n" for action in actions).encode()


def _read(store: ObjectStore, version: int) -> CurrentTable:
    key = _entry_key(version)
    try:
        first = get_bounded(store, key, MAX_ENTRY_BYTES).partition(b"\n")[0]
        about = parse_json(first, key)["commitInfo"]["irtysh"]
        sums = sums_of({name: (size, sha256) for name, (sha256, size, _) in about["files"].items()})
        files = {name: (sums[name].sha256, sums[name].size, int(about["files"][name][2])) for name in sums}
        return CurrentTable(version, int(about["snapshot"]), str(about["edition"]), int(about["digits"]), files)
    except (LookupError, TypeError, ValueError, AttributeError, MissingError) as error:
        raise CorruptError(f"{key} cannot be read: {error!r}") from error


def _file(store: ObjectStore, sha256: str) -> pa.Table:
    key = f"{CURRENT_PREFIX}{sha256}.parquet"
    data = store.get(key)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise CorruptError(f"{key} is damaged: its bytes do not have the SHA-256 of its name")
    return pq.read_table(io.BytesIO(data)).cast(SCHEMA)


def _entry_key(version: int) -> str:
    return f"{LOG_PREFIX}{version:020}.json"
