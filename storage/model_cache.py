"""Keep in the user's cache folder what takes long to make: the model for identifying languages, the extractor version.

Decompressing the model takes 0.5 s, parsing the code for the version 0.2 s.
"""

import os
import re
import tempfile
from pathlib import Path

from articles import extractor_version, language_model

NAME = "py3langid-{}.npz"
VERSION_NAME = "extractor-{}"
VERSION = re.compile(rf"[0-9a-f]{{{extractor_version.HEX_DIGITS}}}")
HEX_DIGITS = 16  # of the compressed file's hash in the name


def cache_folder() -> Path:
    """Return the folder for files that can be made again: `$XDG_CACHE_HOME/irtysh`, by default `~/.cache/irtysh`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "irtysh"


def use_cached_model(*, write: bool = True) -> None:
    """Let this process load the model from the cache; with `write`, put it there first if it is missing.

    Where the folder can't be written, or belongs to somebody else, nothing changes but the time that loading takes.
    """
    try:
        folder = cache_folder()
        packed = language_model.compressed()
        path = folder / NAME.format(language_model.fingerprint(packed)[:HEX_DIGITS])
        if write:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_uid != os.getuid():
            return
        if write and not path.exists():
            _write(path, language_model.decompress(packed), NAME)
    except (OSError, RuntimeError):  # RuntimeError: there is no home folder
        return
    language_model.is_at(path)


def use_cached_version() -> None:
    """Let this process take the extractor version from the cache, or compute it and put it there."""
    try:
        folder = cache_folder()
        path = folder / VERSION_NAME.format(extractor_version.fingerprint())
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_uid != os.getuid():
            return
        known = path.read_bytes().decode("ascii", "replace") if path.exists() else ""
        if VERSION.fullmatch(known):
            extractor_version.state_version(known)
        else:
            _write(path, extractor_version.extractor_version().encode(), VERSION_NAME)
    except (OSError, RuntimeError):  # RuntimeError: there is no home folder
        return


def _write(path: Path, content: bytes, name: str) -> None:
    """Write a file at once, in place of those of other versions."""
    others = set(path.parent.glob(name.format("*"))) - {path}
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(content)
            file.close()
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)  # it is there only if something failed
    for other in others:
        other.unlink(missing_ok=True)
