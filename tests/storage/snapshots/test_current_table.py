"""DuckDB and Polars alone count the articles of the current view, and read the texts, that `pull` writes."""

import json

import deltalake
import duckdb
import polars as pl
import pytest

from storage.export.formats import PullFormat
from storage.export.pull import pull
from storage.export.selection import Selection
from storage.snapshots import current_table
from storage.snapshots.contents import keep_view
from storage.tables.log_reader import LogReader
from tests.storage import corpus
from tests.storage.history import log_of
from tests.storage.tables.test_delta_readers import EXTENSION

WHERE = "representative AND topic_verdict = 'accept'"


@pytest.fixture
def duck():
    with duckdb.connect(config={"allow_unsigned_extensions": "true"}) as connection:
        connection.execute(f"LOAD '{EXTENSION}'")
        yield connection


@pytest.mark.parametrize("rows_per_bucket", [2_000, 0])
def test_duckdb_and_polars_alone_see_what_pull_writes(
    directory_store,
    tmp_path,
    duck,
    monkeypatch,
    rows_per_bucket,
):
    monkeypatch.setattr(current_table, "ROWS_PER_BUCKET", rows_per_bucket)
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
    assert current_table.newest(directory_store).version == 2


def test_the_current_table_is_made_again_where_it_is_damaged(directory_store):
    log = log_of(directory_store)
    corpus.build(log)
    keep_view(directory_store, log.state(0))
    for info in list(directory_store.list(current_table.LOG_PREFIX)):
        directory_store.put(info.key, b"{}")
    keep_view(directory_store, log.state(2))
    assert current_table.newest(directory_store).snapshot == 2
    assert pl.scan_delta(f"{directory_store.root}/index/current").collect().height > 0
