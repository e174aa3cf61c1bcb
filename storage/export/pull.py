"""Pull a snapshot, or a part of it, into a folder: completely or not at all, with every checksum checked.

Packs are fetched into a folder beside the destination, so that an interrupted pull can reuse them. The output is written
there too, and moved into place at the end.
"""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from articles.errors import CorruptError, UsageError
from storage.export import hub
from storage.export.foreign_file import holds_something_else
from storage.export.formats import ENDINGS, ONE_FILE, DocumentWriter, PullFormat, writer
from storage.export.locking import only_writer
from storage.export.reserved import reserved_documents
from storage.export.selected_rows import LeftOut, SelectedRows
from storage.export.selection import SELECTING_SCHEMA, Selection, annotate, known_texts, lines_of, schema_to_compare
from storage.export.text_query import matching
from storage.export.writing import writing
from storage.objects import ObjectStore
from storage.objects.base import COPY_CHUNK_BYTES
from storage.snapshots import catalog
from storage.snapshots import contents as corpus
from storage.snapshots.contents import SnapshotReader
from storage.snapshots.summary import number_of_documents
from storage.tables import packs
from storage.tables.file_ref import FileRef
from storage.tables.log_reader import LogReader
from storage.tables.prefetch import prefetch

MANIFEST_FILE = "_snapshot.json"
CHECKSUMS_FILE = "_SHA256SUMS"
LINKS_FILE = "_links/links.parquet"
LINKS_FILES: Mapping[PullFormat, str] = {PullFormat.PARQUET: LINKS_FILE, PullFormat.HF: "links/links.parquet"}
LINKS_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("kind", "a_url", "b_url", "a_document_id", "b_document_id", "evidence")),
        ("score", pa.float64()),
    ]
)
LINK_ORDER = [
    *((name, "ascending") for name in ("kind", "a_document_id", "b_document_id")),
    ("score", "descending"),
    ("evidence", "ascending"),
]
CARD_FILE = "README.md"
FEW = 10  # of a pack so many times larger, the row groups without selected rows are not read
FETCH_THREADS = 2  # packs fetched ahead of the one being read: 128 MB in flight


@dataclass(frozen=True, slots=True)
class PullReport:
    """Result of a pull."""

    path: Path
    snapshot: int
    digest: str
    documents: int  # rows written
    fetched: int  # packs
    reused: int  # packs fetched earlier by an interrupted pull
    reserved: int = 0  # documents of the snapshot that are left out, since their publishers reserve `purpose`
    whole: int = 0  # documents of the snapshot
    left_out: Mapping[str, int] = field(default_factory=dict)  # of these, by the option that leaves them out
    highest_score: float = 0.0  # of the topic, of all documents; 0 if none was asked for


