"""What the sitemaps of an index say of their content: by the dates in their names, and by their `lastmod`."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from articles.dates import FIRST_YEAR
from spiders.date_window import DateSpan, DateWindow, end_of, span_of, span_of_days
from spiders.discovery.feeds import SourceEntry

DATED = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)(?:[-_/.]?(?P<m>0[1-9]|1[0-2]|[1-9](?!\d))(?:[-_/.]?(?P<d>0[1-9]|[12]\d|3[01]|[1-9](?!\d)))?)?(?!\d)"
)
SAME = 3  # sitemaps of one lastmod: when an index was made says nothing of what its sitemaps hold
CACHED = timedelta(days=2)  # how long an index may be behind its sitemaps
LATE = timedelta(days=60)  # how long after its time a sitemap that is named for it may still grow
MARGIN_YEARS = 1  # a sitemap may be named for the year to come


def wanted(
    nested: Sequence[SourceEntry], window: DateWindow, walked: datetime | None = None
) -> tuple[list[SourceEntry], int]:
    """Return the sitemaps of an index that may name articles of a window, and how many others there are.

    What has not changed since all of it was `walked` is left out too, with some days to spare.

    A number is taken for a date only if every sitemap of that form of name has a date there: the 2,015th of 3,000
    sitemaps is not of 2015. What one name says goes before its `lastmod`; a `lastmod` is not believed where it lies in
    the future, or where all have the same.
    """
    named = _by_name(nested, window)
    stamps = {one.modified for one in nested}
    stamped = len(stamps) > 1 or len(nested) < SAME
    kept = [
        one
        for one in nested
        if _may_hold(one, named.get(one.url), window, stamped=stamped)
        and not (walked is not None and _settled(one, named.get(one.url), window, walked, stamped=stamped))
    ]
    return kept, len(nested) - len(kept)


def _may_hold(one: SourceEntry, named: DateSpan | None, window: DateWindow, *, stamped: bool) -> bool:
    if named is not None:
        return window.holds(named)
    changed = span_of(one.modified) if stamped else None
    return not (changed is not None and window.believes(changed) and window.passed(changed))


def _settled(one: SourceEntry, named: DateSpan | None, window: DateWindow, walked: datetime, *, stamped: bool) -> bool:
    """Whether nothing has come to a sitemap since all was walked, as far as it tells."""
    changed = span_of(one.modified) if stamped else None
    if changed is not None and window.believes(changed):
        return changed.last < walked - CACHED
    return named is not None and named.last < walked - LATE


def _by_name(nested: Iterable[SourceEntry], window: DateWindow) -> dict[str, DateSpan]:
    """Return when the articles were published of sitemaps whose names say so."""
    forms: defaultdict[str, list[tuple[str, DateSpan | None]]] = defaultdict(list)
    for one in nested:
        parts = urlsplit(one.url)
        text = f"{parts.path}?{parts.query}"
        forms[re.sub(r"\d+", "#", text)].append((one.url, _named(text, window)))
    return {
        url: span
        for found in forms.values()
        if all(span for _, span in found)
        for url, span in found
        if span is not None
    }


def _named(text: str, window: DateWindow) -> DateSpan | None:
    for found in reversed(list(DATED.finditer(text))):
        year, month, day = (int(found[name]) if found[name] else 0 for name in ("y", "m", "d"))
        if not FIRST_YEAR <= year <= window.now.year + MARGIN_YEARS:
            continue
        try:
            first = date(year, month or 1, day or 1)
        except ValueError:
            continue
        return span_of_days(first, end_of(first, "day" if day else "month" if month else "year"))
    return None
