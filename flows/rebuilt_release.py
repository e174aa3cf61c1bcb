"""Rebuild the texts of a non-consumptive release from the captures of a store: `irtysh rebuild --from-release`."""

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from articles.errors import CorruptError, InputError, MissingError, UsageError
from articles.model import Capture, Document
from articles.url import canonicalize
from flows.listener import Listener
from flows.processing.sites import Sites
from flows.processing.topics import Topics
from flows.processing.workers import Workers
from storage.captures.reader import CaptureReader
from storage.export import non_consumptive
from storage.objects import ObjectStore
from storage.tables.log_reader import LogReader

Row = Mapping[str, str]
Wanted = Mapping[str, list[Row]]  # by canonical URL


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
    fetched from a web archive since. Raises InputError for a folder that is no such release, UsageError if `out` exists.
    """
    release = non_consumptive.folder_of(release)
    full = non_consumptive.read_sums(release)
    if out.exists():
        raise UsageError(f"{out} exists already: name a new folder for the documents with their texts")
    rows = non_consumptive.wanted_rows(release, full)
    wanted: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        wanted[canonicalize(row["url"])].append(row)
    damaged: list[str] = []
    found, seen = _texts(store, wanted, listener, workers, outlets, damaged=damaged)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as scratch:
        folder = Path(scratch) / "documents"
        folder.mkdir()
        sums = non_consumptive.put_texts_back(release, full, found, folder)
        shutil.move(folder, out)
    lost = [row for row in rows if row["row_id"] not in found]
    other = {row["url"] for row in lost if canonicalize(row["url"]) in seen}
    missing = {row["url"] for row in lost} - other
    return RebuiltRelease(
        path=out,
        documents=len(rows),
        rebuilt=len(rows) - len(lost),
        other=tuple(sorted(other)),
        missing=tuple(sorted(missing)),
        damaged=tuple(damaged),
        same_files=sums == full,
    )


def _texts(
    store: ObjectStore,
    wanted: Wanted,
    listener: Listener,
    workers: int | None,
    outlets: str,
    *,
    damaged: list[str],
) -> tuple[dict[str, Document], set[str]]:
    """Return the documents of the wanted rows by row id, and the URLs that have a capture. Add what is damaged to `damaged`."""
    found: dict[str, Document] = {}
    seen: set[str] = set()
    sites = Sites(store, outlets)
    pool = Workers(Topics(store).text, workers, sites.of_capture)
    keys = sorted(LogReader(store).state().captures)
    try:
        with CaptureReader() as reader:
            for place, key in enumerate(keys):
                listener.progress("reading segments", place, len(keys))
                for result in pool.read(_captures(store, key, wanted, reader, damaged)):
                    url = canonicalize(result.fetch.url)
                    seen.add(url)
                    for row in wanted[url]:
                        for one in result.rows:
                            if row["row_id"] not in found and non_consumptive.is_wanted(one.document, row):
                                found[row["row_id"]] = one.document
    finally:
        pool.close()
    return found, seen


def _captures(
    store: ObjectStore, key: str, wanted: Wanted, reader: CaptureReader, damaged: list[str]
) -> Iterator[Capture]:
    """Yield the captures of a segment whose URL is wanted. If it is lost or damaged, add its key to `damaged`."""
    with tempfile.TemporaryDirectory(prefix="irtysh-") as scratch:
        path = Path(scratch) / "segment.warc.gz"
        try:
            store.download(key, path)
            for one in reader.segment(path, key):
                if isinstance(one, Capture) and _is_wanted(one.url, wanted):
                    yield one
        except (MissingError, CorruptError):
            damaged.append(key)


def _is_wanted(url: str, wanted: Wanted) -> bool:
    try:
        return canonicalize(url) in wanted
    except InputError:
        return False
