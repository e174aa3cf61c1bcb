"""What a table holds, as far as adding to it needs: a compact picture of one snapshot, kept up as commits land."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from articles.links.duplicate_index import DuplicateEntry, DuplicateIndex
from articles.links.encoder import default_encoder
from articles.model import CaptureRef, Reason
from articles.pipeline import DocumentRow
from flows.processing.translation_links import TranslationLinker
from storage.objects import ObjectStore
from storage.tables import packs, schemas
from storage.tables import rows as table_rows
from storage.tables.rows import capture_ref
from storage.tables.state import State
from storage.tables.texts import read_texts

UNSETTLED = frozenset(
    {
        Reason.TOO_COSTLY,  # that depends on the machine too: it is tried again
        Reason.QUARANTINED,  # nobody has decided yet what becomes of it
    }
)
HEADS = ("row_id", "document_id", "article_id", "outlet", "version_key")
FETCHES = (
    "url", "body_sha256", "reason", "detail", "rows", "extractor", "capture_key", "capture_offset", "capture_record_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class KnownBody:
    """What a body became when it was read before."""

    rows: tuple[str, ...]
    reason: str
    detail: str


class SnapshotIndex:
    """Rows, fingerprints and fetches of a snapshot.

    `bodies` tells what a URL's body became, so that a page which has not changed is not read again; `stale` which
    captures of an article were read by other code than ours, so that they can be read again beside a new one: a change
    of our extractor must not look like a change of the text. `readers` is `articles.extractor_version.extractor_version`; `rules` returns
    what a page at a URL is read by, where more is known of sites.
    """

    def __init__(self, readers: str, rules: Callable[[str], str] | None = None) -> None:
        self.index = DuplicateIndex()
        self.kin = TranslationLinker(default_encoder())
        self._versions: dict[str, tuple[str, ...]] = {}
        self.stale: defaultdict[str, dict[str, CaptureRef]] = defaultdict(dict)
        self._rules = rules or (lambda _: readers)
        self._bodies: dict[bytes, KnownBody] = {}
        self._rows: dict[str, tuple[packs.FileRef, str]] = {}  # their pack and article
        self._files: set[packs.FileRef] = set()

    @classmethod
    def load(cls, store: ObjectStore, state: State, readers: str) -> "SnapshotIndex":
        """Read a snapshot's fingerprints and fetches. `readers` is `articles.extractor_version.extractor_version`."""
        known = cls(readers)
        known.follow(store, state)
        return known

    def follow(self, store: ObjectStore, state: State) -> None:
        """Take in the files that commits since have added. The state must be a later one of the same table."""
        documents = self._fresh(state.live("documents"))
        heads = DocumentHeads()
        for ref, rows in zip(documents, packs.read_each(store, documents, HEADS), strict=True):
            heads.add(rows)
            for row_id, article in zip(heads.names[-rows.num_rows :], rows["article_id"].to_pylist(), strict=True):
                self._rows[row_id] = ref, article
        for sketches in packs.read_each(store, self._fresh(state.live("sketches"))):
            self._take_sketches(sketches, heads)
        self.kin.follow(store, self._fresh(state.live("anchors")), self._fresh(state.live("vectors")))
        for fetches in packs.read_each(store, self._fresh(state.live("fetches")), FETCHES):
            self._take_fetches(fetches.to_pylist())

    def holds(self, row_id: str) -> bool:
        """Whether a row is in the table."""
        return row_id in self.index

    def versions(self, documents: Iterable[str]) -> dict[str, frozenset[str]]:
        """Return the version keys of those documents that are in the table."""
        return {name: frozenset(self._versions[name]) for name in documents if name in self._versions}

    def body(self, url: str, body_sha256: str, extractor: str) -> KnownBody | None:
        """Return what this body became when this URL gave it before and the same code read it."""
        return self._bodies.get(_body_key(url, body_sha256, extractor))

    def texts(self, store: ObjectStore, wanted: Sequence[str]) -> dict[str, str]:
        """Return the texts of rows of the table."""
        return read_texts(store, {row_id: self._rows[row_id][0] for row_id in wanted}, wanted)

    def _fresh(self, refs: Iterable[packs.FileRef]) -> Sequence[packs.FileRef]:
        fresh = [ref for ref in refs if ref not in self._files]
        self._files.update(fresh)
        return fresh

    def _take_sketches(self, sketches: pa.Table, heads: "DocumentHeads") -> None:
        entries = list(heads.entries(sketches))
        for document, entry in entries:
            found = self._versions.get(document, ())
            if entry.version_key not in found:
                self._versions[document] = (*found, entry.version_key)
        self.index.add(entry for _, entry in entries)

    def _take_fetches(self, rows: Sequence[schemas.Row]) -> None:
        for row in rows:
            if not row["body_sha256"] or row["reason"] in UNSETTLED:
                continue
            articles = {self._rows[row_id][1] for row_id in row["rows"]}
            ref = capture_ref(row)
            if row["extractor"].startswith(self._rules(row["url"]) + ":"):
                key = _body_key(row["url"], row["body_sha256"], row["extractor"])
                self._bodies[key] = KnownBody(tuple(row["rows"]), row["reason"], row["detail"])
                for article in articles & self.stale.keys():
                    self.stale[article].pop(ref.record_id, None)
            else:
                for article in articles:
                    self.stale[article][ref.record_id] = ref


class DocumentHeads:
    """DocumentHeads of documents, to be found by their row ids."""

    def __init__(self) -> None:
        self.names: list[str] = []  # row ids
        self._tables: list[pa.Table] = []

    def add(self, rows: pa.Table) -> None:
        """Add the heads of a pack."""
        self.names.extend(rows["row_id"].to_pylist())
        self._tables.append(rows.drop_columns(["row_id"]))

    def entries(self, sketches: pa.Table) -> Iterator[tuple[str, DuplicateEntry]]:
        """Yield the documents' ids and what the index is told of the rows that some sketches belong to."""
        order, ids, heads = self._sorted
        wanted = np.array(sketches["row_id"].to_pylist(), dtype=ids.dtype)
        places = order[np.searchsorted(ids, wanted)]
        told = heads.take(pa.array(places))
        columns = (told[name].to_pylist() for name in ("document_id", "article_id", "outlet", "version_key"))
        rows = zip(places, *columns, table_rows.sketches_of(sketches), strict=True)
        for place, document, article, outlet, version, sketch in rows:
            yield document, DuplicateEntry(self.names[place], article, outlet, version, sketch)

    @cached_property
    def _sorted(self) -> tuple[NDArray[np.int64], NDArray[np.bytes_], pa.Table]:
        """Return the order of the row ids, themselves in that order, and the heads as one table. Nothing is added then."""
        ids = np.array(self.names, dtype=np.bytes_)
        order = np.argsort(ids)
        return order, ids[order], pa.concat_tables(self._tables).combine_chunks()


def entry(row: DocumentRow) -> DuplicateEntry:
    """Return what the index is told of a row."""
    document = row.document
    return DuplicateEntry(row.row_id, document.article_id, document.outlet, row.version_key, row.sketch)


def _body_key(url: str, body_sha256: str, extractor: str) -> bytes:
    return hashlib.sha256(f"{body_sha256} {extractor} {url}".encode()).digest()[:16]
