"""Tell whether a file is one that a pull wrote, by the names that it begins with. A pull replaces nothing else.

What was written by hand, edited in Excel or got another column or table is somebody's own, whatever its name.
"""

import codecs
import csv
import json
import re
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from storage.export.documents import FLAT_COLUMNS, JSON_NAMES
from storage.export.formats import PullFormat
from storage.export.selection import SCHEMA

HEAD_BYTES = 65_536  # the names of the columns take 1 kB, a title much less
MAX_LINE_BYTES = 256 << 20  # of JSON: a document with its text
ADDRESS = re.compile(
    r"""["'<(«]*([a-z][a-z0-9+.-]*://|([\w-]+\.)+[^\W\d_]{2,}\.?(:\d+)?([/?#]|["'>)»,;]*$))""", re.IGNORECASE
)
HEADER_LINE = re.compile(r"(Title|URL|Outlet): ")  # above a plain text, with `--text-header`
INLINE_ROW = re.compile(rb"<row r=\"1\".*?</row>", re.DOTALL)  # Excel keeps its texts elsewhere; a pull, in the sheet
INLINE_TEXT = re.compile(rb"<t[^>]*>([^<]*)</t>")
FIRST_SHEET = "xl/worksheets/sheet1.xml"
FURTHER_TEXT = re.compile(r"text_\d+")
DOCUMENT_TABLE = re.compile(r"documents(_fts(_[a-z]+)?)?|sqlite_\w+")  # and those that SQLite makes itself


def holds_something_else(path: Path, form: PullFormat) -> bool:
    """Return whether a file is there that no pull in this format wrote, such as a list of URLs or a table with codes."""
    if not path.is_file() or not path.stat().st_size:
        return False
    return not {
        PullFormat.CSV: _is_csv,
        PullFormat.JSONL: _is_jsonl,
        PullFormat.PARQUET: _is_parquet,
        PullFormat.SQLITE: _is_sqlite,
        PullFormat.TEXT: _is_text,
        PullFormat.XLSX: _is_xlsx,
    }[form](path)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _is_text(path: Path) -> bool:
    """Return whether a file has a title and a blank line, or lines with the metadata, at its beginning; and no address."""
    head = _head(path)
    if head.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in head:
        return False
    lines = head.decode("utf-8", "replace").split("\n")
    first = next((line for line in map(str.strip, lines) if line and not line.startswith("#")), "")
    if ADDRESS.match(first):
        return False
    return HEADER_LINE.match(lines[0]) is not None or (len(lines) > 1 and not lines[1])


def _is_csv(path: Path) -> bool:
    lines = _head(path).decode("utf-8-sig", "replace").splitlines()
    return next(csv.reader(lines[:1]), []) == list(FLAT_COLUMNS)


def _is_jsonl(path: Path) -> bool:
    with path.open("rb") as file:
        line = file.readline(MAX_LINE_BYTES)
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.keys() == JSON_NAMES


def _is_parquet(path: Path) -> bool:
    try:
        return bool(pq.read_schema(path).names == SCHEMA.names)
    except (pa.ArrowException, OSError):
        return False


def _is_xlsx(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as book, book.open(FIRST_SHEET) as sheet:
            row = INLINE_ROW.search(sheet.read(HEAD_BYTES))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, KeyError, OSError, ValueError, RuntimeError):
        return False  # a RuntimeError is raised for encrypted books and for compressions that zipfile does not know
    names = [text.decode("utf-8", "replace") for text in INLINE_TEXT.findall(row[0])] if row else []
    own = len(FLAT_COLUMNS)
    return names[:own] == list(FLAT_COLUMNS) and all(map(FURTHER_TEXT.fullmatch, names[own:]))


def _is_sqlite(path: Path) -> bool:
    from storage.export import sqlite_details, sqlite_file  # noqa: PLC0415  loaded if asked for

    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            columns = [column[1] for column in database.execute("PRAGMA table_info(documents)")]
    except sqlite3.Error:
        return False
    details = {name for name in tables if not DOCUMENT_TABLE.fullmatch(name)}
    return columns == ["id", *sqlite_file.COLUMNS, *sqlite_file.ADDED] and details <= sqlite_details.TABLES.keys()
