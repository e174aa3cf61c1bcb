import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from articles.extract import extract
from articles.page import json_repair, structured
from articles.page.own_objects import only_own
from tests.articles.pages import ENGLISH, capture, page, paragraphs

KEYS = (
    "@type", "@graph", "headline", "author", "creator", "name", "datePublished", "dateModified", "publisher", "keywords",
    "articleSection", "articleBody", "license", "mainEntityOfPage", "hasPart", "isAccessibleForFree", "description",
)  # fmt: skip
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.just("NewsArticle"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=20,
)
MAX_SECONDS = 5.0  # a normal page takes 0.05 s; generous for a busy machine, yet far below quadratic time


def read(script):
    text = script.replace("<", "\\u003c")
    head = f'<script type="application/ld+json">{text}</script>'
    return extract(capture(page(f"<article>{paragraphs(ENGLISH)}</article>", title="No ferry", head=head)))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), values, max_size=8))
def test_any_json_ld_leaves_the_page_readable(stated):
    (document,) = read(json.dumps({"@type": "NewsArticle"} | stated)).documents
    assert document.paragraphs
    assert all(isinstance(name, str) and name for name in (*document.authors, *document.tags))
    for text in (document.title, document.section, document.lead, *document.authors, *document.tags):
        text.encode()  # raises for lone surrogates


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=200))
def test_any_text_in_the_script_leaves_the_page_readable(script):
    assert read(script).documents


@pytest.mark.parametrize(
    "script",
    [
        "[" * 100_000,
        '{"@graph":' * 100_000,
        '{"@graph":[' * 3_000 + "]}" * 3_000,
        '{"@type": "NewsArticle", "wordCount": ' + "9" * 5_000 + "}",
        json.dumps({"@graph": [{"@type": "NewsArticle", "headline": f"No ferry {n}"} for n in range(30_000)]}),
        json.dumps({"@type": "NewsArticle", "headline": "-–" * 500_000}),
        json.dumps({"@type": "NewsArticle", "author": [{"name": "Ann, " * 20_000}] * 10}),
        json.dumps({"@type": "NewsArticle", "keywords": "a," * 500_000}),
        json.dumps({"@type": "NewsArticle", "datePublished": "1 " * 500_000}),
        json.dumps({"@type": ["NewsArticle"] * 200_000, "author": {"name": {"name": {"name": "Ann"}}}}),
        json.dumps({"@type": {"a": 1}, "headline": ["a", ["b"]], "author": [[["Ann Lee"]]]}),
        '{"a"' + "\n" * 190_000,
        '{"a": "' + '" ' * 90_000,
        '{"a":[' * 30_000 + "}" * 10_000,
        '{"a": x ' + "/* , " * 38_000,
    ],
    ids=range(15),
)
def test_hostile_json_ld_takes_little_time(script):
    start = time.process_time()
    assert read(script).documents
    assert time.process_time() - start < MAX_SECONDS


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="author" content="Ann Lee">' * 50_000,
        f'<meta name="author" content="{"Ann Lee, " * 200_000}">',
        f'<meta name="robots" content="{"noai, " * 200_000}">',
        '<meta name="robots" content="noai">' * 50_000,
        "".join(f'<link rel="alternate" hreflang="ru" href="/ru/{n}">' for n in range(50_000)),
        '<link rel="license" href="/x">' * 50_000,
        f'<meta property="og:title" content="{"a | b - c: " * 100_000}">',
        f'<meta name="date" content="{"1 " * 500_000}">',
    ],
    ids=range(8),
)
def test_a_hostile_head_takes_little_time(head):
    start = time.process_time()
    assert extract(capture(page(f"<article>{paragraphs(ENGLISH)}</article>", title="No ferry", head=head))).documents
    assert time.process_time() - start < MAX_SECONDS


