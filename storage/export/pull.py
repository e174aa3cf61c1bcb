"""A snapshot, or a part of it, in a folder of the user's: whole or not at all, every checksum checked.

Packs are fetched into a folder beside the destination, where a pull that was interrupted finds them again; what is
handed out is written there too and moved into place at the end.
"""

import hashlib
import json
import os
import secrets
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from articles.errors import CorruptError, DeniedError, StoreError, UsageError
from storage.export.formats import DocumentWriter, PullFormat, writer
from storage.export.locking import only_writer
from storage.export.selection import SelectedRow, Selection, annotate, select
from storage.objects import ObjectStore
from storage.objects.base import DENIED
from storage.snapshots import catalog
from storage.snapshots import contents as corpus
from storage.snapshots.contents import SnapshotContents
from storage.tables import packs
from storage.tables.log_reader import LogReader
from storage.tables.packs import FileRef
from storage.tables.prefetch import ahead

MANIFEST = "_snapshot.json"
CHECKSUMS = "_SHA256SUMS"
LINKS = "_links/links.parquet"
FETCHERS = 2  # packs fetched ahead of the one that is read: 128 MB under way
HASH_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class PullReport:
    """What a pull wrote."""

    path: Path
    snapshot: int
    digest: str
    documents: int  # lines
    fetched: int  # packs
    reused: int  # packs that an interrupted pull had fetched


def pull(
    log: LogReader,
    number: int,
    dest: Path,
    *,
    form: PullFormat,
    wish: Selection,
    since: int | None,
    progress: Callable[[int, int], None],
) -> PullReport:
    """Write a snapshot to a folder, or to one file if the form is JSON lines and `dest` ends in `.jsonl`.

    With `since`, only what that earlier snapshot did not have. A folder that an earlier pull wrote is brought up to
    date file by file; any other that is not empty is refused (UsageError). `progress` gets the bytes of packs read and
    to be read. StoreError if the disk is full; CorruptError if what is stored is not what it should be.
    """
    one_file = form is PullFormat.JSONL and dest.suffix == ".jsonl"
    _check(dest, one_file=one_file)
    state = log.state(number)
    contents = corpus.load(log.store, state)
    earlier = corpus.load(log.store, log.state(since)) if since is not None else None
    lines = select(contents, wish, earlier)
    partial = dest.absolute().parent / f".{dest.absolute().name}.partial"
    try:
        with only_writer(dest):
            cache = partial / "packs"
            cache.mkdir(parents=True, exist_ok=True)
            out = partial / secrets.token_hex(8)
            out.mkdir()
            fetcher = _Fetcher(log.store, cache)
            with writer(form, out, all_versions=wish.all_versions) as target:
                documents = _write(fetcher, target, contents, lines, progress)
            if one_file:
                (out / "documents.jsonl").replace(dest)
            else:
                if form is PullFormat.PARQUET:
                    _write_links(out, contents, lines)
                told = {
                    "snapshot": number,
                    "timestamp": state.history[-1].timestamp.isoformat(),
                    "digest": catalog.digest(state),
                    "since": since,
                    "format": form.value,
                    **{name: sorted(value) if name == "langs" else value for name, value in asdict(wish).items()},
                    "documents": documents,
                }
                _finish(out, told, target.sums)
                _publish(out, dest)
            shutil.rmtree(partial)
    except OSError as error:
        kind = DeniedError if error.errno in DENIED else StoreError
        raise kind(f"cannot write {dest}: {error.strerror or error}") from error
    return PullReport(dest, number, catalog.digest(state), documents, fetcher.fetched, fetcher.reused)


