from collections import Counter

import pytest

from articles.dynamic import is_dynamic, lasting, own_words
from benchmarks.links.dynamic import TEXT, TITLE, changes

CHANGES = list(changes())


@pytest.mark.parametrize("half", ["look", "report", "widened", "attacked", "attack_score", "edits", "limits"])
def test_only_an_edit_of_the_articles_own_words_makes_a_version(half):
    other = half not in {"edits", "limits"}
    assert [change for change in CHANGES if change.half == half and change.is_version is other] == []


def test_the_set_has_enough_kinds():
    kinds = Counter(half for half, _ in {(change.half, change.name) for change in CHANGES})
    assert kinds["look"] + kinds["report"] >= 23
    assert min(kinds["look"], kinds["report"]) >= 11


def test_figures_of_an_article_on_rates_are_its_own():
    box = "USD 478.12 EUR 512.30"
    assert lasting(TITLE, (*TEXT, box)) == list(TEXT)
    assert lasting("Rates of the dollar and the euro for Monday", (*TEXT, box)) == [*TEXT, box]


def test_a_list_at_the_end_is_no_run_of_teasers_and_something_is_always_left():
    items = ["Barley, two wagons from Semey depot", "Timber, nine wagons from Omsk", "Gravel from a quarry near Taraz"]
    assert lasting(TITLE, (*TEXT, *items)) == [*TEXT, *items]
    assert lasting("", ("Views: 12",)) == ["Views: 12"]


def test_a_counter_after_the_last_sentence_of_a_paragraph_is_cut_and_an_own_sentence_is_not():
    assert own_words(TITLE, (f"{TEXT[0]} Views: 1,204", *TEXT[1:])) == list(TEXT)
    assert own_words(TITLE, (f"{TEXT[0]} It had 12 views.", TEXT[1]))[0].endswith("12 views.")
    assert own_words(TITLE, (TEXT[0], f"{TEXT[1]} When? 15 April, 11:00"))[1].endswith("11:00")


@pytest.mark.parametrize("text", ["$139.00", "Rating: 4.58/5", "77 seconds", "360° cameras", "Fisk Electric Co. $284M"])
def test_a_price_or_figure_of_the_article_is_kept(text):
    assert not is_dynamic(text)


@pytest.mark.parametrize("text", ["Photo by Anna Berg", "Moscow, 12 May", "Killed: 12", "12", "", "Views of the sea"])
def test_a_short_line_of_other_words_is_kept(text):
    assert not is_dynamic(text)


def test_figures_of_an_article_on_the_weather_are_its_own():
    box = "Semey: −12 °C, snow"
    assert lasting(TITLE, (*TEXT, box)) == list(TEXT)
    assert lasting("Weather for Monday: frost in the north", (*TEXT, box)) == [*TEXT, box]


BOXES = {
    "rates": "USD 478.12 EUR 512.30",
    "weather": "Semey: −12 °C, snow",
    "poll": "Yes 54% No 46% (2,226 votes)",
}


@pytest.mark.parametrize(
    ("title", "own"),
    [
        ("Wagons will be counted by hand", set()),
        ("Rates of the dollar for Monday", {"rates"}),
        ("Weather for Monday", {"weather"}),
        ("Мороз ослабеет", {"weather"}),
        ("МВФ ухудшил прогноз роста экономики", set()),
        ("A forecast of growth", set()),
        ("Frost wins in Idaho", set()),
        ("Frost wins the vote in Idaho", {"poll"}),
        ("Итоги референдума", {"poll"}),
        ("Қазақстандағы сайлау", {"poll"}),
        ("Результати виборів", {"poll"}),
    ],
)
def test_a_title_spares_only_the_figures_that_it_is_about(title, own):
    for name, box in BOXES.items():
        assert lasting(title, (*TEXT, box)) == [*TEXT, *([box] if name in own else [])], name


@pytest.mark.parametrize(
    "text",
    [
        "Join us on Telegram: us already 12,400",
        "Our 12,400 subscribers",
        "Комментарии: 12, новых 3",
        "Time left: 02:14:33",
        "Басталуына қалды: 02:14:33",
        "Фото: Степной курьер, 14:20",
    ],
)
def test_a_counter_of_the_outlet_is_a_changing_line(text):
    assert is_dynamic(text)
