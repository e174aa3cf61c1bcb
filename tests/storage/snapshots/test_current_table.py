"""DuckDB and Polars alone count the articles of the current view, and read the texts, that `pull` writes."""

import contextlib
import io
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import deltalake
import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from articles.errors import CorruptError, StoreError
from articles.model import Purpose
from flows.listener import SilentListener
from flows.takedown import takedown
from storage.export.formats import PullFormat
from storage.export.pull import pull
from storage.export.selection import Selection
from storage.objects.directory import DirectoryStore
from storage.snapshots import current_log, current_table, view_advance
from storage.snapshots.contents import keep_view, load_tables
from storage.snapshots.gc import ENTRIES_KEPT, gc
from storage.snapshots.mend_log import mend_log
from storage.snapshots.verify_layers import check_layers
from storage.snapshots.view_code import VIEWS_PREFIX
from storage.snapshots.view_layers import StoredView
from storage.tables.log_reader import LogReader, entry_key
from tests.storage import corpus, samples
from tests.storage.history import log_of
from tests.storage.snapshots.test_stored_views import PACKS, History, commits
from tests.storage.tables.test_delta_readers import EXTENSION

if TYPE_CHECKING:
    from storage.snapshots.current_log import CurrentFile
    from storage.snapshots.layer_tables import MadeLayer

SEEN_EARLIER = (0, 2, "", Purpose.PAGE, "", 0)  # the third row, on a day before all others: it moves to another file


def _row(number):
    return f"a{number}", "", "", "", "orda", f"k{number}", False, 0


WHERE = "representative AND topic_verdict = 'accept'"


@pytest.fixture
def duck():
    with duckdb.connect(config={"allow_unsigned_extensions": "true"}) as connection:
        connection.execute(f"LOAD '{EXTENSION}'")
        yield connection


@pytest.mark.parametrize("rows_per_file", [2_000, 1])
def test_duckdb_and_polars_alone_see_what_pull_writes(
    directory_store,
    tmp_path,
    duck,
    monkeypatch,
    rows_per_file,
):
    monkeypatch.setattr(current_table, "ROWS_PER_FILE", rows_per_file)
    log = log_of(directory_store)
    corpus.build(log)
    root = directory_store.root
    for number in range(3):
        keep_view(directory_store, log.state(number))
        target = tmp_path / f"{number}.jsonl"
        selection = Selection(with_duplicates=True, with_review=True)
        pull(
            LogReader(directory_store), number, target, form=PullFormat.JSONL, selection=selection, since=None,
            progress=lambda *_: None,
        )  # fmt: skip
        pulled = [json.loads(line) for line in target.read_text().splitlines()]
        expected = sorted(
            (one["document_id"], one["row_id"], one["canonical_url"], one["cluster_id"]) for one in pulled
        )
        columns = ("document_id", "row_id", "url", "cluster_id")
        found = duck.execute(f"SELECT {', '.join(columns)} FROM delta_scan('{root}/index/current')").fetchall()  # noqa: S608
        assert sorted(found) == expected
        protocol = deltalake.DeltaTable(f"{root}/index/current").protocol()
        assert (protocol.min_reader_version, protocol.reader_features) == (1, None)
        table = pl.scan_delta(f"{root}/index/current")
        assert sorted(table.select(columns).collect().rows()) == expected
        texts = duck.execute(
            f"SELECT text FROM delta_scan('{root}/documents') WHERE row_id IN "  # noqa: S608
            f"(SELECT row_id FROM delta_scan('{root}/index/current') WHERE {WHERE})"
        ).fetchall()
        default = [one["text"] for one in pulled if one["representative"] and one["topic_verdict"] == "accept"]
        assert sorted(text for (text,) in texts) == sorted(default)
    assert current_log.newest(directory_store).version == 2


@settings(max_examples=20)
@example([([_row(number) for number in range(3)], [], []), ([], [SEEN_EARLIER], [])], 1)
@given(commits, st.integers(1, 4))
def test_a_table_that_is_advanced_holds_the_rows_of_one_that_is_made_from_the_whole_view(drawn, rows_per_file):
    made = History()
    parts: tuple[MadeLayer, ...] = ()
    files: dict[str, CurrentFile] = {}
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(current_table, "ROWS_PER_FILE", rows_per_file)
        store = DirectoryStore(Path(folder))
        for number, changes in enumerate(drawn):
            before = StoredView(parts)
            parts = (*parts, view_advance.advanced(before, made.commit(*changes), number, PACKS))
            changed = parts[-1].articles.to_pylist()
            files = current_table.advanced(store, files, changed, before, StoredView(parts))
            found, whole = (
                [store.get(file.key) for _, file in sorted(one.items())]
                for one in (files, current_table.written(store, StoredView(parts)))
            )
            rows, expected = (
                pa.concat_tables(pq.read_table(io.BytesIO(data)) for data in one) if one else None
                for one in (found, whole)
            )
            assert rows == expected  # in the same order: no file overlaps another
            assert all(0 < file.rows <= rows_per_file for file in files.values())


