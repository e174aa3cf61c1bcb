"""Lists that lead elsewhere: cards of other articles, lists of links, lines that are a link and nothing else."""

from itertools import islice
from typing import TYPE_CHECKING

from articles.cleaning.decisions import ColumnDecisions
from articles.errors import InputError
from articles.page.blocks import HEADINGS, Block
from articles.url import absolute, registrable_domain

if TYPE_CHECKING:
    from articles.page.blocks import Node

LINKED = 0.8  # share of a block's characters in anchors from which it is a link and not a sentence
HEADLINE = 15  # characters of a linked headline
CARD = 450  # characters outside of links that a card has at most
CARD_BLOCKS = 6
CARDS = 2  # alike, side by side
ROWS = 3  # of a table of figures
ROW = 80  # characters of its longest
HALF = 0.5  # of a table's blocks, and of the column's prose, that a table of figures holds as paragraphs at most
SHORTEST_LINK = 3  # characters
ITEM = 180  # characters of a list's item that announces another article
LIST_LINKED = 0.45  # share of a list's characters in anchors
TAIL_LINKED = 0.25  # the same for a list under the last paragraph
ITEMS_LINKED = 0.8  # share of a list's items that hold a link
ITEM_DEPTH = 4  # elements from a block to the list item that it is the text of
CITING = 0.5  # share of the linking items of a list that lead to other sites: what it lists is what the text is about


def cards(column: ColumnDecisions) -> None:
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


def link_lists(column: ColumnDecisions) -> None:
    """Strike lists whose items announce other articles: short, most of them links.

    A list inside the text that leads to other sites stays: sources, or the goods that an article is about. (On the
    development pages 204 items of such lists belong to the references, none does not; of lists within the site 2 and
    24.)
    """
    _, last = column.bounds()
    lists: dict[int, list[int]] = {}
    for index, block in column.kept():
        item = next((node for node in islice(block.node.chain(column.top), ITEM_DEPTH) if node.tag == "li"), None)
        if item is not None and item.parent is not None:
            lists.setdefault(id(item.parent), []).append(index)
    for indices in lists.values():
        items = [column.fates[index].block for index in indices]
        if any(len(item.text) > ITEM for item in items):
            continue
        length = sum(len(item.text) for item in items)
        linked = sum(item.linked for item in items)
        linking = [item for item in items if item.links]
        least = TAIL_LINKED if indices[0] > last else LIST_LINKED
        if len(linking) < ITEMS_LINKED * len(items) or linked < least * length:
            continue
        if indices[0] < last and sum(cites(column, item) for item in linking) >= CITING * len(linking):
            column.cited.update(indices)
            continue
        for index in indices:
            column.strike(index, "links:list", "related")


def cites(column: ColumnDecisions, block: Block) -> bool:
    """Return whether all links of a block lead to other sites."""
    here = column.facts.here
    if here is None or not block.links:
        return False
    try:
        home = registrable_domain(here.url)
        return all(registrable_domain(absolute(here.url, link)) != home for link in block.links)
    except InputError:
        return False  # a link that is no address


def tables(column: ColumnDecisions) -> None:
    """Strike the rows of tables of figures; a table that holds sentences or long cells is a layout or a text.

    The references of the development pages have no such rows but one table of share prices.
    """
    found: dict[int, list[int]] = {}
    for index, block in column.kept():
        table = next((node for node in block.node.chain(column.top) if node.tag == "table"), None)
        if table is not None:
            found.setdefault(id(table), []).append(index)
    for indices in found.values():
        read = [index for index in indices if column.prose[index]]
        rest = [index for index in indices if not column.prose[index]]
        told = sum(len(column.fates[index].block.text) for index in read)
        short = all(len(column.fates[index].block.text) <= ROW for index in rest)
        if len(rest) >= ROWS and len(read) < HALF * len(indices) and told < HALF * column.size and short:
            for index in rest:
                column.strike(index, "table:figures", "info")


def contents(column: ColumnDecisions) -> None:
    """Strike tables of contents: lines that lead to places on the page and say nothing else."""
    for index, block in column.kept():
        if SHORTEST_LINK < len(block.text) <= ITEM and block.jumps >= LINKED * len(block.text):
            column.strike(index, "links:contents", "navigation")


def links(column: ColumnDecisions) -> None:
    """Strike blocks that are links and nothing else, but for headings and lists in the text that lead to other sites."""
    _, last = column.bounds()
    for index, block in column.kept():
        if block.links and len(block.text) >= SHORTEST_LINK and block.linked >= LINKED * len(block.text):
            heads = block.tag in HEADINGS and index < last and cites(column, block)
            if not heads and index not in column.cited:
                column.strike(index, "links:whole", "related")
