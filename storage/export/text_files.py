"""Write documents as plain text: one file each with a readable name, or all in one file."""

import csv
import hashlib
import json
import re
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import pyarrow as pa

from articles.harmless import harmless_line, spreadsheet_cell, without_controls
from storage.export.documents import json_document, rows_of, safe_name
from storage.export.published import day
from storage.export.sorted_rows import SortedFileWriter

INDEX_FILE = "index.csv"
INDEX_COLUMNS = (
    "file", "document_id", "article_id", "url", "canonical_url", "outlet", "lang", "role", "title", "authors",
    "published", "modified", "version", "first_seen", "last_seen", "gone", "cluster_id",
)  # fmt: skip
NO_WORD = re.compile(r"[\W_]+")
MAX_SLUG_CHARS = 60  # with date, outlet and id a name stays below 255 bytes in every script of two bytes
ID_DIGITS = 8  # of the article's id, which keeps equal titles of a day apart
DIVIDER = "\n" + "=" * 80 + "\n\n"  # between the documents of one file
UNDATED = "undated"


class TextWriter:
    """Writes `<outlet>/<date>-<outlet>-<slug>-<id>-<lang>.txt`, and `index.csv` with the metadata.

    A file holds the title, a blank line and the text; with `header`, lines with the metadata instead of the title.
    """

    def __init__(self, folder: Path, *, all_versions: bool, header: bool) -> None:
        self.sums: dict[
            str, str
        ] = {}  # computed while writing: opening a file again to hash it takes as long as writing it
        self._folders: set[str] = set()
        self._folder = folder
        self._all_versions = all_versions
        self._header = header
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        self._file = (self._folder / INDEX_FILE).open("w", encoding="utf-8", newline="")
        csv.writer(self._file).writerow(INDEX_COLUMNS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, rows: pa.Table) -> None:
        """Write the documents of one table."""
        if self._file is None:
            raise ValueError("the writer is not open")
        index = csv.writer(self._file)
        for row in rows_of(rows):
            outlet = safe_name(row["outlet"])
            outlet += "_" * (outlet == INDEX_FILE)  # a host may have this name; no outlet's name contains `_`
            if outlet not in self._folders:
                (self._folder / outlet).mkdir()
                self._folders.add(outlet)
            name = f"{outlet}/{self._name(row)}"
            if name in self.sums:  # the ids of two articles end alike
                name = f"{outlet}/{safe_name(row['document_id'])}{self._version(row)}.txt"
            data = plain_text(row, header=self._header).encode()
            (self._folder / name).write_bytes(data)
            self.sums[name] = hashlib.sha256(data).hexdigest()
            fields = json_document(row) | {"file": name, "authors": "; ".join(row["authors"])}
            index.writerow([spreadsheet_cell(fields[column]) for column in INDEX_COLUMNS])

    def _name(self, row: dict[str, Any]) -> str:
        stated = day(row["published"])
        date = stated.isoformat() if stated else UNDATED
        parts = (date, row["outlet"], slug(row["title"]), row["article_id"][-ID_DIGITS:], row["lang"])
        return "-".join(safe_name(part) for part in parts if part) + f"{self._version(row)}.txt"

    def _version(self, row: dict[str, Any]) -> str:
        return f".v{row['version']}" if self._all_versions else ""


class TextFileWriter(SortedFileWriter):
    """Writes all documents into one file, in order, with a divider between them."""

    def __init__(self, path: Path, *, header: bool) -> None:
        super().__init__(path)
        self._header = header

    def _finish(self) -> None:
        with self._path.open("w", encoding="utf-8") as file:
            for number, line in enumerate(self._rows.lines()):
                file.write(DIVIDER * bool(number) + json.loads(line)["document"])

    def write(self, rows: pa.Table) -> None:
        """Write the documents of one table."""
        for row in rows_of(rows):
            self._rows.add(row, {"document": plain_text(row, header=self._header)})


def plain_text(row: dict[str, Any], *, header: bool) -> str:
    """Return a document as plain text, under its title or a header of lines `Name: value`."""
    if not header:
        return f"{without_controls(row['title'])}\n\n{without_controls(row['text'])}\n"
    fields = {
        "Title": row["title"],
        "URL": row["url"],
        "Outlet": row["outlet"],
        "Language": row["lang"],
        "Published": row["published"],
        "Authors": "; ".join(row["authors"]),
        "Document": f"{row['document_id']}, version {row['version']}",
    }
    lines = [f"{name}: {harmless_line(value)}\n" for name, value in fields.items() if value]
    return f"{''.join(lines)}\n{without_controls(row['text'])}\n"


def slug(title: str) -> str:
    """Return the words of a title for a file name, in lower case and joined by hyphens, cut at a word."""
    words = NO_WORD.sub("-", title.lower()).strip("-")
    if len(words) <= MAX_SLUG_CHARS:
        return words
    cut = words[: MAX_SLUG_CHARS + 1]
    return (cut[: cut.rindex("-")] if "-" in cut else cut[:MAX_SLUG_CHARS]).strip("-")
