"""Remove repetitions of the title and of blocks, and further articles on pages with endless scrolling."""

from articles import dates
from articles.cleaning.decisions import ColumnDecisions
from articles.cleaning.elements import is_lead, outermost
from articles.metadata.context import in_h1
from articles.page.blocks import HEADINGS, Block, Node
from articles.page.column import SENTENCE_END, weight
from articles.page.sizes import (
    MAX_DATE_LINE_CHARS,
    MAX_ITEM_CHARS,
    MAX_TITLE_CHARS,
    MIN_ARTICLE_CHARS,
    MIN_TITLE_PART_CHARS,
)
from articles.text import fold

MAX_KICKER_RATIO = 1.8  # length of a headline with its kicker to the length of the title
MIN_REPEAT_CHARS = 40  # a shorter repeated block may be a refrain, a shorter quotation a phrase
COMPARED_OPENING_CHARS = 120  # equal in both blocks; the rest must only have the same number of letters
BLOCKS_WITH_DATE = 4  # from an h1 on: the date of another article is in one of them
QUOTE_MARKS = "«»“”„\"'‘’…. "


def title(column: ColumnDecisions) -> None:
    """Remove the title where the body repeats it, also with its kicker or without it."""
    first = next((index for index, block in column.kept() if column.prose[index] and block.tag not in HEADINGS), 0)
    for index, block in column.kept():
        if len(block.text) > MAX_TITLE_CHARS:
            continue
        folded = fold(block.text)
        if folded in column.titles and not (index <= first and _is_sentence(column, index)):
            column.remove(index, "title:repeat", "metadata")
        elif index < first and block.links and any(folded.endswith(whole) for whole in column.titles if whole):
            column.remove(index, "title:breadcrumb", "metadata")
        elif (
            index < first
            and len(folded) >= MIN_TITLE_PART_CHARS
            and (block.tag in HEADINGS or _under_heading(column, index))
            and not (index in column.leads or is_lead(column, index))
            and not (column.prose[index] and SENTENCE_END.search(block.text))
            and any(
                folded in whole or (whole in folded and len(folded) < MAX_KICKER_RATIO * len(whole))
                for whole in column.titles
            )
        ):
            column.remove(index, "title:part", "metadata")


def _is_sentence(column: ColumnDecisions, index: int) -> bool:
    """Return whether a block is a paragraph that ends with a full stop, under a headline in other words.

    Such pages take a title for search engines from the first sentence of the text.
    """
    block, shown = column.decisions[index].block, fold(column.facts.headline)
    return block.tag == "p" and block.text.endswith(".") and shown not in ("", fold(block.text))


def _under_heading(column: ColumnDecisions, index: int) -> bool:
    node = column.decisions[index].block.node
    return any(inner.tag in HEADINGS for inner in node.chain(column.top))


def second_article(column: ColumnDecisions) -> None:
    """Remove articles that follow the page's own: from an h1 after prose on, if no prose precedes it in its element."""
    prose_chars = 0.0
    for index, decision in enumerate(column.decisions):
        block = decision.block
        if decision.rule:
            continue
        if (
            in_h1(block)
            and len(block.text) <= MAX_ITEM_CHARS  # a longer h1 is a caption or a paragraph
            and prose_chars > MIN_ARTICLE_CHARS
            and fold(block.text) not in column.titles
        ):
            outer = column.span(outermost(column, block.node))
            if (
                len(outer) > 1
                and not any(column.prose[before] for before in range(outer.start, index))
                and _is_article_of_its_own(column, outer, index)
            ):
                for later in range(outer.start, len(column.decisions)):
                    column.remove(later, "article:second", "related")
                return
        if column.prose[index]:
            prose_chars += weight(block)


def _is_article_of_its_own(column: ColumnDecisions, outer: range, index: int) -> bool:
    """Return whether an element with an h1 is an article: <article>, a linked h1, a date, or the form of the first one.

    A page builder that writes the subheadings of one article as h1 does none of this.
    """
    block = column.decisions[index].block
    node = outermost(column, block.node)
    first = next((other.block.node for other in column.decisions if fold(other.block.text) in column.titles), None)
    alike = first is not None and _is_like(outermost(column, first), node)
    near = range(outer.start, min(index + BLOCKS_WITH_DATE, outer.stop))
    texts = (column.decisions[other].block.text for other in near)
    return (
        alike
        or block.linked > 0
        or any(inner.tag == "article" for inner in block.node.chain(column.top))
        or any(len(text) <= MAX_DATE_LINE_CHARS and dates.parse(text) for text in texts)
    )


def _is_like(one: Node, other: Node) -> bool:
    return one is not other and (one.tag, one.names) == (other.tag, other.names)


def pull_quotes(column: ColumnDecisions) -> None:
    """Remove pull quotes: quotations that a paragraph contains as a whole."""
    kept = list(column.kept())
    quotes = [index for index, block in kept if len(block.text) >= MIN_REPEAT_CHARS and _in_quote(column, block)]
    if not quotes:
        return
    texts = {index: fold(block.text) for index, block in kept if len(block.text) > MIN_REPEAT_CHARS}
    for index in quotes:
        folded = fold(column.decisions[index].block.text.strip(QUOTE_MARKS))
        if len(folded) >= MIN_REPEAT_CHARS and any(
            folded in text and len(text) > len(folded) and other != index and other not in quotes
            for other, text in texts.items()
        ):
            column.remove(index, "repeat:quote", "repeat")


def _in_quote(column: ColumnDecisions, block: Block) -> bool:
    return any(node.tag in ("blockquote", "aside", "figure", "q") for node in block.node.chain(column.top))


def blocks(column: ColumnDecisions) -> None:
    """Remove a long block that repeats an earlier one, except questions of interviews and list items."""
    seen: dict[str, list[str]] = {}
    for index, block in column.kept():
        if len(block.text) < MIN_REPEAT_CHARS or block.text.endswith("?") or block.tag == "li":
            continue
        rests = seen.setdefault(fold(block.text[:COMPARED_OPENING_CHARS]), [])
        rest = block.text[COMPARED_OPENING_CHARS:]
        if rests and _letters(rest) in map(_letters, rests):
            column.remove(index, "repeat:block", "repeat")
        rests.append(rest)


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))
