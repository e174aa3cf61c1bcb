"""Parse dates as pages write them into ISO 8601 strings of the same precision.

`parse` returns "2022-06-21" for a date, "2022-06-21T14:30" for a local time, "2022-06-21T14:30:00+05:00" if a zone is
stated, and an empty string if there is no date. Nothing is guessed: no zone is added, and a year of two digits is read
only where the whole text is a date.
"""

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache, lru_cache
from typing import NamedTuple

from articles.data import load

ISO = re.compile(
    r"(?P<y>(?:19|20)\d\d)-(?P<m>\d\d?)-(?P<d>\d\d?)"
    r"(?:[T ]\s*(?P<H>\d\d?):(?P<M>\d\d)(?::(?P<S>\d\d))?(?:[.,]\d+)?\s*(?P<z>Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?",
    re.IGNORECASE,
)
COMPACT = re.compile(
    r"\b(?P<y>20\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?:T?(?P<H>\d\d):?(?P<M>\d\d)(?::?(?P<S>\d\d))?(?P<z>Z|[+-]\d\d:?\d\d)?Z?)?\b"
)
TIME = (
    r"(?:\D{0,20}?(?P<H>\d\d?)[:h.](?P<M>\d\d)(?!\d)(?::(?P<S>\d\d))?\s*(?P<half>[aApP]\.?[mM](?![a-zà-ÿ])\.?)?"
    r"\s*\(?(?P<z>(?:GMT|UTC)[+-]\d\d?(?::?\d\d)?|[A-Z]{3,4}\b|Z\b|[+-]\d\d:?\d\d|МСК|мск)?)?"
)
DIGIT = re.compile(r"\d")
YEAR = re.compile(r"(?:19|20)\d\d")  # every pattern needs one; only mail headers may have two digits
WORD = r"[^\W\d_]{3,14}"
WORD_START = r"(?:\b|(?<=[^\W\d_A-Z])(?=[A-Z]))"  # of a word, also if a template joined it to the word before: "J. DoeDec. 21, 2023"
YEAR_WORD = r"(?:ж[ыі]л\w{0,4}|йил\w{0,4}|yil\w{0,4}|j[ıiy]l\w{0,4}|года?|року|metų|m\.|г\.|р\.|ж\.)"
CLOCK_BEFORE = re.compile(
    r"(?<!\d)(?P<H>[01]?\d|2[0-3]):(?P<M>[0-5]\d)(?:\s*(?P<half>[aApP]\.?[mM])\b\.?)?(?:\s(?P<z>[A-Z]{3,4}))?"
    r"\s*[,|·•/—–-]?\s*(?:(?:on\s)?(?P<weekday>[^\W\d_]{2,12})\.?,?\s)?\s*$"
)  # a time of day directly before a date
DAY_MONTH = re.compile(
    rf"(?<![\d_])(?P<d>\d\d?)(?:st|nd|rd|th|\.)?[\s\-/]*(?:de |of )?(?P<w>{WORD})\.?,?[\s\-/]*(?:de |del )?(?P<y>(?:19|20)\d\d)(?!\d){TIME}"
)
MONTH_DAY = re.compile(rf"{WORD_START}(?P<w>{WORD})\.?\s+(?P<d>\d\d?)(?:st|nd|rd|th)?,?\s+(?P<y>(?:19|20)\d\d)\b{TIME}")
YEAR_FIRST = re.compile(
    rf"\b(?P<y>(?:19|20)\d\d)[\s-]*{YEAR_WORD}?[\s,-]*"
    rf"(?:(?P<d1>\d\d?)[\s-]+(?P<w1>{WORD})|(?P<w2>{WORD})\s+(?P<d2>\d\d?))\b{TIME}"
)
NUMERIC = re.compile(rf"\b(?P<a>\d\d?)(?P<sep>[./-])(?P<b>\d\d?)(?P=sep)(?P<y>(?:19|20)\d\d)(?!\d){TIME}")
NUMERIC_YEAR = re.compile(rf"\b(?P<y>(?:19|20)\d\d)[./](?P<m>\d\d?)[./](?P<d>\d\d?)\b{TIME}")
CJK = re.compile(
    r"(?P<y>(?:19|20)\d\d)\s*[年년]\s*(?P<m>\d\d?)\s*[月월]\s*(?P<d>\d\d?)\s*[日일](?:\D{0,6}?(?P<H>\d\d?)[:時시]\s*(?P<M>\d\d))?"
)
SHORT_YEAR = re.compile(  # "05.03.24, 14:30" with at most a few words before it
    rf"(?P<head>(?:[^\W\d_]{{2,14}}[.,:|]?\s+){{0,2}})(?P<a>\d\d?)(?P<sep>[./-])(?P<b>\d\d?)(?P=sep)(?P<yy>\d\d)(?!\d){TIME}\D{{0,8}}"
)
EPOCH = re.compile(r"\d{10}(?:\d{3})?")  # seconds or milliseconds since 1970
EPOCH_DIGITS = 10  # of seconds
# An address in an address is that of the page that an archive keeps; before it stands the time of the capture.
ARCHIVED = re.compile(r"https?:/{1,2}|/web/\d{14}(?:[a-z]{2}_)?/")
IN_URL = re.compile(
    r"(?:^|[/_-])(?P<y>(?:19|20)\d\d)[/_-]?(?P<m>0[1-9]|1[0-2]|[1-9](?=[/_-]))[/_-]?(?P<d>[0-2]\d|3[01]|(?<=[/_-])[1-9](?=[/_-]))(?=\D|$)"
)
MONTH_ENDINGS = frozenset(  # case and possessive endings of month names in Kazakh, Kyrgyz and Uzbek
    [
        *("да", "де", "та", "те", "ы", "и", "і", "ында", "інде", "ынан", "дагы", "дағы", "дегі", "тегі", "ның", "нің"),
        *("дың", "дің", "тың", "тің", "дын", "дин", "нинг", "нда", "da", "de", "ta", "te", "dagi", "ning", "i"),
    ]
)
IN_ARTICLE_NUMBER = re.compile(  # an article number that begins with year, month, day, hour and minute: "A2026012914320005196"
    r"(?:^|[/_-])[A-Za-z]{0,3}(?P<y>20\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d\d{2,10}(?=\D|$)"
)
ZONE_MINUTES = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "BST": 60, "CET": 60, "MEZ": 60, "CEST": 120, "MESZ": 120, "EET": 120,
    "EEST": 180, "MSK": 180, "МСК": 180, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360,
    "PST": -480, "PDT": -420, "JST": 540, "KST": 540, "AEST": 600, "AEDT": 660,
}  # minutes east of Greenwich; abbreviations with several meanings (IST, AST) are left out  # fmt: skip
OFFSET = re.compile(r"[+-](\d\d?):?(\d\d)?")
MONTHS_PER_YEAR = NOON_HOUR = 12
HOURS_PER_DAY = 24
MINUTES_PER_HOUR = SECONDS_PER_MINUTE = 60
ISO_DATE_CHARS = 10  # of "2022-06-21"
MAX_ZONE_HOURS = 14  # offset from UTC
MIN_STEM_LETTERS = 4  # of a month's name before an ending
CACHED_TEXTS = 512  # several rules look for dates in the same lines of a page
MAX_CHARS = 120  # of a text that are read
CENTURY = 20  # of a year of two digits: the web is not older
FIRST_YEAR = 1990  # the web is not older; the few reprints with an earlier date only lose it


