"""Elements whose class names are contradicted by what they hold, and elements that are what their names say."""

import json

from articles.extract import extract
from tests.articles.cleaning.making import QUIET, kept, outcome_with
from tests.articles.pages import ENGLISH, capture, page, paragraphs

PROGRAM = "ferries = count(river)\nprint(ferries, 'ferries')"


def test_source_code_with_a_toolbar_is_kept():
    outcome = outcome_with(
        inside=f"<div class='code-toolbar'><pre>{PROGRAM}</pre><div class='toolbar'>Copy</div></div>"
    )
    assert any("count(river)" in text for text in kept(outcome))
    assert "Copy" not in kept(outcome)


def test_several_elements_named_as_comments_are_a_thread_also_above_a_last_paragraph():
    thread = "".join(
        f"<div class='comment'><p>{text} So it is, number {n}.</p></div>" for n, text in enumerate(ENGLISH)
    )
    outcome = outcome_with(after=f"{thread}<p>{QUIET}</p>")
    assert kept(outcome) == (*ENGLISH, QUIET)


def test_a_post_that_the_text_cites_is_kept():
    post = f"<blockquote class='twitter-tweet'><p>{QUIET}</p></blockquote>"
    assert kept(outcome_with(inside=post)) == (*ENGLISH[:2], QUIET, *ENGLISH[2:])


def test_a_numbered_list_below_a_link_to_the_comments_is_no_thread():
    steps = "".join(f"<p>{number}. Buy ropes</p><p>{text}</p>" for number, text in enumerate(ENGLISH, 1))
    outcome = outcome_with(inside=f"<p>{QUIET} {QUIET} {QUIET}</p><p><a href='/c'>Leave a comment</a></p>", after=steps)
    assert all(text in kept(outcome) for text in ENGLISH[2:])


def test_list_items_that_name_an_agency_or_an_address_are_no_credit_and_no_scrap():
    items = "<li>Reuters</li><li>Two boats of Shutterstock</li><li>https://ferry.example.org/timetable</li>"
    outcome = outcome_with(
        inside=f"<p>Whom the village asked for help in the last days of the year:</p><ul>{items}</ul>"
    )
    assert {"Reuters", "Two boats of Shutterstock", "https://ferry.example.org/timetable"} <= set(kept(outcome))


def test_a_long_paragraph_that_begins_like_a_call_to_follow_is_kept_inside_the_text():
    advice = (
        "Follow the advice of the drivers who write on Facebook, and wait for the ice to carry a loaded truck again."
    )
    assert advice in kept(outcome_with(inside=f"<p>{advice}</p>"))
    assert "Follow us on Facebook" not in kept(outcome_with(inside="<div>Follow us on Facebook</div>"))


def test_a_class_of_layout_or_a_hash_names_no_advertisement():
    heading = "<h2 class='kt-adv-heading88_7d03 wp-block-kadence-advancedheading'>What the drivers say</h2>"
    text = f"<section class='elementor-section elementor-element-eefe4ad'><p>{QUIET}</p></section>"
    assert kept(outcome_with(inside=heading + text)) == (*ENGLISH[:2], "What the drivers say", QUIET, *ENGLISH[2:])
    assert kept(outcome_with(inside="<div class='adv'>Ropes and boats, 40 tenge</div>")) == ENGLISH
    assert kept(outcome_with(inside="<h3 class='advert__title'>Ropes in a day</h3>")) == ENGLISH
    hashed = "".join(
        f"<div class='elementor-element elementor-element-{n}c5bad'><p>{text}</p></div>"
        for n, text in enumerate(ENGLISH)
    )
    assert kept(extract(capture(page(f"<h1>No Ferry</h1><div class='q'>{hashed}</div>", title="No Ferry")))) == ENGLISH


def test_a_sentence_that_search_engines_are_given_as_the_title_is_kept_under_another_headline():
    first = "The ferry of the three villages stays on the bank of the river for another winter."
    shown = "“We are used to silence”"
    main = f"<h1>{shown}</h1><div class='q'>{paragraphs((first, *ENGLISH))}</div>"
    head = f"<meta property='og:title' content='{shown}'>"
    assert kept(extract(capture(page(main, title=first[:-1], head=head)))) == (first, *ENGLISH)
    assert kept(extract(capture(page(main.replace(shown, first), title=first[:-1])))) == ENGLISH


def test_an_address_that_is_a_paragraph_of_the_text_is_its_source():
    source = "https://ferry.example.org/timetable"
    assert source in kept(outcome_with(inside=f"<p>{source}</p>"))
    assert source not in kept(outcome_with(after=f"<div>{source}</div>"))
    assert "kurier@outlet.example" not in kept(outcome_with(inside="<p>kurier@outlet.example</p>"))
    elsewhere = "https://www.inoutlet.example/report"  # another domain that ends like the page's
    assert elsewhere in kept(outcome_with(inside=f"<p>{elsewhere}</p>"))


def test_a_short_lead_that_json_ld_states_as_the_description_is_kept():
    stated = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": "No Ferry",
        "description": "For the third winter",
    }
    html = (
        f"<head><title>No Ferry</title><meta name='description' content='Outlet, the news of the river'>"
        f"<script type='application/ld+json'>{json.dumps(stated)}</script></head>"
        f"<h1>No Ferry</h1><p>For the third winter</p><div>An Author</div><div class='q'>{paragraphs(ENGLISH)}</div>"
    )
    assert kept(extract(capture(f"<html>{html}</html>"))) == ("For the third winter", *ENGLISH)
    rubric = "<div class='category'><a href='/river'>For the third winter</a></div>"
    assert kept(extract(capture(f"<html>{html.replace('<p>For the third winter</p>', rubric)}</html>"))) == ENGLISH


def test_paragraphs_of_the_text_in_an_element_named_as_an_advertisement_are_kept():
    story = f"<div class='sponsored-area'><p>{ENGLISH[0]} {QUIET}</p><p>{QUIET} So it was last year.</p></div>"
    assert f"{ENGLISH[0]} {QUIET}" in kept(outcome_with(inside=story))
    assert (
        kept(outcome_with(inside="<div class='sponsored-area'><p>Ropes from 40 tenge at the landing!</p></div>"))
        == ENGLISH
    )


def test_commands_of_a_content_management_system_are_no_text():
    for command in ("[gallery ids='1,2']", "[/caption]", "[video-player id=”x1” name=”No Ferry”]"):
        assert kept(outcome_with(inside=f"<p>{command}</p>")) == ENGLISH
    for cue in ("[Laughs]", "[applause]"):
        assert cue in kept(outcome_with(inside=f"<p>{cue}</p>"))
    sample = "<div class='q'>\n<p>Text</p>\n</div>".replace("<", "&lt;")
    assert any("class=" in text for text in kept(outcome_with(inside=f"<pre>{sample}</pre>")))
