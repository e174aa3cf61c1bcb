"""Dates of publication and modification: all candidates in order of trust, of which the first believable is chosen."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from articles import dates
from articles.dates import ISO_DATE_CHARS
from articles.metadata import attribute_dates, date_candidates, localtime, relative_dates, searched_date, zones
from articles.metadata.context import MetadataContext
from articles.model import Choice, Evidence
from articles.page.column import prose
from articles.page.structured import Structured

MONTH_FIRST_REGION = "en-us"
ADDRESS = "url"
SHOWN = frozenset({"visible", "time"})  # origins between the headline and the text
MAX_ZONE_DIFFERENCE = timedelta(days=1)  # of the days of one moment in two zones
MAX_DATELINE_PLACE_CHARS = 40  # of the place before the date of a dateline
MAX_PLACE_WORDS = 2  # of it, unless it is in capitals
DATELINE_END = re.compile(r"(?:\s?(?:г\.|года|р\.|року|ж\.))?[)\].,/]{0,2}\s?[-–—/]")
APART = frozenset({"visible:apart", "time:apart", "search"})  # origins that may be about something else


class DateCandidate(NamedTuple):
    """A date (ISO 8601) and the source that states it."""

    origin: str
    value: str


def read(source: MetadataContext) -> tuple[str, str, list[Evidence], list[Choice]]:
    """Return the dates of publication and of the last change (empty if not stated), the candidates and the reasons."""
    found = date_candidates.collect(source)
    country = source.site_facts.clock or zones.country_of(source.url)
    published = _not_of_today(_address_first(_believable(found.published, source)), source)
    published = published or _in_dateline(source) or _in_attributes(source) or _relative(found.published, source)
    published = published or _searched(source, _believable(found.modified, source), _believable(found.others, source))
    first, evidence, why = choose("published", published, country)
    last, more, why_modified = choose("modified", _believable(found.modified, source), country)
    return first, last, evidence + more, [why, why_modified]


def _address_first(candidates: list[DateCandidate]) -> list[DateCandidate]:
    """Return the candidates with shown dates of other days after the address: a date shown may be one that a text mentions."""
    address = next((candidate.value for candidate in candidates if candidate.origin == ADDRESS), "")
    others = [one for one in candidates if one.origin in SHOWN and address and not same_day(one.value, address)]
    return [one for one in candidates if one not in others] + others


def same_day(one: str, other: str) -> bool:
    """Return whether two ISO dates may be the same day, written in different zones."""
    first, second = (date.fromisoformat(value[:ISO_DATE_CHARS]) for value in (one, other))
    return abs(first - second) <= MAX_ZONE_DIFFERENCE


def _not_of_today(candidates: list[DateCandidate], source: MetadataContext) -> list[DateCandidate]:
    """Return the candidates without a day apart from the article that is the capture's own: pages show today's date."""
    today = source.fetched.date().isoformat()
    return [
        candidate
        for candidate in candidates
        if not (candidate.origin in APART and len(candidate.value) == ISO_DATE_CHARS and candidate.value >= today)
    ]


def _in_dateline(source: MetadataContext) -> list[DateCandidate]:
    """Return the date of the dateline that begins the text: "ASTANA, March 5, 2025 —"."""
    column = source.page.blocks[source.top.first : source.top.last]
    opening = next((block.text for block in column if prose(block)), "")
    place = dates.find(opening)
    if place is None or place.start > MAX_DATELINE_PLACE_CHARS:
        return []
    ends = DATELINE_END.match(opening, place.stop)
    if ends is None or opening[ends.end() :].lstrip()[:1].islower():  # "Paris, November 13, 2015 - a day …"
        return []
    before = opening[: place.start].strip()
    if any(map(str.isdigit, before)):
        return []
    is_place = before.isupper() or (
        before[:1].isupper() and before.endswith((",", ".")) and len(before.split()) <= MAX_PLACE_WORDS
    )
    return _believable([("dateline", place.value)], source) if is_place else []


def _in_attributes(source: MetadataContext) -> list[DateCandidate]:
    return _believable([("attribute", value) for value in attribute_dates.find(source)], source)


def _searched(
    source: MetadataContext, changes: list[DateCandidate], others: list[DateCandidate]
) -> list[DateCandidate]:
    """Return the date that a search of the whole page finds, unless it is that of another text, or of a change and not shown."""
    if source.root is None:
        return []
    found = [("search", searched_date.search(source.root, source.fetched))]
    candidates = _not_of_today(_believable(found, source), source)
    if candidates and any(same_day(candidates[0].value, change.value) for change in changes):
        shown = "\n".join(block.text for block in source.page.blocks)
        others = others if searched_date.writes(shown, date.fromisoformat(candidates[0].value)) else changes
    return [one for one in candidates if not any(same_day(one.value, other.value) for other in others)]


def choose(name: str, candidates: Sequence[DateCandidate], country: str) -> tuple[str, list[Evidence], Choice]:
    """Return the first candidate, in local time if the page shows that time too, with the evidence and the reason."""
    if not candidates:
        return "", [], Choice(name, "the page states no such date")
    first = candidates[0]
    value, why = (
        first.value,
        [f"{first.origin} is the first of the sources, in their order of trust, that states a date"],
    )
    local = localtime.find_local_time(value, candidates[1:], country)
    if local is not None:
        origin, value = local
        why.append(f"{origin} shows the same moment as local time")
    elif (corrected := localtime.find_true_offset(value, candidates[1:])) is not None:
        origin, value = corrected
        why.append(f"{origin} gives the same clock with its zone: it is not UTC")
    why.append(_describe_zone(value, country))
    others = {candidate.value[:10] for candidate in candidates} - {value[:10]}
    if others:
        why.append(f"other sources name {', '.join(sorted(others)[:3])}")
    evidence = [Evidence(name, found.origin, found.value, chosen=found is first) for found in candidates]
    return value, evidence, Choice(name, "; ".join(why))


def _describe_zone(value: str, country: str) -> str:
    """Describe a date's zone in words, or say that it has none."""
    day, _, clock = value.partition("T")
    if not clock:
        return "a day without a time"
    if dates.instant(value) is not None:
        return "the time has its zone"
    minutes = zones.minutes_at(country, datetime.fromisoformat(value))
    if minutes is None:
        return "a local time: no zone is stated"
    return f"a local time: no zone is stated; the clocks of .{country} stood at {dates.offset(minutes)} on {day}"


