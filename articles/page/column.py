"""The main column: which element holds the article.

Every block votes with its length: prose for, links and scraps against. The column is the element whose blocks sum
highest (a maximum-sum subtree: Pasternack and Roth, "Extracting article text from the web with maximum subsequence
segmentation", WWW 2009, here over elements and not over tokens). Unlike a densest element it holds text that is split
over containers.
"""

import re

from articles.page.blocks import Block, Node, Page

SENTENCE = re.compile(r"[.!?…。।؟។]['\"”’»)\]]*(?:\s|$)|[,;:—–،、]\s?")
IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
PROSE = 60  # characters from which a block with a sentence in it votes for its element
DENSE = 2.5  # characters of an alphabet that say as much as one ideograph or kana
LINKED_SCRAP = -12  # what a short block of links costs, and half of its linked characters up to 100
SCRAP = -3  # what any other block costs that is no prose
CAP = 900  # one very long block must not decide alone
ITEM = 0.5  # prose in an item of a list counts this much
FRAME = frozenset({"comments", "navigation", "footer", "hidden"})
NEARLY_ALL = 0.8  # the same share for these
STRAY = 0.25  # prose in an element that is no article by its name counts this much
FOREIGN = frozenset(
    {
        "comments",
        "related",
        "navigation",
        "footer",
        "promo",
        "ad",
        "share",
        "form",
        "aside",
        "hidden",
        "byline",
        "caption",
    }
)
MOST = 0.4  # an element with this share of the page's prose is no aside, whatever it is called
FORGIVEN = 0.7  # of the votes against an element that says that it is the body
MENU_LINK = -15.0  # what a link in a menu that is not read costs
SURE = 0.15  # of the page's prose: a column with less is no finding
FULL = 0.6  # of the page's prose, for the element that is taken then
CARDS = 4  # elements alike, with a linked headline each, are a list of other articles
CARD_BLOCKS = 8
HEADLINE = 15  # characters
LINKED = 0.8  # of a block that is a link
GOES_ON = 100  # characters of prose in an element that goes on with the column's text
LINKS_ON = 0.3  # share of its characters in anchors
APART = 3  # elements between a part of the column and the element that holds all parts
BETWEEN = 30  # blocks between two parts
NAMED = 1.15  # an element that says that it is the body needs this much less


def weight(block: Block) -> float:
    """Return a block's plain characters, as many as they would be in an alphabet."""
    plain = block.plain
    if plain and not block.text.isascii() and max(block.text[:20]) > "\u3000" and IDEOGRAPHS.search(block.text):
        return plain * DENSE
    return plain


def prose(block: Block) -> bool:
    """Return whether a block reads like a paragraph."""
    if block.reads_as_prose is None:
        long = block.linked < len(block.text) / 2 and weight(block) >= PROSE
        block.reads_as_prose = long and SENTENCE.search(block.text) is not None
    return block.reads_as_prose


def vote(block: Block, foreign: frozenset[int]) -> float:
    """Return what a block says for the elements around it."""
    if not prose(block):
        return LINKED_SCRAP - min(block.linked, 100) * 0.5 if block.linked else SCRAP
    worth = min(weight(block), CAP)
    if id(block.node) in foreign:
        return worth * STRAY
    if block.tag == "li":
        return worth * ITEM if block.linked < HEADLINE else 0.0
    if any(node.tag == "li" for node in block.node.chain()):
        return worth * STRAY if block.tag == "p" else SCRAP  # a card in a list of cards
    return worth


def _foreign(page: Page) -> frozenset[int]:
    """Return the nodes in elements that say they are something else and don't hold most of the prose, as ids."""
    masses = [0.0]
    for block in page.blocks:
        masses.append(masses[-1] + (weight(block) if prose(block) else 0.0))
    by_name: dict[tuple[str, str], float] = {}
    for node in page.nodes:
        if node.kind in FOREIGN:
            key = (node.tag, node.names)
            by_name[key] = by_name.get(key, 0.0) + masses[node.last] - masses[node.first]
    found = _cards(page, masses)
    for node in page.nodes:
        kind = node.kind
        if kind != "body" and node.parent is not None and id(node.parent) in found:
            found.add(id(node))
        elif kind in FOREIGN:
            share = NEARLY_ALL if kind in FRAME else MOST
            if by_name[(node.tag, node.names)] < share * masses[-1]:
                found.add(id(node))
    return frozenset(found)


