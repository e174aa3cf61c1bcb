"""The main column: the element that holds the article, on pages whose other elements read like prose too."""

import pytest

from articles.extract import extract, read
from articles.model import Outcome
from tests.articles.pages import ENGLISH, capture, page, paragraphs

DIALOG = tuple(
    f"{verb} cookies on your device, and partner number {number} handles personal data for {purpose} if you consent to it."
    for number, (verb, purpose) in enumerate(
        [("We store", "measuring"), ("We read", "advertising"), ("They set", "research"), ("Others keep", "profiles")]
        * 8
    )
)


def kept(outcome: Outcome) -> tuple[str, ...]:
    (document,) = outcome.documents
    return document.paragraphs


@pytest.mark.parametrize("names", ['id="onetrust-consent-sdk"', 'class="f1r5xfs whphc7p"'])
def test_a_consent_dialog_longer_than_the_article_is_not_the_column(names):
    html = page(
        f"<div class='wrap'><h1>No Ferry</h1>{paragraphs(ENGLISH)}</div><div {names}>{paragraphs(DIALOG)}</div>",
        title="No Ferry",
    )
    assert kept(extract(capture(html))) == ENGLISH


def test_an_article_about_consent_is_no_dialog():
    html = page(f"<article><h1>Cookies</h1>{paragraphs(DIALOG[:8])}</article><p>{ENGLISH[0]}</p>", title="Cookies")
    assert kept(extract(capture(html)))[:8] == DIALOG[:8]


def test_a_column_with_one_paragraph_grows_to_the_element_that_holds_more():
    first, *others = ENGLISH
    menu = "".join(f"<li><a href='/{number}'>Another section of the outlet</a></li>" for number in range(40))
    html = page(
        f"<main><h1>No Ferry</h1><div class='a1'><p>{first}</p></div><ul>{menu}</ul>"
        + "".join(f"<div class='b{number}'><ul>{menu}</ul><p>{text}</p></div>" for number, text in enumerate(others))
        + "</main>",
        title="No Ferry",
    )
    extraction = read(capture(html))
    texts = [block.text for block in extraction.page.blocks[extraction.column.start : extraction.column.stop]]
    assert set(ENGLISH) <= set(texts)


def test_short_paragraphs_beside_the_only_long_one_are_text():
    last = "Police are looking for the driver."
    html = page(f"<article><h1>No Ferry</h1><p>{ENGLISH[0]}</p><p>{last}</p></article>", title="No Ferry")
    assert kept(extract(capture(html))) == (ENGLISH[0], last)
