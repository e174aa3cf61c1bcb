"""Articles that a page holds but does not show, and other texts that it holds beside a short report."""

import json
from base64 import b64encode
from html import escape

import pytest

from articles.extract import extract
from articles.model import Reason
from tests.articles.pages import ENGLISH, capture, page, paragraphs

TITLE = "No Ferry on the Irtysh"
LINES = [f'{text} He said: "It\'s over", and left the <b>port</b>.' for text in ENGLISH[:5]]
OTHER = [
    "The port of Kuryk opens a second berth for grain in May, the authority of the region said, and hires forty people.",
    "Traders had asked for it since the autumn, when lorries waited for nine days on the road from Aktau to the ferry.",
]
PLAIN = [line.replace("<b>", "").replace("</b>", "") for line in LINES]
HTML = "".join(f"<p>{line}</p>" for line in LINES)
STATE = {"props": {"post": {"title": TITLE, "body": HTML, "image": "https://n.example/a.jpg"}}}


def flight(rows: str) -> str:
    """Return the scripts in which React's server components send their rows."""
    pieces = [rows[: len(rows) // 2], rows[len(rows) // 2 :]]
    return "".join(f"<script>self.__next_f.push([1,{json.dumps(piece)}])</script>" for piece in pieces)


def in_javascript(quote: str) -> str:
    text = HTML.replace("\\", "\\\\").replace(quote, f"\\{quote}").replace("</", "\\x3C/")
    return f"<script>window.__NUXT__=(function(a){{return {{data:[{{body:{quote}{text}{quote}}}]}}}}(1))</script>"


ELEMENTS = json.dumps(["$", "div", None, {"children": [["$", "p", None, {"children": [line]}] for line in PLAIN]}])
TEXT_ROW = f"1a:T{len(HTML.encode()):x},{HTML}2:{json.dumps({'html': '$1a'})}\n"
WAYS = {
    "json": f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(STATE)}</script>',
    "json in json": f'<script type="application/json">{json.dumps({"state": json.dumps(STATE)})}</script>',
    "blocks": '<script type="application/json">'
    + json.dumps({"title": TITLE, "blocks": [{"type": "p", "data": {"text": line}} for line in LINES]})
    + "</script>",
    "paragraphs": f'<script type="application/json">{json.dumps({"title": TITLE, "text": PLAIN})}</script>',
    "markdown": f'<script type="application/json">{json.dumps({"title": TITLE, "md": chr(10).join(PLAIN)})}</script>',
    "assignment": f"<script>window.state = {json.dumps(STATE)};</script>",
    "double": in_javascript('"'),
    "single": in_javascript("'"),
    "slanted": in_javascript("`"),
    "elements of react": flight(f'0:["$","$L1",null,{{}}]\n5:{ELEMENTS}\n'),
    "text of react": flight(TEXT_ROW),
    "noscript": f"<noscript>{HTML}</noscript>",
    "template": f"<news-body><template shadowrootmode=open><article>{HTML}</article></template></news-body>",
    "srcdoc": f'<iframe srcdoc="{escape(HTML)}"></iframe>',
    "textarea": f"<textarea hidden>{escape(HTML)}</textarea>",
    "data": f'<div data-content="{escape(HTML)}"></div>',
    "properties": f'<news-body :article="{escape(json.dumps(STATE))}"></news-body>',
    "script of markup": f'<script type="text/template">{HTML}</script>',
}


@pytest.mark.parametrize("shown", [0, 1, 2])
@pytest.mark.parametrize("way", WAYS)
def test_the_hidden_body_of_a_stub_is_its_text(way, shown):
    stub = "".join(f"<p>{line}</p>" for line in LINES[:shown])
    outcome = extract(capture(page(f"<h1>{TITLE}</h1><main>{stub}</main>{WAYS[way]}", title=TITLE)))
    assert outcome.documents, outcome
    assert [*outcome.documents[0].paragraphs] == PLAIN
    assert outcome.documents[0].flags == ("embedded",)


def test_a_lead_that_only_the_page_shows_is_kept():
    body = f"<h1>{TITLE}</h1><main><p>{OTHER[0]}</p></main>{WAYS['json']}"
    assert [*extract(capture(page(body, title=TITLE))).documents[0].paragraphs] == [OTHER[0], *PLAIN]


LEAD = f"{OTHER[0]} The first vessel is expected there before the ice."
RELATED = {"title": "Another article of the day", "text": HTML}


def beside(state, shown=()):
    held = f'<script type="application/json">{json.dumps(state)}</script>'
    body = f"<h1>{TITLE}</h1><main>{paragraphs([LEAD, *shown])}</main>{held}"
    return [*extract(capture(page(body, title=TITLE))).documents[0].paragraphs]


@pytest.mark.parametrize("named", [{}, {"headline": TITLE}])
def test_a_lead_beside_the_body_shows_that_the_body_is_the_pages(named):
    assert beside({"post": {**named, "lead": LEAD, "text": HTML}}) == [LEAD, *PLAIN]


@pytest.mark.parametrize(
    "state",
    [
        {"article": {"title": TITLE, "lead": LEAD, "related": [RELATED]}},
        {"description": LEAD, "latest": [RELATED]},
        {"description": LEAD, "latest": [{"text": text} for text in PLAIN]},
        {"related": [{**RELATED, "lead": OTHER[1]}]},
    ],
)
def test_a_lead_is_not_that_of_a_related_article(state):
    assert beside(state, OTHER[1:]) == [LEAD, *OTHER[1:]]


def test_articles_in_a_list_of_json_ld_are_not_joined():
    other = {"@type": "NewsArticle", "headline": "Another article of the day", "articleBody": " ".join(PLAIN)}
    own = {"@type": "NewsArticle", "headline": TITLE, "articleBody": " ".join(OTHER)}
    held = f'<script type="application/ld+json">{json.dumps([other, own])}</script>'
    outcome = extract(capture(page(f"<h1>{TITLE}</h1><main>{paragraphs(OTHER)}</main>{held}", title=TITLE)))
    assert [*outcome.documents[0].paragraphs] == OTHER


@pytest.mark.parametrize("way", ["json", "blocks", "single", "noscript", "data"])
def test_a_short_report_is_not_replaced_by_another_article_that_the_page_holds(way):
    held = WAYS[way].replace(TITLE, "Another article of the day")
    outcome = extract(capture(page(f"<h1>{TITLE}</h1><main>{paragraphs(OTHER)}</main>{held}", title=TITLE)))
    assert [*outcome.documents[0].paragraphs] == OTHER
    assert outcome.documents[0].flags == ()


def test_apostrophes_in_strings_begin_no_article():
    labels = ", ".join(
        f"\"It isn't label {number}. <br>It's a long one, and we don't show it.\"" for number in range(40)
    )
    held = f"<script>labels = [{labels}, {json.dumps(OTHER[0])}]</script>"
    outcome = extract(capture(page(f"<h1>{TITLE}</h1><main>{paragraphs(OTHER)}</main>{held}", title=TITLE)))
    assert [*outcome.documents[0].paragraphs] == OTHER


@pytest.mark.parametrize("key", ["url", "publishedAt"])
def test_other_articles_in_a_list_are_no_paragraphs(key):
    items = [{key: f"/news/{number}", "text": line} for number, line in enumerate([*OTHER[:1], *PLAIN])]
    held = f'<script type="application/json">{json.dumps({"items": items})}</script>'
    outcome = extract(capture(page(f"<h1>{TITLE}</h1><main>{paragraphs(OTHER)}</main>{held}", title=TITLE)))
    assert [*outcome.documents[0].paragraphs] == OTHER


@pytest.mark.parametrize(
    "held",
    [
        '<script>self.__next_f.push([1,"0:Tfffff,<p>x"])</script>',
        f'<script>self.__next_f.push([1,"{"[" * 5000}"])</script>',
        '<script type="application/json">' + '{"a":' * 3000 + "1" + "}" * 3000 + "</script>",
        "<script>x = '" + "\\u{ffffffff}<p>" * 100 + "'</script>",
        "<script>x = '" + "\\'" * 100_000 + "</script>",
    ],
)  # fmt: skip
def test_broken_data_of_scripts_gives_no_article(held):
    assert extract(capture(page(f"<h1>{TITLE}</h1>{held}", title=TITLE))).reason is Reason.NO_ARTICLE


@pytest.mark.parametrize("name", ["onclick", "text", "aria-label", "x-data", "data-z", "data-text"])
@pytest.mark.parametrize("shown", [0, 1])
def test_attributes_of_cards_hold_no_body(name, shown):
    body = HTML if name != "data-z" else b64encode(HTML.encode()).decode()
    card = f'<div class="related"><a href="/other" {name}="{escape(body)}">Ferry</a></div>'
    main = f"<h1>{TITLE}</h1><main><p>{OTHER[0][:100]}.</p></main>" if shown else f"<h1>{TITLE}</h1>"
    assert extract(capture(page(main + card, title=TITLE))).reason is Reason.NO_ARTICLE


@pytest.mark.parametrize("name", ["text", "x-data", "data-z"])
@pytest.mark.parametrize("lead", [PLAIN[0], OTHER[0][:100] + "."])
def test_an_attribute_that_need_not_hold_data_must_agree(name, lead):
    body = HTML if name != "data-z" else b64encode(HTML.encode()).decode()
    held = f'<div {name}="{escape(body)}"></div>'
    outcome = extract(capture(page(f"<h1>{TITLE}</h1><main><p>{lead[:130]}</p></main>{held}", title=TITLE)))
    assert bool(outcome.documents) == (lead == PLAIN[0])
