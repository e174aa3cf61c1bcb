"""Infer the UTC offset of an outlet's country, if the whole country has one.

An inferred offset is mentioned in the reason for a date (`articles.metadata.published`), never written into the date.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

from articles.data import load

FIRST_SUMMER_TIME_YEAR = 1996  # the first year in which one rule held in the whole European Union
HOUR_MINUTES = 60
MARCH, OCTOBER = 3, 10
LAST_DAY = 31  # of both months
SWITCH_MINUTES = 60  # minutes after midnight UTC at which summer time begins and ends


class _Clocks(NamedTuple):
    fixed: Mapping[str, tuple[tuple[date, int], ...]]  # country -> (first day, minutes east of UTC), newest first
    summer: Mapping[str, int]  # country -> minutes east of UTC in winter


@cache
def _clocks() -> _Clocks:
    read = load("zones")
    fixed = {
        country: tuple(sorted(since.items(), reverse=True)) for country, since in read.items() if country != "summer"
    }
    return _Clocks(fixed, read["summer"])


def country_of(url: str) -> str:
    """Return the country code in a URL's top-level domain, empty if its offset is not known."""
    label = (urlsplit(url).hostname or "").rpartition(".")[2]
    clocks = _clocks()
    return label if label in clocks.fixed or label in clocks.summer else ""


def minutes_at(country: str, local: datetime) -> int | None:
    """Return a country's UTC offset in minutes at a local time (without zone), None if it is not known."""
    clocks = _clocks()
    since = next((minutes for start, minutes in clocks.fixed.get(country, ()) if local.date() >= start), None)
    if since is not None:
        return since
    winter = clocks.summer.get(country)
    if winter is None or local.year < FIRST_SUMMER_TIME_YEAR:
        return None
    begins = _switch(local.year, MARCH) + timedelta(minutes=winter)
    ends = _switch(local.year, OCTOBER) + timedelta(minutes=winter + HOUR_MINUTES)
    return winter + HOUR_MINUTES if begins <= local < ends else winter


def _switch(year: int, month: int) -> datetime:
    """Return the last Sunday of a month at 01:00 UTC, as a datetime without zone."""
    last = datetime(year, month, LAST_DAY)  # noqa: DTZ001  arithmetic on local times
    return last - timedelta(days=last.isoweekday() % 7) + timedelta(minutes=SWITCH_MINUTES)
