"""The lead that a template puts outside of the body: the standfirst between the headline and the first paragraph."""

from itertools import islice

from articles import dates
from articles.page import phrases
from articles.page.blocks import Block, Node, Page
from articles.page.column import prose
from articles.text import fold

ABOVE = 3  # blocks before the headline in which a lead may stand
SHORTEST = 30  # characters
LONGEST = 700  # characters; what is longer is text
SAME = 60  # folded characters in which a lead and the page's description must agree
NEUTRAL = frozenset({"", "lead", "body"})
UNNAMED = frozenset({"p", "div"})
NEAR = 4  # elements around a lead without a name of its own that must say nothing else
SENTENCE_END = (".", "!", "?", "…", "»", "”", '"')
DESCRIPTION_CUT = 20  # folded characters from which a shorter agreement counts, if all of the block is in it


def find(page: Page, top: Node, heading: int, description: str, titles: frozenset[str]) -> list[Block]:
    """Return the blocks of the lead outside of the column `top`, in order; `titles` are folded.

    A block is the lead if it says what the page's description says (58 of 61 such blocks outside of the body belong to
    the reference texts of the development pages that keep leads at all), if its own element is called so, or if it is
    the only sentence that stands between the headline and the body.
    """
    if heading < 0 or heading >= top.first:
        return []
    wanted = fold(description)
    near = [
        block for block in page.blocks[max(0, heading - ABOVE) : top.first] if SHORTEST <= len(block.text) <= LONGEST
    ]
    if not near:
        return []
    body = page.blocks[top.first : top.last]
    inside: set[str] = set()
    found: list[Block] = []
    unnamed: list[Block] = []
    for block in near:
        if block.position == heading or block.tag == "h1":
            continue
        inside = inside or {fold(other.text) for other in body if SHORTEST <= len(other.text) <= 2 * LONGEST}
        folded = fold(block.text)
        if folded in titles or folded in inside:
            continue
        if _says(folded, wanted) or (block.node.kind == "lead" and not block.linked and block.position > heading):
            found.append(block)
            inside.add(folded)
        elif block.position > heading and block.tag in UNNAMED and _could_be(block):
            unnamed.append(block)
    return found or (unnamed if len(unnamed) == 1 else [])


def _could_be(block: Block) -> bool:
    """Return whether a block reads like a lead though nothing says so: a sentence without links, in no named element."""
    named = any(node.kind not in NEUTRAL for node in islice(block.node.chain(), NEAR)) or any(
        node.tag == "aside" for node in block.node.chain()
    )
    plain = prose(block) and not block.links and block.text.endswith(SENTENCE_END)
    return plain and not named and not dates.parse(block.text) and phrases.match(block.text) is None


def _says(folded: str, wanted: str) -> bool:
    if not wanted:
        return False
    return folded[:SAME] == wanted[:SAME] or (len(folded) >= DESCRIPTION_CUT and folded == wanted[: len(folded)])
