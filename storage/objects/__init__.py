"""Open an object store by its URL, and prove that it honours create-only writes."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote, urlsplit

from articles.errors import ContendedError, ExistsError, UnsafeStoreError, UsageError
from storage.objects.base import ObjectInfo, ObjectStore
from storage.objects.directory import DirectoryStore

PROBE_KEY = "index/conditional-writes"
PROBE_WRITERS = 4  # the slowest race of docs/measurements.md §9 had four writers
PROBE_TRIES = 5  # answers "try again" (409) are rare: docs/measurements.md §9 counts none in 480 races on SeaweedFS

__all__ = ["ObjectInfo", "ObjectStore", "open_store", "probe"]


def open_store(url: str) -> ObjectStore:
    """Return the store at a path, a `file:` URL or `s3://bucket/prefix`. UsageError says what is wrong with it."""
    scheme = urlsplit(url).scheme if "://" in url or url.startswith("file:") else ""
    if scheme == "s3":
        from storage.objects.s3 import S3Store  # noqa: PLC0415 - boto3 takes half a second that a directory need not pay

        return S3Store.connect(url)
    if scheme == "file":
        parts = urlsplit(url)
        if parts.netloc not in {"", "localhost"} or not parts.path.startswith("/"):
            raise UsageError(f"a file URL needs three slashes and an absolute path: {url}")
        return DirectoryStore(Path(unquote(parts.path)))
    if scheme:
        raise UsageError(f"a store is a path, file:///path or s3://bucket/prefix, not {scheme}://")
    if not url.strip():
        raise UsageError("the store's name is empty")
    return DirectoryStore(Path(url).expanduser())


def probe(store: ObjectStore) -> None:
    """Prove that `put_new` is honoured. UnsafeStoreError where it is not.

    Where the marker exists, one more create-only PUT must be refused. Where it does not, several writers race for it
    and exactly one must win.
    """
    token = secrets.token_bytes(16)
    with ThreadPoolExecutor(PROBE_WRITERS) as pool:
        first = _creates(store, token)
        won = [first, *pool.map(lambda _: _creates(store, token), range(PROBE_WRITERS if first else 1))]
    if sum(won) > int(first):
        raise UnsafeStoreError(f"{store.url} ignores If-None-Match: two writers could both make the same commit")


def _creates(store: ObjectStore, data: bytes) -> bool:
    for _ in range(PROBE_TRIES):
        try:
            store.put_new(PROBE_KEY, data)
        except ExistsError:
            return False
        except ContendedError:
            continue
        return True
    raise UnsafeStoreError(f"{store.url} answers no create-only write: {PROBE_TRIES} tries ended in 409")
