"""Sort documents that do not fit into memory: they are written to a file as they arrive, and read in order."""

import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

JSON_ENCODER = json.JSONEncoder(ensure_ascii=False)


class SortedRows:
    """Keeps one line of JSON per document in a temporary file, and yields the lines in order.

    The order is that of outlet, date of publication, document and version. Memory holds only sort keys and offsets,
    about 250 bytes per line.
    """

    def __init__(self, spool: Path) -> None:
        self._spool = spool
        self._file: IO[bytes] | None = None
        self._size = 0
        self._lines: list[tuple[str, str, str, int, int, int]] = []  # the last two are offset and length

    def __enter__(self) -> Self:
        self._file = self._spool.open("w+b")
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            self._spool.unlink()

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, row: dict[str, Any], fields: dict[str, Any]) -> None:
        """Add a document: its row, which says where it belongs, and what to write of it."""
        if self._file is None:
            raise ValueError("the rows are not open")
        line = JSON_ENCODER.encode(fields).encode() + b"\n"
        key = (sys.intern(row["outlet"]), row["published"], row["document_id"], row["version"])
        self._lines.append((*key, self._size, len(line)))
        self._file.write(line)
        self._size += len(line)

    def lines(self) -> Iterator[bytes]:
        """Yield the lines in order."""
        if self._file is None:
            raise ValueError("the rows are not open")
        self._lines.sort()
        for *_, offset, length in self._lines:
            self._file.seek(offset)
            yield self._file.read(length)


class SortedFileWriter(ABC):
    """Base of what writes all documents of a pull, in order, into one file when the last one is known. A context manager."""

    def __init__(self, path: Path) -> None:
        self.sums: dict[str, str] = {}
        self._path = path
        self._rows = SortedRows(path.with_name(f"{path.name}.unsorted"))

    def __enter__(self) -> Self:
        self._rows.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._finish()
        self._rows.__exit__()

    @abstractmethod
    def _finish(self) -> None:
        """Write the file from the sorted rows."""
