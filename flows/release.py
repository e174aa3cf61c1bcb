"""Publish a snapshot as a plain data set in the store, readable without Irtysh.

A release is the default view (the newest text of every article, once) as Parquet, with a data set card and the
checksums of all files, and the report of its snapshot (with the extra `report`). No file of a release is ever replaced. `SHA256SUMS` is written last: a release exists once it
has this file. A release that was interrupted is completed by the same command.
"""

import hashlib
import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq

from articles.errors import CorruptError, ExistsError, MissingError, UsageError
from articles.metadata.reservations import Use, reservation
from flows.listener import Listener
from storage.export.card import CardFacts, CardFile, card, croissant
from storage.export.formats import PullFormat
from storage.export.pull import pull
from storage.export.reserved import reserved_documents
from storage.export.selection import Selection
from storage.objects import ObjectStore, create
from storage.snapshots.catalog import digest
from storage.snapshots.summary import summarise
from storage.tables.log_reader import LogReader
from storage.tables.rows import rights_of
from storage.tables.state import State

RELEASE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
CHECKSUMS_FILE = "SHA256SUMS"
CARD_FILE = "README.md"
CROISSANT_FILE = "croissant.json"
REPORT_FILE = "report.html"


@dataclass(frozen=True, slots=True)
class ReleaseReport:
    """Result of publishing a release."""

    name: str
    prefix: str  # of the keys of its files
    snapshot: int
    digest: str
    documents: int
    files: tuple[str, ...]
    reserved: int = 0  # documents of the snapshot left out, since their publishers reserve the purpose


def release(
    log: LogReader,
    number: int,
    name: str,
    *,
    note: str,
    now: datetime,
    listener: Listener,
    purpose: Use | None = None,
) -> ReleaseReport:
    """Publish a snapshot under a name. UsageError if the name is not allowed or already exists.

    `note` is a sentence for the card; `now` is the time of publication on it. With `purpose`, documents whose
    publishers reserve this use are left out.
    """
    if not RELEASE_NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot name a release; use letters, digits, '.', '_' and '-', at most 100")
    store, prefix = log.store, f"releases/{name}"
    _check_free(store, prefix, name)
    state = log.state(number)
    with tempfile.TemporaryDirectory(prefix="irtysh-release-") as scratch:
        folder = Path(scratch) / "pulled"
        pulled = pull(
            log,
            number,
            folder,
            form=PullFormat.PARQUET,
            selection=Selection(purpose=purpose),
            since=None,
            progress=lambda done, size: listener.progress("reading, bytes", done, size),
        )
        paths = sorted(folder.glob("*.parquet"))
        if purpose is not None:
            reserved = reserved_documents(store, state, purpose)
            for path in paths:
                _check_unreserved(path, reserved, purpose)
        files = [CardFile(path.name, path.stat().st_size, _sha256(path)) for path in paths]
        time, begun = state.history[-1].timestamp, _begun(store, prefix, now)
        summary = summarise(store, state)
        facts = CardFacts(
            name, note, number, digest(state), time, begun, pulled.documents, summary, files, purpose, pulled.reserved
        )
        # the description comes first: it says which release an interrupted one was to be
        texts = {CROISSANT_FILE: croissant(facts).encode(), CARD_FILE: card(facts).encode()}
        for file, content in texts.items():
            if not create(store, f"{prefix}/{file}", content) and store.get(f"{prefix}/{file}") != content:
                raise _in_the_way(name, file)
        for path, about in zip(paths, files, strict=True):
            _put_data(store, f"{prefix}/{path.name}", path, about, name)
        if (report := _report(log, state, f"{prefix}/{REPORT_FILE}", listener)) is not None:
            texts[REPORT_FILE] = report
    sums = {file.name: file.sha256 for file in files}
    sums |= {file: hashlib.sha256(content).hexdigest() for file, content in texts.items()}
    _write_checksums(store, prefix, name, "".join(f"{sums[file]}  {file}\n" for file in sorted(sums)).encode())
    written = tuple(sorted({*sums, CHECKSUMS_FILE}))
    return ReleaseReport(name, prefix, number, facts.digest, pulled.documents, written, pulled.reserved)


def _report(log: LogReader, state: State, key: str, listener: Listener) -> bytes | None:
    """Write the report of the snapshot, which names no document. None without the extra `report`.

    That of an interrupted release stays: another version of the library may draw other bytes.
    """
    from flows.snapshot_report import snapshot_report  # noqa: PLC0415  loads the library of charts

    try:
        content = snapshot_report(log, state, naming=False).encode("utf-8", "xmlcharrefreplace")
    except UsageError as error:
        listener.note("no_report", f"the release gets no report: {error}")
        return None
    return content if create(log.store, key, content) else log.store.get(key)


def _check_unreserved(path: Path, reserved: Mapping[str, str], use: Use) -> None:
    """Check a file of the release once more, as it is. CorruptError if it holds a reserved document."""
    for row in pq.read_table(path, columns=["document_id", "rights"]).to_pylist():
        why = reserved.get(row["document_id"]) or reservation(rights_of(row["rights"]), use)
        if why:
            raise CorruptError(f"{path.name}: {row['document_id']} is reserved against {use}: {why}")


def _begun(store: ObjectStore, prefix: str, now: datetime) -> datetime:
    """Return the time of publication: of a release that was interrupted, the day that its description names."""
    try:
        description = json.loads(store.get(f"{prefix}/{CROISSANT_FILE}"))
        return datetime.fromisoformat(description["datePublished"]).replace(tzinfo=now.tzinfo)
    except (MissingError, ValueError, LookupError, TypeError):  # what is unreadable differs, and is refused as such
        return now


def _put_data(store: ObjectStore, key: str, path: Path, about: CardFile, name: str) -> None:
    """Create a data file. UsageError if the release has another one of that name."""
    try:
        store.put_new_file(key, path)
    except ExistsError:
        store.download(key, path)
        if _sha256(path) != about.sha256:
            raise _in_the_way(name, about.name) from None


def _in_the_way(name: str, file: str) -> UsageError:
    return UsageError(
        f"an unfinished release {name} has another {file}, and files of a release are never replaced; choose another "
        f"name, or delete releases/{name}/ as the store's owner"
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def _check_free(store: ObjectStore, prefix: str, name: str) -> None:
    """Check that no release has this name. UsageError."""
    try:
        store.get(f"{prefix}/{CHECKSUMS_FILE}")
    except MissingError:
        return
    raise UsageError(f"release {name} exists already and never changes; choose another name")


def _write_checksums(store: ObjectStore, prefix: str, name: str, sums: bytes) -> None:
    """Write the checksums, which completes the release. UsageError if another process was faster."""
    try:
        store.put_new(f"{prefix}/{CHECKSUMS_FILE}", sums)
    except ExistsError:
        if store.get(f"{prefix}/{CHECKSUMS_FILE}") != sums:  # equal bytes are our own, whose answer was lost
            raise UsageError(f"another process has just published release {name}; choose another name") from None
