"""Objects of a store that somebody else wrote: each is refused with its name, and costs little."""

import gzip
import hashlib
import io
import json
import time

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from articles.errors import CorruptError
from spiders.process.runs import read_run
from storage import profiles, quarantine
from storage.objects import json_objects
from storage.objects.json_objects import read_json
from storage.objects.memory_limit import memory_limited
from storage.snapshots import catalog, contents
from storage.tables import packs, state
from storage.tables.delta import decode
from storage.tables.file_ref import FileRef
from storage.tables.log_reader import LogReader, entry_key
from tests.flows.tables import log_of
from tests.storage import corpus, samples

DEEP = b"[" * 100_000 + b"]" * 100_000
MAX_SECONDS = 20.0


def pack_of(store, rows: pa.Table, table: str = "documents", claimed: int | None = None) -> FileRef:
    """Store a Parquet file as a pack."""
    sink = io.BytesIO()
    pq.write_table(rows, sink, compression="zstd", store_schema=False, row_group_size=10_000_000)
    data = sink.getvalue()
    ref = FileRef(table, hashlib.sha256(data).hexdigest(), rows.num_rows if claimed is None else claimed, len(data))
    store.put(ref.key, data)
    return ref


def repeated(text: str, count: int) -> pa.Table:
    """One long text in very many rows: a dictionary with one entry."""
    return pa.table({"row_id": pa.DictionaryArray.from_arrays(pa.array([0] * count, pa.int32()), pa.array([text]))})


def many_nulls(count: int) -> pa.Table:
    """One row with a list of very many nulls, which take no bytes."""
    return pa.table({"tags": pa.ListArray.from_arrays(pa.array([0, count], pa.int32()), pa.nulls(count, pa.string()))})


