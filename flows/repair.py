"""Mend a damaged store with what the log and the captures can give back, and say what they cannot.

1. The log's end: what lies behind the last sound entry is set aside, so that the log can be continued. Indexes,
   checkpoints and notes on heads are made again from the log.
2. Lost or damaged files of any table: the commit that wrote them is processed again, from its captures, on the state
   before it. The same code gives the same bytes, so every snapshot that lists the file is whole again.
3. What the captures no longer give: sketches are computed from the texts; tables that only help or explain go without
   the lost rows, in a new snapshot. Older snapshots keep the gap.

Captures, tags, profiles and releases exist once: only a backup has them.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from articles.errors import CorruptError, IrtyshError, MissingError
from articles.extractor_version import extractor_version
from articles.links.fingerprint import sketch
from flows.optimize import groups_of, join
from flows.processing import batch
from flows.processing.quarantine import apply_marks
from flows.processing.snapshot_index import SnapshotIndex
from flows.processing.table import CODE_VERSION, ProcessingContext, ProcessingTable
from storage.captures.sums import LEARNED_PREFIX, learned
from storage.objects import ObjectStore
from storage.profiles import configuration, pin
from storage.quarantine import marks
from storage.snapshots.contents import keep_lookups, keep_view
from storage.snapshots.damage import Damage
from storage.snapshots.expiry import lost_keys
from storage.snapshots.mend_log import mend_log, mend_sums
from storage.snapshots.verify import check_file, verify
from storage.snapshots.verify_layers import forget_damaged
from storage.tables import accounts, packs
from storage.tables import rows as table_rows
from storage.tables.delta import Commit
from storage.tables.file_ref import FileRef
from storage.tables.log import CommitDraft, Log
from storage.tables.log_format import SHA256
from storage.tables.state import State

DISPENSABLE = frozenset({"sketches", "anchors", "vectors", "alignments", "removals", "rejections", "health", "links"})


@dataclass(frozen=True, slots=True)
class RepairReport:
    """What a repair found, mended and left."""

    lost: tuple[Damage, ...]  # before the repair
    mended: tuple[str, ...]  # sentences
    left: tuple[Damage, ...]  # after it
    snapshot: int | None = None  # made, if something had to be left out of the tables


def repair(context: ProcessingContext, *, dry_run: bool) -> RepairReport:
    """Mend the store. With `dry_run`, only say what is damaged."""
    store = context.store
    lost = _damage(context)
    lost_files = _lost_files(store, context)
    if dry_run or not (lost or lost_files):
        return RepairReport(tuple(lost), (), tuple(lost))
    mended = list(mend_log(_log(context)))
    mended += _forget_sums(store)
    snapshot = None
    mended += _forget_layers(context)
    try:
        mended += _replay(context, lost_files)
        mended += mend_sums(_log(context)) if lost_files else ()
        snapshot, said = _without(context)
        mended += said
        state = _log(context).state()
        keep_view(context.store, state)
        keep_lookups(context.store, state)
    except CorruptError as error:  # the log, or a file that nothing gives back
        context.listener.note("unmended", str(error))
    return RepairReport(tuple(lost), tuple(mended), tuple(_damage(context)), snapshot)


def _log(context: ProcessingContext) -> Log:
    return Log(context.store, context.clock, context.rng)


def _damage(context: ProcessingContext) -> list[Damage]:
    log = _log(context)
    numbers = log.entries()
    number = max(numbers, default=-1)
    return list(verify(log, number, lambda _done, _whole: None).findings) if numbers or log.heads() else []


def _lost_files(store: ObjectStore, context: ProcessingContext) -> dict[int, list[FileRef]]:
    """Return the files of any snapshot that are lost or damaged, by the commit that added them."""
    log = _log(context)
    found: defaultdict[int, list[FileRef]] = defaultdict(list)
    seen: set[FileRef] = set()
    expired = lost_keys(log)
    for number in sorted(log.entries()):
        try:
            commit = log.read(number)
        except (CorruptError, MissingError):
            continue
        for ref in commit.add:
            if ref not in seen and ref.key not in expired and check_file(store, ref):
                found[number].append(ref)
            seen.add(ref)
        if SHA256.fullmatch(commit.config_sha256) and _configuration_is_lost(store, commit.config_sha256):
            found[number] = found.get(number, [])
        if _accounts_are_lost(store, commit):
            found[number] = found.get(number, [])
    return dict(found)


def _configuration_is_lost(store: ObjectStore, sha256: str) -> bool:
    return _configuration(store, sha256) is None


def _configuration(store: ObjectStore, sha256: str) -> bytes | None:
    """Return a configuration; None if it is lost or damaged."""
    try:
        found = configuration(store, sha256)
    except (MissingError, CorruptError):
        return None
    return found if hashlib.sha256(found).hexdigest() == sha256 else None


def _accounts_are_lost(store: ObjectStore, commit: Commit) -> bool:
    if not commit.accounts:
        return False
    try:
        accounts.read(store, commit)
    except (CorruptError, MissingError):
        return True
    return False


def _forget_sums(store: ObjectStore) -> Iterator[str]:
    """Remove learned sums that are damaged: the next check learns them again."""
    try:
        learned(store)
    except CorruptError:
        for info in list(store.list(LEARNED_PREFIX)):
            store.delete(info.key)
        yield f"{LEARNED_PREFIX} was damaged and is empty now; the next `irtysh verify` learns the sums again"


def _forget_layers(context: ProcessingContext) -> list[str]:
    """Remove damaged layers of stored views and look-ups, and make them again. Tables that are damaged too come first."""
    state = _log(context).state()
    return [f"{key} was damaged and is made again from the tables" for key in forget_damaged(context.store, state)]


def _replay(context: ProcessingContext, lost: dict[int, list[FileRef]]) -> Iterator[str]:
    """Process the commits with lost files again, in order, and say which files are whole again."""
    if not lost:
        return
    with ProcessingTable(context) as table:
        for number, refs in sorted(lost.items()):
            commit = table.log.read(number)
            no_accounts = _accounts_are_lost(context.store, commit)
            if commit.rearranges:
                yield from _joined_again(context.store, commit, refs)
                continue
            if commit.captures and commit.operation in {"process", "rebuild"}:
                context.listener.note("replaying", f"processing the captures of snapshot {number} again", number=number)
                try:
                    _again(table, commit)
                except IrtyshError as error:
                    context.listener.note("unmended", f"snapshot {number} cannot be processed again: {error}")
            if no_accounts and not _accounts_are_lost(context.store, commit):
                yield f"{accounts.accounts_key(commit.accounts)} was made again from the captures"
            for ref in refs:
                if not check_file(context.store, ref):
                    yield f"{ref.key} was made again from the captures, byte for byte: every snapshot has it again"


def _joined_again(store: ObjectStore, commit: Commit, lost: list[FileRef]) -> Iterator[str]:
    """Join packs again that `irtysh optimize` has joined, if those it took are still there."""
    for table in sorted({ref.table for ref in lost}):
        try:
            for group in groups_of([ref for ref in commit.remove if ref.table == table]):
                join(store, table, group)
        except (CorruptError, MissingError):
            continue
    yield from (f"{ref.key} was made again from the files that it joins" for ref in lost if not check_file(store, ref))


def _again(table: ProcessingTable, commit: Commit) -> None:
    """Write the files of a commit again, as its captures give them on the state before it."""
    store = table.context.store
    table.sites.use_profiles_of(_configuration(store, commit.config_sha256))
    known = SnapshotIndex(extractor_version(), table.sites.rules)
    rebuilds = commit.operation == "rebuild"
    before = table.log.state(commit.number - 1) if commit.number else State()
    if rebuilds:
        known.recall_refusals(store, before)
    else:
        known.follow(store, before)
    left = sorted(commit.captures)
    readers: set[str] = set()
    written = batch.WrittenBatch((), {}, {})
    while left:
        most = table.context.batch_captures if rebuilds else len(left) * table.context.batch_captures
        part = table.reader.read_batch(left, known, most)
        results = apply_marks(part.results, marks(store))
        written += batch.write(store, known, [*results, *part.reread])
        readers.update(result.fetch.extractor for result in (*part.results, *part.reread))
        if rebuilds:
            known.follow(store, _state_of(written.files))
        left = left[len(part.keys) :]
    accounts.kept(store, written.counts)
    pin(store, table.sites.configuration(readers))


def _state_of(files: Iterable[FileRef]) -> State:
    by_table: defaultdict[str, dict[str, FileRef]] = defaultdict(dict)
    for ref in files:
        by_table[ref.table][ref.sha256] = ref
    return State(files=by_table)


def _without(context: ProcessingContext) -> tuple[int | None, list[str]]:
    """Make a snapshot without the files of the newest one that are still lost, where the tables can do without them."""
    store, log = context.store, _log(context)
    state = log.state()
    lost = [
        ref for table in sorted(state.files.keys() & DISPENSABLE) for ref in state.live(table) if check_file(store, ref)
    ]
    if not lost:
        return None, []
    said = []
    add: list[FileRef] = []
    for ref in lost:
        if ref.table == "sketches":
            said.append(f"{ref.key} is lost; its {ref.rows:,} rows were computed again from the texts")
        else:
            advice = "; run `irtysh relink`" if ref.table in {"links", "anchors", "alignments"} else ""
            said.append(f"{ref.key} is lost with {ref.rows:,} rows; the new snapshot does without them{advice}")
    if any(ref.table == "sketches" for ref in lost):
        add += packs.write(store, "sketches", _sketches(store, state, lost))

    def draft(now: State) -> CommitDraft | None:
        live = tuple(ref for ref in lost if ref.sha256 in now.files.get(ref.table, {}))
        config = now.head.config_sha256 if now.head else ""
        return CommitDraft(now.number, "repair", context.run, "", CODE_VERSION, config, add=tuple(add), remove=live)

    first = draft(state)
    commit = log.append(first, draft) if first else None
    return (commit.number if commit else None), said


def _sketches(store: ObjectStore, state: State, lost: list[FileRef]) -> Iterator[dict[str, object]]:
    """Yield the sketches of the rows that no sound file of sketches holds."""
    sound = [ref for ref in state.live("sketches") if ref not in lost]
    there = {row_id for rows in packs.read_each(store, sound, ("row_id",)) for row_id in rows["row_id"].to_pylist()}
    for rows in packs.read_each(store, state.live("documents"), ("row_id", "text")):
        for row in rows.to_pylist():
            if row["row_id"] not in there:
                yield table_rows.sketch_row(row["row_id"], sketch(row["text"]))
