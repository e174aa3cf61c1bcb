"""The protocol of the log: order, time, races, crashes between any two steps, a lost index."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.errors import CorruptError, MissingError, RefError, StoreError
from storage.objects.directory import DirectoryStore
from storage.tables import delta, log, schemas
from storage.tables import state as states
from storage.tables.file_ref import TABLE_NAMES, FileRef
from storage.tables.listed import LOG_PREFIX
from storage.tables.log_reader import INDEX_PREFIX, LAST_CHECKPOINT_KEY, entry_key
from storage.tables.schemas import SCHEMAS
from tests.storage.history import START, Clock, commit, draft, ids, log_of, never, row_ids


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(log, "FIRST_WAIT_SECONDS", 0.001)


def test_an_empty_log(store):
    empty = log_of(store)
    assert empty.head() == -1
    assert empty.state().number == -1
    assert empty.state().head is None
    with pytest.raises(RefError):
        empty.state(0)
    with pytest.raises(RefError, match="none yet"):
        empty.as_of(START)
    with pytest.raises(MissingError):
        empty.read(0)


def test_the_state_is_the_sum_of_the_commits(store):
    writer = log_of(store)
    for number in range(3):
        assert commit(writer, [2 * number, 2 * number + 1]).number == number
    for reader in (writer, log_of(store)):
        state = reader.state()
        assert (reader.head(), state.number) == (2, 2)
        assert row_ids(store, state) == ids(range(6))
        assert state.captures == {f"captures/steppe.example/{number:05}" for number in (0, 2, 4)}
        assert {table: len(refs) for table, refs in state.files.items()} == {"documents": 3, "links": 3, "fetches": 3}
        assert [one.run for one in state.history] == ["run-0", "run-1", "run-2"]
        assert (state.head.code, state.head.config_sha256, state.head.counts) == ("c0de", "c0", {"new": 2})
        assert row_ids(store, reader.state(0)) == ids([0, 1])
        assert reader.state(1).number == 1
        with pytest.raises(RefError):
            reader.state(3)


def test_an_entry_has_the_documented_actions(directory_store):
    writer = log_of(directory_store)
    commit(writer, [1])
    commit(writer, [2])
    first, second = (directory_store.get(entry_key(number)) for number in (0, 1))
    actions = [json.loads(line) for line in first.decode().splitlines()]
    assert [next(iter(action)) for action in actions] == ["commitInfo", "protocol", "metaData", "add"]
    info = actions[0]["commitInfo"]
    assert info["inCommitTimestamp"] == info["timestamp"]
    assert actions[1]["protocol"] == {
        "minReaderVersion": 1,
        "minWriterVersion": 7,
        "writerFeatures": ["inCommitTimestamp"],
    }
    assert actions[2]["metaData"]["configuration"] == {"delta.enableInCommitTimestamps": "true"}
    assert actions[2]["metaData"]["partitionColumns"] == []
    add = actions[3]["add"]
    assert (add["partitionValues"], add["dataChange"], json.loads(add["stats"])) == ({}, True, {"numRecords": 1})
    assert add["path"] == add["tags"]["sha256"] + ".parquet"
    assert add["size"] == len(directory_store.get("documents/" + add["path"]))
    own = info["irtysh"]
    assert (own["run"], own["batch"], own["counts"]) == ("run-0", "0", {"new": 1})
    assert own["segments"] == {"captures/steppe.example/00001": None}
    assert own["format"]["version"] == 2
    (links,) = own["files"]["links"]
    assert links["path"] == f"links/{links['sha256']}.parquet"
    assert own["parent_sha256"] == ""
    actions = [json.loads(line) for line in second.decode().splitlines()]
    assert [next(iter(action)) for action in actions] == ["commitInfo", "add"]
    assert actions[0]["commitInfo"]["irtysh"]["parent_sha256"] == log_of(directory_store).read(0).sha256


refs = st.builds(
    FileRef,
    st.sampled_from(["documents", "links"]),
    st.text("0123456789abcdef", min_size=64, max_size=64),
    st.integers(0, 9),
    st.integers(1, 9),
)
commits = st.builds(
    delta.Commit,
    number=st.integers(1, 5),
    timestamp=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 - the zone follows
        lambda time: time.replace(microsecond=time.microsecond // 1000 * 1000, tzinfo=UTC)
    ),
    operation=st.text(max_size=5),
    txn_id=st.text(max_size=5),
    run=st.text(max_size=5),
    batch=st.text(max_size=5),
    captures=st.lists(st.text(max_size=9), max_size=3, unique=True).map(tuple),
    add=st.lists(refs, max_size=4, unique=True).map(lambda found: tuple(sorted(found))),
    remove=st.lists(refs, max_size=4, unique=True).map(lambda found: tuple(sorted(found))),
    replaces=st.booleans(),
    counts=st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
    parent_sha256=st.text(max_size=5),
    code=st.text(max_size=5),
    config_sha256=st.text(max_size=5),
    rearranges=st.booleans(),
)  # fmt: skip


@given(commits)
def test_an_entry_survives_the_round_trip(entry):
    assert delta.decode(entry.number, delta.encode(entry)) == entry


@pytest.mark.parametrize("data", [b"", b"{}", b"[]\n", b'{"commitInfo": {"inCommitTimestamp": 1}}\n', b"\xff", b"{"])
def test_an_entry_of_another_program_is_an_error(directory_store, data):
    directory_store.put(entry_key(0), data)
    with pytest.raises(CorruptError, match="entry 0"):
        log_of(directory_store).state()


def test_a_pack_path_that_is_not_its_hash_is_an_error(directory_store):
    commit(log_of(directory_store), [1])
    entry = directory_store.get(entry_key(0)).replace(b'"path":"', b'"path":"../../', 1)
    directory_store.put(entry_key(0), entry)
    with pytest.raises(CorruptError, match="entry 0"):
        log_of(directory_store).state()


def test_commit_times_increase_even_if_the_clock_does_not(directory_store):
    clock = Clock(step=timedelta(0))
    writer = log_of(directory_store, clock=clock)
    for number in range(3):
        commit(writer, [number])
    clock.now -= timedelta(days=3)
    commit(writer, [4])
    clock.now += timedelta(days=3, microseconds=3600)
    commit(writer, [5])
    times = [one.timestamp - START for one in log_of(directory_store).state().history]
    assert times == [timedelta(milliseconds=ms) for ms in (0, 1, 2, 3, 4)]


def test_dates_resolve_to_snapshots(directory_store):
    writer = log_of(directory_store)
    for number in range(4):
        commit(writer, [number])  # at 1:00, 2:00, 3:00, 4:00
    for reader in (writer, log_of(directory_store)):
        assert reader.as_of(START + timedelta(hours=1)) == 0
        assert reader.as_of(START + timedelta(hours=2, minutes=59)) == 1
        assert reader.as_of(START + timedelta(days=99)) == 3
        with pytest.raises(RefError, match="2026-01-01 01:00:00"):
            reader.as_of(START + timedelta(minutes=59))


def test_a_rebuild_replaces_everything(store):
    writer = log_of(store)
    commit(writer, [1, 2])
    commit(writer, [3])
    again = draft(store, 1, [1, 2, 4], key="captures/all", operation="rebuild", replaces=True)
    kept = draft(store, 1, [3]).add[0]  # a live pack that the rebuild writes again
    made = writer.append(replace(again, add=(*again.add, kept)), never)
    assert (made.replaces, len(made.remove)) == (True, 1)
    for reader in (writer, log_of(store)):
        assert row_ids(store, reader.state()) == ids([1, 2, 3, 4])
        assert reader.state().captures == {"captures/all"}
        assert len(reader.state().live("links")) == 1
        assert row_ids(store, reader.state(1)) == ids([1, 2, 3])


def test_a_rearrangement_replaces_packs_without_changing_rows(directory_store):
    writer = log_of(directory_store)
    commit(writer, [1])
    commit(writer, [2])
    old = writer.state().live("documents")
    whole = draft(directory_store, 1, [1, 2], tables=["documents"], captures=frozenset())
    writer.append(replace(whole, remove=old, rearranges=True, operation="compact"), never)
    lines = [json.loads(line) for line in directory_store.get(entry_key(2)).decode().splitlines()]
    assert [action.get("remove", action.get("add"))["dataChange"] for action in lines[1:]] == [False] * 3
    assert row_ids(directory_store, log_of(directory_store).state()) == ids([1, 2])
    assert len(log_of(directory_store).state().live("documents")) == 1
    with pytest.raises(StoreError, match="not live"):
        writer.append(replace(whole, base=2, remove=old), never)


def test_a_capture_is_consumed_once(directory_store):
    writer = log_of(directory_store)
    commit(writer, [1])
    with pytest.raises(StoreError, match="consumed already"):
        commit(writer, [1])
    assert writer.head() == 0


def test_the_index_can_be_lost_or_damaged(store, monkeypatch, caplog):
    monkeypatch.setattr(log, "INDEX_INTERVAL_COMMITS", 3)
    writer = log_of(store)
    for number in range(8):
        commit(writer, [number])
    expected = writer.state()
    assert [found.key[-12:] for found in store.list(INDEX_PREFIX)] == [
        "2.json.gz".rjust(12, "0"),
        "5.json.gz".rjust(12, "0"),
    ]
    assert log_of(store).state() == expected
    for damage in (b"", b"\x1f\x8bgarbage", states.encode(replace(expected, number=5, sha256="0" * 64))):
        store.put(f"{INDEX_PREFIX}{5:020}.json.gz", damage)
        assert log_of(store).state() == expected
        assert "cannot be used" in caplog.text
    for found in list(store.list("index/")):
        store.delete(found.key)
    for pointer in (b"{", b"{}", None):
        store.delete(LAST_CHECKPOINT_KEY) if pointer is None else store.put(LAST_CHECKPOINT_KEY, pointer)
        assert (log_of(store).head(), log_of(store).state()) == (7, expected)
    assert log_of(store).reindex() == expected
    assert log_of(store).state() == expected
    assert [found.key for found in store.list(INDEX_PREFIX)] == [f"{INDEX_PREFIX}{7:020}.json.gz"]


def test_a_writer_writes_the_index_that_another_could_not(directory_store, monkeypatch, caplog):
    monkeypatch.setattr(log, "INDEX_INTERVAL_COMMITS", 3)
    put = directory_store.put
    broken = log_of(directory_store)
    for number in range(4):
        if number == 1:
            monkeypatch.setattr(directory_store, "put", refuse_index(put))
        commit(broken, [number])
    assert "was not written" in caplog.text
    assert list(directory_store.list(INDEX_PREFIX)) == []
    monkeypatch.setattr(directory_store, "put", put)
    commit(log_of(directory_store), [9])
    assert [found.key for found in directory_store.list(INDEX_PREFIX)] == [f"{INDEX_PREFIX}{4:020}.json.gz"]


def refuse_index(put):
    def refusing(key, data):
        if key.startswith(INDEX_PREFIX) or "checkpoint" in key:
            raise StoreError("the disk is full")
        put(key, data)

    return refusing


def test_only_some_old_indexes_are_kept(directory_store, monkeypatch):
    monkeypatch.setattr(log, "INDEX_INTERVAL_COMMITS", 1)
    monkeypatch.setattr(log, "KEPT_INDEXES", 2)
    monkeypatch.setattr(log, "KEPT_INDEX_INTERVAL_COMMITS", 4)
    writer = log_of(directory_store)
    for number in range(12):
        commit(writer, [number], tables=["documents"])
    kept = [int(found.key[len(INDEX_PREFIX) :][:20]) for found in directory_store.list(INDEX_PREFIX)]
    assert kept == [0, 4, 8, 10, 11]
    named = (found.key.removeprefix(LOG_PREFIX) for found in directory_store.list(LOG_PREFIX))
    assert [int(name[:20]) for name in named if name.endswith(".checkpoint.parquet")] == kept
    for number in range(12):
        assert row_ids(directory_store, log_of(directory_store).state(number)) == ids(range(number + 1))


def test_a_gap_in_the_log_is_an_error(directory_store):
    writer = log_of(directory_store)
    for number in range(12):
        commit(writer, [number], tables=["documents"])
    directory_store.delete(entry_key(5))
    with pytest.raises(CorruptError, match="gap"):
        log_of(directory_store).state()


def test_an_entry_that_was_changed_breaks_the_chain(directory_store):
    writer = log_of(directory_store)
    for number in range(3):
        commit(writer, [number])
    entry = directory_store.get(entry_key(1))
    directory_store.put(entry_key(1), entry.replace(b'"batch":"0"', b'"batch":"1"'))
    with pytest.raises(CorruptError, match="entry 2"):
        log_of(directory_store).state()


def test_new_columns_are_committed_with_new_metadata(directory_store, monkeypatch):
    writer = log_of(directory_store)
    commit(writer, [1], tables=["documents"])
    wider = schemas.SCHEMAS["documents"].append(pa.field("region", pa.string()))
    monkeypatch.setitem(schemas.SCHEMAS, "documents", wider)
    made = commit(writer, [2], tables=["documents"])
    assert json.loads(made.metadata["schemaString"])["fields"][-1]["name"] == "region"
    assert made.metadata["id"] == log_of(directory_store).read(0).metadata["id"]
    assert commit(writer, [3], tables=["documents"]).metadata is None
    found = row_ids(directory_store, log_of(directory_store).state())
    assert found == ids([1, 2, 3])


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(["add", "replace", "compact"]), min_size=1, max_size=8), st.integers(1, 4))
def test_any_history_reads_the_same_with_and_without_the_index(tmp_path_factory, steps, interval):
    store = DirectoryStore(tmp_path_factory.mktemp("history"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log, "INDEX_INTERVAL_COMMITS", interval)
        writer = log_of(store)
        live, expected = set(), []
        for number, step in enumerate(steps):
            state = writer.state()
            if step == "add":
                live |= {number}
                commit(writer, [number])
            elif step == "replace":
                live = {number, number + 100}
                commit(writer, sorted(live), key=f"captures/{number}", replaces=True)
            else:
                made = draft(store, number - 1, sorted(live), tables=["documents"], captures=frozenset())
                add = made.add if live else ()
                writer.append(replace(made, add=add, remove=state.live("documents"), rearranges=True), never)
            expected.append(ids(live))
        for number, rows in enumerate(expected):
            assert row_ids(store, log_of(store).state(number)) == rows
        final = log_of(store).state()
        for found in list(store.list("index/")):
            store.delete(found.key)
        assert log_of(store).state() == final


def test_txn_ids_come_from_the_given_random_generator(tmp_path):
    drafts = []
    for name in ("a", "b"):
        store = DirectoryStore(tmp_path / name)
        commit(log_of(store, seed=7), [1])
        drafts.append(store.get(entry_key(0)))
    assert drafts[0] == drafts[1]


def test_the_log_names_the_tables_that_have_a_schema():
    assert tuple(SCHEMAS) == TABLE_NAMES


def test_listing_snapshots_loads_no_arrow():
    code = "import sys, flows.commands.snapshots; print([name for name in ('pyarrow', 'numpy') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
