"""Reading a list of URLs: one a line, anything may stand in it, nothing of it goes by unnamed.

Blank lines and lines that begin with `#` are comments. A byte-order mark, CRLF and spaces around a URL are taken off.
What is no URL becomes a `BadLine` with its number, text and reason; what was listed before becomes a `RepeatedLine`.
"""

import codecs
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import xxhash
from w3lib.url import safe_url_string

from articles.errors import InputError
from articles.url import canonicalize
from spiders.fetching.guard import RefusedError, address_of, split

MAX_LINE_BYTES = (
    16_384  # bytes of a line that are read at once: twice what common servers take as a request line (8 KiB)
)
MAX_URL_CHARS = 8_192  # characters; what common servers take as a request line
MAX_SHOWN_CHARS = 200  # characters of a bad line that are kept to name it
WHITE_OR_CONTROL = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]")
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True)
class UrlLine:
    """A line that holds a URL not seen before."""

    number: int  # of the line, from 1
    text: str  # the line as given, without the white space around it
    url: str  # ready to be asked for: ASCII, without fragment


@dataclass(frozen=True, slots=True)
class RepeatedLine:
    """A line whose URL stands further up in another or the same spelling."""

    number: int
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that holds no URL that can be fetched, and why."""

    number: int
    text: str  # at most `MAX_SHOWN_CHARS` characters of it
    reason: str


class SeenUrls:
    """The canonical URLs met so far, as 64-bit hashes: some 100 bytes each however long they are."""

    def __init__(self) -> None:
        self._hashes: set[int] = set()

    def __len__(self) -> int:
        return len(self._hashes)

    def __contains__(self, canonical_url: str) -> bool:
        return xxhash.xxh3_64_intdigest(canonical_url.encode()) in self._hashes

    def add(self, canonical_url: str) -> bool:
        """Take a URL in; return whether it is new."""
        key = xxhash.xxh3_64_intdigest(canonical_url.encode())
        if key in self._hashes:
            return False
        self._hashes.add(key)
        return True


def read_list(lines: Iterable[str]) -> Iterator[UrlLine | RepeatedLine | BadLine]:
    """Yield what each line of a list is, in order; comments and blank lines yield nothing."""
    seen = SeenUrls()
    for number, line in enumerate(lines, start=1):
        text = line.strip().strip("\ufeff").strip()
        if not text or text.startswith("#"):
            continue
        try:
            url, canonical = fetchable(text)
        except (InputError, RefusedError) as error:
            yield BadLine(number, text[:MAX_SHOWN_CHARS], str(error))
            continue
        yield (UrlLine if seen.add(canonical) else RepeatedLine)(number, text, url)


def fetchable(text: str) -> tuple[str, str]:
    """Return a URL as it can be asked for, and its canonical spelling. InputError or RefusedError say why not."""
    if len(text) > MAX_URL_CHARS:
        raise InputError(f"longer than {MAX_URL_CHARS} characters")
    if "\ufffd" in text:
        raise InputError("not in UTF-8")
    if WHITE_OR_CONTROL.search(text):
        raise InputError("white space or a control character inside the URL")
    text = _dotted(text)
    canonical = canonicalize(text)
    host = urlsplit(canonical).netloc
    # The path and query are asked for as given, but for what HTTP cannot carry; the host as the canonical one.
    return urlunsplit(urlsplit(safe_url_string(text))._replace(netloc=host, fragment="")), canonical


def _dotted(text: str) -> str:
    """Return a URL whose host, if it spells an IPv4 address in whatever notation, does so as all clients read it."""
    parts = split(text)
    address = address_of(parts.hostname or "")
    if not isinstance(address, IPv4Address):
        return text
    port = f":{parts.port}" if parts.port is not None else ""
    return urlunsplit(parts._replace(netloc=f"{address}{port}"))


def read_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a file one by one, however long the file or a line is. InputError if it can't be opened.

    A line beyond `MAX_LINE_BYTES` bytes yields its beginning only, which is too long for a URL and so will be named.
    """
    try:
        raw = path.open("rb")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    start = raw.peek(4)
    encoding = next((name for mark, name in BOMS if start.startswith(mark)), "utf-8")
    with io.TextIOWrapper(raw, encoding, errors="replace", newline=None) as stream:
        yield from split_lines(stream)


def split_lines(stream: io.TextIOBase) -> Iterator[str]:
    """Yield lines of a text stream, each at most `MAX_LINE_BYTES` characters long; the rest of a longer one is dropped."""
    while line := stream.readline(MAX_LINE_BYTES):
        rest = line
        while rest and not rest.endswith("\n"):
            rest = stream.readline(MAX_LINE_BYTES)
        yield line.rstrip("\n")
