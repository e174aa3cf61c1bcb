"""Publish a snapshot as a plain data set in the store, readable without Irtysh.

A release is the default view (the newest text of every article, once) as Parquet, with links, versions and coverage
(`storage.export.release_tables`), a data set card and other descriptions, the checksums of all files, and the report of its
snapshot (with the extra `report`). Its files lie in a folder that is named
by their content, and a create-only index says which folder is the release (`storage.snapshots.release_index`). So no file is
ever replaced, two commands at once cannot mix, and a release that was interrupted is completed by the same command.
"""

import hashlib
import json
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq

from articles.errors import CorruptError, MissingError, UsageError
from articles.metadata.reservations import Use, reservation
from flows.listener import Listener
from storage.export import release_metadata
from storage.export.card import CardFacts, CardFile, card, croissant
from storage.export.formats import PullFormat
from storage.export.non_consumptive import FULL_SUMS_FILE, take_texts_out
from storage.export.pull import LINKS_FILE, pull
from storage.export.release_tables import add_tables
from storage.export.reserved import reserved_documents
from storage.export.selection import Selection
from storage.objects import ObjectStore, create, file_sha256, put_file_once
from storage.snapshots.catalog import digest
from storage.snapshots.release_index import CHECKSUMS_FILE, RELEASES_PREFIX, index_of, sums_list
from storage.snapshots.summary import summarise
from storage.tables import redactions
from storage.tables.log_reader import LogReader
from storage.tables.rows import rights_of
from storage.tables.state import State

RELEASE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
CARD_FILE = "README.md"
CROISSANT_FILE = "croissant.json"
REPORT_FILE = "report.html"
RESUMED_AGE = timedelta(days=14)  # of a folder that is continued: well below the age at which `gc` deletes it


@dataclass(frozen=True, slots=True)
class ReleaseReport:
    """Result of publishing a release."""

    name: str
    prefix: str  # of the keys of its files
    folder: str  # below the prefix, with all files but the index: the SHA-256 of their checksums
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
    non_consumptive: bool = False,
) -> ReleaseReport:
    """Publish a snapshot under a name. UsageError if the name is not allowed or already exists.

    `note` is a sentence for the card; `now` is the time of publication on it. With `purpose`, documents whose
    publishers reserve this use are left out. With `non_consumptive` the texts are, and words are counted.
    """
    if not RELEASE_NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot name a release; use letters, digits, '.', '_' and '-', at most 100")
    store, prefix = log.store, f"{RELEASES_PREFIX}{name}"
    _check_free(store, name)
    takedowns = redactions.count(store)
    state = log.state(number)
    with tempfile.TemporaryDirectory(prefix="irtysh-release-") as scratch:
        pulled_to = Path(scratch) / "pulled"
        pulled = pull(
            log,
            number,
            pulled_to,
            form=PullFormat.PARQUET,
            selection=Selection(purpose=purpose),
            since=None,
            progress=lambda done, size: listener.progress("reading, bytes", done, size),
        )
        documents = sorted(pulled_to.glob("*.parquet"))
        if purpose is not None:
            reserved = reserved_documents(store, state, purpose)
            for path in documents:
                _check_unreserved(path, reserved, purpose)
        full = take_texts_out(documents, pulled_to) if non_consumptive else b""
        counts = add_tables(store, state, pulled_to, documents, pulled_to / LINKS_FILE)
        paths = sorted(pulled_to.glob("*.parquet"))
        files = [CardFile(path.name, path.stat().st_size, file_sha256(path)) for path in paths]
        facts = CardFacts(
            name,
            note,
            number,
            digest(state),
            state.history[-1].timestamp,
            now,
            pulled.documents,
            summarise(store, state),
            files,
            counts,
            state.history[-1].code,
            purpose,
            pulled.reserved,
            full,
        )
        texts = _resumed(store, prefix, facts, _report(log, state, listener))
        folder = _folder(texts)
        _put_files(store, f"{prefix}/{folder}", texts, paths)
    sums = {file.name: file.sha256 for file in files} | _sums(texts)
    redactions.refuse_later(store, takedowns)
    _write_index(store, name, sums_list(sums, folder + "/"))
    written = tuple(sorted([CHECKSUMS_FILE, *(f"{folder}/{file}" for file in sums)]))
    return ReleaseReport(name, prefix, folder, number, facts.digest, pulled.documents, written, pulled.reserved)


