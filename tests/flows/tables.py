"""Helpers for tests of processing: a fixed clock, extraction in this process, and the contents of tables."""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import ClassVar

from articles import pipeline
from articles.model import Capture
from articles.site import PLAIN
from flows.listener import SilentListener
from flows.processing.snapshot_index import SnapshotIndex
from flows.processing.table import ProcessingContext
from storage.export.formats import PullFormat
from storage.export.pull import pull
from storage.export.selection import Selection
from storage.objects import ObjectStore
from storage.snapshots.contents import load
from storage.snapshots.verify import verify
from storage.tables import packs, schemas
from storage.tables.log import Log
from tests.flows.making import NOON

SELECT_ALL = Selection(all_versions=True, with_duplicates=True, with_review=True)


class Direct:
    """Replacement for `flows.processing.workers.Workers` in this process, which extracts each page only once."""

    read_before: ClassVar[dict[tuple[str, str, Capture], pipeline.PageResult]] = {}

    def __init__(self, topic_text, count=None, site_of=lambda _capture: PLAIN):
        self._topic_text = topic_text
        self._site_of = site_of

    def read(self, captures):
        for capture in captures:
            site = self._site_of(capture)
            key = (pipeline.site_extractor_key(site), site.key, capture)
            if key not in self.read_before:
                topics = {capture.topic: self._topic_text(capture.topic)}
                (self.read_before[key],) = pipeline.read_chunk([capture], topics, [site])
            yield self.read_before[key]

    def close(self, *, at_once=False):
        pass


@dataclass
class Heard:
    """Listener that keeps the notes of a stage."""

    notes: list[tuple[str, str]] = field(default_factory=list)

    def note(self, kind, text, **facts):
        self.notes.append((kind, text))

    def progress(self, stage, done, whole, detail=""):
        pass


def context(store: ObjectStore, seed: int = 1, **other) -> ProcessingContext:
    """A context with a clock that ticks by seconds, and a seeded random generator."""
    ticks = count(1)
    return ProcessingContext(
        **{
            "store": store,
            "run": "test",
            "clock": lambda: NOON + timedelta(days=30, seconds=next(ticks)),
            "rng": random.Random(seed),  # noqa: S311  jitter
            "listener": SilentListener(),
            "workers": 1,
            **other,
        }
    )


def no_progress(done: int, whole: int) -> None:
    """Ignore progress."""


def problems(store: ObjectStore) -> list[str]:
    """Problems of all snapshots of a store: log, checksums of files, captures."""
    log = log_of(store)
    return [problem for number in range(log.head() + 1) for problem in verify(log, number, no_progress).problems]


def log_of(store: ObjectStore) -> Log:
    return Log(store, lambda: NOON, random.Random(0))  # noqa: S311  only read


def known_of(store: ObjectStore, readers: str) -> SnapshotIndex:
    return SnapshotIndex.load(store, log_of(store).state(), readers)


def contents(store: ObjectStore, folder: Path) -> tuple[list[bytes], list[str]]:
    """What the newest snapshot shows: every version of every document as pulled, sorted, and the links."""
    log = log_of(store)
    state = log.state()
    target = folder / "pulled.jsonl"
    target.unlink(missing_ok=True)
    pull(log, state.number, target, form=PullFormat.JSONL, selection=SELECT_ALL, since=None, progress=no_progress)
    links = [repr(link) for link in load(store, state).view.links]
    return sorted(target.read_bytes().splitlines()), links


def rows(store: ObjectStore, table: str, *columns: str) -> list[schemas.Row]:
    """The rows of the newest snapshot's table."""
    return packs.read_all(store, log_of(store).state().live(table), table, columns or None).to_pylist()
