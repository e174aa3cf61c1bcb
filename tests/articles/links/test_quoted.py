"""Reports that quote one speech are neither copies nor translations of each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.links.alignment import Alignment, sentences
from articles.links.duplicates import MIN_REOPENED_CONTAINMENT, compare
from articles.links.named_days import Apart
from articles.links.quoted import CLOSED_BY, only_speech, quotations, quoted_sentences
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


def test_a_reissue_of_one_outlet_on_the_next_day_is_a_duplicate() -> None:
    found = compare(NEWS["grain ban: ministry"], NEWS["grain ban: second portal"])
    assert found.containment < 0.8
    assert found.kind(Apart(1, (1, 2), one_outlet=True)) is not None


def test_an_edited_copy_of_a_report_that_quotes_is_a_duplicate() -> None:
    copy = (
        REPORT.replace(
            "сообщил министр водных ресурсов Нурлан Алдамжаров на парламентских слушаниях", "заявили депутатам"
        )
        .replace("— сказал он", "— так глава ведомства объяснил обмеление рек и озёр, о котором его спросили с мест")
        .replace(
            "Он добавил, что до 2030 года в Казахстане построят 20 новых",
            "Власти обещают к концу десятилетия сдать новые",
        )
        .replace("подчеркнул Алдамжаров", "отметил выступавший и показал депутатам карту гидропостов")
    )
    found = compare(REPORT, copy)
    assert found.containment < MIN_REOPENED_CONTAINMENT
    assert found.kind() is not None


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


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("«Мы в «Казахтелекоме» ждали», — сказал он «вчера».", ["«Мы в «Казахтелекоме» ждали»", "«вчера»"]),
        ('Er sagte: „Wir haben lange genug gewartet" und ging.', ['„Wir haben lange genug gewartet"']),
        ("„Wir warten“, sagte er. “No “one” waits”", ["„Wir warten“", "“No “one” waits”"]),
        ('«Мы «ждали» долго, — сказал он. "Да", «нет»', ['«Мы «ждали» долго, — сказал он. "Да", «нет»']),
        ("«Мы ждали", []),
        ("„Мы ждали, «да»\n»", ["«да»"]),
    ],
)
def test_a_quotation_ends_where_the_marks_inside_are_closed(text: str, quoted: list[str]) -> None:
    assert [text[start:end] for start, end in quotations(text, least_words=0)] == quoted


@given(st.text('«»“”„"\na ', max_size=20))
def test_quotations_are_apart_in_order_and_in_one_line(text: str) -> None:
    places = [place for span in quotations(text, least_words=0) for place in span]
    assert places == sorted(places)
    for start, end in zip(places[::2], places[1::2], strict=True):
        assert text[end - 1] in CLOSED_BY[text[start]]
        assert "\n" not in text[start:end]
