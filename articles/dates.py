"""Dates as pages write them, to ISO 8601 strings that are as precise as what is written.

`parse` gives "2022-06-21" for a date, "2022-06-21T14:30" for a local time, "2022-06-21T14:30:00+05:00" where a zone is
stated, and an empty string for what is no date. Nothing is guessed: no zone is added, a two-digit year is no year.
"""

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache

from articles.data import load

ISO = re.compile(
    r"(?P<y>(?:19|20)\d\d)-(?P<m>\d\d?)-(?P<d>\d\d?)"
    r"(?:[T ]\s*(?P<H>\d\d?):(?P<M>\d\d)(?::(?P<S>\d\d))?(?:[.,]\d+)?\s*(?P<z>Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?",
    re.IGNORECASE,
)
COMPACT = re.compile(
    r"\b(?P<y>20\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?:T?(?P<H>\d\d)(?P<M>\d\d)(?P<S>\d\d)?)?\b"
)
TIME = r"(?:\D{0,12}?(?P<H>\d\d?)[:h.](?P<M>\d\d)(?!\d)(?::(?P<S>\d\d))?\s*(?P<half>[aApP]\.?[mM]\b\.?)?\s*\(?(?:(?:GMT|UTC)(?=[+-]))?(?P<z>[A-Z]{3,4}\b|[+-]\d\d:?\d\d)?)?"
WORD = r"[^\W\d_]{3,14}"
DAY_MONTH = re.compile(
    rf"\b(?P<d>\d\d?)(?:st|nd|rd|th|\.)?[\s\-/]*(?:de |of )?(?P<w>{WORD})\.?,?[\s\-/]*(?:de |del )?(?P<y>(?:19|20)\d\d)\b{TIME}"
)
MONTH_DAY = re.compile(rf"\b(?P<w>{WORD})\.?\s+(?P<d>\d\d?)(?:st|nd|rd|th)?,?\s+(?P<y>(?:19|20)\d\d)\b{TIME}")
YEAR_FIRST = re.compile(
    rf"\b(?P<y>(?:19|20)\d\d)\s*(?:жылғы|жылы|жыл|jylǵy|jylğy|jılğı|jıly|jyly|yil|m\.|г\.|,)?\s*[-,]?\s*(?:(?P<d1>\d\d?)[\s-]+(?P<w1>{WORD})|(?P<w2>{WORD})\s+(?P<d2>\d\d?))\b{TIME}"
)
NUMERIC = re.compile(rf"\b(?P<a>\d\d?)(?P<sep>[./-])(?P<b>\d\d?)(?P=sep)(?P<y>(?:19|20)\d\d)\b{TIME}")
NUMERIC_YEAR = re.compile(rf"\b(?P<y>(?:19|20)\d\d)[./](?P<m>\d\d?)[./](?P<d>\d\d?)\b{TIME}")
CJK = re.compile(
    r"(?P<y>(?:19|20)\d\d)\s*[年년]\s*(?P<m>\d\d?)\s*[月월]\s*(?P<d>\d\d?)\s*[日일](?:\D{0,6}?(?P<H>\d\d?)[:時시]\s*(?P<M>\d\d))?"
)
IN_URL = re.compile(
    r"(?:^|[/_-])(?P<y>(?:19|20)\d\d)[/_-]?(?P<m>0[1-9]|1[0-2]|[1-9](?=[/_-]))[/_-]?(?P<d>[0-2]\d|3[01]|[1-9](?=[/_-]))(?=\D|$)"
)
ZONES = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "BST": 60, "CET": 60, "MEZ": 60, "CEST": 120, "MESZ": 120, "EET": 120,
    "EEST": 180, "MSK": 180, "МСК": 180, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360,
    "PST": -480, "PDT": -420, "JST": 540, "KST": 540, "AEST": 600, "AEDT": 660,
}  # minutes east of Greenwich; abbreviations with several meanings (IST, AST) are left out  # fmt: skip
MONTHS = NOON = 12
HOURS = 24
SIXTY = 60
FIRST_YEAR = 1990  # nothing on the web is older; reprints that say so are rare and only lose their date


@cache
def months() -> dict[str, int]:
    """Return the number of a month by each of its names."""
    return {name: number for number, names in load("months").items() for name in names.split()}


def parse(text: str, *, month_first: bool = False) -> str:
    """Return the first date in a string as ISO 8601, or an empty string. `month_first` decides about 03/04/2022."""
    text = text.strip()[:120]
    if not any(char.isdigit() for char in text):
        return ""
    for pattern in (ISO, CJK, DAY_MONTH, MONTH_DAY, YEAR_FIRST, NUMERIC_YEAR, NUMERIC, COMPACT):
        for found in pattern.finditer(text):
            value = _value(found.groupdict(), month_first=month_first)
            if value:
                return value
    return _rfc(text)


def from_url(url: str) -> str:
    """Return the date in a URL's path, or an empty string."""
    found = IN_URL.search(url.split("?", 1)[0].split("//", 1)[-1])
    return _value(found.groupdict(), month_first=False) if found else ""


def plausible(value: str, latest: datetime) -> bool:
    """Return whether an ISO date lies between the web's beginning and two days after `latest` (zones, clocks)."""
    return f"{FIRST_YEAR}-01-01" <= value[:10] <= (latest + timedelta(days=2)).date().isoformat()


def _rfc(text: str) -> str:
    try:
        return parsedate_to_datetime(text).isoformat()
    except (ValueError, IndexError):  # the standard library's answers to what is no such date
        return ""


def _value(parts: dict[str, str | None], *, month_first: bool) -> str:
    day = parts.get("d") or parts.get("d1") or parts.get("d2")
    word = parts.get("w") or parts.get("w1") or parts.get("w2")
    month: int | None
    if parts.get("a"):
        first, second = int(parts["a"] or 0), int(parts["b"] or 0)
        if second > MONTHS or (month_first and first <= MONTHS and parts.get("sep") == "/"):
            first, second = second, first
        day, month = str(first), second
    elif word:
        month = months().get(word.casefold().replace("i̇", "i"))
    else:
        month = int(parts["m"] or 0)
    if not month or not day:
        return ""
    try:
        found = date(int(parts["y"] or 0), month, int(day))
    except ValueError:
        return ""
    return found.isoformat() + _clock(parts)


def _clock(parts: dict[str, str | None]) -> str:
    if not parts.get("H"):
        return ""
    hour, minute = int(parts["H"] or 0), int(parts["M"] or 0)
    half = (parts.get("half") or "")[:1].lower()
    if half:
        hour = hour % NOON + (NOON if half == "p" else 0)
    if hour >= HOURS or minute >= SIXTY:
        return ""
    second = f":{parts['S']}" if parts.get("S") and int(parts["S"] or 0) < SIXTY else ""
    return f"T{hour:02}:{minute:02}{second}{_zone(parts.get('z') or '')}"


def _zone(zone: str) -> str:
    if not zone:
        return ""
    if zone[0] in "+-":
        digits = zone[1:].replace(":", "").ljust(4, "0")
        return f"{zone[0]}{digits[:2]}:{digits[2:]}"
    minutes = ZONES.get(zone.upper())
    if minutes is None:
        return ""
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def instant(value: str) -> datetime | None:
    """Return an ISO string with a zone as a time in UTC, or None where it states none."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None
