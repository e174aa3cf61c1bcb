"""Read captures in a child process with limits: no record hangs or ends the process that asks for it.

A record that reaches a limit is yielded as a `RefusedCapture`, and reading continues behind it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

from articles.errors import CorruptError
from articles.model import Capture, CaptureRef
from storage.captures import segments
from storage.captures.limited_process import EndedError, LimitedProcess, Send
from storage.captures.records import Found, RefusedCapture, find_record, parse_key, read_found
from storage.captures.salvage import DamagedRange, SalvageReader, describe
from storage.captures.segments import opened
from storage.objects import ObjectStore

MAX_STARTS = 2  # of the child at one place that is in no record: something else may have ended it the first time
NOTHING_REFUSED: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Head:
    """Message of the child: it begins to read the body of this capture."""

    capture: Capture


class CaptureReader:
    """Reads segments and single records in a child process, which starts when needed. A context manager; not thread-safe."""

    def __init__(self) -> None:
        self._process = LimitedProcess()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child process."""
        self._process.close()

    def segment(self, source: bytes | Path, key: str, refused: Mapping[str, str] = NOTHING_REFUSED) -> Iterator[Found]:
        """Yield what `storage.captures.segments.read_segment` does, and raise CorruptError as it does.

        `refused` maps the ids of records that were refused before to the details: they are not read again.
        """
        parse_key(key)
        gaps: list[DamagedRange] = []
        after: int | None = None  # offset of the last record that was read or refused
        starts = 0  # without a record
        while True:
            starts += 1
            head: Capture | None = None
            try:
                for item in self._process.stream(scan_segment, source, key, after, refused):
                    starts = 0
                    if isinstance(item, Head):
                        head = item.capture
                    elif isinstance(item, DamagedRange):
                        gaps.append(item)
                    else:
                        head = None if head is not None and _ref(item) == head.ref else head
                        after = _ref(item).offset
                        yield item
                break
            except EndedError as error:
                if head is None and starts < MAX_STARTS:
                    continue
                if head is None:  # the fault lies outside of any record: behind the last one, nothing can be read
                    gaps.append(DamagedRange(after or 0, None, str(error)))
                    break
                yield RefusedCapture(head, str(error))
                after = head.ref.offset
        if gaps:
            raise CorruptError(f"{key}: {describe(gaps)}")

    def record(self, store: ObjectStore, ref: CaptureRef) -> Found:
        """Read one record by its offset, as `storage.captures.segments.read_record` does. Raises CorruptError."""
        return segments.read_record(store, ref, self._find)

    def _find(self, data: bytes, ref: CaptureRef) -> Found | None:
        head: Capture | None = None
        found: Found | None = None
        try:
            for item in self._process.stream(scan_record, data, ref):  # to its end: a broken-off stream ends the child
                if isinstance(item, Head):
                    head = item.capture
                else:
                    found = item
        except EndedError as error:
            if head is None:
                raise CorruptError(f"{ref.key}: record {ref.record_id} at offset {ref.offset}: {error}") from error
            return RefusedCapture(head, str(error)) if head.ref.record_id == ref.record_id else None
        return found


def scan_segment(source: bytes | Path, key: str, after: int | None, refused: Mapping[str, str], send: Send) -> None:
    """Send the records of a segment and its damaged ranges, in the child process. Begin behind the record at `after`."""

    def begin(head: Capture) -> str:
        send(Head(head))
        return refused.get(head.ref.record_id, "")

    with opened(source) as file:
        salvage = SalvageReader(file, lambda: send(None))
        for found in salvage.each(partial(read_found, key=key, begin=begin), after):
            send(found)
    for gap in salvage.gaps:
        send(gap)


def scan_record(data: bytes, ref: CaptureRef, send: Send) -> None:
    """Send the record at a reference, in the child process, from the bytes that begin at its offset."""

    def begin(head: Capture) -> str:
        send(Head(head))
        return ""

    found = find_record(data, ref, begin)
    if found is not None:
        send(found)


def _ref(found: Found) -> CaptureRef:
    return found.head.ref if isinstance(found, RefusedCapture) else found.ref