def pull(
    log: LogReader,
    number: int,
    dest: Path,
    *,
    form: PullFormat,
    selection: Selection,
    since: int | None,
    progress: Callable[[int, int], None],
    one_file: bool | None = None,
    header: bool = False,
) -> PullReport:
    """Write a snapshot to a folder, or to one file. Default: to a file if the ending of `dest` names the format.

    With `since`, documents that this earlier snapshot had are left out. A folder that an earlier pull wrote is updated
    file by file. `progress` gets two numbers of bytes of packs: read, and in all. `header` puts lines with the metadata
    above plain texts. Raises UsageError if the folder is not empty and no pull wrote it, StoreError if the disk is full,
    and CorruptError if a checksum does not match.
    """
    if one_file is None:
        one_file = ENDINGS.get(dest.suffix.lower()) is form
    _check_destination(dest, form, one_file=one_file)
    state = log.state(number)
    earlier: Iterator[pa.Table] | None = None
    if since is None:
        reader = corpus.reader(log.store, state)
    else:  # what is the same in both snapshots need not be read
        earlier, reader = corpus.reader_of_both(log.store, log.state(since), state, schema_to_compare(selection))
    reserved = reserved_documents(log.store, state, selection.purpose) if selection.purpose is not None else {}
    left_out = LeftOut(selection, pa.array(sorted(reserved), pa.string()))
    partial = dest.absolute().parent / f".{dest.absolute().name}.partial"
    with writing(dest), only_writer(dest):
        cache = partial / "packs"
        cache.mkdir(parents=True, exist_ok=True)
        out = partial / secrets.token_hex(8)
        out.mkdir()
        fetcher = _Fetcher(log.store, cache)
        with (
            SelectedRows(out.with_suffix(".rows"), state.files.get("documents", {})) as rows,
            writer(form, out, all_versions=selection.all_versions, one_file=one_file, header=header) as target,
        ):
            _select(reader, selection, earlier, left_out, rows)
            found, langs = _write(fetcher, target, rows, progress, query=selection.query)
        pa.default_memory_pool().release_unused()  # Arrow keeps some 100 MB of what the texts took
        documents, written = len(found), pc.unique(found)
        del found
        pa.default_memory_pool().release_unused()
        manifest = {
            "snapshot": number,
            "timestamp": state.history[-1].timestamp.isoformat(),
            "digest": catalog.digest(state),
            "since": since,
            "format": form.value,
            **chosen(selection),
            "documents": documents,
        }
        if form is PullFormat.SQLITE:
            from storage.export.sqlite_details import add_details  # noqa: PLC0415  loaded if asked for

            names = frozenset(written.to_pylist())
            contents = reader.tables().contents(state)
            add_details(out / ONE_FILE[form], log.store, state, contents, written=names, about=manifest)
        elif form in LINKS_FILES and not one_file:
            _write_links(out / LINKS_FILES[form], reader, written)
        if one_file:
            (out / ONE_FILE[form]).replace(dest)
        else:
            _describe(out, form, manifest, sorted(langs))
            _finish(out, manifest, target.sums)
            _publish(out, dest)
        shutil.rmtree(partial)
    whole = left_out.read if since is None else number_of_documents(log.store, state)
    return PullReport(
        dest,
        number,
        catalog.digest(state),
        documents,
        fetcher.fetched,
        fetcher.reused,
        len(reserved),
        whole,
        left_out.counts(documents=whole, written=len(written)),
        corpus.highest_score(log.store, state) if selection.topic_min else 0.0,
    )


class _Fetcher:
    """Fetches packs to the local disk, a few ahead of the one being read."""

    def __init__(self, store: ObjectStore, cache: Path) -> None:
        self._store = store
        self._cache = cache
        self.fetched = 0
        self.reused = 0

    def each(self, refs: Sequence[FileRef]) -> Iterator[tuple[FileRef, Path]]:
        """Yield packs with their local files, whose checksums have been checked."""
        for ref, path, reused in prefetch(self._fetch, refs, FETCH_THREADS):
            self.reused += reused
            self.fetched += not reused
            yield ref, path

    def _fetch(self, ref: FileRef) -> tuple[FileRef, Path, bool]:
        path = self._cache / f"{ref.sha256}.parquet"
        if path.exists() and _sha256(path) == ref.sha256:
            return ref, path, True
        arriving = path.with_suffix(".arriving")
        self._store.download(ref.key, arriving)
        if _sha256(arriving) != ref.sha256:
            arriving.unlink()
            raise CorruptError(f"{ref.key} is damaged: its bytes do not have the SHA-256 of its name")
        arriving.replace(path)
        return ref, path, False


def _select(
    reader: SnapshotReader,
    selection: Selection,
    earlier: Iterator[pa.Table] | None,
    left_out: LeftOut,
    rows: SelectedRows,
) -> None:
    """Select the rows to write, and count the documents that are left out."""
    known = None if earlier is None else known_texts(earlier, selection)
    for documents in reader.documents(SELECTING_SCHEMA):
        lines = lines_of(documents, selection, known, left_out.reserved)
        left_out.add(documents, lines)
        rows.add(lines)


def _write(
    fetcher: _Fetcher,
    target: DocumentWriter,
    selected: SelectedRows,
    progress: Callable[[int, int], None],
    *,
    query: str,
) -> tuple[pa.ChunkedArray, set[str]]:
    """Write the selected rows that have the terms of the query. Return their document ids, and their languages."""
    refs = selected.packs
    size, done, documents = sum(ref.size for ref in refs), 0, 0
    written: list[pa.Array] = []
    langs: set[str] = set()
    for (ref, path), lines in zip(fetcher.each(refs), selected.each(), strict=True):
        few = lines.num_rows * FEW < ref.rows
        for rows in packs.batches(path, "documents", only=lines["row_id"] if few else None):
            wanted = annotate(rows, lines)
            documents += wanted.num_rows
            wanted = matching(wanted, query)
            target.write(wanted)
            written += wanted.column("document_id").chunks
            langs.update(pc.unique(wanted.column("lang")).to_pylist())
        done += ref.size
        progress(done, size)
    if documents != selected.num_rows:
        raise CorruptError("a pack does not hold the selected rows; check the snapshot with `irtysh verify`")
    return pa.chunked_array(written, pa.string()), langs


