"""A doubtful column: trafilatura is asked, and a stated rule decides whose text is used."""

from collections import Counter

from lxml import etree

from articles.explain import explain
from articles.extract import Origin, examine, read
from articles.page import intake, second_opinion
from articles.page.block_reader import read as read_blocks
from articles.page.second_opinion import Believed, OwnChoice
from tests.articles.pages import ENGLISH, RUSSIAN, capture, page, paragraphs

FIRST, SECOND = "<section id='a'>{}</section>", "<section id='b'>{}</section>"


def choice_of(html: str, column: range, rules: dict[int, str]) -> OwnChoice:
    _, body = intake.parse(html.encode())
    return OwnChoice(read_blocks(body), column, {position: rules.get(position, "") for position in column})


def two_sections() -> str:
    """Blocks 0 to 4 are English, 5 to 9 are Russian."""
    return f"<html><body>{FIRST.format(paragraphs(ENGLISH))}{SECOND.format(paragraphs(RUSSIAN))}</body></html>"


def test_a_full_column_is_not_doubtful():
    assert second_opinion.doubt(choice_of(two_sections(), range(5), {})) == ""


def test_a_column_is_doubtful_if_rules_of_form_removed_much_of_it_or_if_most_paragraphs_are_elsewhere():
    removed = dict.fromkeys((1, 2), "markup:navigation")
    assert "rules of form removed" in second_opinion.doubt(choice_of(two_sections(), range(5), removed))
    by_wording = {2: "phrase:promo"}
    assert second_opinion.doubt(choice_of(two_sections(), range(10), by_wording)) == ""
    assert "are outside" in second_opinion.doubt(choice_of(two_sections(), range(2), {}))
    assert "only" in second_opinion.doubt(choice_of(two_sections(), range(1), {}))


def test_a_smaller_share_is_doubtful_inside_the_text_than_below_it():
    doubt = second_opinion.doubt(choice_of(two_sections(), range(10), {1: "markup:navigation"}))
    assert "inside the text" in doubt
    below = dict.fromkeys((8, 9), "markup:navigation")
    assert second_opinion.doubt(choice_of(two_sections(), range(10), below)) == ""


def test_paragraphs_that_rules_of_form_removed_and_trafilatura_keeps_are_restored():
    choice = choice_of(two_sections(), range(5), {1: "markup:navigation", 2: "phrase:promo", 3: "markup:comments"})
    opinion = second_opinion.judge(choice, "doubt", ENGLISH)
    assert (opinion.believed, opinion.positions) == (Believed.BOTH, frozenset({1}))


def test_hidden_paragraphs_beside_a_text_are_not_restored_and_those_of_an_empty_column_are():
    hidden = dict.fromkeys((3, 4), "markup:hidden")
    assert second_opinion.judge(choice_of(two_sections(), range(5), hidden), "doubt", ENGLISH).believed is Believed.OURS
    hidden = dict.fromkeys(range(5), "markup:hidden")
    opinion = second_opinion.judge(choice_of(two_sections(), range(5), hidden), "doubt", ENGLISH)
    assert (opinion.believed, opinion.positions) == (Believed.BOTH, frozenset(range(5)))


def test_the_column_moves_to_a_longer_text_elsewhere_and_not_to_a_shorter_one():
    opinion = second_opinion.judge(choice_of(two_sections(), range(2), {}), "doubt", RUSSIAN)
    assert (opinion.believed, opinion.positions) == (Believed.MOVED, frozenset(range(5, 10)))
    assert second_opinion.judge(choice_of(two_sections(), range(5), {}), "doubt", RUSSIAN[:3]).believed is Believed.OURS


def test_a_short_answer_is_not_used():
    assert second_opinion.judge(choice_of(two_sections(), range(1), {}), "doubt", ("No.",)).believed is Believed.OURS


def test_lines_that_are_no_blocks_of_the_page_are_used_where_there_is_hardly_a_text_of_ours():
    answer = tuple(ENGLISH)
    own = choice_of(f"<html><body><p>{RUSSIAN[0][:100]}</p></body></html>", range(1), {})
    opinion = second_opinion.judge(own, "doubt", answer)
    assert (opinion.believed, opinion.lines) == (Believed.LINES, answer)
    russian = choice_of(f"<html><body>{paragraphs(RUSSIAN)}</body></html>", range(len(RUSSIAN)), {})
    assert second_opinion.judge(russian, "doubt", answer).believed is Believed.OURS


def test_an_article_in_a_noscript_element_is_found_in_the_page_after_trafilatura_was_asked():
    html = page(
        f"<div id='app'><h1>No Ferry</h1><noscript><div>{paragraphs(ENGLISH)}</div></noscript></div>", title="No Ferry"
    )
    found = explain(capture(html))
    assert found.origin is Origin.HIDDEN
    assert found.outcome.documents[0].paragraphs == ENGLISH
    (opinion,) = (field for field in found.fields if field.name == "second opinion")
    assert opinion.remark.startswith("asked: only 0 characters of paragraphs are kept; ")


def test_asking_leaves_the_tree_as_it_is():
    root, _ = intake.parse(page(f"<article>{paragraphs(ENGLISH)}</article>").encode())
    before = etree.tostring(root)
    assert second_opinion.lines(root) == ENGLISH
    assert etree.tostring(root) == before


def test_every_block_is_kept_or_recorded_after_paragraphs_are_restored():
    parts = "".join(
        f"<div class='ad-slot-{number}'><p>{text}</p></div><div class='share'>Share it</div>"
        for number, text in enumerate(ENGLISH)
    )
    captured = capture(page(f"<article><h1>No Ferry</h1>{parts}</article>", title="No Ferry"))
    outcome, extraction = examine(captured)
    assert extraction is not None
    assert outcome.documents[0].paragraphs == ENGLISH
    accounted = Counter([*outcome.documents[0].paragraphs, *(removal.text for removal in outcome.removals)])
    blocks = extraction.page.blocks[extraction.column.start : extraction.column.stop]
    assert not Counter(block.text for block in blocks) - accounted


def test_no_question_is_asked_about_an_ordinary_page():
    extraction = read(capture(page(f"<article><h1>No Ferry</h1>{paragraphs(ENGLISH)}</article>", title="No Ferry")))
    assert extraction.opinion is None
