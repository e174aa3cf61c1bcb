from datetime import UTC, datetime

import pytest

from spiders.outlets import load
from spiders.schedule import PageBudget, budget

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
EVENING = datetime(2026, 11, 1, 21, tzinfo=UTC)  # 2 o'clock in Almaty, midnight in Moscow


def test_the_budget_is_larger_at_night():
    assert budget("KZ", 100, 500, 0, NOON).pages == 100
    assert budget("KZ", 100, 500, 0, EVENING).pages == 500
    assert budget("RU", 100, 500, 0, EVENING).pages == 500
    assert budget("US", 100, 500, 0, EVENING).pages == 100


def test_the_users_page_limit_replaces_the_outlets():
    assert budget("KZ", 100, 500, 7, EVENING) == PageBudget(7, "set by --max-pages")


@pytest.mark.parametrize(("pages", "revisits"), [(0, 0), (1, 1), (10, 5), (11, 5)])
def test_half_of_the_budget_may_go_to_known_articles(pages, revisits):
    assert PageBudget(pages, "").revisits == revisits


@pytest.mark.parametrize("name", sorted(load()))
def test_every_outlets_budget_covers_its_daily_articles(name):
    outlet = load()[name]
    assert budget(outlet.country, outlet.by_day, outlet.by_night, 0, NOON).pages >= outlet.daily
