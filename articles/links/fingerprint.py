"""Fingerprints of texts and documents: row ids, version keys, shingles and sketches."""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256

import numpy as np
import xxhash
from numpy.typing import NDArray

from articles.dynamic import lasting
from articles.model import Document

Hashes = NDArray[np.uint64]

SHINGLE_WORDS = 3  # 3-grams find what 5-grams miss (candidate recall .997 against .44, docs/measurements.md §5)
SKETCH_FRACTION = 8  # a sketch keeps the shingle hashes below 2**64 / 8
SKETCH_HASH_LIMIT = np.uint64(2**64 // SKETCH_FRACTION)

# Shingle hash: a polynomial over word hashes, then the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
POLYNOMIAL_BASE = np.uint64(0x9E3779B97F4A7C15)
SPLITMIX_FACTORS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))

QUOTES = dict.fromkeys("«»“”„‟‹›〝〞＂", '"')
APOSTROPHES = dict.fromkeys("‘’‚‛ʼʻ`´′", "'")
DASHES = dict.fromkeys("‐‑‒–—―−﹘﹣－", "-")
INVISIBLE = dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", "")
UNIFIED_SIGNS = QUOTES | APOSTROPHES | DASHES | INVISIBLE
VARIANT_SIGN = re.compile(f"[{''.join(UNIFIED_SIGNS)}]")

WORD = re.compile(r"\w+")
# Thai … Han: no word spaces
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
ANY_UNSPACED = re.compile(f"[{UNSPACED}]")
WORD_OR_SIGN = re.compile(rf"[{UNSPACED}]|(?:(?![{UNSPACED}])\w)+")
BASIC_PLANE_SIZE = 0x10000  # code points of the Basic Multilingual Plane, which suffices for nearly every text
SIGN, IN_WORD, BETWEEN = range(3)  # classes of code points: a word of its own, part of a word, or neither
SPACE = np.uint32(ord(" "))


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """Sketch of a text, used to find near duplicates (FracMinHash: Irber et al. 2022, doi:10.1101/2022.01.11.475838)."""

    hashes: Hashes  # sorted, unique
    shingles: int  # distinct shingles of the whole text
    whole: int  # 64-bit hash of all words in order; finds equal texts of any length


def unify(text: str) -> str:
    """Return a text with uniform quotes, dashes and spaces, which differ between templates."""
    return " ".join(_unified(text).split())


def normalise(text: str) -> str:
    """Return a text in the form in which near duplicates are compared: unified, case-folded, ё as е."""
    return unify(text).casefold().replace("ё", "е")


def words(text: str) -> list[str]:
    """Return a text's words in normal form; in scripts without spaces between words, its single signs."""
    return _split(_unified(text).casefold().replace("ё", "е"))


def cased_words(text: str) -> list[str]:
    """Return the same words with their capitals; a few signs are two words only after case folding."""
    return _split(_unified(text))


def _split(normal: str) -> list[str]:
    points = np.frombuffer(normal.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    if len(points) == 0 or points.max() >= BASIC_PLANE_SIZE or not (kinds := _kinds()[points]).all():
        return (WORD_OR_SIGN if ANY_UNSPACED.search(normal) else WORD).findall(normal)
    # the same as WORD.findall, in a fifth of its time
    return np.where(kinds == IN_WORD, points, SPACE).tobytes().decode("utf-32-le").split()


def shingles(text: str) -> Hashes:
    """Return the hashes of a text's distinct word 3-grams, sorted; a text of one or two words has one shingle."""
    return _shingles(_joined_words(text))


def grams(text_words: Sequence[str]) -> Hashes:
    """Return the hashes of the 3-grams of words, in order; one or two words count as one 3-gram."""
    return _grams(" ".join(text_words).encode().split())


def distinct(hashes: Hashes) -> Hashes:
    """Return the distinct hashes, sorted."""
    ordered = np.sort(hashes)
    first = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def sketch(text: str) -> Sketch:
    """Return the sketch of a text."""
    joined = _joined_words(text)
    hashes = _shingles(joined)
    whole = xxhash.xxh3_64_intdigest(joined)
    return Sketch(hashes[: np.searchsorted(hashes, SKETCH_HASH_LIMIT)].copy(), len(hashes), whole)


def text_sha256(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


PARAGRAPH_BREAK = "\n\n"
LATER_FIELDS = frozenset({"continues"})


def row_id(document: Document) -> str:
    """Return 32 hexadecimal digits of the SHA-256 of all fields of a document: equal rows have equal ids.

    A field that documents got after the first release counts only if it has a value, so that older rows keep their ids.
    """
    values = {name: value for name, value in asdict(document).items() if value or name not in LATER_FIELDS}
    canonical = json.dumps(values, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return sha256(canonical.encode()).hexdigest()[:32]


def version_key(document: Document) -> str:
    """Return 32 hexadecimal digits of the SHA-256 of title and text, ignoring typography.

    Changes of quotes, dashes, spaces, compatibility forms and paragraph breaks do not change the key, nor do paragraphs
    that change with every fetch (`articles.dynamic`).
    """
    text = PARAGRAPH_BREAK.join(lasting(document.title, document.paragraphs))
    return text_sha256(f"{unify(document.title)}\n{unify(text)}")[:32]


def _unified(text: str) -> str:
    """Return a text as `unify` does, but with its spaces unchanged."""
    once = _one_kind(text)
    composed = unicodedata.normalize("NFKC", once)
    return once if composed == once else _one_kind(composed)


def _one_kind(text: str) -> str:
    return VARIANT_SIGN.sub(lambda found: UNIFIED_SIGNS[found.group()], text)


@cache
def _kinds() -> NDArray[np.uint8]:
    """Return the class of each code point of the basic plane, as `WORD_OR_SIGN` treats it."""
    signs, parts = re.compile(f"[{UNSPACED}]"), re.compile(r"\w")
    found = (
        SIGN if signs.match(sign) else IN_WORD if parts.match(sign) else BETWEEN
        for sign in map(chr, range(BASIC_PLANE_SIZE))
    )
    return np.fromiter(found, np.uint8, BASIC_PLANE_SIZE)


def _joined_words(text: str) -> bytes:
    return " ".join(words(text)).encode()


def _shingles(joined: bytes) -> Hashes:
    return distinct(_grams(joined.split()))


def _grams(text_words: Sequence[bytes]) -> Hashes:
    hashes = np.fromiter(map(xxhash.xxh3_64_intdigest, text_words), dtype=np.uint64, count=len(text_words))
    if len(hashes) >= SHINGLE_WORDS:
        grams = (hashes[:-2] * POLYNOMIAL_BASE + hashes[1:-1]) * POLYNOMIAL_BASE + hashes[2:]
    else:
        grams = hashes[:1] * POLYNOMIAL_BASE + hashes[-1:] if len(hashes) else hashes
    grams = (grams ^ (grams >> np.uint64(30))) * SPLITMIX_FACTORS[0]
    grams = (grams ^ (grams >> np.uint64(27))) * SPLITMIX_FACTORS[1]
    mixed: Hashes = grams ^ (grams >> np.uint64(31))
    return mixed
