"""Remove lines that say who wrote the article, where and when: datelines, bylines, agencies."""

import re
from functools import cache

from articles import dates
from articles.cleaning.decisions import ColumnDecisions
from articles.cleaning.skeleton import YEARS, heads
from articles.data import load
from articles.metadata.authors import LINE_MARK, signature
from articles.metadata.person_names import BYLINE_PREFIX, people
from articles.page.blocks import HEADINGS, Block
from articles.page.column import MIN_PROSE_CHARS, SENTENCE_END
from articles.text import fold

CELL_TAGS = frozenset({"tr", "td", "th"})  # rows of figures look like dates
ITEM_TAGS = frozenset({"li", "dd"})  # with a number in them, they are facts of the article
# Of views, comments, minutes: "Просмотров: 1 245", "Views: 5 · Reading time: 4 min."
COUNTER = re.compile(
    r"^\W{0,3}(?=[^:]{0,40}(?:просм|прочт|чтен|коммент|голос|рейтинг|view|read|comment|қарал|оқыл|перегл|qaral|көр[уі]|koʻril|ko'ril|кўрил))"
    r"(?:(?:[^\W\d_]{2,20}\s?){1,2}:\s?\d[\d\s.,]{0,8}(?:[^\W\d_]{1,5}\.?)?(?:\W{1,3}|$)){1,4}$",
    re.IGNORECASE,
)
MAX_LINE_CHARS = 130  # of a dateline or byline
MAX_OTHER_LETTERS = 14  # in a dateline, besides date, time, authors and the usual words of datelines
NAME_WORD_RANGE = (2, 3)  # least and most words of a name on a line without "by"
CLOCK = re.compile(r"\b\d{1,2}[:.]\d{2}(?::\d{2})?\b|\b\d{1,4}\b|\b[ap]\.?m\b\.?", re.IGNORECASE)
MAX_BLOCKS_UNDER_LEAD = 2  # a byline may be in one of these
MAX_BIOGRAPHY_CHARS = 400  # of the text below the author's name at the end
LABEL = re.compile(r"(?<![^\W\d_])[^\W\d_]{3,}\s?:\s")
MIN_LABELS = 2  # in a dateline with labels, such as "Author: … Views: …"
UPDATED = re.compile(
    r"\b(?:updated|published|posted|last modified|опубликовано|обновлено|жарияланды|жаңартылды|опубліковано|оновлено|"
    r"paskelbta|atnaujinta|aktualisiert|veröffentlicht|publié|mis à jour|publicado|actualizado)\s*(?:on|at|am|:)",
    re.IGNORECASE,
)


@cache
def _words() -> frozenset[str]:
    return frozenset(load("names")["dateline"].split())


@cache
def _agencies() -> frozenset[str]:
    return frozenset(load("names")["agencies"].split())


def datelines(column: ColumnDecisions) -> None:
    """Remove lines that contain a date or a time and little else, a date with labels above the text, and counters around it."""
    first, last = column.bounds()
    skeleton = heads(column)
    for index, block in column.kept():
        text = block.text
        if index in skeleton or _is_value(column, block) or len(text) > MAX_LINE_CHARS or not dates.DIGIT.search(text):
            continue
        if YEARS.search(text):
            continue
        date = dates.parse(text)
        if (date or CLOCK.search(text)) and _other_letters(column, text) <= (MAX_OTHER_LETTERS if date else 0):
            column.remove(index, "dateline", "metadata")
        elif date and index <= first and not SENTENCE_END.search(text) and (_labelled(text) or _parted(text)):
            column.remove(index, "dateline:labels", "metadata")
        elif not first <= index <= last and block.tag not in ITEM_TAGS and COUNTER.match(text):
            column.remove(index, "dateline:counter", "metadata")


def _is_value(column: ColumnDecisions, block: Block) -> bool:
    """Return whether a block is all of a table's cell or row, and not a line in a cell that lays out the page."""
    return block.tag in CELL_TAGS and len(column.span(block.node)) == 1


