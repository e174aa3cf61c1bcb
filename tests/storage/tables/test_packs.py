"""Packs: the same rows give the same bytes, damage is an error, and objects survive the round trip."""

import hashlib
import io
import os
import time
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.errors import CorruptError, DeniedError, MissingError, StoreError
from articles.links.fingerprint import row_id, sketch, text_sha256, version_key
from articles.model import Discovery, Link, LinkKind, Purpose
from storage.objects.directory import DirectoryStore
from storage.tables import packs
from storage.tables import rows as table_rows
from storage.tables.file_ref import FileRef
from storage.tables.packs import batches, encode, make_table, read, read_all, write
from storage.tables.schemas import HEAD_COLUMNS, SCHEMAS, SORT_ORDER, TEXT_COLUMNS
from tests.storage import history, samples


@pytest.mark.parametrize("table", SCHEMAS)
def test_every_table_survives_the_round_trip(store, table):
    rows = samples.any_rows(table)
    (ref,) = write(store, table, rows)
    assert (ref.table, ref.rows, ref.key) == (table, 3, f"{table}/{ref.sha256}.parquet")
    assert ref.size == len(store.get(ref.key))
    assert hashlib.sha256(store.get(ref.key)).hexdigest() == ref.sha256
    found = read(store, ref)
    assert found.schema == SCHEMAS[table]
    expected = make_table(table, rows).sort_by([(name, "ascending") for name in SORT_ORDER[table]])
    assert found.to_pylist() == expected.to_pylist()
    assert all(row[name] is not None for row in found.to_pylist() for name in found.column_names)


@given(samples.documents)
def test_a_document_survives_the_round_trip(document):
    row = table_rows.document_row(
        document, samples.capture(1), row_id=row_id(document), version_key=version_key(document), extractor="x"
    )
    ((_, data),) = encode("documents", make_table("documents", [row]))
    (back,) = pq.read_table(io.BytesIO(data)).to_pylist()
    assert table_rows.document_of(back) == document
    assert (back["captured"], back["http_status"], back["run"]) == (samples.capture(1).fetched, 200, "run")
    assert back["text_sha256"] == text_sha256(document.text)


@given(st.text(max_size=50))
def test_a_sketch_survives_the_round_trip(text):
    before = sketch(text)
    ((_, data),) = encode("sketches", make_table("sketches", [table_rows.sketch_row("0", before)]))
    (after,) = table_rows.sketches_of(pq.read_table(io.BytesIO(data)))
    assert (after.shingles, after.whole, after.hashes.dtype) == (before.shingles, before.whole, before.hashes.dtype)
    assert list(after.hashes) == list(before.hashes)


def test_links_and_fetches_survive_the_round_trip():
    link = Link(LinkKind.TRANSLATION, "a", "b", 0.5, "hreflang")
    assert table_rows.link_of(table_rows.link_row(link)) == link
    found = Discovery("Feed:https://n.example/feed", "https://n.example/feed?page=2", "Tue, 03 Sep 2024 10:00:00 +0500")
    fetch = replace(samples.fetch(3, rows=["r1", "r2"], reason=""), purpose=Purpose.ENTRY, discovery=found)
    row = make_table("fetches", [table_rows.fetch_row(fetch)]).to_pylist()[0]
    assert table_rows.fetch_of(row) == fetch
    assert row["purpose"] == "entry"


@settings(max_examples=25)
@given(st.permutations(range(40)), st.integers(1, 39))
def test_the_order_of_rows_and_chunks_does_not_change_the_bytes(order, cut):
    rows = [samples.row(number, outlet="ab"[number % 2] + ".example") for number in range(40)]
    shuffled = [rows[number] for number in order]
    parts = pa.concat_tables([make_table("documents", shuffled[:cut]), make_table("documents", shuffled[cut:])])
    assert list(encode("documents", parts)) == list(encode("documents", make_table("documents", rows)))


@pytest.mark.parametrize("table", SCHEMAS)
def test_rows_of_every_table_are_sorted(table):
    rows = samples.any_rows(table, 8)
    assert list(encode(table, make_table(table, rows[::-1]))) == list(encode(table, make_table(table, rows)))


