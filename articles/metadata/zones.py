"""The clock of an outlet's country, where the country has one for everybody.

A zone that is inferred so is told beside a date (`articles.metadata.published`), never written into it.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

from articles.data import load

SUMMER_FROM = 1996  # the first year in which the whole Union went by one rule
HOUR = 60  # minutes
MARCH, OCTOBER = 3, 10
LAST = 31  # day of both months
SWITCH = 60  # minutes after midnight UTC at which summer time begins and ends


class _Clocks(NamedTuple):
    fixed: Mapping[str, tuple[tuple[date, int], ...]]  # country -> since when, minutes; newest first
    summer: Mapping[str, int]  # country -> minutes in winter


@cache
def _clocks() -> _Clocks:
    read = load("zones")
    fixed = {
        country: tuple(sorted(since.items(), reverse=True)) for country, since in read.items() if country != "summer"
    }
    return _Clocks(fixed, read["summer"])


def country_of(url: str) -> str:
    """Return the country that a host's last label names, empty where its clock is not known."""
    label = (urlsplit(url).hostname or "").rpartition(".")[2]
    clocks = _clocks()
    return label if label in clocks.fixed or label in clocks.summer else ""


def minutes_at(country: str, local: datetime) -> int | None:
    """Return the minutes east of Greenwich that a country's clocks stood at, at a local time without zone.

    None where the country's clock is not known for that time.
    """
    clocks = _clocks()
    since = next((minutes for start, minutes in clocks.fixed.get(country, ()) if local.date() >= start), None)
    if since is not None:
        return since
    winter = clocks.summer.get(country)
    if winter is None or local.year < SUMMER_FROM:
        return None
    begins = _switch(local.year, MARCH) + timedelta(minutes=winter)
    ends = _switch(local.year, OCTOBER) + timedelta(minutes=winter + HOUR)
    return winter + HOUR if begins <= local < ends else winter


def _switch(year: int, month: int) -> datetime:
    """Return the last Sunday of a month, 01:00 UTC, as a time without zone."""
    last = datetime(year, month, LAST)  # noqa: DTZ001  arithmetic on local times
    return last - timedelta(days=last.isoweekday() % 7) + timedelta(minutes=SWITCH)
