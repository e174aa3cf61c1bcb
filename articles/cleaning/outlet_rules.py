"""Remove blocks by the selectors and lines in the outlet's file. Without these, nothing is removed here."""

from articles.cleaning.decisions import ColumnDecisions
from articles.cleaning.elements import REASON_BY_KIND
from articles.page import phrases
from articles.page.blocks import Block
from articles.page.outlet_selectors import metadata_role, strip_selector
from articles.site import folded_line


def selected(column: ColumnDecisions) -> None:
    """Remove what the outlet strips, what is outside of its body, its template's lines, and title, author and date."""
    page_site = column.facts.page_site
    if page_site is None or not page_site.site.selectors:
        return
    lines = {folded_line(line) for line in page_site.site.selectors.lines}
    for index, decision in enumerate(column.decisions):
        block = decision.block
        if selector := strip_selector(block):
            column.remove(index, f"outlet:strip {selector}", reason_of(block))
        elif block.position in page_site.outside and index not in column.leads:
            column.remove(index, "outlet:body", "outside")
        elif (role := metadata_role(block)) and not column.prose[index]:
            column.remove(index, f"outlet:{role}", "metadata")
        elif lines and folded_line(block.text) in lines:
            column.remove(index, "outlet:line", reason_of(block))


def reason_of(block: Block) -> str:
    """Return the removal reason that a block's element or phrase suggests, or "chrome"."""
    kind = next((node.kind for node in block.node.chain() if node.kind in REASON_BY_KIND), "")
    hit = phrases.match(block.text)
    return REASON_BY_KIND[kind] if kind else hit.reason if hit else "chrome"
