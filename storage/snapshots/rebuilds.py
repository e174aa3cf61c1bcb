"""Rebuilds that are read but not published: `rebuilds/<name>/`, so that one can be compared, resumed and approved.

    request.json        what is read again, and by which rules
    <n:06>.json         portion n: the segments that it has read, and the files that hold their rows
    compared-<n:06>.json  what would change, as it was when n portions had been read

No commit lists the files of a portion until the rebuild is published. `gc` spares them for `KEPT_TIME`. All objects are
created, and never replaced.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from articles.errors import ContendedError, CorruptError, InputError, MissingError
from storage.objects import ObjectInfo, ObjectStore, create
from storage.objects.json_objects import checked, read_json
from storage.tables.delta import checked_file
from storage.tables.file_ref import FileRef
from storage.tables.log_format import SegmentSum
from storage.tables.state import State

REBUILDS_PREFIX = "rebuilds/"
REQUEST = "request.json"
COMPARED = "compared-"
KEPT_TIME = timedelta(days=30)  # to look at a comparison; then `gc` removes it and its files


@dataclass(frozen=True, slots=True)
class RebuildRequest:
    """What a rebuild reads again, and by which rules. Rules that differ have another name."""

    name: str
    rules: Mapping[str, Any]  # versions of code, encoders, outlets and profiles
    topic: str = ""  # of all captures; empty: that of each capture
    outlets: str = ""  # file or folder of outlets in addition to the built-in ones
    leave_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Portion:
    """Some segments that a rebuild has read, and what it has written for them."""

    keys: tuple[str, ...]
    sums: Mapping[str, SegmentSum]
    files: tuple[FileRef, ...]
    counts: Mapping[str, Mapping[str, int]]
    links: Mapping[str, int]
    cut: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()  # keys of the extractors that have read the captures


@dataclass(slots=True)
class Journal:
    """The portions of one rebuild in a store."""

    store: ObjectStore
    request: RebuildRequest
    _number: int = field(default=0)

    def begin(self) -> list[Portion]:
        """Note the request, and return the portions that an earlier process has read. Raises CorruptError."""
        key = f"{_prefix(self.request.name)}{REQUEST}"
        create(self.store, key, _encode(asdict(self.request)))
        read = []
        while (found := _portion(self.store, self.request.name, self._number)) is not None:
            read.append(found)
            self._number += 1
        return read

    def add(self, portion: Portion) -> None:
        """Note a portion. Raises ContendedError if another process reads the same rebuild."""
        key = _key(self.request.name, self._number)
        if not create(self.store, key, _encode(asdict(portion))):
            raise ContendedError(f"another process reads the rebuild {self.request.name}: {key} is there already")
        self._number += 1

    def note_comparison(self, comparison: Mapping[str, Any]) -> None:
        """Note what would change, so that it may be approved."""
        create(self.store, f"{_prefix(self.request.name)}{COMPARED}{self._number:06}.json", _encode(comparison))


def compared(store: ObjectStore, name: str) -> RebuildRequest:
    """Return the request of a rebuild that was compared. InputError if there is none of this name."""
    names = sorted({key.split("/")[1] for key in (info.key for info in store.list(REBUILDS_PREFIX)) if COMPARED in key})
    if name not in names:
        known = f"; there are: {', '.join(names)}" if names else "; `irtysh rebuild --compare` makes one"
        raise InputError(f"there is no comparison {name!r}{known}")
    key = f"{_prefix(name)}{REQUEST}"
    try:
        values = read_json(store, key)
        return checked(RebuildRequest(**{**values, "leave_out": tuple(values["leave_out"])}))
    except (TypeError, KeyError, MissingError) as error:
        raise CorruptError(f"{key} is no request of a rebuild: {error}") from error


def kept_files(store: ObjectStore, now: datetime) -> tuple[frozenset[str], tuple[ObjectInfo, ...]]:
    """Return the keys of files that unpublished rebuilds need, and the objects of rebuilds that are too old to be kept.

    Raises CorruptError: what cannot be read might name files that are needed.
    """
    objects = list(store.list(REBUILDS_PREFIX))
    newest: dict[str, datetime] = {}
    for info in objects:
        name = info.key.split("/")[1]
        newest[name] = max(info.modified, newest.get(name, info.modified))
    old = {name for name, modified in newest.items() if now - modified > KEPT_TIME}
    keys: set[str] = set()
    for name in newest.keys() - old:
        number = 0
        while (portion := _portion(store, name, number)) is not None:
            keys.update(ref.key for ref in portion.files)
            number += 1
    return frozenset(keys), tuple(info for info in objects if info.key.split("/")[1] in old)


def drop_all(store: ObjectStore, listed: Collection[str]) -> None:
    """Delete all unpublished rebuilds, with their files that are not among `listed` keys: after a takedown."""
    objects = list(store.list(REBUILDS_PREFIX))
    for name in {info.key.split("/")[1] for info in objects}:
        number = 0
        while (portion := _portion(store, name, number)) is not None:
            for ref in portion.files:
                if ref.key not in listed:
                    store.delete(ref.key)
            number += 1
    for info in objects:
        store.delete(info.key)


def files_of(portions: Iterable[Portion]) -> Iterator[FileRef]:
    """Yield the files of portions."""
    for portion in portions:
        yield from portion.files


def state_of(files: Iterable[FileRef]) -> State:
    """Return a state that holds files which no commit lists yet."""
    by_table: defaultdict[str, dict[str, FileRef]] = defaultdict(dict)
    for ref in files:
        by_table[ref.table][ref.sha256] = ref
    return State(files=by_table)


def _portion(store: ObjectStore, name: str, number: int) -> Portion | None:
    key = _key(name, number)
    try:
        values = read_json(store, key)
    except MissingError:
        return None
    try:
        return Portion(
            keys=tuple(values["keys"]),
            sums={name: SegmentSum(*one) for name, one in values["sums"].items()},
            files=tuple(checked_file(FileRef(**one)) for one in values["files"]),
            counts=values["counts"],
            links=values["links"],
            **{name: tuple(values[name]) for name in ("cut", "damaged", "unread", "readers")},
        )
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise CorruptError(f"{key} is no portion of a rebuild: {error!r}") from error


def _prefix(name: str) -> str:
    return f"{REBUILDS_PREFIX}{name}/"


def _key(name: str, number: int) -> str:
    return f"{_prefix(name)}{number:06}.json"


def _encode(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
