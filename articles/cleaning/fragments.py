"""Remove fragments that are not text: lines of signs, source code, lone addresses, parts of widgets."""

import re

from articles.cleaning.decisions import ColumnDecisions
from articles.cleaning.lines import TEXT_TAGS
from articles.cleaning.skeleton import heads, is_question
from articles.errors import InputError
from articles.page.blocks import Block
from articles.page.column import MIN_PROSE_CHARS, SENTENCE_END
from articles.url import absolute, registrable_domain

MIN_PARAGRAPH_SHARE = 0.7  # of the prose that is in <p>, for short lines in other elements to be chrome
MAX_ADDRESS_CHARS = 2000  # browsers accept no longer URLs
MAX_PRINT_LINE_CHARS = 100  # of the header or footer of a print version
PAGE_NUMBER = re.compile(
    r"\b(?:page|p\.|стр(?:аница|\.)|сторінка|бет|seite|puslapis|strona|sayfa|página)\s*\d+\W*$", re.IGNORECASE
)
# Markup, a script, or a command that a content management system did not carry out: "[gallery ids=...]", "[/caption]".
SOURCE_CODE = re.compile(
    r"<(?:img|div|script|style|iframe|a|p|span|ins|amp-\w+|!--)\b|\{[\"\w]+:|(?:var|function|window\.)\b"
    r"|\[(?:/[a-z][\w-]*|[a-z][\w-]*\s[^\]=]*=[^\]]*)\]$"
)
ADDRESS = re.compile(r"https?://\S+")
HASHTAGS = re.compile(r"^(?:#\w+[\s,;]*)+$")
LONE_ADDRESS = re.compile(r"^\W*(?:https?://\S+|www\.\S+|[^\s@]+@[^\s@]+\.\w{2,})\W*$")


def scraps(column: ColumnDecisions) -> None:
    """Remove lines without a letter or digit, source code, and lone addresses."""
    first, last = column.bounds()
    for index, block in column.kept():
        if not any(map(str.isalnum, block.text)) and not _in_table(block):
            column.remove(index, "scrap:sign", "chrome")
        elif block.tag != "pre" and SOURCE_CODE.match(block.text):
            column.remove(index, "scrap:code", "chrome")
        elif (
            block.tag != "li"
            and not (block.tag == "p" and first < index < last and _is_elsewhere(column, block.text))
            and len(block.text) <= MAX_ADDRESS_CHARS
            and LONE_ADDRESS.match(block.text)
        ):
            column.remove(index, "scrap:address", "chrome")
        elif not first <= index <= last and len(block.text) <= MAX_PRINT_LINE_CHARS and PAGE_NUMBER.search(block.text):
            column.remove(index, "scrap:page", "chrome")
        elif not first < index < last and HASHTAGS.match(block.text):
            column.remove(index, "scrap:hashtags", "tags")


def _is_elsewhere(column: ColumnDecisions, address: str) -> bool:
    """Return whether a text is the address of a page of another site: inside the text it is a source that the text names."""
    page_site = column.facts.page_site
    found = ADDRESS.search(address)
    if page_site is None or found is None:
        return False
    try:
        return registrable_domain(absolute(page_site.url, found[0])) != registrable_domain(page_site.url)
    except InputError:
        return False


def _in_table(block: Block) -> bool:
    return any(node.tag == "table" for node in block.node.chain())


def short_lines(column: ColumnDecisions) -> None:
    """Remove short lines outside of paragraphs, headings and lists, if the article is written in paragraphs."""
    written = [index for index, _ in column.kept() if column.prose[index]]
    in_paragraphs = sum(column.decisions[index].block.tag == "p" for index in written)
    if in_paragraphs < MIN_PARAGRAPH_SHARE * len(written) or not written:
        return
    skeleton = heads(column)
    for index, block in [*column.kept()]:
        short = block.tag not in TEXT_TAGS and len(block.text) < MIN_PROSE_CHARS
        if short and not (SENTENCE_END.search(block.text) or index in skeleton or is_question(column, index)):
            column.remove(index, "scrap:short", "chrome")
