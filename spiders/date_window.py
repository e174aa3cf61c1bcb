"""Which articles a run asks for by their dates, and how far each kind of date is believed.

A date in an article's address was put there when it was published and is believed first; then what a source calls its
publication; then `lastmod` and its like, which only say that nothing *newer* is there: an article last changed before
`since` was published before it, but one changed yesterday may be ten years old. What lies in the future, or before
there was a web, is no evidence at all. Where there is none, the article is asked for.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from re import Pattern

from articles import dates
from articles.errors import InputError

DAY = timedelta(days=1)
# A date without a time may mean any moment of that day anywhere: from midnight at UTC+14 until midnight at UTC-12.
EAST, WEST = timedelta(hours=14), timedelta(hours=12)
FUTURE = timedelta(days=2)  # how far clocks and zones are apart at most; `articles.dates.plausible` has the same
BEGINNING = datetime(dates.FIRST_YEAR, 1, 2, tzinfo=UTC)  # of the web
MAX_DATE = 100  # characters of a date
OPTION = {4: "year", 7: "month", 8: "day", 10: "day"}  # how long a period is that an option of so many characters names
PARTS = {4: "year", 6: "month", 8: "day"}  # how long a period is that so many digits name


@dataclass(frozen=True, slots=True)
class DateSpan:
    """The moments that a date can mean, both aware."""

    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class DateWindow:
    """What was asked for: from `since`, until right before `until`; None is no limit. `now` is when the run began."""

    now: datetime
    since: datetime | None = None
    until: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether all dates will do."""
        return self.since is None and self.until is None

    def believes(self, span: DateSpan | None) -> bool:
        """Whether a date can be one of an article that is on the web now."""
        return span is not None and span.first.year >= dates.FIRST_YEAR and span.first <= self.now + FUTURE

    def holds(self, span: DateSpan) -> bool:
        """Whether a time, in part at least, lies within."""
        return not self.passed(span) and (self.until is None or span.first < self.until)

    def passed(self, span: DateSpan) -> bool:
        """Whether a time lies before all that was asked for."""
        return self.since is not None and span.last < self.since

    def wants(self, in_url: DateSpan | None, published: DateSpan | None, modified: DateSpan | None) -> bool:
        """Whether an article with these dates is asked for."""
        for span in (in_url, published):
            if span is not None and self.believes(span):
                return self.holds(span)
        return not (modified is not None and self.believes(modified) and self.passed(modified))

    def periods(self, length: str, without: int = 2) -> Iterator[date]:
        """Yield the first day of each day, month or year in the window, the latest first.

        Without `since` the last `without` of them: the one before the present one was not over when it was looked at.
        Where zones might make an article's day another one than ours, the day before and after count too.
        """
        last = min(self.until, self.now) if self.until is not None else self.now
        first = _start((max(self.since, BEGINNING) - DAY).date(), length) if self.since is not None else None
        current = _start((last + DAY).date() if self.until is not None and last < self.now else last.date(), length)
        count = 0
        while (current >= first) if first is not None else (count < without):
            yield current
            count += 1
            current = _start(current - DAY, length)


def span_of(text: str) -> DateSpan | None:
    """Return what a date can mean: RFC 822, ISO 8601 or as people write it; None if it is none."""
    text = text.strip()[:MAX_DATE]
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
            return DateSpan(start - EAST, start + DAY + WEST)
        if moment.tzinfo is None:
            return DateSpan(moment.replace(tzinfo=UTC) - EAST, moment.replace(tzinfo=UTC) + WEST)
        moment = moment.astimezone(UTC)
    except OverflowError:
        return None
    return DateSpan(moment, moment)


def _strict(text: str) -> tuple[datetime, bool]:
    """Read ISO 8601 and RFC 822; tell whether it is a date without a time. ValueError and others if it is neither."""
    if text[:1].isdigit() and "-" in text[:5]:
        return datetime.fromisoformat(text), len(text) == len("2024-09-03")
    return parsedate_to_datetime(text), False


def span_of_days(first: date, last: date) -> DateSpan:
    """Return what may have been published from one day through another, in any zone."""
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    return DateSpan(begin - EAST, datetime(last.year, last.month, last.day, tzinfo=UTC) + DAY + WEST)


def moment(text: str, *, ends: bool = False) -> datetime | None:
    """Return the moment that an option names, None if it is empty.

    A day, a month (2024-09) or a year means its beginning or its end, in UTC. InputError if it names none.
    """
    if not text:
        return None
    length = OPTION.get(len(text), "")
    try:
        found = datetime.fromisoformat(text + {"year": "-01-01", "month": "-01"}.get(length, ""))
        if ends and length:
            last = end_of(found.date(), length)
            found = datetime(last.year, last.month, last.day) + DAY  # noqa: DTZ001 - it gets its zone below
    except (ValueError, OverflowError) as error:
        raise InputError(f"not a date: {text!r} (write 2024, 2024-09, 2024-09-03 or 2024-09-03T12:00+05:00)") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _start(day: date, length: str) -> date:
    return {"day": day, "month": day.replace(day=1), "year": day.replace(month=1, day=1)}[length]


def span_in_url(pattern: Pattern[str], url: str) -> DateSpan | None:
    """Return when an article was published, where its address says so in groups `y`, `m`, `d` or `ymd` of a pattern."""
    match = pattern.fullmatch(url)
    if match is None:
        return None
    groups = match.groupdict()
    text = groups.get("ymd") or ""
    if not text and groups.get("y"):
        text = groups["y"] + "".join(f"{int(part):02}" for name in ("m", "d") if (part := groups.get(name)))
    if not text.isascii() or not text.isdigit() or len(text) not in PARTS:
        return None
    try:
        first = date(int(text[:4]), int(text[4:6] or 1), int(text[6:] or 1))
    except ValueError:
        return None
    return span_of_days(first, end_of(first, PARTS[len(text)]))


def end_of(day: date, length: str) -> date:
    """Return the last day of the day, month or year that a day begins."""
    if length == "year":
        return day.replace(month=12, day=31)
    return day if length == "day" else day.replace(day=monthrange(day.year, day.month)[1])
