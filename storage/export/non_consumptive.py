"""Take the running text out of a release's documents, leaving counts of words; and put it back, byte for byte.

A non-consumptive release may be shared where the texts may not. It keeps metadata, hashes and links, and says how often
each document has each word. Pairs of words in a row are not counted: they would give a short text back. Whoever has the
captures extracts them again, and the SHA-256 of each text and of each whole file says whether the result is the same.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from articles.errors import CorruptError, InputError
from storage.export.formats import ParquetWriter
from storage.export.selection import SCHEMA
from storage.export.wanted_texts import IDENTITY, RUNNING_TEXT
from storage.objects import file_sha256
from storage.objects.memory_limit import memory_limited
from storage.snapshots.release_index import read_sums as parse_sums
from storage.snapshots.release_index import sums_list
from storage.tables.packs import MAX_READ_MEMORY_BYTES
from storage.tables.schemas import Row

WORDS = "words.parquet"
WORDS_SCHEMA = pa.schema([("document_id", pa.string()), ("word", pa.string()), ("count", pa.int32())])
FULL_SUMS_FILE = "full-documents.sha256"  # of the files of documents with their texts, in the form of sha256sum
# Letters, also around an apostrophe or hyphen: "об'єкт", "Усть-Каменогорск".
WORD = re.compile(r"[^\W\d_]+(?:[’'ʼ-][^\W\d_]+)*")
DOCUMENTS_NAME = re.compile(r"documents-\d{5,}\.parquet")
Texts = Mapping[str, Sequence[str | None]]  # by column of `RUNNING_TEXT`
MAX_SUMS_BYTES = 1 << 20  # 10,000 files; a release of a million documents has some dozens


def take_texts_out(paths: Iterable[Path], folder: Path) -> bytes:
    """Replace files of documents by files without running text, and write `WORDS` into the folder. Return the full sums."""
    sums = {}
    with pq.ParquetWriter(folder / WORDS, WORDS_SCHEMA, compression="zstd") as words:
        for path in sorted(paths):
            sums[path.name] = file_sha256(path)
            full = path.with_suffix(".full")
            path.replace(full)
            with ParquetWriter(folder, path.name) as target:
                for rows in _groups(full):
                    words.write_table(_counts(rows))
                    target.write(_with(rows, {name: [None] * rows.num_rows for name in RUNNING_TEXT}))
            full.unlink()
    return sums_list(sums)


def _with(rows: pa.Table, texts: Texts) -> pa.Table:
    """Return rows with other values in the columns of running text."""
    for name, values in texts.items():
        field = SCHEMA.field(name)
        rows = rows.set_column(SCHEMA.get_field_index(name), field, pa.array(values, field.type))
    return rows.cast(SCHEMA)


def _counts(rows: pa.Table) -> pa.Table:
    """Return how often each document has each word, folded; by document, then by word."""
    found: dict[str, list[str | int]] = {name: [] for name in WORDS_SCHEMA.names}
    for identity, text in zip(rows["document_id"].to_pylist(), rows["text"].to_pylist(), strict=True):
        counted = sorted(Counter(WORD.findall((text or "").casefold())).items())
        found["document_id"] += [identity] * len(counted)
        found["word"] += [word for word, _ in counted]
        found["count"] += [count for _, count in counted]
    return pa.table(found, WORDS_SCHEMA)


def folder_of(release: Path) -> Path:
    """Return the folder with a release's files: `release`, or the one in it. InputError if there is none."""
    found = sorted({path.parent for path in (*release.glob(FULL_SUMS_FILE), *release.glob(f"*/{FULL_SUMS_FILE}"))})
    if len(found) != 1:
        what = "holds several releases" if found else f"is no non-consumptive release: it has no {FULL_SUMS_FILE}"
        raise InputError(f"{release} {what}; give the folder that `irtysh release --non-consumptive` filled")
    return found[0]


def read_sums(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file with its texts, by name. InputError for a list that is none."""
    path = folder / FULL_SUMS_FILE
    with path.open("rb") as file:
        data = file.read(MAX_SUMS_BYTES + 1)
    sums = parse_sums(data) if len(data) <= MAX_SUMS_BYTES else None
    if sums is None or not all(map(DOCUMENTS_NAME.fullmatch, sums)):
        raise InputError(f"{path} is no list of checksums of files of documents")
    if missing := [name for name in sums if not (folder / name).is_file()]:
        raise InputError(f"{folder} lacks {missing[0]}, which {FULL_SUMS_FILE} lists: copy the whole release")
    return sums


def wanted_rows(folder: Path, names: Iterable[str]) -> Iterator[Row]:
    """Yield `IDENTITY` of all documents of a release. CorruptError for a file that is none of its tables."""
    for name in sorted(names):
        for rows in _groups(folder / name, IDENTITY):
            yield from rows.to_pylist()


def _groups(path: Path, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """Yield the row groups of a file of documents; the same groups make the same bytes. CorruptError for any other file."""
    try:
        with memory_limited(MAX_READ_MEMORY_BYTES), pq.ParquetFile(path, page_checksum_verification=True) as file:
            if file.schema_arrow.names != SCHEMA.names:
                raise CorruptError(f"{path} does not have the columns of a release's documents")
            for group in range(file.num_row_groups):
                yield file.read_row_group(group, columns=columns)
    except (pa.ArrowException, OSError, MemoryError) as error:
        raise CorruptError(f"{path} cannot be read: {error}") from error


def put_texts_back(
    folder: Path, names: Iterable[str], texts_of: Callable[[Sequence[str]], Texts], out: Path
) -> dict[str, str]:
    """Write the files of documents with the texts of their row ids. Return the SHA-256 of each file by name."""
    sums = {}
    for name in sorted(names):
        with ParquetWriter(out, name) as target:
            for rows in _groups(folder / name):
                target.write(_with(rows, texts_of(rows["row_id"].to_pylist())))
        sums[name] = file_sha256(out / name)
    return sums
