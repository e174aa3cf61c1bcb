"""Tell from its children what an element is, where its class doesn't say: a card, or a record for machines."""

import re

from lxml.etree import _Element

MIN_PROPERTIES = 8  # of a record; on dev and dev2 records have 12 to 64, articles that are shown up to 4
MIN_MACHINE_VALUES = 3
# Values that no page shows to its readers: a date with "T", a URL.
MACHINE_VALUE = re.compile(r"\d{4}-\d\d-\d\dT\d\d|https?://\S+$")


def is_card(element: _Element) -> bool:
    """Return whether an element begins with an empty link to another page, which a template lays over a card's text."""
    first = element[0] if len(element) else None
    if first is None or first.tag != "a" or len(first) or (first.text or "").strip() or (element.text or "").strip():
        return False
    return (first.get("href") or "#")[0] != "#" and not (first.tail or "").strip()


def is_record(element: _Element) -> bool:
    """Return whether an element only holds microdata for search engines, hidden by a style sheet.

    All its children are properties, and some of them have values as machines write them. Its `articleBody` is a copy.
    """
    children = list(element.iterchildren("*"))
    return (
        len(children) >= MIN_PROPERTIES
        and all(child.get("itemprop") for child in children)
        and sum(bool(MACHINE_VALUE.match((child.text or "").strip())) for child in children) >= MIN_MACHINE_VALUES
    )
