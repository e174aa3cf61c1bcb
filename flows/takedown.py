"""Take articles out of a store for good: captures, files of tables, releases. Nothing but that and why is recorded.

Every step can be repeated, so a takedown that was interrupted is completed by the same command:

1. Find the rows of the articles in the files of every snapshot, and the records in all segments.
2. Write the files again without them, and commit this, so that Delta readers follow too.
3. Record when and why. From here on, older snapshots have the new files as well.
4. Replace the segments and the files of releases, and delete the old files.
"""

import hashlib
import html
import io
import json
import random
import re
import tempfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from articles.errors import InputError, MissingError, UsageError
from articles.url import article_id, canonicalize
from flows.listener import Listener
from storage.captures.decode import decode, unchunk
from storage.captures.redact import redact
from storage.captures.segments import list_segments
from storage.captures.sums import sum_of
from storage.export.release_tables import COVERAGE, recounted
from storage.objects import ObjectStore, create
from storage.snapshots import current_table
from storage.snapshots.lookup_layers import LOOKUPS_PREFIX
from storage.snapshots.rebuilds import drop_all
from storage.snapshots.release_index import CHECKSUMS_FILE, RELEASES_PREFIX, read_sums, sums_list
from storage.snapshots.view_layers import VIEWS_PREFIX
from storage.tables import packs
from storage.tables.file_ref import FileRef
from storage.tables.log import CommitDraft, Log
from storage.tables.log_format import SegmentSum
from storage.tables.redactions import REDACTIONS_PREFIX, described
from storage.tables.state import State

MAX_BODY_BYTES = 64 << 20  # decoded, of a feed or listing that is searched
MIN_QUOTE_CHARS = 40  # of a paragraph by which a feed or a copy is recognised: shorter ones stand in many texts
TARGET = re.compile(rb"^WARC-Target-URI: *<?([^>\r\n]+)", re.MULTILINE | re.IGNORECASE)
ARTICLE_PURPOSES = frozenset({b"", b"page", b"entry"})
QUOTE_CHARS = 60  # the beginning of a paragraph: feeds cut texts short
ELEMENT = re.compile(r"<[^<>]{0,2000}>")
PURPOSE = re.compile(rb"^Irtysh-Purpose: *([^\r\n]*)", re.MULTILINE | re.IGNORECASE)
HTTP_FIELD = r"^{}: *([^\r\n]*)"
RELEASED_NAMES = (  # columns of files of releases that name an article
    "url", "canonical_url", "a_url", "b_url", "document_id", "a_document_id", "b_document_id",
)  # fmt: skip
VERSION = re.compile(r'"version": "\d+\.0\.0"')  # of a release in its descriptions
COVERED = re.compile(rf"releases/.+/{re.escape(COVERAGE)}")
RELEASED = re.compile(r"releases/[^/]+/.+\.parquet")
ROW_TABLES = ("sketches", "anchors", "vectors")
PAIR_TABLES = ("links", "alignments")
URL_TABLES = ("removals", "rejections")


@dataclass(frozen=True, slots=True)
class TakedownReport:
    """What a takedown removed."""

    documents: int = 0  # rows
    records: int = 0  # of captures
    files: int = 0  # rewritten: of tables, segments and releases
    deleted: int = 0  # old files
    snapshot: int | None = None
    copies: tuple[str, ...] = ()  # URLs of other articles with a paragraph of the text


@dataclass(slots=True)
class _Wanted:
    """What belongs to the articles."""

    articles: set[str]  # ids of their URLs
    rows: set[str] = field(default_factory=set)
    quotes: set[str] = field(default_factory=set)  # paragraphs
    copies: set[str] = field(default_factory=set)

    def holds(self, url: str) -> bool:
        """Return whether a URL is one of the articles'."""
        return bool(url) and _id(url) in self.articles

    def names(self, value: str | None) -> bool:
        """Return whether a value is a URL or the id of a document of the articles."""
        if value is None:
            return False
        return self.holds(value) if "://" in value else value.rpartition("-")[0] in self.articles


