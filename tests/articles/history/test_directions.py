"""A stated day makes a text the original only as far as evidence lets it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.history.claimed_days import ClaimedDay
from articles.history.directions import DatedText, directed, is_contradicted
from articles.links.translation import NAMES_SOURCE, NAMES_TRANSLATOR
from articles.model import Link, LinkKind

HONEST = DatedText(ClaimedDay("2026-11-01", "2026-11-01", "http://a.example/2026/11/01/x"), sure=True, known=False)
LINK = Link(LinkKind.TRANSLATION, "copy", "original", 0.9, "full: 12 sentences aligned")


def faked(seen="2026-11-03", address="http://b.example/x", *, known=False):
    return DatedText(ClaimedDay("1999-12-31", seen, address), sure=False, known=known)


def turned(link, original, copy):
    found = directed(link, {"original": original, "copy": copy}.__getitem__)
    assert {found.a, found.b} == {"original", "copy"}
    return found.a != link.a


def test_a_text_seen_later_is_not_the_original_of_one_seen_before():
    assert turned(LINK, faked(), HONEST)
    assert "not borne out" in directed(LINK, lambda row: faked() if row == "original" else HONEST).evidence
    undated = DatedText(ClaimedDay("", "2026-11-01"), sure=False, known=False)
    assert turned(LINK, faked(), undated)


def test_its_own_address_or_feed_can_contradict_the_day_that_a_page_states():
    assert turned(LINK, faked("2026-11-02", "http://b.example/2026/11/02/x"), HONEST)
    listed = ClaimedDay("1999-12-31", "2026-11-02", listed=("2026-11-02",))
    assert turned(LINK, DatedText(listed, sure=False, known=False), HONEST)


def test_a_known_outlet_counts_more_than_an_unknown_one():
    known = DatedText(HONEST.claim, sure=True, known=True)
    assert turned(LINK, faked("2026-11-01"), known)
    assert not turned(LINK, faked("2026-11-01", known=True), known)


def test_without_evidence_the_stated_days_decide():
    assert not turned(LINK, faked("2026-11-01"), HONEST)  # all were fetched on one day
    assert not turned(LINK, HONEST, faked())
    older = DatedText(ClaimedDay("2020-01-01", "2026-11-05", "http://a.example/2020/01/01/x"), sure=True, known=False)
    assert not turned(LINK, older, HONEST)  # found late, but its address bears it out


@pytest.mark.parametrize("evidence", [NAMES_SOURCE, NAMES_TRANSLATOR])
def test_a_page_that_says_itself_that_it_translates_is_believed(evidence):
    assert not turned(Link(LinkKind.TRANSLATION, "copy", "original", 0.9, f"{evidence}full"), faked(), HONEST)


def test_only_links_with_a_direction_are_turned():
    assert turned(Link(LinkKind.REWRITE, "copy", "original", 0.9, ""), faked(), HONEST)
    assert not turned(Link(LinkKind.SAME_EVENT, "copy", "original", 0.9, ""), faked(), HONEST)
    assert not turned(Link(LinkKind.DUPLICATE, "copy", "original", 0.9, ""), faked(), HONEST)


days = st.sampled_from(["", "2026-11-01", "2026-11-02", "2026-11-09"])
dated = st.builds(
    DatedText,
    st.builds(ClaimedDay, days, days.filter(bool), st.sampled_from(["", "http://a.example/2026/11/02/x"])),
    sure=st.booleans(),
    known=st.booleans(),
).filter(lambda one: one.claim.day or not one.sure)


@settings(max_examples=50)
@given(dated, dated)
def test_evidence_never_contradicts_both_directions(one, other):
    assert not (is_contradicted(one, other) and is_contradicted(other, one))
