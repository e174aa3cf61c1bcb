"""Read segments and extract their captures, together with older captures that must be extracted again."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from pathlib import Path

from articles.errors import CorruptError
from articles.metadata import rights
from articles.model import Capture, CaptureRef, Failure, Reason
from articles.pipeline import PageResult, extractor_key, fetch_of, read_failure
from flows.listener import Listener
from flows.processing.sites import Sites
from flows.processing.snapshot_index import SnapshotIndex
from flows.processing.workers import READER_FAILED, Workers
from storage.captures.reader import NOTHING_REFUSED, CaptureReader
from storage.captures.records import Found, RefusedCapture
from storage.captures.sums import sum_of
from storage.objects import ObjectStore
from storage.tables import redactions
from storage.tables.log_format import SegmentSum


@dataclass(slots=True)
class SegmentBatch:
    """Whole segments and the results of their captures."""

    keys: list[str] = field(default_factory=list)
    results: list[PageResult] = field(default_factory=list)
    reread: list[PageResult] = field(default_factory=list)  # results of captures that earlier snapshots have consumed
    damaged: list[str] = field(default_factory=list)  # segments that could not be read to their end
    sums: dict[str, SegmentSum] = field(default_factory=dict)  # of the segments, as they were read

    @property
    def unread(self) -> tuple[str, ...]:
        """URLs of pages whose extraction failed with an error of our own code."""
        return tuple(result.fetch.url for result in self.results if result.fetch.detail.startswith(READER_FAILED))

    @property
    def is_idle(self) -> bool:
        """Whether the segments hold no response about an article, and all of them could be read."""
        return not (self.damaged or any(result.purpose.article for result in self.results))

    def __add__(self, other: "SegmentBatch") -> "SegmentBatch":
        """Return the segments of both batches, in order."""
        return SegmentBatch(
            self.keys + other.keys,
            self.results + other.results,
            self.reread + other.reread,
            self.damaged + other.damaged,
            self.sums | other.sums,
        )

    def without(self, consumed: AbstractSet[str]) -> "SegmentBatch":
        """Return the batch without the segments that other writers have consumed."""
        return SegmentBatch(
            [key for key in self.keys if key not in consumed],
            [result for result in self.results if result.fetch.ref.key not in consumed],
            self.reread,
            [key for key in self.damaged if key not in consumed],
            {key: found for key, found in self.sums.items() if key not in consumed},
        )


class JudgingReader(CaptureReader):
    """Reads captures as if their crawls had been given another topic."""

    def __init__(self, topic: str) -> None:
        super().__init__()
        self._topic = topic

    def segment(self, source: bytes | Path, key: str, refused: Mapping[str, str] = NOTHING_REFUSED) -> Iterator[Found]:
        """Yield what `CaptureReader.segment` does, with this topic."""
        yield from map(self._judged, super().segment(source, key, refused))

    def record(self, store: ObjectStore, ref: CaptureRef) -> Found:
        """Read one record as `CaptureReader.record` does, with this topic."""
        return self._judged(super().record(store, ref))

    def _judged(self, found: Found) -> Found:
        if isinstance(found, Capture):
            return replace(found, topic=self._topic)
        if isinstance(found, RefusedCapture):
            return replace(found, head=replace(found.head, topic=self._topic))
        return found


@dataclass(frozen=True, slots=True)
class SegmentReader:
    """Reads segments with a pool of workers. A body whose result is known is not extracted again."""

    store: ObjectStore
    workers: Workers
    listener: Listener
    sites: Sites
    captures: CaptureReader

    def read_batch(self, pending: Sequence[str], known: SnapshotIndex, captures: int) -> SegmentBatch:
        """Read segments in order until they hold `captures` captures, but at least one segment."""
        segment_batch = SegmentBatch()
        for result in self.workers.read(self._captures(pending, known, captures, segment_batch)):
            segment_batch.results.append(result)
            self.listener.progress("reading", len(segment_batch.results), None, result.fetch.url)
            if result.fetch.detail.startswith(READER_FAILED):
                fetch = result.fetch
                self.listener.note("unread", f"{fetch.url}: {fetch.detail}", url=fetch.url, detail=fetch.detail)
        segment_batch.reread.extend(self.workers.read(self._stale(segment_batch, known)))
        return segment_batch

    def reread(self, refs: Sequence[CaptureRef]) -> list[PageResult]:
        """Extract again captures that earlier snapshots have consumed."""
        return list(self.workers.read(self._records(refs)))

    def _captures(
        self, pending: Sequence[str], known: SnapshotIndex, captures: int, segment_batch: SegmentBatch
    ) -> Iterator[Capture]:
        """Yield the captures that must be extracted; add the results of all others to the batch."""
        seen = 0
        taken_down = redactions.load(self.store).articles if pending else frozenset()
        with tempfile.TemporaryDirectory(prefix="irtysh-") as scratch:
            path = Path(scratch) / "segment.warc.gz"
            for key in pending:
                if segment_batch.keys and seen >= captures:
                    return
                segment_batch.keys.append(key)
                self.store.download(key, path)
                segment_batch.sums[key] = sum_of(path)
                try:
                    for found in self.captures.segment(path, key, known.refused):
                        seen += 1
                        result = without_reading(found, known, self.sites, taken_down)
                        if result is not None:
                            segment_batch.results.append(result)
                        elif isinstance(found, Capture):
                            yield found
                except CorruptError as error:
                    segment_batch.damaged.append(key)
                    self.listener.note("damaged", f"{error}; the intact records of the segment are kept", key=key)

    def _stale(self, segment_batch: SegmentBatch, known: SnapshotIndex) -> Iterator[Capture]:
        """Yield the captures of the batch's articles that another version of the extractor has read."""
        articles = {row.document.article_id for result in segment_batch.results for row in result.rows}
        refs = {ref for article in articles for ref in known.stale(article).values()}
        yield from self._records(sorted(refs))

    def _records(self, refs: Iterable[CaptureRef]) -> Iterator[Capture]:
        """Yield captures that earlier snapshots have consumed. One that is damaged since then is reported and left out."""
        for ref in refs:
            try:
                found = self.captures.record(self.store, ref)
            except CorruptError as error:
                self.listener.note("damaged", f"{error}; what was extracted from it before is kept", key=ref.key)
                continue
            if isinstance(found, Capture):
                yield found


def without_reading(
    found: Found, known: SnapshotIndex, sites: Sites, taken_down: AbstractSet[str]
) -> PageResult | None:
    """Return the result of a record that needs no extraction; None if it must be extracted."""
    if isinstance(found, Failure):
        return read_failure(found)
    if isinstance(found, RefusedCapture):
        fetch = fetch_of(found.head, reason=Reason.TOO_COSTLY, detail=found.detail, site=sites.of_capture(found.head))
        return PageResult(replace(fetch, body_sha256=""), purpose=found.head.purpose)
    if not found.purpose.article:
        return PageResult(fetch_of(found), purpose=found.purpose)
    if taken_down and (fetch := fetch_of(found, reason=Reason.TAKEN_DOWN)).article_id in taken_down:
        return PageResult(replace(fetch, body_sha256=""), purpose=found.purpose)
    if found.reserved_use and rights.of_capture(found):
        return None  # a reservation in headers or by the site says nothing about the body, and may be new
    site = sites.of_capture(found)
    seen = known.body(found.url, found.body_sha256, extractor_key(found, site))
    if seen is None:
        return None
    fetch = fetch_of(found, reason=Reason(seen.reason) if seen.reason else None, detail=seen.detail, site=site)
    return PageResult(replace(fetch, rows=seen.rows), purpose=found.purpose)
