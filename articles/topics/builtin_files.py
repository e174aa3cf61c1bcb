"""Files of the built-in topics. Naming and checking a topic needs no more, and loads no schema and no automaton."""

from difflib import get_close_matches
from importlib.resources import files
from importlib.resources.abc import Traversable

from articles.errors import InputError

SUFFIX = ".yaml"


def builtin_text(name: str) -> str:
    """Return the text of a built-in topic's file. Raises `InputError` if there is none of that name."""
    return (_folder() / f"{checked_name(name)}{SUFFIX}").read_text(encoding="utf-8")


def checked_name(name: str) -> str:
    """Return the name of a built-in topic. Raises `InputError` if there is none of that name."""
    known = builtin_names()
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}? Or use" if near else "use"
        raise InputError(f"no topic {name!r}; {hint} one of {', '.join(known)}, or the path of a topic file")
    return name


def builtin_names() -> tuple[str, ...]:
    """Return the names of the built-in topics."""
    return tuple(sorted(item.name.removesuffix(SUFFIX) for item in _folder().iterdir() if item.name.endswith(SUFFIX)))


def _folder() -> Traversable:
    return files("articles") / "data" / "topics"
