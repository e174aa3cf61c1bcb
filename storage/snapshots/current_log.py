"""Log of the Delta table of the current view (`storage.snapshots.current_table`): its entries and checkpoints.

    index/current/_delta_log/<n>.json                  version n: the files that it adds and removes
    index/current/_delta_log/<n>.checkpoint.parquet    from time to time: all files of version n

Readers start from the newest checkpoint. There is no `_last_checkpoint`, which would have to be overwritten: readers find
checkpoints in the listing. The first line of an entry names all files, for our own next version.
"""

import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from articles.errors import CorruptError, MissingError
from storage.objects import ObjectInfo, ObjectStore, put_once
from storage.objects.json_objects import get_bounded, parse_json
from storage.tables.delta import millis
from storage.tables.delta_schema import checkpoint_of, schema_string
from storage.tables.log_format import sums_of
from storage.tables.schemas import INSTANT
from storage.tables.state import State

CURRENT_PREFIX = "index/current/"
LOG_PREFIX = CURRENT_PREFIX + "_delta_log/"
NAMED = re.compile(re.escape(LOG_PREFIX) + r"(\d{20})\.(json|checkpoint\.parquet)")
MAX_ENTRY_BYTES = 64 << 20  # 500 files, of a million documents, take 70 kB
CHECKPOINT_EVERY = 25  # versions; a reader reads that many entries, of about 100 kB, in some milliseconds
PROTOCOL = {"minReaderVersion": 1, "minWriterVersion": 2}
LAYOUT = "by time"  # another one where rows are chosen or laid out otherwise: the table is then made again
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


class CurrentFile(NamedTuple):
    """A file of the table."""

    sha256: str
    size: int
    rows: int

    @property
    def path(self) -> str:
        """Its name in the table's folder."""
        return f"{self.sha256}.parquet"

    @property
    def key(self) -> str:
        """Its key in the store."""
        return CURRENT_PREFIX + self.path


@dataclass(frozen=True, slots=True)
class CurrentTable:
    """A version of the table."""

    version: int = -1
    snapshot: int = -1
    entry: str = ""  # SHA-256 of the snapshot's log entry
    edition: str = ""
    files: Mapping[str, CurrentFile] = field(default_factory=dict)  # by the key of their first row
    checkpoint: int = 0  # version of the newest checkpoint

    def is_of(self, state: State) -> bool:
        """Whether the snapshot is one of a state's history, not one that was lost and replaced."""
        return 0 <= self.snapshot <= state.number and state.history[self.snapshot].sha256 == self.entry


def layout() -> str:
    """Return how rows are laid out, and in which columns: a part of the edition."""
    return f"{LAYOUT} {hashlib.sha256(schema_string(SCHEMA).encode()).hexdigest()[:16]}"


def newest(store: ObjectStore) -> CurrentTable:
    """Return the newest version of the table. Raises CorruptError, also where Delta readers would meet a gap in the log."""
    entries, checkpoints = versions(store)
    version = max(entries, default=-1)
    checkpoint = max(checkpoints, default=0)
    if version < max(checkpoints, default=-1) or not entries.keys() >= set(range(checkpoint, version + 1)):
        raise CorruptError(f"{LOG_PREFIX} lacks entries between {checkpoint} and {version}")
    return replace(_read(store, version), checkpoint=checkpoint) if version >= 0 else CurrentTable()


def is_complete(store: ObjectStore, table: CurrentTable) -> bool:
    """Whether all files of a version are there. Raises CorruptError if one has another size."""
    sizes = {info.key: info.size for info in store.list(CURRENT_PREFIX)}
    for file in table.files.values():
        if sizes.get(file.key, file.size) != file.size:
            raise CorruptError(f"{file.key} has another size")
    return all(file.key in sizes for file in table.files.values())


def versions(store: ObjectStore) -> tuple[dict[int, ObjectInfo], dict[int, ObjectInfo]]:
    """Return the entries and the checkpoints of the log, by version."""
    found: tuple[dict[int, ObjectInfo], dict[int, ObjectInfo]] = {}, {}
    for info in store.list(LOG_PREFIX):
        if match := NAMED.fullmatch(info.key):
            found[match[2] != "json"][int(match[1])] = info
    return found


