import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.extract import extract
from articles.page import structured
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
QUICK = 5.0  # seconds for a page that takes .05: generous on a busy machine, far from what a quadratic one takes


def read(script):
    text = script.replace("<", "\\u003c")
    head = f'<script type="application/ld+json">{text}</script>'
    return extract(capture(page(f"<article>{paragraphs(ENGLISH)}</article>", title="No ferry", head=head)))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), values, max_size=8))
def test_whatever_json_ld_says_a_page_is_read(stated):
    (document,) = read(json.dumps({"@type": "NewsArticle"} | stated)).documents
    assert document.paragraphs
    assert all(isinstance(name, str) and name for name in (*document.authors, *document.tags))
    for text in (document.title, document.section, document.lead, *document.authors, *document.tags):
        text.encode()  # no half of a surrogate pair


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=200))
def test_whatever_stands_in_the_script_a_page_is_read(script):
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
    ],
    ids=range(11),
)
def test_hostile_json_ld_costs_nothing(script):
    start = time.process_time()
    assert read(script).documents
    assert time.process_time() - start < QUICK


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
def test_a_hostile_head_costs_nothing(head):
    start = time.process_time()
    assert extract(capture(page(f"<article>{paragraphs(ENGLISH)}</article>", title="No ferry", head=head))).documents
    assert time.process_time() - start < QUICK


def test_halves_of_surrogate_pairs_become_the_replacement_character():
    stated = '{"@type":"NewsArticle","headline":"No \\ud83d ferry","author":"Ann \\udc00Lee","articleBody":"One \\ud83d\\ude00 two \\ud83d"}'
    value = structured.parse_json(stated)
    assert structured.text_of(value["headline"]) == "No \ufffd ferry"
    assert structured.text_of(value["author"]) == "Ann \ufffdLee"
    assert structured.body_of(value) == ["One 😀 two \ufffd"]


@pytest.mark.parametrize(
    "script",
    [
        '<!-- {"a": 1} -->',
        '//<![CDATA[\n{"a": 1}\n//]]>',
        '{"a": 1,}',
        '{"a": 1};',
    ],
)
def test_what_sites_get_wrong_is_mended(script):
    assert structured.parse_json(script) == {"a": 1}
