"""The object store: a tiny protocol with two real implementations, and `open_store` that chooses between them.

`storage.objects.directory.DirectoryStore` keeps objects as files, `storage.objects.s3.S3Store` as S3 objects; one contract test holds
both. A key is a relative path of plain segments joined by `/`; keys sort by their code points, as S3 sorts them.
"""

import errno
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from articles.errors import StoreError

MAX_KEY_BYTES = 1024  # S3's limit, AWS documentation "Naming Amazon S3 objects"
MAX_SEGMENT_BYTES = 255  # NAME_MAX of ext4, XFS, APFS
# What the system says where a path cannot be written by whoever asks; EEXIST where a folder of it is a file.
DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ELOOP})
TEMPORARY = ".tmp"  # where a directory store keeps files that have no name yet; no key may begin with it


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """One object of a listing."""

    key: str
    size: int  # bytes
    modified: datetime  # UTC


class ObjectStore(Protocol):
    """Bytes under keys. Safe to use from several threads.

    Every method raises `StoreError` where the store does not answer as it must, and a subclass of it where named.
    """

    @property
    def url(self) -> str:
        """What `open_store` was given, without anything secret in it."""
        ...

    def get(self, key: str) -> bytes:
        """Return an object whole. MissingError."""
        ...

    def get_range(self, key: str, start: int, length: int) -> bytes:
        """Return `length` bytes from `start`, fewer where the object ends before, none past its end. MissingError."""
        ...

    def download(self, key: str, path: Path) -> None:
        """Stream an object into a file, which is created or replaced. MissingError."""
        ...

    def put(self, key: str, data: bytes) -> None:
        """Write an object whole, replacing what was there. It is there wholly or not at all."""
        ...

    def put_file(self, key: str, path: Path) -> None:
        """Write an object from a file, in parts if it is large. It is there wholly or not at all."""
        ...

    def put_new(self, key: str, data: bytes) -> None:
        """Create an object: of any number of writers one succeeds. ExistsError, ContendedError (try again)."""
        ...

    def list(self, prefix: str, after: str = "") -> Iterator[ObjectInfo]:
        """Yield the objects whose keys begin with `prefix` and sort behind `after`, in the order of their keys."""
        ...

    def delete(self, key: str) -> None:
        """Remove an object; it is no error if there is none."""
        ...

    def sweep(self, before: datetime) -> int:
        """Remove what writers that died before then left half written, none of it visible; return how many."""
        ...


def check_key(key: str) -> str:
    """Return a key that every store can keep. StoreError for one that could leave the root or that no store holds."""
    segments = key.split("/")
    plain = all(segment not in {"", ".", ".."} for segment in segments)
    printable = all(character.isprintable() and character != "\\" for character in key)
    short = len(key.encode()) <= MAX_KEY_BYTES and all(
        len(segment.encode()) <= MAX_SEGMENT_BYTES for segment in segments
    )
    if not (plain and printable and short) or segments[0] == TEMPORARY:
        raise StoreError(f"not a key: {key!r}")
    return key
