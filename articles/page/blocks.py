"""A page as a flat list of text blocks, each knowing the chain of elements it stands in.

One walk over the tree that lxml parsed; everything after (`articles.page.column`, `articles.cleaning.clean`) reads blocks
and never the tree. A block is a run of inline text between two block-level boundaries: a paragraph, a heading, a list
item, a table row, the text between two empty lines of a `div`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
INVISIBLE = re.compile("[\u00ad\u200b\u200c\u2060\ufeff\u200e\u200f]+")
TWICE = 15  # characters of a line that stands twice in one block


@dataclass(slots=True, eq=False)
class Node:
    """An element that holds blocks. `kind` is what its tag or its class says it is, empty for nothing special."""

    tag: str
    parent: "Node | None"
    kind: str
    depth: int
    names: str = ""  # its class and id, as written
    first: int = 0  # index of the first block in it
    last: int = 0  # one past the last
    pictured: bool = False  # an image, a video or a frame stands in it, outside of elements of its own
    roles: tuple[str, ...] = ()  # what the outlet's selectors say it is, see `articles.page.outlet_selectors`

    def chain(self, top: "Node | None" = None) -> Iterator["Node"]:
        """Yield this node and its ancestors, innermost first, up to but without `top`."""
        node: Node | None = self
        while node is not None and node is not top:
            yield node
            node = node.parent

    def within(self, other: "Node") -> bool:
        """Return whether this node is `other` or lies in it."""
        return any(node is other for node in self.chain())


@dataclass(slots=True, eq=False)
class Block:
    """A run of text. Lengths are in characters of the normalised text."""

    text: str
    node: Node
    position: int
    linked: int = 0  # characters that stand in anchors
    links: tuple[str, ...] = ()
    jumps: int = 0  # characters in anchors that lead to a place on the page; not among `linked`
    reads_as_prose: bool | None = None  # what `articles.page.column.prose` found, asked once

    @property
    def plain(self) -> int:
        """Characters outside of anchors."""
        return max(0, len(self.text) - self.linked)

    @property
    def tag(self) -> str:
        """Return the tag of the element it stands in."""
        return self.node.tag


def normalise(text: str) -> str:
    """Collapse white space, drop what cannot be seen."""
    collapsed = " ".join(text.split())
    if collapsed.isascii() or collapsed.isprintable():  # nothing invisible is printable
        return collapsed
    return " ".join(INVISIBLE.sub("", text).split())


def once(text: str) -> str:
    """Return a headline once that a link holds twice, for eyes and for screen readers."""
    half = len(text) // 2
    return text[:half] if half >= TWICE and text[half] == " " and text[:half] == text[half + 1 :] else text


@dataclass(slots=True)
class Page:
    """The blocks of a page in order and the nodes they stand in, parents before children."""

    blocks: list[Block]
    nodes: list[Node]
    times: list[tuple[int, str, str]]  # of every <time>: the next block's position, its datetime, its itemprop
    menus: list[tuple[int, int]]  # of every <nav>: the next block's position and how many links it holds; not read
    bylines: list[tuple[int, str]]  # of inline elements that are bylines: the block's position and the names
