"""A filter of keys never denies a key that it was made of, and is not believed when it is damaged."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.errors import CorruptError
from storage.snapshots import key_filter


@settings(max_examples=30)
@given(st.sets(st.text(max_size=9), max_size=50), st.sets(st.text(max_size=9), max_size=50))
def test_a_filter_admits_each_of_its_keys(keys, others):
    found = key_filter.read(key_filter.made(keys)).possible([*keys, *others])
    assert keys <= set(found) <= keys | others


def test_a_filter_denies_most_other_keys():
    known = key_filter.read(key_filter.made([f"key {number}" for number in range(10_000)]))
    assert len(known.possible([f"other {number}" for number in range(10_000)])) < 200


@pytest.mark.parametrize("change", [("10 ", "9 "), ("10 ", "x "), ("10 ", "0 "), (" ", ""), ("=", "")])
def test_a_damaged_filter_is_named(change):
    with pytest.raises(CorruptError, match="a filter of keys is damaged"):
        key_filter.read(key_filter.made(["a"]).replace(*change))
