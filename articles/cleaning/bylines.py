"""Lines that say who wrote it, where and when: datelines, bylines, agencies, rubrics."""

import re
from functools import cache

from articles import dates
from articles.cleaning.decisions import ColumnDecisions
from articles.cleaning.lines import SENTENCE_END, SHORT
from articles.data import load
from articles.metadata.authors import BY, people
from articles.page.blocks import HEADINGS
from articles.text import fold

LINE = 130  # characters of a dateline or byline
REST = 14  # letters that a dateline may hold besides date, time, names and the words below
NAME_WORDS = (2, 3)  # words of a name that stands alone
KICKER_WORDS = 4  # words of a line in capitals over the first paragraph: the rubric
CLOCK = re.compile(r"\b\d{1,2}[:.]\d{2}(?::\d{2})?\b|\b\d{1,4}\b|\b[ap]\.?m\b\.?", re.IGNORECASE)
UNDER_LEAD = 2  # blocks under the lead in which a byline may stand
SOURCE_LINE = 60  # characters of a line under the text that names the site as its source
LABEL = re.compile(r"[^\W\d_]{3,}\s?:\s")
LABELS = 2  # in a dateline
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
    """Strike lines that hold a date or a time, and little else, or what the line itself calls by names."""
    first, _ = column.bounds()
    for index, block in column.kept():
        text = block.text
        if len(text) > LINE or not dates.DIGIT.search(text):
            continue
        date = dates.parse(text)
        if (date or CLOCK.search(text)) and _rest(column, text) <= (REST if date else 0):
            column.strike(index, "dateline", "metadata")
        elif date and index <= first and not SENTENCE_END.search(text) and _labelled(text):
            column.strike(index, "dateline:labels", "metadata")


def _labelled(text: str) -> bool:
    """Return whether a line with a date says what its parts are: "12.09.2024 | Author: X | Views: 5", "Updated: …"."""
    return len(LABEL.findall(text)) >= LABELS or UPDATED.search(text) is not None


def _rest(column: ColumnDecisions, text: str) -> int:
    """Count the letters of a line that are neither of a month, nor of an author, nor of a dateline's usual words."""
    for name in column.facts.authors:
        text = text.replace(name, " ")
    words = re.findall(r"[^\W\d_]+", BY.sub("", CLOCK.sub(" ", text)))
    usual = _words()
    months = dates.months()
    return sum(len(word) for word in words if word.casefold() not in usual and word.casefold() not in months)


def bylines(column: ColumnDecisions) -> None:
    """Strike lines that name who wrote it, and lines that name agencies only."""
    authors = {fold(name) for name in column.facts.authors} | {fold("".join(column.facts.authors))}
    site = fold(column.facts.site)
    first, last = column.bounds()
    for index, block in column.kept():
        text = block.text
        if len(text) > LINE or SENTENCE_END.search(text.removesuffix(".")):
            continue
        outside = index < first or index > last
        if fold(text) in authors:
            column.strike(index, "byline:author", "metadata")
        elif (
            BY.match(text)
            and text[:1] != "—"
            and (outside or index <= first + UNDER_LEAD or block.tag not in ("p", "li"))
            and people([text], column.facts.site)
        ):
            column.strike(index, "byline:by", "metadata")
        elif index < first and block.tag not in HEADINGS and _names_only(text, column.facts.site):
            column.strike(index, "byline:names", "metadata")
        elif index <= first + UNDER_LEAD and BY.match(text) and fold(BY.sub("", text)) == site:
            column.strike(index, "byline:site", "metadata")
        elif index < first and text.isupper() and len(text.split()) <= KICKER_WORDS:
            column.strike(index, "title:kicker", "metadata")
        elif index > last and len(text) <= SOURCE_LINE and site and fold(text).startswith(site):
            column.strike(index, "byline:site", "metadata")
        elif outside and _agency(text):
            column.strike(index, "byline:agency", "metadata")


def _names_only(text: str, site: str) -> bool:
    """Return whether a line is made of people's names and nothing else."""
    parts = re.split(r"\s*(?:/|,|&|\band\b|\bи\b)\s*", text)
    return all(NAME_WORDS[0] <= len(part.split()) <= NAME_WORDS[1] and people([part], site) for part in parts)


def _agency(text: str) -> bool:
    """Return whether a line is made of agencies and initials: "sak/Reuters", "SDA, AFP"."""
    words = [word.casefold() for word in re.findall(r"[^\W\d_]+", text)]
    agencies = _agencies()
    named = sum(word in agencies for word in words)
    return named > 0 and len(words) <= 2 * named + 1 and len(text) < SHORT / 4
