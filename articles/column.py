"""The main column: which element holds the article.

Every block votes with its length: prose for, links and scraps against. The column is the element whose blocks sum
highest (a maximum-sum subtree: Pasternack and Roth, "Extracting article text from the web with maximum subsequence
segmentation", WWW 2009, here over elements and not over tokens). Unlike a densest element it holds text that is split
over containers.
"""

import re

from articles.blocks import Block, Node, Page

SENTENCE = re.compile(r"[.!?…。।؟។]['\"”’»)\]]*(?:\s|$)|[,;:—–،、]\s?")
IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
PROSE = 60  # characters from which a block with a sentence in it votes for its element
DENSE = 2.5  # characters of an alphabet that say as much as one ideograph or kana
LINKED_SCRAP = -12  # what a short block of links costs, and half of its linked characters up to 100
SCRAP = -3  # what any other block costs that is no prose
CAP = 900  # one very long block must not decide alone
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
NAMED = 1.15  # an element that says that it is the body needs this much less


def weight(block: Block) -> float:
    """Return a block's plain characters, as many as they would be in an alphabet."""
    plain = block.plain
    if plain and max(block.text[:20]) > "\u3000" and IDEOGRAPHS.search(block.text):
        return plain * DENSE
    return plain


def prose(block: Block) -> bool:
    """Return whether a block reads like a paragraph."""
    return block.linked < len(block.text) / 2 and weight(block) >= PROSE and SENTENCE.search(block.text) is not None


def vote(block: Block, foreign: frozenset[int]) -> float:
    """Return what a block says for the elements around it."""
    if not prose(block):
        return LINKED_SCRAP - min(block.linked, 100) * 0.5 if block.linked else SCRAP
    worth = min(weight(block), CAP)
    if id(block.node) in foreign:
        return worth * STRAY
    return worth * 0.5 if block.tag == "li" else worth


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
    found: set[int] = set()
    for node in page.nodes:
        outside = node.kind in FOREIGN and (
            node.kind == "comments" or by_name[(node.tag, node.names)] < MOST * masses[-1]
        )
        if outside or (node.parent is not None and id(node.parent) in found):
            found.add(id(node))
    return frozenset(found)


def find(page: Page) -> Node:
    """Return the node that holds the article."""
    foreign = _foreign(page)
    sums = [0.0]
    for block in page.blocks:
        sums.append(sums[-1] + vote(block, foreign))
    best, high = page.nodes[0], float("-inf")
    for node in page.nodes:
        score = sums[node.last] - sums[node.first]
        if node.kind == "body":
            score *= NAMED
        if score >= high and score > 0:
            best, high = node, score
    return best
