"""Tell which keys a file may hold, without reading them: a Bloom filter, kept in the file's metadata.

Most articles of a commit are new, and a row is in one layer of many. A filter of ten bits a key says so of 99 in 100 without
reading a row group. Source: Bloom, Space/time trade-offs in hash coding with allowable errors, CACM 13 (1970).
"""

import base64
import zlib
from collections.abc import Collection
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from articles.errors import CorruptError

BITS_PER_KEY = 10
PLACES_PER_KEY = 4  # with ten bits a key, 1.2% of other keys are taken for known ones
HALF = np.uint64(32)  # bits of a hash


def made(keys: Collection[str]) -> str:
    """Return the filter of some keys."""
    bits = np.zeros(max(1, len(keys)) * BITS_PER_KEY, np.uint8)
    bits[_places(keys, len(bits)).ravel()] = 1
    packed = np.packbits(bits).tobytes()
    return f"{len(bits)} {zlib.crc32(packed, len(bits))} {base64.b64encode(packed).decode()}"


def read(text: str) -> NDArray[np.uint8]:
    """Return a filter as bits. Raises CorruptError for a damaged one."""
    try:
        size, crc, data = text.split(" ")
        packed = base64.b64decode(data, validate=True)
        bits = np.unpackbits(np.frombuffer(packed, np.uint8), count=int(size))
        is_sound = zlib.crc32(packed, len(bits)) == int(crc)
    except ValueError as error:
        raise CorruptError(f"a filter of keys is damaged: {error}") from error
    if not is_sound or not len(bits):
        raise CorruptError("a filter of keys is damaged: it does not have its checksum")
    return bits


def possible(bits: NDArray[np.uint8], keys: Collection[Any]) -> list[Any]:
    """Return the keys that a filter may have been made of."""
    known = list(keys)
    may = np.flatnonzero(bits[_places(known, len(bits))].min(axis=1))
    return [known[place] for place in may]


def _places(keys: Collection[str], size: int) -> NDArray[np.uint64]:
    """Return the places of each key's bits: its hash is cut in two, and the second half is added once more for each."""
    hashes = np.fromiter((xxhash.xxh3_64_intdigest(key.encode()) for key in keys), np.uint64, len(keys))
    low, high = hashes & np.uint64(2**32 - 1), hashes >> HALF
    steps = np.arange(PLACES_PER_KEY, dtype=np.uint64)
    places: NDArray[np.uint64] = (low[:, None] + steps * high[:, None]) % np.uint64(size)
    return places
