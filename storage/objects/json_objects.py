"""Read small objects of a store that somebody else may have written: of bounded size, and JSON without surprises."""

import json
from typing import Any

from articles.errors import CorruptError
from storage.objects import ObjectStore
from storage.objects.memory_limit import memory_limited

MAX_JSON_BYTES = 64 << 20  # of marks, tags, profiles; the largest profile has 5 MB
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
