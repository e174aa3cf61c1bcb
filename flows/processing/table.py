"""What adding to the tables of a store needs: the log, the sites, the worker pool, and the options of processing."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from types import TracebackType
from typing import Any, Self

from flows.listener import Listener
from flows.processing import batch
from flows.processing.segments import JudgingReader, SegmentReader
from flows.processing.sites import Sites
from flows.processing.topics import Topics
from flows.processing.workers import Workers
from storage.captures.reader import CaptureReader
from storage.objects import ObjectStore, probe
from storage.profiles import pin
from storage.tables import accounts
from storage.tables.log import CommitDraft, Log
from storage.tables.state import State
from storage.user_cache import use_cached_version

BATCH_CAPTURES = 1_000  # captures of one commit: docs/measurements.md §2 asks for shards of at least 1,000 documents
CODE_VERSION = f"irtysh {version('irtysh')}"


@dataclass(frozen=True, slots=True)
class ProcessingContext:
    """What processing needs besides captures: store, clock, random generator, listener and options."""

    store: ObjectStore
    run: str  # name that the commits carry
    clock: Callable[[], datetime]
    rng: random.Random
    listener: Listener
    workers: int | None = None  # number of processes; None: one for each processor core
    batch_captures: int = BATCH_CAPTURES  # captures after which a batch takes no further segment
    outlets: str = ""  # file or folder of outlets in addition to the built-in ones
    topic: str = ""  # by which all captures are judged, as `topics.specify` returns it; empty: their own
    scheduler: str = ""  # address of the Dask scheduler whose workers extract pages; empty: this machine
    recent_only: bool = False  # list only segments since shortly before the newest snapshot, not all that there are


class ProcessingTable:
    """The tables of a store, with what is needed to add to them: log, sites, worker pool.

    A context manager; not thread-safe. UnsafeStoreError if the store ignores conditional writes.
    """

    def __init__(self, context: ProcessingContext) -> None:
        probe(context.store)
        use_cached_version()
        self.context = context
        self.log = Log(context.store, context.clock, context.rng)
        self.sites = Sites(context.store, context.outlets)
        self._pool = Workers(Topics(context.store).text, context.workers, self.sites.of_capture)
        self._captures = JudgingReader(context.topic) if context.topic else CaptureReader()
        self.reader = SegmentReader(context.store, self._pool, context.listener, self.sites, self._captures)
        self.cluster: Any = None  # a client of Dask
        self.linking: Any = None  # `flows.processing.pair_work.PairComparer` of that cluster
        if context.scheduler:
            from flows.processing import far, far_links  # noqa: PLC0415  most runs read on this machine

            far_reader, self.cluster = far.reader_of(context.scheduler, self.reader, context.topic, context.outlets)
            self.reader = far_reader
            self.linking = far_links.ClusterComparer(self.cluster, far_reader.threads, context.store.url)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._captures.close()
        if self.cluster is not None:
            self.cluster.close()
        self._pool.close(at_once=kind is not None)

    def draft(
        self, state: State, operation: str, keys: Sequence[str], written: batch.WrittenBatch, readers: Iterable[str]
    ) -> CommitDraft:
        """Return the draft of a commit that consumes the segments `keys` and adds the files of `written`.

        `readers` are the extractor keys of the batch. The configuration that they name is stored, and the commit holds
        its SHA-256.
        """
        pages, by_outlet = accounts.kept(self.context.store, written.counts)
        return CommitDraft(
            base=state.number,
            operation=operation,
            run=self.context.run,
            batch=f"{keys[0]} and {len(keys) - 1} more" if keys else "",
            code=CODE_VERSION,
            config_sha256=pin(self.context.store, self.sites.configuration(readers)),
            captures=frozenset(keys),
            add=written.files,
            replaces=operation == "rebuild",
            counts={"pages": pages, "links": dict(written.links)}
            | ({"links_cut": len(written.cut)} if written.cut else {}),
            accounts=by_outlet,
        )
