"""Files of a user that come from elsewhere, beside those with tests of their own: outlet files and WACZ archives."""

import contextlib
import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles.errors import InputError
from articles.topics import topic_file
from flows import settings as user_settings
from flows.spreadsheets import rows_of_xlsx
from flows.url_tables import url_column
from spiders.outlet_file import check_draft, check_file
from storage.captures.web_archives import find_warcs
from tests.spiders.discovery.test_costs import assert_linear, repeated

MAX_SECONDS = 5.0
PARTS = [
    "class A(Outlet):\n", "    ", "article = ", '"a"', "sources = (", "Feed(", ")", "def f(self):\n", "@x\n", "lambda: ", "[", "{", "(" * 150,
    "\0", "\\", "\n", "\t", "ж", "\ud800", "# coding: rot13\n", "9" * 5_000, "f'{", "-" * 2_000,
]  # fmt: skip
QUIET = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(st.lists(st.sampled_from(PARTS)).map("".join) | st.text(max_size=80))
@QUIET
def test_any_outlet_file_is_accepted_or_refused(tmp_path, text):
    (tmp_path / "a.py").write_bytes(text.encode("utf-8", "surrogatepass"))
    with contextlib.suppress(InputError):
        check_file(tmp_path / "a.py")
    with contextlib.suppress(InputError):
        check_draft(text)


def wacz() -> bytes:
    made = io.BytesIO()
    members = {"archive/a.warc": b"WARC/1.0\r\n" * 20, "archive/../../b.warc.gz": b"x" * 100, "datapackage.json": b"{}"}
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in members.items():  # all of one time, so that the same damage hits the same bytes at any time
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


WACZ = wacz()


@given(st.lists(st.tuples(st.integers(0, len(WACZ) - 1), st.integers(1, 255)), max_size=6), st.integers(1, len(WACZ)))
@QUIET
def test_any_damage_to_a_wacz_gives_its_files_or_an_error(tmp_path, damage, end):
    data = bytearray(WACZ)
    for at, change in damage:
        data[at] ^= change
    path = tmp_path / "a.wacz"
    path.write_bytes(data[:end] if end % 3 == 0 else data)
    for found in find_warcs(path):
        assert isinstance(found, InputError) or found.path.parent != tmp_path or found.path == path


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "[" * 100_000,
        "-" * 200_000 + "1",
        "a." * 100_000,
        "x = " * 50_000,
        "a" + ".a" * 3_000,
        "-" * 3_000 + "1",
        "a" + "+a" * 5_000,
    ],
)
def test_a_deep_outlet_file_is_refused_quickly(tmp_path, text):
    (tmp_path / "a.py").write_text(text)
    start = time.process_time()
    with pytest.raises(InputError, match=r"a\.py"):
        check_file(tmp_path / "a.py")
    assert time.process_time() - start < MAX_SECONDS


def sheet(rows: bytes) -> bytes:
    """A workbook of one sheet."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as book:
        book.writestr("xl/worksheets/sheet1.xml", b"<worksheet><sheetData>" + rows + b"</sheetData></worksheet>")
    return made.getvalue()


def read_wacz(path: Path, data: bytes) -> object:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/a.warc", data)
        for number in range(len(data) // 100):
            archive.writestr(f"archive/{number}.warc", b"")
    return list(find_warcs(path))


def read_outlet_file(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    check_file(path)


# what reads a file of the given bytes; a scratch file is given
READERS: dict[str, Callable[[Path, bytes], object]] = {
    "topic": lambda _, data: topic_file.read(data.decode(), "topic.yaml"),
    "settings": lambda path, data: (path.write_bytes(data), user_settings.read(path)),
    "CSV": lambda path, data: (path.write_bytes(data), url_column(path, "list.csv", "", ".csv")),
    "XLSX": lambda path, data: (path.write_bytes(sheet(data)), list(rows_of_xlsx(path, "list.xlsx"))),
    "outlet file": read_outlet_file,
    "WACZ": read_wacz,
}
FILE_PUMPS = {
    "topic": [b"- a\n", b"a: b\n", b"  ", b"[", b"{a: ", b"&a [*a] ", b"'", b"? a\n", b"# a\n", b"!!a "],
    "settings": [b"a = 1\n", b"[a]\n", b"a.", b'"', b"[[a]]\n", b"a = [\n", b"'''", b"# a\n"],
    "CSV": [b"a,b\n", b"http://a.example/,\n", b'"', b",", b";=", b"\t", b'""\n', b"\x00", b"\r"],
    "XLSX": [b"<row>", b"<row/>", b"<row><c><v>1</v></c></row>", b"<row><c r='B2'>", b"a", b"<!-- -->", b"&#65;"],
    "outlet file": [b"a = 1\n", b"#", b"a.", b"(", b'"', b"class A:\n a = 1\n", b"\\\n", b"-"],
    "WACZ": [b"WARC/1.0\r\n", b"a"],
}


@pytest.mark.no_cover  # a tracer doubles the time
@pytest.mark.parametrize("name", READERS)
def test_the_time_for_a_file_grows_with_its_size(tmp_path, name):
    path = tmp_path / "file.py"
    for pump in FILE_PUMPS[name]:
        assert_linear(lambda data: READERS[name](path, data), repeated(b"", pump))
