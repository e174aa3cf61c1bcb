"""Attacks by files of a user that come from elsewhere: spreadsheets with URLs, topic files, settings."""

import zipfile
from collections.abc import Callable
from pathlib import Path

from articles.errors import InputError
from articles.topics import topic
from articles.topics.builtin_files import builtin_text
from benchmarks.attacks.measure import Attack
from flows import settings
from flows.url_tables import url_column, write_list

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = f'<worksheet xmlns="{NAMESPACE}"><sheetData>{{}}</sheetData></worksheet>'
HEADING = '<row r="1"><c r="A1" t="inlineStr"><is><t>url</t></is></c></row>'
EMPTY_ELEMENTS = 12_000_000
INFINITE = builtin_text("kazakhstan-russia").replace("w: 1.0", "w: .inf")
SAID_CHARS = 120  # of a message in the table


def _refused(read: Callable[[], object]) -> str:
    try:
        found = read()
    except InputError as error:
        return f"refused: {str(error)[:SAID_CHARS]}"
    raise AssertionError(f"it was read: {found!r:.100}")


def _spreadsheet(folder: Path, sheet: str, strings: str = "", *, damaged: bool = False) -> str:
    path = folder / "list.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", SHEET.format(HEADING + sheet))
        book.writestr("xl/sharedStrings.xml", f'<sst xmlns="{NAMESPACE}">{strings}</sst>')
    if damaged:
        data = bytearray(path.read_bytes())
        data[data.find(b"sheet1.xml") + 13] ^= 0x55
        path.write_bytes(data)

    def read() -> str:
        column = url_column(path, path.name, "", path.suffix)
        assert column is not None, "no column"
        write_list(path, path.name, column, folder / "list.txt")
        return f"{(folder / 'list.txt').stat().st_size} bytes"

    return _refused(read)


def _topic(text: str) -> str:
    return _refused(lambda: topic.load(text, "topic.yaml"))


def _settings(folder: Path, text: str) -> str:
    (folder / "irtysh.toml").write_text(text, encoding="utf-8")
    return _refused(lambda: settings.read(folder / "irtysh.toml")).replace(f"{folder}/", "")


ATTACKS = (
    Attack(
        "XLSX of 85 kB: 12 million shared texts without a letter",
        "92 s, 1.6 GB",
        lambda folder: _spreadsheet(folder, "", "<si/>" * EMPTY_ELEMENTS),
    ),
    Attack(
        "XLSX of 45 kB: a row of 12 million cells",
        "12 s, 384 MB for 2 million",
        lambda folder: _spreadsheet(folder, f"<row>{'<c/>' * EMPTY_ELEMENTS}</row>"),
    ),
    Attack(
        "XLSX: a URL in row 10^12",
        "a terabyte of line feeds",
        lambda folder: _spreadsheet(folder, f'<row r="{10**12}"><c><v>http://a.example/</v></c></row>'),
    ),
    Attack("XLSX: a damaged part", "traceback", lambda folder: _spreadsheet(folder, "", damaged=True)),
    Attack("topic file: 100,000 brackets", "the process ended by signal 11", lambda _: _topic("[" * 100_000)),
    Attack("topic file: a day that is none", "traceback", lambda _: _topic("topic: 2020-13-45\n")),
    Attack("topic file: an infinite weight", "scores without a value", lambda _: _topic(INFINITE)),
    Attack(
        "irtysh.toml: a key of 30,000 parts", "12 s, 3.4 GB", lambda folder: _settings(folder, ".".join(["a"] * 30_000) + "=1")
    ),
    Attack("irtysh.toml: a NUL in a value", "traceback", lambda folder: _settings(folder, 'store = "a\\u0000b"')),
)  # fmt: skip
