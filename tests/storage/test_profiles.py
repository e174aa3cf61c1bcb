"""Profiles and configurations are stored by content; concurrent writers of the list of profiles lose no change."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from articles.errors import CorruptError, MissingError
from storage import profiles


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_nothing_is_in_force_in_a_fresh_store(store):
    assert profiles.in_force(store) == {}


def test_put_puts_profiles_in_force_and_keeps_earlier_ones(store):
    assert profiles.put(store, {"steppe": b"1", "kurier": b"2"}) == {"kurier": sha256(b"2"), "steppe": sha256(b"1")}
    profiles.put(store, {"steppe": b"3"})
    assert profiles.in_force(store) == {"kurier": sha256(b"2"), "steppe": sha256(b"3")}
    assert [profiles.get(store, sha256(data)) for data in (b"1", b"2", b"3")] == [b"1", b"2", b"3"]
    assert len(list(store.list(profiles.IN_FORCE_PREFIX))) == 2


def test_putting_the_same_profile_again_writes_nothing(store):
    profiles.put(store, {"steppe": b"1"})
    before = [found.key for found in store.list("profiles/")]
    profiles.put(store, {"steppe": b"1"})
    assert [found.key for found in store.list("profiles/")] == before


def test_concurrent_writers_lose_no_change(store):
    names = [f"outlet{number}" for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: profiles.put(store, {name: name.encode()}), names))
    assert profiles.in_force(store) == {name: sha256(name.encode()) for name in names}


def test_a_profile_that_does_not_match_its_hash_is_corrupt(directory_store):
    profiles.put(directory_store, {"steppe": b"1"})
    directory_store.put(f"profiles/{sha256(b'1')}.json", b"2")
    with pytest.raises(CorruptError):
        profiles.get(directory_store, sha256(b"1"))
    with pytest.raises(MissingError):
        profiles.get(directory_store, sha256(b"3"))


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff"])
def test_an_unreadable_list_of_profiles_is_corrupt(directory_store, content):
    directory_store.put(f"{profiles.IN_FORCE_PREFIX}0000000000.json", content)
    with pytest.raises(CorruptError):
        profiles.in_force(directory_store)


def test_a_configuration_is_found_by_its_hash(store):
    pinned = profiles.pin(store, b'{"readers": "x"}')
    assert pinned == sha256(b'{"readers": "x"}')
    assert profiles.configuration(store, pinned) == b'{"readers": "x"}'
