"""The object store protocol, with two implementations; `storage.objects.open_store` chooses between them.

`storage.objects.directory.DirectoryStore` keeps objects as files, `storage.objects.s3.S3Store` as S3 objects. The same
tests run against both. A key is a relative path of parts joined by `/`. Keys sort by their code points, as in S3.
"""

import errno
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from articles.errors import StoreError

MAX_KEY_BYTES = 1024  # S3's limit, AWS documentation "Naming Amazon S3 objects"
MAX_KEY_PART_BYTES = 255  # NAME_MAX of ext4, XFS, APFS
COPY_CHUNK_BYTES = 1 << 20  # bytes per read when a file is copied or hashed; more gains nothing for sequential reads
# Errors of the system for a path that the user cannot write; EEXIST means that a folder in the path is a file.
DENIED_ERRNOS = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ELOOP}
)
TEMPORARY_FOLDER = ".tmp"  # of a directory store, for unfinished files; no key may begin with it


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """One object of a listing."""

    key: str
    size: int  # bytes
    modified: datetime  # UTC


class ObjectStore(Protocol):
    """Bytes under keys. Safe to use from several threads.

    Every method raises `StoreError` if the store fails, and the subclasses that its docstring names.
    """

    @property
    def url(self) -> str:
        """The URL or path of the store, without secrets."""
        ...

    def get(self, key: str) -> bytes:
        """Return a whole object. Raises MissingError."""
        ...

    def get_range(self, key: str, start: int, length: int) -> bytes:
        """Return up to `length` bytes from `start`: fewer at the object's end, none after it. Raises MissingError."""
        ...

    def download(self, key: str, path: Path) -> None:
        """Stream an object into a file, which is created or replaced. Raises MissingError."""
        ...

    def put(self, key: str, data: bytes) -> None:
        """Write or replace an object atomically."""
        ...

    def put_new_file(self, key: str, path: Path) -> None:
        """Create an object with a file's content, in parts if it is large. Raises ExistsError or ContendedError."""
        ...

    def put_new(self, key: str, data: bytes) -> None:
        """Create an object; of several writers exactly one succeeds. Raises ExistsError, or ContendedError (try again)."""
        ...

    def list(self, prefix: str, after: str = "") -> Iterator[ObjectInfo]:
        """Yield the objects whose keys begin with `prefix` and sort after `after`, in the order of their keys."""
        ...

    def delete(self, key: str) -> None:
        """Remove an object. A missing object is no error."""
        ...

    def time(self) -> datetime | None:
        """Return the time of the store's server or file system, in UTC; None if it cannot be had, as without permission."""
        ...

    def sweep(self, before: datetime) -> int:
        """Remove the unfinished, invisible objects of writers that died before then; return how many."""
        ...


def check_key(key: str) -> str:
    """Return the key if every store can keep it. Raises StoreError if it is too long, malformed or could leave the root."""
    parts = key.split("/")
    plain = all(part not in {"", ".", ".."} for part in parts)
    printable = all(character.isprintable() and character != "\\" for character in key)
    short = len(key.encode()) <= MAX_KEY_BYTES and all(len(part.encode()) <= MAX_KEY_PART_BYTES for part in parts)
    if not (plain and printable and short) or parts[0] == TEMPORARY_FOLDER:
        raise StoreError(f"not a key: {key!r}")
    return key


def start_after(prefix: str, after: str) -> str:
    """Return a StartAfter key with which no server skips a key that sorts after `after`; empty if there is none.

    AWS sorts keys by their bytes. SeaweedFS sorts the names in a folder without their slash (`a/x` before `a-b`), and
    skips the folder `a` after the key `a`. So the key is cut before its first character that sorts below a slash.
    """
    folder = prefix[: prefix.rfind("/") + 1]
    if not after.startswith(folder):
        return ""
    low = next((at for at in range(len(folder), len(after)) if after[at] < "/"), len(after))
    bound = after[:low]
    return bound if low == len(after) or bound.endswith("/") else bound[:-1]
