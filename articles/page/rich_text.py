"""Read the lines of rich text in JSON: trees of nodes, as Slate, ProseMirror, Editor.js, Contentful and Sanity keep them."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

PART_KEYS = ("children", "content", "items")  # of the parts of a node
RUN_KEYS = ("text", "value")  # of the text of a run
OWN_KEYS = ("text", "value", "content", "body")  # of the text of a node that has parts too
TYPE_KEYS = ("type", "_type", "nodeType", "tag")
MAX_DEPTH = 12  # of a list in a list in a quotation
MAX_STRING_DEPTH = 4  # of a block of an editor: {type, data: {text}}
BREAK = "\u2028"  # in place of a node that breaks the line
# Types of nodes, in small letters: whole ones, and parts of them.
RUN_TYPES = frozenset({"", "text", "span"})
BREAK_TYPES = frozenset(
    {"br", "break", "hardbreak", "hard_break", "hard-break", "linebreak", "line-break", "softbreak"}
)
INLINE_TYPES = frozenset((
    "text", "span", "mention", "emoji", "hashtag", "a", "b", "i", "u", "s", "em", "strong", "code", "mark", "sub", "sup",
))  # fmt: skip
BLOCK_TYPES = frozenset(
    {"p", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "div", "pre", "tr", "td", "th"}
)
INLINE_PARTS = ("inline", "link")
BLOCK_PARTS = (
    "para", "head", "list", "item", "quote", "block", "section", "table", "figure", "image", "video", "embed",
)  # fmt: skip


def lines(item: Any, depth: int = 0) -> Iterator[str]:
    """Yield the lines of a node, its runs joined; of another value the longest string in it, which may be empty."""
    parts = _parts(item)
    if not parts or depth >= MAX_DEPTH:
        yield item if isinstance(item, str) else max(_strings(item, 0), key=len, default="")
        return
    listed = any(isinstance(one, dict) and parts is one.get("items") for one in (item, item.get("data")))
    found = list(_lines_of_parts(parts, depth, listed=listed))
    own = max((text for key in OWN_KEYS if isinstance(text := item.get(key), str)), key=len, default="")
    if own and listed and isinstance(item.get("content"), str) and _all_items(parts):
        yield own  # an item of a list of Editor.js, above the list in it
    elif len(own) > sum(map(len, found)):
        found = [own]
    yield from found


def _lines_of_parts(parts: list[Any], depth: int, *, listed: bool) -> Iterator[str]:
    """Yield the lines of the parts of a node; those beside each other that are runs, or in their line, are one.

    Those of a list are lines each.
    """
    among_runs = not listed and any(_run(part) is not None and _type(part) in RUN_TYPES for part in parts)
    line: list[str] = []
    for part in parts:
        if not listed and _in_line(part, among_runs=among_runs):
            line += _runs(part, depth)
        else:
            yield from _joined(line)
            line = []
            yield from lines(part, depth + 1)
    yield from _joined(line)


def _joined(line: list[str]) -> Iterator[str]:
    """Yield the line that runs are; two breaks of it begin another."""
    for text in "".join(line).split(BREAK * 2):
        if text:
            yield text.replace(BREAK, " ")


def _in_line(part: Any, *, among_runs: bool) -> bool:
    """Return whether a part of a node does not begin a line; one of unknown type does not among runs."""
    kind = _type(part)
    if not isinstance(part, dict):
        return False
    if (_run(part) is not None and kind in RUN_TYPES) or _is_inline(kind):
        return True
    return among_runs and not _is_block(kind)


@lru_cache(maxsize=1024)
def _is_inline(kind: str) -> bool:
    kind = kind.lower()
    return kind in INLINE_TYPES or kind in BREAK_TYPES or any(part in kind for part in INLINE_PARTS)


@lru_cache(maxsize=1024)
def _is_block(kind: str) -> bool:
    kind = kind.lower()
    return kind in BLOCK_TYPES or any(part in kind for part in BLOCK_PARTS)


def _type(item: Any) -> str:
    if isinstance(item, dict):
        for key in TYPE_KEYS:
            if isinstance(kind := item.get(key), str):
                return kind
    return ""


def _all_items(parts: list[Any]) -> bool:
    return all(isinstance(part, dict) and isinstance(part.get("content"), str) for part in parts)


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
    elif _type(item).lower() in BREAK_TYPES:
        yield BREAK
    elif depth < MAX_DEPTH:
        for part in _parts(item):
            yield from _runs(part, depth + 1)


def _strings(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth < MAX_STRING_DEPTH:
        named = value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ())
        for key, inner in named:
            if key not in TYPE_KEYS:
                yield from _strings(inner, depth + 1)
