"""Extractor version: a short hash of the code, data and libraries that an extraction depends on.

Extractions of one capture with the same version give the same bytes. With different versions they may differ, and such
a difference is no edit by the source. Rows and commits store the version that produced them.

The hash covers the syntax tree without docstrings and comments, so that changes of wording do not change the version.
It does not depend on the Python version: fields that newer versions add to the syntax tree are empty and omitted.
"""

import ast
import hashlib
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from operator import itemgetter

import yaml

from articles.data import yaml_loader

LIBRARIES = (
    "lxml",
    "cssselect",
    "trafilatura",
    "htmldate",
    "py3langid",
    "babel",
    "ahocorasick-rs",
    "publicsuffixlist",
    "w3lib",
)
# All that `articles.pipeline` imports, directly or indirectly; a test compares these lists with the imports.
PACKAGES = ("cleaning", "metadata", "page")
MODULES = (
    "addresses", "data/__init__", "dates", "documents", "drop_controls", "dynamic", "extract", "harmless", "language", "language_model", "links/anchors", "links/fingerprint", "links/line_marks", "links/spun",
    "model", "pipeline", "reasons", "site", "text", "topics/builtin_files", "topics/matching", "topics/topic", "topics/topic_file", "topics/words", "url",
)  # fmt: skip
DATA = "data"
HEX_DIGITS = 16  # of the version
_stated: list[str] = []
NODES_WITH_DOCSTRING = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def extractor_version() -> str:
    """Return the extractor version. The first call in a process parses 100 files, which takes about 0.3 s of CPU."""
    return _stated[0] if _stated else _computed()


def state_version(version: str) -> None:
    """Take the extractor version from the parent of this process, which runs the same code and has computed it."""
    _stated[:] = [version]


def fingerprint() -> str:
    """Return a hexadecimal hash of the bytes of all that `extractor_version` depends on. Equal ones have equal versions."""
    digest = hashlib.sha256(sys.version.encode())
    home = files("articles")
    own = ("extractor_version", home / "extractor_version.py")
    for path, item in sorted([*_sources(home), *_data_files(home / DATA, DATA), own], key=itemgetter(0)):
        digest.update(f"{path} {hashlib.sha256(item.read_bytes()).hexdigest()}\n".encode())
    for library in LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    return digest.hexdigest()


@cache
def _computed() -> str:
    digest = hashlib.sha256()
    home = files("articles")
    for path, content in sorted([*_code(home), *_data(home / DATA, DATA)]):
        digest.update(f"{path} {hashlib.sha256(content.encode()).hexdigest()}\n".encode())
    for library in LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    return digest.hexdigest()[:HEX_DIGITS]


def _code(home: Traversable) -> Iterator[tuple[str, str]]:
    """Yield the path and the parsed code of each module that an extraction depends on."""
    for path, item in _sources(home):
        yield path, _shape(ast.parse(item.read_bytes()))


def _sources(home: Traversable) -> list[tuple[str, Traversable]]:
    """Return the path and the file of each module that an extraction depends on."""
    sources = [(module, home / f"{module}.py") for module in MODULES]
    for package in PACKAGES:
        found = [item for item in (home / package).iterdir() if item.name.endswith(".py")]
        sources += [(f"{package}/{item.name.removesuffix('.py')}", item) for item in found]
    return sources


def _data(folder: Traversable, parent: str) -> Iterator[tuple[str, str]]:
    """Yield the path and the parsed content of each data file."""
    for path, item in _data_files(folder, parent):
        parsed = yaml.load(item.read_bytes(), Loader=yaml_loader())  # noqa: S506  a safe loader
        yield path, repr(parsed)


def _data_files(folder: Traversable, parent: str) -> Iterator[tuple[str, Traversable]]:
    """Yield the path and the file of each data file."""
    for item in folder.iterdir():
        path = f"{parent}/{item.name}"
        if item.is_dir():
            yield from _data_files(item, path)
        elif item.name.endswith(".yaml"):
            yield path, item


def _shape(node: object) -> str:
    """Return a syntax tree as a string, without positions, docstrings and empty fields."""
    parts: list[str] = []
    _write(node, parts.append)
    return "".join(parts)


def _write(node: object, add: Callable[[str], None]) -> None:
    if isinstance(node, list):
        add("[")
        for item in node:
            _write(item, add)
            add(",")
        add("]")
    elif isinstance(node, ast.AST):
        add(f"{type(node).__name__}(")
        for name in node._fields:
            value = getattr(node, name, None)
            if value is None or value == []:
                continue
            add(f"{name}=")
            _write(value[1:] if name == "body" and _has_docstring(node) else value, add)
            add(",")
        add(")")
    else:
        add(repr(node))


def _has_docstring(node: ast.AST) -> bool:
    return isinstance(node, NODES_WITH_DOCSTRING) and ast.get_docstring(node, clean=False) is not None
