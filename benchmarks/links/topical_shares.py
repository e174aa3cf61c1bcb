"""Count for which pairs of texts sentences are encoded: `python -m benchmarks.links.topical_shares SENTENCES`.

The texts are those of `benchmarks.links.topical_cost`. Linking costs at least what true translations, rewrites and copies need,
however well the other pairs are recognised before.
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from unittest.mock import patch

from articles.links.compared_text import ComparedText
from articles.links.encoder import Codes, Encoder, default_encoders
from articles.links.pair_budget import PairBudget
from articles.links.translation import FoundLink, Vectors, relate
from articles.links.translation_index import TranslationEntry
from benchmarks.links.topical import TopicalText, lines_of, topical_texts
from benchmarks.links.topical_cost import Prepared, Spent
from flows.processing import pair_work
from flows.processing.translation_links import TranslationLinker
from storage.objects.directory import DirectoryStore

PAGES = 1_000


class ByPair:
    """Counts the sentences that each encoder encodes, by how the two texts of a pair are related."""

    def __init__(self, texts: Mapping[str, TopicalText]) -> None:
        self._texts = texts
        self._kind = ""
        self.pairs: Counter[str] = Counter()
        self.sentences: Counter[tuple[str, str]] = Counter()  # by kind of pair and encoder

    def relate(
        self,
        a: TranslationEntry,
        b: TranslationEntry,
        texts: tuple[ComparedText, ComparedText],
        encoder: Encoder | None,
        vectors: Vectors,
    ) -> FoundLink | None:
        """Compare two rows, and note how they are related."""
        one, other = self._texts[a.row_id], self._texts[b.row_id]
        languages = "one language" if one.lang == other.lang else "two languages"
        relation = "one report" if one.told == other.told else "one event" if one.event == other.event else "unrelated"
        self._kind = f"{relation}, {languages}"
        self.pairs[self._kind] += 1
        return relate(a, b, texts, encoder, vectors)

    def encoded(self, encoder: str, sentences: int) -> None:
        """Note that an encoder has encoded sentences for the pair that is compared."""
        self.sentences[self._kind, encoder.split(maxsplit=1)[0]] += sentences


class _Noting:
    """An encoder that says how many sentences it encodes."""

    def __init__(self, encoder: Encoder, by_pair: ByPair) -> None:
        self._encoder, self._by_pair = encoder, by_pair
        self.name, self.languages, self.min_likeness = encoder.name, encoder.languages, encoder.min_likeness
        self.is_slow, self.glance = encoder.is_slow, encoder.glance

    def encode(self, sentences: Sequence[str], lang: str) -> Codes:
        self._by_pair.encoded(self.name, len(sentences))
        return self._encoder.encode(sentences, lang)


def count(texts: Sequence[TopicalText]) -> ByPair:
    """Return what linking the texts encodes."""
    ready = Prepared(texts, Spent())
    by_pair = ByPair(dict(zip(ready.row_ids, texts, strict=True)))
    linker = TranslationLinker([_Noting(encoder, by_pair) for encoder in default_encoders()])
    with tempfile.TemporaryDirectory() as folder, patch.object(pair_work, "relate", by_pair.relate):
        linker.link(DirectoryStore(Path(folder)), ready.far, (), ready.read, PairBudget())
    return by_pair


def main() -> None:
    """Print the sentences by kind of pair and encoder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sentences", type=Path)
    parser.add_argument("--pages", type=int, default=PAGES)
    options = parser.parse_args()
    found = count(topical_texts(lines_of(options.sentences), options.pages))
    for (kind, encoder), number in sorted(found.sentences.items()):
        print(f"{kind} ({found.pairs[kind]} pairs): {number} sentences by {encoder}")


if __name__ == "__main__":
    main()
