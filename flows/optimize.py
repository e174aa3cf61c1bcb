"""Join small packs into large ones, in one commit that changes no row. Years of small runs make thousands of packs.

Old snapshots keep their packs. Readers see the old packs or the new ones, never both: one log entry swaps them.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from flows.listener import Listener
from storage.objects import ObjectStore, probe
from storage.snapshots.contents import keep_lookups, keep_view
from storage.tables import packs
from storage.tables.file_ref import FileRef
from storage.tables.log import CommitDraft, Log
from storage.tables.state import State

SMALL_PACK_BYTES = 16 << 20  # a quarter of the largest pack: larger ones stay as they are
JOINED_BYTES = 32 << 20  # of packs that are joined; what they hold may be split again, by its size in memory


@dataclass(frozen=True, slots=True)
class JoinedPacks:
    """What was joined, or would be, of one table."""

    table: str
    before: int  # files
    after: int
    size: int  # bytes of the files that were joined


@dataclass(frozen=True, slots=True)
class OptimizeReport:
    """Result of joining packs."""

    tables: tuple[JoinedPacks, ...]
    snapshot: int | None = None  # None: nothing was changed


def optimize(
    store: ObjectStore,
    clock: Callable[[], datetime],
    rng: random.Random,
    listener: Listener,
    code: str,
    *,
    dry_run: bool,
) -> OptimizeReport:
    """Join the small packs of the newest snapshot. With `dry_run`, only say what would be joined."""
    log = Log(store, clock, rng)
    state = log.state()
    if dry_run:
        found = [_planned(table, groups) for table in sorted(state.files) if (groups := list(_groups(state, table)))]
        return OptimizeReport(tuple(found))
    probe(store)
    tables: list[JoinedPacks] = []

    def draft(now: State) -> CommitDraft | None:
        tables.clear()
        add: list[FileRef] = []
        remove: list[FileRef] = []
        for table in sorted(now.files):
            groups = list(_groups(now, table))
            written = [ref for group in groups for ref in join(store, table, group)]
            old = [ref for group in groups for ref in group]
            if len(written) < len(old):
                tables.append(replace(_planned(table, groups), after=len(written)))
                add += written
                remove += old
                listener.progress("joining", len(add), None, table)
        if not remove:
            return None
        return CommitDraft(
            now.number, "optimize", "optimize", "", code, now.history[-1].config_sha256, add=tuple(add), remove=tuple(remove),
            rearranges=True,
        )  # fmt: skip

    first = draft(state) if state.number >= 0 else None
    commit = log.append(first, draft) if first is not None else None
    if commit is None:
        return OptimizeReport(())
    keep_view(store, log.state())
    keep_lookups(store, log.state())
    return OptimizeReport(tuple(tables), commit.number)


def join(store: ObjectStore, table: str, group: list[FileRef]) -> tuple[FileRef, ...]:
    """Write the rows of some packs as few packs. The same packs always give the same bytes."""
    return packs.write(store, table, packs.read_all(store, sorted(group), table))


def _groups(state: State, table: str) -> Iterator[list[FileRef]]:
    return groups_of(state.live(table))


def groups_of(refs: Iterable[FileRef]) -> Iterator[list[FileRef]]:
    """Yield small packs in groups that become one pack each, or two where they are large in memory.

    Packs that replace others since a takedown stay as they are.
    """
    group: list[FileRef] = []
    for ref in sorted(refs):
        if ref.size > SMALL_PACK_BYTES or ref.origin:
            continue
        if sum(one.size for one in group) + ref.size > JOINED_BYTES:
            if len(group) > 1:
                yield group
            group = []
        group.append(ref)
    if len(group) > 1:
        yield group


def _planned(table: str, groups: list[list[FileRef]]) -> JoinedPacks:
    old = sum(map(len, groups))
    return JoinedPacks(table, old, len(groups), sum(ref.size for group in groups for ref in group))
