"""A page as a flat list of text blocks; each block knows the elements that contain it.

`articles.page.block_reader` makes the blocks in one walk over lxml's tree. All later steps (`articles.page.column`,
`articles.cleaning.clean`) read blocks and never the tree. A block is a run of inline text between two block-level
boundaries: a paragraph, a heading, a list item, a table row, the text between two empty lines of a `div`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from html.entities import html5
from typing import NamedTuple

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# Letters of scripts that join (Arabic, Syriac, Indic, Burmese, Khmer, Mongolian): only between them ZWNJ means something.
JOINING = "\u0600-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc"
INVISIBLE = re.compile(f"[\u00ad\u200b\u2060\ufeff\u200e\u200f]+|(?<![{JOINING}])\u200c|\u200c(?![{JOINING}])")
ENTITY = re.compile(
    r"&(?:#\d{2,6}|#[xX][0-9a-fA-F]{2,5}|[A-Za-z]{2,8}\d{0,2});"
)  # left over where text was escaped twice
ESCAPED_PAIR = re.compile(
    r"<(b|i|u|em|strong|span|font)(?:\s[^<>]{0,200})?>([^<>]{0,1000})</\1>", re.IGNORECASE
)  # likewise
BREAK = "\x1e"  # marks a line break inside of a block while it is read
MAX_KEPT_LINE_CHARS = 60  # lines of verse are shorter; longer ones are broken where their column ends
MIN_KEPT_LINES = 3  # a block of fewer lines is one line: a name and a function, a heading and its date
MIN_DOUBLED_CHARS = 15  # of each half of a doubled text; shorter repetitions may be meant


@dataclass(slots=True, eq=False)
class Node:
    """An element that contains blocks. `kind` is what its tag or class says it is ("related"); empty if neither does."""

    tag: str
    parent: "Node | None"
    kind: str
    depth: int
    names: str = ""  # its class and id, as written
    first: int = 0  # index of its first block
    last: int = 0  # index after its last block
    pictured: bool = False  # it contains an image, video or frame that is in no inner node
    roles: tuple[str, ...] = ()  # given by the outlet's selectors, see `articles.page.outlet_selectors`

    def chain(self, top: "Node | None" = None) -> Iterator["Node"]:
        """Yield this node and its ancestors, innermost first, up to `top`, which is excluded."""
        node: Node | None = self
        while node is not None and node is not top:
            yield node
            node = node.parent

    def within(self, other: "Node") -> bool:
        """Return whether this node is `other` or one of its descendants."""
        return any(node is other for node in self.chain())


@dataclass(slots=True, eq=False)
class Block:
    """A run of text. Lengths are in characters of the normalised text."""

    text: str
    node: Node
    position: int
    linked: int = 0  # characters inside links to other pages
    links: tuple[str, ...] = ()  # their targets, as written
    jumps: int = 0  # characters inside links to a place on the same page; not counted in `linked`
    weight: float | None = None  # result of `articles.page.column.weight`, cached
    reads_as_prose: bool | None = None  # result of `articles.page.column.prose`, cached

    @property
    def plain(self) -> int:
        """Number of characters outside of links."""
        return max(0, len(self.text) - self.linked)

    @property
    def tag(self) -> str:
        """Return the tag of the element that contains the block."""
        return self.node.tag


def normalise(text: str) -> str:
    """Collapse white space and remove invisible characters."""
    collapsed = " ".join(text.split())
    if "&" in collapsed and ENTITY.search(collapsed):
        collapsed = " ".join(ENTITY.sub(_character, collapsed).split())
    if "</" in collapsed:
        collapsed = ESCAPED_PAIR.sub(r"\2", collapsed)
    if collapsed.isascii() or collapsed.isprintable():  # invisible characters are not printable
        return collapsed
    return " ".join(INVISIBLE.sub("", text).split())


def _character(entity: re.Match[str]) -> str:
    """Return the character that an entity stands for; an unknown name stays as it is."""
    text = entity.group()
    return unescape(text) if text[1] == "#" else html5.get(text[1:], text)


def normalise_lines(text: str, *, always: bool = False) -> str:
    """Return the lines of a text between breaks: apart if they are several short lines, otherwise joined."""
    lines = [line for part in text.split(BREAK) if (line := normalise(part))]
    apart = len(lines) >= MIN_KEPT_LINES and max(map(len, lines)) <= MAX_KEPT_LINE_CHARS
    return ("\n" if apart or always else " ").join(lines)


def collapse_doubled(text: str) -> str:
    """Return the text without its exact repetition: some links hold a headline twice, once for screen readers."""
    half = len(text) // 2
    return text[:half] if half >= MIN_DOUBLED_CHARS and text[half] == " " and text[:half] == text[half + 1 :] else text


class Time(NamedTuple):
    """A date or time in an attribute of an element."""

    position: int  # of the next block
    value: str  # as written
    prop: str  # its itemprop: "datePublished"
    before: str  # the text before it in the same line


@dataclass(slots=True)
class Page:
    """The blocks of a page in page order, and the nodes that contain them, parents before children."""

    blocks: list[Block]
    nodes: list[Node]
    times: list[Time]  # of every <time>, and of other elements that are marked as a date
    menus: list[tuple[int, int]]  # for every <nav>: position of the next block, number of links; its text is not read
    bylines: list[tuple[int, str]]  # for every inline byline: position of its block, the names
    characters: int = field(init=False)  # of all blocks
    notices: frozenset[int] | None = None  # result of `articles.page.site_notices.positions`, cached

    def __post_init__(self) -> None:
        self.characters = sum(len(block.text) for block in self.blocks)
