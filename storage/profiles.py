"""What was learned of sites, and what readings rest on: content-addressed files, and which of the first are in force.

A profile is a file that never changes. Which ones are in force is said by numbered files, created one after the other
and never replaced: the last one counts, two writers cannot lose each other's word, and what was in force before can be
seen. A configuration is what a commit's readings rested on, by the hash that the commit names.
"""

import hashlib
import json
from collections.abc import Mapping

from articles.errors import ContendedError, CorruptError, ExistsError, StoreError
from storage.objects import ObjectStore

PROFILES = "profiles/"
IN_FORCE = "profiles/in-force/"
CONFIGURATIONS = "configurations/"
TRIES = 20  # writers that may come before us; each try reads what they have said


def in_force(store: ObjectStore) -> dict[str, str]:
    """Return the SHA-256 of the profile of each site that has one. CorruptError."""
    return _last(store)[1]


def get(store: ObjectStore, sha256: str) -> bytes:
    """Return a profile. MissingError, CorruptError."""
    data = store.get(_key(sha256))
    if hashlib.sha256(data).hexdigest() != sha256:
        raise CorruptError(f"{_key(sha256)} is not what its name says")
    return data


def put(store: ObjectStore, changes: Mapping[str, bytes]) -> dict[str, str]:
    """Store profiles of sites and put them in force, all at once; return what is in force then. StoreError."""
    told = {site: hashlib.sha256(data).hexdigest() for site, data in changes.items()}
    for site, data in changes.items():
        store.put(_key(told[site]), data)
    for _ in range(TRIES):
        number, before = _last(store)
        after = dict(sorted({**before, **told}.items()))
        if after == before:
            return after
        try:
            store.put_new(f"{IN_FORCE}{number + 1:010}.json", json.dumps(after, indent=1).encode())
        except (ExistsError, ContendedError):
            continue
        return after
    raise StoreError(f"{store.url}: {TRIES} other writers were faster to say which profiles are in force")


def pin(store: ObjectStore, configuration: bytes) -> str:
    """Store what readings rest on and return its SHA-256."""
    sha256 = hashlib.sha256(configuration).hexdigest()
    store.put(f"{CONFIGURATIONS}{sha256}.json", configuration)
    return sha256


def configuration(store: ObjectStore, sha256: str) -> bytes:
    """Return what a commit's readings rested on. MissingError for a commit of a version that did not keep it."""
    return store.get(f"{CONFIGURATIONS}{sha256}.json")


def _last(store: ObjectStore) -> tuple[int, dict[str, str]]:
    keys = [found.key for found in store.list(IN_FORCE)]
    if not keys:
        return -1, {}
    try:
        told = json.loads(store.get(keys[-1]))
        return int(keys[-1].removeprefix(IN_FORCE).removesuffix(".json")), {
            str(site): str(sha256) for site, sha256 in told.items()
        }
    except (ValueError, AttributeError) as error:
        raise CorruptError(f"{keys[-1]} cannot be read: {error!r}") from error


def _key(sha256: str) -> str:
    return f"{PROFILES}{sha256}.json"
