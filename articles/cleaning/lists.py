"""Remove lists that lead to other pages: cards of other articles, lists of links, lines that are only a link."""

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from articles.cleaning.decisions import ColumnDecisions
from articles.cleaning.tail_features import stems
from articles.errors import InputError
from articles.page.blocks import HEADINGS, Block
from articles.page.column import MIN_HEADLINE_CHARS, MIN_LINKED_SHARE
from articles.page.sizes import MAX_ITEM_CHARS, MIN_ALIKE
from articles.url import absolute, registrable_domain

if TYPE_CHECKING:
    from articles.page.blocks import Node

MAX_CARD_PLAIN_CHARS = 450  # of a card's text outside of links
MAX_CARD_BLOCKS = 6  # with the 8 of `articles.page.column`, score2 loses more paragraphs
MIN_LIST_LINKED_SHARE = 0.45  # of a list's characters inside links
MIN_TAIL_LIST_LINKED_SHARE = 0.25  # the same for a list below the last paragraph
MIN_LINKING_ITEM_SHARE = 0.8  # of a list's items that contain a link
MAX_ITEM_DEPTH = 4  # levels from a block up to the list item that contains it
MIN_CITING_SHARE = 0.5  # of a list's linking items that link to other sites; such a list belongs to the text
MIN_INNER_LINK_CHARS = 25  # of a headline inside the text; shorter links name goods, places or sources …
MAX_NAME_WORDS = 3  # … if they have no more words
MIN_LINKED_SENTENCE_CHARS = 80  # of a paragraph of the text that is one link
MIN_SHORT_SENTENCE_CHARS = 40  # … or fewer, if it ends with a full stop and has no clause
# Chosen by reading dev2; score2 lost fewer paragraphs with them (docs/measurements.md §11).
MIN_TAKEN_UP_WORDS = 2  # long words of a linked line, …
MIN_TAKEN_UP_SHARE = 0.5  # … of which this share is in the paragraph that it heads
SENTENCE_ENDS = (".", "!", "?", "…")
FULL_STOP = (".",)  # headlines have none
CLAUSE_MARKS = ",;:—–"


def cards(column: ColumnDecisions) -> None:
    """Remove cards: sibling elements of one tag and name, each with a linked headline and little text."""
    found: dict[tuple[int, str, str], list[Node]] = {}
    seen: set[int] = set()
    for decision in column.decisions:
        block = decision.block
        if not (len(block.text) >= MIN_HEADLINE_CHARS and block.linked >= MIN_LINKED_SHARE * len(block.text)):
            continue
        for node in block.node.chain(column.top):
            if node.parent is None or id(node) in seen or node.tag == "p":
                continue
            span = column.span(node)
            if (
                len(span) > MAX_CARD_BLOCKS
                or sum(column.decisions[index].block.plain for index in span) > MAX_CARD_PLAIN_CHARS
            ):
                break
            seen.add(id(node))
            found.setdefault((id(node.parent), node.tag, node.names), []).append(node)
    for siblings in found.values():
        if len(siblings) >= MIN_ALIKE and any(len(column.span(node)) > 1 for node in siblings):
            for node in siblings:
                for index in column.span(node):
                    column.remove(index, "links:cards", "related")


def link_lists(column: ColumnDecisions) -> None:
    """Remove lists whose items announce other articles: short items, most of them with links.

    A list inside the text that a line with a colon announces is kept, unless its items are links as a whole. So is a list
    that links to other sites: sources, or the goods that an article is about; all 204 items of lists of this second
    kind on the development pages belong to the reference texts. Of the items of lists that link within the site, 2
    belong to them and 24 do not.
    """
    _, last = column.bounds()
    lists: dict[int, list[int]] = {}
    for index, block in column.kept():
        item = next((node for node in islice(block.node.chain(column.top), MAX_ITEM_DEPTH) if node.tag == "li"), None)
        if item is not None and item.parent is not None:
            lists.setdefault(id(item.parent), []).append(index)
    for indices in lists.values():
        items = [column.decisions[index].block for index in indices]
        if any(len(item.text) > MAX_ITEM_CHARS for item in items):
            continue
        length = sum(len(item.text) for item in items)
        linked = sum(item.linked for item in items)
        linking = [item for item in items if item.links]
        min_linked_share = MIN_TAIL_LIST_LINKED_SHARE if indices[0] > last else MIN_LIST_LINKED_SHARE
        if len(linking) < MIN_LINKING_ITEM_SHARE * len(items) or linked < min_linked_share * length:
            continue
        citing = sum(cites(column, item) for item in linking) >= MIN_CITING_SHARE * len(linking)
        whole = linked >= MIN_LINKED_SHARE * length  # as the items of a list of related articles are
        if indices[0] < last and (citing or (not whole and _is_announced(column, indices[0]))):
            column.cited.update(indices)
            continue
        for index in indices:
            column.remove(index, "links:list", "related")


