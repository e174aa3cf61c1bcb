"""Helpers for tests of the log: write commits with numbered rows, and read back which rows are live."""

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from storage.tables import packs
from storage.tables.log import CommitDraft, Log
from tests.storage import samples

if TYPE_CHECKING:
    from storage.tables.file_ref import FileRef

START = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    """A clock that advances by `step` (default: one hour) at each call."""

    def __init__(self, start=START, step=timedelta(hours=1)):
        self.now = start
        self.step = step

    def __call__(self):
        self.now += self.step
        return self.now


def log_of(store, seed=1, clock=None):
    return Log(store, clock or Clock(), random.Random(seed))  # noqa: S311 - jitter and names, no secrets


def never(_state):
    raise AssertionError("there is no other writer, so no draft needs a rebase")


def draft(store, base, numbers, *, key="", tables=("documents", "links", "fetches"), **changes):
    """Return a draft that adds rows of these numbers and consumes one capture."""
    refs: list[FileRef] = []
    for table in tables:
        rows = [samples.row(n) if table == "documents" else samples.any_rows(table, n + 1)[-1] for n in numbers]
        refs += packs.write(store, table, rows)
    fields = {
        "base": base,
        "operation": "process",
        "run": f"run-{base + 1}",
        "batch": "0",
        "code": "c0de",
        "config_sha256": "c0",
        "captures": frozenset({key or f"captures/steppe.example/{next(iter(numbers), 0):05}"}),
        "add": tuple(refs),
        "counts": {"new": len(numbers)},
    }
    return CommitDraft(**(fields | changes))


def commit(log, numbers, **changes):
    """Commit rows of these numbers on top of the newest snapshot."""
    return log.append(draft(log.store, log.head(), numbers, **changes), never)


def row_ids(store, state):
    found = packs.read_all(store, state.live("documents"), "documents", ["row_id"]).column("row_id").to_pylist()
    assert len(set(found)) == len(found)
    return set(found)


def ids(numbers):
    return {samples.row(number)["row_id"] for number in numbers}
