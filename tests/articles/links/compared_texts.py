"""Texts in made-up languages, and what compares them."""

import hashlib
import random

import numpy as np

from articles.links.anchors import anchors
from articles.links.compared_text import ComparedText
from articles.links.encoder import default_encoders, encoder_for, quantise
from articles.links.pair_budget import PairBudget
from articles.links.translation import relate
from articles.links.translation_index import TranslationEntry, TranslationIndex

WORDS = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in ("nal", "ro", "stik", "mat")]


class Concepts:
    """Encoder for made-up languages whose words end with their language: "banaxx" means "banayy"."""

    name = "concepts 1"
    languages = frozenset(("xx", "yy"))
    min_likeness = 0.45
    is_slow = False

    def encode(self, sentences, lang):
        if not sentences:
            return np.empty((0, 64), np.int8)
        return quantise(np.stack([self._of(sentence) for sentence in sentences]).astype(np.float32))

    def glance(self, sentences):
        return np.empty((len(sentences), 0), np.int8)  # no vectors by words

    def _of(self, sentence):
        words = [word for word in sentence.rstrip(".").split() if not word[0].isupper() and word[0].isalpha()]
        return sum((self._vector(word) for word in words), np.full(64, 1e-6))

    def _vector(self, word):
        seed = int(hashlib.sha256(word[:-2].encode()).hexdigest()[:8], 16)
        return np.random.default_rng(seed).normal(size=64)


def story(seed, lang, sentences=12):
    """Return sentences of nine words, a name and a number; name and number are the same in all languages."""
    dice = random.Random(seed)  # noqa: S311 - not used for cryptography
    found = []
    for _ in range(sentences):
        words = " ".join(f"{dice.choice(WORDS)}{lang}" for _ in range(9))
        found.append(f"{words} {dice.choice(WORDS).capitalize()}{dice.choice(WORDS)} {dice.randint(100, 99999)}.")
    return found


def respelled(paragraphs, kept):
    """Paraphrase: replace all but the first `kept` words of a sentence with others of the same meaning."""
    return [
        " ".join(word if i < kept or not word.endswith("xx") else f"{word[:-2]}xy" for i, word in enumerate(p.split()))
        for p in paragraphs
    ]


def row(name, lang, paragraphs, published="2024-05-01", source="", *, translated=False):
    text = ComparedText("\n\n".join(paragraphs), lang)
    articles = (f"article-{name}",)
    sources = (source,) if source else ()
    keys = anchors(text.text, lang if len(lang) == 2 else "en")
    return TranslationEntry(f"row-{name}", articles, lang, published, translated, sources, (), keys), text


def relation(one, other, encoder=Concepts()):  # noqa: B008 - the encoder has no state
    def vectors(_, text, places=None):
        found = encoder.encode(text.sentences, text.lang)
        return found if places is None else found[list(places)]

    return relate(one[0], other[0], (one[1], other[1]), encoder, vectors)


def real(one, other):
    return encoder_for(default_encoders(), one[0].lang, other[0].lang)


def link(one, other):
    return relation(one, other).link


def pairs(rows):
    index = TranslationIndex()
    index.add(rows)
    index.add(rows)
    assert len(index) == len(rows)
    found = [frozenset((index[a].row_id[4:], index[b].row_id[4:])) for a, b in index.pairs(0, PairBudget())]
    assert len(found) == len(set(found))
    return {"".join(sorted(pair)) for pair in found}