def _is_announced(column: ColumnDecisions, first: int) -> bool:
    """Return whether a paragraph that ends with a colon stands directly above a list, and no phrase begins it."""
    before = first - 1
    return (
        before >= 0
        and column.prose[before]
        and not column.decisions[before].rule
        and column.decisions[before].block.text.endswith(":")
        and column.hit(before) is None
    )


def cites(column: ColumnDecisions, block: Block) -> bool:
    """Return whether all links of a block lead to other sites."""
    page_site = column.facts.page_site
    if page_site is None or not block.links:
        return False
    try:
        home = registrable_domain(page_site.url)
        return all(registrable_domain(absolute(page_site.url, link)) != home for link in block.links)
    except InputError:
        return False  # a link that is not a valid URL


def contents(column: ColumnDecisions) -> None:
    """Remove tables of contents: lines that consist of a link to a place on the same page. A heading links to itself."""
    for index, block in column.kept():
        if (
            block.tag not in HEADINGS
            and len(block.text) <= MAX_ITEM_CHARS
            and block.jumps >= MIN_LINKED_SHARE * len(block.text)
        ):
            column.remove(index, "links:contents", "navigation")


def links(column: ColumnDecisions) -> None:
    """Remove blocks that are only links, except short ones and links to other sites inside the text."""
    _, last = column.bounds()
    forms = Counter(
        (block.tag, block.node.names) for _, block in column.kept() if block.tag in HEADINGS and not block.links
    )
    for index, block in column.kept():
        if block.links and block.linked >= MIN_LINKED_SHARE * len(block.text):
            inside = index < last and (
                _is_name(block)
                or cites(column, block)
                or _is_taken_up(column, index)
                or (block.node.names and forms[(block.tag, block.node.names)] >= MIN_ALIKE)
            )
            if not inside and index not in column.cited and not _is_sentence_of_text(column, index):
                column.remove(index, "links:whole", "related")


def _is_name(block: Block) -> bool:
    """Return whether a linked block is so short that it names something, and is no headline."""
    return len(block.text) < MIN_INNER_LINK_CHARS and len(block.text.split()) <= MAX_NAME_WORDS


def _is_taken_up(column: ColumnDecisions, index: int) -> bool:
    """Return whether the paragraph below a linked line has half of its words, and that above has not: it heads the one.

    A link to a related article shares its words with the whole text.
    """
    if index + 1 >= len(column.decisions) or not column.prose[index + 1] or column.hit(index) is not None:
        return False
    own, below = stems(column.decisions[index].block.text), stems(column.decisions[index + 1].block.text)
    above = stems(column.decisions[index - 1].block.text) if index else frozenset()
    enough = MIN_TAKEN_UP_SHARE * len(own)
    return len(own) >= MIN_TAKEN_UP_WORDS and len(own & below) >= enough > len(own & above)


def _is_sentence_of_text(column: ColumnDecisions, index: int) -> bool:
    """Return whether a linked block is a paragraph: it ends like one, and leads to another site or is beside a paragraph."""
    block = column.decisions[index].block
    if block.tag != "p" or column.hit(index) is not None:
        return False
    text = block.text.rstrip('"”»)')
    long = len(block.text) >= MIN_LINKED_SENTENCE_CHARS and any(mark in block.text for mark in CLAUSE_MARKS)
    if not text.endswith(SENTENCE_ENDS if long else FULL_STOP) or text.endswith("..."):
        return False
    beside = [
        0 <= other < len(column.decisions)
        and column.prose[other]
        and not column.decisions[other].rule
        and column.decisions[other].block.node.parent is block.node.parent
        for other in (index - 1, index + 1)
    ]
    return (any(beside) and (long or len(block.text) >= MIN_SHORT_SENTENCE_CHARS)) or cites(column, block)
