"""Remove what follows the article's text: the author's biography, and headings without text."""

import re

from articles.cleaning.decisions import ColumnDecisions
from articles.page.blocks import HEADINGS, Block

MAX_PARAGRAPHS_FROM_END = 3  # a biography is one of the last paragraphs
OPENING_CHARS = 60  # the author's name begins in them, and what the author is follows as soon after it
INTRODUCES = re.compile(
    r"\b(?:is|was|are|covers|writes|works|joined|has written|ist|schreibt|arbeitet|est|es|является|пишет|работает|"
    r"журналист|корреспондент|reporter|correspondent|journalist|editor|author|columnist)\b",
    re.IGNORECASE,
)
# A biography whose first word, the name, is a link in a block of its own above.
NAMELESS_OPENING = re.compile(
    r"^(?:is|was) an? .{0,80}\b(?:professor|lecturer|journalist|editor|fellow|correspondent|writer|director|researcher|"
    r"reporter|columnist|analyst|scholar|student)\b",
    re.IGNORECASE,
)


def biographies(column: ColumnDecisions) -> None:
    """Remove the author's biography below the text: it begins with the name and says what the author is."""
    kept = [index for index, _ in column.kept() if column.prose[index]]
    for index in kept[1:][-MAX_PARAGRAPHS_FROM_END:]:
        text = column.decisions[index].block.text
        named = next((name for name in column.facts.authors if name in text[: OPENING_CHARS + len(name)]), "")
        nameless = NAMELESS_OPENING.match(text)
        if nameless or (named and INTRODUCES.search(text[text.find(named) + len(named) :][:OPENING_CHARS])):
            column.remove(index, "byline:biography", "metadata")


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
