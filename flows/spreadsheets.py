"""Read the cells of an XLSX file's first sheet: their texts, or the addresses that they link to.

The parts of the file are read piece by piece, and no tree is built: a file of a megabyte may unpack to a gigabyte. What is
beyond a spreadsheet's own limits is refused.
"""

import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.parsers import expat

from articles.errors import InputError
from storage.captures.web_archives import DAMAGE

ZIP_MAGIC = b"PK\x03\x04"
MAX_PART_BYTES = 256 << 20  # unpacked, of one part of the file; a sheet of a million URLs has some 100 MB
MAX_ELEMENTS = 30_000_000  # of one part: three for each of ten cells in a million rows
MAX_STRINGS = 4_000_000  # shared by cells: four for each row
MAX_LINKS = 65_530  # of a sheet, as in Excel
MAX_ROWS = 1_048_576  # of a sheet, as in Excel
MAX_COLUMNS = 16_384  # of a sheet, as in Excel
MAX_TEXT_CHARS = 32_767  # of a cell, as in Excel; of a longer text, the beginning is read
CHUNK_BYTES = 1 << 20  # parsed at once
MAX_TAG_BYTES = (
    2 * CHUNK_BYTES
)  # with attributes, which expat keeps, and searches again with each chunk until the tag ends
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MAX_COLUMN_LETTERS = 3
TEXT_ELEMENTS = frozenset({"t", "v"})
NAMESPACE_SEPARATOR = " "

Cells = Mapping[int, str]  # column, from 0 -> text; cells without text are left out


def rows_of_xlsx(path: Path, name: str) -> Iterator[tuple[int, Cells]]:
    """Yield the number and the cells of each row of the first sheet that has any. InputError if the file cannot be read."""
    try:
        with zipfile.ZipFile(path) as book:
            names = set(book.namelist())
            sheet = next((one for one in sorted(names, key=_order) if one.startswith("xl/worksheets/sheet")), "")
            if not sheet:
                raise InputError(f"{name} is a ZIP file, but no XLSX spreadsheet")
            strings = _Strings()
            if "xl/sharedStrings.xml" in names:
                for _ in _parse(book, "xl/sharedStrings.xml", strings):
                    pass
            rows = _Rows(strings.found, _links(book, sheet, names))
            for _ in _parse(book, sheet, rows):
                yield from rows.taken()
    except (*DAMAGE, expat.ExpatError, IndexError) as error:
        raise InputError(f"{name} is not an XLSX spreadsheet that can be read: {error}") from error


def _order(name: str) -> tuple[int, str]:
    return len(name), name  # sheet2 before sheet10


class _Handler:
    """Receives the elements of a part by their local names."""

    def __init__(self) -> None:
        self.text: list[str] | None = None  # of the element of text that is open
        self.size = 0  # characters in `text`

    def start(self, tag: str, values: Mapping[str, str]) -> None:
        """Receive the start of an element."""

    def end(self, tag: str) -> None:
        """Receive the end of an element."""

    def characters(self, text: str) -> None:
        """Keep the text of an open cell, as much as a spreadsheet allows."""
        if self.text is not None and self.size < MAX_TEXT_CHARS:
            self.text.append(text[: MAX_TEXT_CHARS - self.size])
            self.size += len(text)

    def open_text(self) -> None:
        """Begin to keep text, if none is kept yet."""
        if self.text is None:
            self.text, self.size = [], 0

    def close_text(self) -> str:
        """Return the kept text."""
        found, self.text = "".join(self.text or ()), None
        return found