class _Fetcher:
    """Brings packs to the local disk, a few ahead of who reads them."""

    def __init__(self, store: ObjectStore, cache: Path) -> None:
        self._store = store
        self._cache = cache
        self.fetched = 0
        self.reused = 0

    def each(self, refs: Sequence[FileRef]) -> Iterator[tuple[FileRef, Path]]:
        """Yield packs with their checked files."""
        for ref, path, had in ahead(self._fetch, refs, FETCHERS):
            self.reused += had
            self.fetched += not had
            yield ref, path

    def _fetch(self, ref: FileRef) -> tuple[FileRef, Path, bool]:
        path = self._cache / f"{ref.sha256}.parquet"
        if path.exists() and _sha256(path) == ref.sha256:
            return ref, path, True
        arriving = path.with_suffix(".arriving")
        self._store.download(ref.key, arriving)
        if _sha256(arriving) != ref.sha256:
            arriving.unlink()
            raise CorruptError(f"{ref.key} is not what its name says")
        arriving.replace(path)
        return ref, path, False


def _write(
    fetcher: _Fetcher,
    target: DocumentWriter,
    contents: SnapshotContents,
    lines: Mapping[str, list[SelectedRow]],
    progress: Callable[[int, int], None],
) -> int:
    by_pack: defaultdict[FileRef, dict[str, list[SelectedRow]]] = defaultdict(dict)
    for row_id, found in lines.items():
        by_pack[contents.labels[row_id].pack][row_id] = found
    size, done, documents = sum(ref.size for ref in by_pack), 0, 0
    for ref, path in fetcher.each(sorted(by_pack)):
        for rows in packs.batches(path, "documents"):
            wanted = annotate(rows, by_pack[ref])
            target.write(wanted)
            documents += wanted.num_rows
        done += ref.size
        progress(done, size)
    if documents != sum(map(len, lines.values())):
        raise CorruptError("a pack does not hold the rows that its head told of")
    return documents


def _write_links(out: Path, contents: SnapshotContents, lines: Mapping[str, list[SelectedRow]]) -> None:
    """Write the links between the documents that are handed out."""
    ours = {line.document_id for found in lines.values() for line in found}
    links = [
        asdict(link) | {"kind": link.kind.value}
        for link in contents.view.links
        if link.a_document_id in ours and link.b_document_id in ours
    ]
    texts = ("kind", "a_url", "b_url", "a_document_id", "b_document_id", "evidence")
    schema = pa.schema([*((name, pa.string()) for name in texts), ("score", pa.float64())])
    (out / LINKS).parent.mkdir()
    pq.write_table(pa.Table.from_pylist(links, schema=schema), out / LINKS, compression="zstd")


def _finish(out: Path, told: Mapping[str, object], known: Mapping[str, str]) -> None:
    """Write the checksums of all files, and the manifest."""
    names = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    sums = [f"{known.get(name) or _sha256(out / name)}  {name}\n" for name in names]
    (out / CHECKSUMS).write_text("".join(sums), encoding="utf-8")
    (out / MANIFEST).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _check(dest: Path, *, one_file: bool) -> None:
    if one_file:
        if dest.is_dir():
            raise UsageError(f"{dest} is a folder, not a file for JSON lines")
    elif dest.exists() and not dest.is_dir():
        raise UsageError(f"{dest} is a file; a folder is needed")
    elif dest.is_dir() and any(dest.iterdir()) and not (dest / CHECKSUMS).exists():
        raise UsageError(f"{dest} is not empty, and nothing that a pull has written")


def _publish(out: Path, dest: Path) -> None:
    """Move a folder into place: at once where there is none, else file by file, the manifest last."""
    if not dest.exists() or not any(dest.iterdir()):
        out.replace(dest)
        return
    new = {path.relative_to(out) for path in out.rglob("*") if path.is_file()}
    for name in sorted(new - {Path(MANIFEST), Path(CHECKSUMS)}):
        (dest / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).replace(dest / name)
    for name in sorted(_listed(dest) - new):
        (dest / name).unlink(missing_ok=True)
    for last in (CHECKSUMS, MANIFEST):
        (out / last).replace(dest / last)


def _listed(dest: Path) -> set[Path]:
    """Return the files that an earlier pull wrote; names that leave the folder are none of them."""
    lines = (dest / CHECKSUMS).read_text(encoding="utf-8").splitlines()
    names = {Path(line.partition("  ")[2]) for line in lines}
    return {name for name in names if name.parts and not name.is_absolute() and os.pardir not in name.parts}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(HASH_BYTES):
            digest.update(block)
    return digest.hexdigest()
