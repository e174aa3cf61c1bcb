"""Link new rows to their translations and rewrites, align their sentences, and write the files of one commit.

Whether two rows are linked depends on these two rows alone, so every order of runs gives the same links. The vectors of a
row's sentences are computed when a pair needs them, and stored, so that no later run computes them again.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from articles.errors import InputError
from articles.links.anchors import Keys
from articles.links.compared_text import ComparedText
from articles.links.encoder import Codes, Encoder, encoder_for
from articles.links.pair_budget import LINK_UNITS, PAIR_UNITS, PairBudget
from articles.links.reading import Texts, read_bounded
from articles.links.translation import FoundLink, Vectors, relate, spans, stated
from articles.links.translation_index import TranslationEntry, TranslationIndex
from articles.model import Document, Link, LinkKind
from articles.url import article_id, canonicalize, registrable_domain
from flows.listener import Listener
from storage.objects import ObjectStore
from storage.tables import link_rows, packs
from storage.tables.packs import FileRef

MAX_ROWS_AT_ONCE = 2_000  # in memory: per row 50 kB for the text and what is computed from it, 20 kB for vectors
MAX_PAIRS_AT_ONCE = 50_000  # of these rows: among 2,000 reports of one event, every pair is a candidate
MAX_SENTENCE_PAIRS = 200_000  # of links that are not written yet, in 60 MB; a link of two articles has 30
MAX_VECTOR_BYTES = 100_000_000  # of rows that are not written yet
SENTENCE_UNITS = 350  # of `PairBudget`, for a sentence of the longer text: a step of each alignment, 35 µs
ROWS_PER_PAIR = 2
MAX_SHOWN_CUT = 5  # names in a message
NO_CODES = np.empty((0, 0), np.int8)


@dataclass(frozen=True, slots=True)
class LinkedBatch:
    """Links of a batch, and the files written for them."""

    links: tuple[Link, ...]
    files: tuple[FileRef, ...]


class TranslationLinker:
    """Index of all rows in which translations and rewrites of new rows are found."""

    def __init__(self, encoders: Sequence[Encoder]) -> None:
        self.encoders = tuple(encoders)
        self._index = TranslationIndex()
        self._vectors: dict[tuple[str, str], FileRef] = {}  # row and encoder of stored vectors, with their pack

    def follow(self, store: ObjectStore, anchors: Iterable[FileRef], vectors: Iterable[FileRef]) -> None:
        """Add the rows of packs of anchors, and note which packs of vectors hold which rows."""
        for ref in anchors:
            self._index.add(map(link_rows.entry_of, packs.read(store, ref).to_pylist()))
        for ref in vectors:
            stored = packs.read(store, ref, ("row_id", "encoder"))
            for encoder in self.encoders:
                ours = stored.filter(pc.equal(stored["encoder"], encoder.name))["row_id"].to_pylist()
                self._vectors.update(dict.fromkeys(((row_id, encoder.name) for row_id in ours), ref))

    def recall(self, entries: Iterable[TranslationEntry]) -> None:
        """Add rows to the index that are stored already."""
        self._index.add(entries)

    def note(self, row_id: str, encoder: str, ref: FileRef) -> None:
        """Note which pack holds a row's vectors by an encoder."""
        self._vectors[row_id, encoder] = ref

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
        work = _Work(store, self, texts, budget)
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

    def stored(self, row_id: str, encoder: str) -> FileRef | None:
        """Return the pack that holds a row's vectors by an encoder, or None."""
        return self._vectors.get((row_id, encoder))


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