def _labelled(text: str) -> bool:
    """Return whether a line labels its parts: "12.09.2024 | Author: X | Views: 5", "Updated: …"."""
    return len(LABEL.findall(text)) >= MIN_LABELS or UPDATED.search(text) is not None


def _parted(text: str) -> bool:
    """Return whether a line has a part that is only a date, and marks between its parts: "5 May 2024 | Ann Lee, Minsk"."""
    parts = [part.strip() for part in LINE_MARK.split(text)]
    return len(parts) > 1 and any(
        (place := dates.find(part)) is not None and (place.start, place.stop) == (0, len(part)) for part in parts
    )


def _other_letters(column: ColumnDecisions, text: str) -> int:
    """Count the letters of a line outside of months, authors' names and the usual words of datelines."""
    for name in column.facts.authors:
        text = text.replace(name, " ")
    words = re.findall(r"[^\W\d_]+", BYLINE_PREFIX.sub("", CLOCK.sub(" ", text)))
    usual = _words()
    months = dates.months()
    return sum(len(word) for word in words if word.casefold() not in usual and word.casefold() not in months)


def bylines(column: ColumnDecisions) -> None:
    """Remove lines that name the author or the site, and lines that name only agencies."""
    authors = {fold(name) for name in column.facts.authors} | {fold("".join(column.facts.authors))}
    site = fold(column.facts.site)
    first, last = column.bounds()
    for index, block in column.kept():
        text = block.text
        if len(text) > MAX_LINE_CHARS or SENTENCE_END.search(text.removesuffix(".")):
            continue
        outside = index < first or index > last
        signed = fold(signature(block, column.facts.site)) if index > last else ""
        if fold(text) in authors or (signed and signed in authors):
            for about in (index, *_about_author(column, index)):
                column.remove(about, "byline:author", "metadata")
        elif (
            BYLINE_PREFIX.match(text)
            and text[:1] != "—"
            and (outside or index <= first + MAX_BLOCKS_UNDER_LEAD or block.tag not in ("p", "li"))
            and people([text], column.facts.site)
        ):
            column.remove(index, "byline:by", "metadata")
        elif index < first and block.tag not in HEADINGS and _names_only(text, column.facts.site):
            column.remove(index, "byline:names", "metadata")
        elif (index <= first + MAX_BLOCKS_UNDER_LEAD and _by_site(text, site)) or (
            index > last and len(text) < MIN_PROSE_CHARS and site and fold(text).startswith(site)
        ):
            column.remove(index, "byline:site", "metadata")
        elif outside and _agency(text):
            column.remove(index, "byline:agency", "metadata")


def _by_site(text: str, site: str) -> bool:
    """Return whether a line names the site as the author."""
    return BYLINE_PREFIX.match(text) is not None and fold(BYLINE_PREFIX.sub("", text)) == site


def _about_author(column: ColumnDecisions, index: int) -> range:
    """Return the blocks about the author below the name: the rest of an element that the name begins and that ends the column."""
    end = len(column.decisions)
    for node in column.decisions[index].block.node.chain(column.top):
        span = column.span(node)
        rest = range(index + 1, span.stop)
        if span.start == index and rest and span.stop == end and any(column.prose[:index]):
            size = sum(len(column.decisions[below].block.text) for below in rest)
            return rest if size <= MAX_BIOGRAPHY_CHARS else range(0)
    return range(0)


def _names_only(text: str, site: str) -> bool:
    """Return whether a line consists of people's names only."""
    parts = re.split(r"\s*(?:/|,|&|\band\b|\bи\b)\s*", text)
    return text[0].isalpha() and all(
        NAME_WORD_RANGE[0] <= len(part.split()) <= NAME_WORD_RANGE[1] and people([part], site) for part in parts
    )


def _agency(text: str) -> bool:
    """Return whether a line consists of agencies and initials: "sak/Reuters", "SDA, AFP"."""
    words = [word.casefold() for word in re.findall(r"[^\W\d_]+", text)]
    agencies = _agencies()
    named = sum(word in agencies for word in words)
    return named > 0 and len(words) <= 2 * named + 1
