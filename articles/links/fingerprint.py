"""Fingerprints of texts and documents: what is the same byte for byte, the same version, or nearly the same text."""

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

from articles.model import Document

Hashes = NDArray[np.uint64]

SHINGLE = 3  # words: 3-grams find what 5-grams miss (candidate recall .997 against .44, docs/measurements.md §5)
FRACTION = 8  # a sketch keeps the shingles whose hash lies below 2**64 / FRACTION
KEEP_BELOW = np.uint64(2**64 // FRACTION)

# Shingle hash: a polynomial over word hashes, then the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
BASE = np.uint64(0x9E3779B97F4A7C15)
MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))

QUOTES = dict.fromkeys("«»“”„‟‹›〝〞＂", '"')
APOSTROPHES = dict.fromkeys("‘’‚‛ʼʻ`´′", "'")
DASHES = dict.fromkeys("‐‑‒–—―−﹘﹣－", "-")
INVISIBLE = dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", "")
SAME = QUOTES | APOSTROPHES | DASHES | INVISIBLE
VARIED = re.compile(f"[{''.join(SAME)}]")

WORD = re.compile(r"\w+")
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"  # Thai … Han: no word spaces
)
ANY_UNSPACED = re.compile(f"[{UNSPACED}]")
WORD_OR_SIGN = re.compile(rf"[{UNSPACED}]|(?:(?![{UNSPACED}])\w)+")
PLANE = 0x10000  # code points of the basic plane, in which nearly every text is written throughout
SIGN, IN_WORD, BETWEEN = range(3)  # what a code point is: a word of its own, a part of one, or neither
BLANK = np.uint32(ord(" "))


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """What is kept of a text to find its near duplicates (FracMinHash: Irber et al. 2022, doi:10.1101/2022.01.11.475838)."""

    hashes: Hashes  # sorted, unique
    shingles: int  # distinct shingles of the whole text
    whole: int  # 64-bit hash of the words in their order: equal texts, however short


def unify(text: str) -> str:
    """Return a text with one kind of quotes, dashes and blanks: what templates and typographers change."""
    return " ".join(_unified(text).split())


def normalise(text: str) -> str:
    """Return a text as near duplicates are compared: unified, case folded, ё as е."""
    return unify(text).casefold().replace("ё", "е")


def words(text: str) -> list[str]:
    """Return a text's words in normal form; in scripts without word spaces, its signs."""
    normal = _unified(text).casefold().replace("ё", "е")
    points = np.frombuffer(normal.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    if len(points) == 0 or points.max() >= PLANE or not (kinds := _kinds()[points]).all():
        return (WORD_OR_SIGN if ANY_UNSPACED.search(normal) else WORD).findall(normal)
    # the same as WORD.findall, in a fifth of its time
    return np.where(kinds == IN_WORD, points, BLANK).tobytes().decode("utf-32-le").split()


def shingles(text: str) -> Hashes:
    """Return the hashes of a text's distinct word 3-grams, sorted; a text of one or two words is one shingle."""
    return _shingles(_joined_words(text))


def grams(found: Sequence[str]) -> Hashes:
    """Return the hashes of the 3-grams of words in their order; one or two words are one 3-gram."""
    return _grams(" ".join(found).encode().split())


def distinct(hashes: Hashes) -> Hashes:
    """Return hashes sorted, each once."""
    ordered = np.sort(hashes)
    first = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def sketch(text: str) -> Sketch:
    """Return a text's sketch."""
    joined = _joined_words(text)
    hashes = _shingles(joined)
    whole = xxhash.xxh3_64_intdigest(joined)
    return Sketch(hashes[: np.searchsorted(hashes, KEEP_BELOW)].copy(), len(hashes), whole)


def text_sha256(text: str) -> str:
    """Return the SHA-256 of a text, hexadecimal."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def row_id(document: Document) -> str:
    """Return 32 hexadecimal digits of the SHA-256 over all that a document says: equal rows, equal ids."""
    canonical = json.dumps(asdict(document), ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return sha256(canonical.encode()).hexdigest()[:32]


def version_key(document: Document) -> str:
    """Return 32 hexadecimal digits that change when title or text do, and not when a template or its typography does.

    Quotes, dashes, blanks, compatibility forms and the cut into paragraphs make no version.
    """
    return text_sha256(f"{unify(document.title)}\n{unify(document.text)}")[:32]


def _unified(text: str) -> str:
    """Return a text as `unify` does, with its blanks as they are."""
    once = _one_kind(text)
    composed = unicodedata.normalize("NFKC", once)
    return once if composed == once else _one_kind(composed)


def _one_kind(text: str) -> str:
    return VARIED.sub(lambda found: SAME[found.group()], text)


@cache
def _kinds() -> NDArray[np.uint8]:
    """Return what each code point of the basic plane is to `WORD_OR_SIGN`."""
    signs, parts = re.compile(f"[{UNSPACED}]"), re.compile(r"\w")
    found = (
        SIGN if signs.match(sign) else IN_WORD if parts.match(sign) else BETWEEN for sign in map(chr, range(PLANE))
    )
    return np.fromiter(found, np.uint8, PLANE)


def _joined_words(text: str) -> bytes:
    return " ".join(words(text)).encode()


def _shingles(joined: bytes) -> Hashes:
    return distinct(_grams(joined.split()))


def _grams(found: Sequence[bytes]) -> Hashes:
    hashes = np.fromiter(map(xxhash.xxh3_64_intdigest, found), dtype=np.uint64, count=len(found))
    if len(hashes) >= SHINGLE:
        grams = (hashes[:-2] * BASE + hashes[1:-1]) * BASE + hashes[2:]
    else:
        grams = hashes[:1] * BASE + hashes[-1:] if len(hashes) else hashes
    grams = (grams ^ (grams >> np.uint64(30))) * MIX[0]
    grams = (grams ^ (grams >> np.uint64(27))) * MIX[1]
    mixed: Hashes = grams ^ (grams >> np.uint64(31))
    return mixed
