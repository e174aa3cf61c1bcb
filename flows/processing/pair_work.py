"""Compare pairs of rows for translations and rewrites, here or on a cluster, with the budget and the vectors of one batch.

Whatever compares the pairs, this process counts what they cost in their order, and keeps the vectors that they needed. So links and
files are the same, byte for byte.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from articles.links.compared_text import ComparedText
from articles.links.encoder import Codes, Encoder, KnownSentences, encoder_for
from articles.links.pair_budget import LINK_UNITS, PAIR_UNITS, PairBudget
from articles.links.reading import Texts, read_bounded
from articles.links.translation import FoundLink, Vectors, relate, spans, stated
from articles.links.translation_index import TranslationEntry
from articles.model import Link
from storage.objects import ObjectStore
from storage.tables import link_rows, packs
from storage.tables.file_ref import FileRef

SENTENCE_UNITS = 350  # of `PairBudget`, for a sentence of the longer text: a step of each alignment, 35 µs
ROWS_PER_PAIR = 2
NO_CODES = np.empty((0, 0), np.int8)
MIN_FAR_PAIRS = 50  # half a second of work; fewer are compared here sooner than they are sent

EntryPair = tuple[TranslationEntry, TranslationEntry]  # the first one is new, and its budget pays
VectorKey = tuple[str, str]  # row and encoder
VectorCodes = Mapping[VectorKey, Codes]


@dataclass(frozen=True, slots=True)
class ComparedPair:
    """What comparing two rows gives."""

    units: int  # of `PairBudget`, without those of a link
    found: FoundLink | None
    needs: tuple[VectorKey, ...]  # vectors that were asked for


# Compares pairs elsewhere: pairs, the texts of their rows, and where vectors are stored -> in the order of the pairs, parts with
# one result for each pair (None: too costly), and the vectors that were computed.
PairComparer = Callable[
    [Sequence[EntryPair], Mapping[str, str], "StoredVectors"],
    Iterable[tuple[Sequence[ComparedPair | None], VectorCodes]],
]


class StoredVectors:
    """The encoders, and which pack holds the vectors of which row."""

    def __init__(self, encoders: Sequence[Encoder]) -> None:
        self.encoders = tuple(encoders)
        self._packs: dict[VectorKey, FileRef] = {}

    def follow(self, store: ObjectStore, refs: Iterable[FileRef]) -> None:
        """Note which rows these packs hold."""
        for ref in refs:
            stored = packs.read(store, ref, ("row_id", "encoder"))
            for encoder in self.encoders:
                ours = stored.filter(pc.equal(stored["encoder"], encoder.name))["row_id"].to_pylist()
                self._packs.update(dict.fromkeys(((row_id, encoder.name) for row_id in ours), ref))

    def note(self, row_id: str, encoder: str, ref: FileRef) -> None:
        """Note which pack holds a row's vectors by an encoder."""
        self._packs[row_id, encoder] = ref

    def stored(self, row_id: str, encoder: str) -> FileRef | None:
        """Return the pack that holds a row's vectors by an encoder, or None."""
        return self._packs.get((row_id, encoder))


