"""Segments of captures: their keys, a writer for crawls, and readers.

A segment is a gzipped WARC file of one run and one outlet. While it is open it is a local file. Once it is closed and
uploaded it is an object that never changes. If a crawl dies, the pages of its open segments are fetched again.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO

from articles.errors import ContendedError, CorruptError, ExistsError, StoreError
from articles.model import CaptureRef
from storage.captures.records import KEY_PATTERN, Found, find_record, parse_key, read_found
from storage.captures.salvage import SalvageReader, describe
from storage.captures.warc import WarcInfo, info_member
from storage.objects import ObjectInfo, ObjectStore

MAX_SEGMENT_BYTES = 32 << 20  # docs/measurements.md §9: one PUT of 0.3 s; an object per page takes 20 times as long
MAX_SEGMENT_RECORDS = 500
MAX_SEGMENT_AGE = timedelta(seconds=60)  # a crash loses at most this much
FIRST_RANGE_BYTES = 256 << 10  # the first range that `read_record` reads: nine records of ten fit in it
AFTER_SLASH = chr(ord("/") + 1)  # sorts after all keys of a folder
MAX_UPLOAD_ATTEMPTS = 20  # 409 answers, and other processes that take the free number first
MAX_RANGE_BYTES = 64 << 20  # the largest range that `read_record` reads: twice a segment


@dataclass(frozen=True, slots=True)
class SegmentLimits:
    """Limits of a segment. The first one that is reached closes it."""

    size: int = MAX_SEGMENT_BYTES  # bytes
    records: int = MAX_SEGMENT_RECORDS
    age: timedelta = MAX_SEGMENT_AGE


@dataclass(frozen=True, slots=True)
class Segment:
    """A closed segment, not yet uploaded."""

    path: Path
    outlet: str
    run: str
    opened: datetime
    number: int

    @property
    def key(self) -> str:
        """Key under which the segment is stored."""
        return capture_key(self.outlet, self.opened, self.run, self.number)


def capture_key(outlet: str, opened: datetime, run: str, number: int) -> str:
    """Return the key of a segment. Raises StoreError if outlet or run cannot be part of a key."""
    key = f"captures/{outlet}/{opened.astimezone(UTC):%Y/%m/%d}/{run}-{number:05}.warc.gz"
    if not KEY_PATTERN.fullmatch(key):
        raise StoreError(
            f"cannot build a capture key from outlet {outlet!r} and run {run!r}: neither may be empty or contain '/'"
        )
    return key


def list_segments(store: ObjectStore, outlet: str = "") -> Iterator[str]:
    """Yield the keys of all segments, or of those of one outlet, in order."""
    return (found.key for found in segment_infos(store, outlet))


def segment_infos(store: ObjectStore, outlet: str = "") -> Iterator[ObjectInfo]:
    """Yield key, size and date of all segments, or of those of one outlet, in the order of their keys."""
    for found in store.list(f"captures/{outlet}/" if outlet else "captures/"):
        if KEY_PATTERN.fullmatch(found.key):
            yield found


def recent_segments(store: ObjectStore, since: date) -> Iterator[str]:
    """Yield the keys of the segments of all outlets since a day, in order, without listing earlier ones."""
    return (found.key for found in recent_segment_infos(store, since))


def recent_segment_infos(store: ObjectStore, since: date) -> Iterator[ObjectInfo]:
    """Yield key, size and date of the segments of all outlets since a day, without listing earlier ones."""
    after = "captures/"
    while (first := next((found.key for found in store.list("captures/", after)), "")) != "":
        outlet = first.split("/")[1]
        folder = f"captures/{outlet}/"
        for found in store.list(folder, f"{folder}{since:%Y/%m/%d}"):
            if KEY_PATTERN.fullmatch(found.key):
                yield found
        after = f"captures/{outlet}{AFTER_SLASH}"


class SegmentWriter:
    """Writes the records of one outlet and one run to segment files below `spool`.

    `storage.captures.warc` builds the gzip members, in any thread. Call `append` and `close` from one thread, and `upload`
    from any.
    """

    def __init__(self, spool: Path, outlet: str, about: WarcInfo, limits: SegmentLimits) -> None:
        self._spool = spool
        self._outlet = outlet
        self._about = about
        self._limits = limits
        self._number = 0
        self._open: Segment | None = None
        self._size = 0
        self._records = 0

    def append(self, member: bytes, at: datetime, weight: int | None = None) -> None:
        """Append the gzip members of one exchange or failure. Raises StoreError if the disk is full.

        If this opens a new segment, `at` is the segment's date. `weight` (bytes) counts towards the segment's size;
        default: the length of `member`.
        """
        opens = self._open is None
        segment = self._open or self._begin(at)
        try:
            with segment.path.open("ab") as file:
                if opens:
                    file.write(info_member(self._about, self._outlet, Path(segment.key).name, at))
                file.write(member)
        except OSError as error:
            raise StoreError(f"cannot write {segment.path}: {error.strerror}") from error
        self._size += len(member) if weight is None else weight
        self._records += 1

    def due(self, now: datetime) -> bool:
        """Return whether the open segment has reached a limit and should be closed."""
        return self._open is not None and (
            self._size >= self._limits.size
            or self._records >= self._limits.records
            or now - self._open.opened >= self._limits.age
        )

    def close(self) -> Segment | None:
        """Close the open segment and return it, if there is one."""
        segment, self._open = self._open, None
        self._size = self._records = 0
        return segment

    def _begin(self, at: datetime) -> Segment:
        self._spool.mkdir(parents=True, exist_ok=True)
        name = f"{self._outlet}-{self._about.run}-{self._number:05}.warc.gz.open"
        self._open = Segment(self._spool / name, self._outlet, self._about.run, at, self._number)
        self._open.path.unlink(missing_ok=True)
        self._number += 1
        return self._open


def upload(store: ObjectStore, segment: Segment) -> str:
    """Store a closed segment, remove its file and return its key. Raises StoreError.

    Repeating an upload changes nothing. If another process of the same run has used the segment's number, the next free
    number is used.
    """
    data = segment.path.read_bytes()
    number = segment.number
    for _ in range(MAX_UPLOAD_ATTEMPTS):
        key = capture_key(segment.outlet, segment.opened, segment.run, number)
        try:
            store.put_new(key, data)
        except ContendedError:
            continue
        except ExistsError:
            if store.get(key) != data:
                number = _free_number(store, key)
                continue
        segment.path.unlink()
        return key
    raise StoreError(f"cannot store {segment.key}: {MAX_UPLOAD_ATTEMPTS} attempts failed")


def _free_number(store: ObjectStore, taken: str) -> int:
    """Return the number after the last segment of the same outlet, day and run."""
    siblings = taken.rpartition("-")[0] + "-"
    numbers = [int(match["number"]) for found in store.list(siblings) if (match := KEY_PATTERN.fullmatch(found.key))]
    return max(numbers) + 1


def read_segment(source: bytes | Path, key: str) -> Iterator[Found]:
    """Yield the captures and failures of a segment in order, with bodies decoded and cut at `MAX_BODY_BYTES`.

    If the segment is truncated or damaged, all readable records are yielded first. Then CorruptError is raised, which
    names each damaged range. Outside of tests, `storage.captures.reader` calls this in a process with limits.
    """
    parse_key(key)
    with opened(source) as file:
        salvage = SalvageReader(file)
        found: Iterator[Found] = salvage.each(partial(read_found, key=key))
        yield from found
    if salvage.gaps:
        raise CorruptError(f"{key}: {describe(salvage.gaps)}")


def opened(source: bytes | Path) -> BinaryIO:
    """Return the file of a segment that is in memory or on disk."""
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def read_record(
    store: ObjectStore, ref: CaptureRef, find: Callable[[bytes, CaptureRef], Found | None] = find_record
) -> Found:
    """Read one record by its offset, without the rest of its segment. Raises CorruptError if it is not there."""
    data, size = b"", FIRST_RANGE_BYTES
    while size <= MAX_RANGE_BYTES:
        data += store.get_range(ref.key, ref.offset + len(data), size - len(data))
        found = find(data, ref)
        if found is not None:
            return found
        if len(data) < size:
            break
        size *= 4
    raise CorruptError(f"{ref.key}: no record {ref.record_id} at offset {ref.offset}")
