"""State of a snapshot: its live files, and the captures consumed so far.

A state is the sum of the commits up to a snapshot. The index stores this sum, with one line of history per commit.
Writers store it from time to time, and it can be rebuilt from the log.
"""

import gzip
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from articles.errors import CorruptError
from storage.objects.json_objects import parse_json
from storage.tables.delta import Commit, checked, checked_file, instant, millis
from storage.tables.file_ref import DELTA_TABLE, FileRef
from storage.tables.log_format import SegmentSum, sums_of

INDEX_VERSION = 3
READABLE_INDEX_VERSIONS = (1, 2, 3)  # version 1 has no sums of segments, 1 and 2 have no numbers of texts
NO_LATER: list[Any] = [
    None,
    (),
    "",
    None,
]  # what a line of an index of version 1 lacks; of version 2 it lacks the last two
MAX_UNPACKED_BYTES = 1 << 30  # the index of 100,000 commits and as many packs has 50 MB
GZIP_WINDOW = 31  # zlib's number for gzip
GZIP_LEVEL = 1  # the index of 3,000 commits has 90 kB and takes 15 ms; level 9 would save a tenth


@dataclass(frozen=True, slots=True)
class State:
    """The state at a snapshot. `number` is -1 before the first commit."""

    number: int = -1
    sha256: str = ""  # of the newest entry
    files: Mapping[str, Mapping[str, FileRef]] = field(default_factory=dict)  # live files: table -> SHA-256 -> file
    captures: frozenset[str] = frozenset()  # keys of consumed segments
    history: tuple[Commit, ...] = ()  # all commits so far, without their captures and files
    metadata: Mapping[str, Any] | None = None  # of the Delta table
    sums: Mapping[str, SegmentSum] = field(default_factory=dict)  # of segments, as their commits named them
    left_out: frozenset[str] = frozenset()  # keys of damaged segments that the last rebuild left out
    needs: frozenset[str] = frozenset()  # features that a writer must know, and this code does not

    def live(self, table: str) -> tuple[FileRef, ...]:
        """Return the live files of a table."""
        return tuple(self.files.get(table, {}).values())

    @property
    def head(self) -> Commit | None:
        """The newest commit, without its captures and files."""
        return self.history[-1] if self.history else None


def advance(state: State, commits: Iterable[Commit]) -> State:
    """Return the state after further commits. Raises CorruptError if they do not follow each other."""
    files = {table: dict(refs) for table, refs in state.files.items()}
    captures, sums = set(state.captures), dict(state.sums)
    left_out, needs = state.left_out, state.needs
    history = list(state.history)
    number, sha256, metadata = state.number, state.sha256, state.metadata
    texts = state.head.texts if state.head else 0
    for commit in commits:
        if commit.number != number + 1 or commit.parent_sha256 != sha256:
            raise CorruptError(
                f"log entry {commit.number} does not follow entry {number}: its number or its parent's hash is wrong"
            )
        if commit.replaces:
            files, captures, left_out = {}, set(), frozenset(commit.left_out)
            texts = 0
        for ref in commit.remove:
            gone = files.get(ref.table, {}).pop(ref.sha256, None)
            texts = _counted(texts, gone, -1)
        for ref in commit.add:
            texts = _counted(texts, None if ref.sha256 in files.get(ref.table, {}) else ref, 1)
            files.setdefault(ref.table, {})[ref.sha256] = ref
        captures.update(commit.captures)
        sums.update(commit.sums)
        needs |= commit.needs
        history.append(
            replace(commit, captures=(), add=(), remove=(), metadata=None, sums={}, left_out=(), texts=texts)
        )
        number, sha256, metadata = commit.number, commit.sha256, commit.metadata or metadata
    return State(number, sha256, files, frozenset(captures), tuple(history), metadata, sums, left_out - captures, needs)


def _counted(texts: int | None, ref: FileRef | None, sign: int) -> int | None:
    """Return a number of texts, which may be unknown, after a file was added or removed."""
    return texts if texts is None or ref is None or ref.table != DELTA_TABLE else texts + sign * ref.rows


