"""What every reading rests on, as one short hash: our own code and data, and the libraries that read pages.

Two readings of one capture under the same rules are the same, byte for byte; under others they may differ, and that is
no change of the article. Rows and commits name the rules that made them.
"""

import hashlib
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable

LIBRARIES = ("lxml", "cssselect", "trafilatura", "py3langid", "babel", "ahocorasick-rs", "tldextract", "w3lib")
SUFFIXES = (".py", ".yaml")
TELLERS = frozenset({"/explain.py"})  # they tell people of a reading and have no part in it


def _digest() -> str:
    digest = hashlib.sha256()
    for path, data in sorted(_sources(files("articles"), "")):
        digest.update(f"{path} {hashlib.sha256(data).hexdigest()}\n".encode())
    for library in LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    return digest.hexdigest()[:16]


def _sources(folder: Traversable, above: str) -> list[tuple[str, bytes]]:
    found = []
    for item in folder.iterdir():
        path = f"{above}/{item.name}"
        if item.is_dir():
            found += _sources(item, path)
        elif item.name.endswith(SUFFIXES) and path not in TELLERS:
            found.append((path, item.read_bytes()))
    return found


READERS: str = _digest()
