"""Take articles out of a store for good: captures, files of tables, releases. Nothing but that and why is recorded.

Every step can be repeated, so a takedown that was interrupted is completed by the same command:

1. Find the rows of the articles in the files of every snapshot, and the records in all segments.
2. Write the files again without them, and commit this, so that Delta readers follow too.
3. Record when and why. From here on, older snapshots have the new files as well, and no writer adds the articles again.
4. Replace the segments and the files of releases, and delete the old files.
5. Search what other writers have added meanwhile, and delete what writers that died have left.
"""

import io
import json
import random
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from articles.errors import InputError, MissingError, UsageError
from articles.url import article_id, canonicalize
from flows.listener import Listener
from flows.redacted_releases import redact_releases
from flows.takedown_search import Wanted, find_records, find_rows, unlisted, wanted_at
from storage.objects import ObjectStore, create
from storage.snapshots import current_table
from storage.snapshots.gc import MIN_AGE
from storage.snapshots.layer_names import FETCHES_INDEX_PREFIX
from storage.snapshots.lookup_layers import LOOKUPS_PREFIX
from storage.snapshots.rebuilds import drop_all
from storage.snapshots.view_layers import VIEWS_PREFIX
from storage.tables import packs
from storage.tables.file_ref import FileRef
from storage.tables.log import CommitDraft, Log
from storage.tables.redactions import REDACTIONS_PREFIX, described
from storage.tables.schemas import SCHEMAS
from storage.tables.state import State

MAX_PASSES = 5  # over what other writers have added meanwhile; each has less to search than the one before
MADE_AGAIN = (VIEWS_PREFIX, LOOKUPS_PREFIX, FETCHES_INDEX_PREFIX)  # they hold titles and URLs; the next run makes them


@dataclass(frozen=True, slots=True)
class TakedownReport:
    """What a takedown removed, and what it could not."""

    documents: int = 0  # rows
    records: int = 0  # of captures
    files: int = 0  # rewritten: of tables, segments and releases
    deleted: int = 0  # old files
    snapshot: int | None = None
    copies: tuple[str, ...] = ()  # URLs of others with a part of the text, or linked as a version of it
    unknown: tuple[str, ...] = ()  # given URLs of which there was nothing
    unread: tuple[str, ...] = ()  # damaged segments and files of releases, which may hold the articles
    unfinished: tuple[str, ...] = ()  # files that no snapshot lists, younger than `MIN_AGE`: a writer may commit them
    complete: bool = True  # the last of `MAX_PASSES` found nothing new


def takedown(
    store: ObjectStore,
    urls: Collection[str],
    why: str,
    *,
    clock: Callable[[], datetime],
    rng: random.Random,
    listener: Listener,
) -> TakedownReport:
    """Take the articles at `urls` out of the store. InputError if it holds nothing of any of them."""
    if not why.strip():
        raise UsageError("a takedown needs a reason, which is recorded: --reason 'order of the court of Almaty, 12/26'")
    wanted = wanted_at(urls)
    report = TakedownReport()
    complete = False
    for _ in range(MAX_PASSES):
        done = _pass(Log(store, clock, rng), wanted, why, clock(), listener)
        if complete := done is None:
            break
        files, deleted = report.files + done.files, report.deleted + done.deleted
        report = replace(report, files=files, deleted=deleted, snapshot=done.snapshot or report.snapshot)
    deleted, unfinished = _unlisted(Log(store, clock, rng), wanted, clock())
    report = replace(
        report,
        documents=len(wanted.rows),
        records=wanted.records,
        deleted=report.deleted + deleted,
        copies=tuple(sorted(wanted.copies)),
        unknown=tuple(url for url in urls if article_id(canonicalize(url)) not in wanted.found),
        unread=tuple(sorted(wanted.unread)),
        unfinished=unfinished,
        complete=complete,
    )
    if not (report.documents or report.records or report.files or report.deleted or unfinished or report.copies):
        raise InputError(f"{store.url} holds nothing of {', '.join(urls)}")
    store.sweep(clock() - MIN_AGE)  # unfinished objects of writers that died; younger ones may be a running command's
    return report


