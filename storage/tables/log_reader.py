"""Read the log: which snapshots exist, and which files are live at each.

Commit n is snapshot n: one object of NDJSON in the Delta format. `storage.tables.log` appends commits.
"""

import logging
import re
from bisect import bisect_right
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from articles.errors import CorruptError, MissingError, RefError
from storage.objects import ObjectStore
from storage.objects.json_objects import get_bounded, read_json
from storage.tables import delta
from storage.tables import state as states
from storage.tables.delta import MAX_NUMBER, Commit
from storage.tables.listed import LOG_PREFIX
from storage.tables.redactions import Redactions, load
from storage.tables.state import State

LAST_CHECKPOINT_KEY = LOG_PREFIX + "_last_checkpoint"
INDEX_PREFIX = "index/states/"
HEADS_PREFIX = "index/heads/"
ENTRY_KEY_PATTERN = re.compile(re.escape(LOG_PREFIX) + r"(\d{20})\.json")
INDEX_KEY_PATTERN = re.compile(re.escape(INDEX_PREFIX) + r"(\d{20})\.json\.gz")
HEAD_KEY_PATTERN = re.compile(re.escape(HEADS_PREFIX) + r"(\d{20})\.json")
READ_THREADS = 8  # for log entries
MAX_ENTRY_BYTES = 64 << 20  # a rebuild of a million captures in 10,000 segments writes 1 MB
MAX_INDEX_BYTES = 64 << 20  # the index of 3,000 commits has 90 kB

logger = logging.getLogger(__name__)


