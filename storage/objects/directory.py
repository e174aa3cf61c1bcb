"""A directory as an object store, with the same guarantees as S3 with conditional writes.

New objects are written to a temporary file, synced and then linked to their final name. `link` fails if the name
exists, and a name never points at half a file. O_EXCL on the final name would leave half a file after a crash.

Only the owner can read the files, whatever the umask says: captures hold what outlets sent to this user alone. The
variable `IRTYSH_STORE_ACCESS` lets the group or everybody read what is written from then on.
"""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from articles.errors import DeniedError, ExistsError, MissingError, StoreError, UnsafeStoreError, UsageError
from storage.objects.base import COPY_CHUNK_BYTES, DENIED_ERRNOS, TEMPORARY_FOLDER, ObjectInfo, check_key

ACCESS_VARIABLE = "IRTYSH_STORE_ACCESS"

NO_HARD_LINK_ERRNOS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


@dataclass(frozen=True, slots=True)
class Access:
    """Permission bits of what a directory store creates."""

    file: int
    folder: int


ACCESSES = {"owner": Access(0o600, 0o700), "group": Access(0o640, 0o750), "world": Access(0o644, 0o755)}
DEFAULT_ACCESS = "owner"


class DirectoryStore:
    """Keeps objects as files below `root`, which need not exist before the first write."""

    def __init__(self, root: Path) -> None:
        if root.exists() and not root.is_dir():
            raise UsageError(f"the store {root} is not a directory")
        self.root = root.absolute()
        self._access = _access()

    @property
    def url(self) -> str:
        """The root's path."""
        return str(self.root)

    def get(self, key: str) -> bytes:
        """Return a whole object. Raises MissingError."""
        with self._reading(key):
            return self._path(key).read_bytes()

    def get_range(self, key: str, start: int, length: int) -> bytes:
        """Return up to `length` bytes from `start`: fewer at the object's end, none after it. Raises MissingError."""
        with self._reading(key), self._path(key).open("rb") as file:
            file.seek(start)
            return file.read(length)

    def download(self, key: str, path: Path) -> None:
        """Copy an object into a file. Raises MissingError."""
        with self._reading(key):
            source = self._path(key).open("rb")
        with source, path.open("wb") as target:
            while block := source.read(COPY_CHUNK_BYTES):
                target.write(block)

    def put(self, key: str, data: bytes) -> None:
        """Write or replace an object."""
        with self._writing(key), self._temporary(data) as temporary:
            self._replace(temporary, self._path(key))

    def put_new(self, key: str, data: bytes) -> None:
        """Create an object. Raises ExistsError, or UnsafeStoreError if the file system has no hard links."""
        with self._writing(key), self._temporary(data) as temporary:
            self._link(temporary, key)

    def put_new_file(self, key: str, path: Path) -> None:
        """Create an object with a file's content. Raises as `put_new` does."""
        with path.open("rb") as source, self._writing(key), self._temporary(b"") as temporary:
            with temporary.open("wb") as target:
                while block := source.read(COPY_CHUNK_BYTES):
                    target.write(block)
                target.flush()
                os.fsync(target.fileno())
            self._link(temporary, key)

    def list(self, prefix: str, after: str = "") -> Iterator[ObjectInfo]:
        """Yield the objects whose keys begin with `prefix` and sort after `after`, in the order of their keys."""
        folder = prefix.rpartition("/")[0]
        if folder:
            check_key(folder)
        yield from self._walk(folder + "/" if folder else "", prefix, after)

    def delete(self, key: str) -> None:
        """Remove an object. A missing object is no error."""
        path = self._path(key)
        with self._writing(key), contextlib.suppress(FileNotFoundError, NotADirectoryError):
            path.unlink()
            _sync(path.parent)

    def time(self) -> datetime | None:
        """Return the file system's time, which a network file system has from its server; None where nothing can be written."""
        try:
            with self._temporary(b"") as path:
                return datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except OSError:
            return None

    def sweep(self, before: datetime) -> int:
        """Remove temporary files that were last written before then; return how many."""
        count = 0
        for path in (self.root / TEMPORARY_FOLDER).glob("*"):
            with contextlib.suppress(FileNotFoundError):  # its writer has just finished
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()
                    count += 1
        return count

    def _path(self, key: str) -> Path:
        return self.root / check_key(key)

    def _walk(self, folder: str, prefix: str, after: str) -> Iterator[ObjectInfo]:
        """Yield the objects below `folder` ("" or a key that ends in a slash). Directories sort as `name/`, as in S3."""
        try:
            with os.scandir(self.root / folder) as entries:
                children = sorted((entry.name + "/" if entry.is_dir() else entry.name, entry) for entry in entries)
        except (FileNotFoundError, NotADirectoryError):
            return
        for name, entry in children:
            key = folder + name
            if name.endswith("/"):
                beyond = key > after or after.startswith(key)
                if key != TEMPORARY_FOLDER + "/" and beyond and (key.startswith(prefix) or prefix.startswith(key)):
                    yield from self._walk(key, prefix, after)
            elif key.startswith(prefix) and key > after:
                with contextlib.suppress(FileNotFoundError):  # deleted since the directory was read
                    status = entry.stat()
                    yield ObjectInfo(key, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))

    def _link(self, temporary: Path, key: str) -> None:
        path = self._path(key)
        self._make_directory(path.parent)
        try:
            os.link(temporary, path)
        except FileExistsError:
            raise ExistsError(f"{key} exists in {self.url}") from None
        except OSError as error:
            if error.errno in NO_HARD_LINK_ERRNOS:
                raise UnsafeStoreError(f"the file system of {self.url} has no hard links: {error}") from error
            raise
        _sync(path.parent)

    def _replace(self, temporary: Path, path: Path) -> None:
        self._make_directory(path.parent)
        temporary.replace(path)
        _sync(path.parent)

    @contextlib.contextmanager
    def _temporary(self, data: bytes) -> Iterator[Path]:
        """Provide a synced temporary file with a unique name. It is always removed at the end."""
        directory = self.root / TEMPORARY_FOLDER
        self._make_directory(directory)
        path = directory / secrets.token_hex(16)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                os.fchmod(file.fileno(), self._access.file)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            yield path
        finally:
            path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _reading(self, key: str) -> Iterator[None]:
        try:
            yield
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise MissingError(f"{key} is not in {self.url}") from None
        except OSError as error:
            raise StoreError(f"cannot read {key} in {self.url}: {error.strerror}") from error

    @contextlib.contextmanager
    def _writing(self, key: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            kind = DeniedError if error.errno in DENIED_ERRNOS else StoreError
            raise kind(f"cannot write {key} in {self.url}: {error.strerror}") from error

    def _make_directory(self, path: Path) -> None:
        """Create a directory and its parents, and sync them so that they survive a crash."""
        if path.is_dir():
            return
        self._make_directory(path.parent)
        with contextlib.suppress(FileExistsError):  # another writer was first; if it made a file, the next step says so
            path.mkdir(mode=0o700)
            path.chmod(self._access.folder)  # the umask may have taken bits away
        _sync(path.parent)


def _access() -> Access:
    name = os.environ.get(ACCESS_VARIABLE) or DEFAULT_ACCESS
    if name not in ACCESSES:
        raise UsageError(f"{ACCESS_VARIABLE} is {name!r}; use one of: {', '.join(ACCESSES)}")
    return ACCESSES[name]


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
