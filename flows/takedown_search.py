"""Find what belongs to articles that are to be taken down: rows of tables, and records of captures."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from articles.errors import CorruptError, InputError, MissingError
from articles.url import article_id, canonicalize
from flows.listener import Listener
from storage.captures.quotes import Quotes, body_of, quotes_of, read_head
from storage.captures.redact import redact
from storage.captures.segments import list_segments
from storage.captures.sums import sum_of
from storage.objects import ObjectInfo, ObjectStore
from storage.tables import packs
from storage.tables.file_ref import FileRef
from storage.tables.log_format import SegmentSum
from storage.tables.schemas import Row

ROW_TABLES = ("sketches", "anchors", "vectors")
PAIR_TABLES = ("links", "alignments")
URL_TABLES = ("removals", "rejections")
DOCUMENT_COLUMNS = ("row_id", "url", "canonical_url", "article_id", "text", "note", "continues")


@dataclass(slots=True)
class Wanted:
    """What belongs to the articles, and what was searched for it."""

    articles: set[str]  # ids of their URLs
    urls: set[str]
    rows: set[str] = field(default_factory=set)
    paragraphs: set[str] = field(default_factory=set)
    found: set[str] = field(default_factory=set)  # ids of articles of which there was something
    copies: set[str] = field(default_factory=set)  # URLs of others
    unread: set[str] = field(default_factory=set)  # keys of what is damaged
    searched: set[str] = field(default_factory=set)  # keys
    records: int = 0

    def holds(self, url: str) -> bool:
        """Return whether a URL is one of the articles', and note that something of it was there."""
        name = _id(url)
        if name not in self.articles:
            return False
        self.found.add(name)
        return True

    def names(self, value: str | None) -> bool:
        """Return whether a value is a URL or the id of a document of the articles."""
        if value is None:
            return False
        return self.holds(value) if "://" in value else value.rpartition("-")[0] in self.articles

    def take(self, row: Row) -> None:
        """Note a row of a document, with the URLs at which it was seen and the paragraphs by which copies are known."""
        self.rows.add(row["row_id"])
        self.urls.add(row["url"])
        self.articles.update({row["article_id"], _id(row["url"])} - {""})
        self.paragraphs |= quotes_of(f"{row['text']}\n{row['note'] or ''}")

    def kept(self, table: str, rows: pa.Table) -> list[bool]:
        """Return for each row of a file whether it stays."""
        return list(self._kept(table, rows))

    def _kept(self, table: str, rows: pa.Table) -> Iterator[bool]:
        if table == "documents" or table in ROW_TABLES:
            return (row_id not in self.rows for row_id in rows["row_id"].to_pylist())
        if table in PAIR_TABLES:
            pairs = zip(rows["a"].to_pylist(), rows["b"].to_pylist(), strict=True)
            return (a not in self.rows and b not in self.rows for a, b in pairs)
        if table in URL_TABLES:
            return (not self.holds(url) for url in rows["url"].to_pylist())
        if table == "fetches":
            columns = (rows[name].to_pylist() for name in ("article_id", "url", "rows"))
            return (
                article not in self.articles and not self.holds(url) and self.rows.isdisjoint(shown or ())
                for article, url, shown in zip(*columns, strict=True)
            )
        return (True for _ in range(rows.num_rows))


def wanted_at(urls: Iterable[str]) -> Wanted:
    """Return what is known of articles by their URLs alone. Raises InputError."""
    given = set(urls)
    return Wanted({article_id(canonicalize(url)) for url in given}, given)


