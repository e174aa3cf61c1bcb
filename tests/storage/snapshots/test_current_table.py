"""DuckDB and Polars alone count the articles of the current view, and read the texts, that `pull` writes."""

import io
import json
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

from articles.model import Purpose
from storage.export.formats import PullFormat
from storage.export.pull import pull
from storage.export.selection import Selection
from storage.objects.directory import DirectoryStore
from storage.snapshots import current_log, current_table, view_advance
from storage.snapshots.contents import keep_view
from storage.snapshots.gc import gc
from storage.snapshots.verify_layers import check_layers
from storage.snapshots.view_layers import StoredView
from storage.tables.log_reader import LogReader
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
    gc(log, datetime.now(UTC) + timedelta(days=2), dry_run=False)
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
