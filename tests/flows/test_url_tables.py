"""Lists of URLs come as CSV, TSV and XLSX, with and without headings."""

import zipfile

import pytest

from articles.errors import InputError
from flows.url_tables import url_column, write_list

NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def listed(tmp_path, text, column="", suffix=".csv"):
    path = tmp_path / f"in{suffix}"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
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
