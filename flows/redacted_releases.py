"""Take articles out of releases: rows, counts, descriptions with their sums and version.

A release without the articles is written to a folder of its own. Then the index names that folder instead of the old one,
by one write, and the old one is deleted: at no moment does a reader find half of each.
"""

import contextlib
import hashlib
import io
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from articles.errors import MissingError
from storage.export.release_tables import COVERAGE, recounted
from storage.objects import ObjectInfo, ObjectStore, put_file_once, put_once
from storage.snapshots.release_index import CHECKSUMS_FILE, RELEASES_PREFIX, by_release, index_of, read_sums, sums_list
from storage.tables import redactions

NAMES = (  # columns of files of releases that name an article
    "url", "canonical_url", "a_url", "b_url", "document_id", "a_document_id", "b_document_id",
)  # fmt: skip
VERSION = re.compile(r'"version": "\d+\.0\.0"')  # of a release in its descriptions
TEXTS = (".json", ".md")  # may name the size or the sum of another file
LEVELS = 2  # slashes in the key of a release's index
DOCUMENTS = "documents-"  # begins the names of the files with documents

Goes = Callable[[str | None], bool]  # whether a URL or the id of a document is that of an article


@dataclass(slots=True)
class _Release:
    """A release whose files are written again, in a folder on disk."""

    store: ObjectStore
    name: str
    keys: Mapping[str, str]  # of its files, by their names without a folder
    scratch: Path
    lost: Mapping[str, str]  # sums of files that are not there
    changed: dict[str, tuple[int, bytes]] = field(
        default_factory=dict
    )  # old size and sum of files that are in `scratch`

    def write(self, file: str, old: bytes, new: bytes) -> None:
        """Note the new content of a file."""
        self.changed.setdefault(file, (len(old), _sum(old)))
        (self.scratch / file).write_bytes(new)

    def read(self, file: str) -> bytes:
        """Return the content of a file, the new one if it was changed."""
        return (self.scratch / file).read_bytes() if file in self.changed else self.store.get(self.keys[file])


def redact_releases(store: ObjectStore, goes: Goes, unread: set[str]) -> int:
    """Take the articles out of all releases; return how many files changed. Keys of damaged files are added to `unread`."""
    count = 0
    for name, infos in sorted(by_release(store).items()):
        prefix = f"{RELEASES_PREFIX}{name}/"
        index = index_of(store, name)
        if index == {} and not (index := _index_again(store, name, infos)):  # damaged: what it lists is not known
            unread.add(prefix + CHECKSUMS_FILE)
            continue
        listed = {prefix + file for file in index or ()}
        others = [info.key for info in infos if info.key not in {*listed, prefix + CHECKSUMS_FILE}]
        with tempfile.TemporaryDirectory(prefix="irtysh-takedown-") as scratch:
            lost = listed - {info.key for info in infos}
            unread |= lost
            keys = {key.rpartition("/")[2]: key for key in listed - lost}
            sums = {key.rpartition("/")[2]: (index or {})[key.removeprefix(prefix)] for key in lost}
            release = _Release(store, name, keys, Path(scratch), sums)
            _take_out(release, goes, unread)
            if release.changed:
                _describe(release)
                others += _publish(release)
                count += len(release.changed)
        _delete_unlisted(store, others, goes)
    return count


def _index_again(store: ObjectStore, name: str, infos: list[ObjectInfo]) -> dict[str, str] | None:
    """Write a damaged index again from the list in the only folder that holds one; None if it cannot be known."""
    prefix, found = f"{RELEASES_PREFIX}{name}/", {}
    for folder in {info.key.removeprefix(prefix).partition("/")[0] for info in infos if info.key.count("/") > LEVELS}:
        with contextlib.suppress(MissingError):
            listed = store.get(f"{prefix}{folder}/{CHECKSUMS_FILE}")
            if hashlib.sha256(listed).hexdigest() == folder and (sums := read_sums(listed)):
                found[folder] = {**sums, CHECKSUMS_FILE: folder}
    if len(found) != 1:  # which of several is the release, only the index says
        return None
    ((folder, sums),) = found.items()
    store.put(prefix + CHECKSUMS_FILE, sums_list(sums, folder + "/"))
    return {f"{folder}/{file}": sha256 for file, sha256 in sums.items()}


