"""Lists that lead elsewhere: cards of other articles, lists of links, lines that are a link and nothing else."""

from typing import TYPE_CHECKING

from articles.fates import Column

if TYPE_CHECKING:
    from articles.blocks import Node

LINKED = 0.8  # share of a block's characters in anchors from which it is a link and not a sentence
HEADLINE = 15  # characters of a linked headline
CARD = 450  # characters outside of links that a card has at most
CARD_BLOCKS = 6
CARDS = 2  # alike, side by side
SHORTEST_LINK = 3  # characters
ITEM = 180  # characters of a list's item that announces another article
LIST_LINKED = 0.45  # share of a list's characters in anchors
TAIL_LINKED = 0.25  # the same for a list under the last paragraph
ITEMS_LINKED = 0.8  # share of a list's items that hold a link


def cards(column: Column) -> None:
    """Strike cards: elements alike in name under one parent, each with a linked headline and little text."""
    found: dict[tuple[int, str, str], list[Node]] = {}
    seen: set[int] = set()
    for fate in column.fates:
        block = fate.block
        if not (len(block.text) >= HEADLINE and block.linked >= LINKED * len(block.text)):
            continue
        for node in block.node.chain(column.top):
            if node.parent is None or id(node) in seen or node.tag == "p":
                continue
            span = column.span(node)
            if len(span) > CARD_BLOCKS or sum(column.fates[index].block.plain for index in span) > CARD:
                break
            seen.add(id(node))
            found.setdefault((id(node.parent), node.tag, node.names), []).append(node)
    for alike in found.values():
        if len(alike) >= CARDS and any(len(column.span(node)) > 1 for node in alike):
            for node in alike:
                for index in column.span(node):
                    column.strike(index, "links:cards", "related")


def link_lists(column: Column) -> None:
    """Strike lists whose items announce other articles: short, most of them links."""
    _, last = column.bounds()
    lists: dict[int, list[int]] = {}
    for index, block in column.kept():
        if block.tag == "li" and block.node.parent is not None:
            lists.setdefault(id(block.node.parent), []).append(index)
    for indices in lists.values():
        items = [column.fates[index].block for index in indices]
        if any(len(item.text) > ITEM for item in items):
            continue
        length = sum(len(item.text) for item in items)
        linked = sum(item.linked for item in items)
        holding = sum(bool(item.links) for item in items)
        least = TAIL_LINKED if indices[0] > last else LIST_LINKED
        if holding >= ITEMS_LINKED * len(items) and linked >= least * length:
            for index in indices:
                column.strike(index, "links:list", "related")


def links(column: Column) -> None:
    """Strike blocks that are links and nothing else."""
    for index, block in column.kept():
        if block.links and len(block.text) >= SHORTEST_LINK and block.linked >= LINKED * len(block.text):
            column.strike(index, "links:whole", "related")
