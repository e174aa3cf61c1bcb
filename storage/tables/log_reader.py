"""The log as readers see it: which snapshots there are, and what is live at each.

Commit n, one NDJSON object in the Delta format, is snapshot n. `storage.tables.log` appends.
"""

import json
import logging
import re
from bisect import bisect_right
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from articles.errors import CorruptError, MissingError, RefError
from storage.objects import ObjectStore
from storage.tables import delta
from storage.tables import state as states
from storage.tables.delta import Commit
from storage.tables.state import State

LOG = "documents/_delta_log/"
LAST_CHECKPOINT = LOG + "_last_checkpoint"
INDEX = "index/states/"
ENTRY = re.compile(re.escape(LOG) + r"(\d{20})\.json")
STATE = re.compile(re.escape(INDEX) + r"(\d{20})\.json\.gz")
READERS = 8  # entries read at once

logger = logging.getLogger(__name__)


class LogReader:
    """The log of one store, to read. Not to be shared by threads."""

    def __init__(self, store: ObjectStore) -> None:
        self.store = store
        self._state = State()
        self._indexed = -1  # the newest commit that an index is known of

    def head(self) -> int:
        """Return the number of the newest snapshot, -1 before the first."""
        known = self._state.number if self._state.number >= 0 else self._last_checkpoint()
        return max(self._entries(known), default=known)

    def read(self, number: int) -> Commit:
        """Read one commit. MissingError, CorruptError."""
        return delta.decode(number, self.store.get(entry_key(number)))

    def read_many(self, numbers: range) -> list[Commit]:
        """Read several commits at once. CorruptError, also where one is missing."""
        try:
            if len(numbers) < READERS:
                return [self.read(number) for number in numbers]
            with ThreadPoolExecutor(READERS) as pool:
                return list(pool.map(self.read, numbers))
        except MissingError as error:
            raise CorruptError(f"the log has a gap: {error}") from error

    def state(self, at: int | None = None) -> State:
        """Return the state at a snapshot, the newest if none is named. RefError if there is no such snapshot."""
        if at is None:
            return self._newest()
        if at < 0 or at > self.head():
            raise RefError(f"there is no snapshot {at}")
        if at == self._state.number:
            return self._state
        return self._load(at)

    def as_of(self, instant: datetime) -> int:
        """Return the newest snapshot that was made at or before an instant. RefError if there is none."""
        history = self._newest().history
        number = bisect_right(history, instant, key=lambda commit: commit.timestamp) - 1
        if number < 0:
            first = f"the first is of {history[0].timestamp:%Y-%m-%d %H:%M:%S} UTC" if history else "there is none yet"
            raise RefError(f"no snapshot was there at {instant:%Y-%m-%d %H:%M:%S %Z}: {first}")
        return number

    def _newest(self) -> State:
        """Return the newest state, reading only what was committed since this log looked last."""
        if self._state.number < 0:
            self._state = self._load(self.head())
        else:
            head = max(self._entries(self._state.number), default=self._state.number)
            self._state = states.advance(self._state, self.read_many(range(self._state.number + 1, head + 1)))
        return self._state

    def _load(self, at: int) -> State:
        """Return the state at a snapshot: from the newest index before it, and the entries behind that."""
        for number in sorted(self._indexes(), reverse=True):
            if number > at:
                continue
            try:
                found = self._index(number)
            except (CorruptError, MissingError) as error:
                logger.warning("The index of snapshot %d cannot be used (%s); reading the log instead.", number, error)
                continue
            self._indexed = max(self._indexed, number)
            return states.advance(found, self.read_many(range(number + 1, at + 1)))
        return states.advance(State(), self.read_many(range(at + 1)))

    def _index(self, number: int) -> State:
        found = states.decode(self.store.get(state_key(number)))
        if found.number != number or self.read(number).sha256 != found.sha256:
            raise CorruptError(f"index {number} does not fit the log")
        return found

    def _entries(self, after: int) -> list[int]:
        """Return the numbers of the entries behind `after`, from a listing."""
        start = entry_key(after) if after >= 0 else ""
        return [int(match[1]) for found in self.store.list(LOG, start) if (match := ENTRY.fullmatch(found.key))]

    def _indexes(self) -> list[int]:
        return [int(match[1]) for found in self.store.list(INDEX) if (match := STATE.fullmatch(found.key))]

    def _last_checkpoint(self) -> int:
        try:
            return int(json.loads(self.store.get(LAST_CHECKPOINT))["version"])
        except MissingError:
            return -1
        except (ValueError, LookupError, TypeError) as error:
            logger.warning("_last_checkpoint cannot be read (%r); listing the whole log instead.", error)
            return -1


def entry_key(number: int) -> str:
    """Return where a commit lies."""
    return f"{LOG}{number:020}.json"


def state_key(number: int) -> str:
    """Return where the index of a commit lies."""
    return f"{INDEX}{number:020}.json.gz"
