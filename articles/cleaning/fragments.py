"""Remove fragments that are not text: lines without words, source code, lone addresses, parts of widgets."""

import re

from articles.cleaning.decisions import ColumnDecisions
from articles.cleaning.lines import SENTENCE_END, TEXT_TAGS
from articles.cleaning.skeleton import YEARS, heads, is_question
from articles.errors import InputError
from articles.page.blocks import Block
from articles.url import absolute, registrable_domain

# Shorter lines outside of paragraphs are removed. On the development pages 130 of them were chrome and 34 were text.
SHORT_LINE_CHARS = 60
MIN_PARAGRAPH_SHARE = 0.7  # of the prose that is in <p>, for short lines in other elements to be chrome
MAX_ADDRESS_CHARS = 2000  # browsers accept no longer URLs
MAX_PRINT_LINE_CHARS = 100  # of the header or footer of a print version
PAGE_NUMBER = re.compile(
    r"\b(?:page|p\.|стр(?:аница|\.)|сторінка|бет|seite|puslapis|strona|sayfa|página)\s*\d+\W*$", re.IGNORECASE
)
NO_WORD = re.compile(r"^[\W\d_]{0,12}$")
SOURCE_CODE = re.compile(
    r"^<(?:img|div|script|style|iframe|a|p|span|ins|amp-\w+|!--)\b|^\{[\"\w]+:|^(?:var|function|window\.)\b"
)
# A command of a content management system that it did not carry out: "[gallery ids=...]", "[/caption]".
SHORTCODE = re.compile(r"^\[(?:/[a-z][\w-]*|[a-z][\w-]*\s[^\]=]*=[^\]]*)\]$")
ADDRESS = re.compile(r"https?://\S+")
LABELLED_ADDRESS = re.compile(
    r"^\W*(?:[^\W\d_]+\s){0,2}[^\W\d_]+:\s*(?:https?://|www\.)\S{1,500}\W*$"
)  # of the article: "Original: …"
HASHTAGS = re.compile(r"^(?:#\w+[\s,;]*)+$")
LONE_ADDRESS = re.compile(r"^\W*(?:https?://\S+|www\.\S+|[^\s@]+@[^\s@]+\.\w{2,})\W*$")


def scraps(column: ColumnDecisions) -> None:
    """Remove lines without words, source code, lone addresses, and the header and footer of a print version."""
    first, last = column.bounds()
    skeleton = heads(column)
    for index, block in column.kept():
        if (
            NO_WORD.match(block.text)
            and not YEARS.search(block.text)
            and not _in_table(block)
            and index not in skeleton
        ):
            column.remove(index, "scrap:sign", "chrome")
        elif block.tag != "pre" and (SOURCE_CODE.match(block.text) or SHORTCODE.match(block.text)):
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
        elif HASHTAGS.match(block.text):
            column.remove(index, "scrap:hashtags", "tags")
        elif not first < index < last and LABELLED_ADDRESS.match(block.text) and not _is_elsewhere(column, block.text):
            column.remove(index, "scrap:address", "chrome")


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
        short = block.tag not in TEXT_TAGS and len(block.text) < SHORT_LINE_CHARS
        if short and not (SENTENCE_END.search(block.text) or index in skeleton or is_question(column, index)):
            column.remove(index, "scrap:short", "chrome")
