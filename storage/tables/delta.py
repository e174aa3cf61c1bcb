"""Encode and decode commits in the Delta Lake format: NDJSON actions. `storage.tables.delta_schema` writes checkpoints.

Source: https://github.com/delta-io/delta/blob/master/PROTOCOL.md. Readers need protocol version 1. The writer feature
`inCommitTimestamp` at writer version 7 makes other writers refuse the table, so they cannot break our guarantees.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from articles.errors import CorruptError
from storage.objects.json_objects import parse_json
from storage.tables.file_ref import DELTA_TABLE, TABLE_NAMES, FileRef
from storage.tables.log_format import SHA256, SegmentSum, check_form, described, sums_of, unknown_writer_features

MAX_NUMBER = 2**53  # of rows or bytes
PROTOCOL = {"minReaderVersion": 1, "minWriterVersion": 7, "writerFeatures": ["inCommitTimestamp"]}


@dataclass(frozen=True, slots=True)
class Commit:
    """One entry of the log: snapshot `number`."""

    number: int
    timestamp: datetime  # inCommitTimestamp: UTC, milliseconds
    operation: str
    txn_id: str
    run: str
    batch: str
    captures: tuple[str, ...]  # keys of the segments that this commit consumed
    add: tuple[FileRef, ...]
    remove: tuple[FileRef, ...]
    replaces: bool  # a rebuild: no earlier file is live after it, and no earlier capture is consumed
    counts: Mapping[str, Any]
    parent_sha256: str  # of the entry before; empty at 0
    code: str
    config_sha256: str
    rearranges: bool = False  # same rows in other packs
    sums: Mapping[str, SegmentSum] = field(
        default_factory=dict
    )  # of the consumed segments; entries of format 1 have none
    left_out: tuple[str, ...] = ()  # keys of damaged segments that a rebuild was told to leave out
    written: datetime | None = None  # by the writer's clock, where the timestamp follows an entry of a later date
    needs: frozenset[str] = frozenset()  # features that a writer must know, and this code does not
    metadata: Mapping[str, Any] | None = None  # of the Delta table: at commit 0, and when its columns change
    accounts: str = (
        ""  # SHA-256 of the file with its pages by outlet; empty if `counts` has them (`storage.tables.accounts`)
    )
    sha256: str = field(default="", compare=False)  # of the entry's own bytes; known once it is read
    texts: int | None = field(default=None, compare=False)  # rows of `documents` at this snapshot; known in a `State`


def encode(commit: Commit) -> bytes:
    """Return a commit as the bytes of a log entry: one JSON object per line, `commitInfo` first."""
    time = millis(commit.timestamp)
    files: dict[str, list[dict[str, Any]]] = {}
    for ref in sorted(commit.add):
        if ref.table != DELTA_TABLE:
            files.setdefault(ref.table, []).append(_side(ref))
    removed = [_side(ref) for ref in sorted(commit.remove) if ref.table != DELTA_TABLE]
    info = {
        "inCommitTimestamp": time,
        "timestamp": time,
        "operation": commit.operation,
        "operationParameters": {},
        "engineInfo": "irtysh",
        "txnId": commit.txn_id,
        "irtysh": {
            "run": commit.run,
            "batch": commit.batch,
            "format": described(accounts=bool(commit.accounts)),
            "segments": {key: commit.sums.get(key) for key in commit.captures},
            "files": files,
            "removed": removed,
            "replaces": commit.replaces,
            "rearranges": commit.rearranges,
            "counts": commit.counts,
            **({"accounts": commit.accounts} if commit.accounts else {}),
            "parent_sha256": commit.parent_sha256,
            "code": commit.code,
            "config_sha256": commit.config_sha256,
            **({"left_out": list(commit.left_out)} if commit.left_out else {}),
            **({"written": millis(commit.written)} if commit.written else {}),
        },
    }
    actions: list[dict[str, Any]] = [{"commitInfo": info}]
    if commit.number == 0:
        actions.append({"protocol": PROTOCOL})
    if commit.metadata is not None:
        actions.append({"metaData": commit.metadata})
    change = not commit.rearranges
    actions += [
        {"remove": _remove(ref, time, change=change)} for ref in sorted(commit.remove) if ref.table == DELTA_TABLE
    ]
    actions += [{"add": add_action(ref, time, change=change)} for ref in sorted(commit.add) if ref.table == DELTA_TABLE]
    lines = [json.dumps(action, separators=(",", ":")) for action in actions]
    return ("\n".join(lines) + "\n").encode()


def decode(number: int, data: bytes) -> Commit:
    """Decode a log entry. Raises CorruptError if Irtysh did not write it."""
    try:
        actions = [parse_json(line, f"log entry {number}") for line in data.decode().split("\n") if line]
        info, own = actions[0]["commitInfo"], actions[0]["commitInfo"]["irtysh"]
        needs = unknown_writer_features(own, number)
        added = [_added(action["add"]) for action in actions if "add" in action]
        removed = [_removed(action["remove"]) for action in actions if "remove" in action]
        for table, refs in own["files"].items():
            added += [_file(ref, table) for ref in refs]
        return checked(
            Commit(
                number=number,
                timestamp=instant(info["inCommitTimestamp"]),
                operation=info["operation"],
                txn_id=info["txnId"],
                run=own["run"],
                batch=own["batch"],
                captures=tuple(own["segments"] if "format" in own else own["captures"]),
                add=tuple(sorted(added)),
                remove=tuple(sorted(removed + [_file(ref, ref["path"].split("/")[0]) for ref in own["removed"]])),
                replaces=own["replaces"],
                counts=own["counts"],
                parent_sha256=own["parent_sha256"],
                code=own["code"],
                config_sha256=own["config_sha256"],
                rearranges=own["rearranges"],
                metadata=next((action["metaData"] for action in actions if "metaData" in action), None),
                sums=sums_of(own["segments"]) if "format" in own else {},
                left_out=tuple(map(str, own.get("left_out", ()))),
                written=instant(own["written"]) if "written" in own else None,
                needs=needs,
                accounts=own.get("accounts", ""),
                sha256=hashlib.sha256(data).hexdigest(),
            )
        )
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, OSError) as error:
        raise CorruptError(f"log entry {number} is damaged, or was not written by Irtysh: {error!r}") from error


def checked(commit: Commit) -> Commit:
    """Return a commit whose values have the types that Irtysh writes. ValueError otherwise."""
    texts = (commit.operation, commit.txn_id, commit.run, commit.batch, commit.parent_sha256, commit.code)
    if commit.accounts and not SHA256.fullmatch(commit.accounts):
        raise ValueError(f"{commit.accounts!r} is no SHA-256")
    check_form(
        (*texts, commit.config_sha256, commit.sha256, *commit.captures),
        (commit.replaces, commit.rearranges),
        commit.counts,
        commit.metadata,
    )
    return commit


def millis(time: datetime) -> int:
    """Return a time as milliseconds since 1970, as Delta counts it."""
    return round(time.timestamp() * 1000)


def instant(milliseconds: int) -> datetime:
    """Return milliseconds since 1970 as a datetime in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def add_action(ref: FileRef, time: int, *, change: bool) -> dict[str, Any]:
    """Return the content of an `add` action."""
    return {
        "path": f"{ref.sha256}.parquet",
        "partitionValues": {},
        "size": ref.size,
        "modificationTime": time,
        "dataChange": change,
        "stats": json.dumps({"numRecords": ref.rows}, separators=(",", ":")),
        "tags": {"sha256": ref.sha256},
    }