def find_rows(store: ObjectStore, refs: Iterable[FileRef], wanted: Wanted) -> None:
    """Find the articles' rows and texts, the other URLs at which they were seen, and copies of the texts.

    A page that claims to be one of the articles is one if it has a paragraph of it; otherwise it is named as a copy.
    """
    documents = [ref for ref in refs if ref.table == "documents"]
    before = -1
    while before != len(wanted.rows) + len(wanted.articles):  # a URL found in the last file may stand in the first
        before = len(wanted.rows) + len(wanted.articles)
        claims: list[Row] = []
        for row in _rows(store, documents):
            if row["article_id"] in wanted.articles or wanted.holds(row["url"]):
                wanted.found.add(row["article_id"])
                wanted.take(row)
            elif wanted.holds(row["canonical_url"]):
                claims.append(row)
        known = set(wanted.paragraphs)
        for row in claims:
            if known & quotes_of(row["text"]):
                wanted.take(row)
            elif not known:  # nothing tells whether it is the article
                wanted.copies.add(row["url"])
    linked = _linked(store, refs, wanted)
    for row in _rows(store, documents):
        if row["row_id"] in wanted.rows:
            continue
        follows = row["continues"] and wanted.holds(row["continues"])
        if follows or row["row_id"] in linked or any(one in row["text"] for one in wanted.paragraphs):
            wanted.copies.add(row["url"])


def find_records(
    store: ObjectStore, wanted: Wanted, scratch: Path, listener: Listener
) -> dict[str, tuple[SegmentSum, Path]]:
    """Return the segments that hold records of the articles, written again without them. Damaged ones are noted."""
    found: dict[str, tuple[SegmentSum, Path]] = {}
    quotes = Quotes(wanted.paragraphs, wanted.urls)
    for key in list_segments(store):
        if key in wanted.searched:
            continue
        listener.progress("searching captures", len(found), None, key)
        try:
            data, count = redact(store.get(key), key, lambda record: _goes(wanted, quotes, record))
        except (CorruptError, MissingError):
            wanted.unread.add(key)
            continue
        if count:
            path = scratch / str(len(found))
            path.write_bytes(data)
            found[key] = sum_of(data), path
            wanted.records += count
        wanted.searched.add(key)
    return found


def unlisted(
    store: ObjectStore, tables: Iterable[str], listed: Iterable[str]
) -> Iterator[tuple[str, ObjectInfo, pa.Table]]:
    """Yield files of tables that no snapshot lists, as writers leave that die before they commit, with their rows."""
    known = set(listed)
    for table in tables:
        for info in list(store.list(table + "/")):
            if info.key in known or info.key.count("/") != 1 or not info.key.endswith(".parquet"):
                continue
            try:
                yield table, info, pq.read_table(io.BytesIO(store.get(info.key)))
            except (pa.ArrowException, MissingError):  # no file of ours, or just deleted
                continue


def _goes(wanted: Wanted, quotes: Quotes, record: bytes) -> bool:
    """Return whether a record is one of an article, or of a feed, sitemap or listing that names or quotes it.

    A page of another article that quotes it stays, and is named as a copy.
    """
    head = read_head(record)
    if head is None:
        return False
    url, is_article = head
    if wanted.holds(url):
        return True
    body = body_of(record)
    if is_article:
        if quotes.quoted_in(body):
            wanted.copies.add(url)
        return False
    return quotes.named_in(body, url) or quotes.quoted_in(body)


def _rows(store: ObjectStore, refs: Iterable[FileRef]) -> Iterator[Row]:
    for rows in packs.read_each(store, refs, DOCUMENT_COLUMNS):
        yield from rows.to_pylist()


def _linked(store: ObjectStore, refs: Iterable[FileRef], wanted: Wanted) -> set[str]:
    """Return the rows that are linked to those of the articles: duplicates, translations, rewrites."""
    found: set[str] = set()
    for rows in packs.read_each(store, [ref for ref in refs if ref.table == "links"], ("a", "b")):
        for a, b in zip(rows["a"].to_pylist(), rows["b"].to_pylist(), strict=True):
            if a in wanted.rows or b in wanted.rows:
                found |= {a, b}
    return found - wanted.rows


def _id(url: str) -> str:
    """Return the id of the article at a URL; empty for what is none, such as `dns:` in an imported archive."""
    try:
        return article_id(canonicalize(url))
    except InputError:
        return ""
