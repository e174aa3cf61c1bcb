"""Days that texts name tell a notice that comes again from a copy."""

from datetime import date
from itertools import combinations

import pytest

from articles.links.duplicates import compare
from articles.links.fingerprint import cased_words, words
from articles.links.named_days import Apart, Day, days_at

STREETS = ", ".join(f"где стоит дом Улица{one}{other}" for one in "абвгде" for other in "абвгде")
NOTICE = f"Как сообщили в городе, {{}} с 9:00 не будет света по улицам {STREETS}, бригады просят отключить приборы."
REPORT = f"Автобус перевернулся на трассе у реки, {{}} пострадали, ехали они в сёла {STREETS} и домой к родным."
YEAR = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря"


def linked(a, day, b, other_day, *, one_outlet=True):
    """Return whether two texts are linked that were published on two days."""
    published = date.fromisoformat(day).toordinal(), date.fromisoformat(other_day).toordinal()
    return compare(a, b).kind(Apart(abs(published[0] - published[1]), published, one_outlet)) is not None


@pytest.mark.parametrize(
    ("old", "published", "new", "later"),
    [
        ("12 марта", "2025-03-11", "19 марта", "2025-03-18"),
        ("12.03.2025", "2025-03-11", "19.03.2025", "2025-03-18"),
        ("12 марта 2024", "2024-03-11", "12 марта 2025", "2025-03-11"),
        ("12 марта", "2024-03-11", "14 марта", "2025-03-13"),
        ("15 января", "2025-01-14", "15 августа", "2025-08-14"),
        ("30 декабря", "2024-12-29", "2 января", "2025-01-01"),
        ("3 қыркүйекте", "2025-09-01", "10 қыркүйекте", "2025-09-09"),
        ("31 травня", "2025-05-29", "14 червня", "2025-06-12"),
        ("on January 5", "2025-01-04", "on January 6", "2025-01-05"),
        ("on May 5", "2025-05-04", "on May 6", "2025-05-05"),
        ("12 марта", "2025-03-13", "19 марта", "2025-03-18"),  # the first was read a day late
    ],
)
def test_a_notice_that_comes_again_is_other_news(old, published, new, later):
    a, b = NOTICE.format(old), NOTICE.format(new)
    for one_outlet in (True, False):
        assert not linked(a, published, b, later, one_outlet=one_outlet)
        assert not linked(b, later, a, published, one_outlet=one_outlet)
    assert compare(a, b).kind() is not None  # of one day, or of days that nobody knows: a corrected date


def test_no_month_is_too_far_from_another_for_a_monthly_notice():
    issues = [(NOTICE.format(f"15 {name}"), f"2025-{month:02}-14") for month, name in enumerate(YEAR.split(), 1)]
    assert not any(linked(*one, *other) for one, other in combinations(issues, 2))


@pytest.mark.parametrize(
    ("old", "published", "new", "later"),
    [
        (
            "3 мая десятки человек",
            "2025-05-05",
            "4 мая десятки человек",
            "2025-05-06",
        ),  # a corrected date of what is over
        ("5 мая десятки человек", "2025-05-05", "4 мая десятки человек", "2025-05-06"),
        ("12 мая десятки человек", "2025-05-05", "19 мая десятки человек", "2025-05-06"),
        ("5 мая 12 человек", "2025-05-05", "5 мая 14 человек", "2025-05-06"),
        ("5 мая, 9:00, люди", "2025-05-05", "5 мая, 10:00, люди", "2025-05-06"),
        ("12 may be charged and many", "2025-05-05", "13 may be charged and many", "2025-05-06"),
        ("12 out of many", "2025-10-12", "13 out of many", "2025-10-13"),
        ("in May 9:30 many", "2025-05-09", "in May 10:30 many", "2025-05-10"),
    ],
)
def test_a_correction_is_a_copy(old, published, new, later):
    a, b = REPORT.format(old), REPORT.format(new)
    assert a != b
    assert linked(a, published, b, later)
    assert linked(b, later, a, published)


@pytest.mark.parametrize(("before", "after"), [("УРАЛЬСК, {}, «Степной курьер». ", ""), ("", " Опубликовано {}.")])
def test_a_reprint_with_a_dateline_or_stamp_of_its_own_is_a_copy(before, after):
    a, b = ((before + REPORT.format("десятки") + after).format(day) for day in ("5 мая", "8 мая"))
    assert linked(a, "2025-05-05", b, "2025-05-08", one_outlet=False)
    assert linked(a, "2025-05-05", b, "2025-05-08") == bool(after)  # one outlet's next notice may begin with its day
    assert not linked(a, "2025-05-04", b, "2025-05-07", one_outlet=False)  # the next day is no dateline


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("с 12 по 14 марта 2025 года", [Day(3, 14, 2025)]),
        ("with March 12, 2025 in", [Day(3, 12, 2025)]),
        ("12.03.2025 и 31.02.2025", [Day(3, 12, 2025)]),
        ("March 3-5, 2025", [Day(3, 3)]),
        ("March 3, 5 people", [Day(3, 3)]),
        ("5 мая 12 человек", [Day(5, 5)]),
        ("5 May 12 people", [Day(5, 5)]),
        ("12 may be charged", []),
        ("о 31 февраля", []),
        ("в 12 школах и 3 садах", []),
        ("сен 5 және жел 7 там 3", []),
        ("0 мая", []),
    ],
)
def test_days_are_read_as_texts_write_them(text, days):
    found = words(text)
    assert [day for _, day in days_at(found, cased_words(text), 0, len(found))] == days