@cache
def months() -> dict[str, int]:
    """Return a map from all names of months to their numbers."""
    return {name: number for number, names in load("months").items() for name in names.split()}


def month_of(word: str) -> int | None:
    """Return the number of the month that a word names, also with a Turkic case ending ("қыркүйекте"), or None."""
    word = word.casefold().replace("i̇", "i")
    found = months().get(word)
    if found is None and len(word) > MIN_STEM_LETTERS:
        found = next(
            (
                months()[word[:end]]
                for end in range(len(word) - 1, MIN_STEM_LETTERS - 1, -1)
                if word[:end] in months() and word[end:] in MONTH_ENDINGS
            ),
            None,
        )
    return found


@cache
def _weekdays() -> frozenset[str]:
    return frozenset(load("names")["weekdays"].split())


def is_weekday(word: str) -> bool:
    """Return whether a word is a day of the week."""
    return word.casefold() in _weekdays()


class DatePlace(NamedTuple):
    """Where a date is in a text, and its value."""

    start: int
    stop: int
    value: str


def parse(text: str, *, month_first: bool = False) -> str:
    """Return the first date in a string as ISO 8601, or an empty string.

    `month_first`: read 03/04/2022 as 4 March, not as 3 April.
    """
    place = find(text, month_first=month_first)
    return place.value if place else ""


def find(text: str, *, month_first: bool = False) -> DatePlace | None:
    """Return the first date in a string and its place, None if there is none."""
    return _find(text.strip()[:MAX_CHARS], month_first=month_first)


