"""Pages by outlet are in the entry if they are few, or else beside the log; sums are kept, and found if altered."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from articles.errors import CorruptError, NewerStoreError
from storage.snapshots import catalog
from storage.snapshots.gc import gc
from storage.snapshots.mend_log import mend_log, mend_sums
from storage.snapshots.verify import verify
from storage.tables import accounts, log_format
from storage.tables import log as log_module
from storage.tables import state as states
from storage.tables.log_reader import LogReader, entry_key, state_key
from tests.flows.tables import no_progress
from tests.storage.history import draft, log_of, never


def pages(number):
    return {f"outlet{one}": {"asked": one + 1, "kept": one} for one in range(number)}


def add(log, number, counted, **more):
    held, sha256 = accounts.kept(log.store, counted)
    key = f"captures/a/2026/11/01/run-{number:05}.warc.gz"
    log.store.put_new(key, b"a segment")
    made = draft(log.store, number - 1, [number], key=key)
    return log.append(replace(made, counts={"pages": held}, accounts=sha256, **more), never)


@pytest.fixture
def grown(directory_store, monkeypatch):
    monkeypatch.setattr(log_module, "INDEX_INTERVAL_COMMITS", 3)
    log = log_of(directory_store)
    for number, outlets in enumerate((2, accounts.MAX_NAMED_OUTLETS, 400, 30, 2)):
        add(log, number, pages(outlets))
    return log


def test_an_entry_does_not_grow_with_the_outlets(grown):
    sizes = [len(grown.store.get(entry_key(number))) for number in range(5)]
    assert max(sizes[2:4]) < sizes[0] + 500
    assert [accounts.read(grown.store, grown.read(number)) for number in range(5)] == [
        pages(outlets) for outlets in (2, accounts.MAX_NAMED_OUTLETS, 400, 30, 2)
    ]
    held = grown.read(2).counts["pages"]
    assert held == {accounts.ALL_OUTLETS: {"asked": 400 * 401 // 2, "kept": 400 * 399 // 2}}
    assert [commit.counts for commit in LogReader(grown.store).state().history] == [
        grown.read(number).counts for number in range(5)
    ]


def test_older_code_does_not_add_to_a_store_with_such_an_entry(grown, monkeypatch):
    assert json.loads(grown.store.get(entry_key(1)).split(b"\n")[0])["commitInfo"]["irtysh"]["format"]["version"] == 2
    monkeypatch.setattr(log_format, "KNOWN_WRITER_FEATURES", log_format.WRITER_FEATURES)
    older = log_of(grown.store)
    assert older.state().number == 4
    for key in [info.key for info in grown.store.list("index/states/")]:
        grown.store.delete(key)  # older code does not know their version either
    with pytest.raises(NewerStoreError, match="accounts"):
        add(log_of(grown.store), 5, pages(1))


def test_sums_are_those_of_all_commits_and_a_rebuild_begins_them_anew(grown):
    whole: accounts.Sums = Counter()
    for number in range(5):
        for outlet, columns in accounts.read(grown.store, grown.read(number)).items():
            whole.update({(outlet, column): n for column, n in columns.items()})
    state = grown.state()
    assert accounts.stored(grown.store) == [2]
    assert accounts.sums(grown.store, state) == whole
    grown.store.delete(accounts.sums_key(2))
    assert accounts.sums(grown.store, state) == whole
    add(grown, 5, pages(20), replaces=True)
    assert accounts.stored(grown.store) == [5]
    expected = {(outlet, column): n for outlet, columns in pages(20).items() for column, n in columns.items()}
    assert +accounts.sums(grown.store, grown.state()) == +Counter(expected)


@pytest.mark.parametrize("altered", ["lost", "damaged", "sums"])
def test_what_is_lost_or_altered_is_found_and_readers_go_on(grown, altered):
    store, state = grown.store, grown.state()
    key = accounts.sums_key(2) if altered == "sums" else accounts.accounts_key(grown.read(3).accounts)
    if altered == "lost":
        store.delete(key)
    elif altered == "damaged":
        store.put(key, store.get(key).replace(b"1", b"2"))
    else:
        store.put(key, store.get(key).replace(b'"kept":7', b'"kept":8'))
    findings = verify(LogReader(store), 4, no_progress).findings
    assert [finding.key for finding in findings] == [key]
    if altered == "sums":
        assert any(key in said for said in mend_log(grown))
        assert verify(LogReader(store), 4, no_progress).findings == ()
    else:
        assert accounts.sums(store, state)[accounts.ALL_OUTLETS, "asked"] == 30 * 31 // 2
    if altered == "damaged":
        with pytest.raises(CorruptError):
            accounts.read(store, grown.read(3))


def test_a_file_that_no_commit_names_is_garbage_after_a_day(grown):
    _, sha256 = accounts.kept(grown.store, pages(50))
    assert gc(grown, datetime.now(UTC), dry_run=False).keys == ()
    assert gc(grown, datetime.now(UTC) + timedelta(hours=25), dry_run=False).keys == (accounts.accounts_key(sha256),)
    assert verify(LogReader(grown.store), 4, no_progress).findings == ()


def test_sizes_are_read_from_the_index_and_from_the_entries_of_older_indexes(grown, monkeypatch):
    known = catalog.sizes(grown)
    assert known == [1, 2, 3, 4, 5]
    with monkeypatch.context() as patch:
        patch.setattr(LogReader, "read", never)  # no entry beyond those that `state` has read
        assert catalog.sizes(grown) == known
    line = states._line
    with monkeypatch.context() as patch:
        patch.setattr(states, "INDEX_VERSION", 2)
        patch.setattr(states, "_line", lambda commit: line(commit)[:14])
        grown.store.put(state_key(2), states.encode(LogReader(grown.store).state(2)))
    older = log_of(grown.store)
    assert older.state().history[0].texts is None
    assert catalog.sizes(older) == known
    assert older.state().history[0].texts is None
    assert add(older, 5, pages(1)).number == 5
    assert older.state().history[0].texts == 1  # with the next index all of them are known again


@pytest.mark.parametrize(
    "held", ["[]", "null", "3", '{"entry": "?"}', '{"entry": "?", "pages": []}', '{"pages": {"a": 1}}']
)
def test_stored_sums_of_another_shape_are_ignored_named_and_removed(grown, held):
    store, key = grown.store, accounts.sums_key(2)
    whole = accounts.sums(store, grown.state())
    store.put(key, held.replace("?", grown.read(2).sha256).encode())
    assert accounts.sums(LogReader(store).store, LogReader(store).state()) == whole
    assert [finding.key for finding in verify(LogReader(store), 4, no_progress).findings] == [key]
    add(grown, 5, pages(1))  # at an interval: the sums are written
    assert accounts.stored(store) == [2, 5]
    assert any(key in said for said in mend_log(grown))
    assert accounts.stored(store) == [5]
    assert verify(LogReader(store), 5, no_progress).findings == ()


def test_sums_are_not_stored_while_a_file_with_pages_is_lost(grown):
    store, key = grown.store, accounts.accounts_key(grown.read(3).accounts)
    data = store.get(key)
    store.delete(key)
    add(grown, 5, pages(1))
    assert accounts.stored(store) == [2]
    findings = verify(LogReader(store), 5, no_progress).findings
    assert [finding.key for finding in findings] == [key]
    store.put(key, data.replace(b"1", b"2"))
    assert "irtysh repair" in verify(LogReader(store), 5, no_progress).findings[0].next
    store.put(key, data)
    false = {"entry": grown.read(5).sha256, "pages": {}}  # as an older version stored them
    store.put(accounts.sums_key(5), json.dumps(false).encode())
    assert accounts.sums_key(5) in " ".join(mend_sums(grown))
    assert accounts.stored(store) == [2, 5]
    assert verify(LogReader(store), 5, no_progress).findings == ()


def test_a_check_reads_each_file_with_pages_once_however_many_sums_are_kept(grown, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(accounts, "KEPT_SUMS", 100)  # as where a policy forbids to delete
        for number in range(5, 12):
            add(grown, number, pages(20 + number))
    assert accounts.stored(grown.store) == [2, 5, 8, 11]
    read = accounts.read
    times: Counter[int] = Counter()
    monkeypatch.setattr(accounts, "read", lambda store, one: times.update([one.number]) or read(store, one))
    stored, listed = accounts.stored, []

    def stored_before_a_writer_deletes(store):
        listed.extend(stored(store))
        store.delete(accounts.sums_key(5))
        return listed

    monkeypatch.setattr(accounts, "stored", stored_before_a_writer_deletes)
    assert verify(LogReader(grown.store), 11, no_progress).findings == ()
    assert times == Counter(range(12))
