"""Lines that change with every fetch are known by what they do; the benchmark `benchmarks.links.changing` has more of them."""

from pathlib import Path

import pytest
import yaml

from articles.history.changing import changes_between, without_lines
from articles.history.edits import EditKind, classify
from articles.links.line_marks import LONG, MAX_LINES, MAX_PARAGRAPHS, line_mark, marks_of
from benchmarks.links import changing
from benchmarks.links.changing import edited, histories, page, versions_of
from storage.snapshots.article_history import VersionContent

DATA = yaml.safe_load(Path(changing.__file__).with_name("changing.yaml").read_text("utf-8"))


# What a report's own sentence, and a figure of three quarters of the outlet's pages at most, may do too: an editor's change
# is shown rather than hidden.
LEFT = [("mn_ago", "siblings once"), *((name, "siblings twice") for name in ("teaser_q", "teaser_sent", "ad_ru"))]


@pytest.mark.parametrize("place", [0, 4])
def test_a_line_that_changes_at_every_fetch_or_on_all_pages_makes_no_version(place):
    tried = [(*one, name) for name, values in DATA["look"].items() for one in histories(values, place)]
    assert [(name, way) for way, pages, name in tried if versions_of(pages, "wagons") != 1] == LEFT


def test_a_sentence_that_each_of_many_reports_replaces_once_makes_a_version():
    flash = {
        topic: [[f"Event in {topic} at the station.", line] for line in ("Details will follow.", later)]
        for topic, later in zip(
            changing.OTHERS[:5],
            ("Two men died.", "The minister resigned.", "It was a drill.", "Snow fell.", "He won."),
            strict=True,
        )
    }
    assert {versions_of(flash, topic) for topic in flash} == {2}


@pytest.mark.parametrize(("old", "new"), [("Age: 45", "Age: 54"), ("1:0", "1:2"), ("7 100", "71 000")])
def test_a_figure_that_one_page_corrected_makes_a_version_though_some_pages_show_such_a_line(old, new):
    pages = {topic: [page(topic, 2, old.replace("1", "3") if n < 4 else "")] for n, topic in enumerate(changing.OTHERS)}
    pages["wagons"] = [page("wagons", 2, line) for line in (old, new)]
    assert versions_of(pages, "wagons") == 2


def test_a_sentence_added_above_a_changing_line_is_an_edit():
    texts = [
        ["All are alive.", *more, f"Read {name} next"] for more, name in (([], "Oats"), (["Two died later."], "Rye"))
    ]
    old, new = (VersionContent("en", "News", tuple(text), "") for text in texts)
    assert EditKind.ADDITION in {edit.kind for edit in classify(old, new, {"p+1"}).edits}


def test_a_paragraph_without_spaces_is_long_by_its_signs():
    assert (
        line_mark("部长在周二会见了来自邻国的代表团并讨论了边境贸易的问题" * 4) == LONG != line_mark("更新于五分钟前")
    )


def test_a_text_of_very_many_paragraphs_has_no_marks():
    assert marks_of("News", [*[changing.LONG[0]] * MAX_PARAGRAPHS, "Lesijat 12"]) == ""


def test_a_line_that_was_edited_once_makes_a_version_whatever_else_changes():
    pairs = {**DATA["edits_look"], **DATA["edits_score"]}
    assert [name for name, pair in pairs.items() if versions_of(edited(*pair), "wagons") != 2] == []


def test_a_line_that_two_fetches_of_one_page_differ_in_makes_a_version():
    assert versions_of({"wagons": [page("wagons", 4, f"Lesijat {count}") for count in (12, 15)]}, "wagons") == 2


def test_a_figure_that_stays_after_each_correction_makes_versions():
    killed = [page("wagons", 2, f"Killed {count}") for count in (12, 12, 12, 12, 13, 13, 13, 15, 15)]
    assert versions_of({"wagons": killed}, "wagons") == 3


def test_a_sentence_must_change_more_often_than_a_line_that_is_none():
    told = [page("wagons", 2, f"The crash killed {count} people.") for count in (12, 13, 15)]
    assert versions_of({"wagons": told}, "wagons") == 3


def test_tolls_on_a_few_pages_of_an_outlet_are_not_its_template():
    pages = {topic: [page(topic, 2, f"Killed: {5 + n}" if n < 2 else "")] for n, topic in enumerate(changing.OTHERS)}
    pages["wagons"] = [page("wagons", 2, f"Killed: {count}") for count in (12, 12, 13, 13)]
    assert versions_of(pages, "wagons") == 2


def test_a_text_of_which_most_lines_change_is_about_them():
    lists = [[f"Wheat {n}", f"Rye {n + 1}", f"Oats {n + 2}", "All prices in tenge"] for n in (10, 20, 30, 40)]
    assert versions_of({"wagons": lists}, "wagons") == 4


def test_texts_that_differ_in_title_or_long_paragraphs_share_no_marks():
    text = page("wagons", 4, "Lesijat 12")
    other = (text[0].replace("month", "year"), *text[1:])
    marks = [marks_of("News", text), marks_of("News", other), marks_of("Old news", text)]
    assert len({found.split()[0] for found in marks}) == 3
    assert changes_between(marks[0], marks[1]) == changes_between(marks[0], "") == ()
    assert marks_of("News", [changing.LONG[0]]) == marks_of("News", ["One."] * (MAX_LINES + 1)) == ""


def test_forms_of_a_word_have_one_shape_and_other_words_another():
    shapes = [line_mark(text)[:5] for text in ("осталось 25 дней", "осталось 1 дня", "Осталось 3,5 дня", "killed 12")]
    assert shapes[0] == shapes[1] == shapes[2] != shapes[3]


def test_changing_lines_are_no_edits():
    old, new = (
        VersionContent("en", "News", (*page("wagons", 2, clerk), f"Lesijat {n}"), "")
        for clerk, n in (("He is 61.", 12), ("He is 62.", 19))
    )
    keys = {"s" + line_mark("Lesijat 5")[:5]}
    assert [edit.kind for edit in classify(old, new, keys).edits] == [EditKind.NUMBER]
    assert len(classify(old, new).edits) == 2
    assert without_lines("News", new.paragraphs, {"p-1"})[-1] == ""
