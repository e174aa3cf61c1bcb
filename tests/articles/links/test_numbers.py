from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.links.fingerprint import words
from articles.links.numbers import TextNumbers, _longest_increasing, agreement


def number_agreement(a, b):
    return agreement(TextNumbers.of(words(a)), TextNumbers.of(words(b)))


RATES = "the dollar costs 480 the euro costs 520 the rouble costs 5 and the yuan costs 66"


@pytest.mark.parametrize(
    ("other", "share"),
    [
        (RATES, 1.0),
        (RATES.upper() + " as the bank said on day 12", 1.0),
        (RATES.replace("480", "481"), 0.75),
        (RATES.replace("480", "66").replace("yuan costs 66", "yuan costs 480"), 0.5),
        ("the dollar costs 520 the euro costs 480 the rouble costs 66 and the yuan costs 5", 0.0),
        ("the dollar costs nothing the euro costs 520 the rouble costs 5 and the yuan costs 66", 1.0),
        ("the dollar and the euro cost 480 and 66", 1.0),
        ("no number at all", 1.0),
        ("", 1.0),
    ],
)
def test_numbers_are_compared_at_their_places(other, share):
    assert number_agreement(RATES, other) == number_agreement(other, RATES) == pytest.approx(share)


def test_without_common_words_all_numbers_are_at_one_place():
    assert number_agreement("1 2 3 4", "4 3 5 6") == 0.5


@given(st.lists(st.sampled_from("abcdefgh0123"), max_size=30), st.lists(st.sampled_from("abcdefgh0123"), max_size=30))
def test_agreement_is_a_share_and_a_text_agrees_with_itself(a, b):
    one, other = TextNumbers.of(a), TextNumbers.of(b)
    assert 0 <= agreement(one, other) <= 1
    assert agreement(one, one) == 1


@given(st.permutations(range(12)))
def test_the_longest_increasing_subsequence_is_found(order):
    found = _longest_increasing(list(enumerate(order)))
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(found))
    best = [0] * len(order)
    for i, place in enumerate(order):
        best[i] = 1 + max((best[j] for j in range(i) if order[j] < place), default=0)
    assert len(found) == max(best)