def _cards(page: Page, masses: list[float]) -> set[int]:
    """Return the nodes that are cards of other articles, as ids: alike, side by side, each with a linked headline."""
    alike: dict[tuple[int, str, str], list[Node]] = {}
    for node in page.nodes:
        if node.names and 1 < node.last - node.first <= CARD_BLOCKS and masses[node.last] > masses[node.first]:
            alike.setdefault((id(node.parent), node.tag, node.names), []).append(node)
    return {
        id(node)
        for nodes in alike.values()
        if len(nodes) >= CARDS and all(_headed(page, node) for node in nodes)
        for node in nodes
    }


def _headed(page: Page, node: Node) -> bool:
    """Return whether a node holds a block that is a link and long enough to be a headline."""
    blocks = page.blocks[node.first : node.last]
    return any(block.linked >= HEADLINE and block.linked >= LINKED * len(block.text) for block in blocks)


def find(page: Page) -> Node:
    """Return the node that holds the article."""
    foreign = _foreign(page)
    menus: dict[int, float] = {}
    for position, links in page.menus:
        menus[position] = menus.get(position, 0.0) + MENU_LINK * links
    sums, losses = [0.0], [0.0]
    for block in page.blocks:
        worth = vote(block, foreign) + menus.get(block.position, 0.0)
        sums.append(sums[-1] + worth)
        losses.append(losses[-1] + min(worth, 0.0))
    best, high = page.nodes[0], float("-inf")
    for node in page.nodes:
        score = sums[node.last] - sums[node.first]
        if node.kind == "body":
            score = score * NAMED - FORGIVEN * (losses[node.last] - losses[node.first])
        if score >= high and score > 0:
            best, high = node, score
    gains = [gain - loss for gain, loss in zip(sums, losses, strict=True)]
    return best if high >= SURE * gains[-1] else _fullest(page, gains)


def parts(page: Page, top: Node) -> list[Node]:
    """Return the column and the elements under it that go on with its text: alike in name and place, with prose in them.

    Templates cut a body where an advertisement or a list of links comes in. An element that goes on has the tag and the
    names of the column and stands as deep in the element that holds both, and either says that it is a body or is the
    column's next sibling. Nothing goes on under an h1: that opens another article.
    """
    found = [top]
    if not top.names:
        return found
    for node in page.nodes:
        last = found[-1]
        if node.first < last.last or (node.tag, node.names) != (top.tag, top.names) or not _goes_on(page, node):
            continue
        depth = _depth_under_common(top, node)
        between = page.blocks[last.last : node.first]
        beside = node.parent is last.parent and not between
        if 0 < depth <= APART and (node.kind == "body" or beside) and len(between) <= BETWEEN:
            if any(block.tag == "h1" for block in between):
                break
            found.append(node)
    return found


def _goes_on(page: Page, node: Node) -> bool:
    blocks = page.blocks[node.first : node.last]
    length = sum(len(block.text) for block in blocks)
    linked = sum(block.linked for block in blocks)
    return sum(weight(block) for block in blocks if prose(block)) >= GOES_ON and linked < LINKS_ON * length


def _depth_under_common(node: Node, other: Node) -> int:
    """Return how deep both nodes stand in the innermost element that holds both; 0 where they are not equally deep."""
    for depth, (above, beyond) in enumerate(zip(node.chain(), other.chain(), strict=False)):
        if above is beyond:
            return depth
    return 0


def common(nodes: list[Node]) -> Node:
    """Return the innermost element that holds all of these."""
    holder = nodes[0]
    while not all(node.within(holder) for node in nodes) and holder.parent is not None:
        holder = holder.parent
    return holder


def _fullest(page: Page, gains: list[float]) -> Node:
    """Return the innermost element with most of the page's prose, where links outweigh prose everywhere."""
    best = page.nodes[0]
    for node in page.nodes:
        if gains[node.last] - gains[node.first] >= FULL * gains[-1]:
            best = node
    return best
