"""`documents` is a Delta Lake table: deltalake, Polars and DuckDB read every version without Irtysh."""

from pathlib import Path

import deltalake
import duckdb
import duckdb_extension_delta
import polars as pl
import pyarrow as pa
import pytest
from deltalake.exceptions import CommitFailedError

from storage.tables import log, packs, schemas
from storage.tables.listed import LOG_PREFIX
from tests.storage import samples
from tests.storage.history import commit, draft, ids, log_of, never

EXTENSION = next(Path(duckdb_extension_delta.__file__).parent.glob("extensions/*/delta.duckdb_extension"))


@pytest.fixture(scope="module")
def duck():
    with duckdb.connect(config={"allow_unsigned_extensions": "true"}) as connection:
        connection.execute(f"LOAD '{EXTENSION}'")
        yield connection


def by_deltalake(url, version, options=None):
    table = deltalake.DeltaTable(url, version=version, storage_options=options)
    return sorted(table.to_pyarrow_table().to_pylist(), key=row_id)


def by_polars(url, version, options=None):
    return sorted(pl.scan_delta(url, version=version, storage_options=options).collect().to_dicts(), key=row_id)


def by_duckdb(duck, url, version, columns):
    at = "" if version is None else f", version={version}"
    return sorted(duck.execute(f"SELECT {columns} FROM delta_scan('{url}'{at})").fetchall())  # noqa: S608 - our own URL


def row_id(row):
    return row["row_id"]


def build(store):
    """Write eleven commits and three checkpoints, with a rebuild and a rearrangement; return the rows at each version."""
    writer = log_of(store)
    live, expected = [], []
    for number in range(11):
        if number == 5:
            live = [1, 2, 50]
            commit(writer, live, key="captures/all", replaces=True, operation="rebuild")
        elif number == 8:
            old = writer.state().live("documents")
            made = draft(store, 7, live, tables=["documents"], captures=frozenset(), remove=old, rearranges=True)
            writer.append(made, never)
        else:
            live = [*live, 2 * number, 2 * number + 1] if number not in {0, 1} else [*live, 100 + number]
            commit(writer, live[-2:] if number > 1 else live[-1:])
        expected.append(sorted((samples.row(n) for n in live), key=row_id))
    return expected


def test_three_engines_read_every_version(directory_store, monkeypatch, duck):
    monkeypatch.setattr(log, "INDEX_INTERVAL_COMMITS", 3)
    expected = build(directory_store)
    url = str(directory_store.root / "documents")
    assert len([found for found in directory_store.list(LOG_PREFIX) if "checkpoint.parquet" in found.key]) == 3
    for version, rows in enumerate(expected):
        assert by_deltalake(url, version) == rows
        assert by_polars(url, version) == rows
        assert by_duckdb(duck, url, version, "row_id, text, authors") == [
            (row["row_id"], row["text"], row["authors"]) for row in rows
        ]
    assert by_deltalake(url, None) == expected[-1]
    assert by_polars(url, None) == expected[-1]
    assert by_duckdb(duck, url, None, "count(*)") == [(len(expected[-1]),)]


def test_engines_read_a_table_after_reindexing(directory_store, monkeypatch, duck):
    expected = build(directory_store)
    for found in list(directory_store.list(LOG_PREFIX)):
        if "checkpoint" in found.key:
            directory_store.delete(found.key)
    log_of(directory_store).reindex()
    url = str(directory_store.root / "documents")
    for version in (0, 7, 10):
        assert by_deltalake(url, version) == expected[version]
        assert by_polars(url, version) == expected[version]
    assert by_duckdb(duck, url, None, "count(*)") == [(len(expected[-1]),)]


def test_engines_read_the_table_on_s3(s3_store, s3_server, monkeypatch):
    monkeypatch.setattr(log, "INDEX_INTERVAL_COMMITS", 3)
    expected = build(s3_store)
    options = {
        "AWS_ENDPOINT_URL": s3_server.endpoint,
        "AWS_ACCESS_KEY_ID": s3_server.access_key,
        "AWS_SECRET_ACCESS_KEY": s3_server.secret_key,
        "AWS_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
    }
    for version in (0, 4, 5, 10):
        assert by_deltalake(s3_store.url + "/documents", version, options) == expected[version]
    assert by_polars(s3_store.url + "/documents", 8, options) == expected[8]


def test_other_writers_refuse_the_table(directory_store):
    commit(log_of(directory_store), [1])
    url = str(directory_store.root / "documents")
    rows = packs.make_table("documents", [samples.row(2)])
    with pytest.raises(CommitFailedError, match="InCommitTimestamp"):
        deltalake.write_deltalake(url, rows, mode="append")
    with pytest.raises(CommitFailedError, match="InCommitTimestamp"):
        deltalake.DeltaTable(url).delete("lang = 'en'")
    assert log_of(directory_store).head() == 0


def test_engines_show_the_times_of_versions(directory_store):
    build(directory_store)
    history = deltalake.DeltaTable(str(directory_store.root / "documents")).history()
    ours = [round(one.timestamp.timestamp() * 1000) for one in log_of(directory_store).state().history]
    assert [entry["timestamp"] for entry in reversed(history)] == ours


def test_engines_read_null_where_an_older_pack_lacks_a_column(directory_store, monkeypatch, duck):
    writer = log_of(directory_store)
    commit(writer, [1], tables=["documents"])
    wider = schemas.SCHEMAS["documents"].append(pa.field("region", pa.string()))
    monkeypatch.setitem(schemas.SCHEMAS, "documents", wider)
    (ref,) = packs.write(directory_store, "documents", [samples.row(2) | {"region": "north"}])
    writer.append(draft(directory_store, 0, [2], add=(ref,)), never)
    url = str(directory_store.root / "documents")
    expected = [{"row_id": next(iter(ids([1]))), "region": None}, {"row_id": next(iter(ids([2]))), "region": "north"}]
    expected.sort(key=row_id)
    assert [{name: row[name] for name in ("row_id", "region")} for row in by_deltalake(url, 1)] == expected
    assert [{name: row[name] for name in ("row_id", "region")} for row in by_polars(url, 1)] == expected
    assert by_duckdb(duck, url, None, "row_id, region") == [(row["row_id"], row["region"]) for row in expected]


def test_readers_need_no_feature(directory_store):
    """So that Spark and others, which are not tested here, read it by version 1 of the protocol."""
    commit(log_of(directory_store), [1], tables=["documents"])
    found = deltalake.DeltaTable(f"{directory_store.root}/documents")
    assert (found.protocol().min_reader_version, found.protocol().reader_features) == (1, None)
    assert found.metadata().configuration == {"delta.enableInCommitTimestamps": "true"}
    assert found.metadata().partition_columns == []