@lru_cache(maxsize=CACHED_TEXTS)
def _find(text: str, *, month_first: bool) -> DatePlace | None:
    if not DIGIT.search(text):
        return None
    if not YEAR.search(text):
        short = _short_year(text, month_first=month_first) or _rfc(text)
        return DatePlace(0, len(text), short) if short else None
    for pattern in (ISO, CJK, DAY_MONTH, MONTH_DAY, YEAR_FIRST, NUMERIC_YEAR, NUMERIC, COMPACT):
        found = pattern.search(text)
        while found:
            value = _value(found.groupdict(), month_first=month_first)
            if value:
                clock = None if "T" in value else _clock_before(text[: found.start()])
                start = clock.start() if clock else found.start()
                return DatePlace(start, found.end(), value + (_clock(clock.groupdict()) if clock else ""))
            found = pattern.search(text, found.start() + 1)
    whole = _rfc(text)
    return DatePlace(0, len(text), whole) if whole else None


def _clock_before(text: str) -> re.Match[str] | None:
    """Return the time of day at the end of a text, also with a weekday after it: "4:05 pm EST, Tue"."""
    found = CLOCK_BEFORE.search(text)
    return found if found and (not found["weekday"] or is_weekday(found["weekday"])) else None


def parse_stated(text: str, *, month_first: bool = False) -> str:
    """Return the date in a value that a page states for machines: as `parse` does, or a Unix time in UTC."""
    text = text.strip()
    if not EPOCH.fullmatch(text):
        return parse(text, month_first=month_first)
    return datetime.fromtimestamp(int(text[:EPOCH_DIGITS]), UTC).isoformat()


def from_url(url: str) -> str:
    """Return the date in a URL's path, or an empty string; that of the page itself, if the URL is an archive's."""
    path = ARCHIVED.split(url.split("?", 1)[0])[-1]
    found = IN_URL.search(path) or IN_ARTICLE_NUMBER.search(path)
    return _value(found.groupdict(), month_first=False) if found else ""


def plausible(value: str, latest: datetime) -> bool:
    """Return whether an ISO date lies between 1990 and two days after `latest` (a margin for zones and wrong clocks)."""
    return f"{FIRST_YEAR}-01-01" <= value[:10] <= (latest + timedelta(days=2)).date().isoformat()


def _short_year(text: str, *, month_first: bool) -> str:
    found = SHORT_YEAR.fullmatch(text)
    if found is None:
        return ""
    parts: dict[str, str | None] = {**found.groupdict(), "y": f"{CENTURY}{found['yy']}"}
    return _value(parts, month_first=month_first)


def _rfc(text: str) -> str:
    try:
        return parsedate_to_datetime(text).isoformat()
    except (ValueError, IndexError, OverflowError):  # raised by the standard library for invalid dates
        return ""


def _value(parts: dict[str, str | None], *, month_first: bool) -> str:
    day = parts.get("d") or parts.get("d1") or parts.get("d2")
    word = parts.get("w") or parts.get("w1") or parts.get("w2")
    month: int | None
    if parts.get("a"):
        first, second = int(parts["a"] or 0), int(parts["b"] or 0)
        if second > MONTHS_PER_YEAR or (month_first and first <= MONTHS_PER_YEAR and parts.get("sep") == "/"):
            first, second = second, first
        day, month = str(first), second
    elif word:
        month = month_of(word)
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
        hour = hour % NOON_HOUR + (NOON_HOUR if half == "p" else 0)
    if hour >= HOURS_PER_DAY or minute >= MINUTES_PER_HOUR:
        return ""
    second = f":{parts['S']}" if parts.get("S") and int(parts["S"] or 0) < SECONDS_PER_MINUTE else ""
    return f"T{hour:02}:{minute:02}{second}{_zone(parts.get('z') or '')}"


def _zone(zone: str) -> str:
    if not zone:
        return ""
    zone = zone.upper()
    if zone.startswith(("GMT", "UTC")) and len(zone) > len("GMT"):
        zone = zone[len("GMT") :]
    if zone[0] in "+-":
        hours, minutes = OFFSET.findall(zone)[0]
        if int(hours) > MAX_ZONE_HOURS or int(minutes or 0) >= MINUTES_PER_HOUR:
            return ""
        return f"{zone[0]}{int(hours):02}:{int(minutes or 0):02}"
    east = ZONE_MINUTES.get(zone)
    return "" if east is None else offset(east)


def offset(minutes: int) -> str:
    """Return minutes east of Greenwich as an ISO 8601 offset: "+05:00"."""
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // MINUTES_PER_HOUR:02}:{abs(minutes) % MINUTES_PER_HOUR:02}"


def instant(value: str) -> datetime | None:
    """Return an ISO 8601 string as a time in UTC, or None if it is invalid or has no offset."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None
