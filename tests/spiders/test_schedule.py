from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.schedule import GONE_INTERVALS, MAX_INTERVAL, MIN_INTERVAL, PastFetch, next_fetch, select_due

BORN = datetime(2026, 11, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URL = "http://news.example/a"


def shown(after: timedelta, text: str = "one", **other) -> PastFetch:
    return PastFetch(BORN + after, 200, (text,), **other)


def at(*fetches: PastFetch, published: datetime | None = None) -> timedelta:
    due = next_fetch(URL, fetches, published)
    assert due is not None
    return due.at - BORN


def test_an_article_is_due_when_it_is_twice_as_old():
    assert at(shown(0 * DAY)) == MIN_INTERVAL
    assert at(shown(0 * DAY), shown(6 * HOUR)) == 12 * HOUR
    assert at(shown(0 * DAY), shown(6 * HOUR), shown(4 * DAY)) == 8 * DAY
    assert at(shown(0 * DAY), shown(1000 * DAY)) == 1000 * DAY + MAX_INTERVAL


def test_the_age_counts_from_the_date_of_publication():
    assert at(shown(0 * DAY), published=BORN - 30 * DAY) == 30 * DAY
    assert at(shown(0 * DAY), published=BORN + DAY) == MIN_INTERVAL  # a date in the future gives no age


def test_after_an_edit_the_age_counts_from_the_edit():
    assert at(shown(0 * DAY), shown(8 * DAY, "two")) == 8 * DAY + MIN_INTERVAL
    assert at(shown(0 * DAY), shown(8 * DAY, "two"), PastFetch(BORN + 9 * DAY, 304)) == 10 * DAY


def test_a_gone_article_is_requested_twice_more():
    gone = [PastFetch(BORN + n * DAY, 404) for n in (1, 3, 20)]
    assert at(shown(0 * DAY), gone[0]) == DAY + GONE_INTERVALS[0]
    assert at(shown(0 * DAY), *gone[:2]) == 3 * DAY + GONE_INTERVALS[1]
    assert next_fetch(URL, [shown(0 * DAY), *gone]) is None
    assert at(shown(0 * DAY), *gone, shown(30 * DAY)) == 60 * DAY  # it came back


def test_a_failed_fetch_is_retried_later():
    assert at(shown(0 * DAY), shown(8 * DAY), PastFetch(BORN + 16 * DAY, 503)) == 24 * DAY
    assert at(shown(0 * DAY), shown(8 * DAY), PastFetch(BORN + 9 * DAY, 0)) == 16 * DAY
    assert at(shown(0 * DAY), shown(8 * DAY), PastFetch(BORN + 16 * DAY, 200)) == 24 * DAY  # it has no article any more


def test_a_moved_page_is_not_due_again():
    assert next_fetch(URL, [shown(0 * DAY), PastFetch(BORN + DAY, 301)]) is None


def test_a_page_without_an_article_is_not_due_again():
    assert next_fetch(URL, [PastFetch(BORN, 200), PastFetch(BORN, 403)]) is None


def test_the_newest_validators_are_kept():
    due = next_fetch(
        URL, [shown(0 * DAY, etag='"a"'), shown(DAY, etag='"b"', last_modified="x"), PastFetch(BORN + 2 * DAY, 304)]
    )
    assert due is not None
    assert (due.etag, due.last_modified) == ('"b"', "x")


def test_the_longest_overdue_page_comes_first():
    due = [next_fetch(f"{URL}{n}", [shown(n * DAY)]) for n in (3, 1, 2, 9)]
    known = [page for page in due if page is not None]
    assert [page.url[-1] for page in select_due(known, BORN + 5 * DAY)] == ["1", "2", "3"]


@given(st.lists(st.tuples(st.integers(0, 5000), st.sampled_from([200, 304, 404, 503, 0]), st.booleans())))
def test_intervals_stay_within_their_limits(looks):
    known = [
        PastFetch(BORN + hours * HOUR, status, (("x",) if text else ("y",)) if status == 200 else ())
        for hours, status, text in looks
    ]
    due = next_fetch(URL, known)
    if due is not None:
        last_result = max(fetch.fetched for fetch in known if fetch.has_result)
        assert due.at >= last_result + min(MIN_INTERVAL, *GONE_INTERVALS)
        assert due.at <= max(fetch.fetched for fetch in known) + MAX_INTERVAL


@pytest.mark.parametrize("looks", [1, 2, 3])
def test_the_order_of_fetches_does_not_matter(looks):
    known = [shown(n * DAY, str(n % 2)) for n in range(looks)]
    assert next_fetch(URL, known) == next_fetch(URL, reversed(known))