def takedown(
    store: ObjectStore,
    urls: Collection[str],
    why: str,
    *,
    clock: Callable[[], datetime],
    rng: random.Random,
    listener: Listener,
) -> TakedownReport:
    """Take the articles at `urls` out of the store. InputError if it holds nothing of one of them."""
    if not why.strip():
        raise UsageError("a takedown needs a reason, which is recorded: --reason 'order of the court of Almaty, 12/26'")
    log = Log(store, clock, rng)
    wanted = _Wanted({_id(url) for url in urls})
    refs = _files(log)
    _find(store, refs, wanted)
    with tempfile.TemporaryDirectory(prefix="irtysh-takedown-") as scratch:
        segments, records = _segments(store, wanted, Path(scratch), listener)
        replaced = {ref: log.redactions.files[ref.sha256] for ref in refs if ref.sha256 in log.redactions.files}
        fresh: dict[FileRef, FileRef] = {}
        for ref in refs:
            if ref not in replaced and (new := _rewritten(store, ref, wanted)):
                fresh[ref] = new
                listener.progress("rewriting", len(fresh), None, ref.key)
        if not (wanted.rows or records or fresh or replaced):
            raise InputError(f"{log.store.url} holds nothing of {', '.join(urls)}")
        snapshot = _commit(log, fresh)
        if fresh or segments:
            record = described(
                clock(),
                why,
                len(wanted.rows),
                fresh,
                {key: found for key, (found, _) in segments.items()},
                articles=wanted.articles - {""},
            )
            _record(store, json.dumps(record, indent=1).encode())
        for key, (_, path) in segments.items():
            store.put(key, path.read_bytes())
    released = _releases(store, wanted)
    for info in [*store.list(VIEWS_PREFIX), *store.list(LOOKUPS_PREFIX)]:
        store.delete(info.key)  # they hold titles; they are stored again by the next run
    drop_all(store, {ref.key for commit in log.read_many(range(log.head() + 1)) for ref in commit.add})
    current_table.clear(store)
    deleted = 0
    for ref in (*fresh, *replaced):
        deleted += any(info.key == ref.key for info in store.list(ref.key))
        store.delete(ref.key)
    return TakedownReport(
        documents=len(wanted.rows),
        records=records,
        files=len(fresh) + len(segments) + released,
        deleted=deleted,
        snapshot=snapshot,
        copies=tuple(sorted(wanted.copies)),
    )


def _files(log: Log) -> list[FileRef]:
    """Return every file that a commit lists or that an earlier takedown made, if it is still there."""
    listed = {ref for number in log.entries() for ref in log.read_raw(number).add}
    listed |= set(log.redactions.files.values())
    there = {info.key for table in {ref.table for ref in listed} for info in log.store.list(table + "/")}
    return sorted(ref for ref in listed if ref.key in there)


def _find(store: ObjectStore, refs: list[FileRef], wanted: _Wanted) -> None:
    """Find the articles' rows and texts, the other URLs at which they were seen, and copies of the texts."""
    documents = [ref for ref in refs if ref.table == "documents"]
    columns = ("row_id", "url", "canonical_url", "article_id", "text")
    for rows in packs.read_each(store, documents, columns):
        for row in rows.to_pylist():
            if row["article_id"] in wanted.articles or wanted.holds(row["url"]) or wanted.holds(row["canonical_url"]):
                wanted.rows.add(row["row_id"])
                wanted.quotes.update(line for line in row["text"].split("\n") if len(line) >= MIN_QUOTE_CHARS)
                wanted.articles.update({row["article_id"], _id(row["url"])})
    for rows in packs.read_each(store, documents, columns):
        for row in rows.to_pylist():
            if row["row_id"] not in wanted.rows and any(quote in row["text"] for quote in wanted.quotes):
                wanted.copies.add(row["url"])


