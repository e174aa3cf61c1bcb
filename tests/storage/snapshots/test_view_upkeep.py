"""Stored views and look-ups that are lost, damaged, swapped or of other code are named, made again or removed."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from articles.errors import CorruptError
from storage.snapshots import lookup_layers, view_layers
from storage.snapshots.contents import compute, keep_lookups, keep_view, load
from storage.snapshots.current_table import files_in_use
from storage.snapshots.gc import gc
from storage.snapshots.layers import files_of
from storage.snapshots.lookup_layers import LOOKUPS_PREFIX
from storage.snapshots.verify_layers import check_layers, forget_damaged
from storage.snapshots.view_layers import VIEWS, VIEWS_PREFIX
from tests.storage import corpus, history
from tests.storage.history import log_of


def test_a_lost_file_of_a_view_says_what_to_do(directory_store):
    log = log_of(directory_store)
    corpus.build(log)
    keep_view(directory_store, log.state())
    for info in list(directory_store.list(VIEWS_PREFIX + "files/")):
        directory_store.delete(info.key)
    with pytest.raises(CorruptError, match="delete index/views/"):
        load(directory_store, log.state())


def test_gc_removes_the_views_of_other_code_and_keeps_those_in_use(directory_store, monkeypatch):
    log = log_of(directory_store)
    corpus.build(log)
    later = datetime.now(UTC) + timedelta(hours=25)
    with monkeypatch.context() as patch:
        patch.setattr(view_layers, "code_version", lambda: "0123456789abcdef")
        keep_view(directory_store, log.state(1))
        keep_view(directory_store, log.state(2))
    older = {info.key for info in directory_store.list(VIEWS_PREFIX)}
    keep_view(directory_store, log.state(2))
    newer = {info.key for info in directory_store.list(VIEWS_PREFIX)} - older
    shared = files_of(directory_store, VIEWS, min(newer)) & older
    assert gc(log, datetime.now(UTC), dry_run=False).keys == ()
    removed = {key for key in gc(log, later, dry_run=False).keys if not key.startswith("index/current/")}
    assert removed == older - shared
    assert {info.key for info in directory_store.list(VIEWS_PREFIX)} == newer | shared
    assert load(directory_store, log.state(2)) == compute(directory_store, log.state(2))


def test_a_damaged_or_swapped_layer_is_found_named_and_made_again(directory_store, tmp_path, monkeypatch):
    monkeypatch.setattr(lookup_layers, "MIN_TEXTS", 0)
    log = log_of(directory_store)
    corpus.build(log)
    for number in (1, 2):
        keep_view(directory_store, log.state(number))
        keep_lookups(directory_store, log.state(number))
    whole = load(directory_store, log.state(2))
    assert list(check_layers(directory_store, log.state(2))) == []
    layers = [info.key for info in directory_store.list(VIEWS_PREFIX) if info.key.endswith(".json")]
    about = json.loads(directory_store.get(layers[0]))
    wrong = about | {"footers": about["footers"] | {"links": about["footers"]["rows"]}}
    directory_store.put(layers[0], json.dumps(wrong).encode())
    (damage,) = check_layers(directory_store, log.state(2))
    assert (damage.key, "footer" in damage.what) == (f"{VIEWS_PREFIX}files/{about['files']['links'][0]}.parquet", True)
    directory_store.put(layers[0], json.dumps(about, indent=1).encode())
    swapped = [directory_store.get(key) for key in layers]
    for key, data in zip(layers, swapped[1:] + swapped[:1], strict=True):
        directory_store.put(key, data)
    files = [info.key for info in directory_store.list(LOOKUPS_PREFIX + "files/")]
    files.insert(0, min(files_in_use(directory_store)))
    data = directory_store.get(files[0])
    directory_store.put(files[0], data[:50] + bytes([data[50] ^ 1]) + data[51:])
    directory_store.delete(files[1])
    assert load(directory_store, log.state(1))  # readers do not need what was damaged
    found = list(check_layers(directory_store, log.state(2)))
    assert {one.key for one in found} == {*layers, files[0], files[1]}
    assert all("repair" in one.next for one in found)
    assert set(forget_damaged(directory_store, log.state(2))) == {*layers, files[0], files[1]}
    keep_view(directory_store, log.state(2))
    keep_lookups(directory_store, log.state(2))
    assert list(check_layers(directory_store, log.state(2))) == []
    monkeypatch.setattr("storage.snapshots.contents.compute", history.never)
    assert load(directory_store, log.state(2)) == whole
