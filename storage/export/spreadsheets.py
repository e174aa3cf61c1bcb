"""Write documents as tables for spreadsheets: CSV and Excel. No cell is a formula."""

import csv
import json
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from articles.errors import UsageError
from articles.harmless import spreadsheet_cell
from storage.export.documents import FLAT_COLUMNS, flat_document, rows_of
from storage.export.selection import SCHEMA
from storage.export.sorted_rows import SortedRows

ENCODING = "utf-8-sig"  # with the mark by which Excel recognises UTF-8
MAX_CELL_CHARS = 32_767  # of Excel, "Excel specifications and limits"
MAX_SHEET_ROWS = 1_048_576  # likewise, with the line of headings
DAY_COLUMNS = frozenset(field.name for field in SCHEMA if pa.types.is_date(field.type))
TIME_COLUMNS = frozenset(field.name for field in SCHEMA if pa.types.is_timestamp(field.type))
CREATED = datetime(2000, 1, 1)  # noqa: DTZ001  of every workbook, so that equal pulls are equal files; Excel has no zones


class CsvWriter:
    """Writes one document per line: UTF-8 with a byte order mark, fields of `storage.export.documents.FLAT_COLUMNS`."""

    def __init__(self, path: Path) -> None:
        self.sums: dict[str, str] = {}
        self._path = path
        self._rows = SortedRows(path.with_name(f"{path.name}.unsorted"))
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(self._rows)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            if kind is None:
                self._finish()

    def write(self, rows: pa.Table) -> None:
        """Write the documents of one table."""
        for row in rows_of(rows):
            self._rows.add(row, flat_document(row))

    def _finish(self) -> None:
        with self._path.open("w", encoding=ENCODING, newline="") as file:
            target = csv.writer(file)
            target.writerow(FLAT_COLUMNS)
            for line in self._rows.lines():
                target.writerow(map(spreadsheet_cell, json.loads(line).values()))


class XlsxWriter(CsvWriter):
    """Writes an Excel workbook with one document per line. Texts longer than a cell go on in `text_2` and so on."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._longest = 0  # text

    def write(self, rows: pa.Table) -> None:
        """Write the documents of one table."""
        for row in rows_of(rows):
            fields = flat_document(row)
            fields["text"] = spreadsheet_cell(fields["text"])
            self._longest = max(self._longest, len(fields["text"]))
            self._rows.add(row, fields)

    def _finish(self) -> None:
        import xlsxwriter  # noqa: PLC0415  only this format needs it

        if len(self._rows) >= MAX_SHEET_ROWS:
            raise UsageError(
                f"{len(self._rows):,} documents are more than the {MAX_SHEET_ROWS:,} rows of an Excel sheet; use --format csv, "
                "or choose fewer with --outlet, --lang or --published"
            )
        parts = max(1, -(-self._longest // MAX_CELL_CHARS))
        options = {
            "constant_memory": True,
            "tmpdir": str(self._path.parent),
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "strings_to_formulas": False,
        }
        with xlsxwriter.Workbook(str(self._path), options) as book:
            book.set_properties({"created": CREATED, "author": "Irtysh"})
            sheet = book.add_worksheet("documents")
            sheet.freeze_panes(1, 1)
            formats = {
                "day": book.add_format({"num_format": "yyyy-mm-dd"}),
                "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            }
            sheet.write_row(0, 0, [*FLAT_COLUMNS, *(f"text_{part}" for part in range(2, parts + 1))])
            for number, line in enumerate(self._rows.lines(), start=1):
                fields = json.loads(line)
                for place, name in enumerate(FLAT_COLUMNS):
                    self._cell(sheet, (number, place), name, fields[name], formats)
                for part in range(1, parts):
                    sheet.write_string(number, len(FLAT_COLUMNS) - 1 + part, _part(fields["text"], part))

    @staticmethod
    def _cell(sheet: Any, place: tuple[int, int], name: str, value: Any, formats: dict[str, Any]) -> None:
        if value is None:
            return
        if name in DAY_COLUMNS:
            sheet.write_datetime(*place, date.fromisoformat(value), formats["day"])
        elif name in TIME_COLUMNS:
            sheet.write_datetime(*place, datetime.fromisoformat(value).replace(tzinfo=None), formats["time"])
        elif isinstance(value, bool):
            sheet.write_boolean(*place, value)
        elif isinstance(value, int | float):
            sheet.write_number(*place, value)
        else:
            text = value if name == "text" else str(spreadsheet_cell(value))
            sheet.write_string(*place, _part(text, 0))


def _part(text: str, number: int) -> str:
    return text[number * MAX_CELL_CHARS : (number + 1) * MAX_CELL_CHARS]