class _Work:
    """Compares pairs of rows, and keeps the texts and vectors of the current pairs in memory."""

    def __init__(self, store: ObjectStore, linker: TranslationLinker, texts: Texts, budget: PairBudget) -> None:
        self._store = store
        self._linker = linker
        self._read = texts
        self._budget = budget
        self._texts: dict[str, ComparedText] = {}
        self._codes: dict[tuple[str, str], Codes] = {}  # by row and encoder, of the rows in memory
        self._new: dict[tuple[str, str], Codes] = {}  # computed here, not yet stored
        self._some: dict[tuple[str, str], dict[int, Codes]] = {}  # of some sentences, by place; not stored
        # row whose vectors were computed, by its sentences: copies have the same vectors
        self._same: dict[tuple[str, str, tuple[str, ...]], str] = {}
        self.files: list[FileRef] = []  # of vectors

    def relate(self, candidates: Sequence[tuple[TranslationEntry, TranslationEntry]]) -> Iterator[FoundLink]:
        """Yield the link of each pair of rows that are a translation or a rewrite. The budget of the first row pays."""
        pairs = [pair for pair in candidates if self._budget.allows(pair[0].row_id)]
        if not self._take([entry for pair in pairs for entry in pair]) and len(pairs) > 1:
            middle = len(pairs) // 2
            yield from self.relate(pairs[:middle])
            yield from self.relate(pairs[middle:])
            return
        for one, other in pairs:
            if not self._budget.allows(one.row_id):
                continue
            self._budget.spend(one.row_id, _units(self._texts[one.row_id], self._texts[other.row_id]))
            a, b = sorted((one, other), key=lambda entry: entry.row_id)
            encoder, vectors = self._vectors_for(a, b)
            found = relate(a, b, (self._texts[a.row_id], self._texts[b.row_id]), encoder, vectors)
            if found is not None:
                self._budget.spend(one.row_id, LINK_UNITS)
                yield found

    def stated(self, link: Link, a: TranslationEntry, b: TranslationEntry) -> FoundLink:
        """Return a link that a page states, with its aligned sentences."""
        self._take([a, b])
        sides = self._texts[a.row_id], self._texts[b.row_id]
        alignment = stated(a, b, sides, *self._vectors_for(a, b))
        return FoundLink(link, "", spans(alignment, *sides))

    def write_vectors(self, above: int = 0) -> None:
        """Write the vectors that were computed, if they have more than `above` bytes."""
        if sum(codes.nbytes for codes in self._new.values()) > above:
            rows = [link_rows.vectors_row(*key, self._new[key]) for key in sorted(self._new)]
            written = packs.write(self._store, "vectors", rows)
            self._linker.follow(self._store, (), written)
            self.files += written
            self._new = {}

    def _take(self, entries: Sequence[TranslationEntry]) -> bool:
        """Load the texts of these rows, and drop those of all others. Return False if they are too long for memory.

        The texts of a single pair are always loaded.
        """
        langs = {entry.row_id: entry.lang for entry in entries}
        self._texts = {row_id: text for row_id, text in self._texts.items() if row_id in langs}
        self._codes = {key: codes for key, codes in self._codes.items() if key[0] in langs}
        self._some = {key: found for key, found in self._some.items() if key[0] in langs}
        self._same = {key: row_id for key, row_id in self._same.items() if row_id in langs}
        missing = sorted(langs.keys() - self._texts.keys())
        read = read_bounded(self._read, missing, sum(len(text.text) for text in self._texts.values()))
        if read is None and len(entries) > ROWS_PER_PAIR:
            return False
        found = self._read(missing) if read is None else read
        self._texts |= {row_id: ComparedText(text, langs[row_id]) for row_id, text in found.items()}
        return True

    def _vectors_for(self, a: TranslationEntry, b: TranslationEntry) -> tuple[Encoder | None, Vectors]:
        """Return the encoder of a pair of rows, and what returns their vectors by it."""
        encoder = encoder_for(self._linker.encoders, a.lang, b.lang)

        def vectors(entry: TranslationEntry, text: ComparedText, places: Sequence[int] | None = None) -> Codes:
            if encoder is None:
                return NO_CODES
            if places is None:
                return self._vectors_of(entry, text, encoder)
            return self._vectors_at(entry, text, encoder, places)

        return encoder, vectors

    def _vectors_of(self, entry: TranslationEntry, text: ComparedText, encoder: Encoder) -> Codes:
        key = entry.row_id, encoder.name
        if key not in self._codes:
            ref = self._linker.stored(*key)
            if key in self._new:
                self._codes[key] = self._new[key]
            elif ref is not None:
                self._load(ref, encoder.name)
            else:
                self._codes[key] = self._new[key] = self._encoded(entry, text, encoder)
        return self._codes[key]

    def _vectors_at(
        self, entry: TranslationEntry, text: ComparedText, encoder: Encoder, places: Sequence[int]
    ) -> Codes:
        """Return the vectors of some sentences of a row. The others are encoded only if they are needed."""
        key = entry.row_id, encoder.name
        if key in self._codes or key in self._new or self._linker.stored(*key) is not None:
            return self._vectors_of(entry, text, encoder)[list(places)]
        some = self._some.setdefault(key, {})
        self._encode_at(text, encoder, some, places)
        return np.stack([some[place] for place in places])

    @staticmethod
    def _encode_at(text: ComparedText, encoder: Encoder, some: dict[int, Codes], places: Iterable[int]) -> None:
        """Add the vectors of sentences that are missing."""
        missing = sorted(set(places) - some.keys())
        if missing:
            some.update(
                zip(missing, encoder.encode([text.sentences[place] for place in missing], text.lang), strict=True)
            )

    def _encoded(self, entry: TranslationEntry, text: ComparedText, encoder: Encoder) -> Codes:
        """Return the vectors of a row, those of a copy in memory if there is one."""
        same = self._same.setdefault((encoder.name, entry.lang, text.sentences), entry.row_id)
        known = self._codes.get((same, encoder.name))
        if known is not None:
            return known
        self._same[encoder.name, entry.lang, text.sentences] = entry.row_id
        some = self._some.pop((entry.row_id, encoder.name), {})
        if not some:
            return encoder.encode(text.sentences, entry.lang)
        self._encode_at(text, encoder, some, range(len(text.sentences)))
        return np.stack([some[place] for place in range(len(text.sentences))])

    def _load(self, ref: FileRef, encoder: str) -> None:
        """Read the vectors of the rows in memory from a pack."""
        wanted = [row_id for row_id in self._texts if self._linker.stored(row_id, encoder) == ref]
        rows = packs.read(self._store, ref)
        ours = pc.and_(pc.is_in(rows["row_id"], pa.array(wanted)), pc.equal(rows["encoder"], encoder))
        for row in rows.filter(ours).to_pylist():
            self._codes[row["row_id"], encoder] = link_rows.codes_of(row)


def report_cut(listener: Listener, names: Collection[str]) -> None:
    """Report documents that were not compared with all their candidates. `names` are their URLs or row ids."""
    if names:
        first = ", ".join(sorted(names)[:MAX_SHOWN_CUT])
        listener.note(
            "links_cut",
            f"{len(names)} documents have so many candidates for links that some were not compared: {first}"
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


def _units(one: ComparedText, other: ComparedText) -> int:
    """Return what comparing two texts costs, in units of `PairBudget`, if they are aligned. Most pairs cost less."""
    sentences = len(one.spans), len(other.spans)
    aligning = SENTENCE_UNITS * max(sentences) + sentences[0] * sentences[1] // 2
    return PAIR_UNITS + aligning + max(len(one.text), len(other.text))


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
