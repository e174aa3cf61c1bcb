"""Render templates: the part of the Mustache language that the templates use.

    {{name}}   the value, escaped          {{#name}}…{{/name}}   for each item of a list, or once if the value is true
    {{&name}}  the value as it is          {{^name}}…{{/name}}   if the value is false or an empty list

A name is looked up in the innermost section that has it. An unknown name is an error.
"""

import html
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

Scope = Mapping[str, object]
Piece = Callable[[Sequence[Scope]], str]

MARK = re.compile(r"\{\{([#^/&]?)(\w+)\}\}")
FOLDER = Path(__file__).parent / "templates"


def look_up(name: str, scopes: Sequence[Scope]) -> object:
    """Return the value of a name. KeyError if no scope has it."""
    for scope in reversed(scopes):
        if name in scope:
            return scope[name]
    raise KeyError(name)


def compile_pieces(marks: list[str], closing: str) -> list[Piece]:
    """Compile the list from `MARK.split` into pieces, up to the closing mark. The list is reversed, so that `pop` reads it."""
    pieces: list[Piece] = []
    while marks:
        literal = marks.pop()
        pieces.append(lambda _, literal=literal: literal)  # type: ignore[misc]  # mypy can't type default arguments of lambdas
        if not marks:
            break
        kind, name = marks.pop(), marks.pop()
        if kind == "/":
            if name != closing:
                raise ValueError(f"{{{{/{name}}}}} closes {closing or 'nothing'}")
            return pieces
        pieces.append(section(kind, name, compile_pieces(marks, name)) if kind in {"#", "^"} else variable(kind, name))
    if closing:
        raise ValueError(f"{{{{#{closing}}}}} is not closed")
    return pieces


def variable(kind: str, name: str) -> Piece:
    def render(scopes: Sequence[Scope]) -> str:
        value = str(look_up(name, scopes))
        return value if kind == "&" else html.escape(value)

    return render


def section(kind: str, name: str, inner: list[Piece]) -> Piece:
    def render(scopes: Sequence[Scope]) -> str:
        value = look_up(name, scopes)
        if kind == "^":
            return "" if value else "".join(piece(scopes) for piece in inner)
        items = value if isinstance(value, list) else [{}] if value else []
        return "".join(piece([*scopes, item]) for item in items for piece in inner)

    return render


@lru_cache
def load(name: str) -> list[Piece]:
    """Return the compiled template `templates/<name>.html`."""
    marks = MARK.split((FOLDER / f"{name}.html").read_text("utf-8"))
    return compile_pieces(marks[::-1], "")


def render(name: str, values: Scope) -> str:
    """Return a rendered page. KeyError names a missing value."""
    return "".join(piece([values]) for piece in load(name))