def append(store: ObjectStore, state: State, before: CurrentTable, after: CurrentTable) -> None:
    """Add a version to the log. Raises ExistsError if another writer has added it."""
    store.put_new(_entry_key(after.version), _entry(state, before, after))
    if (
        after.version - before.checkpoint >= CHECKPOINT_EVERY
    ):  # the first one after a writer that died before it wrote its own
        time = millis(state.history[-1].timestamp)
        written = _metadata(state, time) | {"name": None, "description": None, "configuration": []}
        written["format"] = {"provider": "parquet", "options": []}
        adds = [{**_added(file, time), "partitionValues": []} for file in sorted(after.files.values())]
        put_once(store, _checkpoint_key(after.version), checkpoint_of(PROTOCOL, written, adds))


def _entry(state: State, before: CurrentTable, after: CurrentTable) -> bytes:
    time = millis(state.history[-1].timestamp)
    # older writers read `digits`, then the edition, which they do not know: then they write all files anew
    about = {
        "snapshot": after.snapshot,
        "entry": after.entry,
        "edition": after.edition,
        "digits": 0,
        "files": after.files,
    }
    actions: list[dict[str, Any]] = [{"commitInfo": {"timestamp": time, "operation": "WRITE", "irtysh": about}}]
    if before.version < 0:
        actions.append({"protocol": PROTOCOL})
    if before.edition != after.edition:
        actions.append({"metaData": _metadata(state, time)})
    old, new = set(before.files.values()), set(after.files.values())
    removed = {"deletionTimestamp": time, "dataChange": True}
    actions += ({"remove": {"path": file.path, **removed}} for file in sorted(old - new))
    actions += ({"add": _added(file, time)} for file in sorted(new - old))
    return "".join(json.dumps(action, separators=(",", ":")) + "\n" for action in actions).encode()


def _metadata(state: State, time: int) -> dict[str, Any]:
    return {
        "id": f"{state.history[0].sha256[:8]}-0000-4000-8000-{state.history[0].sha256[8:20]}",
        "format": {"provider": "parquet", "options": {}},
        "schemaString": schema_string(SCHEMA),
        "partitionColumns": [],
        "configuration": {},
        "createdTime": time,
    }


def _added(file: CurrentFile, time: int) -> dict[str, Any]:
    return {
        "path": file.path,
        "partitionValues": {},
        "size": file.size,
        "modificationTime": time,
        "dataChange": True,
        "stats": json.dumps({"numRecords": file.rows}),
    }


def _read(store: ObjectStore, version: int) -> CurrentTable:
    key = _entry_key(version)
    try:
        first = get_bounded(store, key, MAX_ENTRY_BYTES).partition(b"\n")[0]
        about = parse_json(first, key)["commitInfo"]["irtysh"]
        sums = sums_of({name: (size, sha256) for name, (sha256, size, _) in about["files"].items()})
        files = {
            name: CurrentFile(found.sha256, found.size, int(about["files"][name][2])) for name, found in sums.items()
        }
        return CurrentTable(version, int(about["snapshot"]), str(about.get("entry", "")), str(about["edition"]), files)
    except (LookupError, TypeError, ValueError, AttributeError, MissingError) as error:
        raise CorruptError(f"{key} cannot be read: {error!r}") from error


def _entry_key(version: int) -> str:
    return f"{LOG_PREFIX}{version:020}.json"


def _checkpoint_key(version: int) -> str:
    return f"{LOG_PREFIX}{version:020}.checkpoint.parquet"


def damaged_checkpoint(store: ObjectStore) -> str:
    """Return the key of the newest checkpoint if it does not list the files of its entry; empty if it does, or there is none."""
    last = max(versions(store)[1], default=-1)
    if last < 0:
        return ""
    key = _checkpoint_key(last)
    try:
        data = io.BytesIO(get_bounded(store, key, MAX_ENTRY_BYTES))
        adds = pq.ParquetFile(data, page_checksum_verification=True).read(use_threads=False)["add"].to_pylist()
        listed = sorted((add["path"], add["size"]) for add in adds if add)
        is_sound = listed == sorted((file.path, file.size) for file in _read(store, last).files.values())
    except (pa.ArrowException, OSError, LookupError, TypeError, MissingError, CorruptError):
        is_sound = False
    return "" if is_sound else key


def replaced(store: ObjectStore) -> Iterator[ObjectInfo]:
    """Yield the entries and checkpoints that readers no longer need, since a newer checkpoint holds all that they say."""
    if damaged_checkpoint(store):
        return
    entries, checkpoints = versions(store)
    last = max(checkpoints, default=0)
    for found in (entries, checkpoints):
        yield from (info for version, info in sorted(found.items()) if version < last)
