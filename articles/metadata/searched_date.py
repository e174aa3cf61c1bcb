"""Search a whole page for its date with htmldate: a witness of last resort, as it finds a date on nearly every page.

htmldate is given the capture's time, so that its result does not depend on the clock, and a day that it names counts only
if the page writes it: it also completes dates that lack a year or a day.
"""

import re
from copy import deepcopy
from datetime import date, datetime

from lxml import etree
from lxml.etree import _Element

from articles.dates import FIRST_YEAR
from articles.page import json_repair

CENTURY_YEARS = 100
JSON_LD = "ld+json"  # what it states of the article was read before
STATED = re.compile(  # a key named after publication, with a short value
    r"\b\w{0,20}?(?:publi|creat|post|date)\w{0,20}[\"']?\s{0,9}:\s{0,9}[\"'][^\"']{8,40}[\"']", re.IGNORECASE
)


def search(root: _Element, latest: datetime) -> str:
    """Return the ISO 8601 day that htmldate finds on a page, an empty string if there is none or the page lacks it."""
    from htmldate import find_date  # noqa: PLC0415  takes 0.1 s, and few pages need it

    searched = deepcopy(root)
    for script in searched.iter("script"):
        stated = _stated(script)
        script.attrib.clear()  # an address may hold another day
        script.text = stated
    markup = etree.tostring(searched, encoding="unicode", method="html")
    try:
        found = find_date(
            markup,
            url="",
            original_date=True,
            extensive_search=False,
            min_date=f"{FIRST_YEAR}-01-01",
            max_date=latest.date().isoformat(),
        )
    except (ValueError, OverflowError, RecursionError):  # raised by the date parsers that htmldate tries
        return ""
    return found if found and writes(markup, date.fromisoformat(found)) else ""


def _stated(script: _Element) -> str:
    """Return of a script what may state the article's date: others are of offers, builds and, in JSON-LD, other articles."""
    text = script.text or ""
    known = JSON_LD in (script.get("type") or "").lower() and json_repair.parse(text) is not None
    return "" if known else f"{{{', '.join(STATED.findall(text))}}}"


def writes(markup: str, day: date) -> bool:
    """Return whether a page writes a day in full: year, month and day together, in digits or with the month's name."""
    year, short = str(day.year), f"{day.year % CENTURY_YEARS:02}"
    number, month = f"0?{day.day}", f"0?{day.month}"
    forms = (
        rf"{year}\W?{month}\W?{number}(?!\d)",
        rf"(?<!\d){number}\W{{1,2}}{month}\W{{1,2}}(?:{year}|{short})(?!\d)",
        rf"(?<!\d){month}\W{{1,2}}{number}\W{{1,2}}(?:{year}|{short})(?!\d)",
        rf"(?<!\d){number}(?:\D{{2,24}}){year}(?!\d)",
        rf"{year}\D{{2,24}}(?<!\d){number}(?!\d)",
        rf"[^\W\d_]{{3,}}\.?\s+{number}\D{{1,6}}{year}(?!\d)",
    )
    return any(re.search(form, markup) for form in forms)
