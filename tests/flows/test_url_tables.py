"""Lists of URLs come as CSV, TSV and XLSX, with and without headings."""

import contextlib
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles.errors import InputError
from flows import spreadsheets, url_tables
from flows.list_files import check_is_text
from flows.url_tables import url_column, write_list

NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def listed(tmp_path, text, column="", suffix=".csv"):
    path = tmp_path / f"in{suffix}"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    check_is_text(path, path.name)
    found = url_column(path, path.name, column, suffix)
    if found is None:
        return None
    write_list(path, path.name, found, tmp_path / "out.txt")
    return (tmp_path / "out.txt").read_text("utf-8").split("\n")[:-1]


@pytest.mark.parametrize(
    ("text", "column", "lines"),
    [
        ("title,url\nA,https://a.example/1\n", "", ["", "https://a.example/1"]),
        ('\ufefftitle;Page URL\n"A; b";https://a.example/1\n', "", ["", "https://a.example/1"]),
        ("title\tлинк\nA\thttps://a.example/1,2\n", "линк", ["", "https://a.example/1,2"]),
        ("title,where\nA,https://a.example/1\n", "", ["", "https://a.example/1"]),
        ("title,first,second\nA,https://a.example/1,https://a.example/2\n", "SECOND", ["", "https://a.example/2"]),
        ("title,first,second\nA,https://a.example/1,https://a.example/2\n", "2", ["", "https://a.example/1"]),
        ("A,https://a.example/1\nB,\n\nC,www.example.org/3\n", "", ["https://a.example/1", "", "", "www.example.org/3"]),
        ('title,url\n"A\nB",https://a.example/1\nC,https://a.example/2\n', "", ["", "https://a.example/1", "", "https://a.example/2"]),
        ("url\nhttps://a.example/1\n", "", ["", "https://a.example/1"]),
        ("sep=;\nid;url\n1;https://a.example/1\n", "", ["", "", "https://a.example/1"]),
    ],
)  # fmt: skip
def test_the_column_with_urls_is_read_at_the_lines_of_its_rows(tmp_path, text, column, lines):
    assert listed(tmp_path, text, column) == lines


def test_a_table_is_recognised_by_its_heading_whatever_its_name(tmp_path):
    assert listed(tmp_path, "id,url\n1,https://a.example/1\n", suffix=".txt") == ["", "https://a.example/1"]


@pytest.mark.parametrize("text", ["https://a.example/1,2\nhttps://a.example/3\n", "", "# x\n", "www.example.org/a;b\n"])
def test_a_plain_list_is_no_table(tmp_path, text):
    assert listed(tmp_path, text, suffix=".txt") is None


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("title,first,second\nA,https://a.example/1,https://a.example/2\n", "", "--column .*: title, first, second"),
        ("title,url\nA,https://a.example/1\n", "link", "no column 'link'; its columns are: title, url"),
        (
            "https://a.example/1\nhttps://a.example/2\n",
            "link",
            "is a plain list without columns; leave --column link out",
        ),
    ],
)
def test_an_unclear_column_is_refused_with_the_columns(tmp_path, text, column, says):
    with pytest.raises(InputError, match=says):
        listed(tmp_path, text, column)


def test_a_spreadsheet_is_read_with_the_addresses_that_its_cells_link_to(tmp_path):
    sheet = (
        f'<worksheet xmlns="{NS}" xmlns:r="{OFFICE}"><sheetData>'
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>URL</t></is></c></row>'
        '<row r="2"><c r="C2" t="s"><v>1</v></c></row><row r="4"><c r="C4" t="inlineStr"><is><t>See</t></is></c></row>'
        '</sheetData><hyperlinks><hyperlink ref="C4" r:id="rId1"/></hyperlinks></worksheet>'
    )
    path = tmp_path / "made.xlsx"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("xl/worksheets/sheet1.xml", sheet)
        book.writestr(
            "xl/worksheets/_rels/sheet1.xml.rels",
            '<Relationships><Relationship Id="rId1" Target="https://a.example/4"/></Relationships>',
        )
        book.writestr("xl/sharedStrings.xml", f'<sst xmlns="{NS}"><si><t>title</t></si><si><r><t>https://a.</t></r><r><t>example/2</t></r></si></sst>')  # fmt: skip
    assert listed(tmp_path, path.read_bytes(), suffix=".xlsx") == ["", "https://a.example/2", "", "https://a.example/4"]
    with pytest.raises(InputError, match="no XLSX spreadsheet"):
        listed(tmp_path, _other_zip(tmp_path), suffix=".xlsx")


