"""Append commits to the log. Commit n is snapshot n: one create-only PUT makes files of all tables visible at once.

The protocol of `append`, which any number of writers may follow at the same time:

1. The packs are in the store already (`storage.tables.packs.write`). No reader sees them yet.
2. Read the head. If the draft was made for an older head, make it again (`rebase`).
3. If articles were taken down since the draft's rows were read, make it again too. A takedown searches the packs that no
   commit lists after it is recorded, so it finds those of a writer that looks before.
4. PUT entry head+1, create-only. If it is refused (412), read that entry: if it is ours, the first PUT had succeeded;
   if it is another writer's, go to 2. If the server answers 409, repeat the same PUT.
5. From time to time, best effort: write a checkpoint for Delta readers, and the index for our own.

A crash before 4 leaves files that no commit lists; during 4, a whole entry or none; after 4, a missing index, which the
next writer makes.
"""

import contextlib
import json
import logging
import random
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from articles.errors import ContendedError, CorruptError, DeniedError, ExistsError, StoreError
from storage.clock import MAX_CLOCK_DIFFERENCE, future_head
from storage.objects import ObjectStore, put_once
from storage.tables import accounts, delta, delta_schema, redactions
from storage.tables import state as states
from storage.tables.delta import Commit
from storage.tables.file_ref import DELTA_TABLE, FileRef
from storage.tables.listed import LOG_PREFIX
from storage.tables.log_format import SegmentSum, check_writable
from storage.tables.log_reader import LAST_CHECKPOINT_KEY, LogReader, entry_key, head_key, state_key
from storage.tables.schemas import SCHEMAS
from storage.tables.state import State

# Commits between two checkpoints. 25 commits take 25 × 10 ms, a checkpoint 12 ms (docs/measurements.md §9), and a reader
# has at most 25 entries to read.
INDEX_INTERVAL_COMMITS = 25
KEPT_INDEXES = 4  # the newest ones; of the older, one in so many commits is kept, for readers of old snapshots
KEPT_INDEX_INTERVAL_COMMITS = 250
MAX_COMMIT_ATTEMPTS = 60  # of four writers in docs/measurements.md §9, none lost more than seven races
FIRST_WAIT_SECONDS = 0.01  # about the duration of a commit; doubled after each lost race
MAX_WAIT_SECONDS = 1.0
TIME_RESOLUTION = timedelta(milliseconds=1)  # Delta's precision

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CommitDraft:
    """A commit that a writer proposes on top of snapshot `base`. The files that it adds are in the store already."""

    base: int
    operation: str
    run: str
    batch: str
    code: str
    config_sha256: str
    captures: frozenset[str] = frozenset()
    sums: Mapping[str, SegmentSum] = field(default_factory=dict)  # of the captures
    left_out: tuple[str, ...] = ()  # damaged segments that a rebuild leaves out
    add: tuple[FileRef, ...] = ()  # of any table
    remove: tuple[FileRef, ...] = ()
    replaces: bool = False  # a rebuild: no earlier file stays live
    rearranges: bool = False  # the added packs hold the rows of the removed ones
    counts: Mapping[str, Any] = field(default_factory=dict)
    accounts: str = ""  # as `storage.tables.accounts.kept` returns it, with the pages in `counts`
    takedowns: int | None = None  # there were when the added rows were checked for them; None: it adds no such rows


