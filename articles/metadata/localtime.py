"""Convert a publication time in UTC to the local time that the page shows its readers.

An article is published on the day that its page shows, which may differ from the day in UTC. Metadata often gives the
time in UTC only, while the line under the headline shows local time, sometimes without a zone.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone

from articles import dates
from articles.metadata import zones

MINUTE = 60  # seconds; two values for one moment may differ by less than this, as one may omit the seconds
QUARTER_HOUR = 15  # minutes; UTC offsets are multiples of it
UTC_OFFSETS = frozenset(  # minutes east of UTC that are in use somewhere (IANA tz database 2024b)
    [*range(-600, 0, 60), *range(60, 781, 60), -210, 210, 270, 330, 345, 390, 570, 630]
)
UTC = "+00:00"
MINUTE_PRECISION = "0000-00-00T00:00"  # two values show the same clock time if they agree in so many characters


def find_local_time(value: str, others: Iterable[tuple[str, str]], country: str) -> tuple[str, str] | None:
    """Return the origin that shows the UTC time `value` as local time, and that local time with its offset, else None.

    `others` are (origin, ISO 8601 value) pairs. A value without a zone shows the same moment if its difference from
    `value` is a UTC offset in use: that of `country` if it is known (see `articles.metadata.zones`). The moment itself
    never changes.
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
        minutes = _minutes_ahead(moment, other, country) if "T" in other and dates.instant(other) is None else None
        if minutes is not None:
            return origin, moment.astimezone(timezone(timedelta(minutes=minutes))).isoformat()
    return None


def find_true_offset(value: str, others: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
    """Return the origin that gives the clock time of `value` with another offset than UTC, and that time, else None.

    Templates often write local time and label it UTC. Where the page gives the same clock time with another offset,
    that offset is right. `others` are (origin, ISO 8601 value) pairs.
    """
    moment = dates.instant(value)
    if moment is None or not value.endswith(UTC):
        return None
    clock = value.removesuffix(UTC)
    for origin, other in others:
        if (
            dates.instant(other) is not None
            and not other.endswith(UTC)
            and other[: len(MINUTE_PRECISION)] == value[: len(MINUTE_PRECISION)]
        ):
            return origin, clock + other[-len(UTC) :]
    return None


def _minutes_ahead(moment: datetime, other: str, country: str) -> int | None:
    """Return the UTC offset in minutes by which a local time shows a moment in UTC, None if no such offset is in use."""
    local = datetime.fromisoformat(other)
    seconds = (local - moment.replace(tzinfo=None)).total_seconds()
    minutes = QUARTER_HOUR * round(seconds / (MINUTE * QUARTER_HOUR))
    known = zones.minutes_at(country, local)
    omitted = minutes * MINUTE - seconds  # seconds that a line showing only minutes omits
    fits = 0 <= omitted < MINUTE and minutes in UTC_OFFSETS and known in (None, minutes)
    return minutes if fits else None
