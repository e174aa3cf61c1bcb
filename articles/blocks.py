"""A page as a flat list of text blocks, each knowing the chain of elements it stands in.

One walk over the tree that lxml parsed; everything after (`articles.column`, `articles.boilerplate`) reads blocks
and never the tree. A block is a run of inline text between two block-level boundaries: a paragraph, a heading, a list
item, a table row, the text between two empty lines of a `div`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from lxml.html import HtmlElement

from articles.markup import class_kind

MAX_DEPTH = 240  # libxml2 drops what lies deeper than 256: such a page is not read whole

SKIPPED = frozenset(
    [
        "script",
        "style",
        "template",
        "svg",
        "math",
        "iframe",
        "object",
        "embed",
        "select",
        "option",
        "datalist",
        "textarea",
        "input",
        "audio",
        "video",
        "canvas",
        "map",
        "source",
        "track",
        "link",
        "meta",
        "head",
        "title",
        "noscript",
        "noframes",
        "img",
        "picture",
        "wbr",
        "hr",
        "col",
        "colgroup",
        "param",
        "progress",
        "meter",
        "rp",
        "rt",
    ]
)
BREAKS = frozenset({"hr", "img", "picture", "video", "audio", "iframe", "object", "embed"})  # they end a line of text
INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "nobr",
        "q",
        "ruby",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "amp-link",
        "rb",
        "td",
        "th",
    ]
)
CELLS = frozenset({"td", "th"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
STRONG = frozenset({"b", "strong", "h1", "h2", "h3", "h4", "h5", "h6"})
INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u2060\ufeff\u200e\u200f"))
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
EMPTY_LINE = 2  # <br>s in a row
LONG_NAMES = 300  # characters of class and id that are read
SPLIT_AT_BREAK = 60  # a single <br> parts two blocks where both sides are this long, characters


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
    strong: int = 0  # characters in bold type
    emphasised: int = 0  # characters in italics
    after_break: bool = False  # a single <br> parts it from the block before

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
    return " ".join(text.translate(INVISIBLE).split())


@dataclass(slots=True)
class _Run:
    """The inline text collected since the last boundary."""

    parts: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    linked: int = 0
    strong: int = 0
    emphasised: int = 0
    breaks: int = 0
    after_break: bool = False


class TooDeepError(ValueError):
    """Raised by `read` for a tree deeper than `MAX_DEPTH`; `articles.extract` turns it into a rejection."""


@dataclass(slots=True)
class Page:
    """The blocks of a page in order and the nodes they stand in, parents before children."""

    blocks: list[Block]
    nodes: list[Node]
    times: list[tuple[int, str, str]]  # of every <time>: the next block's position, its datetime, its itemprop


def read(body: HtmlElement) -> Page:
    """Return the blocks of a tree. Raises `TooDeepError`."""
    return _Reader().read(body)


@lru_cache(maxsize=4096)
def _kind(tag: str, names: str) -> str:
    return class_kind(tag, names)


class _Reader:
    """The walk: holds the run that is being collected and what was found so far."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.nodes: list[Node] = []
        self.times: list[tuple[int, str, str]] = []
        self.run = _Run()

    def read(self, body: HtmlElement) -> Page:
        root = Node("body", None, "", 0)
        self.nodes.append(root)
        self.element(body, root, 0, in_link=False, strong=False, emphasised=False)
        self.flush(root)
        root.last = len(self.blocks)
        return Page(self.blocks, self.nodes, self.times)

    def add(self, text: str, *, in_link: bool, strong: bool, emphasised: bool) -> None:
        run = self.run
        if run.breaks:
            if not text.strip():
                return
            run.parts.append("\n" * min(run.breaks, 2))
            run.breaks = 0
        run.parts.append(text)
        if in_link or strong or emphasised:
            length = len(text.strip())
            run.linked += length if in_link else 0
            run.strong += length if strong else 0
            run.emphasised += length if emphasised else 0

    def flush(self, node: Node, *, after_break: bool = False) -> None:
        run = self.run
        if not run.parts:
            run.breaks = 0
            run.linked = 0
            return
        self.run = _Run(after_break=after_break)
        text = normalise("".join(run.parts))
        if text:
            size = len(text)
            block = Block(text, node, len(self.blocks), min(run.linked, size), tuple(run.links))
            block.strong, block.emphasised, block.after_break = run.strong, run.emphasised, run.after_break
            self.blocks.append(block)

    def line_break(self, node: Node) -> None:
        run = self.run
        run.breaks += 1
        if run.breaks >= EMPTY_LINE or sum(map(len, run.parts)) >= SPLIT_AT_BREAK:
            self.flush(node, after_break=True)

    def element(
        self, element: HtmlElement, node: Node, depth: int, *, in_link: bool, strong: bool, emphasised: bool
    ) -> None:
        if depth > MAX_DEPTH:
            raise TooDeepError
        text = element.text
        if text:
            self.add(text, in_link=in_link, strong=strong, emphasised=emphasised)
        for child in element:
            tag = child.tag
            if tag.__class__ is not str:
                pass  # a comment or a processing instruction
            elif tag == "br":
                self.line_break(node)
            elif tag in SKIPPED:
                if tag in BREAKS and self.run.parts and tag != "img":
                    self.flush(node)
            elif tag in INLINE:
                self.inline(child, tag, node, depth, in_link=in_link, strong=strong, emphasised=emphasised)
            else:
                self.flush(node)
                inner = self.open(child, tag, node)
                bold = strong or tag in HEADINGS
                self.element(child, inner, depth + 1, in_link=in_link, strong=bold, emphasised=emphasised)
                self.flush(inner)
                inner.last = len(self.blocks)
            text = child.tail
            if text:
                self.add(text, in_link=in_link, strong=strong, emphasised=emphasised)

    def open(self, element: HtmlElement, tag: str, parent: Node) -> Node:
        get = element.get
        names = f"{get('class') or ''} {get('id') or ''}"
        kind = _kind(tag, names[:LONG_NAMES])
        style = get("style")
        if get("hidden") is not None or get("aria-hidden") == "true" or (style and HIDDEN_STYLE.search(style)):
            kind = kind or "hidden"
        prop = get("itemprop")
        if prop == "articleBody":
            kind = "body"
        node = Node(tag, parent, kind, parent.depth + 1, names, len(self.blocks))
        self.nodes.append(node)
        return node

    def inline(
        self, element: HtmlElement, tag: str, node: Node, depth: int, *, in_link: bool, strong: bool, emphasised: bool
    ) -> None:
        if tag in CELLS:
            self.add(" ", in_link=False, strong=False, emphasised=False)
        elif tag == "a":
            href = element.get("href")
            if href and not href.startswith("#"):
                self.run.links.append(href)
                in_link = True
        elif tag in ("b", "strong"):
            strong = True
        elif tag in ("i", "em"):
            emphasised = True
        elif tag == "time":
            self.times.append((len(self.blocks), element.get("datetime") or "", element.get("itemprop") or ""))
        names = element.get("class")
        if names and not self.run.parts and _kind(tag, names):
            inner = self.open(element, tag, node)
            self.element(element, inner, depth + 1, in_link=in_link, strong=strong, emphasised=emphasised)
            self.flush(inner)
            inner.last = len(self.blocks)
            return
        self.element(element, node, depth + 1, in_link=in_link, strong=strong, emphasised=emphasised)
