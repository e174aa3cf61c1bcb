"""Link new rows to their translations and rewrites, align their sentences, and write the files of one commit.

Whether two rows are linked depends on these two rows alone, so every order of runs gives the same links. The vectors of a
row's sentences are computed when a pair needs them, and stored, so that no later run computes them again.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from articles.counting import are, many
from articles.errors import InputError
from articles.links.anchors import Keys
from articles.links.encoder import Encoder
from articles.links.pair_budget import PairBudget
from articles.links.reading import Texts
from articles.links.translation import FoundLink
from articles.links.translation_index import TranslationEntry, TranslationIndex
from articles.model import Document, Link, LinkKind
from articles.url import article_id, canonicalize, registrable_domain
from flows.listener import Listener
from flows.processing.pair_work import PairComparer, PairWork, StoredVectors
from storage.objects import ObjectStore
from storage.tables import link_rows, packs
from storage.tables.file_ref import FileRef

MAX_ROWS_AT_ONCE = 2_000  # in memory: per row 50 kB for the text and what is computed from it, 20 kB for vectors
MAX_PAIRS_AT_ONCE = 50_000  # of these rows: among 2,000 reports of one event, every pair is a candidate
MAX_SENTENCE_PAIRS = 200_000  # of links that are not written yet, in 60 MB; a link of two articles has 30
MAX_VECTOR_BYTES = 100_000_000  # of rows that are not written yet
MAX_SHOWN_CUT = 5  # names in a message


@dataclass(frozen=True, slots=True)
class LinkedBatch:
    """Links of a batch, and the files written for them."""

    links: tuple[Link, ...]
    files: tuple[FileRef, ...]


class TranslationLinker:
    """Index of all rows in which translations and rewrites of new rows are found."""

    def __init__(self, encoders: Sequence[Encoder], far: PairComparer | None = None) -> None:
        """Use these encoders, and `far` to compare many pairs elsewhere."""
        self.vectors = StoredVectors(encoders)
        self._far = far
        self._index = TranslationIndex()

    def follow(self, store: ObjectStore, anchors: Iterable[FileRef], vectors: Iterable[FileRef]) -> None:
        """Add the rows of packs of anchors, and note which packs of vectors hold which rows."""
        for ref in anchors:
            self._index.add(map(link_rows.entry_of, packs.read(store, ref).to_pylist()))
        self.vectors.follow(store, vectors)

    def recall(self, entries: Iterable[TranslationEntry]) -> None:
        """Add rows to the index that are stored already."""
        self._index.add(entries)

    def note(self, row_id: str, encoder: str, ref: FileRef) -> None:
        """Note which pack holds a row's vectors by an encoder."""
        self.vectors.note(row_id, encoder, ref)

    def link(
        self,
        store: ObjectStore,
        fresh: Iterable[TranslationEntry],
        stated_links: Iterable[Link],
        texts: Texts,
        budget: PairBudget,
    ) -> LinkedBatch:
        """Compare fresh rows with earlier rows and with each other; write anchors, vectors and alignments.

        `stated_links` are the links that pages state themselves, such as to another language version. A row is compared
        with as many candidates as `budget` allows.
        """
        first = len(self._index)
        self._index.add(sorted(fresh, key=lambda entry: entry.row_id))
        work = PairWork(store, self.vectors, texts, budget, self._far)
        alignments = _Alignments(store)
        for pairs in _chunks(self._index.pairs(first, budget)):
            for found in work.relate([(self._index[row], self._index[other]) for row, other in pairs]):
                alignments.add(found)
            work.write_vectors(MAX_VECTOR_BYTES)
        for link in sorted(stated_links, key=lambda link: (link.a, link.b)):
            known = (
                link.a in self._index and link.b in self._index
            )  # rows written before anchors existed are not in the index
            if link.kind is LinkKind.TRANSLATION and known:
                alignments.add(work.stated(link, self._index.of(link.a), self._index.of(link.b)))
        alignments.write()
        work.write_vectors()
        ours = [self._index[number] for number in range(first, len(self._index))]
        files = [*packs.write(store, "anchors", map(link_rows.entry_row, ours)), *work.files, *alignments.files]
        links = sorted(alignments.links, key=lambda link: (link.kind, link.a, link.b))
        return LinkedBatch(tuple(links), tuple(files))


class _Alignments:
    """Keeps the links of a batch, and writes their aligned sentences whenever these are many."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._waiting: list[FoundLink] = []
        self._sentence_pairs = 0
        self.links: list[Link] = []  # without those that pages state
        self.files: list[FileRef] = []

    def add(self, found: FoundLink) -> None:
        """Add a link."""
        if found.link.method:
            self.links.append(found.link)
        if found.pairs:
            self._waiting.append(found)
            self._sentence_pairs += len(found.pairs)
        if self._sentence_pairs > MAX_SENTENCE_PAIRS:
            self.write()

    def write(self) -> None:
        """Write the alignments that wait."""
        self.files += packs.write(self._store, "alignments", map(link_rows.alignment_row, self._waiting))
        self._waiting, self._sentence_pairs = [], 0


def report_cut(listener: Listener, names: Collection[str]) -> None:
    """Report documents that were not compared with all their candidates. `names` are their URLs or row ids."""
    if names:
        first = ", ".join(sorted(names)[:MAX_SHOWN_CUT])
        listener.note(
            "links_cut",
            f"{many(len(names), 'document')} {are(len(names), 'have')} so many candidates for links that some were not compared: {first}"
            + (", …" if len(names) > MAX_SHOWN_CUT else ""),
            documents=sorted(names),
        )


def entry(row_id: str, document: Document, keys: Keys) -> TranslationEntry:
    """Return the translation index entry of a row. `keys` are the anchors of its text."""
    own = {document.article_id, *_articles([document.url, document.canonical_url])}
    originals = [
        document.source_url,
        *(alternate.url for alternate in document.alternates if alternate.source == "original"),
    ]
    others = [alternate.url for alternate in document.alternates if alternate.source != "original"]
    return TranslationEntry(
        row_id=row_id,
        articles=(document.article_id, *sorted(own - {document.article_id})),
        lang=document.lang,
        published=document.published,
        translated=bool(document.translators),
        originals=tuple(sorted(_articles(originals) - own)),
        others=tuple(sorted(_articles(others) - own)),
        keys=keys,
        site=registrable_domain(document.url),
    )


def _articles(urls: Iterable[str]) -> set[str]:
    """Return the ids of the articles at some URLs; ignore values that are not URLs."""
    found = set()
    for url in urls:
        try:
            found.add(article_id(canonicalize(url)))
        except InputError:
            continue
    return found


def _chunks(pairs: Iterable[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Yield chunks of pairs, each with at most `MAX_ROWS_AT_ONCE` different rows and `MAX_PAIRS_AT_ONCE` pairs."""
    portion: list[tuple[int, int]] = []
    rows: set[int] = set()
    for pair in pairs:
        many = len(portion) == MAX_PAIRS_AT_ONCE or len(rows) + sum(row not in rows for row in pair) > MAX_ROWS_AT_ONCE
        if portion and many:
            yield portion
            portion, rows = [], set()
        portion.append(pair)
        rows.update(pair)
    if portion:
        yield portion
