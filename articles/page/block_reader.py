"""Read blocks of text from lxml's tree in one walk. Nothing is removed here but elements that never hold text."""

import re
from collections.abc import Container, Mapping
from itertools import islice
from types import MappingProxyType

from lxml.etree import _Element

from articles.page.blocks import BREAK, HEADINGS, Block, Node, Page, Time, collapse_doubled, normalise, normalise_lines
from articles.page.column import MIN_PROSE_CHARS
from articles.page.element_forms import is_card, is_record
from articles.page.element_kinds import element_kind, is_hidden
from articles.page.inline_marks import (
    is_custom_inline,
    is_footnote_number,
    is_glued,
    is_layout_row,
    quotation_marks,
    stated_property,
    wraps_paragraphs,
)
from articles.page.sizes import MAX_DATE_LINE_CHARS
from articles.page.tags import INLINE_TAGS, SKIPPED_TAGS

MAX_DEPTH = 240  # elements; libxml2 drops what is nested deeper than 256, so such a page would be incomplete
HIDEABLE_KINDS = frozenset({"", "lead"})  # elements of these kinds become "hidden" if a class hides them
PICTURE_TAGS = frozenset({"img", "picture", "video", "iframe"})
# Inline elements of these kinds become blocks of their own at the start of a line. The span of a drop cap does not.
OWN_BLOCK_KINDS = frozenset(
    {"share", "related", "comments", "caption", "meta", "byline", "tags", "ad", "promo", "hidden", "navigation"}
)
BREAKING_TAGS = frozenset({"hr", "img", "picture", "video", "audio", "iframe", "object", "embed"})  # these end a block
# The id of such an element is a slug of its text and says nothing of its kind: "how-popular-are-subscriptions".
SLUG_TAGS = frozenset({"p", *HEADINGS})
CELL_TAGS = frozenset({"td", "th"})
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
KIND_BY_ROLE = {"complementary": "aside", "navigation": "navigation", "contentinfo": "footer"}  # roles of WAI-ARIA
MAX_VERSE_LINE_CHARS = 50  # lines up to this length are collected in one block: verse, or text broken by its columns
MAX_BYLINE_CHARS = 80  # of an inline byline
MAX_LINE_ELEMENTS, MAX_LINE_CHARS = 50, 2_000  # within an inline byline or date, with the white space of its source
AUTHOR = "author"  # the relation of a link, the microdata property of an element
DATE_PROPERTIES = frozenset({"datePublished", "dateCreated", "dateModified"})
LABEL_PARTS = 3  # runs of text before a date that may hold its label ("Updated:")
NO_ROLES: Mapping[_Element, tuple[str, ...]] = MappingProxyType({})
BLOCK_STYLE = re.compile(r"display\s*:\s*(?:block|flex|grid|table|list-item)\b", re.IGNORECASE)


class TooDeepError(ValueError):
    """Raised by `read` if a tree is deeper than `MAX_DEPTH`; `articles.extract` turns it into a rejection."""


def read(body: _Element, roles: Mapping[_Element, tuple[str, ...]] = NO_ROLES) -> Page:
    """Return the blocks of a tree; `roles` are copied to the nodes of their elements. Raise `TooDeepError` if too deep."""
    return _Reader(roles).read(body)


def _line_of(element: _Element) -> str:
    """Return the text of an element that is a line, empty if it is longer: of nested ones, each would be read again."""
    if sum(1 for _ in islice(element.iter(), MAX_LINE_ELEMENTS + 1)) > MAX_LINE_ELEMENTS:
        return ""
    parts, size = [], 0
    for part in element.itertext():
        size += len(part)
        if size > MAX_LINE_CHARS:
            return ""
        parts.append(str(part))
    return normalise("".join(parts))


