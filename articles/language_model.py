"""Load the model of py3langid.

Its package has the model compressed. Decompressing it takes 0.5 s of the 0.7 s that loading takes, in every process that
extracts pages, so a process may first say where the model is decompressed (`storage.user_cache` keeps it there).
"""

import hashlib
import io
import lzma
import zipfile
from array import array
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

ARRAY_TYPES = {2: "H", 4: "I"}  # by bytes of an item
_decompressed: list[Path] = []


def compressed() -> bytes:
    """Return the file of the package: a NumPy archive in an xz file."""
    return files("py3langid").joinpath("data", "model.npz.xz").read_bytes()


def decompress(file: bytes) -> bytes:
    """Return the NumPy archive, 68 MB."""
    return lzma.decompress(file)


def fingerprint(file: bytes) -> str:
    """Return a hexadecimal hash of the compressed file."""
    return hashlib.sha256(file).hexdigest()


def is_at(path: Path) -> None:
    """Load the model from its decompressed archive."""
    _decompressed[:] = [path]


@cache
def identifier() -> "LanguageIdentifier":
    """Return the identifier, with probabilities as scores."""
    for path in _decompressed:
        try:
            with path.open("rb") as file:
                return _load(file)
        except (OSError, ValueError, zipfile.BadZipFile):  # removed or damaged: the archive has checksums
            break
    return _load(io.BytesIO(decompress(compressed())))


def _load(archive: BinaryIO) -> "LanguageIdentifier":
    from py3langid.langid import LanguageIdentifier  # noqa: PLC0415 - takes 0.1 s, so imported only if needed

    with np.load(archive, allow_pickle=False) as model:
        # py3langid converts its 16-bit weights for every text; 32-bit weights cost 28 MB and halve the time
        return LanguageIdentifier(
            model["ptc"].astype("float32"),
            model["pc"],
            model["classes"].tolist(),
            _array(model["nextmove"]),
            model["out_feat"].tolist(),
            norm_probs=True,
            tk_row=_array(model["nextmove_row"]),
        )


def _array(numbers: np.ndarray) -> "array[int]":
    """Convert an array of unsigned integers: Python indexes its own arrays faster than NumPy's."""
    converted = array(ARRAY_TYPES[numbers.dtype.itemsize])
    converted.frombytes(np.ascontiguousarray(numbers).tobytes())
    return converted
