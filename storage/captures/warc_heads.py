"""Rewrite WARC files whose heads FastWARC cannot read: field names in another case, lines that end with LF alone.

ISO 28500 §4 says that field names are case-insensitive. Such a file is copied with its heads in the usual form; all others are
read as they are.
"""

import contextlib
import io
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from fastwarc.stream_io import ZstdReader
from isal import igzip

from storage.captures.decode import ZSTD_MAGIC
from storage.captures.salvage import GZIP_DEFLATE_MAGIC, MAX_HEAD_BYTES

PROBE_BYTES = 64 << 10  # of a file: holds the head of its first record
CHUNK_BYTES = 1 << 20
VERSION = re.compile(rb"WARC/(\d\.\d+)[ \t]*\r?\n", re.IGNORECASE)
END = re.compile(rb"\r?\n\r?\n")
LF_ALONE = re.compile(rb"(?<!\r)\n")
KIND = re.compile(rb"^WARC-Type: [a-z]+\r", re.MULTILINE)
DAMAGE = (OSError, EOFError, zlib.error)
# The spelling of the standard, as FastWARC expects these two.
SPELLED = {b"warc-type": b"WARC-Type", b"content-length": b"Content-Length"}
# Possessive, so that a line of blanks without a colon is read once
FIELD = re.compile(rb"^([^:\s]++(?:[ \t]++[^:\s]++)*+)[ \t]*+:[ \t]*+", re.MULTILINE)
FOLD = re.compile(rb"\r?\n[ \t]+")
TYPE = re.compile(rb"^WARC-Type: (.*)$", re.MULTILINE)


def is_unusual(path: Path) -> bool:
    """Return whether FastWARC cannot read the head of a file's first record. False if it is no WARC file at all."""
    start = _beginning(path).lstrip(b"\r\n")
    end = END.search(start)
    if end is None or not VERSION.match(start):
        return False
    head = start[: end.end()]
    return (
        LF_ALONE.search(head) is not None
        or any(name[1] != SPELLED.get(name[1].lower(), name[1]) for name in FIELD.finditer(head))
        or not head.startswith(b"WARC/")
        or not KIND.search(head)
    )


def copy_usual(path: Path, copy: Path, alive: Callable[[], None]) -> None:
    """Write the records of a WARC file with heads in the usual form, up to the first that is damaged, which is cut short."""
    with _unpacked(path) as stream, copy.open("wb") as out, contextlib.suppress(*DAMAGE):
        while line := stream.readline(MAX_HEAD_BYTES):
            alive()
            if not VERSION.match(line):
                continue  # padding, or what is left of a damaged record
            head = [line]
            while (line := stream.readline(MAX_HEAD_BYTES)).strip() and sum(map(len, head)) < MAX_HEAD_BYTES:
                head.append(line)
            usual = _usual(b"".join(head))
            out.write(usual)
            left = _length(usual)
            while left:
                block = stream.read(min(left, CHUNK_BYTES))
                if not block:
                    return  # the file ends here; the reader of the copy reports it
                alive()
                out.write(block)
                left -= len(block)
            out.write(b"\r\n\r\n")


def _usual(head: bytes) -> bytes:
    """Return the head of a record with the spelling and the line ends of the standard."""
    first, _, rest = FOLD.sub(b" ", head).partition(b"\n")
    rest = FIELD.sub(lambda name: SPELLED.get(name[1].lower(), name[1]) + b": ", rest)
    rest = TYPE.sub(lambda kind: b"WARC-Type: " + kind[1].strip().lower(), rest)
    lines = [first.strip().upper(), *(one.rstrip() for one in rest.splitlines() if one.strip())]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _length(head: bytes) -> int:
    """Return the length of a record's block; 0 if its head states none, so that the next record is searched for."""
    for line in head.splitlines():
        name, _, value = line.partition(b":")
        if name == b"Content-Length" and value.strip().isdigit():
            return int(value)
    return 0


def _beginning(path: Path) -> bytes:
    with contextlib.suppress(*DAMAGE), _unpacked(path) as stream:
        return stream.read(PROBE_BYTES)
    return b""


@contextlib.contextmanager
def _unpacked(path: Path) -> Iterator[io.BufferedReader]:
    with path.open("rb") as file:
        magic = file.read(len(ZSTD_MAGIC))
        file.seek(0)
        if magic.startswith(ZSTD_MAGIC):
            yield io.BufferedReader(_Readable(ZstdReader(file)), CHUNK_BYTES)
        elif magic.startswith(GZIP_DEFLATE_MAGIC):
            with igzip.GzipFile(fileobj=file) as stream:  # type: ignore[no-untyped-call]
                yield io.BufferedReader(stream, CHUNK_BYTES)
        else:
            yield file


class _Readable(io.RawIOBase):
    """A reader of FastWARC as a raw stream of Python."""

    def __init__(self, reader: Any) -> None:
        super().__init__()
        self._reader = reader

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._reader.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
