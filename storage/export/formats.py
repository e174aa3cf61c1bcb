"""Writers for the output formats of documents. Each gets tables with the schema `storage.export.selection.SCHEMA`.

Files whose names begin with `_` hold no documents: pyarrow ignores them when it reads a folder.
"""

import csv
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, Self

import pyarrow as pa
import pyarrow.parquet as pq

from articles.harmless import spreadsheet_cell
from storage.export.selection import SCHEMA
from storage.tables.packs import ROW_GROUP_ROWS, ZSTD_LEVEL

MAX_PARQUET_PART_BYTES = (
    256 << 20
)  # in Arrow; about 80 MB as a Parquet file, so that several workers can share the reading
BATCH_ROWS = 500  # rows turned into Python objects at once
JSON_ENCODER = json.JSONEncoder(ensure_ascii=False)
UNSAFE_NAME_CHARACTERS = re.compile(r"[^\w.-]+")
INDEX_FILE = "index.csv"
MAX_NAME_CHARS = 100  # each takes at most two of the 255 bytes that file systems allow
INDEX_COLUMNS = (
    "file", "document_id", "article_id", "url", "canonical_url", "outlet", "lang", "role", "title", "authors",
    "published", "modified", "version", "first_seen", "last_seen", "gone", "cluster_id",
)  # fmt: skip


class PullFormat(StrEnum):
    """Output formats of `pull`."""

    PARQUET = "parquet"
    JSONL = "jsonl"
    TEXT = "text"


class DocumentWriter(Protocol):
    """Writes documents below a folder. Leaving its context closes it."""

    @property
    def sums(self) -> dict[str, str]:
        """SHA-256 of files by name, as far as the writer knows them."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def write(self, rows: pa.Table) -> None:
        """Write the documents of one table."""
        ...


def writer(form: PullFormat, folder: Path, *, all_versions: bool) -> DocumentWriter:
    """Return the writer of a format."""
    if form is PullFormat.PARQUET:
        return ParquetWriter(folder)
    if form is PullFormat.JSONL:
        return JsonLinesWriter(folder / "documents.jsonl")
    return TextWriter(folder, all_versions=all_versions)


class ParquetWriter:
    """Writes `documents-00000.parquet` …, with all columns."""

    def __init__(self, folder: Path) -> None:
        self.sums: dict[str, str] = {}
        self._folder = folder
        self._parts = 0
        self._open: pq.ParquetWriter | None = None
        self._size = 0

    def __enter__(self) -> Self:
        self._begin()  # without documents there is still one file, without rows
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._open is not None:
            self._open.close()

    def write(self, rows: pa.Table) -> None:
        """Write the documents of one table."""
        if self._open is None or self._size >= MAX_PARQUET_PART_BYTES:
            self._begin()
        if self._open is not None and rows.num_rows:
            self._open.write_table(rows, row_group_size=ROW_GROUP_ROWS)
            self._size += rows.nbytes

    def _begin(self) -> None:
        if self._open is not None:
            self._open.close()
        path = self._folder / f"documents-{self._parts:05}.parquet"
        self._open = pq.ParquetWriter(path, SCHEMA, compression="zstd", compression_level=ZSTD_LEVEL)
        self._parts += 1
        self._size = 0


class JsonLinesWriter:
    """Writes one document per line: UTF-8, times in ISO 8601, the capture as an object.

    Lines are sorted by outlet, date of publication, document and version. They are first written in the order in which
    they arrive, to a temporary file; memory holds only their sort keys and offsets, about 250 bytes per line.
    """

    def __init__(self, path: Path) -> None:
        self.sums: dict[str, str] = {}
        self._path = path
        self._spool = path.with_name(f"{path.name}.unsorted")
        self._file: IO[bytes] | None = None
        self._size = 0
        self._lines: list[tuple[str, str, str, int, int, int]] = []  # the last two are offset and length

    def __enter__(self) -> Self:
        self._file = self._spool.open("w+b")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is None:
            return
        with self._file as spool:
            if kind is None:
                self._sort(spool)
        self._spool.unlink()

    def write(self, rows: pa.Table) -> None:
        """Write the documents of one table."""
        if self._file is None:
            raise ValueError("the writer is not open")
        for row in _rows(rows):
            line = JSON_ENCODER.encode(json_document(row)).encode() + b"\n"
            key = (sys.intern(row["outlet"]), row["published"], row["document_id"], row["version"])
            self._lines.append((*key, self._size, len(line)))
            self._file.write(line)
            self._size += len(line)

    def _sort(self, spool: IO[bytes]) -> None:
        self._lines.sort()
        with self._path.open("wb") as target:
            for *_, offset, length in self._lines:
                spool.seek(offset)
                target.write(spool.read(length))


class TextWriter:
    """Writes `<outlet>/<document_id>.txt` (title, blank line, text), and `index.csv` with the metadata."""

    def __init__(self, folder: Path, *, all_versions: bool) -> None:
        self.sums: dict[
            str, str
        ] = {}  # computed while writing: opening a file again to hash it takes as long as writing it
        self._folders: set[str] = set()
        self._folder = folder
        self._all_versions = all_versions
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
        for row in _rows(rows):
            number = f".v{row['version']}" if self._all_versions else ""
            outlet = _safe_name(row["outlet"])
            outlet += "_" * (outlet == INDEX_FILE)  # a host may have this name; no outlet's name contains `_`
            if outlet not in self._folders:
                (self._folder / outlet).mkdir()
                self._folders.add(outlet)
            name = f"{outlet}/{_safe_name(row['document_id'])}{number}.txt"
            data = f"{row['title']}\n\n{row['text']}\n".encode()
            (self._folder / name).write_bytes(data)
            self.sums[name] = hashlib.sha256(data).hexdigest()
            fields = json_document(row) | {"file": name, "authors": "; ".join(row["authors"])}
            index.writerow([spreadsheet_cell(fields[column]) for column in INDEX_COLUMNS])


def json_document(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of `storage.export.selection.SCHEMA` as an object for JSON."""
    fields = {name: value for name, value in row.items() if not name.startswith("capture_") and name != "paragraphs"}
    for name in ("captured", "first_seen", "last_seen"):
        fields[name] = row[name].isoformat()
    fields["capture"] = {name: row[f"capture_{name}"] for name in ("key", "offset", "record_id")}
    return fields


def _rows(rows: pa.Table) -> Iterator[dict[str, Any]]:
    for batch in rows.to_batches(max_chunksize=BATCH_ROWS):
        yield from batch.to_pylist()


def _safe_name(name: str) -> str:
    """Return a name that is a valid part of a path on every system."""
    return UNSAFE_NAME_CHARACTERS.sub("_", name).strip(".")[:MAX_NAME_CHARS] or "_"
