"""Selected rows on the disk come back as those in memory do, and memory does not grow with the snapshot."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.export import selected_rows
from storage.export.selected_rows import MAX_FILES, SelectedRows
from storage.export.selection import by_pack
from storage.snapshots import layer_tables, portions
from storage.snapshots.contents import keep_view
from storage.tables.file_ref import FileRef
from tests.storage import corpus, samples
from tests.storage.export.pulling import pull_to
from tests.storage.history import commit, log_of

PACKS = {f"{number:02}": FileRef("documents", f"{number:02}", 30 + number, 1) for number in range(6)}
line = st.fixed_dictionaries(
    {
        "document_id": st.sampled_from("abcd"),
        "row_id": st.text("rst", max_size=2),
        "pack": st.sampled_from(sorted(PACKS)),
    }
)
SCHEMA = pa.schema([(name, pa.string()) for name in ("document_id", "row_id", "pack")])


@given(st.lists(st.lists(line, max_size=6), max_size=4), st.sampled_from([1, 40, 1_000]))
def test_rows_on_the_disk_are_those_of_each_pack_in_order(tmp_path_factory, portions_of_rows, at_once):
    tables = [pa.Table.from_pylist(rows, SCHEMA) for rows in portions_of_rows]
    whole = pa.concat_tables([SCHEMA.empty_table(), *tables])
    expected = by_pack(whole.sort_by("document_id"), PACKS) if whole.num_rows else {}
    folder = tmp_path_factory.mktemp("rows") / "rows"
    selected_rows.ROWS_AT_ONCE, before = at_once, selected_rows.ROWS_AT_ONCE
    try:
        with SelectedRows(folder, PACKS) as rows:
            for table in tables:
                rows.add(table)
            found = dict(zip(rows.packs, rows.each(), strict=True))
    finally:
        selected_rows.ROWS_AT_ONCE = before
    assert list(found) == list(expected)
    assert rows.num_rows == whole.num_rows
    for ref, lines in found.items():
        assert lines.drop(["pack"]).to_pylist() == expected[ref].drop(["pack"]).to_pylist()
    assert not folder.exists()


def test_many_packs_share_few_files_and_none_is_left_when_closing_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(selected_rows, "ROWS_AT_ONCE", 1)
    packs = {f"{number:03}": FileRef("documents", f"{number:03}", 1, 1) for number in range(3 * MAX_FILES - 1)}
    rows = SelectedRows(tmp_path / "rows", packs)
    full = []

    class FullDisk:
        def close(self):
            full.append(1)
            raise OSError(28, "No space left on device")

    def fill():
        with rows:
            rows.add(
                pa.Table.from_pylist([{"document_id": "a", "row_id": "r", "pack": name} for name in packs], SCHEMA)
            )
            assert len(list((tmp_path / "rows").iterdir())) == MAX_FILES
            rows._open.update(dict.fromkeys((0, 1), FullDisk()))

    with pytest.raises(OSError, match="No space left"):
        fill()
    assert full == [1, 1]
    assert list(tmp_path.iterdir()) == []


def test_a_pull_in_small_portions_writes_the_same_bytes(directory_store, tmp_path, monkeypatch):
    log = log_of(directory_store)
    for first in range(0, 30, 10):
        commit(log, range(first, first + 10))
        keep_view(directory_store, log.state())
    pull_to(log, tmp_path / "whole", form="parquet", all_versions=True)
    for module in (layer_tables, portions):
        monkeypatch.setattr(module, "BATCH_ROWS", 3)
    monkeypatch.setattr(selected_rows, "ROWS_AT_ONCE", 7)
    pull_to(log, tmp_path / "portions", form="parquet", all_versions=True)
    for path in (tmp_path / "whole").rglob("*"):
        if path.is_file():
            assert (tmp_path / "portions" / path.relative_to(tmp_path / "whole")).read_bytes() == path.read_bytes()


def test_all_versions_since_a_snapshot_are_pulled_where_only_new_articles_were_added(directory_store, tmp_path):
    log = log_of(directory_store)
    for number in range(2):
        corpus.add(log, [corpus.Sighting(number, samples.document(number))])
        keep_view(directory_store, log.state())
    assert pull_to(log, tmp_path / "out", number=1, since=0, all_versions=True).documents == 1
