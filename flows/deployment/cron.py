"""Cron schedules as recurrence rules (RFC 5545), and a fixed part of the hour for each outlet. Pure.

Prefect 3.9 on Python 3.11 and 3.12 makes no runs from a cron schedule: its scheduler raises "tzinfo must be of type
ZoneInfo". It reads recurrence rules in every version, so cron schedules are deployed as such rules.
"""

import hashlib
from typing import NamedTuple

from articles.errors import UsageError

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
RULE_DAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA", "SU")  # cron's 0 and 7 are both Sunday


class CronField(NamedTuple):
    """One of the five fields of a cron schedule: its name, its range and the names of its values."""

    name: str
    least: int
    most: int
    names: tuple[str, ...] = ()


FIELDS = (
    CronField("minute", 0, 59),
    CronField("hour", 0, 23),
    CronField("day", 1, 31),
    CronField("month", 1, 12, MONTHS),
    CronField("weekday", 0, 7, DAYS),
)
MACROS = {
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
}  # fmt: skip


def rules(cron: str) -> list[str]:
    """Return the recurrence rules of a cron schedule of five fields: two if it names days and weekdays, else one.

    UsageError names what is wrong.
    """
    words = MACROS.get(cron.strip().lower(), cron).split()
    if len(words) != len(FIELDS):
        raise UsageError(f"--cron {cron!r}: five fields are needed: minute, hour, day, month, weekday")
    minutes, hours, days, months, weekdays = (
        _values(word, field, cron) for word, field in zip(words, FIELDS, strict=True)
    )
    time = f"BYHOUR={_joined(hours)};BYMINUTE={_joined(minutes)};BYSECOND=0"
    date = "" if words[3] == "*" else f"BYMONTH={_joined(months)};"
    on_days = f"BYMONTHDAY={_joined(days)};"
    on_weekdays = f"BYDAY={','.join(sorted({RULE_DAYS[day] for day in weekdays}, key=RULE_DAYS.index))};"
    if words[2] != "*" and words[4] != "*":  # either one is enough, as in crontab(5)
        return [f"FREQ=DAILY;{date}{on_days}{time}", f"FREQ=DAILY;{date}{on_weekdays}{time}"]
    some = (on_days if words[2] != "*" else "") + (on_weekdays if words[4] != "*" else "")
    return [f"FREQ=DAILY;{date}{some}{time}"]


def minute_of(name: str) -> int:
    """Return the minute of the hour at which an outlet's runs begin: always the same, spread over all outlets."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) % 60


def _joined(values: list[int]) -> str:
    return ",".join(map(str, values))


def _values(word: str, field: CronField, cron: str) -> list[int]:
    """Return the values that one field matches."""
    found: set[int] = set()
    for part in word.lower().split(","):
        span, slash, step_text = part.partition("/")
        first, dash, last = span.partition("-")
        try:
            start = field.least if span == "*" else _number(first, field)
            whole = span == "*" or (slash and not dash)
            end = field.most if whole else _number(last, field) if dash else start
            step = int(step_text) if slash else 1
        except ValueError:
            raise _wrong(cron, field, part) from None
        if not (field.least <= start <= end <= field.most and step > 0):
            raise _wrong(cron, field, part)
        found.update(range(start, end + 1, step))
    return sorted(found)


def _number(text: str, field: CronField) -> int:
    return field.names.index(text) + field.least if text in field.names else int(text)


def _wrong(cron: str, field: CronField, part: str) -> UsageError:
    return UsageError(f"--cron {cron!r}: {part!r} is no {field.name}")
