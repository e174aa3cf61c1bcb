"""Remove what follows the article's text: headings without text."""

from articles.cleaning.decisions import ColumnDecisions
from articles.page.blocks import HEADINGS, Block


def empty_headings(column: ColumnDecisions) -> None:
    """Remove headings without text below: at the end, and where the blocks that followed were removed.

    An item of a list that is written as a heading heads nothing.
    """
    _, last = column.bounds()
    following: Block | None = None
    for index in range(len(column.decisions) - 1, -1, -1):
        decision = column.decisions[index]
        if decision.rule:
            continue
        if (
            decision.block.tag in HEADINGS
            and not column.prose[index]
            and not _is_item(column, decision.block)
            and (
                following is None or (index > last and not _is_item(column, following) and not _is_sentence(following))
            )
        ):
            column.remove(index, "heading:empty", "related")
        else:
            following = decision.block


def _is_sentence(block: Block) -> bool:
    """Return whether a block is a paragraph, however short, that ends with a full stop: an answer, a step."""
    return block.tag == "p" and block.text.endswith(".") and not block.links


def _is_item(column: ColumnDecisions, block: Block) -> bool:
    return any(node.tag == "li" for node in block.node.chain(column.top))
