"""Selected rows of a snapshot by the pack that holds their texts, on the disk; and how many documents are left out, and why.

Rows are written as they are selected and read pack by pack, so that memory does not grow with the snapshot.
"""

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import accumulate
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc

from storage.export.selection import Selection, refusals
from storage.tables.file_ref import FileRef

ROWS_AT_ONCE = 50_000  # of documents in the packs whose selected rows share a file: it is read whole, about 25 MB
MAX_FILES = 64  # open at once: a process may have 256 on macOS. Beyond three million documents each has more rows


class SelectedRows:
    """Rows of `storage.export.selection.lines_of` in temporary files, each with those of some packs. A context manager."""

    def __init__(self, folder: Path, packs: Mapping[str, FileRef]) -> None:
        self._folder = folder
        self._names = sorted(packs, key=lambda name: packs[name])  # in the order of the packs
        self._packs = [packs[name] for name in self._names]
        self._ends = list(accumulate(ref.rows for ref in self._packs))  # documents up to the end of each pack
        self._at_once = max(ROWS_AT_ONCE, -(-self._ends[-1] // MAX_FILES)) if self._ends else ROWS_AT_ONCE
        self._open: dict[int, pa.RecordBatchStreamWriter] = {}
        self._used: set[int] = set()
        self.num_rows = 0

    def __enter__(self) -> Self:
        self._folder.mkdir()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._close()
        finally:
            shutil.rmtree(self._folder)

    def add(self, lines: pa.Table) -> None:
        """Add selected rows."""
        if not lines.num_rows:
            return
        numbers = pc.index_in(lines["pack"], value_set=pa.array(self._names, pa.string()))
        place = lines.column_names.index("pack")
        rows = lines.set_column(place, "pack", numbers).sort_by("pack").combine_chunks()
        used = pc.unique(rows["pack"]).to_pylist()
        self._used.update(used)
        self.num_rows += rows.num_rows
        for file in sorted({self._file_of(number) for number in used}):
            here = [number for number in used if self._file_of(number) == file]
            of_file = pc.and_(pc.greater_equal(rows["pack"], here[0]), pc.less_equal(rows["pack"], here[-1]))
            if file not in self._open:
                self._open[file] = pa.ipc.new_stream(str(self._path(file)), rows.schema)
            self._open[file].write_table(rows.filter(of_file))

    @property
    def packs(self) -> list[FileRef]:
        """The packs that hold the texts of the rows, in order."""
        return [self._packs[number] for number in sorted(self._used)]

    def each(self) -> Iterator[pa.Table]:
        """Yield the rows of each of `packs`, sorted by document. Nothing can be added any more."""
        files = sorted(self._open)
        self._close()
        for file in files:
            with pa.ipc.open_stream(str(self._path(file))) as stream:
                rows = stream.read_all().sort_by([("pack", "ascending"), ("document_id", "ascending")])
            start = 0
            for count in pc.value_counts(rows["pack"]).field("counts").to_pylist():
                yield rows.slice(start, count)
                start += count

    def _file_of(self, number: int) -> int:
        """Return the number of the file for the rows of a pack."""
        return (self._ends[number] - 1) // self._at_once

    def _path(self, file: int) -> Path:
        return self._folder / f"{file}.arrows"

    def _close(self) -> None:
        with ExitStack() as stack:  # closes the others too if closing one fails
            while self._open:
                stack.callback(self._open.popitem()[1].close)


class LeftOut:
    """Counts the documents of a snapshot that are not written, each once, by the option that leaves it out."""

    def __init__(self, selection: Selection, reserved: pa.Array) -> None:
        self._selection = selection
        self.reserved = reserved
        self._refused: Counter[str] = Counter()
        self._closed = 0
        self._selected = 0
        self.read = 0  # documents

    def add(self, documents: pa.Table, lines: pa.Table) -> None:
        """Add some documents, and the rows selected of them."""
        refused = refusals(documents, self._selection)
        for found in pc.value_counts(refused).to_pylist():
            self._refused[found["values"]] += found["counts"]
        wanted = documents["document_id"].filter(pc.equal(refused, ""))
        self._closed += pc.sum(pc.is_in(wanted, self.reserved)).as_py() or 0
        self._selected += len(pc.unique(lines["document_id"]))
        self.read += documents.num_rows

    def counts(self, *, documents: int, written: int) -> dict[str, int]:
        """Return the counts. Of so many documents, those that were not added are the same as in the earlier snapshot."""
        found = dict(self._refused)
        wanted = found.pop("", 0)
        found["purpose"] = self._closed
        found["since"] = wanted - self._closed - self._selected + documents - self.read
        found["query"] = self._selected - written
        return {name: number for name, number in sorted(found.items()) if number}