class _Reader:
    """State of the walk: the inline text collected for the next block, and everything found so far."""

    def __init__(self, roles: Mapping[_Element, tuple[str, ...]]) -> None:
        self.roles = roles
        self.blocks: list[Block] = []
        self.nodes: list[Node] = []
        self.times: list[Time] = []
        self.menus: list[tuple[int, int]] = []
        self.bylines: list[tuple[int, str]] = []
        self.parts: list[str] = []
        self.links: list[str] = []
        self.linked = 0
        self.around = ""  # address of the link that is open: it may hold several blocks
        self.link_at = 0  # parts of the block before its last link
        self.jumps = 0
        self.breaks = 0
        self.line_start = self.size = self.longest_line = 0  # of the block's lines so far: parts and characters
        self.preformatted = 0  # depth of <pre> elements, in which line feeds are line breaks

    def read(self, body: _Element) -> Page:
        root = Node("body", None, "", 0, roles=self.roles.get(body, ()))
        self.nodes.append(root)
        self.read_element(body, root, 0, in_link=False)
        self.flush(root)
        root.last = len(self.blocks)
        return Page(self.blocks, self.nodes, self.times, self.menus, self.bylines)

    def add(self, text: str, node: Node, *, in_link: bool) -> None:
        if self.preformatted and "\n" in text:
            first, *rest = text.split("\n")
            self.add_line(first, in_link=in_link)
            for line in rest:
                if self.breaks:
                    self.flush(node)
                elif self.parts:
                    self.breaks = 1
                self.add_line(line, in_link=in_link)
        else:
            self.add_line(text, in_link=in_link)

    def add_line(self, text: str, *, in_link: bool) -> None:
        if self.breaks:
            if not text or text.isspace():
                return
            self.parts.append(BREAK)
            self.breaks = 0
        self.parts.append(text)
        if in_link:
            self.linked += len(text.strip())

    def flush(self, node: Node, *, in_link: bool = False) -> None:
        """End the current block and add it to `node`, unless it is empty. A link that only begins is one of the next block."""
        parts = self.parts
        opened = self.links.pop() if in_link and self.links and not "".join(parts[self.link_at :]).strip() else None
        self.breaks = self.line_start = self.size = self.longest_line = 0
        if parts:
            text = "".join(parts) if len(parts) > 1 else parts[0]
            parts.clear()
            if not text.isspace():
                text = normalise_lines(text) if BREAK in text else collapse_doubled(normalise(text))
                if text:
                    block = Block(
                        text, node, len(self.blocks), min(self.linked, len(text)), tuple(self.links), self.jumps
                    )
                    self.blocks.append(block)
        self.linked = self.jumps = 0
        if self.links:
            self.links = []
        if opened or self.around:
            self.links.append(opened or self.around)
            self.link_at = 0

    def line_break(self, node: Node) -> None:
        """End the block at an empty line, or if the line before the break is long enough to be a paragraph."""
        line = "".join(self.parts[self.line_start :])
        self.size += len(line)
        self.longest_line = max(self.longest_line, *(len(normalise(part)) for part in line.split(BREAK)))
        is_verse = self.longest_line <= MAX_VERSE_LINE_CHARS
        if self.breaks or (self.size >= MIN_PROSE_CHARS and not is_verse):
            self.flush(node)
        else:
            self.breaks = 1
            self.line_start = len(self.parts)

    def add_time(self, element: _Element, value: str, prop: str) -> None:
        """Record a date in an attribute, with the text before it."""
        shown = value or _line_of(element)
        if 0 < len(shown) <= MAX_DATE_LINE_CHARS:
            before = "".join(self.parts[-LABEL_PARTS:])[-MAX_DATE_LINE_CHARS:]
            self.times.append(Time(len(self.blocks), value, prop, before))

    def add_byline(self, element: _Element) -> None:
        """Record the names in an inline element that is a byline."""
        text = _line_of(element)
        if 0 < len(text) <= MAX_BYLINE_CHARS and not (element.get("itemtype") or "").endswith("Organization"):
            self.bylines.append((len(self.blocks), text))

    def read_element(self, element: _Element, node: Node, depth: int, *, in_link: bool) -> None:
        if depth > MAX_DEPTH:
            raise TooDeepError
        text = element.text
        if text:
            if in_link or self.breaks or self.preformatted:
                self.add(text, node, in_link=in_link)
            else:
                self.parts.append(text)
        layout = element.tag == "tr" and is_layout_row(element)
        children = element if len(element) else ()  # half of the elements have none; an iterator takes long to make
        for child in children:
            tag = child.tag
            if tag in INLINE_TAGS and not (layout and tag in CELL_TAGS):
                self.read_inline(child, tag, node, depth, in_link=in_link)
            elif tag == "br":
                self.line_break(node)
            elif tag in SKIPPED_TAGS:
                if tag in PICTURE_TAGS:
                    node.pictured = True
                if tag in BREAKING_TAGS and self.parts:
                    self.flush(node)
            elif tag == "nav":
                self.flush(node)
                self.menus.append((len(self.blocks), sum(1 for _ in child.iter("a"))))
            elif is_custom_inline(child, tag):
                self.read_inline(child, tag, node, depth, in_link=in_link)
            else:
                if self.parts:
                    self.flush(node, in_link=in_link)
                self.read_block(child, tag, node, depth, in_link=in_link)
            text = child.tail
            if text:
                if in_link or self.breaks or self.preformatted:
                    self.add(text, node, in_link=in_link)
                else:
                    self.parts.append(text)

    def read_block(self, element: _Element, tag: str, node: Node, depth: int, *, in_link: bool) -> None:
        """Read an element as a node of its own."""
        inner = self.open_node(element, tag, node)
        preformatted = tag == "pre"
        self.preformatted += preformatted
        self.read_element(element, inner, depth + 1, in_link=in_link)
        if self.parts:
            self.flush(inner)
        self.preformatted -= preformatted
        inner.last = len(self.blocks)

    def open_node(self, element: _Element, tag: str, parent: Node) -> Node:
        node = Node(tag, parent, "", parent.depth + 1, "", len(self.blocks))
        named = element.keys()
        node.kind = self.kind(element, tag, node, named) if named else element_kind(tag, "")
        if not node.kind and tag == "div" and is_card(element):
            node.kind = "related"
        if self.roles:
            node.roles = self.roles.get(element, ())
        self.nodes.append(node)
        return node

    @staticmethod
    def kind(element: _Element, tag: str, node: Node, named: Container[str | bytes]) -> str:
        """Return the kind of an element by its attributes (`named` are their names); store class and id in the node."""
        get = element.get
        classes = (get("class") or "") if "class" in named else ""
        identifier = (get("id") or "") if "id" in named else ""
        names = node.names = f"{classes} {identifier}" if identifier else classes
        machines = "itemprop" in named and any(at.kind == "hidden" for at in node.chain())  # a hidden copy is for them
        if "itemprop" in named and get("itemprop") == "headline" and not machines:
            names = node.names = f"{names} headline".strip()
        kind = element_kind(tag, classes if tag in SLUG_TAGS else names)
        if not kind and "role" in named:
            kind = KIND_BY_ROLE.get(get("role") or "", "")
        style = get("style") if "style" in named else None
        unseen = "hidden" in named or ("aria-hidden" in named and get("aria-hidden") == "true")
        if unseen or (style and HIDDEN_STYLE.search(style)):
            kind = "hidden" if kind in {"", "meta"} else kind  # others may be the article behind a script
        elif names and kind in HIDEABLE_KINDS and is_hidden(names):
            kind = "hidden"
        if "itemprop" in named and get("itemprop") == "articleBody" and not machines:
            return "body"
        return "hidden" if "itemscope" in named and is_record(element) else kind

    def read_apart(self, element: _Element, tag: str, node: Node, depth: int, *, in_link: bool) -> None:
        """Read an inline element with a role as a node of its own, without splitting the line around it."""
        outer = self.parts, self.links, self.linked, self.jumps, self.breaks
        line = self.line_start, self.size, self.longest_line, self.link_at
        self.parts, self.links, self.linked, self.jumps, self.breaks = [], [], 0, 0, 0
        self.line_start = self.size = self.longest_line = 0
        inner = self.open_node(element, tag, node)
        self.read_element(element, inner, depth + 1, in_link=in_link)
        self.flush(inner)
        inner.last = len(self.blocks)
        self.parts, self.links, self.linked, self.jumps, self.breaks = outer
        self.line_start, self.size, self.longest_line, self.link_at = line

    def read_link(self, element: _Element, href: str, node: Node, depth: int) -> None:
        """Read a link, and record its address for each block in it."""
        outer, blocks = self.around, len(self.blocks)
        self.links.append(href)
        self.link_at = len(self.parts)
        self.around = href
        if AUTHOR in (element.get("rel"), element.get("itemprop")):
            self.add_byline(element)
        self.read_named(element, "a", node, depth, in_link=True)
        self.around = outer
        if len(self.blocks) > blocks and not self.parts:
            self.links = []  # they were those of the last block in the link

    def read_inline(self, element: _Element, tag: str, node: Node, depth: int, *, in_link: bool) -> None:
        if self.roles and element in self.roles:
            self.read_apart(element, tag, node, depth, in_link=in_link)
            return
        if tag in CELL_TAGS or (self.parts and is_glued(element, self.parts[-1])):
            self.add_line(" ", in_link=False)
        if tag in ("sup", "a") and is_footnote_number(element, tag):
            return
        if tag == "a" and not wraps_paragraphs(element):
            href = element.get("href")
            if href and href[0] != "#":
                self.read_link(element, href, node, depth)
                return
            if href and len(href) > 1:
                self.jumps += len(normalise("".join(str(part) for part in element.itertext())))
            if AUTHOR in (element.get("rel"), element.get("itemprop")):
                self.add_byline(element)
        elif tag == "time":
            self.add_time(element, element.get("datetime") or "", stated_property(element))
        elif tag == "q":
            opening, closing = quotation_marks(element)
            self.add_line(opening, in_link=in_link)
            self.read_element(element, node, depth + 1, in_link=in_link)
            self.add_line(closing, in_link=in_link)
            return
        elif tag == "span" and BLOCK_STYLE.search(element.get("style") or ""):
            if self.parts:
                self.flush(node)
            self.read_block(element, tag, node, depth, in_link=in_link)
            return
        elif (prop := stated_property(element)) in DATE_PROPERTIES or tag == "abbr":
            self.add_time(element, element.get("content") or element.get("title") or "", prop)
        elif prop == AUTHOR:
            self.add_byline(element)
        self.read_named(element, tag, node, depth, in_link=in_link)

    def read_named(self, element: _Element, tag: str, node: Node, depth: int, *, in_link: bool) -> None:
        """Read an inline element: as a node of its own if its class names a part that is not of the line."""
        names = element.get("class")
        if names:
            kind = element_kind(tag, names)
            if kind == "byline":
                self.add_byline(element)
            if kind in OWN_BLOCK_KINDS and not self.parts:
                self.read_block(element, tag, node, depth, in_link=in_link)
                return
        self.read_element(element, node, depth + 1, in_link=in_link)
