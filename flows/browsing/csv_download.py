"""Make the CSV that Datasette writes safe for spreadsheets: a byte order mark, and no cell that is a formula."""

import codecs
import csv
import io
import re

from articles.harmless import spreadsheet_cell

NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?", re.IGNORECASE)


class SafeCsv:
    """Rewrites CSV that arrives in pieces. Whole lines leave at once, the others with the piece that ends them."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._begun = False

    def write(self, piece: bytes, *, last: bool) -> bytes:
        """Return what of the file can be written after one more piece."""
        text = self._rest + self._decoder.decode(piece, last)
        end = len(text) if last else _end_of_whole_lines(text)
        self._rest = text[end:]
        output = io.StringIO(newline="")
        rows = csv.writer(output)
        for row in csv.reader(io.StringIO(text[:end], newline="")):
            rows.writerow(cell if NUMBER.fullmatch(cell) else spreadsheet_cell(cell) for cell in row)
        mark = b"" if self._begun else codecs.BOM_UTF8
        self._begun = True
        return mark + output.getvalue().encode()


def _end_of_whole_lines(text: str) -> int:
    """Return where the last line ends that is not within quotation marks."""
    end = len(text)
    while (end := text.rfind("\n", 0, end)) >= 0:
        if text.count('"', 0, end) % 2 == 0:
            return end + 1
    return 0
