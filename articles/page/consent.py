"""Find consent dialogs: their paragraphs read like prose and may be longer than the article.

A dialog is found by the names of its element or by its words, because names may be hashed. An article about cookies or
personal data is none: a dialog leaves most of the page's prose, or the headline, outside of it.
"""

import re
from functools import cache

from articles.data import load
from articles.page.blocks import Block, Node, Page

NAME_WORD = re.compile(r"[a-z]+(?:_message)?")
MIN_NAMED_BLOCKS = 2  # of prose with a dialog's words, in an element with a dialog's name
MIN_UNNAMED_BLOCKS = 4  # the same in any other element
MIN_WORDED_SHARE = 0.5  # of the characters of prose in an element that are in blocks with a dialog's words


@cache
def _words() -> tuple[str, ...]:
    return tuple(load("consent")["words"])


@cache
def _names() -> frozenset[str]:
    return frozenset(load("consent")["names"])


MIN_OUTSIDE_CHARS = 200  # of prose outside of the dialogs; a page with less may be about consent itself


def dialogs(page: Page, prose: list[Block]) -> frozenset[int]:
    """Return the positions of all blocks in consent dialogs; `prose` are the page's paragraphs, in page order."""
    whole = "\n".join(block.text for block in prose).casefold()
    words = [word for word in _words() if word in whole]
    if not words:
        return frozenset()
    worded = [block for block in prose if any(word in block.text.casefold() for word in words)]
    if len(worded) < MIN_NAMED_BLOCKS:
        return frozenset()
    positions: set[int] = set()
    for node in page.nodes:
        if node.first in positions or node.last <= node.first:
            continue
        inside = [block for block in worded if node.first <= block.position < node.last]
        if len(inside) < MIN_NAMED_BLOCKS or _holds_headline(page, node):
            continue
        needed = MIN_NAMED_BLOCKS if _is_named(node) else MIN_UNNAMED_BLOCKS
        size = sum(len(block.text) for block in prose if node.first <= block.position < node.last)
        if len(inside) >= needed and sum(len(block.text) for block in inside) >= MIN_WORDED_SHARE * size:
            positions.update(range(node.first, node.last))
    outside = sum(len(block.text) for block in prose if block.position not in positions)
    return frozenset(positions) if outside >= MIN_OUTSIDE_CHARS else frozenset()


def _is_named(node: Node) -> bool:
    return any(not _names().isdisjoint(NAME_WORD.findall(outer.names.casefold())) for outer in node.chain())


def _holds_headline(page: Page, node: Node) -> bool:
    """Return whether an element holds an h1 or is named as the article's body."""
    return node.kind == "body" or any(
        outer.tag in ("h1", "article")
        for block in page.blocks[node.first : node.last]
        for outer in block.node.chain(node)
    )
