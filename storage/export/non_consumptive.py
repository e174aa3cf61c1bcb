"""Take the running text out of a release's documents, leaving counts of words; and put it back, byte for byte.

A non-consumptive release may be shared where the texts may not. It keeps metadata, hashes and links, and says how often
each document has each word. Pairs of words in a row are not counted: they would give a short text back. Whoever has the
captures extracts them again, and the SHA-256 of each text and of each whole file says whether the result is the same.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from articles.errors import CorruptError, InputError
from articles.links.fingerprint import text_sha256
from articles.model import Document
from storage.export.formats import ParquetWriter
from storage.export.selection import SCHEMA

RUNNING_TEXT = ("text", "lead", "note")  # columns that are null in a non-consumptive release
DOCUMENT_FILES = "documents-*.parquet"
WORDS = "words.parquet"
WORDS_SCHEMA = pa.schema([("document_id", pa.string()), ("word", pa.string()), ("count", pa.int32())])
FULL_SUMS_FILE = "full-documents.sha256"  # of the files of documents with their texts, in the form of sha256sum
WORD = re.compile(
    r"[^\W\d_]+(?:[’'ʼ-][^\W\d_]+)*"
)  # letters, also around an apostrophe or hyphen: "об'єкт", "Усть-Каменогорск"
SUM_LINE = re.compile(r"([0-9a-f]{64})  (documents-\d{5,}\.parquet)")
IDENTITY = ("row_id", "url", "lang", "text_sha256")


def take_texts_out(paths: Iterable[Path], folder: Path) -> bytes:
    """Replace files of documents by files without running text, and write `WORDS` into the folder. Return the full sums."""
    sums = []
    with pq.ParquetWriter(folder / WORDS, WORDS_SCHEMA, compression="zstd") as words:
        for path in sorted(paths):
            with path.open("rb") as data:
                sums.append(f"{hashlib.file_digest(data, 'sha256').hexdigest()}  {path.name}\n")
            full = path.with_suffix(".full")
            path.replace(full)
            with ParquetWriter(folder, path.name) as target, pq.ParquetFile(full) as source:
                for group in range(source.num_row_groups):
                    rows = source.read_row_group(group)
                    words.write_table(_counts(rows))
                    for name in RUNNING_TEXT:
                        column = pa.nulls(rows.num_rows, SCHEMA.field(name).type)
                        rows = rows.set_column(SCHEMA.get_field_index(name), SCHEMA.field(name), column)
                    target.write(rows.cast(SCHEMA))
            full.unlink()
    return "".join(sums).encode()


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
    sums = {}
    for line in path.read_text("utf-8", "replace").splitlines():
        found = SUM_LINE.fullmatch(line)
        if found is None:
            raise InputError(f"{path}: {line[:100]!r} is no checksum of a file of documents")
        sums[found[2]] = found[1]
    if missing := [name for name in sums if not (folder / name).is_file()]:
        raise InputError(f"{folder} lacks {missing[0]}, which {FULL_SUMS_FILE} lists: copy the whole release")
    return sums


def wanted_rows(folder: Path, names: Iterable[str]) -> list[dict[str, str]]:
    """Return `IDENTITY` of all documents of a release. CorruptError for a file that is none of its tables."""
    found: list[dict[str, str]] = []
    for name in sorted(names):
        try:
            found += pq.read_table(folder / name, columns=list(IDENTITY)).to_pylist()
        except (pa.ArrowInvalid, OSError) as error:
            raise CorruptError(f"{folder / name} is damaged: {error}") from error
    return found


def is_wanted(document: Document, row: Mapping[str, str]) -> bool:
    """Return whether a document is that of a row: the same text in the same language."""
    return document.lang == row["lang"] and text_sha256(document.text) == row["text_sha256"]


def put_texts_back(folder: Path, names: Iterable[str], texts: Mapping[str, Document], out: Path) -> dict[str, str]:
    """Write the files of documents with the texts that are known by row id. Return the SHA-256 of each file by name."""
    sums = {}
    for name in sorted(names):
        with ParquetWriter(out, name) as target, pq.ParquetFile(folder / name) as source:
            for group in range(source.num_row_groups):  # the same groups make the same bytes
                rows = source.read_row_group(group)
                known = [texts.get(identity) for identity in rows["row_id"].to_pylist()]
                for column in RUNNING_TEXT:
                    values = [getattr(one, column) if one is not None else None for one in known]
                    array = pa.array(values, SCHEMA.field(column).type)
                    rows = rows.set_column(SCHEMA.get_field_index(column), SCHEMA.field(column), array)
                target.write(rows.cast(SCHEMA))
        with (out / name).open("rb") as data:
            sums[name] = hashlib.file_digest(data, "sha256").hexdigest()
    return sums
