"""A store in a directory: modes of its files, and keys that cannot leave its root."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.errors import (
    MissingError,
    StoreError,
    UsageError,
)
from storage.objects import open_store
from storage.objects.base import check_key


def modes(root):
    return {path.relative_to(root).as_posix(): path.stat().st_mode & 0o777 for path in [root, *root.rglob("*")]}


@pytest.mark.parametrize(
    ("access", "bits"),
    [("", (0o600, 0o700)), ("owner", (0o600, 0o700)), ("group", (0o640, 0o750)), ("world", (0o644, 0o755))],
)
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_who_reads_a_directory_store_is_not_left_to_the_umask(tmp_path, monkeypatch, access, bits, umask):
    file, folder = bits
    monkeypatch.setenv("IRTYSH_STORE_ACCESS", access)
    (tmp_path / "file").write_bytes(b"file")
    store = open_store(str(tmp_path / "new" / "store"))
    before = os.umask(umask)
    try:
        store.put("runs/a", b"")
        store.put("runs/a", b"again")
        store.put_new("tags/a", b"")
        store.put_new_file("releases/one/a", tmp_path / "file")
    finally:
        os.umask(before)
    folders = dict.fromkeys(
        [".", "store", *(f"store/{name}" for name in (".tmp", "runs", "tags", "releases", "releases/one"))], folder
    )
    files = dict.fromkeys([f"store/{name}" for name in ("runs/a", "tags/a", "releases/one/a")], file)
    assert modes(tmp_path / "new") == folders | files


def test_an_unfinished_object_is_private_from_the_start(directory_store, monkeypatch):
    fsync, seen = os.fsync, []

    def look(descriptor):
        seen.append(os.fstat(descriptor).st_mode & 0o077)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", look)
    directory_store.put_new("a", b"")
    assert set(seen) == {0}


def test_a_store_that_was_there_keeps_its_modes(tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store").chmod(0o770)
    open_store(str(tmp_path / "store")).put("runs/a", b"")
    assert modes(tmp_path / "store") == {".": 0o770, ".tmp": 0o700, "runs": 0o700, "runs/a": 0o600}


def test_an_unknown_access_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("IRTYSH_STORE_ACCESS", "everybody")
    with pytest.raises(UsageError, match="owner, group, world"):
        open_store(str(tmp_path))


BAD_KEYS = [
    "", "/", "/etc/passwd", "..", "../x", "a/../../x", "a/..", "a//b", "a/", "./a", "a/./b", "a\\..\\b", "a\x00b",
    "a\nb", ".tmp/x", ".tmp", "x" * 256, "/".join(["x" * 200] * 6),
]  # fmt: skip


@pytest.mark.parametrize("key", BAD_KEYS)
def test_keys_cannot_leave_the_root(directory_store, key):
    (directory_store.root.parent / "x").write_bytes(b"outside")
    for call in (
        lambda: directory_store.get(key),
        lambda: directory_store.get_range(key, 0, 1),
        lambda: directory_store.put(key, b""),
        lambda: directory_store.put_new(key, b""),
        lambda: directory_store.delete(key),
    ):
        with pytest.raises(StoreError, match="not a key"):
            call()
    assert (directory_store.root.parent / "x").read_bytes() == b"outside"


def test_listing_cannot_leave_the_root(directory_store):
    (directory_store.root.parent / "x").write_bytes(b"outside")
    directory_store.put("a", b"")
    with pytest.raises(StoreError, match="not a key"):
        list(directory_store.list("../"))
    assert [found.key for found in directory_store.list("..")] == []


@given(st.text(max_size=40))
def test_a_checked_key_stays_below_the_root(key):
    try:
        check_key(key)
    except StoreError:
        return
    root = Path("/any/store")
    assert Path(os.path.normpath(root / key)).is_relative_to(root)
    assert os.path.normpath(root / key) != str(root)


def test_an_object_is_not_a_directory(directory_store):
    directory_store.put("a", b"file")
    with pytest.raises(MissingError):
        directory_store.get("a/b")
    with pytest.raises(StoreError, match="a/b"):
        directory_store.put("a/b", b"")
    directory_store.put("d/e", b"")
    with pytest.raises(MissingError):
        directory_store.get("d")


def test_a_failed_write_leaves_the_old_object(directory_store, monkeypatch):
    def out_of_space(_descriptor):
        raise OSError(28, "No space left on device")

    directory_store.put("key", b"old")
    monkeypatch.setattr(os, "fsync", out_of_space)
    for write in (directory_store.put, directory_store.put_new):
        with pytest.raises(StoreError, match="No space left"):
            write("key", b"new")
    monkeypatch.undo()
    assert directory_store.get("key") == b"old"
    assert [path.name for path in directory_store.root.rglob("*") if path.is_file()] == ["key"]