class LogReader:
    """Reads the log of one store. Not for sharing between threads."""

    def __init__(self, store: ObjectStore) -> None:
        self.store = store
        self._state = State()
        self._redactions: Redactions | None = None
        self._indexed = -1  # the newest commit known to have an index

    @property
    def redactions(self) -> Redactions:
        """The takedowns of the store, as they were when this reader first needed them."""
        if self._redactions is None:
            self._redactions = load(self.store)
        return self._redactions

    def head(self) -> int:
        """Return the number of the newest snapshot; -1 before the first."""
        known = self._state.number if self._state.number >= 0 else self._last_checkpoint()
        return max(self.entries(known), default=known)

    def read(self, number: int) -> Commit:
        """Read one commit. Raises MissingError or CorruptError."""
        return self.redactions.commit(self.read_raw(number))

    def read_raw(self, number: int) -> Commit:
        """Read one commit with the names of its own files, which takedowns may have replaced. Raises as `read` does."""
        return delta.decode(number, get_bounded(self.store, entry_key(number), MAX_ENTRY_BYTES))

    def read_many(self, numbers: range) -> list[Commit]:
        """Read several commits. Raises CorruptError if one is damaged or missing."""
        try:
            if numbers.stop - numbers.start < READ_THREADS:
                return [self.read(number) for number in numbers]
            self._check_present(numbers)
            with ThreadPoolExecutor(READ_THREADS) as pool:
                return list(pool.map(self.read, numbers))
        except MissingError as error:
            raise CorruptError(f"the log has a gap: {error}") from error

    def _check_present(self, numbers: range) -> None:
        """Raise MissingError for the first entry that is not there: a name, or `_last_checkpoint`, may say any number."""
        there = set(self.entries(numbers.start - 1))
        gone = next((number for number in numbers if number not in there), None)
        if gone is not None:
            raise MissingError(entry_key(gone))

    def state(self, at: int | None = None) -> State:
        """Return the state at a snapshot; default: the newest. Raises RefError if there is no such snapshot."""
        if at is None:
            return self._newest()
        if at < 0 or at > self.head():
            raise RefError(f"there is no snapshot {at}")
        if at == self._state.number:
            return self._state
        return self._load(at)

    def as_of(self, instant: datetime) -> int:
        """Return the number of the newest snapshot made at or before an instant. Raises RefError if there is none."""
        history = self._newest().history
        number = bisect_right(states.dates(history), instant) - 1
        if number < 0:
            first = (
                f"the first is from {history[0].timestamp:%Y-%m-%d %H:%M:%S} UTC" if history else "there is none yet"
            )
            raise RefError(f"no snapshot existed at {instant:%Y-%m-%d %H:%M:%S %Z}: {first}")
        return number

    def check_tail(self) -> None:
        """Raise CorruptError if the newest entries are gone: other snapshots would get their numbers, and their files would seem unused."""
        self._newest()
        if gone := sorted(self.heads(self._state.number)):
            self._newest()  # another writer may just have written the entry
            if gone := [number for number in gone if number > self._state.number]:
                raise CorruptError(
                    f"the log ends at entry {self._state.number}, but entry {gone[-1]} was there: it was removed. Restore "
                    f"{entry_key(gone[0])} from a backup, or run `irtysh repair`, which continues without it"
                )

    def _newest(self) -> State:
        """Return the newest state. Only commits that this reader has not read yet are read."""
        if self._state.number < 0:
            self._state = self._load(self.head())
        else:
            head = max(self.entries(self._state.number), default=self._state.number)
            self._state = states.advance(self._state, self.read_many(range(self._state.number + 1, head + 1)))
        return self._state

    def _load(self, at: int) -> State:
        """Return the state at a snapshot, from the newest usable index at or before it and the entries after that."""
        for number in sorted(self._indexes(), reverse=True):
            if number > at:
                continue
            try:
                found = self.index(number)
            except (CorruptError, MissingError) as error:
                logger.warning("The index of snapshot %d cannot be used (%s); reading the log instead.", number, error)
                continue
            self._indexed = max(self._indexed, number)
            return states.advance(found, self.read_many(range(number + 1, at + 1)))
        return states.advance(State(), self.read_many(range(at + 1)))

    def index(self, number: int) -> State:
        """Return the index of a snapshot. Raises CorruptError or MissingError."""
        found = states.decode(get_bounded(self.store, state_key(number), MAX_INDEX_BYTES))
        if found.number != number or self.read(number).sha256 != found.sha256:
            raise CorruptError(f"index {number} does not match the log")
        return self.redactions.state(found)

    def entries(self, after: int = -1) -> list[int]:
        """List the numbers of the entries after `after`."""
        start = entry_key(after) if after >= 0 else ""
        return [
            int(match[1])
            for found in self.store.list(LOG_PREFIX, start)
            if (match := ENTRY_KEY_PATTERN.fullmatch(found.key))
        ]

    def _indexes(self) -> list[int]:
        return [
            int(match[1])
            for found in self.store.list(INDEX_PREFIX)
            if (match := INDEX_KEY_PATTERN.fullmatch(found.key))
        ]

    def heads(self, after: int = -1) -> dict[int, str]:
        """Return the keys of the notes on heads after a number: each says that an entry was there, and its SHA-256."""
        start = head_key(after) if after >= 0 else ""
        return {
            int(match[1]): found.key
            for found in self.store.list(HEADS_PREFIX, start)
            if (match := HEAD_KEY_PATTERN.fullmatch(found.key))
        }

    def _last_checkpoint(self) -> int:
        try:
            version = int(read_json(self.store, LAST_CHECKPOINT_KEY)["version"])
        except MissingError:
            return -1
        except (CorruptError, ValueError, LookupError, TypeError, OverflowError) as error:
            logger.warning("_last_checkpoint cannot be read (%r); listing the whole log instead.", error)
            return -1
        return version if 0 <= version < MAX_NUMBER else -1


def entry_key(number: int) -> str:
    """Return the key of a commit's log entry."""
    return f"{LOG_PREFIX}{number:020}.json"


def head_key(number: int) -> str:
    """Return the key of the note that a commit's log entry was there."""
    return f"{HEADS_PREFIX}{number:020}.json"


def state_key(number: int) -> str:
    """Return the key of a commit's index."""
    return f"{INDEX_PREFIX}{number:020}.json.gz"
