"""Read an article that is only in a page's scripts, as markup in a JSON string (Next.js, Nuxt, Fusion and similar).

Used only if the page's elements show no article: it is a guess that takes the string with the most prose.
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

# A JSON string of at least 400 characters. The possessive quantifier avoids useless backtracking.
STRING_LITERAL = re.compile(r'(?<!\\)"((?:[^"\\]|\\.){400,}+)"', re.DOTALL)
BLOCK_MARKUP = re.compile(r"(?:<|\\u003[cC])(?:p|br|div|h2)\b")
MAX_SCRIPT_CHARS = 2_000_000  # searched per page
MIN_ARTICLE_CHARS = 300  # of prose, for a string to be an article


def page_from_scripts(root: _Element) -> Page | None:
    """Return the blocks of the script string with the most prose, or None if no string has enough of it."""
    best: Page | None = None
    searched = 0
    for script in root.iter("script"):
        text = script.text or ""
        searched += len(text)
        if searched > MAX_SCRIPT_CHARS:
            break
        for literal in STRING_LITERAL.finditer(text):
            if BLOCK_MARKUP.search(literal.group(1)):
                found = _read(_unescaped(literal.group(1)))
                if found and (best is None or _size(found) > _size(best)):
                    best = found
    return best if best and _size(best) >= MIN_ARTICLE_CHARS else None


def page_from_lines(lines: Sequence[str]) -> Page:
    """Return a page whose paragraphs are these lines of text."""
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
    """Return the value of a JSON string, or of a JSON string inside it; empty if it is invalid."""
    try:
        value = json.loads(f'"{literal}"', strict=False)
    except json.JSONDecodeError:
        return ""
    inner = STRING_LITERAL.search(value) if not value.lstrip().startswith("<") else None
    return _unescaped(inner.group(1)) if inner and BLOCK_MARKUP.search(inner.group(1)) else value


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
