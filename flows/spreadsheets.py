"""Read the cells of an XLSX file's first sheet: their texts, or the addresses that they link to."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from lxml import etree

from articles.errors import InputError

ZIP_MAGIC = b"PK\x03\x04"
MAX_PART_BYTES = 256 << 20  # unpacked, of one part of the file; a sheet of a million URLs has some 100 MB
MAX_COLUMNS = 16_384  # of a sheet, as in Excel
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")


def rows_of_xlsx(path: Path, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of each row of the first sheet. InputError if the file cannot be read."""
    try:
        with zipfile.ZipFile(path) as book:
            names = set(book.namelist())
            sheet = next((one for one in sorted(names, key=_order) if one.startswith("xl/worksheets/sheet")), "")
            if not sheet:
                raise InputError(f"{name} is a ZIP file, but no XLSX spreadsheet")
            strings = list(_strings(book)) if "xl/sharedStrings.xml" in names else []
            yield from _rows(book, sheet, strings, _links(book, sheet, names))
    except (zipfile.BadZipFile, OSError, etree.XMLSyntaxError, ValueError, IndexError) as error:
        raise InputError(f"{name} is not an XLSX spreadsheet that can be read: {error}") from error


def _order(name: str) -> tuple[int, str]:
    return len(name), name  # sheet2 before sheet10


def _part(book: zipfile.ZipFile, name: str) -> IO[bytes]:
    if book.getinfo(name).file_size > MAX_PART_BYTES:
        raise ValueError(f"{name} has over {MAX_PART_BYTES >> 20} MB")
    return book.open(name)


def _elements(stream: IO[bytes], tag: str) -> Iterator[etree._Element]:
    for _, element in etree.iterparse(stream, tag=tag, resolve_entities=False, no_network=True, load_dtd=False):
        yield element
        element.clear()


def _strings(book: zipfile.ZipFile) -> Iterator[str]:
    with _part(book, "xl/sharedStrings.xml") as stream:
        for item in _elements(stream, f"{MAIN}si"):
            yield "".join(text.text or "" for text in item.iter(f"{MAIN}t"))


def _links(book: zipfile.ZipFile, sheet: str, names: set[str]) -> dict[str, str]:
    """Return the addresses that cells link to, by the cell's name."""
    relations = f"xl/worksheets/_rels/{sheet.rpartition('/')[2]}.rels"
    if relations not in names:
        return {}
    with _part(book, relations) as stream:
        targets = {one.get("Id"): one.get("Target", "") for _, one in etree.iterparse(stream) if one.get("Id")}
    with _part(book, sheet) as stream:
        found = [
            (one.get("ref", ""), targets.get(one.get(RELATION_ID), "")) for one in _elements(stream, f"{MAIN}hyperlink")
        ]
    return {cell: target for cell, target in found if target}


def _rows(
    book: zipfile.ZipFile, sheet: str, strings: list[str], links: dict[str, str]
) -> Iterator[tuple[int, list[str]]]:
    with _part(book, sheet) as stream:
        for number, row in enumerate(_elements(stream, f"{MAIN}row"), start=1):
            cells: list[str] = []
            for cell in row.iter(f"{MAIN}c"):
                where = CELL.fullmatch(cell.get("r", ""))
                at = _column(where[1]) if where else len(cells)
                cells += [""] * (min(at, MAX_COLUMNS) - len(cells))
                text = _text(cell, strings)
                linked = links.get(cell.get("r", ""), "")
                cells.append(linked if linked and "://" not in text else text)
            yield int(row.get("r", number)), cells


def _column(letters: str) -> int:
    at = 0
    for letter in letters:
        at = at * 26 + ord(letter) - ord("A") + 1
    return at - 1


def _text(cell: etree._Element, strings: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(text.text or "" for text in cell.iter(f"{MAIN}t"))
    value = cell.findtext(f"{MAIN}v") or ""
    return strings[int(value)] if cell.get("t") == "s" and value else value
