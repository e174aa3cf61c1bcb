"""Make a store of a million simulated documents: copies of a smaller one under other URLs, row ids and sketches.

`benchmarks.simulated_store` makes 100,000 documents in two minutes. Here their rows are changed as columns and written
through the same packs and commits, so that ten times as many take little longer. The copies come first, in commits of
many rows; the last commits are those of the smaller store, so that what changes between neighbours is as small as there.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from articles.url import article_id
from benchmarks.simulated_store import HOURS_BETWEEN_RUNS, START
from storage.objects import ObjectStore
from storage.snapshots.contents import keep_lookups, keep_view
from storage.tables import packs
from storage.tables.log import CommitDraft, Log
from storage.tables.log_reader import LogReader
from storage.tables.schemas import SCHEMAS
from storage.tables.state import State

COMMITS_AT_ONCE = 50  # of the smaller store in one commit of a copy
MARK_CHARS = 2  # the last ones of an id, which say of which copy it is
RUN_PREFIX = "run"

Change = Callable[[pa.Array, int], pa.Array]


def make_copies(small: ObjectStore, large: ObjectStore, copies: int) -> None:
    """Fill an empty store with so many copies of another one, and with the other one itself."""
    source = LogReader(small)
    head = source.head()
    first = START - timedelta(hours=HOURS_BETWEEN_RUNS * copies * (head + 1))
    clock = iter(range(1 << 40))
    log = Log(large, lambda: first + timedelta(hours=HOURS_BETWEEN_RUNS * next(clock)), random.Random(1))  # noqa: S311
    for number in range(copies, 0, -1):
        for begin in range(0, head + 1, COMMITS_AT_ONCE):
            _copy(source, log, number, range(begin, min(begin + COMMITS_AT_ONCE, head + 1)))
        _keep(log)
    for number in range(head + 1):
        commit = source.read(number)
        for ref in commit.add:
            large.put_new(ref.key, small.get(ref.key))
        for key in commit.captures:
            large.put_new(key, small.get(key))
        _commit(
            log, replace(_draft(log, number), captures=frozenset(commit.captures), add=commit.add, counts=commit.counts)
        )
        if number < head - 1 and number % COMMITS_AT_ONCE == 0:
            _keep(log)
    log.reindex()


def _keep(log: Log) -> None:
    """Store views and look-ups, as a writer does at each commit."""
    keep_view(log.store, log.state())
    keep_lookups(log.store, log.state())


def _draft(log: Log, number: int) -> CommitDraft:
    return CommitDraft(log.head(), "process", f"run{number}", "", "simulated", "")


def _copy(source: LogReader, log: Log, number: int, commits: range) -> None:
    """Commit the rows of some commits, changed to those of a copy."""
    read = source.read_many(commits)
    added = [
        ref
        for table in SCHEMAS
        for ref in packs.write(
            log.store,
            table,
            pa.concat_tables(
                [
                    SCHEMAS[table].empty_table(),
                    *(
                        _changed(packs.read(source.store, ref), number)
                        for one in read
                        for ref in one.add
                        if ref.table == table
                    ),
                ]
            ),
        )
    ]
    captures = frozenset(_key(key, number) for one in read for key in one.captures)
    for key in captures:
        log.store.put_new(key, b"a simulated segment")
    counts = {"pages": {"outlet0": {"asked": len(captures), "kept": len(captures)}}}
    _commit(log, replace(_draft(log, commits[0]), captures=captures, add=tuple(added), counts=counts))


def _commit(log: Log, draft: CommitDraft) -> None:
    log.append(draft, _alone)


def _changed(rows: pa.Table, number: int) -> pa.Table:
    """Return the rows of a copy."""
    for name in rows.column_names:
        if name in CHANGES:
            place, kind = rows.column_names.index(name), rows.schema.field(name)
            rows = rows.set_column(place, kind, CHANGES[name](rows[name].combine_chunks(), number).cast(kind.type))
    if "article_id" in rows.column_names:  # after the URLs, of which the ids are hashes
        ids = pa.array([_article(url) for url in rows["url"].to_pylist()])
        rows = rows.set_column(rows.column_names.index("article_id"), rows.schema.field("article_id"), ids)
        if "document_id" in rows.column_names:
            named = pc.binary_join_element_wise(ids, rows["lang"], "-")
            rows = rows.set_column(rows.column_names.index("document_id"), rows.schema.field("document_id"), named)
    return rows


@cache
def _article(url: str) -> str:
    return article_id(url)


def _key(key: str, number: int) -> str:
    return key.replace(f"/{RUN_PREFIX}", f"/copy{number}")


def _marked(ids: pa.Array, number: int) -> pa.Array:
    """Return ids with other last characters."""
    return pc.binary_join_element_wise(pc.utf8_slice_codeunits(ids, 0, -MARK_CHARS), f"{number:02x}", "")


def _of_list(change: Change) -> Change:
    def changed(lists: pa.Array, number: int) -> pa.Array:
        return pa.ListArray.from_arrays(lists.offsets, change(lists.values, number))

    return changed


def _url(urls: pa.Array, number: int) -> pa.Array:
    return pc.binary_join_element_wise(urls, f"copy{number}", "-")


def _more(numbers: pa.Array, number: int) -> pa.Array:
    return pc.add(numbers, pa.scalar(number, numbers.type))


CHANGES: dict[str, Change] = {
    **dict.fromkeys(("row_id", "version_key", "a", "b", "text_sha256", "body_sha256"), _marked),
    "rows": _of_list(_marked),
    "url": _url,
    "canonical_url": _url,
    "capture_key": lambda keys, number: pc.replace_substring(keys, f"/{RUN_PREFIX}", f"/copy{number}"),
    "capture_record_id": lambda ids, number: pc.replace_substring(ids, "-4000-", f"-4{number:03x}-"),
    "articles": _of_list(_marked),
    "hashes": _of_list(_more),
    "keys": _of_list(_more),
}


def _alone(_state: State) -> CommitDraft:
    raise AssertionError("another writer has written to the simulated store")
