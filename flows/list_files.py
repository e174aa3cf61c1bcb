"""Check that a file can be a list of URLs, before it is read line by line."""

from pathlib import Path
from unicodedata import category

from articles.errors import InputError, UsageError
from flows.spreadsheets import ZIP_MAGIC
from spiders.fetching.url_lines import encoding_of, read_lines

# How files begin that are no text: their kind, and what to do
KINDS = (
    (b"\x1f\x8b", "compressed with gzip; unpack it first, as with `gunzip`"),
    (b"\x28\xb5\x2f\xfd", "compressed with Zstandard; unpack it first, as with `unzstd`"),
    (b"BZh", "compressed with bzip2; unpack it first, as with `bunzip2`"),
    (b"\xfd7zXZ", "compressed with xz; unpack it first, as with `unxz`"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a spreadsheet or document of old Office; save it as .xlsx or .csv"),
    (b"%PDF-", "a PDF; copy its URLs into a text file, one per line"),
    (b"PAR1", "a Parquet file; write its URLs into a text file or a CSV"),
    (b"SQLite format 3\0", "an SQLite database; write its URLs into a text file or a CSV"),
)
HEAD_BYTES = 4096
CONTROLS = frozenset(map(chr, range(0x20))) - set("\t\n\v\f\r\x1b")  # that no text has
UNKNOWN = "\ufffd"
MAX_CONTROLS = 0.01  # of the characters; a list with a stray one is still read, and the line reported


def check_list_path(path: str) -> None:
    """Check the value of --from. UsageError if it is a URL, or another option."""
    if "://" in path:
        raise UsageError(f"--from takes a file, not a URL; to fetch this page itself: irtysh crawl {path}")
    if path.startswith("--"):
        raise UsageError(f"--from needs a file, and {path} is an option; for a file of that name: --from ./{path}")


def check_is_text(path: Path, name: str) -> None:
    """Raise InputError if a file is no text, with its kind and what to do. Nothing is said about spreadsheets."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise InputError(f"cannot read {name}: {error.strerror}") from error
    for magic, kind in KINDS:
        if head.startswith(magic):
            raise InputError(f"{name} is {kind}")
    if not head.startswith(ZIP_MAGIC) and not _is_text(head):
        raise InputError(f"{name} is no text; a list has one URL per line, or is a table: CSV, TSV or XLSX")


def _is_text(head: bytes) -> bool:
    """Return whether a list begins with characters, not bytes: in UTF-16, those of a letter look like control characters."""
    encoding = encoding_of(head)
    text = head.decode(encoding, "replace").rstrip(UNKNOWN)
    odd = sum(sign in CONTROLS for sign in text)
    if encoding != "utf-8":  # any two bytes are a character of UTF-16, but few of those are in use
        odd += sum(sign == UNKNOWN or category(sign) in {"Cn", "Co"} for sign in text)
    return odd <= MAX_CONTROLS * len(text)


def check_has_lines(path: Path, name: str, column: str) -> None:
    """Raise InputError if a list has nothing but blank lines and comments. `column` is that of its table, or empty."""
    lines = 0
    for lines, line in enumerate(read_lines(path), start=1):  # noqa: B007  counted
        text = line.strip().strip("\ufeff").strip()
        if text and not text.startswith("#"):
            return
    what = (
        f"its column {column} is empty"
        if column
        else "it has only blank lines and comments"
        if lines
        else "it is empty"
    )
    raise InputError(f"{name} holds no URL: {what}; nothing was fetched")
