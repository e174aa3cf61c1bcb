"""What a snapshot consists of: the files that are live at it and the captures it has consumed.

A state is a fold over the log. The index holds it folded up to some commit, with one line of history a commit; it is
written now and then by whoever commits, and can be made again from the log at any time.
"""

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from articles.errors import CorruptError
from storage.tables.delta import Commit, instant, millis
from storage.tables.packs import FileRef

INDEX_VERSION = 1
GZIP_LEVEL = 1  # the index of 3,000 commits: 90 kB in 15 ms; level 9 saves a tenth of it


@dataclass(frozen=True, slots=True)
class State:
    """A snapshot's content. `number` is -1 before the first commit."""

    number: int = -1
    sha256: str = ""  # of the newest entry
    files: Mapping[str, Mapping[str, FileRef]] = field(default_factory=dict)  # those that are live: table, SHA-256
    captures: frozenset[str] = frozenset()  # keys of the segments that are consumed
    history: tuple[Commit, ...] = ()  # every commit up to this, without its captures and files
    metadata: Mapping[str, Any] | None = None  # the Delta table's

    def live(self, table: str) -> tuple[FileRef, ...]:
        """Return a table's files."""
        return tuple(self.files.get(table, {}).values())

    @property
    def head(self) -> Commit | None:
        """The newest commit, without its captures and files."""
        return self.history[-1] if self.history else None


def advance(state: State, commits: Iterable[Commit]) -> State:
    """Return the state behind further commits. CorruptError where they do not follow each other."""
    files = {table: dict(refs) for table, refs in state.files.items()}
    captures = set(state.captures)
    history = list(state.history)
    number, sha256, metadata = state.number, state.sha256, state.metadata
    for commit in commits:
        if commit.number != number + 1 or commit.parent_sha256 != sha256:
            raise CorruptError(f"entry {commit.number} of the log does not follow the entry {number} that is there")
        if commit.replaces:
            files, captures = {}, set()
        for ref in commit.remove:
            files.get(ref.table, {}).pop(ref.sha256, None)
        for ref in commit.add:
            files.setdefault(ref.table, {})[ref.sha256] = ref
        captures.update(commit.captures)
        history.append(replace(commit, captures=(), add=(), remove=(), metadata=None))
        number, sha256, metadata = commit.number, commit.sha256, commit.metadata or metadata
    return State(number, sha256, files, frozenset(captures), tuple(history), metadata)


def encode(state: State) -> bytes:
    """Return a state as the index keeps it."""
    told = {
        "version": INDEX_VERSION,
        "number": state.number,
        "sha256": state.sha256,
        "files": {
            table: [[ref.sha256, ref.rows, ref.size] for ref in refs.values()] for table, refs in state.files.items()
        },
        "captures": sorted(state.captures),
        "history": [_line(commit) for commit in state.history],
        "metadata": state.metadata,
    }
    return gzip.compress(json.dumps(told, separators=(",", ":")).encode(), GZIP_LEVEL, mtime=0)


def decode(data: bytes) -> State:
    """Read a state from the index. CorruptError where it is none of ours, or of another version."""
    try:
        told = json.loads(gzip.decompress(data))
        if told["version"] != INDEX_VERSION:
            raise CorruptError(f"an index of version {told['version']}")
        return State(
            number=told["number"],
            sha256=told["sha256"],
            files={table: {one[0]: FileRef(table, *one) for one in refs} for table, refs in told["files"].items()},
            captures=frozenset(told["captures"]),
            history=tuple(_commit(number, line) for number, line in enumerate(told["history"])),
            metadata=told["metadata"],
        )
    except (ValueError, LookupError, TypeError, AttributeError, EOFError, OSError) as error:
        raise CorruptError(f"an index that cannot be read: {error!r}") from error


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
    ]


def _commit(number: int, line: list[Any]) -> Commit:
    time, operation, txn_id, run, batch, replaces, rearranges, counts, parent, code, config, sha256 = line
    return Commit(
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
        sha256=sha256,
    )
