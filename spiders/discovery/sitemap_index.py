"""Select the sitemaps of an index to read, by the dates in their names and by their `lastmod`."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from articles.dates import FIRST_YEAR
from spiders.date_window import DateSpan, DateWindow, end_of, span_of, span_of_days
from spiders.discovery.entries import SourceEntry

DATE_IN_NAME = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)(?:[-_/.]?(?P<m>0[1-9]|1[0-2]|[1-9](?!\d))(?:[-_/.]?(?P<d>0[1-9]|[12]\d|3[01]|[1-9](?!\d)))?)?(?!\d)"
)
MEDIA_NAME = re.compile(  # of a sitemap of videos or pictures; "video-news" may name articles
    r"(?<![^\W_])(?:videos?|images?|photos?|galler(?:y|ies)|foto|podcasts?)(?![^\W_])(?!.*(?:news|article|post))",
    re.IGNORECASE,
)
MIN_EQUAL_LASTMODS = 3  # if all of so many sitemaps have one lastmod, it is the time when the index was generated
MAX_INDEX_LAG = timedelta(days=2)  # an index may be cached, and older than its sitemaps
MAX_LATE_GROWTH = timedelta(days=60)  # a sitemap named for a period may still grow so long after its end
MAX_YEARS_AHEAD = 1  # a sitemap may be named for next year


def wanted(
    nested: Sequence[SourceEntry], window: DateWindow, walked: datetime | None = None
) -> tuple[list[SourceEntry], int]:
    """Return the sitemaps of an index that may name articles in a window, and the number of the others.

    Sitemaps of videos and pictures are left out: their URLs often have the form of articles. Sitemaps unchanged since
    `walked` (when a run last read all sources), with some days of margin, are left out too.

    A number is read as a date only if every sitemap with a name of that form has a date there: the 2,015th of 3,000
    sitemaps is not of 2015. A date in the name goes before `lastmod`. A `lastmod` is ignored if it lies in the future,
    or if all are the same.
    """
    named = _by_name(nested, window)
    stamps = {sitemap.modified for sitemap in nested}
    stamped = len(stamps) > 1 or len(nested) < MIN_EQUAL_LASTMODS
    kept = [
        sitemap
        for sitemap in nested
        if not MEDIA_NAME.search(urlsplit(sitemap.url).path.rpartition("/")[2])
        and _may_hold(sitemap, named.get(sitemap.url), window, stamped=stamped)
        and not (walked is not None and _unchanged(sitemap, named.get(sitemap.url), window, walked, stamped=stamped))
    ]
    return kept, len(nested) - len(kept)


def _may_hold(sitemap: SourceEntry, named: DateSpan | None, window: DateWindow, *, stamped: bool) -> bool:
    if named is not None:
        return window.overlaps(named)
    changed = span_of(sitemap.modified) if stamped else None
    return not (changed is not None and window.is_plausible(changed) and window.is_before(changed))


def _unchanged(
    sitemap: SourceEntry, named: DateSpan | None, window: DateWindow, walked: datetime, *, stamped: bool
) -> bool:
    """Return whether a sitemap has not changed since `walked`, by its name and `lastmod`."""
    changed = span_of(sitemap.modified) if stamped else None
    if changed is not None and window.is_plausible(changed):
        return changed.last < walked - MAX_INDEX_LAG
    return named is not None and named.last < walked - MAX_LATE_GROWTH


def _by_name(nested: Iterable[SourceEntry], window: DateWindow) -> dict[str, DateSpan]:
    """Return the period of publication for each sitemap whose name holds a date."""
    forms: defaultdict[str, list[tuple[str, DateSpan | None]]] = defaultdict(list)
    for sitemap in nested:
        parts = urlsplit(sitemap.url)
        text = f"{parts.path}?{parts.query}"
        forms[re.sub(r"\d+", "#", text)].append((sitemap.url, _named(text, window)))
    return {
        url: span
        for found in forms.values()
        if all(span for _, span in found)
        for url, span in found
        if span is not None
    }


def _named(text: str, window: DateWindow) -> DateSpan | None:
    for found in reversed(list(DATE_IN_NAME.finditer(text))):
        year, month, day = (int(found[name]) if found[name] else 0 for name in ("y", "m", "d"))
        if not FIRST_YEAR <= year <= window.now.year + MAX_YEARS_AHEAD:
            continue
        try:
            first = date(year, month or 1, day or 1)
        except ValueError:
            continue
        return span_of_days(first, end_of(first, "day" if day else "month" if month else "year"))
    return None
