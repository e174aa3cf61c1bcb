"""What is no line of a text at all: signs, code, lone addresses, the parts of widgets."""

import re

from articles.cleaning.decisions import ColumnDecisions
from articles.cleaning.lines import SENTENCE_END, TEXT_TAGS
from articles.page.blocks import Block

SCRAP_LENGTH = 60  # characters; of the development pages' short lines of this kind 130 were chrome, 34 text
ROW = 3  # short lines alike, one after another
WRITTEN_IN_P = 0.7  # of the prose, for short lines in other elements to be chrome
LINK_LENGTH = 2000  # characters of a lone address; browsers take no longer ones
FOOT = 100  # characters of the head or the foot of a print version
PAGE_NUMBER = re.compile(
    r"\b(?:page|p\.|стр(?:аница|\.)|сторінка|бет|seite|puslapis|strona|sayfa|página)\s*\d+\W*$", re.IGNORECASE
)
SCRAP = re.compile(r"^[\W\d_]{0,12}$")
MARKUP = re.compile(
    r"^<(?:img|div|script|style|iframe|a|p|span|ins|amp-\w+|!--)\b|^\{[\"\w]+:|^(?:var|function|window\.)\b"
)
ADDRESS = re.compile(r"^\W*(?:https?://\S+|www\.\S+|\S+@\S+\.\w{2,})\W*$")


def scraps(column: ColumnDecisions) -> None:
    """Strike what holds no word, source code, lone addresses, head and foot of a print version."""
    first, last = column.bounds()
    for index, block in column.kept():
        if SCRAP.match(block.text) and not _in_table(block):
            column.strike(index, "scrap:sign", "chrome")
        elif MARKUP.match(block.text):
            column.strike(index, "scrap:code", "chrome")
        elif len(block.text) <= LINK_LENGTH and ADDRESS.match(block.text):
            column.strike(index, "scrap:address", "chrome")
        elif not first <= index <= last and len(block.text) <= FOOT and PAGE_NUMBER.search(block.text):
            column.strike(index, "scrap:page", "chrome")


def _in_table(block: Block) -> bool:
    return any(node.tag == "table" for node in block.node.chain())


def short_lines(column: ColumnDecisions) -> None:
    """Strike short lines outside of paragraphs, headings and lists, where the article is written in paragraphs.

    A line that ends like a sentence goes only in a row of lines alike: the answers of a poll, the parts of a widget.
    """
    written = [index for index, _ in column.kept() if column.prose[index]]
    in_paragraphs = sum(column.fates[index].block.tag == "p" for index in written)
    if in_paragraphs < WRITTEN_IN_P * len(written) or not written:
        return
    row: list[int] = []
    for index, block in [*column.kept()]:
        if block.tag in TEXT_TAGS or len(block.text) >= SCRAP_LENGTH:
            row = []
            continue
        if not SENTENCE_END.search(block.text):
            column.strike(index, "scrap:short", "chrome")
        before = column.fates[row[-1]].block.node if row else block.node
        row = [*row, index] if (before.tag, before.names) == (block.tag, block.node.names) else [index]
        if len(row) >= ROW:
            for alike in row:
                column.strike(alike, "scrap:row", "chrome")
