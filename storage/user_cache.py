"""Keep what every process would compute again in the user's cache folder.

These are the model for identifying languages, decompressed (0.5 s of CPU), and the extractor version (0.3 s).
"""

import os
import re
import tempfile
from pathlib import Path

from articles import extractor_version, language_model

MODEL_NAME = "py3langid-{}.npz"
VERSION_NAME = "extractor-{}.txt"
HEX_DIGITS = 16  # of the hash in a name: of the compressed model, or of all that the extractor version depends on
VERSION = re.compile(rb"[0-9a-f]{16}")


def cache_folder() -> Path:
    """Return the folder for files that can be made again: `$XDG_CACHE_HOME/irtysh`, by default `~/.cache/irtysh`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "irtysh"


def use_cached_model(*, write: bool = True) -> None:
    """Let this process load the model from the cache; with `write`, put it there first if it is missing.

    Where the folder can't be written, or belongs to somebody else, nothing changes but the time that loading takes.
    """
    try:
        packed = language_model.compressed()
        path = _own_folder(write=write) / MODEL_NAME.format(language_model.fingerprint(packed)[:HEX_DIGITS])
        if write and not path.exists():
            _write(path, language_model.decompress(packed), MODEL_NAME)
    except (OSError, RuntimeError):  # RuntimeError: there is no home folder
        return
    language_model.is_at(path)


def use_cached_version() -> None:
    """Let this process know the extractor version from the cache; put it there first if it is missing.

    The name of its file is the hash of all that the version is computed from. Errors as in `use_cached_model`.
    """
    try:
        fingerprint = extractor_version.fingerprint()
        path = _own_folder(write=True) / VERSION_NAME.format(fingerprint[:HEX_DIGITS])
        if not path.exists():
            version = extractor_version.extractor_version()
            if extractor_version.fingerprint() != fingerprint:  # the code was replaced meanwhile
                return
            _write(path, version.encode(), VERSION_NAME)
        kept = path.read_bytes()
    except (OSError, RuntimeError):
        return
    if VERSION.fullmatch(kept):
        extractor_version.state_version(kept.decode())


def _own_folder(*, write: bool) -> Path:
    """Return the cache folder; with `write`, create it if it is missing. PermissionError if somebody else owns it."""
    folder = cache_folder()
    if write:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to another user")
    return folder


def _write(path: Path, content: bytes, name: str) -> None:
    """Write a file at once, in place of those of other versions, which have the same form of name."""
    others = list(path.parent.glob(name.format("*")))
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(content)
            file.close()
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)  # it is there only if something failed
    for other in others:
        if other != path:  # another process may have written it meanwhile
            other.unlink(missing_ok=True)
