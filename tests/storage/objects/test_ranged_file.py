"""Objects as files: every range is right, and a file with many small parts is requested in few blocks."""

import random

import pytest

from storage.objects import ranged_file
from storage.objects.directory import DirectoryStore
from storage.objects.ranged_file import BlockFile, RangedFile

DATA = bytes(range(256)) * 4


class Counting(DirectoryStore):
    """Counts requests."""

    requests = 0

    def get_range(self, key, start, length):
        self.requests += 1
        return super().get_range(key, start, length)


@pytest.mark.parametrize(("kind", "most"), [(RangedFile, 300), (BlockFile, 11)])
def test_any_range_is_that_of_the_object(tmp_path, monkeypatch, kind, most):
    monkeypatch.setattr(ranged_file, "BLOCK_BYTES", 100)
    monkeypatch.setattr(ranged_file, "KEPT_BLOCKS", 11)
    store = Counting(tmp_path)
    store.put("key", DATA)
    places = random.Random(1)  # noqa: S311  any will do
    with kind(store, "key", len(DATA)) as file:
        for _ in range(300):
            start, length = places.randrange(len(DATA)), places.randrange(1, 99)
            file.seek(start)
            assert file.read(length) == DATA[start : start + length]
        assert store.requests == most
        file.seek(-10, 2)
        assert file.read() == DATA[-10:]
        assert file.read(5) == b""
        file.seek(0)
        assert file.read() == DATA  # at once, since it is longer than a block
        assert store.requests <= most + 2
    store.requests = 0
    monkeypatch.setattr(ranged_file, "KEPT_BLOCKS", 2)
    blocks = BlockFile(store, "key", len(DATA))
    for number in (0, 1, 0, 2, 0, 1):  # the block used last stays
        blocks.seek(number * 100)
        blocks.read(1)
    assert store.requests == 4
    blocks.forget()
    blocks.read(1)
    assert store.requests == 5


def test_few_parts_of_a_file_are_requested_as_they_are_unless_their_block_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(ranged_file, "BLOCK_BYTES", 100)
    store = Counting(tmp_path)
    store.put("key", DATA)
    blocks = BlockFile(store, "key", len(DATA))
    blocks.read(10)
    blocks.exact = True
    assert blocks.read(10) == DATA[10:20]
    assert store.requests == 1
    blocks.seek(300)
    assert (blocks.read(10), blocks.read(10)) == (DATA[300:310], DATA[310:320])
    assert store.requests == 3
