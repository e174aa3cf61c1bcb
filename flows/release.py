"""A snapshot as a published data set in the store: any tool reads it, no code of ours.

A release is the default view (the newest text of every article, once) as plain Parquet, with a card that says what it
is, and the checksums of all its files. `SHA256SUMS` is written last and only once: it makes the release, and a name
that has one is taken.
"""

import hashlib
import re
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from articles.errors import ExistsError, MissingError, UsageError
from flows.listener import Listener
from storage.export.card import CardFacts, CardFile, card, croissant
from storage.export.formats import PullFormat
from storage.export.pull import pull
from storage.export.selection import Selection
from storage.objects import ObjectStore
from storage.snapshots.catalog import digest
from storage.snapshots.summary import summarise
from storage.tables.log_reader import LogReader

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
SUMS = "SHA256SUMS"
CARD = "README.md"
CROISSANT = "croissant.json"


@dataclass(frozen=True, slots=True)
class ReleaseReport:
    """A published data set."""

    name: str
    prefix: str  # of its keys
    snapshot: int
    digest: str
    documents: int
    files: tuple[str, ...]


def release(log: LogReader, number: int, name: str, *, note: str, now: datetime, listener: Listener) -> ReleaseReport:
    """Publish a snapshot under a name. UsageError if the name can't be used or is taken."""
    if not NAME.fullmatch(name):
        raise UsageError(f"not a release's name: {name!r} (letters, digits, '.', '_', '-')")
    store, prefix = log.store, f"releases/{name}"
    _free(store, prefix, name)
    state = log.state(number)
    with tempfile.TemporaryDirectory(prefix="irtysh-release-") as scratch:
        folder = Path(scratch) / "pulled"
        pulled = pull(
            log,
            number,
            folder,
            form=PullFormat.PARQUET,
            wish=Selection(),
            since=None,
            progress=lambda done, size: listener.progress("reading, bytes", done, size),
        )
        files = []
        for path in sorted(folder.glob("*.parquet")):
            store.put_file(f"{prefix}/{path.name}", path)
            with path.open("rb") as data:
                files.append(CardFile(path.name, path.stat().st_size, hashlib.file_digest(data, "sha256").hexdigest()))
    time = state.history[-1].timestamp
    about = CardFacts(name, note, number, digest(state), time, now, pulled.documents, summarise(store, state), files)
    texts = {CARD: card(about).encode(), CROISSANT: croissant(about).encode()}
    for file, content in texts.items():
        store.put(f"{prefix}/{file}", content)
    sums = {one.name: one.sha256 for one in files}
    sums |= {file: hashlib.sha256(content).hexdigest() for file, content in texts.items()}
    _make(store, prefix, name, "".join(f"{sums[file]}  {file}\n" for file in sorted(sums)).encode())
    return ReleaseReport(name, prefix, number, about.digest, pulled.documents, tuple(sorted({*sums, SUMS})))


def _free(store: ObjectStore, prefix: str, name: str) -> None:
    try:
        store.get(f"{prefix}/{SUMS}")
    except MissingError:
        return
    raise UsageError(f"there is a release {name} already; a release never changes")


def _make(store: ObjectStore, prefix: str, name: str, sums: bytes) -> None:
    try:
        store.put_new(f"{prefix}/{SUMS}", sums)
    except ExistsError:
        raise UsageError(f"somebody else has just made the release {name}") from None
