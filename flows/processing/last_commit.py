"""How long the last commit took: `status/process/last.json`, which metrics read. Best effort: no run fails for it."""

import json
from dataclasses import asdict, dataclass

from articles.errors import CorruptError, MissingError, StoreError
from flows.listener import Listener
from storage.objects import ObjectStore
from storage.objects.json_objects import checked, read_json

LAST_COMMIT_KEY = "status/process/last.json"


@dataclass(frozen=True, slots=True)
class LastCommit:
    """The last commit of processing."""

    snapshot: int
    ended: str  # ISO 8601, UTC
    captures: int
    reading: float  # seconds to read and extract the captures
    writing: float  # seconds to link, write and commit them


def write(store: ObjectStore, last: LastCommit, listener: Listener) -> None:
    """Note a commit. A store that refuses the note is named; the commit itself is there."""
    try:
        store.put(LAST_COMMIT_KEY, json.dumps(asdict(last), indent=1).encode())
    except StoreError as error:
        listener.note("unnoted", f"how long snapshot {last.snapshot} took was not noted: {error}")


def read(store: ObjectStore) -> LastCommit | None:
    """Return the last commit of processing; None if none was noted. Raises CorruptError."""
    try:
        return checked(LastCommit(**read_json(store, LAST_COMMIT_KEY)))
    except MissingError:
        return None
    except TypeError as error:
        raise CorruptError(f"{LAST_COMMIT_KEY} does not say how long a commit took: {error}") from error