class Log(LogReader):
    """Reads and appends the log of one store. Not for sharing between threads; each thread or process opens its own."""

    def __init__(self, store: ObjectStore, clock: Callable[[], datetime], rng: random.Random) -> None:
        super().__init__(store)
        self._clock = clock
        self.rng = rng

    def append(self, draft: CommitDraft, rebase: Callable[[State], CommitDraft | None]) -> Commit | None:
        """Commit a draft and return the commit.

        If another writer was first, or articles were taken down, `rebase(state)` makes the draft again for the new state. If it returns None, nothing
        is left to commit, and None is returned. Raises StoreError if the draft consumes a consumed capture or removes a
        file that is not live, and ContendedError after too many lost races.
        """
        txn_id = str(uuid.UUID(int=self.rng.getrandbits(128), version=4))
        self.check_tail()
        outdated = False
        for lost in range(MAX_COMMIT_ATTEMPTS):
            state = self._newest()
            check_writable(state.needs)
            if outdated or draft.base != state.number:
                rebased = rebase(state)
                if rebased is None:
                    return None
                draft = rebased
            commit = self._compose(draft, state, txn_id)
            outdated = draft.takedowns is not None and redactions.count(self.store) != draft.takedowns
            landed = None if outdated else self._put(commit)
            if landed is not None:
                self._state = states.advance(state, [landed])
                self._note_head(landed)
                self._keep_index()
                return landed
            self._wait(lost)
        raise ContendedError(
            f"nothing was committed: other writers were first {MAX_COMMIT_ATTEMPTS} times, and the newest snapshot is "
            f"{self._state.number}; try again"
        )

    def reindex(self) -> State:
        """Write the index and the checkpoint again, from the log entries alone."""
        head = max(self.entries(-1), default=-1)
        self._state = states.advance(State(), self.read_many(range(head + 1)))
        if head >= 0:
            self._write_index(self._state)
        return self._state

    def _compose(self, draft: CommitDraft, state: State, txn_id: str) -> Commit:
        if draft.base != state.number:
            raise StoreError(f"a draft for snapshot {draft.base} cannot follow snapshot {state.number}")
        consumed = draft.captures & state.captures
        if consumed and not draft.replaces:
            raise StoreError(f"{len(consumed)} captures were consumed already, the first is {min(consumed)}")
        if dead := [ref for ref in draft.remove if ref.sha256 not in state.files.get(ref.table, {})]:
            raise StoreError(f"{min(dead).key} is not live in snapshot {state.number} and cannot be removed")
        remove = (
            state.live(DELTA_TABLE) if draft.replaces else draft.remove
        )  # only the Delta table needs `remove` actions
        written = now = self._clock()
        newest = state.head.timestamp if state.head else None
        if newest is not None:
            now = max(now, newest + TIME_RESOLUTION)
        if told := future_head(newest, written):
            logger.warning("%s", told)
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
            accounts=draft.accounts,
            parent_sha256=state.sha256,
            code=draft.code,
            config_sha256=draft.config_sha256,
            rearranges=draft.rearranges,
            metadata=self._metadata(state, now),
            sums={key: draft.sums[key] for key in sorted(draft.captures & draft.sums.keys())},
            left_out=tuple(sorted(draft.left_out)),
            written=delta.instant(delta.millis(written)) if now - written > MAX_CLOCK_DIFFERENCE else None,
        )

    def _metadata(self, state: State, now: datetime) -> Mapping[str, Any] | None:
        """Return the Delta table's metadata at the first commit and when the columns have changed, otherwise None."""
        if state.metadata is None:
            return delta_schema.metadata_of(
                SCHEMAS[DELTA_TABLE], str(uuid.UUID(int=self.rng.getrandbits(128), version=4)), now
            )
        schema = delta_schema.schema_string(SCHEMAS[DELTA_TABLE], str(state.metadata["schemaString"]))
        return None if state.metadata["schemaString"] == schema else {**state.metadata, "schemaString": schema}

    def _put(self, commit: Commit) -> Commit | None:
        """Write an entry. Return the commit as decoded again, or None if another writer was first."""
        key, data = entry_key(commit.number), delta.encode(commit)
        for tries in range(MAX_COMMIT_ATTEMPTS):
            try:
                self.store.put_new(key, data)
            except ExistsError:
                other = self.read(commit.number)
                return other if other.txn_id == commit.txn_id else None  # ours if our first answer was lost
            except ContendedError:
                self._wait(tries)
                continue
            return delta.decode(commit.number, data)
        raise ContendedError(f"cannot write {key}: the store answered 409 (try again) {MAX_COMMIT_ATTEMPTS} times")

    def _note_head(self, commit: Commit) -> None:
        """Note that an entry is there, so that its loss is seen. If this fails, the next commit's note says as much."""
        try:
            put_once(self.store, head_key(commit.number), json.dumps({"sha256": commit.sha256}).encode())
        except StoreError as error:
            logger.warning("The note on entry %d was not written: %s", commit.number, error)

    def _wait(self, tries: int) -> None:
        time.sleep(self.rng.uniform(0, min(MAX_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2**tries)))

    def _keep_index(self) -> None:
        """Write checkpoint and index if they are due. If this fails, a later writer does it."""
        if self._state.number - self._indexed < INDEX_INTERVAL_COMMITS:
            return
        try:
            if (
                self._state.head is not None and self._state.head.texts is None
            ):  # as an index of an older version left it
                self._state = states.advance(State(), self.read_many(range(self._state.number + 1)))
            self._write_index(self._state)
        except StoreError as error:
            logger.warning("The checkpoint of snapshot %d was not written: %s", self._state.number, error)

    def _write_index(self, state: State) -> None:
        if state.metadata is None or state.head is None:
            raise CorruptError("the log's first entry has no metaData")
        data, actions = delta_schema.checkpoint(state.metadata, state.live(DELTA_TABLE), state.head.timestamp)
        put_once(self.store, _checkpoint_key(state.number), data)
        pointer = {"version": state.number, "size": actions, "sizeInBytes": len(data)}
        self.store.put(LAST_CHECKPOINT_KEY, json.dumps(pointer).encode())
        put_once(self.store, state_key(state.number), states.encode(state))
        accounts.keep_sums(self.store, state)
        self._indexed = state.number
        older = sorted(self._indexes())[:-KEPT_INDEXES]
        kept = {number // KEPT_INDEX_INTERVAL_COMMITS: number for number in reversed(older)}.values()
        with contextlib.suppress(DeniedError):  # a policy leaves it to the store's owner, who calls `reindex`
            for number in set(older) - set(kept):
                self.store.delete(_checkpoint_key(number))  # a Delta reader of an old version reads the entries instead
                self.store.delete(state_key(number))
            for number, key in self.heads().items() if older else ():
                if number <= older[-1]:  # the chain of hashes proves the entries before a later head
                    self.store.delete(key)


def _checkpoint_key(number: int) -> str:
    return f"{LOG_PREFIX}{number:020}.checkpoint.parquet"