class PairWork:
    """Compares pairs of rows, and keeps the texts and vectors of the current pairs in memory."""

    def __init__(
        self,
        store: ObjectStore,
        vectors: StoredVectors,
        texts: Texts,
        budget: PairBudget,
        far: PairComparer | None = None,
    ) -> None:
        self._store = store
        self._vectors = vectors
        self._read = texts
        self._budget = budget
        self._far = far
        self._texts: dict[str, ComparedText] = {}
        self._codes: dict[tuple[str, str], Codes] = {}  # by row and encoder, of the rows in memory
        self._new: dict[tuple[str, str], Codes] = {}  # computed here, not yet stored
        self._known = KnownSentences()  # by slow encoders, also of rows of which only some sentences were compared
        # row whose vectors were computed, by its sentences: copies have the same vectors
        self._same: dict[tuple[str, str, tuple[str, ...]], str] = {}
        self._needs: list[VectorKey] = []  # vectors that were asked for, by `compare` for each pair
        self.files: list[FileRef] = []  # of vectors

    def relate(self, candidates: Sequence[EntryPair]) -> Iterator[FoundLink]:
        """Yield the link of each pair of rows that are a translation or a rewrite. The budget of the first row pays."""
        pairs = [pair for pair in candidates if self._budget.allows(pair[0].row_id)]
        if self._far is not None and len(pairs) >= MIN_FAR_PAIRS:
            texts = read_bounded(self._read, sorted({entry.row_id for pair in pairs for entry in pair}))
            if texts is not None:
                yield from self._replay(pairs, self._far(pairs, texts, self._vectors))
                return
        if not self._take([entry for pair in pairs for entry in pair]) and len(pairs) > 1:
            middle = len(pairs) // 2
            yield from self.relate(pairs[:middle])
            yield from self.relate(pairs[middle:])
            return
        for one, other in pairs:
            if self._budget.allows(one.row_id) and (found := self._compared(one, other)) is not None:
                yield found

    def compare(self, pairs: Sequence[EntryPair]) -> Iterator[ComparedPair | None]:
        """Yield what comparing each pair gives, None where the budget allows none. All texts are loaded at once."""
        self._take([entry for pair in pairs for entry in pair])
        for one, other in pairs:
            if not self._budget.allows(one.row_id):
                yield None
                continue
            self._needs = []
            found = self._compared(one, other)
            yield ComparedPair(self._units(one, other), found, tuple(dict.fromkeys(self._needs)))

    def computed(self) -> dict[VectorKey, Codes]:
        """Return the vectors that were computed here and are not stored."""
        return self._new

    def _replay(
        self, pairs: Sequence[EntryPair], compared: Iterable[tuple[Sequence[ComparedPair | None], VectorCodes]]
    ) -> Iterator[FoundLink]:
        """Yield links as if the pairs were compared here one after the other: the same budget, and the same vectors kept."""
        left = iter(pairs)
        for results, codes in compared:
            for result, (one, other) in zip(results, left, strict=False):
                if not self._budget.allows(one.row_id):
                    continue
                if result is None:  # the cluster has given this row up earlier than our budget does
                    self._take([one, other])
                    found = self._compared(one, other)
                else:
                    self._budget.spend(one.row_id, result.units + (LINK_UNITS if result.found else 0))
                    self._new |= {
                        key: codes[key]
                        for key in result.needs
                        if key not in self._new and self._vectors.stored(*key) is None
                    }
                    found = result.found
                if found is not None:
                    yield found

    def _compared(self, one: TranslationEntry, other: TranslationEntry) -> FoundLink | None:
        """Compare two rows whose texts are in memory; the first one pays."""
        self._budget.spend(one.row_id, self._units(one, other))
        a, b = sorted((one, other), key=lambda entry: entry.row_id)
        encoder, vectors = self._vectors_for(a, b)
        found = relate(a, b, (self._texts[a.row_id], self._texts[b.row_id]), encoder, vectors)
        if found is not None:
            self._budget.spend(one.row_id, LINK_UNITS)
        return found

    def _units(self, one: TranslationEntry, other: TranslationEntry) -> int:
        return _units(self._texts[one.row_id], self._texts[other.row_id])

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
            self._vectors.follow(self._store, written)
            self.files += written
            self._new = {}

    def _take(self, entries: Sequence[TranslationEntry]) -> bool:
        """Load the texts of these rows, and drop those of all others. Return False if they are too long for memory.

        The texts of a single pair are always loaded.
        """
        langs = {entry.row_id: entry.lang for entry in entries}
        self._texts = {row_id: text for row_id, text in self._texts.items() if row_id in langs}
        self._codes = {key: codes for key, codes in self._codes.items() if key[0] in langs}
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
        encoder = encoder_for(self._vectors.encoders, a.lang, b.lang)

        def vectors(entry: TranslationEntry, text: ComparedText, places: Sequence[int] | None = None) -> Codes:
            if encoder is None:
                return NO_CODES
            if places is not None:
                return self._vectors_at(entry, text, encoder, places)
            self._needs.append((entry.row_id, encoder.name))
            return self._vectors_of(entry, text, encoder)

        return encoder, vectors

    def _vectors_of(self, entry: TranslationEntry, text: ComparedText, encoder: Encoder) -> Codes:
        key = entry.row_id, encoder.name
        if key not in self._codes:
            ref = self._vectors.stored(*key)
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
        if key in self._codes or key in self._new or self._vectors.stored(*key) is not None:
            return self._vectors_of(entry, text, encoder)[list(places)]
        return self._known.encode(encoder, [text.sentences[place] for place in places], text.lang)

    def _encoded(self, entry: TranslationEntry, text: ComparedText, encoder: Encoder) -> Codes:
        """Return the vectors of a row, those of a copy in memory if there is one."""
        same = self._same.setdefault((encoder.name, entry.lang, text.sentences), entry.row_id)
        known = self._codes.get((same, encoder.name))
        if known is not None:
            return known
        self._same[encoder.name, entry.lang, text.sentences] = entry.row_id
        encode = partial(self._known.encode, encoder) if encoder.is_slow else encoder.encode
        return encode(text.sentences, entry.lang)

    def _load(self, ref: FileRef, encoder: str) -> None:
        """Read the vectors of the rows in memory from a pack."""
        wanted = [row_id for row_id in self._texts if self._vectors.stored(row_id, encoder) == ref]
        rows = packs.read(self._store, ref)
        ours = pc.and_(pc.is_in(rows["row_id"], pa.array(wanted)), pc.equal(rows["encoder"], encoder))
        for row in rows.filter(ours).to_pylist():
            self._codes[row["row_id"], encoder] = link_rows.codes_of(row)


def _units(one: ComparedText, other: ComparedText) -> int:
    """Return what comparing two texts costs, in units of `PairBudget`, if they are aligned. Most pairs cost less."""
    sentences = len(one.spans), len(other.spans)
    aligning = SENTENCE_UNITS * max(sentences) + sentences[0] * sentences[1] // 2
    return PAIR_UNITS + aligning + max(len(one.text), len(other.text))
