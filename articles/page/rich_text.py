"""Read the lines of rich text in JSON: trees of nodes, as Slate, ProseMirror, Editor.js, Contentful and Sanity keep them."""

from collections.abc import Iterator
from typing import Any

PART_KEYS = ("children", "content", "items")  # of the parts of a node
RUN_KEYS = ("text", "value")  # of the text of a run
MAX_DEPTH = 12  # of a list in a list in a quotation
MAX_STRING_DEPTH = 4  # of a block of an editor: {type, data: {text}}


def lines(item: Any, depth: int = 0) -> Iterator[str]:
    """Yield the lines of a node, its runs joined; of another value the longest string in it, which may be empty."""
    parts = _parts(item)
    if any(_run(part) is not None for part in parts):
        yield "".join(_runs(item, depth))
    elif parts and depth < MAX_DEPTH:
        for part in parts:
            yield from lines(part, depth + 1)
    else:
        yield item if isinstance(item, str) else max(_strings(item, 0), key=len, default="")


def _parts(item: Any) -> list[Any]:
    """Return the parts of a node of rich text, which Editor.js keeps in its data; empty if it is none."""
    holders = [one for one in (item, item.get("data")) if isinstance(one, dict)] if isinstance(item, dict) else []
    return next((parts for one in holders for key in PART_KEYS if isinstance(parts := one.get(key), list)), [])


def _run(item: Any) -> str | None:
    """Return the text of a run, None if a value is none."""
    if not isinstance(item, dict) or _parts(item):
        return None
    return next((text for key in RUN_KEYS if isinstance(text := item.get(key), str)), None)


def _runs(item: Any, depth: int) -> Iterator[str]:
    text = _run(item)
    if text is not None:
        yield text
    elif depth < MAX_DEPTH:
        for part in _parts(item):
            yield from _runs(part, depth + 1)


def _strings(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth < MAX_STRING_DEPTH:
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from _strings(inner, depth + 1)
