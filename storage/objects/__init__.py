"""Open an object store by its URL, test that it honours create-only writes, and write what never changes."""

import hashlib
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote, urlsplit

from articles.errors import ContendedError, ExistsError, UnsafeStoreError, UsageError
from storage.objects.base import ObjectInfo, ObjectStore
from storage.objects.directory import DirectoryStore

PROBE_KEY = "index/conditional-writes"
PROBE_WRITERS = 4  # the slowest race of docs/measurements.md §9 had four writers
MAX_CREATE_ATTEMPTS = 5  # 409 (try again) is rare: docs/measurements.md §9 counts none in 480 races on SeaweedFS

__all__ = ["ObjectInfo", "ObjectStore", "create", "open_store", "probe", "put_file_once", "put_once"]


def open_store(url: str) -> ObjectStore:
    """Return the store at a path, a `file:` URL or `s3://bucket/prefix`. Raises UsageError for any other."""
    scheme = urlsplit(url).scheme if "://" in url or url.startswith("file:") else ""
    if scheme == "s3":
        from storage.objects.s3 import S3Store  # noqa: PLC0415 - importing boto3 takes 0.5 s, which a directory does not need

        return S3Store.connect(url)
    if scheme == "file":
        parts = urlsplit(url)
        if parts.netloc not in {"", "localhost"} or not parts.path.startswith("/"):
            raise UsageError(f"a file URL needs three slashes and an absolute path: {url}")
        return DirectoryStore(Path(unquote(parts.path)))
    if scheme:
        raise UsageError(f"a store is a path, file:///path or s3://bucket/prefix, not {scheme}://")
    if not url.strip():
        raise UsageError("the store's name is empty; give a path or s3://bucket/prefix")
    return DirectoryStore(Path(url).expanduser())


def probe(store: ObjectStore) -> None:
    """Test that the store honours `put_new`. Raises UnsafeStoreError if it does not.

    If the marker exists, one more create-only PUT must be refused. If it does not, several writers try to create it and
    exactly one must succeed.
    """
    token = secrets.token_bytes(16)
    with ThreadPoolExecutor(PROBE_WRITERS) as pool:
        first = _creates(store, token)
        won = [first, *pool.map(lambda _: _creates(store, token), range(PROBE_WRITERS if first else 1))]
    if sum(won) > int(first):
        raise UnsafeStoreError(
            f"{store.url} ignores If-None-Match, so two writers could make the same commit; use another server"
        )


def create(store: ObjectStore, key: str, data: bytes) -> bool:
    """Create an object; return whether it is ours, False if the key exists. Raises ContendedError after many tries."""
    return _created(key, lambda: store.put_new(key, data))


def put_once(store: ObjectStore, key: str, data: bytes) -> None:
    """Write an object whose key determines its bytes. It is created, so that a policy may forbid to overwrite it.

    An existing object with other bytes is damaged and is written again. Raises DeniedError where a policy forbids that.
    """
    if not create(store, key, data) and store.get(key) != data:
        store.put(key, data)


def put_file_once(store: ObjectStore, key: str, path: Path) -> bool:
    """Create an object from a file; return False if the key has other bytes. Raises ContendedError after many tries.

    The same bytes are those of an earlier, interrupted command, or our own, whose answer was lost.
    """
    if _created(key, lambda: store.put_new_file(key, path)):
        return True
    there = path.with_name(f".{path.name}.there")
    store.download(key, there)
    same = file_sha256(there) == file_sha256(path)
    there.unlink()
    return same


def _created(key: str, write: Callable[[], None]) -> bool:
    for _ in range(MAX_CREATE_ATTEMPTS):
        try:
            write()
        except ExistsError:
            return False
        except ContendedError:
            continue
        return True
    raise ContendedError(f"cannot write {key}: the store answered 409 (try again) {MAX_CREATE_ATTEMPTS} times")


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _creates(store: ObjectStore, data: bytes) -> bool:
    try:
        return create(store, PROBE_KEY, data)
    except ContendedError as error:
        raise UnsafeStoreError(f"{store.url} accepts no create-only write: {error}") from error
