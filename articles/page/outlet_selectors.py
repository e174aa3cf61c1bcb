"""What an outlet's selectors find on a page: the elements with a role, and what they say of title, authors and date."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from lxml.etree import _Element

from articles.page.blocks import Block, Node, Page, normalise
from articles.page.css import index, plan
from articles.site import SELECTING, Selectors

STRIP = "strip "
FIELDS = {"title": "title", "author": "authors", "date": "published"}  # attribute of an outlet -> field of an article
SHORTEST_BODY = 140  # characters: `articles.extract.LEAST_TEXT`, below which there is no article either
MOST_FOUND = 2_000  # that one selector may find; the fullest of 412 pages has 722 blocks of text
OUTLETS = 256  # whose selectors are kept ready
MACHINE_READABLE = ("datetime", "content")  # attributes in which a date stands in full


@dataclass(slots=True)
class SelectorMatches:
    """What was found. `articles.page.blocks` hands the roles on to its nodes.

    A role is "body 0" for what the first of the body's selectors finds (and so for leads), "strip .form" with the selector,
    "title", "author" or "date".
    """

    roles: dict[_Element, tuple[str, ...]] = field(default_factory=dict)
    said: dict[str, tuple[str, ...]] = field(default_factory=dict)  # title, author, date -> texts
    missed: list[str] = field(default_factory=list)  # attributes none of whose selectors found what it should


@dataclass(frozen=True, slots=True)
class SelectedBody:
    """The main column as an outlet's selector finds it."""

    top: Node
    positions: frozenset[int]  # of the blocks in it


def select(root: _Element, selectors: Selectors, source: bytes) -> SelectorMatches:
    """Ask all selectors of a page's tree; `source` is the page as it was parsed."""
    found = SelectorMatches()
    if not selectors:
        return found
    names = index(root, _names(selectors))
    for attribute in SELECTING:
        asked = getattr(selectors, attribute)
        hits = [(selector, plan(selector).find(root, names, source)[:MOST_FOUND]) for selector in asked]
        if attribute in FIELDS:
            things = next((things for _, things in hits if any(_texts(attribute, things))), [])
            found.said[attribute] = tuple(dict.fromkeys(_texts(attribute, things)))
            _give(found, things, attribute)
        else:
            for number, (selector, things) in enumerate(hits):
                _give(found, things, f"{attribute} {selector if attribute == 'strip' else number}")
        if asked and attribute != "strip" and not any(things for _, things in hits):
            found.missed.append(attribute)
    return found


@lru_cache(maxsize=OUTLETS)
def _names(selectors: Selectors) -> frozenset[str]:
    """Return the classes and ids by which an outlet's selectors are looked up."""
    asked = [selector for attribute in SELECTING for selector in getattr(selectors, attribute)]
    return frozenset(name for selector in asked for name in plan(selector).names)


def _give(found: SelectorMatches, things: Iterable[object], role: str) -> None:
    for thing in things:
        if isinstance(thing, _Element):
            found.roles[thing] = (*found.roles.get(thing, ()), role)


def _texts(attribute: str, things: Iterable[object]) -> Iterator[str]:
    for thing in things:
        text = str(thing)
        if isinstance(thing, _Element):
            stated = [value for name in MACHINE_READABLE if (value := thing.get(name))] if attribute == "date" else []
            text = stated[0] if stated else "".join(map(str, thing.itertext()))
        if text := normalise(text):
            yield text


def body(page: Page, found: SelectorMatches, selectors: Selectors) -> SelectedBody | None:
    """Return the column that the first of the body's selectors finds which finds enough text; None if none does."""
    for number in range(len(selectors.body)):
        nodes = _with_role(page, f"body {number}")
        positions = frozenset(position for node in nodes for position in range(node.first, node.last))
        blocks = [page.blocks[position] for position in positions]
        if sum(len(block.text) for block in blocks if not stripped(block)) >= SHORTEST_BODY:
            return SelectedBody(_around(nodes), positions)
    if selectors.body and "body" not in found.missed:
        found.missed.append("body")
    return None


def heading(page: Page) -> int:
    """Return the index of the title's first block, -1 without one."""
    return next((node.first for node in _with_role(page, "title") if node.first < node.last), -1)


def leads(page: Page, selectors: Selectors) -> list[Block]:
    """Return the blocks of the lead, as the first of its selectors finds them that finds any."""
    for number in range(len(selectors.lead)):
        nodes = _with_role(page, f"lead {number}")
        positions = {position for node in nodes for position in range(node.first, node.last)}
        if positions:
            return [page.blocks[position] for position in sorted(positions)]
    return []


def stripped(block: Block) -> str:
    """Return the selector by which a block is no part of the article, empty if none says so."""
    roles = (role for node in block.node.chain() for role in node.roles if role.startswith(STRIP))
    return next(roles, "").removeprefix(STRIP)


def metadata_role(block: Block) -> str:
    """Return title, author or date for a block that is nothing else, empty if it is none of them."""
    return next((role for node in block.node.chain() for role in node.roles if role in FIELDS), "")


def _with_role(page: Page, role: str) -> list[Node]:
    return [node for node in page.nodes if role in node.roles]


def _around(nodes: Sequence[Node]) -> Node:
    """Return the innermost node that all nodes lie in."""
    chain = list(nodes[0].chain())
    for node in nodes[1:]:
        others = {id(outer) for outer in node.chain()}
        chain = [outer for outer in chain if id(outer) in others]
    return chain[0]


def outside(blocks: Iterable[Block], found: SelectedBody | None) -> frozenset[int]:
    """Return the positions of the blocks of a column that the outlet's body does not hold."""
    return frozenset(block.position for block in blocks if found and block.position not in found.positions)