def _take_out(release: _Release, goes: Goes, unread: set[str]) -> None:
    """Take the rows out of the tables, and count the documents again."""
    for file, key in sorted(release.keys.items()):
        if not file.endswith(".parquet"):
            continue
        data = release.store.get(key)
        try:
            kept = _without(data, goes)
        except pa.ArrowException:
            unread.add(key)
            continue
        if kept is not None:
            release.write(file, data, kept)
    if COVERAGE in release.keys and any(file.startswith(DOCUMENTS) for file in release.changed):
        old = release.read(COVERAGE)
        with contextlib.suppress(pa.ArrowException):  # one of them is damaged
            new = recounted(old, [release.read(file) for file in sorted(release.keys) if file.startswith(DOCUMENTS)])
            if new is not None:
                release.write(COVERAGE, old, new)


def _without(data: bytes, goes: Goes) -> bytes | None:
    """Return a table without the rows that name an article; None if no row does."""
    rows = pq.read_table(io.BytesIO(data))
    named = [name for name in NAMES if name in rows.column_names]
    if not named:
        return None
    columns = (rows[name].to_pylist() for name in named)
    kept = rows.filter(pa.array([not any(map(goes, one)) for one in zip(*columns, strict=True)], pa.bool_()))
    if kept.num_rows == rows.num_rows:
        return None
    sink = io.BytesIO()
    pq.write_table(kept, sink, compression="zstd")
    return sink.getvalue()


def _describe(release: _Release) -> None:
    """Put the new sizes and sums of files into the descriptions that state the old ones, and a new major version."""
    version = f'"version": "{1 + redactions.count(release.store)}.0.0"'
    for file in sorted(file for file in release.keys if file.endswith(TEXTS)):
        old = text = release.read(file)
        stated: dict[bytes, bytes] = {}
        for other, (size, sha256) in list(release.changed.items()):
            after = release.read(other)
            stated |= {sha256: _sum(after), b'"%d B"' % size: b'"%d B"' % len(after)}
        text = _restated(text, stated)
        if text != old:
            release.write(file, old, VERSION.sub(version, text.decode()).encode())


def _restated(text: bytes, stated: Mapping[bytes, bytes]) -> bytes:
    """Return a text with all replacements made at once: a new size may be the old one of another file."""
    return re.sub(b"|".join(map(re.escape, stated)), lambda match: stated[match[0]], text) if stated else text


def _publish(release: _Release) -> list[str]:
    """Store the new files, let the index name them, and return the keys of the old ones."""
    sums = {file: _sum(release.read(file)).decode() for file in release.keys if file != CHECKSUMS_FILE}
    sums |= {file: sha256 for file, sha256 in release.lost.items() if file != CHECKSUMS_FILE}  # `verify` misses them
    listed = sums_list(sums)
    sums[CHECKSUMS_FILE] = hashlib.sha256(listed).hexdigest()
    folder = sums[CHECKSUMS_FILE]
    prefix = f"{RELEASES_PREFIX}{release.name}/"
    for file in sorted(release.keys.keys() - {CHECKSUMS_FILE}):
        path = release.scratch / file
        if file not in release.changed:
            release.store.download(release.keys[file], path)
        put_file_once(release.store, f"{prefix}{folder}/{file}", path)
    put_once(release.store, f"{prefix}{folder}/{CHECKSUMS_FILE}", listed)
    release.store.put(prefix + CHECKSUMS_FILE, sums_list(sums, folder + "/"))
    return [key for key in release.keys.values() if not key.startswith(f"{prefix}{folder}/")]


def _delete_unlisted(store: ObjectStore, keys: list[str], goes: Goes) -> None:
    """Delete the folders with the articles that no index lists: the old one, and those of commands that were stopped."""
    folders = {key.rpartition("/")[0] for key in keys}
    for folder in sorted(folders):
        inside = [key for key in keys if key.rpartition("/")[0] == folder]
        if any(_holds(store, key, goes) for key in inside if key.endswith(".parquet")):
            # tables last: what is interrupted finds the folder again by them
            for key in sorted(inside, key=lambda key: key.endswith(".parquet")):
                store.delete(key)


def _holds(store: ObjectStore, key: str, goes: Goes) -> bool:
    try:
        return _without(store.get(key), goes) is not None
    except pa.ArrowException:  # unfinished, or damaged
        return True


def _sum(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode()
