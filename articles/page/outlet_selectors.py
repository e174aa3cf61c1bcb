"""Apply an outlet's selectors to a page: assign roles to elements, and read the texts of title, authors and date."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from lxml.etree import _Element

from articles.page.blocks import Block, Node, Page, normalise
from articles.page.css import compile_selector, index
from articles.page.sizes import MIN_TEXT_CHARS
from articles.site import SELECTOR_FIELDS, Selectors

STRIP_PREFIX = "strip "
# attribute of an outlet's selectors -> field of an article
FIELD_BY_ATTRIBUTE = {"title": "title", "author": "authors", "date": "published"}
# Genuine paragraphs have at least 118 characters (docs/measurements.md §4), news flashes have two lines.
MAX_MATCHES = 2_000  # per selector; the largest of 412 pages has 722 blocks of text
CACHED_OUTLETS = 256  # outlets whose names of classes and ids are cached
DATE_ATTRIBUTES = ("datetime", "content")  # attributes that hold a full date


@dataclass(slots=True)
class SelectorMatches:
    """What the selectors found. `articles.page.block_reader` copies the roles to its nodes.

    Roles are "body 0" for a match of the first body selector ("lead 0" for leads), "strip .form" with the selector itself,
    "title", "author" and "date".
    """

    roles: dict[_Element, tuple[str, ...]] = field(default_factory=dict)
    texts: dict[str, tuple[str, ...]] = field(default_factory=dict)  # title, author, date -> texts
    missed: list[str] = field(default_factory=list)  # attributes whose selectors all found nothing, or too little text


@dataclass(frozen=True, slots=True)
class SelectedBody:
    """The main column, as an outlet's selector finds it."""

    top: Node
    positions: frozenset[int]  # positions of its blocks
    named: frozenset[int] = frozenset()  # of those that a selector matches one by one, without links: surely text


def select(root: _Element, selectors: Selectors, source: bytes) -> SelectorMatches:
    """Apply all selectors to a page's tree; `source` is the page in UTF-8, as it was parsed."""
    found = SelectorMatches()
    if not selectors:
        return found
    names = index(root, _names(selectors))
    for attribute in SELECTOR_FIELDS:
        wanted = getattr(selectors, attribute)
        matches_by_selector = [
            (selector, compile_selector(selector).find(root, names, source)[:MAX_MATCHES]) for selector in wanted
        ]
        if attribute in FIELD_BY_ATTRIBUTE:
            matches = next((matches for _, matches in matches_by_selector if any(_texts(attribute, matches))), [])
            found.texts[attribute] = tuple(dict.fromkeys(_texts(attribute, matches)))
            _add_role(found, matches, attribute)
        else:
            for number, (selector, matches) in enumerate(matches_by_selector):
                _add_role(found, matches, f"{attribute} {selector if attribute == 'strip' else number}")
        if wanted and attribute != "strip" and not any(matches for _, matches in matches_by_selector):
            found.missed.append(attribute)
    return found


@lru_cache(maxsize=CACHED_OUTLETS)
def _names(selectors: Selectors) -> frozenset[str]:
    """Return all classes and ids by which an outlet's selectors are looked up."""
    wanted = [selector for attribute in SELECTOR_FIELDS for selector in getattr(selectors, attribute)]
    return frozenset(name for selector in wanted for name in compile_selector(selector).names)


def _add_role(found: SelectorMatches, matches: Iterable[object], role: str) -> None:
    for match in matches:
        if isinstance(match, _Element):
            found.roles[match] = (*found.roles.get(match, ()), role)


def _texts(attribute: str, matches: Iterable[object]) -> Iterator[str]:
    for match in matches:
        text = str(match)
        if isinstance(match, _Element):
            stated = [value for name in DATE_ATTRIBUTES if (value := match.get(name))] if attribute == "date" else []
            text = stated[0] if stated else "".join(map(str, match.itertext()))
        if text := normalise(text):
            yield text


def body(page: Page, found: SelectorMatches, selectors: Selectors, article: Node | None = None) -> SelectedBody | None:
    """Return the column found by the first body selector that finds enough text, or None.

    `article` is the element of the page's own article, if the page holds several articles.
    """
    for number in range(len(selectors.body)):
        nodes = _with_role(page, f"body {number}")
        nodes = [node for node in nodes if article and node.within(article)] or nodes
        positions = frozenset(position for node in nodes for position in range(node.first, node.last))
        blocks = [page.blocks[position] for position in positions]
        if sum(len(block.text) for block in blocks if not strip_selector(block)) >= MIN_TEXT_CHARS:
            return SelectedBody(_common_node(nodes), positions, _named(page, nodes))
    if selectors.body and "body" not in found.missed:
        found.missed.append("body")
    return None


def _named(page: Page, nodes: Sequence[Node]) -> frozenset[int]:
    singles = (page.blocks[node.first] for node in nodes if node.last - node.first == 1)
    return frozenset(block.position for block in singles if not block.linked and len(nodes) > 1)


def heading(page: Page) -> int:
    """Return the index of the first block of the title, or -1 if no selector found it."""
    return next((node.first for node in _with_role(page, "title") if node.first < node.last), -1)


def leads(page: Page, selectors: Selectors) -> list[Block]:
    """Return the blocks of the lead, found by the first lead selector that finds any."""
    for number in range(len(selectors.lead)):
        nodes = _with_role(page, f"lead {number}")
        positions = {position for node in nodes for position in range(node.first, node.last)}
        if positions:
            return [page.blocks[position] for position in sorted(positions)]
    return []


def strip_selector(block: Block) -> str:
    """Return the selector that strips a block from the article, or an empty string."""
    roles = (role for node in block.node.chain() for role in node.roles if role.startswith(STRIP_PREFIX))
    return next(roles, "").removeprefix(STRIP_PREFIX)


def metadata_role(block: Block) -> str:
    """Return "title", "author" or "date" if a selector found the block as such, or an empty string."""
    return next((role for node in block.node.chain() for role in node.roles if role in FIELD_BY_ATTRIBUTE), "")


def _with_role(page: Page, role: str) -> list[Node]:
    return [node for node in page.nodes if role in node.roles]


def _common_node(nodes: Sequence[Node]) -> Node:
    """Return the innermost node that contains all of these nodes."""
    chain = list(nodes[0].chain())
    for node in nodes[1:]:
        others = {id(outer) for outer in node.chain()}
        chain = [outer for outer in chain if id(outer) in others]
    return chain[0]


def outside(blocks: Iterable[Block], found: SelectedBody | None) -> frozenset[int]:
    """Return the positions of those blocks of a column that are outside of the outlet's body selector."""
    return frozenset(block.position for block in blocks if found and block.position not in found.positions)
