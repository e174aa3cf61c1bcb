"""Tables in which processing looks up what it must know of earlier rows and captures, without reading all of them.

| table | holds | sorted by |
|---|---|---|
| `rows` | what `articles.links` needs of a row: heads, sketch, anchors; and the pack with its text | row id |
| `versions` | version keys of documents | document id |
| `fetches` | fetches, under each article that they concern | article id |
| `postings` | rows by what other rows may have in common with them: see `posting_keys` | key |
| `vectors` | packs that hold vectors of a row | row id |
| `health` | counts of an outlet's runs | outlet |
| `held` | captures in quarantine: all that are, not only those that the layer adds | record id |
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from numpy.typing import NDArray

from articles.errors import InputError
from articles.links.anchors import total_weight
from articles.links.duplicate_index import FOLD_SHIFT, SHORT_TEXT_SHINGLES
from articles.links.fingerprint import Sketch
from articles.links.translation_index import MAX_DAYS_APART, MAX_KEYS, UNDATED, TranslationEntry
from articles.model import Reason
from articles.url import article_id, canonicalize
from storage.objects import ObjectStore
from storage.tables import packs
from storage.tables.file_ref import FileRef
from storage.tables.link_rows import entry_of
from storage.tables.schemas import SCHEMAS, Row

HEAD_COLUMNS = ("row_id", "document_id", "article_id", "outlet", "version_key", "title", "published")
FETCH_COLUMNS = (
    "url", "article_id", "body_sha256", "reason", "detail", "rows", "extractor", "capture_key", "capture_offset",
    "capture_record_id",
)  # fmt: skip
STORED_COLUMNS = (*FETCH_COLUMNS, "fetched", "status", "purpose")  # of fetches in a look-up
HELD_COLUMNS = ("outlet", "run", "url", "reason", "capture_key", "capture_offset", "capture_record_id")
SKETCH_COLUMNS = ("shingles", "whole", "hashes")
ANCHOR_COLUMNS = ("articles", "lang", "translated", "originals", "others", "keys", "site")
KIND_BITS = np.uint64(60)  # the kind of a posting's key stands above them
SKETCH, WHOLE, ANCHOR, OF_ARTICLE, NAMING = (np.uint64(kind) for kind in range(5))
PART_MASK = np.uint64(2**28 - 1)
HASH_SHIFT = np.uint64(4)  # of a hash of 64 bits, so many give way to the kind
PART_BITS = np.uint64(32)  # an anchor's hash lies below them, the period of its text above
LANG_CODE_BYTES = 4
ROWS_AT_ONCE = 1_000  # turned into Python objects

Codes = NDArray[np.uint64]

_FETCH = SCHEMAS["fetches"]
TABLES: Mapping[str, pa.Schema] = {
    "rows": pa.schema(
        [
            *(SCHEMAS["documents"].field(name) for name in HEAD_COLUMNS),
            ("pack", pa.string()),  # SHA-256 of the pack of documents
            *(SCHEMAS["sketches"].field(name) for name in SKETCH_COLUMNS),  # null without a sketch
            *(SCHEMAS["anchors"].field(name) for name in ANCHOR_COLUMNS),  # null without anchors
            ("dated", pa.string()),  # `published` in `anchors`
        ]
    ),
    "versions": pa.schema([("document_id", pa.string()), ("version_key", pa.string())]),
    "fetches": pa.schema(
        [
            ("article", pa.string()),
            ("of_article", pa.bool_()),  # its rows are of the article; else it only has the article's URL
            ("number", pa.int64()),  # in the order of the log
            *(_FETCH.field(name) for name in STORED_COLUMNS),
        ]
    ),
    "postings": pa.schema(
        [
            ("key", pa.uint64()),
            ("row", pa.uint32()),  # its place in `rows` of the same layer
            ("mass", pa.float64()),  # of the row's anchors
            ("lang", pa.uint32()),
        ]
    ),
    "vectors": pa.schema([("row_id", pa.string()), ("encoder", pa.string()), ("pack", pa.string())]),
    "health": SCHEMAS["health"],
    "held": pa.schema([_FETCH.field(name) for name in HELD_COLUMNS]),
}
SORTED_BY = {
    "rows": "row_id",
    "versions": "document_id",
    "fetches": "article",
    "postings": "key",
    "vectors": "row_id",
    "health": "outlet",
    "held": "capture_record_id",
}


def read_rows(store: ObjectStore, files: Mapping[str, Sequence[FileRef]]) -> pa.Table:
    """Return the table `rows` of new files, sorted."""
    parts = []
    documents = files.get("documents", ())
    for ref, heads in zip(documents, packs.read_each(store, documents, HEAD_COLUMNS), strict=True):
        parts.append(heads.append_column("pack", pa.array([ref.sha256] * heads.num_rows, pa.string())))
    if not parts:
        return TABLES["rows"].empty_table()
    heads = pa.concat_tables(parts).sort_by("row_id").combine_chunks()
    for table, columns in (("sketches", SKETCH_COLUMNS), ("anchors", (*ANCHOR_COLUMNS, "published"))):
        found = packs.read_all(store, files.get(table, ()), table).combine_chunks()
        places = pc.index_in(heads["row_id"], value_set=found["row_id"].combine_chunks())
        for name in columns:
            heads = heads.append_column("dated" if name == "published" else name, found[name].take(places))
    return heads.cast(TABLES["rows"]).combine_chunks()


def versions_of(rows: pa.Table) -> pa.Table:
    """Return the table `versions` of a table `rows`: of the rows with a sketch."""
    known = rows.filter(pc.is_valid(rows["shingles"])).select(TABLES["versions"].names)
    return known.sort_by("document_id").combine_chunks()


def fetch_rows(fetches: Iterable[Row], articles: Mapping[str, str], first: int) -> pa.Table:
    """Return the table `fetches` of rows of fetches in their order. `articles` gives the article of each of their rows."""
    found: list[Row] = []
    for number, fetch in enumerate(fetches, first):
        concerned = articles_of(fetch, articles)
        values = {name: fetch[name] for name in STORED_COLUMNS}
        found += (
            {"article": article, "of_article": article in concerned, "number": number, **values}
            for article in sorted((concerned | {own_article(fetch["url"])}) - {""})
        )
    return pa.Table.from_pylist(found, TABLES["fetches"]).sort_by([("article", "ascending"), ("number", "ascending")])


def articles_of(fetch: Row, articles: Mapping[str, str]) -> set[str]:
    """Return the articles of a fetch's rows.

    Rows of older stores have the id of the article that their page claims to be, not that of the fetched URL.
    """
    own = {fetch["article_id"]} if fetch["rows"] else set()
    return own | {articles[row_id] for row_id in fetch["rows"] if row_id in articles}


def own_article(url: str) -> str:
    """Return the id of the article at a URL; empty if it is not a URL."""
    try:
        return article_id(canonicalize(url))
    except InputError:
        return ""


def held_rows(before: pa.Table, fetches: pa.Table) -> pa.Table:
    """Return the captures that are in quarantine after further fetches, of which some may have processed others again."""
    is_held = pc.equal(fetches["reason"], Reason.QUARANTINED.value)
    known = pa.concat_tables([before, fetches.filter(is_held)])
    settled = fetches.filter(pc.invert(is_held))["capture_record_id"]
    left = known.filter(pc.invert(pc.is_in(known["capture_record_id"], settled.combine_chunks())))
    return left.sort_by("capture_record_id").combine_chunks()


def postings_of(rows: pa.Table) -> pa.Table:
    """Return the table `postings` of a table `rows`."""
    keys: list[Codes] = []
    places: list[Codes] = []
    masses = np.zeros(rows.num_rows)
    langs = np.zeros(rows.num_rows, np.uint32)
    for place, one in enumerate(entries_in(rows)):
        sketch, entry = sketch_of(one), anchors_of(one)
        found = [sketch_keys(sketch)] if sketch is not None else []
        if entry is not None:
            masses[place], langs[place] = total_weight(entry.keys), lang_code(entry.lang)
            found += [anchor_keys(entry, part_of(entry)), named_keys(OF_ARTICLE, entry.articles)]
            found.append(named_keys(NAMING, (*entry.originals, *entry.others)))
        keys += found
        places.append(np.full(sum(map(len, found)), place, np.uint64))
    key = np.concatenate(keys) if keys else np.empty(0, np.uint64)
    row = (np.concatenate(places) if places else np.empty(0, np.uint64)).astype(np.uint32)
    order = np.argsort(key, kind="stable")
    key, row = key[order], row[order]
    is_anchor = (key >> KIND_BITS) == ANCHOR
    columns = [key, row, np.where(is_anchor, masses[row], 0.0), np.where(is_anchor, langs[row], 0).astype(np.uint32)]
    return pa.Table.from_arrays([pa.array(column) for column in columns], schema=TABLES["postings"])


def sketch_of(row: Row) -> Sketch | None:
    """Return the sketch of a row of `rows`."""
    if row["shingles"] is None:
        return None
    return Sketch(np.asarray(row["hashes"], np.uint64), row["shingles"], row["whole"])


def anchors_of(row: Row) -> TranslationEntry | None:
    """Return the index entry of a row of `rows`, without the keys that the index ignores."""
    if row["keys"] is None:
        return None
    return entry_of({**row, "published": row["dated"], "keys": row["keys"][:MAX_KEYS]})


def sketch_keys(sketch: Sketch) -> Codes:
    """Return the keys of a sketch: its hashes as the index folds them, and of a short text the hash of all its words."""
    keys = (SKETCH << KIND_BITS) | (sketch.hashes >> FOLD_SHIFT)
    if not 0 < sketch.shingles < SHORT_TEXT_SHINGLES:
        return keys
    return np.append(keys, (WHOLE << KIND_BITS) | (np.uint64(sketch.whole) >> HASH_SHIFT))


def anchor_keys(entry: TranslationEntry, part: int) -> Codes:
    """Return the keys of an entry's anchors in texts of a period."""
    top = (ANCHOR << KIND_BITS) | (np.uint64(part) << PART_BITS)
    return top | entry.keys.astype(np.uint64)


