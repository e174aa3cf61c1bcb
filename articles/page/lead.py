"""Find a lead that the template puts outside of the main column, between the headline and the first paragraph."""

from articles import dates
from articles.page import phrases
from articles.page.blocks import Block, Node, Page
from articles.page.column import prose
from articles.page.sizes import MATCHED_CHARS, MIN_MATCHED_CHARS
from articles.text import fold

MAX_BLOCKS_ABOVE_HEADLINE = 3  # a lead may be in one of these
MIN_LEAD_CHARS = 30
MAX_LEAD_CHARS = 700  # a longer block is part of the text
NEUTRAL_KINDS = frozenset({"", "lead", "body"})
UNNAMED_LEAD_TAGS = frozenset({"p", "div"})
CHECKED_ANCESTORS = 4  # the innermost elements around an unnamed lead, whose kind must be neutral
SENTENCE_ENDS = (".", "!", "?", "…", "»", "”", '"')
MIN_WHOLE_CHARS = 12  # folded characters of a block below the headline that counts if it is a whole description; the shortest lead read on dev2 has 19


def find(page: Page, top: Node, heading: int, descriptions: tuple[str, ...], titles: frozenset[str]) -> list[Block]:
    """Return the blocks of the lead outside of the column `top`, in page order; `titles` are folded.

    A block is the lead if it begins like one of the page's descriptions (58 of 61 such blocks outside of the body belong to the
    reference texts of those development pages that keep leads at all), if its own element is named so, or if it is the
    only sentence between the headline and the body.
    """
    if heading < 0 or heading >= top.first:
        return []
    wanted = [fold(text) for text in descriptions]
    near = [
        block
        for block in page.blocks[max(0, heading - MAX_BLOCKS_ABOVE_HEADLINE) : top.first]
        if MIN_LEAD_CHARS <= len(block.text) <= MAX_LEAD_CHARS or _is_description(block, heading, wanted)
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
        inside = inside or {
            fold(other.text) for other in body if MIN_LEAD_CHARS <= len(other.text) <= 2 * MAX_LEAD_CHARS
        }
        folded = fold(block.text)
        if folded in titles or folded in inside:
            continue
        if (
            _is_description(block, heading, wanted)
            or any(_matches(folded, text) for text in wanted)
            or (block.node.kind == "lead" and not block.linked and block.position > heading)
        ):
            found.append(block)
            inside.add(folded)
        elif block.position > heading and block.tag in UNNAMED_LEAD_TAGS and _reads_like_lead(block, top):
            unnamed.append(block)
    return found or (unnamed if len(unnamed) == 1 else [])


def _reads_like_lead(block: Block, top: Node) -> bool:
    """Return whether a block outside of named elements reads like a lead: a sentence without links, date or phrase.

    A name that says of the column too that it is no article says nothing.
    """
    outer = [node for node in block.node.chain() if not (_is_bare_aside(node))]
    named = any(node.kind not in (*NEUTRAL_KINDS, top.kind) for node in outer[:CHECKED_ANCESTORS])
    named = named or any(node.tag == "aside" for node in outer)
    plain = prose(block) and not block.links and block.text.endswith(SENTENCE_ENDS)
    return plain and not named and not dates.parse(block.text) and phrases.match(block.text) is None


def _is_bare_aside(node: Node) -> bool:
    """Return whether an element is an `aside` without a class and with one block: some templates write a lead so."""
    return node.tag == "aside" and not node.names and node.last - node.first == 1


def _is_description(block: Block, heading: int, wanted: list[str]) -> bool:
    """Return whether a block below the headline is a whole description, as short as it may be, and no rubric or name."""
    if block.position <= heading or block.linked or block.node.kind not in NEUTRAL_KINDS:
        return False
    return len(folded := fold(block.text)) >= MIN_WHOLE_CHARS and folded in wanted


def _matches(folded: str, wanted: str) -> bool:
    if not wanted:
        return False
    return folded[:MATCHED_CHARS] == wanted[:MATCHED_CHARS] or (
        len(folded) >= MIN_MATCHED_CHARS and folded == wanted[: len(folded)]
    )
