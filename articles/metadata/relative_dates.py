"""Parse relative dates such as "вчера, 14:05" or "3 сағат бұрын".

They are relative to the time at which the page was served. They are parsed only if the result is certain: the zone of
the outlet's country is known, the line says nothing else, and the hour cannot be on either side of midnight.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple

from articles.data import load
from articles.metadata import zones

MAX_LINE_CHARS = 40  # length of a line that holds only a relative date
CLOCK = r"(?:,?\s*(?:в|о|at|um|godz\.?|saat|soat|саат)?\s*(?P<H>[01]?\d|2[0-3]):(?P<M>[0-5]\d))?"
UNITS = {"minutes": timedelta(minutes=1), "hours": timedelta(hours=1), "days": timedelta(days=1)}
MAX_DAYS_BACK = 30  # an older page states a date


class _Words(NamedTuple):
    days: re.Pattern[str]
    named: re.Pattern[str]
    yesterday: frozenset[str]
    ago: Mapping[str, re.Pattern[str]]


@cache
def _words() -> _Words:
    read = load("relative")
    days = "|".join(map(re.escape, (*read["today"], *read["yesterday"])))
    ago = {
        unit: re.compile("|".join(f"(?:{pattern})" for pattern in patterns)) for unit, patterns in read["ago"].items()
    }
    named = re.compile(rf"(?<!\w)(?:{days})(?!\w)")
    return _Words(re.compile(rf"(?P<day>{days}){CLOCK}"), named, frozenset(read["yesterday"]), ago)


def parse(text: str, served: datetime, country: str) -> str:
    """Return the ISO 8601 day or local time that a line names relative to `served`, empty if it is not certain."""
    minutes = zones.minutes_at(country, served.astimezone(UTC).replace(tzinfo=None))
    if minutes is None or len(text) > MAX_LINE_CHARS:
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
            return _day_before(local, count, UNITS[unit])
    return ""


def is_relative(text: str) -> bool:
    """Return whether a text has a word or phrase such as "yesterday" or "3 hours ago"."""
    words, line = _words(), text.casefold()
    return words.named.search(line) is not None or any(pattern.search(line) for pattern in words.ago.values())


def _day_before(local: datetime, count: int, unit: timedelta) -> str:
    """Return the day `count` units before `local`, empty if it depends on how the page rounded."""
    if count * unit > timedelta(days=MAX_DAYS_BACK):
        return ""
    furthest = count if unit == UNITS["days"] else count + 1  # "3 hours ago" may be nearly 4 hours ago
    first, last = ((local - unit * back).date() for back in (count, furthest))
    return first.isoformat() if first == last else ""
