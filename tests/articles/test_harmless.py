import json
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.extract import extract
from articles.harmless import (
    controls_in,
    harmless,
    harmless_line,
    json_line,
    spreadsheet_cell,
    without_controls,
    without_passwords,
    without_user,
)
from articles.model import Reason
from tests.articles.pages import ENGLISH, capture, page, paragraphs

JOINERS = "\u200c\u200d"  # ZWNJ and ZWJ
KEPT_FORMATS = {*JOINERS, "\xad", "\u200b", "\u2060"}  # invisible, and without effect on a terminal or the order
ATTACKS = [
    "\x1b[2J",
    "\x9b31m",
    "\u202e",
    "\u2066",
    "\u200f",
    "\u061c",
    "\x00",
    "\x7f",
    "\ufeff",
    "\U000e0041",
    "\ud800",
]


def steering(text: str) -> set[str]:
    return {one for one in text if unicodedata.category(one) in {"Cc", "Cs", "Zl", "Zp"} and one not in "\t\n"} | {
        one
        for one in text
        if unicodedata.bidirectional(one) in {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
    }


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_no_character_that_steers_a_terminal_is_left(text):
    assert not steering(harmless(text))
    assert not steering(without_controls(text))
    assert "\n" not in harmless_line(text)
    assert not steering(json_line({"text": text}))
    assert without_controls(without_controls(text)) == without_controls(text)
    assert bool(controls_in(text)) == (without_controls(text) != text)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_json_keeps_its_value_without_addresses(text):
    assert "@" in text or json.loads(json_line([text])) == [text]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("A ferry\u202e on the river", "A ferry on the river"),
        ("A ferry \u2066 on\x1b[31m", "A ferry on[31m"),
        ("A\u2028ferry\x85on", "A ferry on"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
        ("\U0001f469\u200d\U0001f680", "\U0001f469\u200d\U0001f680"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", None),
        ("two  blanks\n\tand a tab", None),
    ],
)
def test_controls_are_dropped_and_joiners_kept(text, cleaned):
    assert without_controls(text) == (text if cleaned is None else cleaned)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("https://me:secret@one.example/a", "https://…@one.example/a"),
        ("https://me:se/cr?e#t@one.example/a", "https://…@one.example/a"),
        ("https:\\\\me:secret@one.example", "https:\\\\…@one.example"),
        ("https:me:secret@one.example", "https:…@one.example"),
        ("//me:secret@one.example/", "//…@one.example/"),
        ("to https://a.example/?u=https://me:secret@b.example and", "to https://a.example/?u=https://…@b.example and"),
        ("https://secret@me:secret@one.example/", "https://…@one.example/"),
        ("ftp://secret@one.example/", "ftp://…@one.example/"),
    ],
)
def test_passwords_are_hidden(text, hidden):
    assert without_passwords(text) == hidden
    assert "secret" not in without_user(text)
    assert "@" not in without_user(text)
    assert without_passwords(hidden) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "https://one.example/@me/a",
        "https://one.example:443/@me",
        "me@one.example",
        "https://one.example?a:b@c",
        "a//b:c@d",
    ],
)
def test_other_addresses_stay_as_they_are(text):
    assert without_passwords(text) == text
    assert without_user(text) == text


@pytest.mark.no_cover  # a tracer doubles the time
@pytest.mark.parametrize("unit", ["https://a:", "a:", "https:", "//", "x@", "\u202e", "\U0001f3f4\U000e0067", " \t"])
@pytest.mark.parametrize("function", [harmless, without_controls, without_passwords, without_user, spreadsheet_cell])
def test_time_is_linear_in_the_length(function, unit):
    for size in (10_000, 100_000, 1_000_000):
        text = unit * (size // len(unit)) + "@"
        started = time.process_time()
        function(text)
        assert time.process_time() - started < 0.05 + size * 4e-6


def test_only_texts_are_defused():
    assert spreadsheet_cell(-1) == -1
    assert spreadsheet_cell("-1") == "'-1"
    assert spreadsheet_cell("1-1") == "1-1"


@pytest.mark.parametrize("attack", ["\u202e", "\x9b", "\u200f", "&#x202e;", "&rlm;"])
def test_an_article_comes_without_controls_and_says_so(attack):
    texts = [f"{text[:30]}{attack}{text[30:]}" for text in ENGLISH]
    html = page(
        paragraphs(texts)
        if not attack.startswith("&")
        else paragraphs(ENGLISH).replace(ENGLISH[0][:30], ENGLISH[0][:30] + attack)
    )
    html = html.replace("<title>", f"<title>{attack}").replace("<h1>", f"<h1>{attack}")
    plain = extract(capture(page(paragraphs(ENGLISH))))
    found = extract(capture(html))
    assert found.documents[0].paragraphs == plain.documents[0].paragraphs
    assert found.documents[0].title == plain.documents[0].title
    assert not any(steering(repr(part)) for part in (found.documents, found.removals))
    assert found == extract(capture(html))
    if attack in "\u202e\x9b":
        ledger = [removal for removal in found.removals if removal.rule == "characters:control"]
        assert len(ledger) == 1
        assert f"U+{ord(attack):04X} x" in ledger[0].text


def test_a_joiner_stays_where_a_language_needs_it():
    persian = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    found = extract(capture(page(paragraphs([f"{text} {persian} fer\u200cry" for text in ENGLISH]))))
    assert all(f"{persian} ferry" in text for text in found.documents[0].paragraphs)


def test_a_page_of_controls_is_no_article():
    found = extract(capture(page(paragraphs(["\u202e\u200f\u2066" * 200] * 5))))
    assert not found.documents
    assert found.reason is Reason.NO_ARTICLE
