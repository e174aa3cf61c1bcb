"""An article that a page holds only in its scripts, as markup in a JSON string (Next.js, Nuxt, Fusion and their kin).

Asked only where the elements show no article: it is a guess, and reads whatever script holds the most prose.
"""

import json
import re
from collections.abc import Sequence

from lxml import etree
from lxml.etree import _Element

from articles.page.block_reader import TooDeepError, read
from articles.page.blocks import Block, Node, Page
from articles.page.column import prose
from articles.page.intake import excess

LITERAL = re.compile(r'(?<!\\)"((?:[^"\\]|\\.){400,}+)"', re.DOTALL)  # possessive: nothing to gain by going back
MARKUP = re.compile(r"(?:<|\\u003[cC])(?:p|br|div|h2)\b")
MOST = 2_000_000  # characters of scripts that are searched
LEAST = 300  # characters of prose that a string must hold to be an article


def page(root: _Element) -> Page | None:
    """Return the script string with the most prose, read as a page of its own; None without one."""
    best: Page | None = None
    searched = 0
    for script in root.iter("script"):
        text = script.text or ""
        searched += len(text)
        if searched > MOST:
            break
        for literal in LITERAL.finditer(text):
            if MARKUP.search(literal.group(1)):
                found = _read(_unescaped(literal.group(1)))
                if found and (best is None or _size(found) > _size(best)):
                    best = found
    return best if best and _size(best) >= LEAST else None


def plain(lines: Sequence[str]) -> Page:
    """Return lines of text as a page of paragraphs."""
    root = Node("body", None, "", 0)
    nodes = [root]
    blocks: list[Block] = []
    for line in filter(str.strip, lines):
        position = len(blocks)
        nodes.append(Node("p", root, "", 1, first=position, last=position + 1))
        blocks.append(Block(line, nodes[-1], position))
    root.last = len(blocks)
    return Page(blocks, nodes, [], [], [])


def _unescaped(literal: str) -> str:
    """Return a JSON string's value; a string in a string is undone as well."""
    try:
        value = json.loads(f'"{literal}"', strict=False)
    except json.JSONDecodeError:
        return ""
    inner = LITERAL.search(value) if not value.lstrip().startswith("<") else None
    return _unescaped(inner.group(1)) if inner and MARKUP.search(inner.group(1)) else value


def _read(markup: str) -> Page | None:
    if not markup.lstrip().startswith("<"):
        return None
    root = etree.fromstring(markup.encode("utf-8", "replace"), etree.HTMLParser(encoding="utf-8", remove_comments=True))
    body = None if root is None else root.find("body")
    if body is None:
        return None
    try:
        found = read(body)
    except TooDeepError:
        return None
    return None if excess(found) else found


def _size(found: Page) -> int:
    return sum(len(block.text) for block in found.blocks if prose(block))