def _pass(log: Log, wanted: Wanted, why: str, now: datetime, listener: Listener) -> TakedownReport | None:
    """Take the articles out of what was not searched yet. Return None if there was nothing to search."""
    store, begun = log.store, set(wanted.searched)
    refs = [ref for ref in _files(log) if ref.key not in wanted.searched]
    known = set(wanted.articles)
    find_rows(store, refs, wanted)
    if begun and wanted.articles != known:  # at another URL: search everything again
        wanted.searched.clear()
        return _pass(log, wanted, why, now, listener)
    with tempfile.TemporaryDirectory(prefix="irtysh-takedown-") as scratch:
        segments = find_records(store, wanted, Path(scratch), listener)
        replaced = [ref for ref in refs if ref.sha256 in log.redactions.files]
        fresh: dict[FileRef, FileRef] = {}
        for ref in refs:
            if ref.sha256 not in log.redactions.files and (new := _rewritten(store, ref, wanted)):
                fresh[ref] = new
                listener.progress("rewriting", len(fresh), None, ref.key)
        wanted.searched |= {ref.key for ref in (*refs, *fresh.values())}
        if wanted.searched == begun:
            return None
        snapshot = _commit(log, fresh)
        if fresh or segments:
            sums = {key: found for key, (found, _) in segments.items()}
            record = described(now, why, len(wanted.rows), fresh, sums, articles=wanted.articles)
            _record(store, json.dumps(record, indent=1).encode())
        for key, (_, path) in segments.items():
            store.put(key, path.read_bytes())
    released = redact_releases(store, wanted.names, wanted.unread)
    for prefix in MADE_AGAIN:
        for info in list(store.list(prefix)):
            store.delete(info.key)
    drop_all(store, _listed(log))
    current_table.clear(store)
    deleted = 0
    for ref in (*fresh, *replaced):
        deleted += any(info.key == ref.key for info in store.list(ref.key))
        store.delete(ref.key)
    return TakedownReport(files=len(fresh) + len(segments) + released, deleted=deleted, snapshot=snapshot)


def _files(log: Log) -> list[FileRef]:
    """Return every file that a commit lists or that an earlier takedown made, if it is still there."""
    listed = {ref for number in log.entries() for ref in log.read_raw(number).add}
    listed |= set(log.redactions.files.values())
    there = {info.key for table in {ref.table for ref in listed} for info in log.store.list(table + "/")}
    return sorted(ref for ref in listed if ref.key in there)


def _listed(log: Log) -> set[str]:
    return {ref.key for commit in log.read_many(range(log.head() + 1)) for ref in commit.add}


def _unlisted(log: Log, wanted: Wanted, now: datetime) -> tuple[int, tuple[str, ...]]:
    """Delete files with rows of the articles that no snapshot lists. Return how many, and those that are too young for it.

    A writer may be about to commit a young one, and would then list a file that is not there.
    """
    young: list[str] = []
    deleted = 0
    for table, info, rows in unlisted(log.store, SCHEMAS, [*(ref.key for ref in _files(log)), *_listed(log)]):
        if table == "documents":
            for row in rows.select(["row_id", "url", "article_id"]).to_pylist():
                if row["article_id"] in wanted.articles or wanted.holds(row["url"]):
                    wanted.rows.add(row["row_id"])
        if all(wanted.kept(table, rows)):
            continue
        if now - info.modified < MIN_AGE:
            young.append(info.key)
        else:
            log.store.delete(info.key)
            deleted += 1
    return deleted, tuple(young)


def _rewritten(store: ObjectStore, ref: FileRef, wanted: Wanted) -> FileRef | None:
    """Store a file again without the articles' rows, and return it; None if it has none of them."""
    try:
        rows = pq.read_table(io.BytesIO(store.get(ref.key)))
    except MissingError:
        return None
    kept = rows.filter(pa.array(wanted.kept(ref.table, rows), pa.bool_()))
    if kept.num_rows == rows.num_rows:
        return None
    new, data = packs.rewritten(ref, kept)
    create(store, new.key, data)
    return new


def _commit(log: Log, fresh: dict[FileRef, FileRef]) -> int | None:
    """Replace the files of the newest snapshot in one commit."""

    def draft(state: State) -> CommitDraft | None:
        live = [ref for ref in fresh if ref.sha256 in state.files.get(ref.table, {})]
        if not live:
            return None
        config = state.head.config_sha256 if state.head else ""
        code = state.head.code if state.head else ""
        add = tuple(fresh[ref] for ref in live if fresh[ref].rows)
        return CommitDraft(state.number, "takedown", "", "", code, config, add=add, remove=tuple(live))

    first = draft(log.state()) if log.entries() else None
    commit = log.append(first, draft) if first else None
    return commit.number if commit else None


def _record(store: ObjectStore, data: bytes) -> None:
    number = 0
    while not create(store, f"{REDACTIONS_PREFIX}{number:010}.json", data):
        number += 1
