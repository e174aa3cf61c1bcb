"""The texts that a release without running text lacks, in a temporary database: what was found of them, and what is left.

Texts stay on the disk, so that memory does not grow with the release.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from articles.links.fingerprint import text_sha256
from articles.model import Document
from articles.url import canonicalize
from storage.tables.packs import LONE_SURROGATE
from storage.tables.schemas import Row

RUNNING_TEXT = ("text", "lead", "note")  # columns that are null in a non-consumptive release
IDENTITY = ("row_id", "url", "lang", "text_sha256")  # columns that say which texts are wanted
CACHE_KB = 32_000  # of the database in memory
MAX_ASKED = 500  # rows in one query: SQLite allows 999 variables where it is old
SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE wanted (canonical TEXT, row_id TEXT, url TEXT, lang TEXT, sha256 TEXT, seen INTEGER, found INTEGER);
CREATE TABLE texts (row_id TEXT PRIMARY KEY, text TEXT, lead TEXT, note TEXT);
"""
INDEX = "CREATE INDEX wanted_canonical ON wanted (canonical)"


class WantedTexts:
    """Wanted rows and their texts. A context manager: the database is made in an empty place, and removed at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute(f"PRAGMA cache_size = -{CACHE_KB}")
        self._database.executescript(SCHEMA)
        self._database.execute("BEGIN")  # and never committed: what does not fit into the cache goes to the disk anyway

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()
        self._path.unlink()

    def want(self, rows: Iterable[Row]) -> None:
        """Add all wanted rows, given by `IDENTITY`."""
        self._database.executemany(
            "INSERT INTO wanted VALUES (?, ?, ?, ?, ?, 0, 0)",
            ((canonicalize(row["url"]), *(row[name] for name in IDENTITY)) for row in rows),
        )
        self._database.execute(INDEX)

    def lacks(self, canonical: str) -> bool:
        """Return whether a text of a canonical URL has not been found."""
        return self._one("SELECT EXISTS (SELECT 1 FROM wanted WHERE canonical = ? AND NOT found)", canonical) == 1

    def keep(self, canonical: str, documents: Iterable[Document]) -> None:
        """Keep those documents of a capture that are wanted: the same text in the same language, the first of them found."""
        asked = "SELECT rowid, row_id, lang, sha256 FROM wanted WHERE canonical = ? AND NOT found"
        left = self._database.execute(asked, [canonical]).fetchall()
        sums = [(document, text_sha256(document.text)) for document in documents] if left else []
        for place, row_id, lang, sha256 in left:
            for document, own in sums:
                if (document.lang, own) == (lang, sha256):
                    texts = [_storable(getattr(document, name)) for name in RUNNING_TEXT]
                    self._database.execute("INSERT OR IGNORE INTO texts VALUES (?, ?, ?, ?)", [row_id, *texts])
                    self._database.execute("UPDATE wanted SET found = 1 WHERE rowid = ?", [place])
                    break
        self._database.execute("UPDATE wanted SET seen = 1 WHERE canonical = ?", [canonical])

    def texts(self, row_ids: Sequence[str]) -> dict[str, list[str | None]]:
        """Return the columns of running text for some rows, null where no text was found."""
        found: dict[str, Sequence[str | None]] = {}
        for start in range(0, len(row_ids), MAX_ASKED):
            some = row_ids[start : start + MAX_ASKED]
            places = ", ".join("?" * len(some))
            asked = f"SELECT row_id, text, lead, note FROM texts WHERE row_id IN ({places})"  # noqa: S608  only places
            found |= {row_id: values for row_id, *values in self._database.execute(asked, some)}
        nothing = [None] * len(RUNNING_TEXT)
        columns = zip(*(found.get(row_id, nothing) for row_id in row_ids), strict=True) if row_ids else [()] * 3
        return {name: list(column) for name, column in zip(RUNNING_TEXT, columns, strict=True)}

    def counts(self) -> tuple[int, int]:
        """Return how many rows are wanted, and how many were found."""
        return self._one("SELECT count(*) FROM wanted"), self._one("SELECT count(*) FROM wanted WHERE found")

    def lost(self, *, seen: bool) -> tuple[str, ...]:
        """Return the URLs of texts that were not found: of those with a capture that was read, or of the others."""
        asked = "SELECT DISTINCT url FROM wanted WHERE NOT found AND seen = ?"
        if not seen:
            asked += " AND url NOT IN (SELECT url FROM wanted WHERE NOT found AND seen)"
        return tuple(sorted(url for (url,) in self._database.execute(asked, [seen])))

    def _one(self, query: str, *values: Any) -> int:
        (found,) = self._database.execute(query, values).fetchone()
        return int(found)


def _storable(text: str | None) -> str | None:
    """Return a text as a pack holds it: without lone surrogates."""
    return None if text is None else LONE_SURROGATE.sub("\ufffd", text)
