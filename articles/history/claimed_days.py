"""Judge how far other evidence bears out the day on which a document says that it was published.

A page can state any date. Its day counts against other documents only if one of these bears it out: the first capture
that showed its text, the date in its address, the date that a feed or sitemap gave, or, for an outlet that has a file,
the span of days of which such evidence exists.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from articles import dates
from articles.dates import ISO_DATE_CHARS

# From the day that a page states to the first capture of its text: a daily crawl, a weekend's delay of a feed, time zones
MAX_DAYS_BEFORE_SIGHTING = 3
MAX_DAYS_FROM_WITNESS = 2  # between a stated day and another date that bears it out: time zones, a feed's own clock


@dataclass(frozen=True, slots=True)
class ClaimedDay:
    """The day of publication that a document states, with the evidence for it. Days are ISO 8601; empty: unknown."""

    day: str
    seen: str  # when its text was first seen
    address: str = ""  # its URL
    listed: tuple[str, ...] = ()  # the dates that feeds and sitemaps gave, as they gave them

    @property
    def near_sighting(self) -> bool:
        """Whether its text was first seen soon after that day."""
        return not self.seen or self.day >= shifted(self.seen, -MAX_DAYS_BEFORE_SIGHTING)

    @property
    def witnessed(self) -> bool:
        """Whether the address, or a feed or sitemap, gives about the same day."""
        found = (dates.from_url(self.address), *map(dates.parse, self.listed))
        return any(other and _near(self.day, other[:ISO_DATE_CHARS]) for other in found)


def borne_out(claims: Mapping[str, ClaimedDay], outlets: Mapping[str, str]) -> frozenset[str]:
    """Return the ids of the documents whose claimed day other evidence bears out.

    `outlets` holds the name of the outlet of each document whose outlet has a file.
    """
    found = {name for name, claim in claims.items() if claim.day and (claim.near_sighting or claim.witnessed)}
    starts: dict[str, str] = {}
    for name in found & outlets.keys():
        starts[outlets[name]] = min(starts.get(outlets[name], claims[name].day), claims[name].day)
    in_span = (
        name
        for name, outlet in outlets.items()
        if outlet in starts and starts[outlet] <= claims[name].day <= claims[name].seen
    )
    return frozenset((*found, *in_span))


def doubt(claim: ClaimedDay, *, is_borne_out: bool) -> str:
    """Return why a claimed day is implausible, or an empty string."""
    if not claim.day or is_borne_out:
        return ""
    days = date.fromisoformat(claim.seen).toordinal() - date.fromisoformat(claim.day).toordinal()
    return f"{claim.day} is {days} days before the text was first seen, and nothing else bears it out"


def day_of(published: str) -> str:
    """Return the day of an ISO 8601 date, or an empty string if there is none."""
    day = published[:ISO_DATE_CHARS]
    try:
        date.fromisoformat(day)
    except ValueError:
        return ""
    return day


@lru_cache(1 << 14)
def shifted(day: str, days: int) -> str:
    """Return the day so many days later."""
    return (date.fromisoformat(day) + timedelta(days)).isoformat()


def _near(one: str, other: str) -> bool:
    return shifted(one, -MAX_DAYS_FROM_WITNESS) <= other <= shifted(one, MAX_DAYS_FROM_WITNESS)


def listed_dates(found: Iterable[str]) -> tuple[str, ...]:
    """Return the distinct dates that feeds and sitemaps gave, sorted."""
    return tuple(sorted({one for one in found if one}))
