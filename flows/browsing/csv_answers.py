"""Make the cells of CSV answers harmless: a spreadsheet must not take a title for a formula."""

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
    """Return what sends the events of an answer, with the cells of CSV files made harmless. Datasette sends row by row."""
    is_csv = False

    async def sent(event: Mapping[str, Any]) -> None:
        nonlocal is_csv
        if event["type"] == "http.response.start":
            headers = dict(event.get("headers", ()))
            is_csv = headers.get(b"content-type", b"").startswith(CSV_TYPE)
        elif is_csv and event.get("body"):
            event = {**event, "body": harmless_rows(event["body"])}
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
