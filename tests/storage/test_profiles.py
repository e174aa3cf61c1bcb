"""Profiles and configurations by content; which profiles are in force, said so that no writer loses another's word."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from articles.errors import CorruptError, MissingError
from storage import profiles


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_nothing_is_in_force_in_a_fresh_store(store):
    assert profiles.in_force(store) == {}


def test_what_is_put_is_in_force_and_what_was_before_is_kept(store):
    assert profiles.put(store, {"steppe": b"1", "kurier": b"2"}) == {"kurier": sha256(b"2"), "steppe": sha256(b"1")}
    profiles.put(store, {"steppe": b"3"})
    assert profiles.in_force(store) == {"kurier": sha256(b"2"), "steppe": sha256(b"3")}
    assert [profiles.get(store, sha256(data)) for data in (b"1", b"2", b"3")] == [b"1", b"2", b"3"]
    assert len(list(store.list(profiles.IN_FORCE))) == 2


def test_saying_the_same_again_says_nothing(store):
    profiles.put(store, {"steppe": b"1"})
    before = [found.key for found in store.list("profiles/")]
    profiles.put(store, {"steppe": b"1"})
    assert [found.key for found in store.list("profiles/")] == before


def test_writers_at_once_lose_nothing(store):
    names = [f"outlet{number}" for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: profiles.put(store, {name: name.encode()}), names))
    assert profiles.in_force(store) == {name: sha256(name.encode()) for name in names}


def test_what_is_not_what_its_name_says_is_corrupt(directory_store):
    profiles.put(directory_store, {"steppe": b"1"})
    directory_store.put(f"profiles/{sha256(b'1')}.json", b"2")
    with pytest.raises(CorruptError):
        profiles.get(directory_store, sha256(b"1"))
    with pytest.raises(MissingError):
        profiles.get(directory_store, sha256(b"3"))


@pytest.mark.parametrize("told", [b"", b"[]", b"\xff"])
def test_what_cannot_be_read_is_corrupt(directory_store, told):
    directory_store.put(f"{profiles.IN_FORCE}0000000000.json", told)
    with pytest.raises(CorruptError):
        profiles.in_force(directory_store)


def test_a_configuration_is_found_by_its_hash(store):
    pinned = profiles.pin(store, b'{"readers": "x"}')
    assert pinned == sha256(b'{"readers": "x"}')
    assert profiles.configuration(store, pinned) == b'{"readers": "x"}'
