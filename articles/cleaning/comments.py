"""Remove comment threads without a telling class name: under a comments heading, or similar entries with dates."""

from articles import dates
from articles.cleaning.decisions import ColumnDecisions
from articles.cleaning.skeleton import TIME_OF_DAY
from articles.page.blocks import Node
from articles.page.column import weight
from articles.page.sizes import MAX_DATE_LINE_CHARS, MIN_ALIKE, MIN_NEWS_CHARS

MAX_ENTRY_CHARS = 1500  # a longer entry is an article in a list


def thread_under_heading(column: ColumnDecisions) -> None:
    """Remove everything from a comments heading below the text on, if dates, forms or reply links confirm its entries."""
    prose_chars = 0.0
    for index, decision in enumerate(column.decisions):
        block = decision.block
        hit = column.hit(index)
        # A line such as "3 comments" above the text opens no thread.
        if prose_chars >= MIN_NEWS_CHARS and hit and hit.reason == "comments" and hit.how == "section":
            following = range(index + 1, len(column.decisions))
            signs = sum(_is_sign_of_thread(column, later) for later in following)
            rest = sum(weight(column.decisions[later].block) for later in following if column.prose[later])
            if not following or (signs and rest <= MAX_ENTRY_CHARS * signs):
                for later in range(index, len(column.decisions)):
                    column.remove(later, "comments:thread", "comments")
                return
        if column.prose[index] and not decision.rule:
            prose_chars += weight(block)


def _is_sign_of_thread(column: ColumnDecisions, index: int) -> bool:
    block = column.decisions[index].block
    if any(node.tag in ("form", "fieldset") for node in block.node.chain(column.top)):
        return True
    hit = column.hit(index)
    return (hit is not None and hit.reason == "comments") or _is_dated(column, index)


def _is_dated(column: ColumnDecisions, index: int) -> bool:
    text = column.decisions[index].block.text
    return len(text) <= MAX_DATE_LINE_CHARS and bool(dates.parse(text) or TIME_OF_DAY.search(text))


def thread_without_heading(column: ColumnDecisions) -> None:
    """Remove a thread without a heading: similar sibling elements, each with a date and a reply line."""
    groups: dict[tuple[int, str, str], list[Node]] = {}
    seen: set[int] = set()
    for _, block in column.kept():
        for node in block.node.chain(column.top):
            if id(node) in seen:
                break
            seen.add(id(node))
            if len(column.span(node)) > 1:
                groups.setdefault((id(node.parent), node.tag, node.names), []).append(node)
    for nodes in groups.values():
        if len(nodes) >= MIN_ALIKE and all(_is_entry(column, node) for node in nodes):
            for node in nodes:
                for index in column.span(node):
                    column.remove(index, "comments:entries", "comments")


def _is_entry(column: ColumnDecisions, node: Node) -> bool:
    span = column.span(node)
    if sum(len(column.decisions[index].block.text) for index in span) > MAX_ENTRY_CHARS:
        return False
    replies = (column.hit(index) for index in span)
    return any(_is_dated(column, index) for index in span) and any(hit and hit.reason == "comments" for hit in replies)
