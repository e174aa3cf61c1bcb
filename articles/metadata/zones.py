"""Infer the UTC offset of an outlet's country, if its press uses one clock. The rules are those of the package `tzdata`.

An inferred offset is mentioned in the reason for a date (`articles.metadata.published`), never written into the date.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from articles.data import load

FIRST_YEAR = 1970  # the first year for which the IANA database is complete
MINUTE = timedelta(minutes=1)


@cache
def _names() -> Mapping[str, str]:
    return dict(load("zones"))


@cache
def _zone(name: str) -> ZoneInfo:
    """Return a zone of the installed package, not of the system, so that all machines agree."""
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, name)


def country_of(url: str) -> str:
    """Return the country code in a URL's top-level domain, empty if its offset is not known."""
    label = (urlsplit(url).hostname or "").rpartition(".")[2]
    return label if label in _names() else ""


def minutes_at(country: str, local: datetime) -> int | None:
    """Return a country's UTC offset in minutes at a local time (without zone), None if it is not known."""
    name = _names().get(country)
    if name is None or local.year < FIRST_YEAR:
        return None
    offset = _zone(name).utcoffset(local)
    return None if offset is None else round(offset / MINUTE)
