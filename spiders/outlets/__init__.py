"""Registry of outlets: every file in this package is one outlet and is loaded without further registration.

A file holds one subclass of `spiders.outlet.Outlet`. The file's name, without `.py`, is the outlet's name.
"""

import importlib.util
import sys
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from articles.errors import InputError
from articles.url import outlet_of
from spiders.outlet import Outlet, check_class
from spiders.outlet_file import check_file

OUTLET_DIRECTORY = Path(__file__).parent
MIN_NAME_SIMILARITY = 0.6  # of an unknown name and a suggested one; the default of difflib


@cache
def load(extra_outlets: str = "") -> Mapping[str, Outlet]:
    """Return all outlets by name: our own, and those in the directory or file `extra_outlets`, which override ours.

    InputError names the file that cannot be used.
    """
    found = {outlet.name: outlet for path in _files(OUTLET_DIRECTORY) if (outlet := _read(path))}
    if extra_outlets:
        path = Path(extra_outlets)
        if not path.exists():
            raise InputError(f"no outlets at {extra_outlets}: no such file or directory")
        found |= {outlet.name: outlet for path in _files(path) if (outlet := _read(path))}
    return MappingProxyType(found)


def outlet_name(url: str, extra_outlets: str = "") -> str:
    """Return the name of the outlet that owns a URL's host, or else its registrable domain, usable in a key.

    InputError if it is not an absolute http(s) URL.
    """
    by_domain = _by_domain(extra_outlets)
    try:
        parts = urlsplit(url.lower())
        host = parts.hostname or ""
    except ValueError as error:
        raise InputError(f"not a URL: {url!r} ({error})") from error
    if (exact := by_domain.get(parts.netloc)) is not None:
        return exact
    while host:
        if (name := by_domain.get(host)) is not None:
            return name
        host = host.partition(".")[2]
    return outlet_of(url)


def find(name: str, extra_outlets: str = "") -> Outlet:
    """Return an outlet by its name. InputError if there is none."""
    known = load(extra_outlets)
    if name not in known:
        alike = get_close_matches(name, known, cutoff=MIN_NAME_SIMILARITY)
        hint = f"; did you mean {' or '.join(alike)}?" if alike else ";"
        raise InputError(f"no outlet {name!r}{hint} `irtysh outlets` lists all {len(known)}")
    return known[name]


@cache
def _by_domain(extra_outlets: str) -> Mapping[str, str]:
    return {domain: name for name, outlet in load(extra_outlets).items() for domain in outlet.domains}


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    else:
        yield from sorted(file for file in path.glob("*.py") if not file.name.startswith("_"))


def _read(path: Path) -> Outlet:
    """Import a file by its path, since two directories may hold files of the same name."""
    own = path.parent == OUTLET_DIRECTORY
    if not own:  # tests check our own
        check_file(path)
    name = f"spiders.outlets.{path.stem}" if own else f"_outlets_of_{abs(hash(path.absolute()))}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (
        SyntaxError,
        ImportError,
        NameError,
        AttributeError,
        TypeError,
        ValueError,
        ArithmeticError,
        LookupError,
    ) as error:
        raise InputError(f"{path} cannot be loaded: {error}") from error
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Outlet) and value.__module__ == name
    ]
    if len(classes) != 1:
        raise InputError(f"{path} must define one subclass of Outlet, not {len(classes)}")
    try:
        if own:
            return classes[0](path.stem, checked=True)
        check_class(classes[0], path.stem)  # before its own code runs
        return classes[0](path.stem)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
