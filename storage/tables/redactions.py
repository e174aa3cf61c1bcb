"""Records of takedowns: which files were rewritten without an article, when and why, but not what was in them.

A record maps the names of old files to the files that replace them in every snapshot that listed them. The log is not
changed: its hashes still prove it, and the digest of an old snapshot still counts the old names.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from articles.errors import ContendedError, CorruptError
from storage.objects import ObjectStore
from storage.objects.json_objects import read_json
from storage.tables.delta import Commit, checked_file
from storage.tables.file_ref import FileRef
from storage.tables.log_format import SegmentSum, sums_of
from storage.tables.state import State

REDACTIONS_PREFIX = "redactions/"
KEY_PATTERN = re.compile(re.escape(REDACTIONS_PREFIX) + r"(\d{10})\.json")


@dataclass(frozen=True, slots=True)
class Takedown:
    """One record."""

    number: int
    when: datetime
    why: str
    rows: int  # taken out of the tables


@dataclass(frozen=True, slots=True)
class Redactions:
    """All takedowns of a store, together."""

    takedowns: tuple[Takedown, ...] = ()
    files: Mapping[str, FileRef] = field(default_factory=dict)  # SHA-256 of an old file -> what replaces it
    segments: Mapping[str, SegmentSum] = field(default_factory=dict)  # new sums
    articles: frozenset[str] = frozenset()  # ids of the articles, which must not come back

    def commit(self, commit: Commit) -> Commit:
        """Return a commit with the files that replace its own."""
        if not self.files:
            return commit
        return replace(commit, add=tuple(map(self.file, commit.add)), remove=tuple(map(self.file, commit.remove)))

    def state(self, state: State) -> State:
        """Return a state with the files that replace its own."""
        if not self.files:
            return state
        files = {
            table: {new.sha256: new for new in map(self.file, refs.values())} for table, refs in state.files.items()
        }
        return replace(state, files=files)

    def file(self, ref: FileRef) -> FileRef:
        """Return the file that is there now for one that a commit lists."""
        found = ref
        for _ in self.takedowns:
            if found.sha256 not in self.files:
                break
            found = self.files[found.sha256]  # each takedown replaces a file at most once
        if found.sha256 in self.files:
            raise CorruptError(f"the records in {REDACTIONS_PREFIX} replace {ref.key} in a circle")
        return ref if found is ref else replace(found, origin=ref.origin or ref.sha256)


def load(store: ObjectStore) -> Redactions:
    """Return the takedowns of a store. Raises CorruptError."""
    takedowns: list[Takedown] = []
    files: dict[str, FileRef] = {}
    segments: dict[str, SegmentSum] = {}
    articles: set[str] = set()
    for info in store.list(REDACTIONS_PREFIX):
        if not (match := KEY_PATTERN.fullmatch(info.key)):
            continue
        record = read_json(store, info.key)
        try:
            when = datetime.fromisoformat(record["when"])
            takedowns.append(Takedown(int(match[1]), when, str(record["why"]), int(record["rows"])))
            for table, changed in record["files"].items():
                files |= {
                    old: checked_file(FileRef(table, sha256, rows, size))
                    for old, (sha256, rows, size) in changed.items()
                }
            segments |= sums_of(record["segments"])
            articles.update(map(str, record.get("articles", ())))  # not in the first records
        except (ValueError, LookupError, TypeError, AttributeError, OverflowError) as error:
            raise CorruptError(f"{info.key} is damaged: {error!r}") from error
    return Redactions(tuple(takedowns), files, segments, frozenset(articles))


def count(store: ObjectStore) -> int:
    """Return how many takedowns there were."""
    return sum(1 for _ in store.list(REDACTIONS_PREFIX))


def refuse_later(store: ObjectStore, before: int) -> None:
    """Raise ContendedError if there was a takedown since there were `before`: what was read since holds the article."""
    if count(store) != before:
        raise ContendedError("articles were taken down since this command began: run it again")


def described(
    when: datetime,
    why: str,
    rows: int,
    files: Mapping[FileRef, FileRef],
    segments: Mapping[str, SegmentSum],
    *,
    articles: Collection[str],
) -> dict[str, Any]:
    """Return the content of a record. `articles` are ids: hashes of URLs, by which the articles are known if they return."""
    by_table: dict[str, dict[str, list[Any]]] = {}
    for old, new in sorted(files.items()):
        by_table.setdefault(old.table, {})[old.sha256] = [new.sha256, new.rows, new.size]
    return {
        "when": when.isoformat(),
        "why": why,
        "rows": rows,
        "files": by_table,
        "articles": sorted(articles),
        "segments": {key: list(found) for key, found in sorted(segments.items())},
    }
