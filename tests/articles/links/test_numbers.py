from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.links.fingerprint import grams, words
from articles.links.named_days import Apart
from articles.links.numbers import Differences, TextWords, _longest_increasing, differences


def differ(a, b):
    sides = []
    for text in (a, b):
        found = words(text)
        sides.append(TextWords(text, found, grams(found)))
    return differences(*sides)


def counts(a, b):
    found = differ(a, b)
    return found.conflicts, found.reworded


RATES = (
    "Today the dollar costs 480 tenge, the euro costs 520 tenge, the rouble costs 5 tenge and the yuan costs 66 tenge."
)
COURT = (
    "A court in Almaty sent Oleg Kryuchkov to prison for fraud in May. His lawyer will appeal to the city court soon."
)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("480", "480", (0, 0)),
        ("480", "481", (1, 0)),
        ("5 tenge", "6 tenge", (1, 0)),
        ("480 tenge, the euro costs 520", "520 tenge, the euro costs 480", (1, 0)),  # one pair of numbers, twice
        ("480", "nothing", (0, 1)),
        ("Today the", "Today, as we hear, the", (0, 0)),
    ],
)
def test_numbers_are_compared_at_their_places(old, new, found):
    other = RATES.replace(old, new)
    assert counts(RATES, other) == counts(other, RATES) == found


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("Oleg Kryuchkov", "Marat Ospanov", (2, 0)),
        ("Almaty", "Semey", (1, 0)),
        ("in May", "in June", (1, 0)),
        ("fraud", "theft", (0, 1)),
        ("His lawyer", "Their lawyer", (0, 1)),  # a sentence's first word is no name
    ],
)
def test_names_and_months_are_compared_at_their_places(old, new, found):
    assert counts(COURT, COURT.replace(old, new)) == found


def test_forms_of_one_name_and_signs_within_a_number_are_no_conflict():
    assert counts("Суд в городе Павлодар начал свою работу", "Суд в городе Павлодаре начал свою работу") == (0, 1)
    assert counts("It has 1,700 cars of coal to sell", "It has 1 700 cars of coal to sell") == (0, 0)
    assert counts("It has 1700 cars of coal to sell", "It has 1 700 cars of coal to sell") == (0, 1)


def test_where_all_nouns_have_capitals_names_do_not_count():
    old = "Die Stadt hat die alte Brücke am Montag für den ganzen Verkehr der Laster gesperrt"
    assert counts(old, old.replace("Brücke", "Straße").replace("Stadt", "Gemeinde")) == (0, 2)


@pytest.mark.parametrize(
    ("found", "together", "apart"),
    [
        (Differences(), False, False),
        (Differences(conflicts=1), True, True),  # one number in all, and it differs
        (Differences(conflicts=1, common=3), True, True),
        (Differences(conflicts=1, common=12), False, True),
        (Differences(conflicts=1, common=30), False, False),
        (Differences(conflicts=1, common=3, reworded=12), False, True),
        (Differences(common=9, reworded=9), False, False),
    ],
)
def test_a_share_of_differing_numbers_and_names_makes_other_news(found, together, apart):
    assert (found.other_news(Apart()), found.other_news(Apart(days=5))) == (together, apart)


@settings(deadline=None)  # the first comparison loads the names of months
@given(st.lists(st.sampled_from("abcdeFGH0123"), max_size=30), st.lists(st.sampled_from("abcdeFGH0123"), max_size=30))
def test_a_text_does_not_differ_from_itself(a, b):
    one, other = " ".join(a), " ".join(b)
    assert counts(one, one) == (0, 0)
    assert 0 <= differ(one, other).share <= 1


@given(st.permutations(range(12)))
def test_the_longest_increasing_subsequence_is_found(order):
    found = _longest_increasing(list(enumerate(order)))
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(found))
    best = [0] * len(order)
    for i, place in enumerate(order):
        best[i] = 1 + max((best[j] for j in range(i) if order[j] < place), default=0)
    assert len(found) == max(best)


def test_names_on_either_side_of_a_common_word_fill_one_slot():
    telegram = "The president sent a telegram to the {} on its national day and wished its people peace and prosperity."
    old, new = telegram.format("Azerbaijani Republic"), telegram.format("Republic of Armenia")
    assert counts(old, new) == counts(new, old) == (1, 0)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("президент Касым-Жомарт Токаев", "Токаев, глава Казахстана"),
        ("глава МВД Ержан Саденов", "Саденов, министр внутренних дел РК"),
        ("10 000 человек", "человек 10 тысяч"),
    ],
)
def test_a_name_before_or_after_its_office_is_no_other_name(old, new):
    report = "Об этом {} сообщили вчера вечером на встрече с жителями области, которая продолжалась более трёх часов."
    assert counts(report.format(old), report.format(new))[0] == 0