class _Strings(_Handler):
    """Texts that cells share, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._parts: list[str] = []

    def start(self, tag: str, values: Mapping[str, str]) -> None:  # noqa: ARG002  the elements have no attributes
        if tag == "t":
            self.open_text()

    def end(self, tag: str) -> None:
        if tag == "t":
            self._parts.append(self.close_text())
        elif tag == "si":
            if len(self.found) >= MAX_STRINGS:
                raise ValueError(f"it has over {MAX_STRINGS:,} shared texts")
            self.found.append("".join(self._parts)[:MAX_TEXT_CHARS])
            self._parts = []


class _Links(_Handler):
    """Addresses of links by their ids, or the ids of links by their cells."""

    def __init__(self, key: str, value: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._key, self._value = key, value

    def start(self, tag: str, values: Mapping[str, str]) -> None:  # noqa: ARG002  only links have both attributes
        if values.get(self._key) and self._value in values:
            if len(self.found) >= MAX_LINKS:
                raise ValueError(f"it has over {MAX_LINKS:,} links")
            self.found[values[self._key]] = values[self._value][:MAX_TEXT_CHARS]


class _Rows(_Handler):
    """Rows of a sheet, as they end."""

    def __init__(self, strings: list[str], links: Mapping[str, str]) -> None:
        super().__init__()
        self._strings, self._links = strings, links
        self._number = 0
        self._cells: dict[int, str] = {}
        self._at = -1  # column of the last cell
        self._cell: Mapping[str, str] = {}
        self._found: list[tuple[int, Cells]] = []

    def taken(self) -> list[tuple[int, Cells]]:
        """Return the rows that have ended since the last call."""
        found, self._found = self._found, []
        return found

    def start(self, tag: str, values: Mapping[str, str]) -> None:
        if tag == "row":
            number = int(values.get("r", self._number + 1))
            if not self._number < number <= MAX_ROWS:
                raise ValueError(f"row {number} follows row {self._number}; at most {MAX_ROWS:,} rows are read")
            self._number, self._cells, self._at = number, {}, -1
        elif tag == "c":
            self._cell = values
            self._at = _column(values.get("r", "")) if values.get("r") else self._at + 1
            if self._at >= MAX_COLUMNS:
                raise ValueError(f"row {self._number} has over {MAX_COLUMNS:,} columns")
        elif tag in TEXT_ELEMENTS:
            self.open_text()

    def end(self, tag: str) -> None:
        if tag in TEXT_ELEMENTS:
            text = self.close_text()
            shared = self._cell.get("t") == "s" and tag == "v" and text
            self._cells[self._at] = (
                self._strings[int(text)] if shared else (self._cells.get(self._at, "") + text)[:MAX_TEXT_CHARS]
            )
        elif tag == "c":
            linked = self._links.get(self._cell.get("r", ""), "")
            if linked and "://" not in self._cells.get(self._at, ""):
                self._cells[self._at] = linked
        elif tag == "row" and any(self._cells.values()):
            self._found.append((self._number, self._cells))


def _links(book: zipfile.ZipFile, sheet: str, names: set[str]) -> dict[str, str]:
    """Return the addresses that cells link to, by the cell's name."""
    relations = f"xl/worksheets/_rels/{sheet.rpartition('/')[2]}.rels"
    if relations not in names:
        return {}
    targets, cells = _Links("Id", "Target"), _Links("ref", "id")
    for part, handler in ((relations, targets), (sheet, cells)):
        for _ in _parse(book, part, handler):
            pass
    return {cell: targets.found[link] for cell, link in cells.found.items() if targets.found.get(link)}


def _parse(book: zipfile.ZipFile, name: str, handler: _Handler) -> Iterator[None]:
    """Give the elements of a part to a handler, and yield after each chunk. ValueError if it is no part of a spreadsheet."""
    if book.getinfo(name).file_size > MAX_PART_BYTES:
        raise ValueError(f"{name} has over {MAX_PART_BYTES >> 20} MB")
    parser = expat.ParserCreate(namespace_separator=NAMESPACE_SEPARATOR)
    parser.buffer_text = True
    parser.StartElementHandler = _starting(name, handler)
    parser.EndElementHandler = lambda tag: handler.end(_local(tag))
    parser.CharacterDataHandler = handler.characters
    parser.StartDoctypeDeclHandler = _no_doctype(name)
    fed = 0
    with book.open(name) as stream:
        while chunk := stream.read(CHUNK_BYTES):
            fed += len(chunk)
            parser.Parse(chunk, False)
            if fed - parser.CurrentByteIndex > MAX_TAG_BYTES:
                raise ValueError(f"{name} has a tag of over {MAX_TAG_BYTES >> 20} MB")
            yield
    parser.Parse(b"", True)
    yield


def _starting(name: str, handler: _Handler) -> Callable[[str, dict[str, str]], None]:
    left = MAX_ELEMENTS

    def start(tag: str, values: dict[str, str]) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise ValueError(f"{name} has over {MAX_ELEMENTS:,} elements")
        handler.start(_local(tag), {_local(key): value for key, value in values.items()})

    return start


def _no_doctype(name: str) -> Callable[..., Any]:
    def refuse(*_: object) -> None:
        raise ValueError(f"{name} declares a type of document, which spreadsheets never do")

    return refuse


def _local(name: str) -> str:
    return name.rpartition(NAMESPACE_SEPARATOR)[2]


def _column(cell: str) -> int:
    """Return the column of a cell's name, from 0. ValueError if it is none."""
    letters = cell.rstrip("0123456789")
    if not 0 < len(letters) <= MAX_COLUMN_LETTERS or any(letter not in ALPHABET for letter in letters):
        raise ValueError(f"{cell[:20]!r} is no cell")
    at = 0
    for letter in letters:
        at = at * len(ALPHABET) + ALPHABET.index(letter) + 1
    return at - 1
