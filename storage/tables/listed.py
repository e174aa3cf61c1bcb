"""Which packs the log lists. Garbage collection never deletes a pack that any commit ever listed."""

import re
from threading import Lock
from weakref import WeakKeyDictionary

from storage.objects import ObjectStore
from storage.tables.prefetch import prefetch

LOG_PREFIX = "documents/_delta_log/"
READ_THREADS = 8  # for log entries
HASH_PATTERN = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


class ListedHashes:
    """The SHA-256 sums that the log's entries hold. Entries never change, so each is read once."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._hashes: set[bytes] = set()
        self._read: set[str] = set()

    def holds(self, sha256: str) -> bool:
        """Return whether an entry that is there now holds a sum. Any sum counts: no other file has a pack's."""
        keys = [found.key for found in self._store.list(LOG_PREFIX) if found.key.endswith(".json")]
        new = [key for key in keys if key not in self._read]
        for key, data in zip(new, prefetch(self._store.get, new, READ_THREADS), strict=True):
            self._hashes.update(HASH_PATTERN.findall(data))
            self._read.add(key)
        return sha256.encode() in self._hashes


_known: "WeakKeyDictionary[ObjectStore, ListedHashes]" = WeakKeyDictionary()
_lock = Lock()


def is_listed(store: ObjectStore, sha256: str) -> bool:
    """Return whether a commit lists a pack."""
    with _lock:
        if store not in _known:
            _known[store] = ListedHashes(store)
        return _known[store].holds(sha256)
