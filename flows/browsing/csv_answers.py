"""Make CSV answers fit for spreadsheets: a byte order mark, and no title that is taken for a formula."""

import codecs
import csv
import io
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from articles.harmless import spreadsheet_cell

CSV_TYPE = b"text/csv"
NUMBER = re.compile(r"-?\d+(\.\d+)?")
Send = Callable[[Any], Awaitable[None]]


def sending_harmless_cells(send: Send) -> Send:
    """Return what sends the events of an answer, with the cells of CSV files made harmless. Datasette sends row by row.

    Such files begin with the mark by which Excel recognises UTF-8.
    """
    is_csv, begun = False, False

    async def sent(event: Mapping[str, Any]) -> None:
        nonlocal is_csv, begun
        if event["type"] == "http.response.start":
            headers = dict(event.get("headers", ()))
            is_csv = headers.get(b"content-type", b"").startswith(CSV_TYPE)
        elif is_csv and event.get("body"):
            mark = b"" if begun else codecs.BOM_UTF8
            event = {**event, "body": mark + harmless_rows(event["body"])}
            begun = True
        await send(event)

    return sent


def harmless_rows(rows: bytes) -> bytes:
    """Return rows of a CSV file with harmless cells. Numbers stay as they are."""
    text = rows.decode()
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    usual = csv.field_size_limit(len(text) + 1)  # a cell may hold a long article
    try:
        for row in csv.reader(io.StringIO(text, newline="")):
            writer.writerow([cell if NUMBER.fullmatch(cell) else spreadsheet_cell(cell) for cell in row])
    finally:
        csv.field_size_limit(usual)
    return made.getvalue().encode()
