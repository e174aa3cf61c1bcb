"""The log: commit n is snapshot n, one create-only PUT that makes documents, links, ledger and captures visible at once.

The protocol of `append`, which any number of writers follow at the same time:

1. packs and side files are in the store already (`storage.tables.packs.write`); nothing sees them yet;
2. read the head, and let the draft be made anew (`rebase`) if it was made for an older one;
3. PUT entry head+1, create-only. Refused (412): read that entry; ours → it had landed; another's → go to 2. Asked to try
   again (409): the same PUT once more;
4. now and then, best effort: a checkpoint for readers of the Delta table, the index for us.

A crash before 3 leaves files that nothing names, during 3 an entry or none, after 3 an index that the next writer makes.
"""

import json
import logging
import random
import re
import time
import uuid
from bisect import bisect_right
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from articles.errors import ContendedError, CorruptError, ExistsError, MissingError, RefError, StoreError
from storage.objects import ObjectStore
from storage.tables import delta
from storage.tables import state as states
from storage.tables.delta import DELTA_TABLE, Commit
from storage.tables.packs import FileRef
from storage.tables.schemas import SCHEMAS
from storage.tables.state import State

LOG = "documents/_delta_log/"
LAST_CHECKPOINT = LOG + "_last_checkpoint"
INDEX = "index/states/"
ENTRY = re.compile(re.escape(LOG) + r"(\d{20})\.json")
STATE = re.compile(re.escape(INDEX) + r"(\d{20})\.json\.gz")

