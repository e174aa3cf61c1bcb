"""Decide for every block of the main column whether it is kept or removed, and by which rule."""

from articles.cleaning.decisions import BlockDecision, ColumnDecisions, PageFacts
from articles.cleaning.elements import REASON_BY_KIND
from articles.cleaning.rules import RULES
from articles.page import phrases
from articles.page.blocks import Block, Node, Page
from articles.page.column import MIN_PROSE_CHARS
from articles.text import MAX_FOLDED_CHARS, fold

# Reasons that the heading of an open section overrides.
WEAK_REASONS = frozenset({"outside", "metadata", "tags", "caption", "chrome"})
FRAME_KINDS = frozenset({"navigation", "nav", "footer", "aside"})  # the site's frame, not part of any main column


def decide(page: Page, blocks: list[Block], top: Node, facts: PageFacts) -> list[BlockDecision]:
    """Return the decision on every block of the column `top`, in order."""
    column = ColumnDecisions(top, [BlockDecision(block) for block in blocks], facts, pictured=_pictured(page))
    for rule in RULES:
        rule(column)
    return column.decisions


def _pictured(page: Page) -> frozenset[int]:
    """Return the ids of the nodes that contain a picture, at any depth."""
    found: set[int] = set()
    for node in page.nodes:
        if node.pictured:
            for outer in node.chain():
                if id(outer) in found:
                    break
                found.add(id(outer))
    return frozenset(found)


def surroundings(page: Page, body: list[Block], start: int, facts: PageFacts) -> list[BlockDecision]:
    """Return the blocks outside of the column `body`, from block `start` on, as removed; without the site's frame.

    These blocks were never candidates for the text. They are recorded so that comments and link lists can be counted.
    """
    decisions: list[BlockDecision] = []
    titles = facts.folded_titles()
    shortest = min(map(len, titles), default=0) / MAX_FOLDED_CHARS
    longest = 2 * max(map(len, facts.titles), default=0)  # characters, with marks that `fold` removes
    inside = {block.position for block in body}
    named: dict[int, str | None] = {}  # results of `_outermost_kind`
    open_section = ""
    for block in page.blocks[max(0, start) :]:
        if block.position in inside:
            open_section = ""
            continue
        if block.position in facts.headers or (shortest <= len(block.text) <= longest and fold(block.text) in titles):
            rule = facts.headers.get(block.position, "title:headline")
            decisions.append(BlockDecision(block, rule, "metadata"))
            continue
        kind = _outermost_kind(block.node, named)
        if kind is None:
            continue
        # In a named element, only a short line may open a section; otherwise the element's name decides.
        hit = phrases.match(block.text) if not kind or len(block.text) < MIN_PROSE_CHARS else None
        if hit and hit.how == "section":
            open_section = hit.reason
        reason = REASON_BY_KIND.get(kind) or (hit.reason if hit else "") or "outside"
        if open_section and reason in WEAK_REASONS:
            reason = open_section
        decisions.append(BlockDecision(block, f"outside:{reason}", reason))
    return decisions


def _outermost_kind(node: Node, known: dict[int, str | None]) -> str | None:
    """Return the kind of the outermost named element around a node, empty if none is named, None in the site's frame.

    `known` are the results by the id of the node; elements side by side share those around them.
    """
    if id(node) not in known:
        outer = _outermost_kind(node.parent, known) if node.parent else ""
        own = node.kind or node.tag
        inner = None if own in FRAME_KINDS else own if own in REASON_BY_KIND else ""
        known[id(node)] = None if outer is None or inner is None else outer or inner
    return known[id(node)]
