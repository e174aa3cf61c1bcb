import pytest

from articles.metadata.credits import read
from articles.page.blocks import Block, Node

HERE = "https://outlet.example/a"


def blocks(*texts):
    node = Node("p", None, "", 1)
    return [Block(text, node, position) for position, text in enumerate(texts)]


PROSE = "The first paragraph of an article is longer than any line of its header, and it ends with a full stop."


def test_credits_split_over_several_elements_are_read_as_one_sentence():
    found = read(
        blocks(
            "Published in Vestnik",
            "(Russia) on 21 June 2022",
            "by Oleg Petrov and Anna Li",
            "Translated by Ivan Roe.",
            PROSE,
        ),
        HERE,
    )
    assert found.source_outlet == "Vestnik"
    assert found.source_date == "2022-06-21"
    assert found.authors == ("Oleg Petrov", "Anna Li")
    assert found.translators == ("Ivan Roe",)
    assert set(found.used) == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("line", "translators", "editors"),
    [
        ("Translated from the Russian by Maria Holt", ("Maria Holt",), ()),
        ("Перевод с английского: Пётр Ильин", ("Пётр Ильин",), ()),
        ("Переводчик: Анна Ким. Редактор: Олег Цой", ("Анна Ким",), ("Олег Цой",)),
        ("Аударған: Айгүл Сейіт", ("Айгүл Сейіт",), ()),
        ("Edited by Tom Ashford and Ann Lee", (), ("Tom Ashford", "Ann Lee")),
    ],
)
def test_translators_and_editors_are_read(line, translators, editors):
    found = read(blocks(line, PROSE), HERE)
    assert (found.translators, found.editors) == (translators, editors)


@pytest.mark.parametrize(
    "note",
    [
        "*Editor’s Note: This text was first printed by a newspaper that the ferry company owns.",
        "От редакции: этот текст впервые напечатала газета, которая принадлежит паромной компании.",
        "Редакциядан: бұл мәтінді алғаш рет паром компаниясының газеті жариялады.",
        "Redakcijos pastaba: šį tekstą pirmasis išspausdino laikraštis, priklausantis keltų bendrovei.",
    ],
)
def test_an_editors_note_is_not_part_of_the_text(note):
    found = read(blocks(note, PROSE), HERE)
    assert len(found.note) > 40
    assert note.endswith(found.note)  # without its label
    assert ":" not in found.note
    assert found.used == {0: "headers:note"}


def test_a_source_line_under_the_text_is_read():
    found = read(blocks(PROSE, PROSE, "Источник: Вестник переправ"), HERE)
    assert found.source_outlet == "Вестник переправ"


def test_a_sentence_that_only_mentions_a_translation_stays_in_the_text():
    sentence = "The book was translated by hand in three years, edited by nobody, and published in the end by the town itself in 2011."
    second = "Published in Nature on 12 June 2019 by Ivan Roe, the study says that ferries are slow, that bridges are dear, and that nobody in the three towns it looked at wants to wait for either of them any longer than a week."
    found = read(blocks(second, sentence, PROSE), HERE)
    assert found.used == {}
    assert found.translators == ()


@pytest.mark.parametrize(
    ("line", "outlet", "date"),
    [
        ("This article was originally published by Eurasianet.", "Eurasianet", ""),
        ("This piece first appeared in The Ferryman on 3 May 2022.", "The Ferryman", "2022-05-03"),
        ("Republished with permission from River Monitor", "River Monitor", ""),
        ("Впервые опубликовано в журнале «Переправа», 3 мая 2022", "Переправа", "2022-05-03"),
        ("Оригинал статьи: Вестник переправ", "Вестник переправ", ""),
        ("Оригинал материала опубликован на сайте vestnik.example", "vestnik.example", ""),
        ("First published on Friday, 3 May 2022", "", ""),
        ("First published on November 3, 2022", "", ""),
        ("Перепечатка материалов только с разрешения редакции", "", ""),
        ("The article appeared in court on Monday.", "", ""),
    ],
)
def test_the_outlet_of_first_publication_is_read(line, outlet, date):
    found = read(blocks(PROSE, PROSE, line), HERE)
    assert (found.source_outlet, found.source_date) == (outlet, date)
    assert (2 in found.used) == bool(outlet)


def test_a_site_is_not_its_own_source():
    found = read(blocks(PROSE, PROSE, "First published by Outlet.example"), HERE)
    assert found.source_outlet == ""
