"""Reports that quote one speech are neither copies nor translations of each other."""

import re

from hypothesis import given
from hypothesis import strategies as st

from articles.links.alignment import Alignment, sentences
from articles.links.duplicates import compare
from articles.links.named_days import Apart
from articles.links.quoted import only_speech, quotations, quoted_sentences
from benchmarks.links.news import news

NEWS = {one.name: one.text for one in news("look")}
REPORT, OTHER = NEWS["speech on water: state agency"], NEWS["speech on water: business paper"]


def test_two_reports_with_the_same_long_quotations_are_no_duplicates() -> None:
    found = compare(REPORT, OTHER)
    assert found.shared > 0.5 * min(found.a, found.b)
    assert found.quotes_alike
    assert found.kind() is None


def test_later_news_of_one_outlet_in_the_words_of_earlier_news_are_no_duplicates() -> None:
    found = compare(NEWS["congratulation birthday: ru"], NEWS["call before a visit: ru"])
    assert found.kind(Apart(2, (2, 4), one_outlet=False)) is not None
    assert found.kind(Apart(2, (2, 4), one_outlet=True)) is None


def test_an_edited_copy_of_a_report_that_quotes_is_a_duplicate() -> None:
    copy = REPORT.replace("сообщил министр водных ресурсов", "заявил глава ведомства").replace(
        "По словам министра, по", "По"
    )
    assert compare(REPORT, copy).kind() is not None
    assert compare(NEWS["bank cards: original"], NEWS["bank cards: new lead"]).kind() is not None


def test_sentences_of_a_quotation_are_quoted_and_those_around_it_are_not() -> None:
    text = (
        "The minister spoke for an hour about the rivers of the east.\n\n"
        "“We got used to thinking that water comes by itself. It does not come by itself at all,” he said.\n\n"
        "The newspaper «Zhaiyk» of Uralsk had asked him about his plans."
    )
    assert quoted_sentences(text, sentences(text)) == {1, 2}


def test_aligned_quotations_alone_are_no_translation() -> None:
    quoted, lengths = (frozenset((1, 2, 3)), frozenset((1, 2, 3))), ([60] * 5, [60] * 6)
    speech = Alignment(tuple((place, place, 0.9) for place in (1, 2, 3)), (0.6, 0.5))
    whole = Alignment(tuple((place, place, 0.9) for place in range(5)), (1.0, 0.8))
    assert only_speech(speech, quoted, lengths)
    assert not only_speech(whole, quoted, lengths)
    assert not only_speech(speech, (frozenset((1,)), quoted[1]), lengths)
    interview = frozenset(range(3)), frozenset(range(3))
    assert not only_speech(Alignment(((0, 0, 0.9), (1, 1, 0.9)), (0.7, 0.7)), interview, ([60] * 3, [60] * 3))


@given(st.text('«»“”„"\na ', max_size=20))
def test_a_quotation_is_what_a_sign_opens_and_the_next_closing_one_in_its_line_ends(text: str) -> None:
    expected = [found.span() for found in re.finditer('«[^»\n]*»|“[^”\n]*”|„[^“”\n]*[“”]|"[^"\n]*"', text)]
    assert list(quotations(text, least_words=0)) == expected