def _goes(wanted: _Wanted, record: bytes) -> bool:
    """Whether a record of a segment is one of an article, or of a feed, sitemap or listing that quotes it."""
    head, _, block = record.partition(b"\r\n\r\n")
    if not (target := TARGET.search(head)):
        return False
    url = target[1].decode("utf-8", "replace").strip()
    if wanted.holds(url):
        return True
    purpose = PURPOSE.search(head)
    if purpose is None or purpose[1].strip().lower() in ARTICLE_PURPOSES:
        return False
    http, _, body = block.partition(b"\r\n\r\n")
    if "chunked" in _field(http, "Transfer-Encoding").lower():
        body = unchunk(body, MAX_BODY_BYTES)
    text = _plain(decode(body, _field(http, "Content-Encoding"), MAX_BODY_BYTES)[0].decode("utf-8", "replace"))
    return any(_plain(quote)[:QUOTE_CHARS] in text for quote in wanted.quotes)


def _plain(text: str) -> str:
    """Return a text without markup, also if it stands escaped in a feed, and with single spaces."""
    opened = ELEMENT.sub(" ", html.unescape(text.replace("<![CDATA[", "").replace("]]>", "")))
    return " ".join(html.unescape(opened).split())


def _segments(
    store: ObjectStore, wanted: _Wanted, scratch: Path, listener: Listener
) -> tuple[dict[str, tuple[SegmentSum, Path]], int]:
    """Return the segments that hold records of the articles, written again without them, and how many records these are."""
    found: dict[str, tuple[SegmentSum, Path]] = {}
    total = 0
    for key in list_segments(store):
        listener.progress("searching captures", len(found), None, key)
        data, count = redact(store.get(key), key, lambda record: _goes(wanted, record))
        if count:
            path = scratch / str(len(found))
            path.write_bytes(data)
            found[key] = sum_of(data), path
            total += count
    return found, total


def _rewritten(store: ObjectStore, ref: FileRef, wanted: _Wanted) -> FileRef | None:
    """Store a file again without the articles' rows, and return it; None if it has none of them."""
    try:
        rows = pq.read_table(io.BytesIO(store.get(ref.key)))
    except MissingError:
        return None
    kept = rows.filter(pa.array(_kept(ref.table, rows, wanted), pa.bool_()))
    if kept.num_rows == rows.num_rows:
        return None
    new, data = packs.rewritten(ref, kept)
    create(store, new.key, data)
    return new


def _kept(table: str, rows: pa.Table, wanted: _Wanted) -> Iterator[bool]:
    if table == "documents" or table in ROW_TABLES:
        return (row_id not in wanted.rows for row_id in rows["row_id"].to_pylist())
    if table in PAIR_TABLES:
        pairs = zip(rows["a"].to_pylist(), rows["b"].to_pylist(), strict=True)
        return (a not in wanted.rows and b not in wanted.rows for a, b in pairs)
    if table in URL_TABLES:
        return (not wanted.holds(url) for url in rows["url"].to_pylist())
    if table == "fetches":
        columns = (rows[name].to_pylist() for name in ("article_id", "url", "rows"))
        return (
            article not in wanted.articles and not wanted.holds(url) and wanted.rows.isdisjoint(shown or ())
            for article, url, shown in zip(*columns, strict=True)
        )
    return (True for _ in range(rows.num_rows))


def _commit(log: Log, fresh: dict[FileRef, FileRef]) -> int | None:
    """Replace the files of the newest snapshot in one commit."""

    def draft(state: State) -> CommitDraft | None:
        live = [ref for ref in fresh if ref.sha256 in state.files.get(ref.table, {})]
        if not live:
            return None
        config = state.head.config_sha256 if state.head else ""
        code = state.head.code if state.head else ""
        add = tuple(fresh[ref] for ref in live if fresh[ref].rows)
        return CommitDraft(state.number, "takedown", "", "", code, config, add=add, remove=tuple(live))

    first = draft(log.state()) if log.entries() else None
    commit = log.append(first, draft) if first else None
    return commit.number if commit else None


