"""What an outlet's own file says of the blocks of its pages. Where it says nothing, nothing is struck."""

from articles.cleaning.decisions import ColumnDecisions
from articles.cleaning.elements import STRUCK
from articles.page import phrases
from articles.page.blocks import Block
from articles.page.outlet_selectors import metadata_role, stripped
from articles.site import folded_line


def selected(column: ColumnDecisions) -> None:
    """Strike what the outlet strips, what its body does not hold, and what it names as title, author or date."""
    here = column.facts.here
    if here is None or not here.site.selectors:
        return
    lines = {folded_line(line) for line in here.site.selectors.lines}
    for index, fate in enumerate(column.fates):
        block = fate.block
        if selector := stripped(block):
            column.strike(index, f"outlet:strip {selector}", reason_of(block))
        elif block.position in here.outside and index not in column.leads:
            column.strike(index, "outlet:body", "outside")
        elif (role := metadata_role(block)) and not column.prose[index]:
            column.strike(index, f"outlet:{role}", "metadata")
        elif lines and folded_line(block.text) in lines:
            column.strike(index, "outlet:line", reason_of(block))


def reason_of(block: Block) -> str:
    """Return what sort of thing a block is that was struck for another reason than its looks."""
    kind = next((node.kind for node in block.node.chain() if node.kind in STRUCK), "")
    hit = phrases.match(block.text)
    return STRUCK[kind] if kind else hit.reason if hit else "chrome"
