"""Dates that a page counts back from when it was served: "вчера, 14:05", "3 сағат бұрын".

Read only where that is safe: the clock of the outlet's country is known, so that "today" is one day, and the line says
nothing else. An hour that could be on either side of midnight gives nothing.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple

from articles.data import load
from articles.metadata import zones

LINE = 40  # characters of a line that says when and nothing else
CLOCK = r"(?:,?\s*(?:в|о|at|um|godz\.?|saat|soat|саат)?\s*(?P<H>[01]?\d|2[0-3]):(?P<M>[0-5]\d))?"
UNITS = {"minutes": timedelta(minutes=1), "hours": timedelta(hours=1), "days": timedelta(days=1)}
MOST = 30  # days; a page that is older gives a date


class _Words(NamedTuple):
    days: re.Pattern[str]
    yesterday: frozenset[str]
    ago: Mapping[str, re.Pattern[str]]


@cache
def _words() -> _Words:
    read = load("relative")
    days = "|".join(map(re.escape, (*read["today"], *read["yesterday"])))
    ago = {unit: re.compile("|".join(f"(?:{one})" for one in patterns)) for unit, patterns in read["ago"].items()}
    return _Words(re.compile(rf"(?P<day>{days}){CLOCK}"), frozenset(read["yesterday"]), ago)


def parse(text: str, served: datetime, country: str) -> str:
    """Return the day, or the local time, that a line names by its distance from `served`; empty where it is not sure."""
    minutes = zones.minutes_at(country, served.astimezone(UTC).replace(tzinfo=None))
    if minutes is None or len(text) > LINE:
        return ""
    words, local = _words(), served.astimezone(UTC).replace(tzinfo=None) + timedelta(minutes=minutes)
    line = text.casefold().strip(" .,|•·–—")
    named = words.days.fullmatch(line)
    if named:
        day = (local - timedelta(days=named["day"] in words.yesterday)).date().isoformat()
        return f"{day}T{int(named['H']):02}:{named['M']}" if named["H"] else day
    for unit, pattern in words.ago.items():
        found = pattern.fullmatch(line)
        if found:
            count = int(next(group for group in found.groups() if group))
            return _back(local, count, UNITS[unit])
    return ""


def _back(local: datetime, count: int, unit: timedelta) -> str:
    """Return the day so many units back, where it is the same however the page has rounded."""
    if count * unit > timedelta(days=MOST):
        return ""
    furthest = count if unit == UNITS["days"] else count + 1  # "3 hours ago" is any time in that hour
    first, last = ((local - unit * back).date() for back in (count, furthest))
    return first.isoformat() if first == last else ""
