"""The forms in which documents are handed out. Each writer gets tables of `storage.export.selection.SCHEMA`, one by one.

Names that begin with `_` are not documents: pyarrow passes over them when it reads a folder.
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

from storage.export.selection import SCHEMA
from storage.tables.packs import ROW_GROUP_ROWS, ZSTD_LEVEL

PART_BYTES = 256 << 20  # of Arrow memory a Parquet file: about 80 MB, to be read by several workers
BATCH_ROWS = 500  # turned into Python objects at once
ENCODER = json.JSONEncoder(ensure_ascii=False)
NOT_IN_A_NAME = re.compile(r"[^\w.-]+")
INDEX = "index.csv"
MAX_NAME = 100  # characters, of at most two bytes in a file system's 255
INDEX_COLUMNS = (
    "file", "document_id", "article_id", "url", "canonical_url", "outlet", "lang", "role", "title", "authors",
    "published", "modified", "version", "first_seen", "last_seen", "gone", "cluster_id",
)  # fmt: skip


class PullFormat(StrEnum):
    """What `pull` can write."""

    PARQUET = "parquet"
    JSONL = "jsonl"
    TEXT = "text"


class DocumentWriter(Protocol):
    """Writes documents below a folder. To be closed by leaving its context."""

    @property
    def sums(self) -> dict[str, str]:
        """The SHA-256 of files, by their name, as far as the writer knows them."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def write(self, rows: pa.Table) -> None:
        """Write some documents."""
        ...


def writer(form: PullFormat, folder: Path, *, all_versions: bool) -> DocumentWriter:
    """Return the writer of a form."""
    if form is PullFormat.PARQUET:
        return ParquetWriter(folder)
    if form is PullFormat.JSONL:
        return JsonLinesWriter(folder / "documents.jsonl")
    return TextWriter(folder, all_versions=all_versions)


class ParquetWriter:
    """`documents-00000.parquet` …: all columns, by part."""

    def __init__(self, folder: Path) -> None:
        self.sums: dict[str, str] = {}
        self._folder = folder
        self._parts = 0
        self._open: pq.ParquetWriter | None = None
        self._size = 0

    def __enter__(self) -> Self:
        self._begin()  # no documents are a table without rows
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._open is not None:
            self._open.close()

    def write(self, rows: pa.Table) -> None:
        """Write some documents."""
        if self._open is None or self._size >= PART_BYTES:
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
    """One document a line, UTF-8; times in ISO 8601; the capture as an object.

    Lines are in the order of outlet, date of publication, document and version, whatever the order in which they come.
    They are set down as they come, and only their keys and places are kept in memory: about 250 bytes a line.
    """

    def __init__(self, path: Path) -> None:
        self.sums: dict[str, str] = {}
        self._path = path
        self._spool = path.with_name(f"{path.name}.unsorted")
        self._file: IO[bytes] | None = None
        self._size = 0
        self._lines: list[tuple[str, str, str, int, int, int]] = []  # the last two: offset and length

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
        """Write some documents."""
        if self._file is None:
            raise ValueError("the writer is not open")
        for row in _rows(rows):
            line = ENCODER.encode(json_document(row)).encode() + b"\n"
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
    """`<outlet>/<document_id>.txt`: the title, a blank line, the text; and `index.csv` with what else is known."""

    def __init__(self, folder: Path, *, all_versions: bool) -> None:
        self.sums: dict[str, str] = {}  # opening a file again to hash it costs as much as writing it
        self._folders: set[str] = set()
        self._folder = folder
        self._all_versions = all_versions
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        self._file = (self._folder / INDEX).open("w", encoding="utf-8", newline="")
        csv.writer(self._file).writerow(INDEX_COLUMNS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, rows: pa.Table) -> None:
        """Write some documents."""
        if self._file is None:
            raise ValueError("the writer is not open")
        index = csv.writer(self._file)
        for row in _rows(rows):
            number = f".v{row['version']}" if self._all_versions else ""
            outlet = _plain(row["outlet"])
            outlet += "_" * (outlet == INDEX)  # a host may be called so, and no outlet's name has a `_`
            if outlet not in self._folders:
                (self._folder / outlet).mkdir()
                self._folders.add(outlet)
            name = f"{outlet}/{_plain(row['document_id'])}{number}.txt"
            data = f"{row['title']}\n\n{row['text']}\n".encode()
            (self._folder / name).write_bytes(data)
            self.sums[name] = hashlib.sha256(data).hexdigest()
            told = json_document(row) | {"file": name, "authors": "; ".join(row["authors"])}
            index.writerow([told[column] for column in INDEX_COLUMNS])


def json_document(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of `storage.export.selection.SCHEMA` as JSON has it."""
    told = {name: value for name, value in row.items() if not name.startswith("capture_") and name != "paragraphs"}
    for name in ("captured", "first_seen", "last_seen"):
        told[name] = row[name].isoformat()
    told["capture"] = {name: row[f"capture_{name}"] for name in ("key", "offset", "record_id")}
    return told


def _rows(rows: pa.Table) -> Iterator[dict[str, Any]]:
    for batch in rows.to_batches(max_chunksize=BATCH_ROWS):
        yield from batch.to_pylist()


def _plain(name: str) -> str:
    """Return a name that is one segment of a path on every system."""
    return NOT_IN_A_NAME.sub("_", name).strip(".")[:MAX_NAME] or "_"
