"""What of a page is not its article: every block of the main column is kept, or struck by a rule that has a name."""

from articles.cleaning.decisions import BlockDecision, ColumnDecisions, PageFacts
from articles.cleaning.elements import STRUCK
from articles.cleaning.rules import RULES
from articles.page import phrases
from articles.page.blocks import Block, Node, Page
from articles.text import fold

WEAK_REASONS = frozenset({"outside", "metadata", "tags", "caption", "chrome"})  # a list's heading says more
HEADING_LINE = 60  # characters of a line that opens a section; what stands in a named element is told by the name
FRAME = frozenset({"navigation", "nav", "footer", "aside"})  # the site's frame: no part of any main column


def judge(page: Page, blocks: list[Block], top: Node, facts: PageFacts) -> list[BlockDecision]:
    """Return the fate of every block of the column `top`, in order."""
    column = ColumnDecisions(top, [BlockDecision(block) for block in blocks], facts, pictured=_pictured(page))
    for rule in RULES:
        rule(column)
    return column.fates


def _pictured(page: Page) -> frozenset[int]:
    """Return the ids of the nodes that hold a picture, at any depth."""
    found: set[int] = set()
    for node in page.nodes:
        if node.pictured:
            for outer in node.chain():
                if id(outer) in found:
                    break
                found.add(id(outer))
    return frozenset(found)


def surroundings(page: Page, body: list[Block], start: int, facts: PageFacts) -> list[BlockDecision]:
    """Return what stands around the column `body` from block `start` on and is no part of the site's frame, struck.

    These blocks never were candidates; the ledger names them so that comments and lists of links can be counted.
    """
    fates: list[BlockDecision] = []
    titles = facts.folded_titles()
    longest = 2 * max(map(len, facts.titles), default=0)  # characters, with marks that are folded away
    inside = {block.position for block in body}
    named: dict[int, str | None] = {}  # of a node, by id: what it or an element around it says it is; None in the frame
    open_section = ""
    for block in page.blocks[max(0, start) :]:
        if block.position in inside:
            open_section = ""
            continue
        if block.position in facts.headers or (len(block.text) <= longest and fold(block.text) in titles):
            rule = facts.headers.get(block.position, "title:headline")
            fates.append(BlockDecision(block, rule, "metadata"))
            continue
        if id(block.node) not in named:
            kinds = [node.kind or node.tag for node in block.node.chain()]
            outermost = next((kind for kind in reversed(kinds) if kind in STRUCK), "")
            named[id(block.node)] = None if not FRAME.isdisjoint(kinds) else outermost
        kind = named[id(block.node)]
        if kind is None:
            continue
        hit = phrases.match(block.text) if not kind or len(block.text) <= HEADING_LINE else None
        if hit and hit.how == "section":
            open_section = hit.reason
        reason = STRUCK.get(kind) or (hit.reason if hit else "") or "outside"
        if open_section and reason in WEAK_REASONS:
            reason = open_section
        fates.append(BlockDecision(block, f"outside:{reason}", reason))
    return fates
