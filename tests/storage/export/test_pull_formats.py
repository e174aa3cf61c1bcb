"""Pulls for spreadsheets, readers, databases and the library `datasets`; and typed dates in all of them."""

import csv
import sqlite3
import zipfile
from datetime import UTC, date, datetime

import polars as pl
import pyarrow.parquet as pq
import pytest
import yaml
from lxml import etree

from articles.errors import StoreError, UsageError
from storage.export import published, spreadsheets
from storage.export.formats import PullFormat
from storage.export.published import DateRange
from storage.export.pull import CARD_FILE, LINKS_FILES
from storage.export.text_files import slug
from storage.export.text_query import found_in, terms_of
from tests.storage import corpus, samples
from tests.storage.export.pulling import lines, pull_to
from tests.storage.history import log_of

EXACT = "2026-02-03T23:30:00-05:00"


@pytest.fixture
def dated(directory_store):
    log = log_of(directory_store)
    documents = [
        samples.document(1, "Шекарада вагондар тұр.", title="=Формула", published=EXACT, lang="kk"),
        samples.document(2, 'Two\nlines, and a "quote".', published="2026-02-03T10:00", outlet="dala.example"),
        samples.document(3, "A text of a day.", published="2025-12-31"),
        samples.document(4, "A text without a date.", published=""),
    ]
    corpus.add(log, [corpus.Sighting(number, one) for number, one in enumerate(documents, start=1)])
    return log


def test_dates_are_values_to_compute_with(dated, tmp_path):
    pull_to(dated, tmp_path / "out", form="parquet", number=0)
    rows = pl.read_parquet(tmp_path / "out" / "*.parquet").sort("article_id")
    assert rows["published_date"].to_list() == [date(2026, 2, 3), date(2026, 2, 3), date(2025, 12, 31), None]
    assert rows["published_at"].to_list() == [datetime(2026, 2, 4, 4, 30, tzinfo=UTC), None, None, None]
    assert rows["published_precision"].to_list() == ["time", "local_time", "day", ""]


def test_a_date_that_is_none_gives_no_value():
    assert [published.day(text) for text in ("", "2026", "2026-13-01", "yesterday")] == [None] * 4
    assert published.instant("0001-01-01T00:00:00+14:00") is None


def test_csv_opens_in_a_spreadsheet(dated, tmp_path):
    pull_to(dated, tmp_path / "out.csv", form="csv", number=0)
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbftitle,url,outlet,lang,published,")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["outlet"] for row in rows] == ["dala.example", *["steppe.example"] * 3]
    assert rows[0]["text"].startswith('Two\nlines, and a "quote".\n\nIt is long')
    assert rows[-1]["title"] == "'=Формула"
    assert rows[-1]["published_at"] == "2026-02-04T04:30:00+00:00"
    assert "evidence" not in rows[0]
    first = (tmp_path / "out.csv").read_bytes()
    pull_to(dated, tmp_path / "out.csv", form="csv", number=0)
    assert (tmp_path / "out.csv").read_bytes() == first


def test_a_workbook_has_typed_cells_and_the_whole_text(dated, tmp_path, monkeypatch):
    monkeypatch.setattr(spreadsheets, "MAX_CELL_CHARS", 20)
    pull_to(dated, tmp_path / "out.xlsx", form="xlsx", number=0)
    with zipfile.ZipFile(tmp_path / "out.xlsx") as book:
        sheet = etree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    *_, last = sheet.iterfind(".//{*}row")
    texts = ["".join(map(str, cell.itertext())) for cell in last.iterfind("{*}c")]
    assert "".join(texts[-3:]) == "Шекарада вагондар тұр.\n\nIt is long, and it is new."
    assert texts[0] == "'=Формула"
    assert [cell.get("t", "n") for cell in last.iterfind("{*}c")][4:7] == [
        "inlineStr",
        "n",
        "n",
    ]  # n: a number, so a date
    first = (tmp_path / "out.xlsx").read_bytes()
    pull_to(dated, tmp_path / "out.xlsx", form="xlsx", number=0)
    assert (tmp_path / "out.xlsx").read_bytes() == first
    monkeypatch.setattr(spreadsheets, "MAX_SHEET_ROWS", 3)
    with pytest.raises(UsageError, match="more than the 3 rows"):
        pull_to(dated, tmp_path / "out.xlsx", form="xlsx", number=0)


def test_a_database_finds_word_forms(dated, tmp_path):
    pull_to(dated, tmp_path / "out.sqlite", form="sqlite", number=0)
    database = sqlite3.connect(tmp_path / "out.sqlite")
    found = database.execute(
        "SELECT d.lang, d.published_date FROM documents_fts f JOIN documents d ON d.id = f.rowid "
        "WHERE documents_fts MATCH 'шекара'"
    ).fetchall()
    assert found == [("kk", "2026-02-03")]
    assert database.execute("SELECT count(*) FROM documents").fetchone() == (4,)
    database.close()


