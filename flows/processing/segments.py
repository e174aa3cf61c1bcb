"""Segments -> readings: what the captures of some segments became, and what else must be read again beside them."""

import tempfile
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from pathlib import Path

from articles.errors import CorruptError
from articles.model import Capture, CaptureRef, Failure, Reason
from articles.pipeline import PageResult, extractor_key, fetch_of, read_failure
from flows.listener import Listener
from flows.processing.sites import Sites
from flows.processing.snapshot_index import SnapshotIndex
from flows.processing.workers import READER_FAILED, Workers
from storage.captures.segments import read_record, read_segment
from storage.objects import ObjectStore


@dataclass(slots=True)
class SegmentBatch:
    """Some segments, whole, and what their captures became."""

    keys: list[str] = field(default_factory=list)
    readings: list[PageResult] = field(default_factory=list)
    again: list[PageResult] = field(default_factory=list)  # of captures that earlier snapshots have consumed
    damaged: list[str] = field(default_factory=list)  # segments that could not be read to their end

    @property
    def unread(self) -> tuple[str, ...]:
        """The pages over which our own code stumbled."""
        return tuple(one.fetch.url for one in self.readings if one.fetch.detail.startswith(READER_FAILED))

    def without(self, consumed: AbstractSet[str]) -> "SegmentBatch":
        """Return what is left when other writers have consumed some of the segments."""
        return SegmentBatch(
            [key for key in self.keys if key not in consumed],
            [reading for reading in self.readings if reading.fetch.ref.key not in consumed],
            self.again,
            [key for key in self.damaged if key not in consumed],
        )


@dataclass(frozen=True, slots=True)
class SegmentReader:
    """Reads segments with a pool of workers, sparing itself what is known already."""

    store: ObjectStore
    workers: Workers
    listener: Listener
    sites: Sites

    def take(self, pending: Sequence[str], known: SnapshotIndex, captures: int) -> SegmentBatch:
        """Read segments from the first on until they hold this many captures; at least one segment."""
        taken = SegmentBatch()
        for reading in self.workers.read(self._captures(pending, known, captures, taken)):
            taken.readings.append(reading)
            self.listener.progress("reading", len(taken.readings), None, reading.fetch.url)
            if reading.fetch.detail.startswith(READER_FAILED):
                fetch = reading.fetch
                self.listener.note("unread", f"{fetch.url}: {fetch.detail}", url=fetch.url, detail=fetch.detail)
        taken.again.extend(self.workers.read(self._stale(taken, known)))
        return taken

    def again(self, refs: Sequence[CaptureRef]) -> list[PageResult]:
        """Read captures again that earlier snapshots have consumed."""
        found = (read_record(self.store, ref) for ref in refs)
        return list(self.workers.read(one for one in found if isinstance(one, Capture)))

    def _captures(
        self, pending: Sequence[str], known: SnapshotIndex, captures: int, taken: SegmentBatch
    ) -> Iterator[Capture]:
        """Yield the captures that must be read, and account for the others at once."""
        seen = 0
        with tempfile.TemporaryDirectory(prefix="irtysh-") as scratch:
            path = Path(scratch) / "segment.warc.gz"
            for key in pending:
                if taken.keys and seen >= captures:
                    return
                taken.keys.append(key)
                self.store.download(key, path)
                try:
                    for found in read_segment(path, key):
                        seen += 1
                        reading = _at_once(found, known, self.sites)
                        if reading is not None:
                            taken.readings.append(reading)
                        elif isinstance(found, Capture):
                            yield found
                except CorruptError as error:
                    taken.damaged.append(key)
                    self.listener.note("damaged", f"{error}; all else is kept", key=key)

    def _stale(self, taken: SegmentBatch, known: SnapshotIndex) -> Iterator[Capture]:
        """Yield the captures of the articles at hand that other code has read."""
        articles = {row.document.article_id for reading in taken.readings for row in reading.rows}
        refs = {ref for article in articles for ref in known.stale.get(article, {}).values()}
        for ref in sorted(refs):
            found = read_record(self.store, ref)
            if isinstance(found, Capture):
                yield found


def _at_once(found: Capture | Failure, known: SnapshotIndex, sites: Sites) -> PageResult | None:
    """Return what can be said of a record without reading its page; None if it must be read."""
    if isinstance(found, Failure):
        return read_failure(found)
    if not found.purpose.article:
        return PageResult(fetch_of(found), purpose=found.purpose)
    site = sites.of_capture(found)
    seen = known.body(found.url, found.body_sha256, extractor_key(found, site))
    if seen is None:
        return None
    fetch = fetch_of(found, reason=Reason(seen.reason) if seen.reason else None, detail=seen.detail, site=site)
    return PageResult(replace(fetch, rows=seen.rows), purpose=found.purpose)
