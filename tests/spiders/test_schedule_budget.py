from datetime import UTC, datetime

import pytest

from spiders.outlets import load
from spiders.schedule import PageBudget, budget

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
EVENING = datetime(2026, 11, 1, 21, tzinfo=UTC)  # 2 o'clock in Almaty, midnight in Moscow


def test_by_night_more_is_asked_than_by_day():
    assert budget("KZ", 100, 500, 0, NOON).pages == 100
    assert budget("KZ", 100, 500, 0, EVENING).pages == 500
    assert budget("RU", 100, 500, 0, EVENING).pages == 500
    assert budget("US", 100, 500, 0, EVENING).pages == 100


def test_what_the_user_asks_for_counts():
    assert budget("KZ", 100, 500, 7, EVENING) == PageBudget(7, "set by --max-pages")


@pytest.mark.parametrize(("pages", "revisits"), [(0, 0), (1, 1), (10, 5), (11, 5)])
def test_half_of_the_budget_may_go_to_known_articles(pages, revisits):
    assert PageBudget(pages, "").revisits == revisits


@pytest.mark.parametrize("name", sorted(load()))
def test_every_outlets_clock_is_known_and_its_budget_serves_what_it_publishes(name):
    outlet = load()[name]
    assert budget(outlet.country, outlet.by_day, outlet.by_night, 0, NOON).pages >= outlet.daily
