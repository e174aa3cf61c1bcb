"""Which files belong to a release: those that its create-only index lists, and no others below its name.

    releases/<name>/<id>/        the files; <id> is the SHA-256 of the list of their checksums in <id>/SHA256SUMS
    releases/<name>/SHA256SUMS   the index, written last: the same list with the folder's name before each file

Two commands that publish different data under one name write to different folders, and one of them creates the index. An
older release has its files beside the index.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from articles.errors import MissingError
from storage.objects import ObjectInfo, ObjectStore

RELEASES_PREFIX = "releases/"
CHECKSUMS_FILE = "SHA256SUMS"
SUMS_LINE = re.compile(r"(?P<sha256>[0-9a-f]{64}) [ *](?P<name>[^/\n][^\n]*)")
ABANDONED_AGE = timedelta(days=30)  # `gc` then deletes what no index lists, like rebuilds that nobody published


def sums_list(sums: Mapping[str, str], folder: str = "") -> bytes:
    """Return a list of checksums, for `sha256sum -c`: {name: SHA-256}, with the name of a folder before each name."""
    return "".join(f"{sums[name]}  {folder}{name}\n" for name in sorted(sums)).encode()


def read_sums(data: bytes) -> dict[str, str] | None:
    """Return a list of checksums as {name: SHA-256}; None if it is not one."""
    lines = data.decode("utf-8", "replace").splitlines()
    matches = [SUMS_LINE.fullmatch(line) for line in lines]
    if not lines or not all(matches):
        return None
    return {match["name"]: match["sha256"] for match in matches if match}


def index_of(store: ObjectStore, name: str) -> dict[str, str] | None:
    """Return what the index of a release lists; None if there is no such release. Nothing if the index is damaged."""
    try:
        return read_sums(store.get(f"{RELEASES_PREFIX}{name}/{CHECKSUMS_FILE}")) or {}
    except MissingError:
        return None


def differs_from_folder(store: ObjectStore, name: str, listed: Mapping[str, str]) -> bool:
    """Return whether an index lists other files than the list in its folder, of which the folder's name is the SHA-256."""
    for folder in {file.partition("/")[0] for file in listed if "/" in file}:
        try:
            data = store.get(f"{RELEASES_PREFIX}{name}/{folder}/{CHECKSUMS_FILE}")
        except MissingError:
            continue
        if hashlib.sha256(data).hexdigest() == folder:
            own = {**(read_sums(data) or {}), CHECKSUMS_FILE: folder}
            return listed != {f"{folder}/{file}": sha256 for file, sha256 in own.items()}
    return False


def by_release(store: ObjectStore) -> dict[str, list[ObjectInfo]]:
    """Return the objects below the name of each release, finished or not."""
    found: dict[str, list[ObjectInfo]] = {}
    for info in store.list(RELEASES_PREFIX):
        found.setdefault(info.key.removeprefix(RELEASES_PREFIX).partition("/")[0], []).append(info)
    return found


def unlisted(name: str, infos: list[ObjectInfo], listed: Mapping[str, str]) -> list[ObjectInfo]:
    """Return the objects below a release's name that its index does not list."""
    prefix = f"{RELEASES_PREFIX}{name}/"
    known = {prefix + file for file in (*listed, CHECKSUMS_FILE)}
    return [info for info in infos if info.key not in known]


def abandoned(store: ObjectStore, now: datetime) -> Iterator[ObjectInfo]:
    """Yield files that no index of a release lists, once all those of a name are older than `ABANDONED_AGE`."""
    for name, infos in by_release(store).items():
        listed = index_of(store, name)
        if listed == {}:  # damaged: it may come back from a backup
            continue
        found = unlisted(name, infos, listed or {})
        if found and max(info.modified for info in found) < now - ABANDONED_AGE:
            yield from found