def dates(history: Sequence[Commit]) -> list[datetime]:
    """Return when each commit was made at the latest, in order.

    That is its timestamp, unless a writer's clock was ahead: then later entries, which follow it by a millisecond each,
    say when they were really written, and the entry is no younger than those.
    """
    found: list[datetime] = []
    for commit in reversed(history):
        own = min(commit.timestamp, commit.written) if commit.written else commit.timestamp
        found.append(min(own, found[-1]) if found else own)
    return found[::-1]


def encode(state: State) -> bytes:
    """Return a state as the bytes of an index."""
    content = {
        "version": INDEX_VERSION,
        "number": state.number,
        "sha256": state.sha256,
        "files": {
            table: [[ref.sha256, ref.rows, ref.size, *([ref.origin] if ref.origin else [])] for ref in refs.values()]
            for table, refs in state.files.items()
        },
        "captures": sorted(state.captures),
        "sums": dict(sorted(state.sums.items())),
        "left_out": sorted(state.left_out),
        "needs": sorted(state.needs),
        "history": [_line(commit) for commit in state.history],
        "metadata": state.metadata,
    }
    return gzip.compress(json.dumps(content, separators=(",", ":")).encode(), GZIP_LEVEL, mtime=0)


def decode(data: bytes) -> State:
    """Decode an index. Raises CorruptError if it is damaged or has another version."""
    try:
        content = parse_json(_unpacked(data), "the index")
        if content["version"] not in READABLE_INDEX_VERSIONS:
            raise CorruptError(f"the index has version {content['version']}, not {INDEX_VERSION}")
        history = tuple(_commit(number, line) for number, line in enumerate(content["history"]))
        _check_head(content, history)
        return State(
            number=len(history) - 1,
            sha256=history[-1].sha256,
            files={
                table: {fields[0]: checked_file(FileRef(table, *fields)) for fields in refs}
                for table, refs in content["files"].items()
            },
            captures=frozenset(map(_text, content["captures"])),
            history=history,
            metadata=checked(replace(history[-1], metadata=content["metadata"])).metadata,
            sums=sums_of(content.get("sums", {})),
            left_out=frozenset(map(_text, content.get("left_out", ()))),
            needs=frozenset(map(_text, content.get("needs", ()))),
        )
    except (ValueError, LookupError, TypeError, AttributeError, OSError, OverflowError, zlib.error) as error:
        raise CorruptError(f"the index cannot be read: {error!r}") from error


def _unpacked(data: bytes) -> bytes:
    """Undo gzip. Raises CorruptError for what Irtysh does not write: an index beyond `MAX_UNPACKED_BYTES`."""
    engine = zlib.decompressobj(GZIP_WINDOW)
    unpacked = engine.decompress(data, MAX_UNPACKED_BYTES)
    if not engine.eof or engine.unused_data:
        raise CorruptError(f"the index is cut short, or has over {MAX_UNPACKED_BYTES:,} bytes")
    return unpacked


def _line(commit: Commit) -> list[Any]:
    return [
        millis(commit.timestamp),
        commit.operation,
        commit.txn_id,
        commit.run,
        commit.batch,
        commit.replaces,
        commit.rearranges,
        commit.counts,
        commit.parent_sha256,
        commit.code,
        commit.config_sha256,
        commit.sha256,
        millis(commit.written) if commit.written else None,
        sorted(commit.needs),
        commit.accounts,
        commit.texts,
    ]


def _commit(number: int, line: list[Any]) -> Commit:
    time, operation, txn_id, run, batch, replaces, rearranges, counts, parent, code, config, sha256, *later = line
    written, needs, accounts, texts = [*later, *NO_LATER[len(later) :]]
    if texts is not None and not isinstance(texts, int):
        raise TypeError(f"{texts!r} is no number of texts")
    return checked(
        Commit(
            number=number,
            timestamp=instant(time),
            operation=operation,
            txn_id=txn_id,
            run=run,
            batch=batch,
            captures=(),
            add=(),
            remove=(),
            replaces=replaces,
            counts=counts,
            parent_sha256=parent,
            code=code,
            config_sha256=config,
            rearranges=rearranges,
            written=instant(written) if written else None,
            needs=frozenset(map(_text, needs)),
            accounts=accounts,
            sha256=sha256,
            texts=texts,
        )
    )


def _check_head(content: Mapping[str, Any], history: Sequence[Commit]) -> None:
    if not history or content["number"] != len(history) - 1 or content["sha256"] != history[-1].sha256:
        raise ValueError("its history does not end with its snapshot")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
