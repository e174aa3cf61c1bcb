"""Read small objects of a store that somebody else may have written: of bounded size, and JSON without surprises."""

import json
from collections.abc import Mapping
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from articles.errors import CorruptError
from storage.objects import ObjectStore
from storage.objects.memory_limit import memory_limited

MAX_NUMBER = 2**53  # what JSON keeps exactly
MAX_SHOWN_CHARS = 100  # of a wrong value in a message
MAX_JSON_BYTES = 64 << 20  # of marks, tags, profiles; the largest profile has 5 MB
Record = TypeVar("Record")

MAX_JSON_MEMORY_BYTES = 4 << 30  # while an object is parsed; the index of 100,000 commits takes 1 GB


def get_bounded(store: ObjectStore, key: str, most: int = MAX_JSON_BYTES) -> bytes:
    """Return an object of at most `most` bytes. Raises MissingError, or CorruptError for a larger one."""
    data = store.get_range(key, 0, most + 1)
    if len(data) > most:
        raise CorruptError(f"{key} has over {most:,} bytes, which Irtysh does not write there")
    return data


def parse_json(data: bytes | str, key: str) -> Any:
    """Return the value of a JSON text. Raises CorruptError, which names the object, for anything else."""
    try:
        with memory_limited(MAX_JSON_MEMORY_BYTES):
            return json.loads(data)
    except ValueError as error:
        raise CorruptError(f"{key} is no JSON: {error}") from error
    except RecursionError:
        raise CorruptError(f"{key} is JSON that is nested too deeply") from None
    except MemoryError:
        raise CorruptError(f"{key} is JSON of too many values") from None


def read_json(store: ObjectStore, key: str, most: int = MAX_JSON_BYTES) -> Any:
    """Return the JSON value of an object of at most `most` bytes. Raises MissingError or CorruptError."""
    return parse_json(get_bounded(store, key, most), key)


def checked(record: Record) -> Record:
    """Return a dataclass that was made from JSON, if its values have the types that it declares. TypeError otherwise."""
    kind: Any = type(record)
    for name, declared in _types_of(kind).items():
        if not _is(getattr(record, name), declared):
            raise TypeError(f"{name} is {str(getattr(record, name))[:MAX_SHOWN_CHARS]!r}")
    return record


@cache
def _types_of(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _is(value: Any, declared: Any) -> bool:
    """Return whether a value is of a declared type: a class, `tuple[…]`, `Mapping[…]`, a union, or any."""
    if declared is Any:
        return True
    kind, inner = get_origin(declared), get_args(declared)
    if kind is tuple:
        wanted = inner[:1] * len(value) if inner[-1] is Ellipsis and isinstance(value, tuple | list) else inner
        return (
            isinstance(value, tuple | list)
            and len(value) == len(wanted)
            and all(_is(one, other) for one, other in zip(value, wanted, strict=True))
        )
    if kind in {Union, UnionType}:
        return any(_is(value, one) for one in inner)
    if kind is Mapping:
        return isinstance(value, Mapping) and all(
            _is(key, inner[0]) and _is(one, inner[1]) for key, one in value.items()
        )
    kinds = (int, float) if declared is float else declared
    if isinstance(value, int) and abs(value) > MAX_NUMBER:
        return False
    return isinstance(value, kinds) and (declared is bool or not isinstance(value, bool))
