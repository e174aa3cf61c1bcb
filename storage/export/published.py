"""Dates of publication as values to compute with, and ranges of them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from articles.errors import UsageError

DAY_CHARS = len("2026-03-31")
BOUND = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
RANGE_SIGN = ".."


def day(published: str) -> date | None:
    """Return the day of publication as the page states it; None if it states none."""
    try:
        return date.fromisoformat(published[:DAY_CHARS])
    except ValueError:
        return None


def instant(published: str) -> datetime | None:
    """Return the time of publication in UTC; None if the page states no time, or no zone with it."""
    try:
        found = datetime.fromisoformat(published)
    except ValueError:
        return None
    try:
        return found.astimezone(UTC) if found.tzinfo is not None else None
    except OverflowError:
        return None


def precision(published: str) -> str:
    """Return how precise a date of publication is: `day`, `local_time` (without a zone), `time`, or nothing."""
    if day(published) is None:
        return ""
    if len(published) == DAY_CHARS:
        return "day"
    return "local_time" if instant(published) is None else "time"


TYPED: Mapping[str, Callable[[str], Any]] = {  # column of a pull: its value from the column `published`
    "published_date": day,
    "published_at": instant,
    "published_precision": precision,
}


@dataclass(frozen=True, slots=True)
class DateRange:
    """Days from `first` to `last`, both included. Each is a year, a month or a day in ISO 8601, or empty: no bound."""

    first: str
    last: str

    @classmethod
    def parse(cls, text: str, option: str = "--published") -> "DateRange":
        """Read `FROM..TO`, `FROM..`, `..TO`, or one year, month or day. Raises UsageError."""
        first, sign, last = text.strip().partition(RANGE_SIGN)
        found = cls(first, last if sign else first)
        bounds = [bound for bound in (found.first, found.last) if bound]
        if not bounds or not all(BOUND.fullmatch(bound) for bound in bounds):
            raise UsageError(
                f"{option} {text!r}: give a year, a month or a day (2026, 2026-03, 2026-03-31), or two with '..' between "
                "them: 2026-01..2026-03, 2026.., ..2025-12-31"
            )
        if found.first and found.last and not found._reaches(found.first):
            raise UsageError(f"{option} {text!r}: the first date is later than the last; swap them")
        return found

    def holds(self, published: str) -> bool:
        """Whether a date of publication lies in the range. One that is unknown does not."""
        stated = published[:DAY_CHARS]
        return bool(stated) and stated >= self.first and self._reaches(stated)

    def _reaches(self, stated: str) -> bool:
        width = min(len(stated), len(self.last))
        return not self.last or stated[:width] <= self.last[:width]

    def __str__(self) -> str:
        """Write the range as it is given."""
        return self.first if self.first == self.last else f"{self.first}{RANGE_SIGN}{self.last}"
