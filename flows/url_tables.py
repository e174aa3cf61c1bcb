"""Read URLs from a column of a table (CSV, TSV, XLSX), as a plain list with one URL per line, at the line of its row."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from articles.errors import InputError
from flows.spreadsheets import ZIP_MAGIC, Cells, rows_of_xlsx
from spiders.fetching.line_text import url_text
from spiders.fetching.url_lines import read_lines

DELIMITERS = "\t;,"
TABLE_SUFFIXES = (".csv", ".tsv", ".tab", ".xlsx")
# Headings of a column of URLs, best first; compared without case, blanks and underscores.
HEADINGS = (
    "url",
    "urls",
    "link",
    "links",
    "href",
    "uri",
    "pageurl",
    "articleurl",
    "webaddress",
    "permalink",
    "address",
)
HEADINGS_ELSEWHERE = ("ссылка", "ссылки", "адрес", "сілтеме", "мекенжай", "посилання", "adresas", "nuoroda", "bağlantı")
PROBED_ROWS = 3  # a column holds URLs if the first rows say so
MAX_SHOWN_COLUMNS, MAX_SHOWN_CHARS = 30, 60  # of a table in a message, and of a heading
MAX_LIST_CHARS = 1 << 30  # written from a spreadsheet, whose cells may share one long text


@dataclass(frozen=True, slots=True)
class UrlColumn:
    """The column of a table that holds URLs."""

    at: int
    name: str  # its heading; empty if the table has none
    delimiter: str = ""  # empty for a spreadsheet


def url_column(path: Path, name: str, column: str, suffix: str) -> UrlColumn | None:
    """Return the column of a file that holds its URLs; None for a plain list. `column` is a heading or number, or empty.

    InputError if the file is a table and it is not clear which column to read. It names the columns.
    """
    if _is_zip(path):
        first = [_listed(cells) for _, cells in islice(rows_of_xlsx(path, name), PROBED_ROWS)]
        return _choose(first, column, name, "", must=True)
    lines = (line for line in read_lines(path) if line.strip() and not _is_comment(line))
    probed = [line.lstrip("\ufeff") for line in islice(lines, PROBED_ROWS)]
    must = bool(column) or suffix.lower() in TABLE_SUFFIXES
    for delimiter in sorted(DELIMITERS, key=lambda one: -probed[0].count(one)) if probed else ():
        rows = list(csv.reader(probed, delimiter=delimiter))
        found = _choose(rows, column, name, delimiter, must=False)
        if found:
            return found
    if not must or not probed or (not column and not any(one in probed[0] for one in DELIMITERS)):
        return None
    delimiter = max(DELIMITERS, key=probed[0].count)
    return _choose(list(csv.reader(probed, delimiter=delimiter)), column, name, delimiter, must=True)


def write_list(path: Path, name: str, column: UrlColumn, to: Path) -> None:
    """Write a column as a list; the URL of row n is in line n."""
    rows = _rows_of_text(path, column.delimiter) if column.delimiter else _rows_of_sheet(path, name, column.at)
    written = 0
    with to.open("w", encoding="utf-8") as out:
        for number, cells in islice(rows, 1 if column.name else 0, None):
            cell = " ".join(cells.get(column.at, "").split())
            if cell:
                out.write("\n" * (number - written - 1) + cell + "\n")
                written = number


def _rows_of_sheet(path: Path, name: str, at: int) -> Iterator[tuple[int, Cells]]:
    left = MAX_LIST_CHARS
    for number, cells in rows_of_xlsx(path, name):
        left -= len(cells.get(at, ""))
        if left < 0:
            raise InputError(f"{name}: the column of URLs has over {MAX_LIST_CHARS >> 20} MB")
        yield number, cells


def _listed(cells: Cells) -> list[str]:
    return [cells.get(at, "") for at in range(max(cells, default=-1) + 1)]


def _rows_of_text(path: Path, delimiter: str) -> Iterator[tuple[int, Cells]]:
    reader = csv.reader((line + "\n" for line in read_lines(path)), delimiter=delimiter)
    last = 0
    try:
        for cells in reader:
            begun, last = last + 1, reader.line_num
            if cells and not _is_comment(cells[0]):
                yield begun, dict(enumerate([cells[0].lstrip("\ufeff"), *cells[1:]]))
    except csv.Error as error:
        raise InputError(f"{path.name} line {reader.line_num}: {error}") from error


def _choose(rows: Sequence[Sequence[str]], column: str, name: str, delimiter: str, *, must: bool) -> UrlColumn | None:
    headings = [_plain(cell) for cell in rows[0]] if rows else []
    has_header = not any(_is_url(cell) for cell in (rows[0] if rows else ()))
    if column:
        if _plain(column) in headings:
            at = headings.index(_plain(column))
            return UrlColumn(at, rows[0][at].strip(), delimiter)
        if column.isdecimal() and 0 < int(column) <= len(headings):
            at = int(column) - 1
            return UrlColumn(at, rows[0][at].strip() or column if has_header else "", delimiter)
    elif has_header:
        known = [heading for heading in chain(HEADINGS, HEADINGS_ELSEWHERE) if heading in headings]
        if known:
            at = headings.index(known[0])
            return UrlColumn(at, rows[0][at].strip(), delimiter)
    if not must:
        return None
    if not column:
        holding = {at for row in rows for at, cell in enumerate(row) if _is_url(cell)}
        if len(holding) == 1:
            (at,) = holding
            return UrlColumn(at, rows[0][at].strip() if has_header and at < len(rows[0]) else "", delimiter)
    columns = rows[0] if rows else ()
    names = [cell.strip()[:MAX_SHOWN_CHARS] or str(at) for at, cell in enumerate(columns[:MAX_SHOWN_COLUMNS], start=1)]
    shown = ", ".join([*names, "…"] if len(columns) > len(names) else names)
    if not columns:
        raise InputError(f"{name} holds no URL: it is empty; nothing was fetched")
    if column and len(columns) == 1 and _is_url(columns[0]):
        raise InputError(f"{name} is a plain list without columns; leave --column {column} out")
    if column:
        raise InputError(f"{name} has no column {column!r}; its columns are: {shown}")
    raise InputError(f"{name} is a table; say with --column which column holds the URLs: {shown}")


def _is_comment(line: str) -> bool:
    """Return whether a line is a comment, or tells Excel the delimiter (`sep=;`)."""
    return line.lstrip("\ufeff ").lower().startswith(("#", "sep="))


def _plain(heading: str) -> str:
    return "".join(sign for sign in heading.casefold() if sign.isalnum())


def _is_url(cell: str) -> bool:
    text = url_text(cell.strip())[0]
    return text.lower().startswith(("http://", "https://"))


def _is_zip(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(ZIP_MAGIC)) == ZIP_MAGIC
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
