"""Read the dates that pages state in data attributes for their scripts, which show them as "yesterday" or without a year."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from lxml import etree
from lxml.etree import _Element

from articles import dates
from articles.metadata import relative_dates
from articles.metadata.context import MetadataContext
from articles.page.blocks import Block, Page, normalise
from articles.page.column import prose
from articles.page.element_kinds import is_element_around
from articles.text import WORD

NAMES = (
    "data-timestamp", "data-datetime", "data-date", "data-time", "data-utime", "data-unixtime", "data-published",
    "data-pubdate", "data-publish-date", "data-created", "data-ts", "title",
)  # fmt: skip
HOLDERS = etree.XPath(f"//*[{' or '.join(f'@{name}' for name in NAMES)}][not(self::a or self::img)]")
MAX_HOLDERS = 200  # of a page that are read
MIN_CHARS = 4  # of the text that shows a date: "5 May", "kecha"
MAX_CHARS = 60  # of a date, and of the line that shows it


def find(source: MetadataContext) -> Iterator[str]:
    """Yield the values of elements whose text is a date, or a part of one, in a line between the headline and the text."""
    if source.root is None:
        return
    lines = {block.position for block in _lines(source)}
    found = HOLDERS(source.root) if lines else ()
    holders = (one for one in found if isinstance(one, _Element)) if isinstance(found, list) else ()
    shown = [(element, _shown(element)) for element in islice(holders, MAX_HOLDERS) if not is_element_around(element)]
    showing = Counter(text for _, text in shown)
    places = {text: _places(source.page, text) for text in showing if tells_day(text)}
    passed: Counter[str] = Counter()
    for element, text in shown:
        at, number = places.get(text, []), passed[text]
        passed[text] += 1
        value = next(value for name in NAMES if (value := element.get(name)) is not None)
        # Cards of other articles may show the same words: then the elements and the lines must correspond one by one.
        here = lines.issuperset(at) or (len(at) == showing[text] and at[number] in lines)
        if at and here and len(value) <= MAX_CHARS:
            yield value


def _lines(source: MetadataContext) -> Iterator[Block]:
    """Yield the lines between the headline and the text; the text's first paragraph, the lead, may be among them."""
    paragraphs = 0
    for block in source.head():
        paragraphs += block.position > source.heading and prose(block)
        if paragraphs > 1:
            return
        if block.position > source.heading and len(block.text) <= MAX_CHARS:
            yield block


def _shown(element: _Element) -> str:
    return normalise("".join(str(part) for part in islice(element.itertext(), MAX_CHARS)))[: MAX_CHARS + 1]


def _places(page: Page, text: str) -> list[int]:
    """Return the positions of the lines of a page that have a text as whole words."""
    words = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)")
    return [block.position for block in page.blocks if len(block.text) <= MAX_CHARS and words.search(block.text)]


def tells_day(text: str) -> bool:
    """Return whether a text tells a day: as a date, by a month and a number, or by a word such as "yesterday"."""
    if not MIN_CHARS <= len(text) <= MAX_CHARS:
        return False
    month = any(dates.month_of(word) for word in WORD.findall(text)) and any(map(str.isdigit, text))
    return month or bool(dates.parse(text)) or relative_dates.is_relative(text)
