"""Output formats of documents and their writers. Each gets tables with the schema `storage.export.selection.SCHEMA`.

Files whose names begin with `_` or `.` hold no documents: pyarrow ignores them when it reads a folder.
"""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import pyarrow as pa
import pyarrow.parquet as pq

from storage.export.documents import BATCH_ROWS, json_document, rows_of
from storage.export.selection import SCHEMA
from storage.export.sorted_rows import SortedFileWriter
from storage.tables.packs import ROW_GROUP_ROWS, ZSTD_LEVEL

MAX_PARQUET_PART_BYTES = (
    256 << 20
)  # in Arrow; about 80 MB as a Parquet file, so that several workers can share the reading
# Dictionaries of others only cost time: a sixth of that of writing, and 2% of the size (docs/measurements.md §14).
REPEATING_COLUMNS = [
    "outlet", "lang", "role", "published", "modified", "section", "source_outlet", "source_url", "source_date", "note",
    "capture_key", "extractor", "run", "lead", "topic_verdict", "continues", "cluster_source", "date_doubt",
    "published_precision",
]  # fmt: skip


class PullFormat(StrEnum):
    """Output formats of `pull`."""

    PARQUET = "parquet"
    JSONL = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"
    TEXT = "text"
    SQLITE = "sqlite"
    HF = "hf"


ENDINGS: Mapping[str, PullFormat] = {  # of a file: the format that it names
    ".parquet": PullFormat.PARQUET,
    ".jsonl": PullFormat.JSONL,
    ".ndjson": PullFormat.JSONL,
    ".csv": PullFormat.CSV,
    ".xlsx": PullFormat.XLSX,
    ".txt": PullFormat.TEXT,
    ".sqlite": PullFormat.SQLITE,
    ".db": PullFormat.SQLITE,
}
FOLDER_ONLY = frozenset({PullFormat.HF})
ONE_FILE: Mapping[PullFormat, str] = {  # name of the file that holds all documents
    PullFormat.PARQUET: "documents.parquet",
    PullFormat.JSONL: "documents.jsonl",
    PullFormat.CSV: "documents.csv",
    PullFormat.XLSX: "documents.xlsx",
    PullFormat.TEXT: "documents.txt",
    PullFormat.SQLITE: "documents.sqlite",
}


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


def writer(
    form: PullFormat, folder: Path, *, all_versions: bool, one_file: bool = False, header: bool = False
) -> DocumentWriter:
    """Return the writer of a format. With `one_file` it writes the file `ONE_FILE[form]` into the folder.

    `header` puts lines with the metadata above plain texts.
    """
    if form is PullFormat.PARQUET:
        return ParquetWriter(folder, ONE_FILE[form] if one_file else "")
    if form is PullFormat.HF:
        (folder / "data").mkdir()
        return ParquetWriter(folder / "data")
    if form is PullFormat.JSONL:
        return JsonLinesWriter(folder / ONE_FILE[form])
    if form is PullFormat.TEXT:
        from storage.export.text_files import TextFileWriter, TextWriter  # noqa: PLC0415  loaded if asked for

        if one_file:
            return TextFileWriter(folder / ONE_FILE[form], header=header)
        return TextWriter(folder, all_versions=all_versions, header=header)
    if form is PullFormat.SQLITE:
        from storage.export.sqlite_file import SqliteWriter  # noqa: PLC0415  loaded if asked for

        return SqliteWriter(folder / ONE_FILE[form])
    from storage.export.spreadsheets import CsvWriter, XlsxWriter  # noqa: PLC0415  loaded if asked for

    return (CsvWriter if form is PullFormat.CSV else XlsxWriter)(folder / ONE_FILE[form])


class ParquetWriter:
    """Writes `documents-00000.parquet` …, or one file of the given name, with all columns."""

    def __init__(self, folder: Path, name: str = "") -> None:
        self.sums: dict[str, str] = {}
        self._folder = folder
        self._name = name
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
        if self._open is None or (self._size >= MAX_PARQUET_PART_BYTES and not self._name):
            self._begin()
        if self._open is not None and rows.num_rows:
            self._open.write_table(rows, row_group_size=ROW_GROUP_ROWS)
            self._size += rows.nbytes

    def _begin(self) -> None:
        if self._open is not None:
            self._open.close()
        path = self._folder / (self._name or f"documents-{self._parts:05}.parquet")
        self._open = pq.ParquetWriter(
            path, SCHEMA, compression="zstd", compression_level=ZSTD_LEVEL, use_dictionary=REPEATING_COLUMNS
        )
        self._parts += 1
        self._size = 0


class JsonLinesWriter(SortedFileWriter):
    """Writes one document per line: UTF-8, times in ISO 8601, the capture as an object. Lines are sorted."""

    def _finish(self) -> None:
        with self._path.open("wb") as target:
            target.writelines(self._rows.lines())

    def write(self, rows: pa.Table) -> None:
        """Write the documents of one table."""
        for row in rows_of(rows, BATCH_ROWS):
            self._rows.add(row, json_document(row))