def named_keys(kind: np.uint64, articles: Sequence[str]) -> Codes:
    """Return the keys of articles: those that a row is of, or names."""
    hashes = [xxhash.xxh3_64_intdigest(name.encode()) for name in articles]
    return (kind << KIND_BITS) | (np.array(hashes, np.uint64) >> HASH_SHIFT)


def part_of(entry: TranslationEntry) -> int:
    """Return the number of the period in which a text was published; 0 if that is unknown."""
    return 0 if entry.day == UNDATED else entry.day // MAX_DAYS_APART + 1


def lang_code(lang: str) -> int:
    """Return a language as a number; 0 for a code that is too long for it."""
    data = lang.encode()
    return int.from_bytes(data, "big") if len(data) <= LANG_CODE_BYTES else 0


def entries_in(rows: pa.Table) -> Iterator[Row]:
    """Yield the rows of a table `rows` as objects, with lists of numbers as arrays."""
    plain = [name for name in rows.column_names if name not in {"hashes", "keys"}]
    for batch in rows.to_batches(max_chunksize=ROWS_AT_ONCE):
        numbers = zip(_arrays(batch["hashes"]), _arrays(batch["keys"]), strict=True)
        for row, (hashes, keys) in zip(batch.select(plain).to_pylist(), numbers, strict=True):
            yield row | {"hashes": hashes, "keys": keys}


def _arrays(lists: pa.ListArray) -> Iterator[NDArray[Any] | None]:
    """Yield the lists of a column as arrays, views of its memory; None for null."""
    values, offsets = lists.values.to_numpy(), lists.offsets.to_numpy()
    for start, stop, valid in zip(offsets[:-1], offsets[1:], lists.is_valid().to_pylist(), strict=True):
        yield values[start:stop] if valid else None
