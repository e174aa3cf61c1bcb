"""Date window of a run: which articles it fetches, by their dates.

The date in an article's URL is the most reliable, then the date of publication in a source. `lastmod` and similar dates
are upper bounds only: an article last changed before `since` was published before it, but one changed yesterday may be
ten years old. Dates in the future or before the web existed are ignored. An article without a date is fetched.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from re import Pattern

from articles import dates
from articles.addresses import date_digits
from articles.errors import InputError

DAY = timedelta(days=1)
# A date without a time may mean any moment of that day in any zone: from midnight at UTC+14 to midnight at UTC-12.
MAX_EAST_OFFSET, MAX_WEST_OFFSET = timedelta(hours=14), timedelta(hours=12)
MAX_AHEAD = timedelta(days=2)  # of a date, for wrong clocks and zones; `articles.dates.plausible` has the same
EARLIEST = datetime(dates.FIRST_YEAR, 1, 2, tzinfo=UTC)  # of the web
MAX_DATE_CHARS = 100
OPTION_PERIODS = {4: "year", 7: "month", 8: "day", 10: "day"}  # characters of an option -> the period it names
DIGIT_PERIODS = {4: "year", 6: "month", 8: "day"}  # digits in a URL -> the period they name


@dataclass(frozen=True, slots=True)
class DateSpan:
    """The earliest and the latest moment that a date can mean, both aware."""

    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class DateWindow:
    """The period from `since` (included) to `until` (excluded); None is no limit. `now` is the start of the run."""

    now: datetime
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is no limit."""
        return self.since is None and self.until is None

    def is_plausible(self, span: DateSpan | None) -> bool:
        """Return whether a date can be that of an article on the web now."""
        return span is not None and span.first.year >= dates.FIRST_YEAR and span.first <= self.now + MAX_AHEAD

    def overlaps(self, span: DateSpan) -> bool:
        """Return whether a span lies in the window, at least in part."""
        return not self.is_before(span) and (self.until is None or span.first < self.until)

    def is_before(self, span: DateSpan) -> bool:
        """Return whether a span lies before the window."""
        return self.since is not None and span.last < self.since

    def includes(self, in_url: DateSpan | None, published: DateSpan | None, modified: DateSpan | None) -> bool:
        """Return whether to fetch an article with these dates."""
        for span in (in_url, published):
            if span is not None and self.is_plausible(span):
                return self.overlaps(span)
        return not (modified is not None and self.is_plausible(modified) and self.is_before(modified))

    def periods(self, length: str, without: int = 2) -> Iterator[date]:
        """Yield the first day of each day, month or year in the window, the latest first.

        Without `since` yield the last `without` periods: the previous one was not over when the last run read it. A day
        is added before and after the window, since an article's day may differ by its time zone.
        """
        last = min(self.until, self.now) if self.until is not None else self.now
        first = _start((max(self.since, EARLIEST) - DAY).date(), length) if self.since is not None else None
        current = _start((last + DAY).date() if self.until is not None and last < self.now else last.date(), length)
        count = 0
        while (current >= first) if first is not None else (count < without):
            yield current
            count += 1
            current = _start(current - DAY, length)


def span_of(text: str) -> DateSpan | None:
    """Parse a date in RFC 822, ISO 8601 or natural language; None if the text is not a date."""
    text = text.strip()[:MAX_DATE_CHARS]
    try:
        moment, whole_day = _strict(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        found = dates.parse(text)
        if not found:
            return None
        moment, whole_day = datetime.fromisoformat(found), "T" not in found
    try:
        if whole_day:
            start = moment.replace(tzinfo=UTC)
            return DateSpan(start - MAX_EAST_OFFSET, start + DAY + MAX_WEST_OFFSET)
        if moment.tzinfo is None:
            return DateSpan(moment.replace(tzinfo=UTC) - MAX_EAST_OFFSET, moment.replace(tzinfo=UTC) + MAX_WEST_OFFSET)
        moment = moment.astimezone(UTC)
    except OverflowError:
        return None
    return DateSpan(moment, moment)


def _strict(text: str) -> tuple[datetime, bool]:
    """Parse ISO 8601 or RFC 822; return the time and whether it is a date only. ValueError and others on failure."""
    if text[:1].isdigit() and "-" in text[:5]:
        return datetime.fromisoformat(text), len(text) == len("2024-09-03")
    return parsedate_to_datetime(text), False


def span_of_days(first: date, last: date) -> DateSpan:
    """Return the span from one day through another, in any zone."""
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    return DateSpan(
        begin - MAX_EAST_OFFSET, datetime(last.year, last.month, last.day, tzinfo=UTC) + DAY + MAX_WEST_OFFSET
    )


def parse_option(text: str, *, ends: bool = False) -> datetime | None:
    """Parse a date option; None if it is empty.

    A day, a month (2024-09) or a year means its beginning or, with `ends`, its end, in UTC. InputError if it is invalid.
    """
    if not text:
        return None
    length = OPTION_PERIODS.get(len(text), "")
    try:
        found = datetime.fromisoformat(text + {"year": "-01-01", "month": "-01"}.get(length, ""))
        if ends and length:
            last = end_of(found.date(), length)
            found = datetime(last.year, last.month, last.day) + DAY  # noqa: DTZ001 - the zone is set below
    except (ValueError, OverflowError) as error:
        raise InputError(f"not a date: {text!r} (write 2024, 2024-09, 2024-09-03 or 2024-09-03T12:00+05:00)") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _start(day: date, length: str) -> date:
    return {"day": day, "month": day.replace(day=1), "year": day.replace(month=1, day=1)}[length]


def span_in_url(pattern: Pattern[str], url: str) -> DateSpan | None:
    """Return the date in an article's URL, from the groups `y`, `m`, `d` or `ymd` of a pattern; None without one."""
    match = pattern.fullmatch(url)
    if match is None:
        return None
    text = date_digits(match.groupdict())
    if len(text) not in DIGIT_PERIODS:
        return None
    try:
        first = date(int(text[:4]), int(text[4:6] or 1), int(text[6:] or 1))
    except ValueError:
        return None
    return span_of_days(first, end_of(first, DIGIT_PERIODS[len(text)]))


def end_of(day: date, length: str) -> date:
    """Return the last day of the day, month or year that contains a day."""
    if length == "year":
        return day.replace(month=12, day=31)
    return day if length == "day" else day.replace(day=monthrange(day.year, day.month)[1])
