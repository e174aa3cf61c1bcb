"""Comment threads that no class name gives away: what follows a comments heading, and alike entries with a date each."""

from articles import dates
from articles.cleaning.bylines import CLOCK
from articles.cleaning.decisions import ColumnDecisions
from articles.page.blocks import Node
from articles.page.column import weight

READ = 250  # characters of prose before a thread; a line "3 comments" over the text opens nothing
ENTRIES = 2  # alike entries that make a thread
ENTRY = 1500  # characters of an entry; a longer one is an article in a list
STAMP = 60  # characters of a line with a comment's date


def headed(column: ColumnDecisions) -> None:
    """Strike all that follows a comments heading under the text, where dates, forms or reply links prove a thread."""
    read = 0.0
    for index, fate in enumerate(column.fates):
        block = fate.block
        hit = column.hit(index)
        if read >= READ and hit and hit.reason == "comments" and hit.how == "section":
            following = range(index + 1, len(column.fates))
            if not following or any(_proves(column, later) for later in following):
                for later in range(index, len(column.fates)):
                    column.strike(later, "comments:thread", "comments")
                return
        if column.prose[index] and not fate.rule:
            read += weight(block)


def _proves(column: ColumnDecisions, index: int) -> bool:
    block = column.fates[index].block
    if any(node.tag in ("form", "fieldset") for node in block.node.chain(column.top)):
        return True
    hit = column.hit(index)
    return (hit is not None and hit.reason == "comments") or _stamped(column, index)


def _stamped(column: ColumnDecisions, index: int) -> bool:
    text = column.fates[index].block.text
    return len(text) <= STAMP and bool(dates.parse(text) or CLOCK.search(text))


def alike(column: ColumnDecisions) -> None:
    """Strike a thread without a heading: elements alike, side by side, each with a date and a reply line."""
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
        if len(nodes) >= ENTRIES and all(_entry(column, node) for node in nodes):
            for node in nodes:
                for index in column.span(node):
                    column.strike(index, "comments:entries", "comments")


def _entry(column: ColumnDecisions, node: Node) -> bool:
    span = column.span(node)
    if sum(len(column.fates[index].block.text) for index in span) > ENTRY:
        return False
    replies = (column.hit(index) for index in span)
    return any(_stamped(column, index) for index in span) and any(hit and hit.reason == "comments" for hit in replies)
