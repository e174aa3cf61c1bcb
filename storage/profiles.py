"""Site profiles, and the configurations of commits: content-addressed files, and the list of profiles that apply.

A profile is a file that never changes. Numbered files list the profiles in force. They are created one after the other
and never replaced, and the highest number applies. So two writers cannot overwrite each other's change, and earlier
lists stay readable. A configuration holds what the extractions of a commit depend on; the commit names its hash.
"""

import hashlib
import json
from collections.abc import Mapping

from articles.errors import ContendedError, CorruptError, ExistsError, StoreError
from storage.objects import ObjectStore, put_once
from storage.objects.json_objects import get_bounded, read_json

PROFILES_PREFIX = "profiles/"
IN_FORCE_PREFIX = "profiles/in-force/"
CONFIGURATIONS_PREFIX = "configurations/"
MAX_WRITE_ATTEMPTS = 20  # as many other writers may be first; each attempt reads what they wrote


def in_force(store: ObjectStore) -> dict[str, str]:
    """Return the SHA-256 of the profile of each site that has one. Raises CorruptError."""
    return _last(store)[1]


def get(store: ObjectStore, sha256: str) -> bytes:
    """Return a profile's bytes. Raises MissingError or CorruptError."""
    data = get_bounded(store, _key(sha256))
    if hashlib.sha256(data).hexdigest() != sha256:
        raise CorruptError(f"{_key(sha256)} is damaged: its bytes do not have the SHA-256 of its name")
    return data


def put(store: ObjectStore, changes: Mapping[str, bytes]) -> dict[str, str]:
    """Store profiles of sites, put all of them in force at once, and return all profiles in force. Raises StoreError."""
    hashes = {site: hashlib.sha256(data).hexdigest() for site, data in changes.items()}
    for site, data in changes.items():
        put_once(store, _key(hashes[site]), data)
    for _ in range(MAX_WRITE_ATTEMPTS):
        number, before = _last(store)
        after = dict(sorted({**before, **hashes}.items()))
        if after == before:
            return after
        try:
            store.put_new(f"{IN_FORCE_PREFIX}{number + 1:010}.json", json.dumps(after, indent=1).encode())
        except (ExistsError, ContendedError):
            continue
        return after
    raise StoreError(
        f"{store.url}: the profiles in force were not changed, because other writers were first "
        f"{MAX_WRITE_ATTEMPTS} times; try again"
    )


def pin(store: ObjectStore, configuration: bytes) -> str:
    """Store the configuration that extractions depend on, and return its SHA-256."""
    sha256 = hashlib.sha256(configuration).hexdigest()
    put_once(store, f"{CONFIGURATIONS_PREFIX}{sha256}.json", configuration)
    return sha256


def configuration(store: ObjectStore, sha256: str) -> bytes:
    """Return the configuration of a commit. Raises MissingError if the commit is older than configurations."""
    return get_bounded(store, f"{CONFIGURATIONS_PREFIX}{sha256}.json")


def _last(store: ObjectStore) -> tuple[int, dict[str, str]]:
    keys = [found.key for found in store.list(IN_FORCE_PREFIX)]
    if not keys:
        return -1, {}
    try:
        listed = read_json(store, keys[-1])
        return int(keys[-1].removeprefix(IN_FORCE_PREFIX).removesuffix(".json")), {
            str(site): str(sha256) for site, sha256 in listed.items()
        }
    except (ValueError, AttributeError) as error:
        raise CorruptError(f"{keys[-1]} cannot be read: {error!r}") from error


def _key(sha256: str) -> str:
    return f"{PROFILES_PREFIX}{sha256}.json"
