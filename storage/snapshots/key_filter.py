"""Tell which keys a file may hold, without reading them: a Bloom filter, kept in the file's metadata.

Most articles of a commit are new, and a row is in one layer of many. A filter of ten bits a key says so of 99 in 100 without
reading a row group. Source: Bloom, Space/time trade-offs in hash coding with allowable errors, CACM 13 (1970).
"""

import base64
import hashlib
import zlib
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from articles.errors import CorruptError

BITS_PER_KEY = 10
PLACES_PER_KEY = 4  # with ten bits a key, 1.2% of other keys are taken for known ones
HALF = 32  # bits of a hash
LOW = 2**HALF - 1
BYTE = 8


class KeyFilter(NamedTuple):
    """Bits of a filter. Without NumPy, which some readers need not load."""

    size: int  # bits
    packed: bytes

    def possible(self, keys: Collection[Any]) -> list[Any]:
        """Return the keys that the filter may have been made of."""
        return [
            key
            for key in keys
            if all(self.packed[place // BYTE] >> place % BYTE & 1 for place in _places(key, self.size))
        ]


def made(keys: Collection[str]) -> str:
    """Return the filter of some keys as text."""
    size = max(1, len(keys)) * BITS_PER_KEY
    packed = bytearray(-(-size // BYTE))
    for key in keys:
        for place in _places(key, size):
            packed[place // BYTE] |= 1 << place % BYTE
    return f"{size} {zlib.crc32(packed, size)} {base64.b64encode(packed).decode()}"


def read(text: str) -> KeyFilter:
    """Return a filter. Raises CorruptError for a damaged one."""
    try:
        size, crc, data = text.split(" ")
        found = KeyFilter(int(size), base64.b64decode(data, validate=True))
        is_sound = 0 < found.size <= len(found.packed) * BYTE and zlib.crc32(found.packed, found.size) == int(crc)
    except ValueError as error:
        raise CorruptError(f"a filter of keys is damaged: {error}") from error
    if not is_sound:
        raise CorruptError("a filter of keys is damaged: it does not have its checksum")
    return found


def _places(key: str, size: int) -> Iterator[int]:
    """Yield the places of a key's bits: its hash is cut in two, and the second half is added once more for each."""
    number = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=2 * HALF // BYTE).digest())
    low, high = number & LOW, number >> HALF
    return ((low + step * high) % size for step in range(PLACES_PER_KEY))
