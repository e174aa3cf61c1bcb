"""In-memory index of what processing must look up in a snapshot: rows, fingerprints, and results of fetched bodies."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from articles.links.duplicate_index import DuplicateEntry, DuplicateIndex
from articles.links.encoder import default_encoders
from articles.links.translation_index import TranslationEntry
from articles.model import CaptureRef, Reason
from articles.pipeline import DocumentRow
from flows.processing.page_limits import BY_THE_CLOCK
from flows.processing.pair_work import PairComparer
from flows.processing.stored_candidates import duplicates_of, translations_of
from flows.processing.translation_links import TranslationLinker
from storage.objects import ObjectStore
from storage.snapshots import lookup_layers
from storage.snapshots.lookup_layers import Lookups
from storage.snapshots.lookup_tables import (
    FETCH_COLUMNS,
    HEAD_COLUMNS,
    anchors_of,
    articles_of,
    entries_in,
    own_article,
    sketch_of,
)
from storage.tables import packs, schemas
from storage.tables import rows as table_rows
from storage.tables.file_ref import FileRef
from storage.tables.rows import capture_ref
from storage.tables.state import State
from storage.tables.texts import read_texts

# New rows of one batch that are looked up; for more, reading all rows once costs less.
MAX_LOOKED_UP = 200


@dataclass(frozen=True, slots=True)
class KnownBody:
    """Result of a body that was extracted before: its rows, or why there are none."""

    rows: tuple[str, ...]
    reason: str
    detail: str


class SnapshotIndex:
    """Rows, fingerprints and fetches of a snapshot.

    Of a store with stored look-ups, only what later commits have added is in memory, and what has been looked up since;
    without them, all of it. The results are the same.

    `body` looks up the result of a URL's body, so that an unchanged page is not extracted again. `stale` returns the
    captures of an article that another version of the extractor has read: they are extracted again together with a new
    capture of the article, since a change of the extractor must not look like a change of the text.

    `readers` is `articles.extractor_version.extractor_version`. `rules` returns the key of the rules for a page at a
    URL, for sites with selectors or a profile. `far` compares pairs for translations elsewhere.
    """

    def __init__(
        self, readers: str, rules: Callable[[str], str] | None = None, far: PairComparer | None = None
    ) -> None:
        self.index = DuplicateIndex()
        self.translations = TranslationLinker(default_encoders(), far)
        self.lookups: Lookups | None = None
        self._state = State()
        self._versions: dict[str, tuple[str, ...]] = {}
        self._stale: defaultdict[str, dict[str, CaptureRef]] = defaultdict(dict)
        self._rules = rules or (lambda _: readers)
        self._bodies: dict[bytes, KnownBody] = {}
        self.refused: dict[str, str] = {}  # ids of captures whose bodies are not read -> the details
        self._rows: dict[str, tuple[FileRef, str]] = {}  # pack and article of each row
        self._files: set[FileRef] = set()
        self._recalled: set[str] = set()  # articles whose stored fetches are in memory

    @classmethod
    def load(cls, store: ObjectStore, state: State, readers: str) -> "SnapshotIndex":
        """Build the index of a snapshot. `readers` is `articles.extractor_version.extractor_version`."""
        known = cls(readers)
        known.follow(store, state)
        return known

    def follow(self, store: ObjectStore, state: State) -> None:
        """Add the files that later commits have added. `state` must be the same or a later state of the same tables."""
        if self._state.number < 0 and state.number >= 0:
            self.lookups = lookup_layers.find(store, state)
            if self.lookups is not None:
                later = set(lookup_layers.added(store, self.lookups, state))
                self._files.update(ref for table in state.files for ref in state.live(table) if ref not in later)
        self._state = state
        documents = self._fresh(state.live("documents"))
        heads = DocumentHeads()
        for ref, rows in zip(documents, packs.read_each(store, documents, HEAD_COLUMNS), strict=True):
            heads.add(rows)
            for row_id, article in zip(
                heads.names[len(heads.names) - rows.num_rows :], rows["article_id"].to_pylist(), strict=True
            ):
                self._rows[row_id] = ref, article
        for sketches in packs.read_each(store, self._fresh(state.live("sketches"))):
            self._take_sketches(sketches, heads)
        self.translations.follow(store, self._fresh(state.live("anchors")), self._fresh(state.live("vectors")))
        for fetches in packs.read_each(store, self._fresh(state.live("fetches")), FETCH_COLUMNS):
            self._take_fetches(fetches.to_pylist())

    def recall(self, row_ids: Collection[str], documents: Collection[str] = ()) -> None:
        """Look up rows, and versions of documents, so that they are in memory."""
        if self.lookups is None:
            return
        for table in self.lookups.rows({row_id for row_id in row_ids if row_id not in self._rows}):
            self._take_rows(self.lookups, table)
        for document, key in self.lookups.versions(documents):
            self._add_version(document, key)

    def recall_candidates(
        self, store: ObjectStore, rows: Sequence[DuplicateEntry], texts: Sequence[TranslationEntry]
    ) -> None:
        """Look up all stored rows that these new ones may be linked to."""
        if self.lookups is None:
            return
        if max(len(rows), len(texts)) > MAX_LOOKED_UP:
            self._read_all(store)
            return
        for places in (duplicates_of(self.lookups, rows), translations_of(self.lookups, texts)):
            for table in self.lookups.rows_at(places):
                self._take_rows(self.lookups, table)

    def _read_all(self, store: ObjectStore) -> None:
        """Read all rows into memory, and look up no more."""
        state, self.lookups = self._state, None
        self._files, self._recalled = set(), set()
        self._bodies, self._stale = {}, defaultdict(dict)
        self.follow(store, state)

    def _take_rows(self, lookups: Lookups, table: pa.Table) -> None:
        """Add rows of the table `rows` of the look-ups to the indexes."""
        rows = [row for row in entries_in(table) if row["row_id"] not in self._rows]
        files = self._state.files.get("documents", {})
        for row in rows:
            self._rows[row["row_id"]] = files[row["pack"]], row["article_id"]
        self.index.add(entry for row in rows if (entry := _stored_entry(row)))
        self.translations.recall([named for row in rows if (named := anchors_of(row))])
        vectors = self._state.files.get("vectors", {})
        for one in lookups.vectors([row["row_id"] for row in rows]):
            self.translations.note(one["row_id"], one["encoder"], vectors[one["pack"]])

    def _recall_fetches(self, articles: Iterable[str]) -> None:
        """Look up the stored fetches of articles. They come before those that later commits have added."""
        wanted = set(articles) - self._recalled - {""}
        if self.lookups is None or not wanted:
            return
        self._recalled |= wanted
        for row in self.lookups.fetches(wanted):
            if row["body_sha256"] and is_final(row["reason"], row["detail"]):
                self._take_fetch(row, {row["article"]} if row["of_article"] else set())

    def recall_refusals(self, store: ObjectStore, state: State) -> None:
        """Add what an earlier state refused as too costly, for the extractor version of this index.

        A rebuild calls this, so that it does not meet the same captures at their full cost.
        """
        for fetches in packs.read_each(store, state.live("fetches"), FETCH_COLUMNS):
            for row in fetches.filter(pc.equal(fetches["reason"], Reason.TOO_COSTLY.value)).to_pylist():
                if is_final(row["reason"], row["detail"]) and row["extractor"].startswith(
                    self._rules(row["url"]) + ":"
                ):
                    if row["body_sha256"]:
                        self._take_fetches([row])
                    else:
                        self.refused[row["capture_record_id"]] = row["detail"]

    def holds(self, row_id: str) -> bool:
        """Whether a row is stored."""
        return row_id in self.index

    def versions(self, documents: Iterable[str]) -> dict[str, frozenset[str]]:
        """Return the version keys of the given documents, for those that are stored and were recalled."""
        return {name: frozenset(self._versions[name]) for name in documents if name in self._versions}

    def body(self, url: str, body_sha256: str, extractor: str) -> KnownBody | None:
        """Return the result of this body at this URL, if the same extractor has read it before."""
        if self.lookups is not None:
            self._recall_fetches([own_article(url)])
        return self._bodies.get(_body_key(url, body_sha256, extractor))

    def stale(self, article: str) -> Mapping[str, CaptureRef]:
        """Return the captures of an article that another version of the extractor has read, by record id."""
        self._recall_fetches([article])
        return self._stale.get(article, {})

    def texts(self, store: ObjectStore, wanted: Sequence[str]) -> dict[str, str]:
        """Return the texts of stored rows, by row id."""
        return read_texts(store, {row_id: self._rows[row_id][0] for row_id in wanted}, wanted)

    def _fresh(self, refs: Iterable[FileRef]) -> Sequence[FileRef]:
        fresh = [ref for ref in refs if ref not in self._files]
        self._files.update(fresh)
        return fresh

    def _take_sketches(self, sketches: pa.Table, heads: "DocumentHeads") -> None:
        entries = list(heads.entries(sketches))
        for document, entry in entries:
            self._add_version(document, entry.version_key)
        self.index.add(entry for _, entry in entries)

    def _add_version(self, document: str, key: str) -> None:
        found = self._versions.get(document, ())
        if key not in found:
            self._versions[document] = (*found, key)

    def _take_fetches(self, rows: Sequence[schemas.Row]) -> None:
        final = [row for row in rows if row["body_sha256"] and is_final(row["reason"], row["detail"])]
        if self.lookups is not None:
            self.recall({row_id for row in final for row_id in row["rows"]})
            self._recall_fetches({own_article(row["url"]) for row in final})
        named = {row_id for row in final for row_id in row["rows"]}
        articles = {row_id: self._rows[row_id][1] for row_id in named if row_id in self._rows}
        concerned = [articles_of(row, articles) for row in final]
        if self.lookups is not None:
            self._recall_fetches({article for found in concerned for article in found})
        for row, found in zip(final, concerned, strict=True):
            self._take_fetch(row, found)

    def _take_fetch(self, row: schemas.Row, articles: set[str]) -> None:
        ref = capture_ref(row)
        if row["extractor"].startswith(self._rules(row["url"]) + ":"):
            key = _body_key(row["url"], row["body_sha256"], row["extractor"])
            self._bodies[key] = KnownBody(tuple(row["rows"]), row["reason"], row["detail"])
            for article in articles & self._stale.keys():
                self._stale[article].pop(ref.record_id, None)
        else:
            for article in articles:
                self._stale[article][ref.record_id] = ref


class DocumentHeads:
    """Document id, article, outlet and version key of rows, looked up by row id."""

    def __init__(self) -> None:
        self.names: list[str] = []  # row ids
        self._tables: list[pa.Table] = []

    def add(self, rows: pa.Table) -> None:
        """Add the heads of a pack."""
        self.names.extend(rows["row_id"].to_pylist())
        self._tables.append(rows.drop_columns(["row_id"]))

    def entries(self, sketches: pa.Table) -> Iterator[tuple[str, DuplicateEntry]]:
        """Yield the document id and the duplicate index entry of each row of a table of sketches."""
        order, ids, heads = self._sorted
        wanted = np.array(sketches["row_id"].to_pylist(), dtype=ids.dtype)
        places = order[np.searchsorted(ids, wanted)]
        found = heads.take(pa.array(places))
        columns = (found[name].to_pylist() for name in HEAD_COLUMNS[1:])
        rows = zip(places, *columns, table_rows.sketches_of(sketches), strict=True)
        for place, document, article, outlet, version, title, published, sketch in rows:
            yield (
                document,
                DuplicateEntry(self.names[place], article, outlet, version, sketch, title or "", published or ""),
            )

    @cached_property
    def _sorted(self) -> tuple[NDArray[np.int64], NDArray[np.bytes_], pa.Table]:
        """The sort order of the row ids, the sorted row ids, and the heads as one table.

        Call `add` only before the first use.
        """
        ids = np.array(self.names, dtype=np.bytes_)
        order = np.argsort(ids)
        return order, ids[order], pa.concat_tables(self._tables).combine_chunks()


def entry(row: DocumentRow) -> DuplicateEntry:
    """Return the duplicate index entry of a row."""
    document = row.document
    return DuplicateEntry(
        row.row_id,
        document.article_id,
        document.outlet,
        row.version_key,
        row.sketch,
        document.title,
        document.published,
    )


def _stored_entry(row: schemas.Row) -> DuplicateEntry | None:
    """Return the duplicate index entry of a row of the look-ups; None without a sketch."""
    sketch = sketch_of(row)
    if sketch is None:
        return None
    return DuplicateEntry(
        row["row_id"],
        row["article_id"],
        row["outlet"],
        row["version_key"],
        sketch,
        row["title"] or "",
        row["published"] or "",
    )


def is_final(reason: str, detail: str) -> bool:
    """Return whether the same extractor gives this result for the same body again.

    A run in quarantine is not decided yet, and a page may exceed a limit by the clock because the machine was busy.
    """
    return reason != Reason.QUARANTINED and not (reason == Reason.TOO_COSTLY and detail.endswith(BY_THE_CLOCK))


def _body_key(url: str, body_sha256: str, extractor: str) -> bytes:
    return hashlib.sha256(f"{body_sha256} {extractor} {url}".encode()).digest()[:16]