def test_lone_surrogates_become_the_replacement_character():
    stated = '{"@type":"NewsArticle","headline":"No \\ud83d ferry","author":"Ann \\udc00Lee","articleBody":"One \\ud83d\\ude00 two \\ud83d"}'
    value = json_repair.parse(stated)
    assert structured.text_of(value["headline"]) == "No \ufffd ferry"
    assert structured.text_of(value["author"]) == "Ann \ufffdLee"
    assert structured.body_of(value) == ["One 😀 two \ufffd"]


@pytest.mark.parametrize(
    ("script", "value"),
    [
        ('<!-- {"a": 1} -->', {"a": 1}),
        ('//<![CDATA[\n{"a": 1}\n//]]>', {"a": 1}),
        ('<![CDATA[ {"a": 1} ]]>', {"a": 1}),
        ('{"a": 1,}', {"a": 1}),
        ('{"a": 1};', {"a": 1}),
        ('{"a": 1, // "b": 2,\n"c": 3 /* 4 */}', {"a": 1, "c": 3}),
        ('{"a": "1"\n"b": "2"}', {"a": "1", "b": "2"}),
        ('{"a": "Дым "А", "Б" и "В"", "b": ["x "y" z"]}', {"a": 'Дым "А", "Б" и "В"', "b": ['x "y" z']}),
        ('{"a": 1} {"b": 2}}', [{"a": 1}, {"b": 2}]),
        ('{"a": {"b": ["x", "y', {"a": {"b": ["x", "y"]}}),
        ("{&quot;a&quot;: 1}", {"a": 1}),
        ("{“a”: “b”}", {"a": "b"}),
        ("{'a': 'b'}", {"a": "b"}),
        ("just text", None),
        ('{"a": function() {}}', None),
    ],
)
def test_frequent_errors_in_json_ld_are_repaired(script, value):
    assert json_repair.parse(script) == value


def structured_of(head):
    return structured.read(etree.fromstring(f"<html><head>{head}</head></html>", etree.HTMLParser()))


def own_headlines(objects, *, url="https://outlet.example/a", head="", shown=("Ferry stops on the Irtysh",)):
    stated = structured_of(f'<script type="application/ld+json">{json.dumps(objects)}</script>{head}')
    return [structured.text_of(found.get("headline")) for found in only_own(stated, url, shown).articles]


def test_objects_about_other_articles_are_left_out():
    own = {"@type": "Article", "headline": "Ferry stops on the Irtysh"}
    other = {"@type": "NewsArticle", "headline": "Bridge opens in Oral", "url": "https://outlet.example/b"}
    assert own_headlines([other, own]) == [own["headline"]]
    assert own_headlines({"@type": "WebPage", "hasPart": [other], "mainEntity": own}) == [own["headline"]]
    assert own_headlines({"@type": "WebPage", "hasPart": [own, other]}) == [own["headline"]]
    assert own_headlines({"@type": "WebPage", "hasPart": [other]}) == []
    assert own_headlines([other]) == []


def test_an_object_is_the_pages_own_by_its_address_whatever_its_headline():
    own = {"@type": "NewsArticle", "headline": "Traders turn", "mainEntityOfPage": {"@id": "https://outlet.example/a/"}}
    other = {"@type": "NewsArticle", "headline": "Bridge opens", "mainEntityOfPage": "https://outlet.example/b"}
    assert own_headlines([other, own]) == ["Traders turn"]
    assert own_headlines([{"@type": "NewsArticle", "headline": "Why the ferry does not run"}]) != []  # it may be


def test_the_updates_of_a_live_blog_are_its_body_of_last_resort():
    updates = [{"@type": "BlogPosting", "articleBody": text} for text in ("First.", "Second.")]
    stated = structured_of(
        f'<script type="application/ld+json">{json.dumps({"@type": "LiveBlogPosting", "liveBlogUpdate": updates})}</script>'
    )
    assert structured.embedded_body(stated) == ()
    assert structured.live_updates(stated) == ("First.", "Second.")
