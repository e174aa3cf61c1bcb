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
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from articles.errors import ContendedError, CorruptError, ExistsError, StoreError
from storage.objects import ObjectStore
from storage.tables import delta
from storage.tables import state as states
from storage.tables.delta import DELTA_TABLE, Commit
from storage.tables.log_reader import LAST_CHECKPOINT, LOG, LogReader, entry_key, state_key
from storage.tables.packs import FileRef
from storage.tables.schemas import SCHEMAS
from storage.tables.state import State

# commits between two checkpoints: 12 ms of 25 × 10 (docs/measurements.md §9), and at most 25 entries to read
INDEX_INTERVAL = 25
KEPT_STATES = 4  # the newest; of those before, one in so many commits, for who asks for an old snapshot
KEPT_INTERVAL = 250
TRIES = 60  # lost races: with four writers the unluckiest of docs/measurements.md §9 lost seven
WAIT = 0.01  # seconds: about a commit's length, doubled with each lost race
LONGEST_WAIT = 1.0
TICK = timedelta(milliseconds=1)  # Delta's precision

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CommitDraft:
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


class Log(LogReader):
    """The log of one store, to read and to append. Not to be shared by threads; any number of processes may have one each."""

    def __init__(self, store: ObjectStore, clock: Callable[[], datetime], rng: random.Random) -> None:
        super().__init__(store)
        self._clock = clock
        self._rng = rng

    def append(self, draft: CommitDraft, rebase: Callable[[State], CommitDraft | None]) -> Commit | None:
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

    def _compose(self, draft: CommitDraft, state: State, txn_id: str) -> Commit:
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
