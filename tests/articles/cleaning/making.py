"""An article with markup around its text, under neutral class names."""

from articles.extract import extract
from tests.articles.pages import ENGLISH, capture, page, paragraphs

QUIET = "Residents of the three villages say that they have learnt to live with the silence of the landing stage."


def outcome_with(*, before="", inside="", after="", texts=ENGLISH, lang="en"):
    """Return the outcome of an article with markup before, inside and after its text, under neutral class names."""
    first, rest = paragraphs(texts[:2]), paragraphs(texts[2:])
    body = f"<h1>No Ferry</h1><div class='q'>{before}{first}{inside}{rest}{after}</div>"
    return extract(capture(page(body, title="No Ferry - Outlet", lang=lang)))


def kept(outcome):
    assert outcome.reason is None, outcome
    return outcome.documents[0].paragraphs
