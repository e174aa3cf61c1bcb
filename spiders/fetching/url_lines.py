"""Read a list of URLs, one per line; every line that is not fetched is reported.

Blank lines and lines that begin with `#` are comments. A byte-order mark, CRLF, spaces and quotes around a URL and a note
behind it (`URL # note`) are stripped; `https` is assumed where a line begins with a host. A line without a valid URL becomes a `BadLine` with its number, text and reason; a URL listed before a `RepeatedLine`.
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
from articles.harmless import without_passwords
from articles.url import canonicalize
from spiders.fetching.address_rules import RefusedError, address_of, split
from spiders.fetching.line_text import advice, url_text
from spiders.spec import MAX_URL_CHARS

MAX_LINE_CHARS = 16_384  # read of a line: twice what common servers accept as a request line (8 KiB)
MAX_SHOWN_CHARS = 200  # of a bad line in a message
WHITE_OR_CONTROL = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]")
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True)
class UrlLine:
    """A line with a URL not listed before."""

    number: int  # of the line, from 1
    text: str  # the URL as given, without what surrounds it
    url: str  # ready to be requested: ASCII, without fragment
    assumed: bool = False  # the line has no scheme; the URL has https


@dataclass(frozen=True, slots=True)
class RepeatedLine:
    """A line whose URL was listed before, in the same or another spelling."""

    number: int
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line without a URL that can be fetched, and why."""

    number: int
    text: str  # its first `MAX_SHOWN_CHARS` characters
    reason: str


class SeenUrls:
    """Set of canonical URLs, as 64-bit hashes: some 100 bytes each, however long the URLs are."""

    def __init__(self) -> None:
        self._hashes: set[int] = set()

    def __len__(self) -> int:
        return len(self._hashes)

    def __contains__(self, canonical_url: str) -> bool:
        return xxhash.xxh3_64_intdigest(canonical_url.encode()) in self._hashes

    def add(self, canonical_url: str) -> bool:
        """Add a URL; return whether it is new."""
        key = xxhash.xxh3_64_intdigest(canonical_url.encode())
        if key in self._hashes:
            return False
        self._hashes.add(key)
        return True


def read_list(lines: Iterable[str]) -> Iterator[UrlLine | RepeatedLine | BadLine]:
    """Classify each line of a list, in order; comments and blank lines yield nothing."""
    seen = SeenUrls()
    for number, line in enumerate(lines, start=1):
        text = line.strip().strip("\ufeff").strip()
        if not text or text.startswith("#"):
            continue
        text, assumed = url_text(text)
        try:
            url, canonical = fetchable(text)
        except (InputError, RefusedError) as error:
            yield BadLine(number, without_passwords(text)[:MAX_SHOWN_CHARS], _reason(text, error))
            continue
        yield UrlLine(number, text, url, assumed) if seen.add(canonical) else RepeatedLine(number, text, url)


def _reason(text: str, error: Exception) -> str:
    """Return why a line is not fetched, and what its writer may have meant."""
    meant = advice(text[:MAX_SHOWN_CHARS]) if len(text) <= MAX_SHOWN_CHARS else ""
    return without_passwords(f"{error}; {meant}" if meant else str(error))


def fetchable(text: str) -> tuple[str, str]:
    """Return a URL ready to be requested, and its canonical form. InputError or RefusedError if it cannot be fetched."""
    if len(text) > MAX_URL_CHARS:
        raise InputError(f"longer than {MAX_URL_CHARS} characters")
    if "\ufffd" in text:
        raise InputError("not in UTF-8; save the list as UTF-8")
    if WHITE_OR_CONTROL.search(text):
        raise InputError("white space or a control character inside the URL")
    text = _dotted(text)
    canonical = canonicalize(text)
    host = urlsplit(canonical).netloc
    # Path and query stay as given, except for characters that HTTP cannot carry; the host is the canonical one.
    return urlunsplit(urlsplit(safe_url_string(text))._replace(netloc=host, fragment="")), canonical


def _dotted(text: str) -> str:
    """Return a URL whose host, if it is an IPv4 address in any notation, is in dotted decimal notation."""
    parts = split(text)
    address = address_of(parts.hostname or "")
    if not isinstance(address, IPv4Address):
        return text
    port = f":{parts.port}" if parts.port is not None else ""
    return urlunsplit(parts._replace(netloc=f"{address}{port}"))


def read_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a file, however long the file or a line is. InputError if it cannot be opened.

    Of a line longer than `MAX_LINE_CHARS` only the beginning is yielded; it is too long for a URL, so it is reported.
    """
    try:
        raw = path.open("rb")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    with io.TextIOWrapper(raw, encoding_of(raw.peek(4)), errors="replace", newline=None) as stream:
        yield from split_lines(stream)


def encoding_of(start: bytes) -> str:
    """Return the encoding of a list of URLs, by its first bytes."""
    return next((name for mark, name in BOMS if start.startswith(mark)), "") or _unmarked(start)


def _unmarked(start: bytes) -> str:
    """Return the encoding of a file without a byte-order mark: in UTF-16, one byte of an ASCII character is zero."""
    first, second = (start + b"  ")[:2]
    if first and not second:
        return "utf-16-le"
    return "utf-16-be" if second and not first else "utf-8"


def split_lines(stream: io.TextIOBase) -> Iterator[str]:
    """Yield the lines of a text stream, each at most `MAX_LINE_CHARS` long; the rest of a longer line is dropped."""
    while line := stream.readline(MAX_LINE_CHARS):
        rest = line
        while rest and not rest.endswith("\n"):
            rest = stream.readline(MAX_LINE_CHARS)
        yield line.rstrip("\n")
