import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.errors import InputError
from spiders.date_window import DateSpan, DateWindow, parse_option, span_in_url, span_of

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WINDOW = DateWindow(NOW, datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 15, tzinfo=UTC))


def utc(*parts) -> datetime:
    year, month, day, hour, minute, second = (*parts, 0, 0, 0)[:6]
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def at(*parts):
    moment = utc(*parts)
    return DateSpan(moment, moment)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024-09-03T10:00:00Z", (2024, 9, 3, 10), (2024, 9, 3, 10)),
        ("Tue, 03 Sep 2024 10:00:00 GMT", (2024, 9, 3, 10), (2024, 9, 3, 10)),
        ("2024-09-03T10:00:00+05:00", (2024, 9, 3, 5), (2024, 9, 3, 5)),
        ("2024-09-03", (2024, 9, 2, 10), (2024, 9, 4, 12)),  # midnight at UTC+14, and at UTC-12
        ("2024-09-03T10:00:00", (2024, 9, 2, 20), (2024, 9, 3, 22)),
        ("03.09.2024 10:00", (2024, 9, 2, 20), (2024, 9, 3, 22)),
        ("3 сентября 2024", (2024, 9, 2, 10), (2024, 9, 4, 12)),
    ],
)
def test_a_date_becomes_the_span_that_it_can_mean(text, first, last):
    assert span_of(text) == DateSpan(utc(*first), utc(*last))


@pytest.mark.parametrize("text", ["", "yesterday", "9999-99-99", "0001-01-01T00:00:00+14:00"])
def test_a_text_that_is_not_a_date_gives_none(text):
    assert span_of(text) is None


@given(st.text(max_size=40) | st.datetimes().map(str))
def test_no_date_raises(text):
    span = span_of(text)
    assert span is None or (span.first <= span.last and span.first.tzinfo is not None)


@pytest.mark.parametrize(
    ("in_url", "published", "modified", "wanted"),
    [
        (None, None, None, True),
        (at(2026, 11, 3), at(2020, 1, 1), at(2020, 1, 1), True),  # the URL's date goes first
        (at(2020, 1, 1), at(2026, 11, 3), at(2026, 11, 3), False),
        (None, at(2026, 11, 3), at(2020, 1, 1), True),
        (None, at(2026, 11, 16), None, False),
        (None, at(2030, 1, 1), None, True),  # a date in the future is ignored
        (None, at(1970, 1, 1), at(2026, 11, 3), True),
        (None, None, at(2026, 10, 1), False),  # it was published before that
        (None, None, at(2026, 11, 19), True),  # it may have been changed after the window
        (None, None, at(2099, 1, 1), True),
        (None, None, at(1970, 1, 1), True),
    ],
)
def test_the_most_reliable_date_decides(in_url, published, modified, wanted):
    assert WINDOW.includes(in_url, published, modified) is wanted


def test_periods_come_latest_first_with_a_day_of_margin():
    days = list(WINDOW.periods("day"))
    assert (days[0], days[-1]) == (date(2026, 11, 16), date(2026, 10, 31))
    assert days == sorted(days, reverse=True)
    assert list(WINDOW.periods("month")) == [date(2026, 11, 1), date(2026, 10, 1)]
    assert list(WINDOW.periods("year")) == [date(2026, 1, 1)]


def test_without_since_there_are_two_periods_and_none_in_the_future():
    assert list(DateWindow(NOW).periods("day")) == [date(2026, 11, 20), date(2026, 11, 19)]
    assert list(DateWindow(datetime(2026, 1, 5, tzinfo=UTC)).periods("month")) == [date(2026, 1, 1), date(2025, 12, 1)]
    assert next(DateWindow(NOW, since=NOW).periods("day")) == date(2026, 11, 20)
    assert next(DateWindow(NOW, until=datetime(2099, 1, 1, tzinfo=UTC)).periods("day")) == date(2026, 11, 20)


def test_periods_do_not_go_back_before_the_web():
    days = list(DateWindow(NOW, since=datetime(1, 1, 1, tzinfo=UTC)).periods("year"))
    assert days[-1] == date(1990, 1, 1)


def test_a_date_option_is_parsed_or_refused():
    assert parse_option("") is None
    assert parse_option("2024-09-03") == datetime(2024, 9, 3, tzinfo=UTC)
    assert parse_option("2024-09-03", ends=True) == datetime(2024, 9, 4, tzinfo=UTC)
    assert str(parse_option("2024-09-03T12:00:00+05:00", ends=True)) == "2024-09-03 12:00:00+05:00"
    for text in ("tomorrow", "2024-13", "24", "9999-12-31", "2024-9"):
        with pytest.raises(InputError, match=f"not a date: '{text}'"):
            parse_option(text, ends=True)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", (2024, 1, 1), (2025, 1, 1)),
        ("2024-02", (2024, 2, 1), (2024, 3, 1)),
        ("2024-02-28", (2024, 2, 28), (2024, 2, 29)),
        ("20240228", (2024, 2, 28), (2024, 2, 29)),
    ],
)
def test_an_option_may_name_a_year_or_a_month(text, first, last):
    assert parse_option(text) == utc(*first)
    assert parse_option(text, ends=True) == utc(*last)


@pytest.mark.parametrize(
    ("pattern", "url", "span"),
    [
        (r"https://n\.example/(?P<y>\d{4})/(?P<m>\d\d?)/(?P<d>\d\d?)/.+", "https://n.example/2024/9/3/x", ("2024-09-03", "2024-09-03")),
        (r"https://n\.example/(?P<ymd>\d{8})/.+", "https://n.example/20240903/x", ("2024-09-03", "2024-09-03")),
        (r"https://n\.example/(?P<y>\d{4})/(?P<m>\d\d)/.+", "https://n.example/2024/02/x", ("2024-02-01", "2024-02-29")),
        (r"https://n\.example/(?P<y>\d{4})/.+", "https://n.example/2024/x", ("2024-01-01", "2024-12-31")),
        (r"https://n\.example/(?P<y>\d{4})/(?P<m>\d\d)/.+", "https://n.example/2024/13/x", None),
        (r"https://n\.example/(?P<y>\d{4})/.+", "https://n.example/about", None),
        (r"https://n\.example/\d+", "https://n.example/2024", None),
    ],
)  # fmt: skip
def test_the_date_in_a_url_is_read_by_the_outlets_pattern(pattern, url, span):
    found = span_in_url(re.compile(pattern), url)
    if span is None:
        assert found is None
    else:
        assert found == DateSpan(span_of(span[0]).first, span_of(span[1]).last)
