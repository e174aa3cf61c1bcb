"""What a table holds, as far as adding to it needs: a compact picture of one snapshot, kept up as commits land."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from articles.dedup import Entry, Index
from articles.encoder import use
from articles.model import CaptureRef, Reason
from flows.linking import Kin
from flows.reading import Row
from storage import packs, tables
from storage.objects import ObjectStore
from storage.state import State

UNSETTLED = frozenset(
    {
        Reason.TOO_COSTLY,  # that depends on the machine too: it is tried again
        Reason.QUARANTINED,  # nobody has decided yet what becomes of it
    }
)
HEADS = ("row_id", "document_id", "article_id", "outlet", "version_key")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a body became when it was read before."""

    rows: tuple[str, ...]
    reason: str
    detail: str


class Known:
    """Rows, fingerprints and fetches of a snapshot.

    `bodies` tells what a URL's body became, so that a page which has not changed is not read again; `stale` which
    captures of an article were read by other code than ours, so that they can be read again beside a new one: a change
    of our extractor must not look like a change of the text. `readers` is `articles.readers.READERS`; `rules` returns
    what a page at a URL is read by, where more is known of sites.
    """

    def __init__(self, readers: str, rules: Callable[[str], str] | None = None) -> None:
        self.index = Index()
        self.kin = Kin(use())
        self.versions: defaultdict[str, set[str]] = defaultdict(set)
        self.stale: defaultdict[str, dict[str, CaptureRef]] = defaultdict(dict)
        self._rules = rules or (lambda _: readers)
        self._bodies: dict[bytes, Seen] = {}
        self._rows: dict[str, tuple[packs.FileRef, str]] = {}  # their pack and article
        self._files: set[packs.FileRef] = set()

    @classmethod
    def load(cls, store: ObjectStore, state: State, readers: str) -> "Known":
        """Read a snapshot's fingerprints and fetches. `readers` is `articles.readers.READERS`."""
        known = cls(readers)
        known.follow(store, state)
        return known

    def follow(self, store: ObjectStore, state: State) -> None:
        """Take in the files that commits since have added. The state must be a later one of the same table."""
        heads = {}
        for ref in self._fresh(state.live("documents")):
            for row in packs.read(store, ref, HEADS).to_pylist():
                heads[row["row_id"]] = row
                self._rows[row["row_id"]] = ref, row["article_id"]
        for ref in self._fresh(state.live("sketches")):
            self._take_sketches(packs.read(store, ref).to_pylist(), heads)
        self.kin.follow(store, self._fresh(state.live("anchors")), self._fresh(state.live("vectors")))
        for ref in self._fresh(state.live("fetches")):
            self._take_fetches(packs.read(store, ref).to_pylist())

    def holds(self, row_id: str) -> bool:
        """Whether a row is in the table."""
        return row_id in self.index

    def body(self, url: str, body_sha256: str, extractor: str) -> Seen | None:
        """Return what this body became when this URL gave it before and the same code read it."""
        return self._bodies.get(_body_key(url, body_sha256, extractor))

    def texts(self, store: ObjectStore, wanted: Sequence[str]) -> dict[str, str]:
        """Return the texts of rows of the table."""
        by_pack: defaultdict[packs.FileRef, set[str]] = defaultdict(set)
        for row_id in wanted:
            by_pack[self._rows[row_id][0]].add(row_id)
        texts: dict[str, str] = {}
        for ref in sorted(by_pack):
            rows = packs.read(store, ref, ("row_id", "text"))
            rows = rows.filter(pc.is_in(rows["row_id"], pa.array(sorted(by_pack[ref]))))
            texts |= dict(zip(rows["row_id"].to_pylist(), rows["text"].to_pylist(), strict=True))
        return texts

    def _fresh(self, refs: Iterable[packs.FileRef]) -> Sequence[packs.FileRef]:
        fresh = [ref for ref in refs if ref not in self._files]
        self._files.update(fresh)
        return fresh

    def _take_sketches(self, rows: Sequence[tables.Row], heads: Mapping[str, tables.Row]) -> None:
        for row in rows:
            head = heads[row["row_id"]]
            self.versions[head["document_id"]].add(head["version_key"])
        self.index.add(
            Entry(
                row["row_id"],
                heads[row["row_id"]]["article_id"],
                heads[row["row_id"]]["outlet"],
                heads[row["row_id"]]["version_key"],
                tables.sketch_of(row),
            )
            for row in rows
        )

    def _take_fetches(self, rows: Sequence[tables.Row]) -> None:
        for row in rows:
            if not row["body_sha256"] or row["reason"] in UNSETTLED:
                continue
            articles = {self._rows[row_id][1] for row_id in row["rows"]}
            ref = CaptureRef(row["capture_key"], row["capture_offset"], row["capture_record_id"])
            if row["extractor"].startswith(self._rules(row["url"]) + ":"):
                key = _body_key(row["url"], row["body_sha256"], row["extractor"])
                self._bodies[key] = Seen(tuple(row["rows"]), row["reason"], row["detail"])
                for article in articles:
                    self.stale[article].pop(ref.record_id, None)
            else:
                for article in articles:
                    self.stale[article][ref.record_id] = ref


def entry(row: Row) -> Entry:
    """Return what the index is told of a row."""
    document = row.document
    return Entry(row.row_id, document.article_id, document.outlet, row.version_key, row.sketch)


def _body_key(url: str, body_sha256: str, extractor: str) -> bytes:
    return hashlib.sha256(f"{body_sha256} {extractor} {url}".encode()).digest()[:16]