def test_large_tables_become_several_packs(directory_store, monkeypatch):
    rows = [samples.row(number, text=hashlib.shake_256(b"%d" % number).hexdigest(2000)) for number in range(64)]
    whole = make_table("documents", rows)
    monkeypatch.setattr(packs, "MAX_PACK_MEMORY_BYTES", whole.nbytes // 3)
    refs = write(directory_store, "documents", rows)
    assert [ref.rows for ref in refs] == [16, 16, 16, 16]
    assert (
        read_all(directory_store, refs, "documents").to_pylist()
        == whole.sort_by([(name, "ascending") for name in SORT_ORDER["documents"]]).to_pylist()
    )
    monkeypatch.setattr(packs, "MAX_PACK_MEMORY_BYTES", 1 << 30)
    monkeypatch.setattr(packs, "MAX_PACK_BYTES", 60_000)
    refs = write(directory_store, "documents", rows)
    assert len(refs) > 1
    assert all(ref.size <= 60_000 for ref in refs)
    assert sum(ref.rows for ref in refs) == 64
    monkeypatch.setattr(packs, "MAX_PACK_BYTES", 10)
    assert len(write(directory_store, "documents", rows[:3])) == 3  # a single row is never cut


def test_without_rows_there_is_no_pack(directory_store):
    assert write(directory_store, "links", []) == ()
    assert read_all(directory_store, [], "links").schema == SCHEMAS["links"]
    assert read_all(directory_store, [], "documents", ["url"]).column_names == ["url"]


def test_head_columns_are_read_without_the_texts(store, monkeypatch):
    rows = [samples.row(number, text=hashlib.shake_256(b"%d" % number).hexdigest(5000)) for number in range(200)]
    (ref,) = write(store, "documents", rows)
    fetched = []
    get_range = store.get_range

    def counting(key, start, length):
        fetched.append(length)
        return get_range(key, start, length)

    monkeypatch.setattr(store, "get_range", counting)
    heads = read(store, ref, HEAD_COLUMNS)
    assert tuple(heads.column_names) == HEAD_COLUMNS
    assert set(HEAD_COLUMNS) | TEXT_COLUMNS == set(SCHEMAS["documents"].names)
    assert heads.num_rows == 200
    assert sum(fetched) < ref.size / 4


def test_damage_is_an_error(store, monkeypatch):
    (ref,) = write(store, "documents", [samples.row(number) for number in range(50)])
    sound = store.get(ref.key)
    store.put(ref.key, sound[:-1] + b"X")
    with pytest.raises(CorruptError, match="is damaged"):
        read(store, ref)
    monkeypatch.setattr(packs, "MAX_WHOLE_READ_BYTES", 0)
    with pytest.raises(CorruptError, match=ref.key):
        read(store, ref, ["url"])
    store.put(ref.key, sound[:100])
    with pytest.raises(CorruptError, match=ref.key):
        read(store, ref, ["url"])
    store.delete(ref.key)
    with pytest.raises(MissingError):
        read(store, ref)


def test_a_damaged_parquet_page_is_an_error_when_read_by_ranges(directory_store, monkeypatch):
    monkeypatch.setattr(packs, "MAX_WHOLE_READ_BYTES", 0)
    rows = [samples.row(number, text=hashlib.shake_256(b"%d" % number).hexdigest(500)) for number in range(50)]
    (ref,) = write(directory_store, "documents", rows)
    data = bytearray(directory_store.get(ref.key))
    column = pq.read_metadata(io.BytesIO(data)).row_group(0).column(SCHEMAS["documents"].names.index("row_id"))
    data[column.dictionary_page_offset + column.total_compressed_size // 2] ^= 0xFF
    directory_store.put(ref.key, bytes(data))
    with pytest.raises(CorruptError, match=ref.key):
        read(directory_store, ref, ["row_id"])


def test_a_column_that_an_older_file_lacks_is_null(directory_store, monkeypatch):
    older = pa.schema([field for field in SCHEMAS["links"] if field.name not in {"evidence", "method"}])
    rows = [{"kind": "duplicate_of", "a": "1", "b": "2", "score": 0.5}]
    data = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=older), data)
    ref = FileRef("links", hashlib.sha256(data.getvalue()).hexdigest(), 1, len(data.getvalue()))
    directory_store.put(ref.key, data.getvalue())
    for columns in (None, SCHEMAS["links"].names):
        found = read(directory_store, ref, columns)
        assert found.schema == SCHEMAS["links"]
        assert found.to_pylist() == [rows[0] | {"evidence": None, "method": None}]


def test_a_row_that_does_not_fit_is_refused(directory_store):
    wrong: list[dict[str, Any]] = [{"score": "high"}, {"evidence": []}, {"a": 5}]
    for bad in wrong:
        with pytest.raises(StoreError, match="links"):
            write(directory_store, "links", [samples.any_rows("links")[0] | bad])
    with pytest.raises(StoreError, match="columns"):
        write(directory_store, "links", make_table("health", samples.any_rows("health")))
    assert list(directory_store.list("")) == []


