"""Remove what follows the article's text: headings without text."""

from articles.cleaning.decisions import ColumnDecisions
from articles.page.blocks import HEADINGS, Block


def empty_headings(column: ColumnDecisions) -> None:
    """Remove headings without text below: at the end, and where the blocks that followed were removed."""
    _, last = column.bounds()
    following: Block | None = None
    for index in range(len(column.decisions) - 1, -1, -1):
        decision = column.decisions[index]
        if decision.rule:
            continue
        if (
            decision.block.tag in HEADINGS
            and not column.prose[index]
            and (following is None or (index > last and following.tag != "li"))
        ):
            column.remove(index, "heading:empty", "related")
        else:
            following = decision.block
