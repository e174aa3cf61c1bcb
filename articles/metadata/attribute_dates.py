"""Read the dates that pages state in data attributes for their scripts, which show them as "yesterday" or without a year."""

from collections.abc import Iterator
from itertools import islice

from lxml import etree
from lxml.etree import _Element

from articles.metadata.context import MetadataContext
from articles.page.blocks import normalise

NAMES = (
    "data-timestamp", "data-datetime", "data-date", "data-time", "data-utime", "data-unixtime", "data-published",
    "data-pubdate", "data-publish-date", "data-created", "data-ts", "title",
)  # fmt: skip
HOLDERS = etree.XPath(f"//*[{' or '.join(f'@{name}' for name in NAMES)}][not(self::a or self::img)]")
MAX_HOLDERS = 200  # of a page that are read
MAX_CHARS = 60  # of a date, and of the line that shows it


def find(source: MetadataContext) -> Iterator[str]:
    """Yield the values of elements whose text is, or is in, a line below the headline."""
    if source.root is None:
        return
    lines = [block.text for block in source.head() if block.position > source.heading and len(block.text) <= MAX_CHARS]
    found = HOLDERS(source.root)
    holders = (one for one in found if isinstance(one, _Element)) if isinstance(found, list) else ()
    for element in islice(holders, MAX_HOLDERS):
        shown = normalise("".join(str(part) for part in islice(element.itertext(), MAX_CHARS)))
        value = next(value for name in NAMES if (value := element.get(name)) is not None)
        if shown and len(value) <= MAX_CHARS and any(shown in line for line in lines):
            yield value
