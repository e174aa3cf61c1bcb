"""Sizes and SHA-256 sums of segments: those that commits name, and those that `verify` has learned of older commits."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from articles.errors import CorruptError, MissingError
from storage.objects import ObjectStore, create
from storage.objects.base import COPY_CHUNK_BYTES
from storage.objects.json_objects import get_bounded, parse_json
from storage.tables import redactions
from storage.tables.log_format import SegmentSum, sums_of
from storage.tables.prefetch import prefetch
from storage.tables.state import State

LEARNED_PREFIX = "index/sums/"
READ_THREADS = 2  # segments in memory at once, of up to 32 MB each; imported ones may have 128 MB


@dataclass(frozen=True, slots=True)
class CheckedSegment:
    """What a check of a consumed segment found."""

    key: str
    found: SegmentSum | None  # None: it is missing
    expected: SegmentSum | None  # None: no commit and no earlier check names its sum

    @property
    def fault(self) -> str:
        """What is wrong with the segment; empty if nothing is."""
        if self.found is None:
            return "is missing, although a commit has consumed it"
        if self.expected is None or self.found == self.expected:
            return ""
        if self.found.size != self.expected.size:
            return f"is damaged: it has {self.found.size:,} bytes, but had {self.expected.size:,} when a commit consumed it"
        return "is damaged: its bytes do not have the SHA-256 that they had when a commit consumed it"


def sum_of(data: bytes | Path) -> SegmentSum:
    """Return size and SHA-256 of a segment that is in memory or on disk."""
    if isinstance(data, bytes):
        return SegmentSum(len(data), hashlib.sha256(data).hexdigest())
    digest, size = hashlib.sha256(), 0
    with data.open("rb") as file:
        while block := file.read(COPY_CHUNK_BYTES):
            digest.update(block)
            size += len(block)
    return SegmentSum(size, digest.hexdigest())


def learned(store: ObjectStore) -> dict[str, SegmentSum]:
    """Return the sums that earlier checks have learned. Raises CorruptError. Of two for one segment, the first counts."""
    found: dict[str, SegmentSum] = {}
    for info in sorted(store.list(LEARNED_PREFIX), key=lambda info: (info.modified, info.key)):
        data = get_bounded(store, info.key)
        if hashlib.sha256(data).hexdigest() != info.key.removeprefix(LEARNED_PREFIX).removesuffix(".json"):
            raise CorruptError(f"{info.key} is damaged: its bytes do not have the SHA-256 of its name")
        try:
            found = sums_of(parse_json(data, info.key)) | found
        except (ValueError, TypeError, AttributeError) as error:
            raise CorruptError(f"{info.key} holds no sums: {error!r}") from error
    return found


def learn(store: ObjectStore, sums: Mapping[str, SegmentSum]) -> None:
    """Keep sums of segments for later checks. Raises DeniedError for a reader who must not write."""
    data = json.dumps(dict(sorted(sums.items())), separators=(",", ":")).encode()
    create(store, f"{LEARNED_PREFIX}{hashlib.sha256(data).hexdigest()}.json", data)


def known(store: ObjectStore, state: State) -> dict[str, SegmentSum]:
    """Return the sums of a state's segments: as its commits name them, or else as a check has learned them."""
    older = {} if state.captures <= state.sums.keys() else learned(store)
    return older | dict(state.sums) | dict(redactions.load(store).segments)


def check(store: ObjectStore, keys: Iterable[str], sums: Mapping[str, SegmentSum]) -> Iterator[CheckedSegment]:
    """Read segments and compare them with their sums, in the order of their keys."""

    def one(key: str) -> CheckedSegment:
        try:
            return CheckedSegment(key, sum_of(store.get(key)), sums.get(key))
        except MissingError:
            return CheckedSegment(key, None, sums.get(key))

    return prefetch(one, sorted(keys), READ_THREADS)