def test_a_database_has_the_links(log, tmp_path):
    pull_to(log, tmp_path / "out.db", form="sqlite", with_duplicates=True)
    database = sqlite3.connect(tmp_path / "out.db")
    assert database.execute("SELECT kind, score FROM links").fetchall() == [("duplicate_of", 0.95)]
    database.close()


def test_texts_have_readable_names_and_a_header_on_request(dated, tmp_path):
    pull_to(dated, tmp_path / "out", form="text", number=0, header=True)
    (path,) = (tmp_path / "out").rglob("*-kk.txt")
    assert path.name == "2026-02-03-steppe.example-формула-00000001-kk.txt"
    assert path.read_text("utf-8").startswith("Title: =Формула\nURL: https://steppe.example/1\n")
    assert path.read_text("utf-8").endswith("\n\nШекарада вагондар тұр.\n\nIt is long, and it is new.\n")
    assert list((tmp_path / "out").rglob("undated-*"))
    pull_to(dated, tmp_path / "all.txt", form="text", number=0)
    assert (tmp_path / "all.txt").read_text("utf-8").count("=" * 80) == 3


def test_a_slug_is_cut_at_a_word():
    assert slug("Kazakhstan & Russia: «bridge»!") == "kazakhstan-russia-bridge"
    assert slug("word " * 30) == "-".join(["word"] * 12)
    assert len(slug("x" * 200)) == 60


@pytest.mark.parametrize("form", ["parquet", "jsonl", "hf"])
def test_a_folder_describes_itself_to_the_library_datasets(log, tmp_path, form):
    """The library itself is too large for the tests; `docs/storage.md` says how the folders were tried with it."""
    pull_to(log, tmp_path / "out", form=form)
    if form == "hf":
        _, head, _ = (tmp_path / "out" / CARD_FILE).read_text("utf-8").split("---\n", 2)
    else:
        head = (tmp_path / "out" / ".huggingface.yaml").read_text("utf-8")
    about = yaml.safe_load(head)
    pattern = about["configs"][0]["data_files"][0]["path"]
    assert list((tmp_path / "out").glob(pattern))
    if form == "jsonl":
        named = {feature["name"] for feature in about["dataset_info"][0]["features"]}
        assert named == set(lines(tmp_path / "out")[0])
    if form == "hf":
        assert pq.read_table(tmp_path / "out" / LINKS_FILES[PullFormat.HF]).num_rows == 0
        assert sorted(about["language"]) == ["en", "kk"]


def test_documents_are_chosen_by_outlet_date_and_words(dated, tmp_path):
    def ids(**chosen):
        pull_to(dated, tmp_path / "out", number=0, **chosen)
        return sorted(int(one["article_id"], 16) for one in lines(tmp_path / "out"))

    assert ids(outlets=frozenset({"dala.example"})) == [2]
    assert ids(published=DateRange.parse("2026")) == [1, 2]
    assert ids(published=DateRange.parse("..2025")) == [3]
    assert ids(query="ШЕКАРА вагон") == [1]
    assert ids(query='"text of a"') == [3]
    assert ids(query="text nothing") == []


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("2026", ["2026-01-01", "2026-12-31T23:00"], ["2025-12-31", "", "2027-01-01"]),
        ("2026-02..2026-03", ["2026-02-01", "2026-03-31"], ["2026-01-31", "2026-04-01"]),
        ("2026-02-03..", ["2026-02-03", "2030-01-01"], ["2026-02-02"]),
        ("..2026-02", ["2026-02-28", "1999-01-01"], ["2026-03-01"]),
    ],
)
def test_a_range_includes_both_ends(text, inside, outside):
    found = DateRange.parse(text)
    assert [found.holds(one) for one in inside] == [True] * len(inside)
    assert [found.holds(one) for one in outside] == [False] * len(outside)
    assert str(found) == text


@pytest.mark.parametrize(
    "text", ["", "..", "26", "2026-13", "2026-1-1", "yesterday", "2026..2025", "2026-02..2026-01-31"]
)
def test_a_range_that_is_none_is_refused(text):
    with pytest.raises(UsageError, match="--published"):
        DateRange.parse(text)


def test_terms_of_a_query():
    assert terms_of('Мост "Two words" ""') == ("мост", "two words")
    assert found_in("мост", "Мосты", "")
    assert not found_in("мост река", "Мосты", "")


def test_a_full_disk_in_a_pull_to_sqlite_names_the_file(log, tmp_path, monkeypatch):
    def full(*_, **__):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("storage.export.sqlite_details.add_details", full)
    with pytest.raises(StoreError, match=r"cannot write .*out\.db: database or disk is full"):
        pull_to(log, tmp_path / "out.db", form="sqlite")
    assert not (tmp_path / "out.db").exists()
