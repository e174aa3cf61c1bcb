"""Elements whose class names are contradicted by what they hold, and elements that are what their names say."""

from tests.articles.cleaning.making import QUIET, kept, outcome_with
from tests.articles.pages import ENGLISH

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
