"""Find the lines that head parts of a text: years and dates of a chronology, short subheads outside of headings."""

import re
from itertools import pairwise

from articles import dates
from articles.cleaning.decisions import ColumnDecisions
from articles.page.blocks import HEADINGS
from articles.page.sizes import MIN_ALIKE
from articles.text import WORD

MAX_HEAD_CHARS = 100
MOMENT = re.compile(r"\b(?:1[89]|20)\d{2}\b|\b\d{1,2}[:.]\d{2}\b(?![.\d])")  # a year or a time
YEARS = re.compile(r"\b(?:1[5-9]|20)\d\d\s?[–—-]\s?(?:1[5-9]|20)\d\d\b")  # of a life, and no date of the article
MAX_DATE_CHARS = 30  # of a line that is a date
MIN_ENTRY_CHARS = 15  # of a sentence under a date
END = (".", "!", "?", "…")
HEADING_NAME = re.compile(r"(?<![^\W_])(?:sub|sub-?head\w*|sub-?title|head|heading|h[2-6])(?![^\W_])", re.IGNORECASE)
HEAD_TAGS = frozenset({"dt", *HEADINGS})  # a time in them heads a part of a report
TIME_OF_DAY = re.compile(r"\b\d{1,2}[:.]\d{2}\b(?![.\d])")  # a date with a time stamps a comment or a card


def heads(column: ColumnDecisions) -> frozenset[int]:
    """Return the indices of lines that head parts of the text.

    They are short, without links, in similar elements, and different; paragraphs stand directly below and above each of
    them. The first one may also be the first line of the text, and a heading may be the only one.
    """
    groups: dict[tuple[str, str], list[int]] = {}
    before: int | None = None
    kept = [index for index, _ in column.kept()]
    for index, following in pairwise(kept):
        block = column.decisions[index].block
        short = len(block.text) <= MAX_DATE_CHARS
        dated = short and (MOMENT.search(block.text) is not None or _names_day(block.text))
        below_text = before is None or _is_text(column, before, dated=dated)
        before = index
        if (
            not column.prose[index]
            and _is_text(column, following, dated=dated)
            and below_text
            and len(block.text) <= MAX_HEAD_CHARS
            and not block.links
            and (block.tag in HEAD_TAGS or not TIME_OF_DAY.search(block.text))
        ):
            groups.setdefault((block.tag, block.node.names if block.tag != "p" else ""), []).append(index)
    found: set[int] = set()
    for indices in groups.values():
        if len({column.decisions[index].block.text for index in indices}) == len(indices) >= MIN_ALIKE:
            found.update(indices)
        else:  # a heading below a paragraph heads the next one, also if it is the only one
            found.update(index for index in indices if index > kept[0] and _is_heading(column, index))
    return frozenset(found)


def _names_day(text: str) -> bool:
    """Return whether a line is a date, also without its year: "10 марта"."""
    return dates.parse(text) != "" or (
        dates.DIGIT.search(text) is not None and any(dates.month_of(word) for word in WORD.findall(text))
    )


def _is_text(column: ColumnDecisions, index: int, *, dated: bool) -> bool:
    """Return whether a block is a paragraph, or beside a date a sentence too short for one: an entry of a chronology."""
    block = column.decisions[index].block
    is_entry = dated and not block.links and len(block.text) >= MIN_ENTRY_CHARS and block.text.endswith(END)
    return column.prose[index] or is_entry


def _is_heading(column: ColumnDecisions, index: int) -> bool:
    """Return whether a line between paragraphs is in a heading, or in an element that its tag or name makes one."""
    block = column.decisions[index].block
    return block.tag in HEADINGS or block.tag == "center" or HEADING_NAME.search(block.node.names) is not None


def is_question(column: ColumnDecisions, index: int) -> bool:
    """Return whether a line is the question that the next paragraph answers."""
    after = index + 1
    return (
        column.decisions[index].block.text.endswith("?")
        and after < len(column.decisions)
        and column.prose[after]
        and not column.decisions[after].rule
    )