def _believable(found: Sequence[tuple[str, str]], source: MetadataContext) -> list[DateCandidate]:
    """Return the texts that are plausible dates for an article fetched when this page was.

    Where day and month may be read either way, another candidate's day decides, then the page's region.
    """
    default = month_first(source.stated)
    candidates = []
    for origin, text in found:
        both = [value for value in _readings(origin, text) if value.isascii()]  # other digits are no ISO date
        if not both:
            continue
        ambiguous = len(both) > 1
        value = both[default] if ambiguous else both[0]
        if ambiguous:
            others = [_readings(name, other) for name, other in found if other != text]
            sure = {one[0][:ISO_DATE_CHARS] for one in others if len(one) == 1}
            agreed = [reading for reading in both if reading[:ISO_DATE_CHARS] in sure]
            value = agreed[0] if len(agreed) == 1 else value
        if dates.plausible(value, source.fetched):
            candidates.append(DateCandidate(origin, value))
    return candidates


def _readings(origin: str, text: str) -> list[str]:
    """Return the date in a text; two if day and month may be read either way: first the day first."""
    parse = dates.parse if origin.startswith("visible") else dates.parse_stated
    if not text:
        return []
    first = parse(text)
    second = parse(text, month_first=True) if "/" in text else first
    return [first, second] if first != second else [first] if first else []


def month_first(stated: Structured) -> bool:
    """Return whether a page writes the month before the day: its og:locale says so, else its language."""
    region = stated.first("og:locale") or stated.lang
    return region.lower().replace("_", "-").startswith(MONTH_FIRST_REGION)


def _relative(found: Sequence[tuple[str, str]], source: MetadataContext) -> list[DateCandidate]:
    """Return the dates of visible lines such as "3 hours ago": the last resort, if nothing states a date."""
    country = zones.country_of(source.url)
    values = (
        relative_dates.parse(text, source.fetched, country) for origin, text in found if origin.startswith("visible")
    )
    return [DateCandidate("visible:relative", value) for value in values if value]