def test_delta_readers_start_from_a_checkpoint_and_gc_removes_what_it_replaces(directory_store, duck, monkeypatch):
    monkeypatch.setattr(current_log, "CHECKPOINT_EVERY", 2)
    log = log_of(directory_store)
    for number in range(6):
        corpus.add(log, [corpus.Sighting(number, samples.document(number), hour=number)])
        keep_view(directory_store, log.state())
    gc(log, datetime.now(UTC) + ENTRIES_KEPT - timedelta(days=1), dry_run=False)
    entries, checkpoints = current_log.versions(directory_store)
    assert (sorted(entries), sorted(checkpoints)) == ([0, 1, 2, 3, 4, 5], [2, 4])  # for a gc that knows no checkpoints
    gc(log, datetime.now(UTC) + ENTRIES_KEPT + timedelta(days=1), dry_run=False)
    names = sorted(path.name for path in (directory_store.root / current_log.LOG_PREFIX).iterdir())
    assert names == [f"{4:020}.checkpoint.parquet", f"{4:020}.json", f"{5:020}.json"]
    root = f"{directory_store.root}/index/current"
    counted = duck.execute(f"SELECT count(*), count(DISTINCT row_id) FROM delta_scan('{root}')").fetchall()  # noqa: S608
    assert counted == [(6, 6)]
    assert pl.scan_delta(root).collect().height == 6
    assert current_log.newest(directory_store).version == 5
    assert not list(check_layers(directory_store, log.state()))


def test_a_table_whose_log_has_a_gap_is_made_again(directory_store):
    log = log_of(directory_store)
    corpus.build(log)
    for number in range(3):
        keep_view(directory_store, log.state(number))
    directory_store.delete(f"{current_log.LOG_PREFIX}{1:020}.json")
    assert [found.key for found in check_layers(directory_store, log.state())] == [current_log.CURRENT_PREFIX]
    corpus.add(log, [corpus.Sighting(9, samples.document(9), hour=9)])
    keep_view(directory_store, log.state())
    assert current_log.newest(directory_store).version == 0
    assert not list(check_layers(directory_store, log.state()))


def test_the_current_table_is_made_again_where_it_is_damaged(directory_store):
    log = log_of(directory_store)
    corpus.build(log)
    keep_view(directory_store, log.state(0))
    for info in list(directory_store.list(current_log.LOG_PREFIX)):
        directory_store.put(info.key, b"{}")
    keep_view(directory_store, log.state(2))
    assert current_log.newest(directory_store).snapshot == 2
    assert pl.scan_delta(f"{directory_store.root}/index/current").collect().height > 0


def _add(log, *numbers):
    for number in numbers:
        corpus.add(log, [corpus.Sighting(number, samples.document(number), hour=number)])
        keep_view(log.store, log.state())


def _urls(store):
    return sorted(pl.scan_delta(f"{store.root}/index/current").collect()["url"].to_list())


def _is_whole(store, log):
    viewed = load_tables(store, log.state()).documents["url"].to_pylist()
    return _urls(store) == sorted(viewed) and not list(check_layers(store, log.state()))


@pytest.mark.parametrize("last_before", ["put_once", "append"])
def test_a_writer_beside_a_takedown_leaves_nothing_of_its_articles(directory_store, monkeypatch, last_before):
    log = log_of(directory_store)
    _add(log, 0, 1)
    url = _urls(directory_store)[0]
    write = getattr(current_table, last_before)
    taken: list[str] = []

    def late(*given):
        if not taken:
            taken.append(url)
            takedown(
                directory_store,
                [url],
                "order",
                clock=lambda: datetime.now(UTC),
                rng=random.Random(1),  # noqa: S311  no secret
                listener=SilentListener(),
            )
        return write(*given)

    monkeypatch.setattr(current_table, last_before, late)
    _add(log, 2)
    assert taken
    assert not list(directory_store.list(current_log.CURRENT_PREFIX))
    log = log_of(directory_store)
    _add(log, 3)
    assert url not in _urls(directory_store)
    assert _is_whole(directory_store, log)


def test_a_table_of_a_lost_snapshot_is_made_again(directory_store):
    log = log_of(directory_store)
    _add(log, 0, 1)
    log.store.delete(entry_key(1))
    list(mend_log(log_of(directory_store)))
    table = {info.key: directory_store.get(info.key) for info in directory_store.list(current_log.CURRENT_PREFIX)}
    log = log_of(directory_store)
    keep_view(directory_store, log.state())
    assert _is_whole(directory_store, log)
    _add(log, 7)
    current_table.clear(directory_store)
    for key, data in table.items():
        directory_store.put(key, data)
    assert [found.what for found in check_layers(directory_store, log.state())] == [
        "does not match the log entry of its snapshot"
    ]
    _add(log, 8)
    assert _is_whole(directory_store, log)


