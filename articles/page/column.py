"""Find the main column: the element that holds the article.

Every block votes with its length: prose votes for its element, links and short lines vote against it. The column is the
element with the highest sum of votes (a maximum-sum subtree, after Pasternack and Roth, "Extracting article text from the
web with maximum subsequence segmentation", WWW 2009; they sum over tokens, we sum over elements). Unlike the element with
the densest text, it also includes text that is split over several containers.
"""

import re

from articles.page import consent
from articles.page.blocks import HEADINGS, Block, Node, Page
from articles.page.sizes import MIN_PARAGRAPHS

# The end of a sentence, or a comma, colon or dash.
SENTENCE_PUNCTUATION = re.compile(r"[.!?…。।؟។]['\"”’»)\]]*(?:\s|$)|[,;:—–،、]\s?")
SENTENCE_END = re.compile(r"[.!?…。।»”\"]\W*$")
IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
MIN_PROSE_CHARS = 60  # a shorter block does not count as a paragraph
CHARS_PER_IDEOGRAPH = 2.5  # letters of an alphabet that carry as much text as one ideograph or kana
# Votes of blocks, in characters of prose.
LINK_LINE_VOTE = -12  # a block of links; in addition, half of its linked characters, of which at most 100 count
SHORT_LINE_VOTE = -3  # any other block that is not prose
MENU_LINK_VOTE = -15.0  # each link of a menu, whose text is not read
MAX_VOTE = 900  # a single very long block must not decide
LIST_ITEM_FACTOR = 0.5  # applied to prose in a list item
FOREIGN_FACTOR = 0.25  # applied to prose in an element that is not the article by its name
NAMED_BODY_FACTOR = 1.15  # applied to the sum of an element whose name says that it is the body
FORGIVEN_LOSS_SHARE = 0.7  # share of the negative votes that such an element is spared
FOREIGN_KINDS = frozenset(
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
MIN_ARTICLE_SHARE = 0.4  # an element with this share of the page's prose may be the article, whatever its name
FRAME_KINDS = frozenset({"comments", "navigation", "footer", "hidden"})
MIN_FRAME_ARTICLE_SHARE = 0.8  # the same for elements of these kinds
MIN_COLUMN_SHARE = 0.15  # of the page's prose; if the best element has less, the fallback is used
FALLBACK_COLUMN_SHARE = 0.6  # of the page's prose, for the element that the fallback returns
MIN_CARDS = 4  # at least so many similar elements with a linked headline each are a list of other articles
MAX_CARD_BLOCKS = 8
MIN_HEADLINE_CHARS = 15  # of a link that may be another article's headline
MIN_LINKED_SHARE = 0.8  # of a block's characters: the block is a link and not a sentence
MIN_CONTINUATION_CHARS = 100  # of prose, in an element that continues the column
MAX_CONTINUATION_LINKED_SHARE = 0.3  # of the characters of such an element
MAX_PART_DEPTH = 3  # levels from a part of the column up to the element that contains all parts
BESIDE_TAGS = frozenset({"p", *HEADINGS})  # what a short report is made of


def weight(block: Block) -> float:
    """Return the number of a block's characters outside of links; an ideograph counts as 2.5."""
    if block.weight is None:
        plain = block.plain
        wide = plain and not block.text.isascii() and max(block.text[:20]) > "\u3000" and IDEOGRAPHS.search(block.text)
        block.weight = plain * CHARS_PER_IDEOGRAPH if wide else plain
    return block.weight


def prose(block: Block) -> bool:
    """Return whether a block reads like a paragraph: long enough, punctuated, and less than half of it in links."""
    if block.reads_as_prose is None:
        long = block.linked < len(block.text) / 2 and weight(block) >= MIN_PROSE_CHARS
        block.reads_as_prose = long and SENTENCE_PUNCTUATION.search(block.text) is not None
    return block.reads_as_prose


def vote(block: Block, foreign: frozenset[int]) -> float:
    """Return a block's vote for the elements that contain it; `foreign` are the ids of nodes that are not the article."""
    if not prose(block):
        return LINK_LINE_VOTE - min(block.linked, 100) * 0.5 if block.linked else SHORT_LINE_VOTE
    worth = min(weight(block), MAX_VOTE)
    if id(block.node) in foreign:
        return worth * FOREIGN_FACTOR
    if block.tag == "li":
        return worth * LIST_ITEM_FACTOR if block.linked < MIN_HEADLINE_CHARS else 0.0
    if any(node.tag == "li" for node in block.node.chain()):
        return worth * FOREIGN_FACTOR if block.tag == "p" else SHORT_LINE_VOTE  # it is in a card of a list of cards
    return worth


def _foreign(page: Page) -> frozenset[int]:
    """Return the ids of nodes that are not the article by their name, unless they hold most of the page's prose."""
    masses = [0.0]
    for block in page.blocks:
        masses.append(masses[-1] + (weight(block) if prose(block) else 0.0))
    by_name: dict[tuple[str, str], float] = {}
    for node in page.nodes:
        if node.kind in FOREIGN_KINDS:
            key = (node.tag, node.names)
            by_name[key] = by_name.get(key, 0.0) + masses[node.last] - masses[node.first]
    found = _cards(page, masses)
    for node in page.nodes:
        kind = node.kind
        if kind != "body" and node.parent is not None and id(node.parent) in found:
            found.add(id(node))
        elif kind in FOREIGN_KINDS:
            share = MIN_FRAME_ARTICLE_SHARE if kind in FRAME_KINDS else MIN_ARTICLE_SHARE
            if by_name[(node.tag, node.names)] < share * masses[-1]:
                found.add(id(node))
    return frozenset(found)


def _cards(page: Page, masses: list[float]) -> set[int]:
    """Return the ids of nodes that are cards of other articles: similar siblings, each with a linked headline."""
    siblings: dict[tuple[int, str, str], list[Node]] = {}
    for node in page.nodes:
        if node.names and 1 < node.last - node.first <= MAX_CARD_BLOCKS and masses[node.last] > masses[node.first]:
            siblings.setdefault((id(node.parent), node.tag, node.names), []).append(node)
    return {
        id(node)
        for nodes in siblings.values()
        if len(nodes) >= MIN_CARDS and all(_has_linked_headline(page, node) for node in nodes)
        for node in nodes
    }


def _has_linked_headline(page: Page, node: Node) -> bool:
    """Return whether a node contains a block that is a link and long enough to be a headline."""
    blocks = page.blocks[node.first : node.last]
    return any(
        block.linked >= MIN_HEADLINE_CHARS and block.linked >= MIN_LINKED_SHARE * len(block.text) for block in blocks
    )


def find(page: Page, aside: frozenset[int] = frozenset()) -> Node:
    """Return the node that holds the article: the one with the highest sum of votes, or the last of several such nodes.

    The blocks at the positions `aside` do not vote.
    """
    foreign = _foreign(page)
    dialogs = consent.dialogs(page, [block for block in page.blocks if prose(block)]) | aside
    menus: dict[int, float] = {}
    for position, links in page.menus:
        menus[position] = menus.get(position, 0.0) + MENU_LINK_VOTE * links
    sums, losses = [0.0], [0.0]
    for block in page.blocks:
        worth = 0.0 if block.position in dialogs else vote(block, foreign)
        worth += menus.get(block.position, 0.0)
        sums.append(sums[-1] + worth)
        losses.append(losses[-1] + min(worth, 0.0))
    best, high = page.nodes[0], float("-inf")
    for node in page.nodes:
        score = sums[node.last] - sums[node.first]
        if node.kind == "body":
            score = score * NAMED_BODY_FACTOR - FORGIVEN_LOSS_SHARE * (losses[node.last] - losses[node.first])
        if score >= high and score > 0:
            best, high = node, score
    gains = [gain - loss for gain, loss in zip(sums, losses, strict=True)]
    return _climb(page, best if high >= MIN_COLUMN_SHARE * gains[-1] else _fallback_column(page, gains))


def _climb(page: Page, node: Node) -> Node:
    """Return a node, or its first ancestor with more paragraphs if the node has hardly any.

    If none has, and the node is a paragraph, the report is short: its parent, if only paragraphs, headings and items
    without links are in it.
    """
    held = _count_prose(page, node)
    if held >= MIN_PARAGRAPHS:
        return node
    further = next((outer for outer in node.chain() if _count_prose(page, outer) > held), None)
    if further is None and held and node.tag == "p" and node.parent is not None:
        beside = page.blocks[node.parent.first : node.parent.last]
        if all(
            block.linked < len(block.text) if block.tag in BESIDE_TAGS else block.tag == "li" and not block.links
            for block in beside
        ):
            return node.parent
    return further or node


def _count_prose(page: Page, node: Node) -> int:
    return sum(prose(block) for block in page.blocks[node.first : node.last])


def parts(page: Page, top: Node) -> list[Node]:
    """Return the column and the later elements that continue its text.

    Templates split a body where they insert an advertisement or a list of links. A continuation contains prose, has the
    tag, class and id of the column, and is as deep as the column in the element that contains both. Also, either its name
    says that it is a body, or it directly follows as a sibling. The search ends at an h1, which starts another article.
    """
    found = [top]
    if not top.names:
        return found
    for node in page.nodes:
        last = found[-1]
        if (
            node.first < last.last
            or (node.tag, node.names) != (top.tag, top.names)
            or not _continues_column(page, node)
        ):
            continue
        depth = _depth_under_common(top, node)
        between = page.blocks[last.last : node.first]
        is_next_sibling = node.parent is last.parent and not between
        if 0 < depth <= MAX_PART_DEPTH and (node.kind == "body" or is_next_sibling):
            if any(block.tag == "h1" for block in between):
                break
            found.append(node)
    return found


def _continues_column(page: Page, node: Node) -> bool:
    blocks = page.blocks[node.first : node.last]
    length = sum(len(block.text) for block in blocks)
    linked = sum(block.linked for block in blocks)
    return (
        sum(weight(block) for block in blocks if prose(block)) >= MIN_CONTINUATION_CHARS
        and linked < MAX_CONTINUATION_LINKED_SHARE * length
    )


def _depth_under_common(node: Node, other: Node) -> int:
    """Return the depth of both nodes below their innermost common ancestor; 0 if their depths differ."""
    for depth, (above, beyond) in enumerate(zip(node.chain(), other.chain(), strict=False)):
        if above is beyond:
            return depth
    return 0


def common(nodes: list[Node]) -> Node:
    """Return the innermost node that contains all of these nodes."""
    holder = nodes[0]
    while not all(node.within(holder) for node in nodes) and holder.parent is not None:
        holder = holder.parent
    return holder


def _fallback_column(page: Page, gains: list[float]) -> Node:
    """Return the innermost node with most of the page's prose; used if links outweigh prose in every element."""
    best = page.nodes[0]
    for node in page.nodes:
        if gains[node.last] - gains[node.first] >= FALLBACK_COLUMN_SHARE * gains[-1]:
            best = node
    return best
