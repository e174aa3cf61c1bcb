"""Format version of the log: what a program must know to read a store, or to continue it.

Version 1 had no number. Version 2 names each consumed segment with its size and SHA-256 under `segments`, where version 1
had `captures`: code of version 1 refuses such an entry, and so cannot continue a store that newer code has continued. An
entry of version 3 names a file with its pages by outlet (`storage.tables.accounts`), and needs the writer feature `accounts`;
other entries are still of version 2. From version 2 on each entry names the features that it needs. Who does not know one
says which, and refuses: to read the store for a reader feature, to add to it for a writer feature.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from articles.errors import NewerStoreError

FORMAT_VERSION = 3  # the newest
PLAIN_VERSION = 2  # of an entry that needs nothing newer
READER_FEATURES = frozenset({"redactions", "segment-sums"})  # of an entry; without knowing them its meaning is unclear
WRITER_FEATURES = frozenset({"heads", "redactions", "segment-sums"})  # code that adds to the store must keep them up
KNOWN_READER_FEATURES = READER_FEATURES
ACCOUNTS = "accounts"  # of an entry that names a file of pages by outlet: older code would lose the name in its indexes
KNOWN_WRITER_FEATURES = WRITER_FEATURES | {ACCOUNTS}
SHA256 = re.compile("[0-9a-f]{64}")
MAX_SEGMENT_SIZE = 2**53  # bytes: what JSON keeps exactly


class SegmentSum(NamedTuple):
    """Size and SHA-256 of a segment of captures."""

    size: int  # bytes
    sha256: str


def described(*, accounts: bool = False) -> dict[str, Any]:
    """Return the format as an entry names it. `accounts`: whether it names a file of pages by outlet."""
    version, writes = (FORMAT_VERSION, WRITER_FEATURES | {ACCOUNTS}) if accounts else (PLAIN_VERSION, WRITER_FEATURES)
    return {"version": version, "reads": sorted(READER_FEATURES), "writes": sorted(writes)}


def unknown_writer_features(entry: Mapping[str, Any], number: int) -> frozenset[str]:
    """Return the features of an entry that a writer must know and this code does not.

    Raises NewerStoreError if the entry has a feature that its readers must know.
    """
    named = entry.get("format")
    if named is None:  # version 1
        return frozenset()
    if unknown := frozenset(map(str, named["reads"])) - KNOWN_READER_FEATURES:
        raise NewerStoreError(
            f"a newer version of Irtysh has continued this store: log entry {number} has format {named['version']} with "
            f"{_list(unknown)}, which this version cannot read (it knows format {FORMAT_VERSION}); upgrade Irtysh"
        )
    return frozenset(map(str, named["writes"])) - KNOWN_WRITER_FEATURES


def check_writable(unknown: Iterable[str]) -> None:
    """Raise NewerStoreError if the store has features that a writer must know and this code does not."""
    if unknown := frozenset(unknown):
        raise NewerStoreError(
            f"a newer version of Irtysh has continued this store with {_list(unknown)}, which this version cannot keep "
            "up: it reads the store, but must not add to it; upgrade Irtysh"
        )


def sums_of(listed: Mapping[str, Any]) -> dict[str, SegmentSum]:
    """Return the sums of an entry's segments, without those that have none. Raises ValueError for other values."""
    found = {}
    for key, value in listed.items():
        if value is None:
            continue
        size, sha256 = value
        if not isinstance(size, int) or not 0 <= size <= MAX_SEGMENT_SIZE or not SHA256.fullmatch(sha256):
            raise ValueError(f"{key} has the sum {value!r}")
        found[key] = SegmentSum(size, sha256)
    return found


def check_form(texts: Iterable[object], flags: Iterable[object], counts: object, metadata: object) -> None:
    """Raise ValueError if values of an entry do not have the types that Irtysh writes."""
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("a value is no text")
    if not all(isinstance(flag, bool) for flag in flags):
        raise ValueError("a value is neither true nor false")
    pages = counts.get("pages", {}) if isinstance(counts, dict) else None
    if not isinstance(pages, dict) or not all(
        isinstance(tally, dict) and all(isinstance(number, int) for number in tally.values())
        for tally in pages.values()
    ):
        raise ValueError("the counts of pages are no numbers by outlet")
    if metadata is not None and not (isinstance(metadata, dict) and isinstance(metadata.get("schemaString"), str)):
        raise ValueError("the table's metadata has no schema")


def _list(features: Iterable[str]) -> str:
    names = sorted(features)
    return ("the feature " if len(names) == 1 else "the features ") + ", ".join(names)