def test_a_lone_surrogate_is_replaced(directory_store):
    odd = samples.row(1) | {"title": "half \ud83d of a face", "authors": ["\udfff"], "text": "whole 😀 face"}
    odd["evidence"] = [{"field": "title", "source": "json-ld", "value": "\ud83d", "chosen": True}]
    found = read_all(
        directory_store, write(directory_store, "documents", [odd, samples.row(2)]), "documents"
    ).to_pylist()
    assert len(found) == 2
    row = next(row for row in found if row["row_id"] == odd["row_id"])
    assert (row["title"], row["authors"], row["text"]) == ("half \ufffd of a face", ["\ufffd"], "whole 😀 face")
    assert row["evidence"][0]["value"] == "\ufffd"


def test_row_groups_are_streamed(tmp_path, monkeypatch):
    monkeypatch.setattr(packs, "ROW_GROUP_ROWS", 10)
    rows = [samples.row(number) for number in range(25)]
    ((ref, data),) = encode("documents", make_table("documents", rows))
    (tmp_path / "pack").write_bytes(data)
    parts = list(batches(tmp_path / "pack", "documents", ["row_id", "text"]))
    assert [part.num_rows for part in parts] == [10, 10, 5]
    assert {row["row_id"] for part in parts for row in part.to_pylist()} == {row["row_id"] for row in rows}
    assert ref.rows == 25
    one = parts[1]["row_id"].slice(3, 1)
    assert [part.equals(parts[1]) for part in batches(tmp_path / "pack", "documents", ["row_id", "text"], one)] == [
        True
    ]
    (tmp_path / "pack").write_bytes(data[:50])
    with pytest.raises(CorruptError):
        list(batches(tmp_path / "pack", "documents"))


class Protected(DirectoryStore):
    """Like a bucket under infra/bucket-policy.json: no pack is ever replaced."""

    def put(self, key, data):
        raise DeniedError(f"a policy forbids to overwrite {key}")


def age(store, ref, hours):
    then = time.time() - hours * 3600
    os.utime(store.root / ref.key, (then, then))


def written(store, ref):
    return (store.root / ref.key).stat().st_mtime_ns


def test_a_pack_that_a_commit_lists_is_not_written_again(tmp_path):
    store = Protected(tmp_path)
    log = history.log_of(store)
    history.commit(log, [1])
    (ref,) = log.state().live("links")
    age(store, ref, 99)
    before = written(store, ref)
    assert write(store, "links", samples.any_rows("links", 2)[-1:]) == (ref,)
    assert written(store, ref) == before


def test_a_pack_that_no_commit_lists_is_written_again(directory_store):
    (ref,) = write(directory_store, "links", samples.any_rows("links", 2))
    age(directory_store, ref, 25)
    before = written(directory_store, ref)
    assert write(directory_store, "links", samples.any_rows("links", 2)) == (ref,)
    assert written(directory_store, ref) > before


def test_a_damaged_pack_is_written_again(directory_store):
    history.commit(history.log_of(directory_store), [1])
    (ref,) = history.log_of(directory_store).state().live("links")
    directory_store.put(ref.key, b"damaged")
    assert write(directory_store, "links", samples.any_rows("links", 2)[-1:]) == (ref,)
    assert read(directory_store, ref).num_rows == 1


def test_where_nothing_is_replaced_a_young_pack_serves(tmp_path):
    store = Protected(tmp_path)
    (ref,) = write(store, "links", samples.any_rows("links", 2))
    assert write(store, "links", samples.any_rows("links", 2)) == (ref,)
    assert [found.key for found in store.list("links/")] == [ref.key]


@pytest.mark.parametrize("planted", [False, True])
def test_where_nothing_is_replaced_the_rows_get_another_name(tmp_path, planted):
    store = Protected(tmp_path)
    rows = samples.any_rows("links", 2)
    ((ref, data),) = encode("links", make_table("links", rows))
    store.put_new(ref.key, b"planted" if planted else data)
    found: list[Any] = []
    for _ in range(3):
        for each in found or [ref]:
            age(store, each, 2)
        found += write(store, "links", rows)
        assert write(store, "links", rows) == (found[-1],)  # it is young
    assert len({ref, *found}) == 4
    assert {read(store, each) == make_table("links", rows) for each in found} == {True}
    again = Protected(tmp_path / "again")
    again.put_new(ref.key, b"planted")
    assert write(again, "links", rows) == (found[0],)  # the same everywhere


def test_copies_without_end_are_told(tmp_path, monkeypatch):
    store = Protected(tmp_path)
    monkeypatch.setattr(packs, "MAX_COPIES", 1)
    for _ in range(2):
        for ref in write(store, "links", samples.any_rows("links", 2)):
            age(store, ref, 2)
    with pytest.raises(StoreError, match="collect the garbage"):
        write(store, "links", samples.any_rows("links", 2))
