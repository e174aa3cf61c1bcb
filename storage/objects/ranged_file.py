"""Objects as seekable files that are read by ranges."""

import io
from typing import Any

from storage.objects.base import ObjectStore

BLOCK_BYTES = 512 << 10  # a request takes as much CPU as so many bytes (docs/measurements.md §14)
KEPT_BLOCKS = 8


class RangedFile(io.RawIOBase):
    """An object as a seekable file: each read is a request."""

    def __init__(self, store: ObjectStore, key: str, size: int) -> None:
        super().__init__()
        self._store = store
        self._key = key
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        """Return whether it can be read."""
        return True

    def seekable(self) -> bool:
        """Return whether it can be read from any place."""
        return True

    def tell(self) -> int:
        """Return the place of the next byte to read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Set the place of the next byte to read, and return it."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes; by default all that are left."""
        left = max(0, self._size - self._at)
        length = left if size < 0 else min(size, left)
        data = self._range(self._at, length) if length else b""
        self._at += len(data)
        return data

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer, and return how many bytes were read."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _range(self, start: int, length: int) -> bytes:
        return self._store.get_range(self._key, start, length)


class BlockFile(RangedFile):
    """An object as a seekable file that is read in blocks, of which the last few are kept.

    For files with many small parts: Parquet asks for each column of each row group, which may be a kilobyte. Where only a
    few parts are needed, `exact` requests no more than these, unless their blocks are kept.
    """

    def __init__(self, store: ObjectStore, key: str, size: int) -> None:
        super().__init__(store, key, size)
        self.exact = False
        self._blocks: dict[int, bytes] = {}  # by number, the one used last at the end

    def forget(self) -> None:
        """Free the blocks that are kept."""
        self._blocks.clear()

    def _range(self, start: int, length: int) -> bytes:
        first, last = start // BLOCK_BYTES, (start + length - 1) // BLOCK_BYTES
        is_kept = all(number in self._blocks for number in range(first, last + 1))
        if not is_kept and (self.exact or length >= BLOCK_BYTES):
            return super()._range(start, length)
        data = b"".join(map(self._block, range(first, last + 1)))
        return data[start - first * BLOCK_BYTES :][:length]

    def _block(self, number: int) -> bytes:
        found = self._blocks.pop(number, None)
        if found is None:
            found = super()._range(number * BLOCK_BYTES, BLOCK_BYTES)
            if len(self._blocks) == KEPT_BLOCKS:
                del self._blocks[next(iter(self._blocks))]
        self._blocks[number] = found
        return found