def _write_links(path: Path, reader: SnapshotReader, written: pa.Array) -> None:
    """Write the links between the documents, in the order of the view's links (`articles.history.view.link_order`)."""
    parts = [LINKS_SCHEMA.empty_table()]
    for links in reader.links(LINKS_SCHEMA.append(pa.field("document_id", pa.string()))):
        of_first = pc.equal(links["document_id"], links["a_document_id"])  # one of the two rows of each link
        parts.append(links.filter(of_first).select(LINKS_SCHEMA.names))
    rows = pa.concat_tables(parts)
    of_both = [pc.is_in(rows[name], written) for name in ("a_document_id", "b_document_id")]
    rows = rows.filter(pc.and_(*of_both))
    parts.clear()  # 100 MB of a million documents
    rows = rows.sort_by(LINK_ORDER).combine_chunks()
    path.parent.mkdir()
    pq.write_table(rows, path, compression="zstd")


def _describe(out: Path, form: PullFormat, manifest: Mapping[str, object], langs: Sequence[str]) -> None:
    """Write what `datasets.load_dataset` needs to read the folder."""
    if form is PullFormat.HF:
        (out / CARD_FILE).write_text(hub.card(manifest, langs), encoding="utf-8")
    elif form is PullFormat.PARQUET:
        text = hub.configuration_file("documents-*.parquet", LINKS_FILE)
        (out / hub.CONFIGURATION_FILE).write_text(text, encoding="utf-8")
    elif form is PullFormat.JSONL:
        text = hub.configuration_file(ONE_FILE[form], features=hub.json_schema())
        (out / hub.CONFIGURATION_FILE).write_text(text, encoding="utf-8")


def chosen(selection: Selection) -> dict[str, object]:
    """Return a selection as values for JSON."""
    found = {name: getattr(selection, name) for name in selection.__slots__}
    return {
        name: sorted(value) if isinstance(value, frozenset) else str(value) if name == "published" and value else value
        for name, value in found.items()
    }


def _finish(out: Path, manifest: Mapping[str, object], known: Mapping[str, str]) -> None:
    """Write the checksums of all files, of which some are `known`, and the manifest."""
    names = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    sums = [f"{known.get(name) or _sha256(out / name)}  {name}\n" for name in names]
    (out / CHECKSUMS_FILE).write_text("".join(sums), encoding="utf-8")
    (out / MANIFEST_FILE).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _check_destination(dest: Path, form: PullFormat, *, one_file: bool) -> None:
    if one_file and holds_something_else(dest, form):
        raise UsageError(f"{dest} exists, and was not written by a pull; choose another name, or remove it first")
    if one_file:
        if dest.is_dir():
            raise UsageError(
                f"{dest} is a folder, but a file is to be written; choose another name, or end it in '/' to write into the folder"
            )
    elif dest.exists() and not dest.is_dir():
        raise UsageError(f"{dest} is a file, but a folder is needed; choose another name")
    elif dest.is_dir() and any(dest.iterdir()) and not (dest / CHECKSUMS_FILE).exists():
        raise UsageError(f"{dest} is not empty and was not written by a pull; choose an empty or new folder")


def _publish(out: Path, dest: Path) -> None:
    """Move the output into place: at once if the destination is empty, otherwise file by file with the manifest last."""
    if not dest.exists() or not any(dest.iterdir()):
        out.replace(dest)
        return
    new = {path.relative_to(out) for path in out.rglob("*") if path.is_file()}
    for name in sorted(new - {Path(MANIFEST_FILE), Path(CHECKSUMS_FILE)}):
        (dest / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).replace(dest / name)
    for name in sorted(_listed(dest) - new):
        (dest / name).unlink(missing_ok=True)
    for last in (CHECKSUMS_FILE, MANIFEST_FILE):
        (out / last).replace(dest / last)


def _listed(dest: Path) -> set[Path]:
    """Return the files that an earlier pull listed in its checksums, without names that lead out of the folder."""
    lines = (dest / CHECKSUMS_FILE).read_text(encoding="utf-8").splitlines()
    names = {Path(line.partition("  ")[2]) for line in lines}
    return {name for name in names if name.parts and not name.is_absolute() and os.pardir not in name.parts}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(COPY_CHUNK_BYTES):
            digest.update(block)
    return digest.hexdigest()
