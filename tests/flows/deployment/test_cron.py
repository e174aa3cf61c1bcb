"""Cron schedules as recurrence rules: the same times as cron's own."""

from datetime import UTC, datetime
from itertools import islice

import pytest
from dateutil.rrule import rrulestr  # type: ignore[import-untyped]
from prefect._vendor.croniter.croniter import croniter

from articles.errors import UsageError
from flows.deployment.cron import minute_of, rules

START = datetime(2026, 11, 27, 12, 34, tzinfo=UTC).replace(tzinfo=None)


@pytest.mark.parametrize(
    "cron",
    ["0 * * * *", "0 6 * * *", "*/15 8-18/2 * * mon-fri", "5,10 0 1 * *", "0 0 1 jan *", "0 12 13 * 5", "30 4 * * 7",
     "0 6 1,11,21 2,3 *", "@weekly", "7/20 * * * *"],
)  # fmt: skip
def test_the_times_are_those_of_cron(cron):
    made = [islice(rrulestr(rule, dtstart=START), 30) for rule in rules(cron)]
    times = sorted({time for some in made for time in some})[:20]
    wanted = croniter(cron, START)
    assert times == [wanted.get_next(datetime) for _ in range(20)]


@pytest.mark.parametrize(
    "cron", ["", "* * * *", "60 * * * *", "* * * * funday", "5-1 * * * *", "*/0 * * * *", "a * * * *"]
)
def test_what_is_wrong_is_named(cron):
    with pytest.raises(UsageError, match="--cron"):
        rules(cron)


def test_outlets_begin_at_different_minutes():
    minutes = [minute_of(f"outlet{number}") for number in range(60)]
    assert len(set(minutes)) > 30
    assert minutes == [minute_of(f"outlet{number}") for number in range(60)]
