"""Extractor version: a short hash of the code, data and libraries that an extraction depends on.

Extractions of one capture with the same version give the same bytes. With different versions they may differ, and such
a difference is no edit by the source. Rows and commits store the version that produced them.

The hash covers the syntax tree without docstrings and comments, so that changes of wording do not change the version.
It does not depend on the Python version: fields that newer versions add to the syntax tree are empty and omitted.
"""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable

import yaml

LIBRARIES = (
    "lxml",
    "cssselect",
    "trafilatura",
    "htmldate",
    "py3langid",
    "babel",
    "ahocorasick-rs",
    "tldextract",
    "w3lib",
)
# All that `articles.pipeline` imports, directly or indirectly; a test compares these lists with the imports.
PACKAGES = ("cleaning", "metadata", "page")
MODULES = (
    "addresses", "data/__init__", "dates", "documents", "drop_controls", "dynamic", "extract", "harmless", "language", "links/anchors", "links/fingerprint", "links/spun",
    "model", "pipeline", "site", "text", "topics/matching", "topics/topic", "topics/topic_file", "topics/words", "url",
)  # fmt: skip
DATA = "data"
HEX_DIGITS = 16  # of the version
NODES_WITH_DOCSTRING = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def extractor_version() -> str:
    """Return the extractor version. The first call in a process parses 60 files, which takes about 0.15 s of CPU."""
    digest = hashlib.sha256()
    home = files("articles")
    for path, content in sorted([*_code(home), *_data(home / DATA, DATA)]):
        digest.update(f"{path} {hashlib.sha256(content.encode()).hexdigest()}\n".encode())
    for library in LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    return digest.hexdigest()[:HEX_DIGITS]


def _code(home: Traversable) -> Iterator[tuple[str, str]]:
    """Yield the path and the parsed code of each module that an extraction depends on."""
    sources = [(module, home / f"{module}.py") for module in MODULES]
    for package in PACKAGES:
        found = [item for item in (home / package).iterdir() if item.name.endswith(".py")]
        sources += [(f"{package}/{item.name.removesuffix('.py')}", item) for item in found]
    for path, item in sources:
        yield path, _shape(ast.parse(item.read_bytes()))


def _data(folder: Traversable, parent: str) -> Iterator[tuple[str, str]]:
    """Yield the path and the parsed content of each data file."""
    for item in folder.iterdir():
        path = f"{parent}/{item.name}"
        if item.is_dir():
            yield from _data(item, path)
        elif item.name.endswith(".yaml"):
            parsed = yaml.load(item.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
            yield path, repr(parsed)


def _shape(node: object) -> str:
    """Return a syntax tree as a string, without positions, docstrings and empty fields."""
    if isinstance(node, ast.AST):
        inner = []
        for name, value in ast.iter_fields(node):
            if (
                name == "body"
                and isinstance(node, NODES_WITH_DOCSTRING)
                and ast.get_docstring(node, clean=False) is not None
            ):
                value = value[1:]  # noqa: PLW2901
            if value is not None and value != []:
                inner.append(f"{name}={_shape(value)}")
        return f"{type(node).__name__}({','.join(inner)})"
    if isinstance(node, list):
        return f"[{','.join(map(_shape, node))}]"
    return repr(node)