def _other_zip(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as made:
        made.writestr("a.txt", "x")
    return (tmp_path / "x.zip").read_bytes()


SHEET = f'<worksheet xmlns="{NS}"><sheetData>{{}}</sheetData></worksheet>'
GOOD = '<row r="1"><c r="A1" t="inlineStr"><is><t>url</t></is></c></row>'
BOMBS = {
    "a row number that asks for a terabyte of line feeds": SHEET.format(f'{GOOD}<row r="{10**12}"><c><v>http://a</v></c></row>'),
    "rows that go back": SHEET.format(f'{GOOD}<row r="1"><c><v>http://a</v></c></row>'),
    "a row of too many cells": SHEET.format(f"{GOOD}<row>{'<c/>' * 17_000}</row>"),
    "a column beyond all columns": SHEET.format(f'{GOOD}<row><c r="ZZZ2"><v>http://a</v></c></row>'),
    "a name that is no cell": SHEET.format(f'{GOOD}<row><c r="{"A" * 9}2"><v>http://a</v></c></row>'),
    "a tag of megabytes": SHEET.format(f'{GOOD}<row x="{"x" * 4_000_000}"/>'),
    "entities": '<!DOCTYPE a [<!ENTITY a "aaaa">]>' + SHEET.format(f"{GOOD}<row><c><v>&a;</v></c></row>"),
    "a file of this machine": '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + SHEET.format(GOOD),
    "no XML": "\0" * 100,
    "a shared text that is not there": SHEET.format('<row><c t="s"><v>7</v></c></row>'),
    "a number of thousands of digits": SHEET.format(f'<row><c t="s"><v>{"9" * 5_000}</v></c></row>'),
}  # fmt: skip


def put_book(path, sheet, strings=""):
    parts = {"xl/worksheets/sheet1.xml": sheet, "xl/sharedStrings.xml": f'<sst xmlns="{NS}">{strings}</sst>'}
    with zipfile.ZipFile(path, "w") as book:
        for name, text in parts.items():  # with the time of 1980: files written at any time are the same bytes
            book.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)


@pytest.mark.parametrize("name", BOMBS)
def test_a_hostile_spreadsheet_is_refused_with_its_name(tmp_path, name):
    put_book(tmp_path / "in.xlsx", BOMBS[name])
    with pytest.raises(InputError, match=r"in\.xlsx"):
        listed(tmp_path, (tmp_path / "in.xlsx").read_bytes(), suffix=".xlsx")


@pytest.mark.parametrize(
    ("limit", "value"), [("MAX_ELEMENTS", 100), ("MAX_STRINGS", 100), ("MAX_PART_BYTES", 1_000), ("MAX_ROWS", 100)]
)
def test_a_spreadsheet_beyond_a_limit_is_refused(tmp_path, monkeypatch, limit, value):
    monkeypatch.setattr(spreadsheets, limit, value)
    put_book(tmp_path / "in.xlsx", SHEET.format(GOOD + "<row/>" * 200), "<si><t>x</t></si>" * 200)
    with pytest.raises(InputError, match=r"in\.xlsx"):
        listed(tmp_path, (tmp_path / "in.xlsx").read_bytes(), suffix=".xlsx")


def test_a_message_names_some_columns_only(tmp_path):
    with pytest.raises(InputError, match="--column") as caught:
        listed(tmp_path, ",".join(["x" * 100] * 200) + "\n" + "," * 199 + "\n")
    assert len(str(caught.value)) < 2_500


def test_one_long_text_in_all_cells_does_not_fill_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(url_tables, "MAX_LIST_CHARS", 100_000)
    put_book(
        tmp_path / "in.xlsx",
        SHEET.format(GOOD + '<row><c t="s"><v>0</v></c></row>' * 5),
        f"<si><t>{'x' * 40_000}</t></si>",
    )
    with pytest.raises(InputError, match="the column of URLs has over"):
        listed(tmp_path, (tmp_path / "in.xlsx").read_bytes(), suffix=".xlsx")


@pytest.mark.parametrize("place", range(3, 12))
def test_a_damaged_or_encrypted_spreadsheet_is_refused(tmp_path, place):
    put_book(tmp_path / "in.xlsx", SHEET.format(GOOD))
    data = bytearray((tmp_path / "in.xlsx").read_bytes())
    for at in (place, data.find(b"PK\x01\x02") + place + 2, data.find(b"sheet1.xml") + 10 + place):
        data[at] ^= 0x55
    with pytest.raises(InputError, match="in"):
        listed(tmp_path, bytes(data), suffix=".xlsx")


@given(
    st.binary(max_size=300)
    | st.lists(st.sampled_from(["url", "http://a", ",", ";", '"', "\n", "\r", "\0", "\t", "="])).map("".join)
)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_table_is_read_or_refused(tmp_path, text):
    with contextlib.suppress(InputError):
        listed(tmp_path, text)
