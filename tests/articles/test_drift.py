from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.drift import SignCounts, drifts, tally
from articles.model import TemplateSigns

PAGE = TemplateSigns(titled=True, dated=True, signed=True, characters=3000, linked=60, template="div.body < article")


def of(pages, missed=()):
    return tally((page, missed) for page in pages)


PAST = of([PAGE] * 40)


def test_a_run_like_earlier_runs_exceeds_no_limit():
    assert drifts(of([PAGE] * 10), PAST) == []
    assert drifts(of([replace(PAGE, characters=4000, signed=False), *[PAGE] * 9]), PAST) == []


@pytest.mark.parametrize(
    ("change", "measure"),
    [
        ({"titled": False}, "titled"),
        ({"dated": False}, "dated"),
        ({"signed": False}, "signed"),
        ({"characters": 300, "linked": 6}, "length"),
        ({"characters": 30_000}, "length"),
        ({"linked": 2000}, "links"),
        ({"template": "section < main"}, "template"),
    ],
)
def test_a_change_on_all_pages_is_reported(change, measure):
    found = drifts(of([replace(PAGE, **change)] * 10), PAST)
    assert [drift.measure for drift in found] == [measure]


def test_pages_without_articles_are_reported():
    assert [drift.measure for drift in drifts(of([None] * 10), PAST)] == ["documents"]


def test_a_selector_that_stops_matching_is_reported():
    found = drifts(of([PAGE] * 5, ["body"]), PAST)
    assert [drift.measure for drift in found] == ["selectors"]
    assert "body" in str(found[0])


def test_a_selector_that_never_matched_is_not_reported():
    assert drifts(of([PAGE] * 10, ["lead"]), of([PAGE] * 40, ["lead"])) == []


def test_three_pages_in_a_new_template_are_a_redesign_if_none_is_in_an_old_one():
    new = replace(PAGE, template="section < main")
    assert drifts(of([new] * 3), PAST)
    assert drifts(of([new] * 2), PAST) == []
    assert drifts(of([new, new, PAGE]), PAST) == []


def test_an_outlet_with_few_earlier_pages_is_not_judged():
    assert drifts(of([replace(PAGE, dated=False, template="x")] * 50), of([PAGE] * 19)) == []


def test_after_a_change_of_rules_new_templates_are_expected_but_missing_dates_are_not():
    new = replace(PAGE, template="section < main")
    assert drifts(of([new] * 10, ["body"]), PAST, rules_changed=True) == []
    assert [drift.measure for drift in drifts(of([replace(new, dated=False)] * 10), PAST, rules_changed=True)] == [
        "dated"
    ]


PAGES = st.lists(
    st.builds(
        TemplateSigns,
        titled=st.booleans(),
        dated=st.booleans(),
        signed=st.booleans(),
        characters=st.integers(0, 9000),
        linked=st.integers(0, 9000),
        template=st.sampled_from(["a", "b: c", "div.x < main"]),
    )
    | st.none()
)


@given(PAGES, PAGES)
def test_sums_do_not_depend_on_the_split_of_a_run_and_survive_a_round_trip(one, other):
    whole = of([*one, *other])
    assert whole == of(one) + of(other)
    assert SignCounts.from_measures(whole.measures()) == whole