@pytest.mark.parametrize(("kept", "filler", "version"), [(0, 0, 2), (1, 0, 0), (0, 1, 0)])
def test_a_lost_or_damaged_file_is_made_again(directory_store, kept, filler, version):
    log = log_of(directory_store)
    _add(log, 0, 1)
    (key,) = current_table.files_in_use(directory_store)
    data = directory_store.get(key)
    directory_store.delete(key)
    if kept or filler:
        directory_store.put(key, data[:kept] + b"?" * filler * len(data))
    assert [found.key for found in check_layers(directory_store, log.state())] == [key]
    _add(log, 2)
    assert current_log.newest(directory_store).version == version  # a lost file is mended without rights to delete
    assert _is_whole(directory_store, log)


def test_a_worker_that_may_not_delete_lists_nothing_of_a_takedown_and_gc_deletes_it(directory_store, monkeypatch):
    log = log_of(directory_store)
    _add(log, 0, 1)
    with monkeypatch.context() as patched:
        editions = iter(["of before", "of after", "of after"])
        patched.setattr(current_table, "edition", lambda _: next(editions))
        patched.setattr(current_table, "clear", lambda _: None)
        _add(log, 2)
    assert current_log.newest(directory_store).snapshot == 1
    directory_store.delete(f"{current_log.LOG_PREFIX}{0:020}.json")
    gc(log, datetime.now(UTC) + timedelta(days=2), dry_run=False)
    assert not list(directory_store.list(current_log.CURRENT_PREFIX))


def test_a_damaged_view_does_not_delete_a_sound_table(directory_store):
    log = log_of(directory_store)
    _add(log, 0)
    for info in list(directory_store.list(VIEWS_PREFIX)):
        if info.key.endswith(".parquet"):
            directory_store.delete(info.key)
    before = _urls(directory_store)
    _add(log, 1)
    assert _urls(directory_store) == before


@pytest.mark.parametrize("deleted", [1, 3, 5, 7])
def test_an_interrupted_clear_leaves_no_table_that_counts_as_sound(directory_store, monkeypatch, deleted):
    monkeypatch.setattr(current_table, "ROWS_PER_FILE", 1)
    monkeypatch.setattr(current_log, "CHECKPOINT_EVERY", 2)
    log = log_of(directory_store)
    _add(log, 0, 1, 2, 3)
    delete, left = DirectoryStore.delete, [None] * deleted

    def interrupted(store, key):
        if not left:
            raise StoreError("interrupted")
        left.pop()
        delete(store, key)

    with monkeypatch.context() as patched, contextlib.suppress(StoreError):
        patched.setattr(DirectoryStore, "delete", interrupted)
        current_table.clear(directory_store)
    with contextlib.suppress(CorruptError):  # a gap in the log
        assert current_log.is_complete(directory_store, current_log.newest(directory_store))
    _add(log, 4)
    assert _is_whole(directory_store, log)


def test_gc_keeps_the_entries_that_a_damaged_or_missing_checkpoint_should_replace(directory_store, monkeypatch):
    monkeypatch.setattr(current_log, "CHECKPOINT_EVERY", 2)
    log = log_of(directory_store)
    _add(log, 0, 1, 2)
    key = f"{current_log.LOG_PREFIX}{2:020}.checkpoint.parquet"
    data = directory_store.get(key)
    directory_store.put(key, b"PAR1" + data[4:-40])
    assert [found.key for found in check_layers(directory_store, log.state())] == [key]
    gc(log, datetime.now(UTC) + 2 * ENTRIES_KEPT, dry_run=False)
    assert sorted(current_log.versions(directory_store)[0]) == [0, 1, 2]
    directory_store.delete(key)  # as by a writer that died before it wrote it
    _add(log, 3)
    assert sorted(current_log.versions(directory_store)[1]) == [3]
    assert _is_whole(directory_store, log)


def test_a_table_of_other_columns_is_made_again_with_its_own(directory_store, monkeypatch):
    log = log_of(directory_store)
    with monkeypatch.context() as patched:
        for module in (current_log, current_table):
            patched.setattr(
                module, "SCHEMA", pa.schema([field for field in current_log.SCHEMA if field.name != "gone"])
            )
        _add(log, 0)
        assert "gone" not in pl.scan_delta(f"{directory_store.root}/index/current").collect_schema().names()
    _add(log, 1)
    table = pl.scan_delta(f"{directory_store.root}/index/current").collect()
    assert table.schema.names() == current_log.SCHEMA.names
    assert _is_whole(directory_store, log)
