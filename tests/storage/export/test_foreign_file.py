"""What a pull wrote is told from what somebody has made or changed, in every format."""

import json
import sqlite3

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from storage.export.foreign_file import holds_something_else
from storage.export.formats import PullFormat
from tests.storage.export.pulling import pull_to

NAMES = {
    PullFormat.CSV: "a.csv",
    PullFormat.JSONL: "a.jsonl",
    PullFormat.PARQUET: "a.parquet",
    PullFormat.SQLITE: "a.sqlite",
    PullFormat.TEXT: "a.txt",
    PullFormat.XLSX: "a.xlsx",
}


def with_column(form, path):
    """Give a file that a pull wrote a column, key, table or line of somebody's own."""
    if form is PullFormat.CSV:
        path.write_text(path.read_text("utf-8-sig").replace("title,url", "title,my_code,url", 1))
    elif form is PullFormat.JSONL:
        path.write_text(
            "".join(json.dumps({**json.loads(line), "code": 1}) + "\n" for line in path.read_text().splitlines())
        )
    elif form is PullFormat.PARQUET:
        rows = pq.read_table(path)
        pq.write_table(rows.append_column("code", pa.array(range(rows.num_rows))), path)
    elif form is PullFormat.SQLITE:
        with sqlite3.connect(path) as database:
            database.execute("CREATE TABLE codes (document_id, code)")
        database.close()
    elif form is PullFormat.TEXT:
        path.write_text("https://steppe.example/1\n" + path.read_text())
    else:
        with xlsxwriter.Workbook(path) as book:
            book.add_worksheet().write_row(0, 0, ["url", "notes"])


@pytest.mark.parametrize("form", NAMES)
@pytest.mark.parametrize("langs", [("ru", "en", "kk"), ("xx",)])
def test_a_file_of_a_pull_is_known_until_somebody_adds_to_it(log, tmp_path, form, langs):
    path = tmp_path / NAMES[form]
    report = pull_to(log, path, form=form, langs=langs)
    assert bool(report.documents) is ("xx" not in langs)
    assert not holds_something_else(path, form)
    if report.documents or form not in {PullFormat.JSONL, PullFormat.PARQUET}:
        with_column(form, path)
        assert holds_something_else(path, form)


def test_plain_texts_under_a_header_are_known(log, tmp_path):
    pull_to(log, tmp_path / "a.txt", form="text", header=True)
    assert not holds_something_else(tmp_path / "a.txt", PullFormat.TEXT)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_a_list_in_utf_16_is_somebodys_own(tmp_path, encoding):
    path = tmp_path / "urls.txt"
    path.write_bytes("заметка\n\nhttps://steppe.example/1\n".encode(encoding))
    assert holds_something_else(path, PullFormat.TEXT)


@pytest.mark.parametrize(
    ("first", "own"),
    [("Ferry stops at 5 p.m. today", False), ("Что известно о переправе в Семее", False), ("№ 5.", False), ("", False),
     ("qaz.қаз/a", True), ("www.steppe.example", True), ("steppe.example:8080/a", True), ("# x", False)],
)  # fmt: skip
def test_a_title_is_no_address(tmp_path, first, own):
    path = tmp_path / "a.txt"
    path.write_text(f"{first}\n\nThe text.\n")
    assert holds_something_else(path, PullFormat.TEXT) is own