INDEX_INTERVAL = 25  # commits between two checkpoints: 12 ms of 25 × 10 (FINDINGS §9), and at most 25 entries to read
KEPT_STATES = 4  # the newest; of those before, one in so many commits, for who asks for an old snapshot
KEPT_INTERVAL = 250
READERS = 8  # entries read at once
TRIES = 60  # lost races: with four writers the unluckiest of FINDINGS §9 lost seven
WAIT = 0.01  # seconds: about a commit's length, doubled with each lost race
LONGEST_WAIT = 1.0
TICK = timedelta(milliseconds=1)  # Delta's precision

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a writer wants to commit on top of snapshot `base`. The files it adds are in the store."""

    base: int
    operation: str
    run: str
    batch: str
    code: str
    config_sha256: str
    captures: frozenset[str] = frozenset()
    add: tuple[FileRef, ...] = ()  # of any table
    remove: tuple[FileRef, ...] = ()
    replaces: bool = False  # a rebuild: nothing earlier stays live
    rearranges: bool = False  # the added packs hold the rows of the removed ones
    counts: Mapping[str, Any] = field(default_factory=dict)


class Log:
    """The log of one store. Not to be shared by threads; any number of processes may have one each."""

    def __init__(self, store: ObjectStore, clock: Callable[[], datetime], rng: random.Random) -> None:
        self.store = store
        self._clock = clock
        self._rng = rng
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

    def append(self, draft: Draft, rebase: Callable[[State], Draft | None]) -> Commit | None:
        """Commit a draft and return the commit.

        `rebase` makes the draft anew for the state that another writer left; None from it means that nothing is left to
        do, and nothing is committed. StoreError if a draft consumes or removes what it cannot.
        """
        txn_id = str(uuid.UUID(int=self._rng.getrandbits(128), version=4))
        for lost in range(TRIES):
            state = self._newest()
            if draft.base != state.number:
                made = rebase(state)
                if made is None:
                    return None
                draft = made
            commit = self._compose(draft, state, txn_id)
            landed = self._put(commit)
            if landed is not None:
                self._state = states.advance(state, [landed])
                self._keep_index()
                return landed
            self._wait(lost)
        raise ContendedError(f"other writers were first {TRIES} times; snapshot {self._state.number} is the newest")

    def reindex(self) -> State:
        """Make the index and the checkpoint anew from the entries alone."""
        head = max(self._entries(-1), default=-1)
        self._state = states.advance(State(), self.read_many(range(head + 1)))
        if head >= 0:
            self._write_index(self._state)
        return self._state

    def _compose(self, draft: Draft, state: State, txn_id: str) -> Commit:
        if draft.base != state.number:
            raise StoreError(f"a draft for snapshot {draft.base} cannot follow snapshot {state.number}")
        again = draft.captures & state.captures
        if again and not draft.replaces:
            raise StoreError(f"{len(again)} captures are consumed already, the first is {min(again)}")
        if dead := [ref for ref in draft.remove if ref.sha256 not in state.files.get(ref.table, {})]:
            raise StoreError(f"{min(dead).key} is not live in snapshot {state.number} and cannot be removed")
        remove = state.live(DELTA_TABLE) if draft.replaces else draft.remove  # the other tables are in no Delta table
        now = self._clock()
        newest = state.head.timestamp if state.head else None
        if newest is not None:
            now = max(now, newest + TICK)
        return Commit(
            number=state.number + 1,
            timestamp=delta.instant(delta.millis(now)),
            operation=draft.operation,
            txn_id=txn_id,
            run=draft.run,
            batch=draft.batch,
            captures=tuple(sorted(draft.captures)),
            add=tuple(sorted(set(draft.add))),
            remove=tuple(sorted(set(remove) - set(draft.add))),
            replaces=draft.replaces,
            counts=draft.counts,
            parent_sha256=state.sha256,
            code=draft.code,
            config_sha256=draft.config_sha256,
            rearranges=draft.rearranges,
            metadata=self._metadata(state, now),
        )

    def _metadata(self, state: State, now: datetime) -> Mapping[str, Any] | None:
        """Return the table's metadata if it is new: at the first commit, and where the code has other columns."""
        if state.metadata is None:
            return delta.metadata_of(
                SCHEMAS[DELTA_TABLE], str(uuid.UUID(int=self._rng.getrandbits(128), version=4)), now
            )
        schema = delta.schema_string(SCHEMAS[DELTA_TABLE])
        return None if state.metadata["schemaString"] == schema else {**state.metadata, "schemaString": schema}

    def _put(self, commit: Commit) -> Commit | None:
        """Write an entry. Return it as it reads back, None where another writer was first."""
        key, data = entry_key(commit.number), delta.encode(commit)
        for tries in range(TRIES):
            try:
                self.store.put_new(key, data)
            except ExistsError:
                other = self.read(commit.number)
                return other if other.txn_id == commit.txn_id else None  # ours: an answer that was lost on its way
            except ContendedError:
                self._wait(tries)
                continue
            return delta.decode(commit.number, data)
        raise ContendedError(f"the server answered {TRIES} times to try {key} again")

    def _wait(self, tries: int) -> None:
        time.sleep(self._rng.uniform(0, min(LONGEST_WAIT, WAIT * 2**tries)))

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

    def _keep_index(self) -> None:
        """Write checkpoint and index if they are due. What fails here is made by a later writer."""
        if self._state.number - self._indexed < INDEX_INTERVAL:
            return
        try:
            self._write_index(self._state)
        except StoreError as error:
            logger.warning("The checkpoint of snapshot %d was not written: %s", self._state.number, error)

    def _write_index(self, state: State) -> None:
        if state.metadata is None or state.head is None:
            raise CorruptError("the log's first entry has no metaData")
        data, actions = delta.checkpoint(state.metadata, state.live(DELTA_TABLE), state.head.timestamp)
        self.store.put(f"{LOG}{state.number:020}.checkpoint.parquet", data)
        pointer = {"version": state.number, "size": actions, "sizeInBytes": len(data)}
        self.store.put(LAST_CHECKPOINT, json.dumps(pointer).encode())
        self.store.put(state_key(state.number), states.encode(state))
        self._indexed = state.number
        older = sorted(self._indexes())[:-KEPT_STATES]
        kept = {number // KEPT_INTERVAL: number for number in reversed(older)}.values()
        for number in set(older) - set(kept):
            self.store.delete(state_key(number))


def entry_key(number: int) -> str:
    """Return where a commit lies."""
    return f"{LOG}{number:020}.json"


def state_key(number: int) -> str:
    """Return where the index of a commit lies."""
    return f"{INDEX}{number:020}.json.gz"