BOMBS = {
    "a text of a megabyte in 20,000 rows": lambda store: pack_of(store, repeated("x" * 1_000_000, 20_000)),
    "a list of 150 million nulls": lambda store: pack_of(store, many_nulls(150_000_000)),
    "more rows than its commit says": lambda store: pack_of(store, repeated("x", 10), claimed=9),
    "another schema": lambda store: pack_of(store, pa.table({"row_id": pa.array([[1]])})),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_pack_that_is_a_bomb_is_refused_with_its_name(directory_store, monkeypatch, name):
    monkeypatch.setattr(packs, "MAX_READ_MEMORY_BYTES", 500_000_000)
    ref = BOMBS[name](directory_store)
    before, start = psutil.Process().memory_info().rss, time.process_time()
    with pytest.raises(CorruptError, match=ref.sha256):
        packs.read(directory_store, ref)
    with pytest.raises(CorruptError, match=ref.sha256):
        packs.read(directory_store, ref, ("row_id", "tags"))
    assert time.process_time() - start < MAX_SECONDS
    assert psutil.Process().memory_info().rss - before < 1_000_000_000


def test_a_bomb_on_disk_is_refused_with_its_name(directory_store, monkeypatch, tmp_path):
    monkeypatch.setattr(packs, "MAX_READ_MEMORY_BYTES", 500_000_000)
    ref = BOMBS["a text of a megabyte in 20,000 rows"](directory_store)
    path = tmp_path / f"{ref.sha256}.parquet"
    directory_store.download(ref.key, path)
    with pytest.raises(CorruptError, match=ref.sha256):
        list(packs.batches(path, "documents"))


def test_a_pack_longer_than_its_commit_says_is_not_read_whole(directory_store, monkeypatch):
    ref = pack_of(directory_store, repeated("x", 10))
    directory_store.put(ref.key, directory_store.get(ref.key) + b"more")
    asked = []
    read = type(directory_store).get_range

    def get_range(store, key, start, length):
        asked.append(length)
        return read(store, key, start, length)

    monkeypatch.setattr(type(directory_store), "get_range", get_range)
    with pytest.raises(CorruptError, match=ref.sha256):
        packs.read(directory_store, ref)
    assert asked == [ref.size + 1]


def test_the_memory_limit_is_lifted_behind_the_block():
    with pytest.raises(MemoryError), memory_limited(50_000_000):
        bytearray(200_000_000)
    with memory_limited(50_000_000), memory_limited(400_000_000):
        bytearray(200_000_000)
    assert len(bytearray(200_000_000)) == 200_000_000


@pytest.mark.parametrize("data", [DEEP, b'{"a": ' * 50_000, b"\xff", b"[1", b"9" * 10_000])
def test_json_that_cannot_be_read_names_its_object(directory_store, data):
    directory_store.put("tags/one.json", data)
    with pytest.raises(CorruptError, match=r"tags/one\.json"):
        read_json(directory_store, "tags/one.json")
    for key, read in (
        ("quarantine/0000000000.json", quarantine.marks),
        ("profiles/in-force/0000000000.json", profiles.in_force),
        ("tags/one.json", catalog.tags),
        ("runs/one.json", lambda store: read_run(store, "runs/one.json")),
    ):
        directory_store.put(key, data)
        with pytest.raises(CorruptError, match=key.replace(".", r"\.")):
            read(directory_store)


@pytest.mark.parametrize("value", [b"[]", b"1", b"null", b'{"a": 1}', b'[{"outlet": []}]', b"[[1, 2]]"])
def test_json_of_another_form_is_refused(directory_store, value):
    directory_store.put("tags/one.json", value)
    with pytest.raises(CorruptError, match="tag one"):
        catalog.tags(directory_store)
    directory_store.put("quarantine/0000000000.json", value)
    if value != b"[]":
        with pytest.raises(CorruptError, match="quarantine/"):
            quarantine.marks(directory_store)
    directory_store.put("profiles/in-force/0000000000.json", value)
    if not value.startswith(b"{"):
        with pytest.raises(CorruptError, match="profiles/"):
            profiles.in_force(directory_store)


def test_an_object_that_is_too_large_is_not_read(directory_store, monkeypatch):
    monkeypatch.setattr(json_objects, "MAX_JSON_BYTES", 100)
    directory_store.put("tags/one.json", b" " * 1_000)
    with pytest.raises(CorruptError, match=r"tags/one\.json has over 100 bytes"):
        json_objects.get_bounded(directory_store, "tags/one.json", json_objects.MAX_JSON_BYTES)


@pytest.fixture
def written(directory_store):
    corpus.add(log_of(directory_store), [corpus.Sighting(1, samples.document(1, title="A title"))])
    return directory_store


def entry(store):
    return [json.loads(line) for line in store.get(entry_key(0)).splitlines()]


def changed(store, change):
    """The first log entry after a change of its actions."""
    actions = entry(store)
    change(actions)
    return "\n".join(map(json.dumps, actions)).encode()


CHANGES = {
    "a table that we do not have": lambda actions: actions[0]["commitInfo"]["irtysh"]["files"].update(
        {"../x": [{"path": f"../x/{'0' * 64}.parquet", "sha256": "0" * 64, "rows": 1, "size": 1}]}
    ),
    "a name that is no hash": lambda actions: actions[0]["commitInfo"]["irtysh"]["files"].update(
        {"links": [{"path": "links/a/b.parquet", "sha256": "a/b", "rows": 1, "size": 1}]}
    ),
    "a size that is no number": lambda actions: actions[0]["commitInfo"]["irtysh"]["files"].update(
        {"links": [{"path": f"links/{'0' * 64}.parquet", "sha256": "0" * 64, "rows": "1", "size": 1}]}
    ),
    "a year beyond all years": lambda actions: actions[0]["commitInfo"].update({"inCommitTimestamp": 10**300}),
    "an infinite time": lambda actions: actions[0]["commitInfo"].update({"inCommitTimestamp": float("inf")}),
    "statistics that are deep": lambda actions: [
        action["add"].update({"stats": DEEP.decode()}) for action in actions if "add" in action
    ],
}

# Values that no entry, index or record of ours has, wherever they stand
ODD: tuple[object, ...] = (None, True, -1, 10**30, "../../x", [], {}, [[]], {"a": {"b": []}})
PLACES = (
    ("commitInfo", "irtysh", "counts"), ("commitInfo", "irtysh", "counts", "pages"), ("commitInfo", "irtysh", "config_sha256"),
    ("commitInfo", "irtysh", "run"), ("commitInfo", "irtysh", "segments"), ("commitInfo", "irtysh", "replaces"),
    ("commitInfo", "irtysh", "files"), ("commitInfo", "operation"), ("commitInfo", "txnId"), ("commitInfo",),
)  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_odd_values_in_a_log_entry_are_refused_or_harmless(written, place):
    for odd in ODD:
        data = changed(written, lambda actions, odd=odd: set_at(actions[0], place, odd))
        try:
            commit = decode(0, data)
        except CorruptError:
            continue
        assert isinstance(commit.config_sha256, str)
        assert all(isinstance(key, str) for key in (commit.run, commit.operation, *commit.captures))
        assert sum(tally.get("kept", 0) for tally in commit.counts.get("pages", {}).values()) >= 0


@pytest.mark.parametrize("place", ["number", "sha256", "files", "captures", "history", "metadata", "needs", "left_out"])
def test_odd_values_in_an_index_are_refused_or_harmless(written, place):
    log = log_of(written)
    content = json.loads(gzip.decompress(state.encode(log.state())))
    refs = [["../../x", 1, 1]], [["0" * 64, 10**30, 1]], [["0" * 64, 1, 1, "../x"]]
    for odd in (*ODD, *({"documents": ref} for ref in refs), {"../..": [["0" * 64, 1, 1]]}):
        try:
            found = state.decode(gzip.compress(json.dumps({**content, place: odd}).encode()))
        except CorruptError:
            continue
        assert found.number == len(found.history) - 1 == 0
        assert all(isinstance(key, str) for key in (*found.captures, *found.left_out, *found.needs))
        assert all(ref.sha256.isalnum() and ref.size < 10**18 for name in found.files for ref in found.live(name))


def set_at(value, place, odd):
    for step in place[:-1]:
        value = value[step]
    value[place[-1]] = odd


def test_takedowns_in_a_circle_are_refused(written):
    log = log_of(written)
    (ref,) = log.state().live("documents")
    other = "1" * 64
    files = {"documents": {ref.sha256: [other, 1, 1], other: [ref.sha256, 1, 1]}}
    record = {"when": "2026-11-01T00:00:00+00:00", "why": "x", "rows": 1, "files": files, "segments": {}}
    written.put("redactions/0000000000.json", json.dumps(record).encode())
    with pytest.raises(CorruptError, match="circle"):
        LogReader(written).state()
    record["files"] = {"documents": {ref.sha256: ["../../x", 1, 1]}}
    written.put("redactions/0000000000.json", json.dumps(record).encode())
    with pytest.raises(CorruptError, match=r"redactions/0000000000\.json"):
        LogReader(written).state()


@pytest.mark.parametrize("name", CHANGES)
def test_a_log_entry_that_we_did_not_write_is_refused(written, name):
    data = changed(written, CHANGES[name])
    with pytest.raises(CorruptError):
        decode(0, data)
    written.put(entry_key(0), data)
    with pytest.raises(CorruptError):
        LogReader(written).state()


def test_a_log_entry_of_deep_json_is_refused(written):
    written.put(entry_key(0), DEEP)
    with pytest.raises(CorruptError, match="log entry 0"):
        LogReader(written).state()


def test_an_index_that_is_a_bomb_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(state, "MAX_UNPACKED_BYTES", 1_000_000)
    with pytest.raises(CorruptError, match="over 1,000,000 bytes"):
        state.decode(gzip.compress(b" " * 50_000_000))
    for data in (b"", b"\x1f\x8b", gzip.compress(DEEP), gzip.compress(b"{}")[:-4], gzip.compress(b"{}") * 2):
        with pytest.raises(CorruptError):
            state.decode(data)


def test_a_row_that_we_did_not_write_names_its_pack(written):
    log = log_of(written)
    found = log.state()
    (ref,) = found.live("documents")
    rows = packs.read(written, ref)
    for column, value in (("url", "no URL"), ("topic_verdict", "perhaps"), ("title", None), ("paragraphs", None)):
        place = rows.column_names.index(column)
        kind = rows.schema.field(column).type
        forged = pack_of(written, rows.set_column(place, column, pa.array([value], kind)))
        files = {**found.files, "documents": {forged.sha256: forged}}
        with pytest.raises(CorruptError, match=forged.sha256):
            contents.load(written, state.State(found.number, found.sha256, files, found.captures, found.history))
