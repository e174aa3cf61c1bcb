"""Rebuild the texts of a non-consumptive release from the captures of a store: `irtysh rebuild --from-release`."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from articles.errors import CorruptError, InputError, MissingError, UsageError
from articles.model import Capture
from articles.url import canonicalize
from flows.listener import Listener
from flows.processing.sites import Sites
from flows.processing.topics import Topics
from flows.processing.workers import Workers
from storage.captures.reader import CaptureReader
from storage.export import non_consumptive
from storage.export.wanted_texts import WantedTexts
from storage.export.writing import writing
from storage.objects import ObjectStore
from storage.tables.log_reader import LogReader


@dataclass(frozen=True, slots=True)
class RebuiltRelease:
    """Result of rebuilding the texts of a release."""

    path: Path
    documents: int
    rebuilt: int  # documents whose text has the stated SHA-256
    other: tuple[str, ...]  # URLs with a capture that gives another text: of another time, or read by other rules
    missing: tuple[str, ...]  # URLs without a capture that can be read
    damaged: tuple[str, ...]  # segments of the store that cannot be read to their end: they may have held some of these
    same_files: bool  # every file has the SHA-256 of the file of the full release


def rebuild_release(
    store: ObjectStore, release: Path, out: Path, listener: Listener, *, workers: int | None, outlets: str
) -> RebuiltRelease:
    """Write the documents of a release with their texts into the new folder `out`; a text that is not found stays null.

    Every capture of a wanted URL is read, in whatever segment it lies: of the corpus itself, or of captures that were
    fetched from a web archive since; those whose texts have been found are skipped. Memory does not grow with the release.
    Raises InputError for a folder that is no such release, UsageError if `out` exists, and
    StoreError if the disk is full.
    """
    with writing(out):
        return _rebuilt(store, release, out, listener, workers=workers, outlets=outlets)


def _rebuilt(
    store: ObjectStore, release: Path, out: Path, listener: Listener, *, workers: int | None, outlets: str
) -> RebuiltRelease:
    release = non_consumptive.folder_of(release)
    full = non_consumptive.read_sums(release)
    if out.exists():
        raise UsageError(f"{out} exists already: name a new folder for the documents with their texts")
    out.parent.mkdir(parents=True, exist_ok=True)
    damaged: list[str] = []
    with (
        tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as scratch,
        WantedTexts(Path(scratch) / "texts.sqlite") as wanted,
    ):
        wanted.want(non_consumptive.wanted_rows(release, full))
        _find(store, wanted, listener, workers, outlets, damaged=damaged)
        folder = Path(scratch) / "documents"
        folder.mkdir()
        sums = non_consumptive.put_texts_back(release, full, wanted.texts, folder)
        shutil.move(folder, out)
        documents, found = wanted.counts()
        return RebuiltRelease(
            path=out,
            documents=documents,
            rebuilt=found,
            other=wanted.lost(seen=True),
            missing=wanted.lost(seen=False),
            damaged=tuple(damaged),
            same_files=sums == full,
        )


def _find(
    store: ObjectStore,
    wanted: WantedTexts,
    listener: Listener,
    workers: int | None,
    outlets: str,
    *,
    damaged: list[str],
) -> None:
    """Extract the captures of wanted URLs, and keep the texts that are wanted. Add what is damaged to `damaged`."""
    sites = Sites(store, outlets)
    pool = Workers(Topics(store).text, workers, sites.of_capture)
    keys = sorted(LogReader(store).state().captures)
    try:
        with CaptureReader() as reader:
            for place, key in enumerate(keys):
                listener.progress("reading segments", place, len(keys))
                for result in pool.read(_captures(store, key, wanted, reader, damaged)):
                    wanted.keep(canonicalize(result.fetch.url), (one.document for one in result.rows))
    finally:
        pool.close()


def _captures(
    store: ObjectStore, key: str, wanted: WantedTexts, reader: CaptureReader, damaged: list[str]
) -> Iterator[Capture]:
    """Yield the captures of a segment whose URL lacks a text. If it is lost or damaged, add its key to `damaged`."""
    with tempfile.TemporaryDirectory(prefix="irtysh-") as scratch:
        path = Path(scratch) / "segment.warc.gz"
        try:
            store.download(key, path)
            for one in reader.segment(path, key):
                if isinstance(one, Capture) and _lacks_text(one.url, wanted):
                    yield one
        except (MissingError, CorruptError):
            damaged.append(key)


def _lacks_text(url: str, wanted: WantedTexts) -> bool:
    try:
        return wanted.lacks(canonicalize(url))
    except InputError:
        return False
