"""What stands under the last paragraph: who wrote it, headings of nothing."""

import re

from articles.cleaning.decisions import ColumnDecisions
from articles.page.blocks import HEADINGS, Block

BIOGRAPHY = 3  # paragraphs from the end in which the author is introduced
EARLY = 60  # characters within which a biography names its subject
INTRODUCES = re.compile(
    r"\b(?:is|was|are|covers|writes|works|joined|has written|ist|schreibt|arbeitet|est|es|является|пишет|работает|"
    r"журналист|корреспондент|reporter|correspondent|journalist|editor|author|columnist)\b",
    re.IGNORECASE,
)
HEADLESS = re.compile(
    r"^(?:is|was) an? .{0,80}\b(?:professor|lecturer|journalist|editor|fellow|correspondent|writer|director|researcher|"
    r"reporter|columnist|analyst|scholar|student)\b",
    re.IGNORECASE,
)


def biographies(column: ColumnDecisions) -> None:
    """Strike the author's biography under the text: it begins with the name and says what the author is."""
    kept = [index for index, _ in column.kept() if column.prose[index]]
    for index in kept[1:][-BIOGRAPHY:]:
        text = column.fates[index].block.text
        named = next((name for name in column.facts.authors if name in text[: EARLY + len(name)]), "")
        headless = HEADLESS.match(text)  # the name is a link above it
        if headless or (named and INTRODUCES.search(text[text.find(named) + len(named) :][:EARLY])):
            column.strike(index, "byline:biography", "metadata")


def empty_headings(column: ColumnDecisions) -> None:
    """Strike headings with nothing under them: at the end, and where what followed was struck."""
    _, last = column.bounds()
    following: Block | None = None
    for index in range(len(column.fates) - 1, -1, -1):
        fate = column.fates[index]
        if fate.rule:
            continue
        if (
            fate.block.tag in HEADINGS
            and not column.prose[index]
            and (following is None or (index > last and following.tag != "li"))
        ):
            column.strike(index, "heading:empty", "related")
        else:
            following = fate.block
