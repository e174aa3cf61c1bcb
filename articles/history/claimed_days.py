"""Judge how far other evidence bears out the day on which a document says that it was published.

A page can state any date. Its day counts against other documents only if one of these bears it out: the first capture
that showed its text, the date in its address, the date that a feed or sitemap gave, or, for an outlet that has a file,
the span of days of which such evidence exists.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from articles import dates
from articles.dates import ISO_DATE_CHARS
from articles.history.identity import RowHead
from articles.model import Link, LinkKind

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
        return any(_near(self.day, other) for other in self._witnesses)

    @property
    def witness(self) -> str:
        """The earliest day that the address, a feed or a sitemap gives; empty if none does."""
        return min(self._witnesses, default="")

    @property
    def _witnesses(self) -> list[str]:
        found = (dates.from_url(self.address), *map(dates.parse, self.listed))
        return [other[:ISO_DATE_CHARS] for other in found if other]


def proved(claims: Mapping[str, ClaimedDay]) -> frozenset[str]:
    """Return the ids of the documents whose claimed day evidence about the document itself bears out."""
    return frozenset(name for name, claim in claims.items() if claim.day and (claim.near_sighting or claim.witnessed))


def span_starts(
    claims: Mapping[str, ClaimedDay], outlets: Mapping[str, str], found: Collection[str], others: Mapping[str, str]
) -> dict[str, str]:
    """Return the earliest proved day of each outlet, of the documents `found` and as `others` says.

    `outlets` holds the name of the outlet of each document whose outlet has a file.
    """
    starts = dict(others)
    for name in found:
        if name in outlets:
            starts[outlets[name]] = min(starts.get(outlets[name], claims[name].day), claims[name].day)
    return starts


def in_spans(claims: Mapping[str, ClaimedDay], outlets: Mapping[str, str], starts: Mapping[str, str]) -> frozenset[str]:
    """Return the ids of the documents whose claimed day lies in the span of days that their outlet has proved."""
    return frozenset(
        name
        for name, outlet in outlets.items()
        if outlet in starts and starts[outlet] <= claims[name].day <= claims[name].seen
    )


def doubt(claim: ClaimedDay, *, is_borne_out: bool) -> str:
    """Return why a claimed day is implausible, or an empty string."""
    if not claim.day or is_borne_out:
        return ""
    days = date.fromisoformat(claim.seen).toordinal() - date.fromisoformat(claim.day).toordinal()
    return f"{claim.day} is {days} days before the text was first seen, and no other evidence confirms it"


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


def texts_seen(
    current: Mapping[str, RowHead], by_row: Mapping[str, RowHead], links: Iterable[Link], shown: Mapping[str, datetime]
) -> dict[str, str]:
    """Return the day on which the current text of each document was first seen, in its present or an earlier wording.

    `shown` is the time of the first capture that showed each row, by row id.

    An earlier row counts as a wording of the same text if it has the same version key, or is a near duplicate of a text
    that the current row duplicates too. So an edit does not make a text younger, but a page that was filled with another
    text is as young as that text.
    """
    first = {head.row_id: name for name, head in current.items()}
    wordings = {name: {head.row_id} for name, head in current.items()}
    for row_id, head in by_row.items():
        if head.document_id in current and head.version_key == current[head.document_id].version_key:
            wordings[head.document_id].add(row_id)
    alike = [found for found in links if found.kind in {LinkKind.DUPLICATE, LinkKind.CONTAINED}]
    pairs = {
        frozenset((by_row[found.a].document_id, by_row[found.b].document_id))
        for found in alike
        if found.a in first and found.b in first
    }
    for found in alike:
        sides = by_row[found.a].document_id, by_row[found.b].document_id
        if frozenset(sides) in pairs:
            wordings[sides[0]].add(found.a)
            wordings[sides[1]].add(found.b)
    return {
        name: min(shown[row_id] for row_id in rows if row_id in shown).date().isoformat()
        for name, rows in wordings.items()
    }