def _remove(ref: FileRef, time: int, *, change: bool) -> dict[str, Any]:
    return {
        "path": f"{ref.sha256}.parquet",
        "deletionTimestamp": time,
        "dataChange": change,
        "extendedFileMetadata": True,
        "partitionValues": {},
        "size": ref.size,
        "tags": {"sha256": ref.sha256, "rows": str(ref.rows)},
    }


def _added(action: Mapping[str, Any]) -> FileRef:
    _check_path(action)
    return checked_file(FileRef(DELTA_TABLE, action["tags"]["sha256"], _records_in(action["stats"]), action["size"]))


def _removed(action: Mapping[str, Any]) -> FileRef:
    _check_path(action)
    return checked_file(FileRef(DELTA_TABLE, action["tags"]["sha256"], int(action["tags"]["rows"]), action["size"]))


def _check_path(action: Mapping[str, Any]) -> None:
    if action["path"] != f"{action['tags']['sha256']}.parquet":
        raise ValueError(f"the pack {action['path']} is not named by its SHA-256")


def _side(ref: FileRef) -> dict[str, Any]:
    return {"path": ref.key, "sha256": ref.sha256, "rows": ref.rows, "size": ref.size}


def _file(listed: Mapping[str, Any], table: str) -> FileRef:
    ref = FileRef(table, listed["sha256"], listed["rows"], listed["size"])
    if listed["path"] != ref.key:
        raise ValueError(f"the file {listed['path']} is not named by its SHA-256")
    return checked_file(ref)


def _records_in(stats: str) -> int:
    records: int = parse_json(stats, "the statistics of a pack")["numRecords"]
    return records


def checked_file(ref: FileRef) -> FileRef:
    """Return a file if Irtysh could have written it. ValueError otherwise."""
    if (
        ref.table not in TABLE_NAMES
        or not SHA256.fullmatch(ref.sha256)
        or not SHA256.fullmatch(ref.origin or ref.sha256)
    ):
        raise ValueError(f"{ref.key!r} is no pack of a table")
    numbers = (ref.rows, ref.size)
    if not all(isinstance(number, int) and 0 <= number <= MAX_NUMBER for number in numbers):
        raise ValueError(f"{ref.key} has {ref.rows!r} rows and {ref.size!r} bytes")
    return ref
