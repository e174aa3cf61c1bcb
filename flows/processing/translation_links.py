"""Rows and those that came before them -> translations, rewrites and their sentences, as files of one commit.

What is linked depends on pairs of rows alone, so that any order of runs gives the same. A row's sentences get vectors when
a pair needs them; these are stored, so that no later run computes them again.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from articles.errors import InputError
from articles.links.anchors import Keys
from articles.links.encoder import Codes, Encoder, encoder_name
from articles.links.translation import ComparedText, FoundLink, relate, spans, stated
from articles.links.translation_index import TranslationEntry, TranslationIndex
from articles.model import Document, Link, LinkKind
from articles.url import article_id, canonicalize
from flows.listener import Listener
from storage.objects import ObjectStore
from storage.tables import link_rows, packs, schemas
from storage.tables.packs import FileRef

ROWS_AT_ONCE = 2_000  # whose texts, 50 kB each with what is computed of them, and vectors, 20 kB, are held at a time
NO_ENCODER = (
    "translations were linked by the names and numbers in them alone, and rewrites not at all: their sentences are compared "
    "after pip install 'irtysh[translation]'; then `irtysh process --relink` links anew what is there already"
)

Texts = Callable[[Collection[str]], Mapping[str, str]]  # the texts of rows, by row id


@dataclass(frozen=True, slots=True)
class LinkedBatch:
    """What comparing a batch gave."""

    links: tuple[Link, ...]
    files: tuple[FileRef, ...]


class TranslationLinker:
    """The rows of a table as translations and rewrites are looked for among them."""

    def __init__(self, encoder: Encoder | None) -> None:
        self.encoder = encoder
        self._index = TranslationIndex()
        self._vectors: dict[str, FileRef] = {}  # rows whose vectors are stored, with their pack

    def follow(self, store: ObjectStore, anchors: Iterable[FileRef], vectors: Iterable[FileRef]) -> None:
        """Take in the rows and the vectors of packs."""
        for ref in anchors:
            self._index.add(map(link_rows.entry_of, packs.read(store, ref).to_pylist()))
        for ref in vectors:
            stored = packs.read(store, ref, ("row_id", "encoder"))
            if self.encoder is not None:
                stored = stored.filter(pc.equal(stored["encoder"], self.encoder.name))
                self._vectors.update(dict.fromkeys(stored["row_id"].to_pylist(), ref))

    def link(
        self, store: ObjectStore, fresh: Iterable[TranslationEntry], said: Iterable[Link], texts: Texts
    ) -> LinkedBatch:
        """Compare rows with those before them and each other, and write what that gives.

        `said` are the links that pages state between the languages of their texts.
        """
        first = len(self._index)
        self._index.add(sorted(fresh, key=lambda entry: entry.row_id))
        work = _Work(store, self, texts)
        found: list[FoundLink] = []
        for pairs in _portions(self._index.pairs(first)):
            found += work.relate([(self._index[row], self._index[other]) for row, other in pairs])
        for link in sorted(said, key=lambda one: (one.a, one.b)):
            known = link.a in self._index and link.b in self._index  # a row of before there were anchors is not
            if link.kind is LinkKind.TRANSLATION and known:
                found.append(work.stated(link, self._index.of(link.a), self._index.of(link.b)))
        ours = [self._index[number] for number in range(first, len(self._index))]
        files = [
            *packs.write(store, "anchors", map(link_rows.entry_row, ours)),
            *packs.write(store, "vectors", work.new_vectors()),
            *packs.write(store, "alignments", (link_rows.alignment_row(one) for one in found if one.pairs)),
        ]
        links = (one.link for one in found if one.link.method)
        return LinkedBatch(tuple(sorted(links, key=lambda link: (link.kind, link.a, link.b))), tuple(files))

    def stored(self, row_id: str) -> FileRef | None:
        """Return the pack that holds a row's vectors."""
        return self._vectors.get(row_id)