def _record(store: ObjectStore, data: bytes) -> None:
    number = 0
    while not create(store, f"{REDACTIONS_PREFIX}{number:010}.json", data):
        number += 1


def _releases(store: ObjectStore, wanted: _Wanted) -> int:
    """Write the files of releases again without the articles, with their checksums; return how many files changed."""
    count = 0
    for info in list(store.list(RELEASES_PREFIX)):
        if not RELEASED.fullmatch(info.key):
            continue
        data = store.get(info.key)
        rows = pq.read_table(io.BytesIO(data))
        named = [name for name in RELEASED_NAMES if name in rows.column_names]
        if not named:
            continue
        columns = (rows[name].to_pylist() for name in named)
        kept = rows.filter(
            pa.array([not any(map(wanted.names, one)) for one in zip(*columns, strict=True)], pa.bool_())
        )
        if kept.num_rows == rows.num_rows:
            continue
        sink = io.BytesIO()
        pq.write_table(kept, sink, compression="zstd")
        prefix = "/".join(info.key.split("/")[:2])
        _change(store, prefix, data, sink.getvalue())  # first: what is interrupted finds the articles in the file again
        store.put(info.key, sink.getvalue())
        count += 1
    return count + sum(
        _recount(store, info.key) for info in list(store.list(RELEASES_PREFIX)) if COVERED.fullmatch(info.key)
    )


def _recount(store: ObjectStore, key: str) -> bool:
    """Count the documents of a release by outlet and day again, where they have become fewer. Return whether they have."""
    old = store.get(key)
    documents = [store.get(info.key) for info in store.list(f"{key.removesuffix(COVERAGE)}documents-")]
    new = recounted(old, documents) if documents else None
    if new is None:
        return False
    _change(store, "/".join(key.split("/")[:2]), old, new)
    store.put(key, new)
    return True


def _change(store: ObjectStore, prefix: str, old: bytes, new: bytes) -> None:
    """Put the new size and sum of a file in the descriptions of its release, and their new sums in the lists of sums.

    A text that has the new sum was changed before the command was interrupted. The major version that the descriptions
    state is one more than the number of recorded takedowns: a takedown raises it, by two if it was interrupted.
    """
    version = f'"version": "{1 + sum(1 for _ in store.list(REDACTIONS_PREFIX))}.0.0"'
    before, after = (hashlib.sha256(data).hexdigest() for data in (old, new))
    sizes = f'"{len(old)} B"', f'"{len(new)} B"'
    keys = [info.key for info in store.list(prefix + "/") if info.key.endswith((".json", ".md", CHECKSUMS_FILE))]
    fresh: dict[str, str] = {}  # key: its new sum
    # a list of sums follows the files that it names: descriptions, the list in their folder, the index
    for key in sorted(keys, key=lambda key: (key.endswith(CHECKSUMS_FILE), -key.count("/"))):
        text = store.get(key).decode()
        changed = text.replace(before, after).replace(*sizes)
        if after in changed:
            changed = VERSION.sub(version, changed)
        if key.endswith(CHECKSUMS_FILE) and (listed := read_sums(changed.encode())):
            folder = key.removesuffix(CHECKSUMS_FILE)
            changed = sums_list({name: fresh.get(folder + name, sha256) for name, sha256 in listed.items()}).decode()
        if changed != text:
            store.put(key, changed.encode())
        if after in changed:
            fresh[key] = hashlib.sha256(changed.encode()).hexdigest()


def _field(head: bytes, name: str) -> str:
    found = re.search(HTTP_FIELD.format(name).encode(), head, re.MULTILINE | re.IGNORECASE)
    return found[1].decode("latin-1") if found else ""


def _id(url: str) -> str:
    try:
        return article_id(canonicalize(url))
    except ValueError:
        return ""
