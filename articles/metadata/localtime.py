"""A moment in UTC, given the clock by which its page shows it to readers.

The day on which an article is published is the day that it bears, not the one in Greenwich. Machines are often told the
moment in UTC only; the line under the headline shows it by the outlet's clock, sometimes without naming the zone.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone

from articles import dates
from articles.metadata import zones

MINUTE = 60  # seconds; also by how many two statements of one moment may differ: one leaves the seconds out
QUARTER = 15  # minutes: clocks stand so many times that many off Greenwich
CLOCKS = frozenset(  # minutes east of Greenwich at which some land's clocks stand (IANA tz database 2024b)
    [*range(-600, 0, 60), *range(60, 781, 60), -210, 210, 270, 330, 345, 390, 570, 630]
)
UTC = "+00:00"
MINUTES = "0000-00-00T00:00"  # as far as two statements of one clock must agree


def shown(value: str, others: Iterable[tuple[str, str]], country: str) -> tuple[str, str] | None:
    """Return who shows the moment `value` by a local clock, and the moment with that clock's offset; None if nobody does.

    `others` are (origin, ISO 8601 value). A value without zone shows the same moment where the difference is one at
    which clocks stand, that of `country` (see `articles.metadata.zones`) where it is known. The moment itself never changes.
    """
    moment = dates.instant(value)
    if moment is None or not value.endswith(UTC):
        return None
    others = list(others)
    for origin, other in others:
        same = dates.instant(other)
        if same is not None and not other.endswith(UTC) and abs((same - moment).total_seconds()) < MINUTE:
            return origin, moment.astimezone(datetime.fromisoformat(other).tzinfo).isoformat()
    for origin, other in others:
        minutes = _ahead(moment, other, country) if "T" in other and dates.instant(other) is None else None
        if minutes is not None:
            return origin, moment.astimezone(timezone(timedelta(minutes=minutes))).isoformat()
    return None


def mislabelled(value: str, others: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
    """Return who gives the clock of `value`, a time in UTC, with another offset, and the time with it; None if nobody does.

    Templates often write a local time and call it UTC; a page that states the offset of the same clock elsewhere knows it.
    """
    moment = dates.instant(value)
    if moment is None or not value.endswith(UTC):
        return None
    clock = value.removesuffix(UTC)
    for origin, other in others:
        if (
            dates.instant(other) is not None
            and not other.endswith(UTC)
            and other[: len(MINUTES)] == value[: len(MINUTES)]
        ):
            return origin, clock + other[-len(UTC) :]
    return None


def _ahead(moment: datetime, shown_as: str, country: str) -> int | None:
    """Return the minutes that a time without zone is ahead of a moment in UTC, None where no clock is so far off."""
    local = datetime.fromisoformat(shown_as)
    seconds = (local - moment.replace(tzinfo=None)).total_seconds()
    minutes = QUARTER * round(seconds / (MINUTE * QUARTER))
    known = zones.minutes_at(country, local)
    left_out = minutes * MINUTE - seconds  # by a line that shows minutes
    fits = 0 <= left_out < MINUTE and minutes in CLOCKS and known in (None, minutes)
    return minutes if fits else None