class _Work:
    """Comparing, with the texts and vectors that it takes at hand."""

    def __init__(self, store: ObjectStore, kin: TranslationLinker, texts: Texts) -> None:
        self._store = store
        self._kin = kin
        self._read = texts
        self._texts: dict[str, ComparedText] = {}
        self._codes: dict[str, Codes] = {}  # those of the rows at hand
        self._new: dict[str, Codes] = {}

    def relate(self, pairs: Sequence[tuple[TranslationEntry, TranslationEntry]]) -> Iterator[FoundLink]:
        """Yield how the rows of each pair stand to each other."""
        self._take([entry for pair in pairs for entry in pair])
        for one, other in pairs:
            a, b = sorted((one, other), key=lambda entry: entry.row_id)
            found = relate(a, b, (self._texts[a.row_id], self._texts[b.row_id]), self._kin.encoder, self._vectors_of)
            if found is not None:
                yield found

    def stated(self, link: Link, a: TranslationEntry, b: TranslationEntry) -> FoundLink:
        """Return the sentences of a link that a page states."""
        self._take([a, b])
        sides = self._texts[a.row_id], self._texts[b.row_id]
        by = stated(a, b, sides, self._kin.encoder, self._vectors_of)
        return FoundLink(link, "", spans(by, *sides))

    def new_vectors(self) -> Iterator[schemas.Row]:
        """Yield the vectors that were computed."""
        if self._kin.encoder is not None:
            for row_id, codes in sorted(self._new.items()):
                yield link_rows.vectors_row(row_id, self._kin.encoder.name, codes)

    def _take(self, entries: Iterable[TranslationEntry]) -> None:
        """Hold the texts of these rows and of no others."""
        langs = {entry.row_id: entry.lang for entry in entries}
        self._texts = {row_id: text for row_id, text in self._texts.items() if row_id in langs}
        self._codes = {row_id: codes for row_id, codes in self._codes.items() if row_id in langs}
        missing = sorted(langs.keys() - self._texts.keys())
        self._texts |= {row_id: ComparedText(text, langs[row_id]) for row_id, text in self._read(missing).items()}

    def _vectors_of(self, entry: TranslationEntry, text: ComparedText) -> Codes:
        row_id = entry.row_id
        if row_id not in self._codes:
            ref = self._kin.stored(row_id)
            if row_id in self._new:
                self._codes[row_id] = self._new[row_id]
            elif ref is not None:
                self._load(ref)
            elif self._kin.encoder is not None:
                self._codes[row_id] = self._new[row_id] = self._kin.encoder.encode(text.sentences)
        return self._codes[row_id]

    def _load(self, ref: FileRef) -> None:
        """Read the vectors that a pack holds of the rows at hand."""
        wanted = [row_id for row_id in self._texts if self._kin.stored(row_id) == ref]
        rows = packs.read(self._store, ref)
        ours = pc.and_(pc.is_in(rows["row_id"], pa.array(wanted)), pc.equal(rows["encoder"], self._encoder_name))
        for row in rows.filter(ours).to_pylist():
            self._codes[row["row_id"]] = link_rows.codes_of(row)

    @property
    def _encoder_name(self) -> str:
        return self._kin.encoder.name if self._kin.encoder is not None else ""


def tell(listener: Listener) -> None:
    """Say so where nothing compares sentences."""
    if not encoder_name():
        listener.note("no_encoder", NO_ENCODER)


def entry(row_id: str, document: Document, keys: Keys) -> TranslationEntry:
    """Return what is known of a row beside its text. `keys` are the text's anchors."""
    own = {document.article_id, *_articles([document.url])}
    originals = [document.source_url, *(one.url for one in document.alternates if one.source == "original")]
    others = [one.url for one in document.alternates if one.source != "original"]
    return TranslationEntry(
        row_id=row_id,
        articles=tuple(sorted(own)),
        lang=document.lang,
        published=document.published,
        translated=bool(document.translators),
        originals=tuple(sorted(_articles(originals) - own)),
        others=tuple(sorted(_articles(others) - own)),
        keys=keys,
    )


def _articles(urls: Iterable[str]) -> set[str]:
    """Return the articles at some URLs; what a page gives as a URL and is none names no article."""
    found = set()
    for url in urls:
        try:
            found.add(article_id(canonicalize(url)))
        except InputError:
            continue
    return found


def _portions(pairs: Iterable[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Yield pairs, so many at a time that they are of no more than `ROWS_AT_ONCE` rows."""
    portion: list[tuple[int, int]] = []
    rows: set[int] = set()
    for pair in pairs:
        if portion and len(rows.union(pair)) > ROWS_AT_ONCE:
            yield portion
            portion, rows = [], set()
        portion.append(pair)
        rows.update(pair)
    if portion:
        yield portion
