"""Views that were interrupted or whose counts need a damaged file are made as far as possible, and nothing sound is deleted."""

import re
from pathlib import Path

import pytest

import storage as storage_package
from articles.errors import CorruptError, MissingError
from flows.cli import run
from storage.snapshots import contents, counting, layers, lookup_layers, view_layers
from storage.snapshots.contents import compute, keep_lookups, keep_view, load
from storage.snapshots.summary import number_of_documents, summarise
from storage.snapshots.verify_layers import check_layers
from storage.snapshots.view_code import OWN_CODE
from storage.snapshots.view_counts import stored_counts
from storage.tables import packs
from tests.storage import corpus, history, samples
from tests.storage.export.pulling import pull_to
from tests.storage.history import log_of


class Killed(BaseException):
    """Stands for the end of a process."""


def killed_after_one(real):
    """Return `real`, which is killed at its second call."""
    done: list[int] = []

    def once(*arguments):
        if done:
            raise Killed
        done.append(1)
        real(*arguments)

    return once


@pytest.mark.parametrize(
    ("module", "keep", "find"),
    [(contents, keep_view, view_layers.find), (lookup_layers, keep_lookups, lookup_layers.find)],
)
def test_layers_are_made_in_portions_also_after_a_kill(directory_store, monkeypatch, module, keep, find):
    monkeypatch.setattr(layers, "FULL_LAYER_ROWS", 4)
    monkeypatch.setattr(lookup_layers, "MIN_TEXTS", 0)
    log = log_of(directory_store)
    for number in range(6):
        history.commit(log, range(number * 2, number * 2 + 2))
    state = log.state()
    with monkeypatch.context() as patch:
        patch.setattr(module, "_keep_next", killed_after_one(module._keep_next))
        with pytest.raises(Killed):
            keep(directory_store, state)
    assert find(directory_store, state).snapshot < state.number
    keep(directory_store, state)
    found = find(directory_store, state)
    assert [(one.first, one.last) for one in found.layers] == [(0, 1), (2, 3), (4, 5)]


@pytest.mark.parametrize("table", ["rejections", "removals"])
@pytest.mark.parametrize("damage", ["lost", "altered"])
def test_a_damaged_file_of_counts_stops_no_view_and_no_reader_that_needs_no_counts(
    directory_store, tmp_path, capsys, table, damage
):
    store, log = directory_store, log_of(directory_store)
    corpus.build(log)
    keep_view(store, log.state(1))
    ours = history.draft(store, 2, [1], key="captures/steppe.example/9", tables=(table,))
    log.append(ours, history.never)
    state = log.state()
    (ref,) = ours.add
    whole = summarise(store, state)
    keep_view(store, log.state(2))
    data = store.get(ref.key)
    store.delete(ref.key) if damage == "lost" else store.put(ref.key, data[:-9] + b"123456789")
    keep_view(store, state)
    assert view_layers.find(store, state).snapshot == state.number
    assert load(store, state).view.documents == compute(store, state).view.documents
    assert stored_counts(store, state.number, state.sha256) is None
    assert number_of_documents(store, state) == whole.documents
    assert list(check_layers(store, state)) == []
    assert run(["documents", "--lang", "en", "--store", store.url]) == 0
    assert f"of {whole.documents} documents" in capsys.readouterr().out
    assert pull_to(log, tmp_path / "new", number=state.number, since=1).whole == whole.documents
    with pytest.raises((CorruptError, MissingError), match=ref.sha256):
        summarise(store, state)
    store.put(ref.key, data)
    assert summarise(store, state) == whole
    assert list(check_layers(store, state)) == []


def test_a_sound_view_with_counts_is_not_damaged_by_another_file(directory_store):
    store, log = directory_store, log_of(directory_store)
    corpus.build(log)
    ours = history.draft(store, 2, [1], key="captures/steppe.example/9", tables=("removals",))
    log.append(ours, history.never)
    state = log.state()
    keep_view(store, state)
    assert stored_counts(store, state.number, state.sha256)
    store.put(ours.add[0].key, b"PAR1")
    assert list(check_layers(store, state)) == []


def test_counts_of_files_are_added_up_pack_by_pack(directory_store):
    refs = [
        ref
        for number in (1, 2)
        for ref in packs.write(directory_store, "rejections", samples.any_rows("rejections", number))
    ]
    one, both = (counting.of_files(directory_store, {"rejections": some}).rejections for some in (refs[:1], refs))
    assert sum(one.values()) == refs[0].rows
    assert sum(both.values()) == sum(ref.rows for ref in refs)


def test_all_own_code_that_computes_or_counts_a_view_is_in_its_version():
    layers_only = {
        "layers",
        "layer_names",
        "layer_tables",
        "view_layers",
        "view_code",
    }  # where rows lie, not which rows there are
    home = Path(storage_package.__file__).parent
    named = {name for name in OWN_CODE if name.startswith("snapshots/")}
    assert named >= {"snapshots/counting.py", "snapshots/view_advance.py"}
    for name in named:
        used = re.findall(r"from storage\.snapshots\.(\w+) import", (home / name).read_text())
        assert {f"snapshots/{one}.py" for one in used if one not in layers_only} <= named
