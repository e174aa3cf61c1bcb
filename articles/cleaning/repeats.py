"""What stands twice: the title, a lead, and the articles that follow where a page scrolls on without end."""

from articles.cleaning.decisions import ColumnDecisions
from articles.cleaning.elements import is_lead, outermost
from articles.metadata.context import in_h1
from articles.page.blocks import HEADINGS
from articles.page.column import weight
from articles.text import fold, shares_words

TITLE = 400  # characters that a repeated title may have
PART = 15  # folded characters from which a part of a title is told from a common phrase
KICKER = 1.8  # a headline with its kicker is at most so many times the title
REPEATED = 40  # characters from which a block that comes again is a repeat and not a refrain
OPENING = 120  # characters in which repeats agree; of the rest they have as many letters
HEADLINE = 200  # characters; a longer h1 is a caption or a mistake
FIRST_ARTICLE = 300  # characters of prose before an h1 that opens another article


def title(column: ColumnDecisions) -> None:
    """Strike the title where the body repeats it, also with its kicker or without it."""
    first = next((index for index, block in column.kept() if column.prose[index] and block.tag not in HEADINGS), 0)
    for index, block in column.kept():
        if len(block.text) > TITLE:
            continue
        folded = fold(block.text)
        if folded in column.titles:
            column.strike(index, "title:repeat", "metadata")
        elif (
            index < first
            and len(folded) >= PART
            and (block.tag in HEADINGS or _under_heading(column, index))
            and not (index in column.leads or is_lead(column, index))
        ):
            within = any(
                folded in whole or (whole in folded and len(folded) < KICKER * len(whole)) for whole in column.titles
            )
            if within or any(shares_words(block.text, other) for other in column.facts.titles):
                column.strike(index, "title:part", "metadata")


def _under_heading(column: ColumnDecisions, index: int) -> bool:
    node = column.fates[index].block.node
    return any(inner.tag in HEADINGS for inner in node.chain(column.top))


def second_article(column: ColumnDecisions) -> None:
    """Strike the articles that follow the page's own: an h1 after prose, in an element without prose before it."""
    read = 0.0
    for index, fate in enumerate(column.fates):
        block = fate.block
        if fate.rule:
            continue
        if (
            in_h1(block)
            and len(block.text) <= HEADLINE
            and read > FIRST_ARTICLE
            and fold(block.text) not in column.titles
        ):
            outer = column.span(outermost(column, block.node))
            if len(outer) > 1 and not any(column.prose[before] for before in range(outer.start, index)):
                for later in range(outer.start, len(column.fates)):
                    column.strike(later, "article:second", "related")
                return
        if column.prose[index]:
            read += weight(block)


def blocks(column: ColumnDecisions) -> None:
    """Strike a long block that has stood before, but for the questions of interviews and the items of lists."""
    seen: dict[str, list[str]] = {}
    for index, block in column.kept():
        if len(block.text) < REPEATED or block.text.endswith("?") or block.tag == "li":
            continue
        rests = seen.setdefault(fold(block.text[:OPENING]), [])
        rest = block.text[OPENING:]
        if rests and _letters(rest) in map(_letters, rests):
            column.strike(index, "repeat:block", "repeat")
        rests.append(rest)


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))