def _resumed(store: ObjectStore, prefix: str, facts: CardFacts, report: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the texts of a release: those with the day on which it was begun, if it was interrupted and is the same."""
    there = {info.key.removeprefix(f"{prefix}/").partition("/")[0] for info in store.list(f"{prefix}/")}
    for folder in sorted(there):
        day = _begun(store, f"{prefix}/{folder}/{CROISSANT_FILE}")
        if day is not None and abs(facts.created - day) <= RESUMED_AGE:
            texts = _texts(replace(facts, created=day), report)
            if _folder(texts) == folder:
                return texts
    return _texts(facts, report)


def _texts(facts: CardFacts, report: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the texts of a release, by the names of their files. The first one says when it was begun."""
    described = release_metadata.described(facts)
    cited = described[release_metadata.BIBTEX_FILE].decode()
    texts = {CROISSANT_FILE: croissant(facts, cited).encode(), CARD_FILE: card(facts).encode(), **described, **report}
    if facts.full_sums:
        texts[FULL_SUMS_FILE] = facts.full_sums
    sums = {file.name: file.sha256 for file in facts.files} | _sums(texts)
    return {**texts, CHECKSUMS_FILE: sums_list(sums)}


def _sums(texts: Mapping[str, bytes]) -> dict[str, str]:
    return {file: hashlib.sha256(content).hexdigest() for file, content in texts.items()}


def _folder(texts: Mapping[str, bytes]) -> str:
    return hashlib.sha256(texts[CHECKSUMS_FILE]).hexdigest()


def _report(log: LogReader, state: State, listener: Listener) -> dict[str, bytes]:
    """Return the report of the snapshot, which names no document, as a file. None without the extra `report`."""
    from flows.snapshot_report import snapshot_report  # noqa: PLC0415  loads the library of charts

    try:
        return {REPORT_FILE: snapshot_report(log, state, naming=False).encode("utf-8", "xmlcharrefreplace")}
    except UsageError as error:
        listener.note("no_report", f"the release gets no report: {error}")
        return {}


def _check_unreserved(path: Path, reserved: Mapping[str, str], use: Use) -> None:
    """Check a file of the release once more, as it is. CorruptError if it holds a reserved document."""
    for row in pq.read_table(path, columns=["document_id", "rights"]).to_pylist():
        why = reserved.get(row["document_id"]) or reservation(rights_of(row["rights"]), use)
        if why:
            raise CorruptError(f"{path.name}: {row['document_id']} is reserved against {use}: {why}")


def _put_files(store: ObjectStore, folder: str, texts: Mapping[str, bytes], paths: Iterable[Path]) -> None:
    """Create the files of a release. Those that are there are an interrupted command's, or another's at this moment."""
    for file, content in texts.items():
        if not create(store, f"{folder}/{file}", content) and store.get(f"{folder}/{file}") != content:
            raise _in_the_way(f"{folder}/{file}")
    for path in paths:
        if not put_file_once(store, f"{folder}/{path.name}", path):
            raise _in_the_way(f"{folder}/{path.name}")


def _begun(store: ObjectStore, key: str) -> datetime | None:
    """Return the day of publication that a description names; None if it is missing or unreadable."""
    try:
        return datetime.fromisoformat(json.loads(store.get(key))["datePublished"]).replace(tzinfo=UTC)
    except (MissingError, ValueError, LookupError, TypeError):
        return None


def _in_the_way(key: str) -> CorruptError:
    return CorruptError(
        f"{key} is damaged: its folder is named by its content, which is another; delete it as the store's owner, or publish "
        "the release under another name"
    )


def _check_free(store: ObjectStore, name: str) -> None:
    """Check that no release has this name. UsageError."""
    if (listed := index_of(store, name)) is None:
        return
    described = [file for file in listed if file.rpartition("/")[2] == CROISSANT_FILE]
    day = _begun(store, f"{RELEASES_PREFIX}{name}/{described[0]}") if described else None
    since = f", published on {day.date()}," if day else ""
    raise UsageError(
        f"release {name} exists already{since} and never changes; `irtysh verify` checks it; choose another name"
    )


def _write_index(store: ObjectStore, name: str, index: bytes) -> None:
    """Write the index, which makes the folder the release. UsageError if another process was faster."""
    key = f"{RELEASES_PREFIX}{name}/{CHECKSUMS_FILE}"
    if not create(store, key, index) and store.get(key) != index:  # equal bytes are our own, whose answer was lost
        raise UsageError(f"another process has just published release {name}; choose another name")
