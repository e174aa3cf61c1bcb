import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.errors import InputError
from articles.extract import extract
from articles.metadata import canonical
from articles.metadata.canonical import is_variant, page_of_series
from articles.page.structured import Structured
from articles.url import article_id, article_key, canonicalize, site_host
from tests.articles.pages import ENGLISH, capture, page, paragraphs

URL = "https://writer.example.org/2024/05/on-wagons-and-tea.html"


def of(url, declared="", **stated):
    return canonical.read(url, Structured(canonical=declared, **stated))


@pytest.mark.parametrize(
    ("url", "declared"),
    [
        ("https://writer.livejournal.com/1.html", "https://victim.livejournal.com/77.html"),
        ("https://writer.substack.com/p/one-day", "https://victim.substack.com/p/another-day"),
        ("https://writer.narod.ru/a-story.html", "https://narod.ru/b-story.html"),
        ("https://example.org/economy/a-story-of-wagons", "https://example.org/economy/"),
        ("https://example.org/news/1234567", "https://example.org/news"),
        ("https://example.org/2024/05/12/a-story-of-wagons", "https://example.org/2024/05/"),
        ("https://example.org/a-story-of-wagons", "https://example.org/category/wagons-and-tea/"),
        ("https://example.org/a-story-of-wagons", "https://example.org/"),
        ("https://example.org/view.php?id=12", "https://example.org/view.php"),
        ("https://example.org/read?newsid=abc", "https://example.org/read"),
        ("https://example.org/a-story-of-wagons?page=2", "https://example.org/a-story-of-wagons"),
        ("https://example.org/a-story-of-wagons/2/", "https://example.org/a-story-of-wagons/"),
        ("https://example.org/a-story-of-wagons/page/3/", "https://example.org/a-story-of-wagons/"),
        ("https://example.org/a-story-of-wagons_2.html", "https://example.org/a-story-of-wagons.html"),
        ("https://example.org/story?PAGEN_1=2", "https://example.org/story?PAGEN_1=1"),
        ("https://example.org/a-story-of-wagons", "javascript:void(0)"),
    ],
)
def test_a_claim_that_the_urls_exclude_is_recorded_and_not_followed(url, declared):
    found = of(url, declared)
    assert found.url == canonicalize(url)
    (evidence,) = found.evidence
    assert (evidence.field, evidence.source, evidence.chosen) == ("canonical", "link:canonical", False)
    (choice,) = found.choices
    assert "does not count" in choice.why


@pytest.mark.parametrize(
    ("url", "declared"),
    [
        ("https://m.example.org/a-story-of-wagons", "https://www.example.org/world/a-story-of-wagons"),
        ("https://amp.example.org/a-story-of-wagons", "https://example.org/a-story-of-wagons"),
        ("https://example.org/story/amp/", "https://example.org/story/"),
        ("https://example.org/print/story.html", "https://example.org/story.html"),
        ("https://example.org/story?print=1", "https://example.org/story"),
        ("https://example.org/?p=1234", "https://example.org/a-story-of-wagons"),
        ("https://example.org/9.html", "https://example.org/77.html"),
        ("https://example.org/node/55", "https://example.org/nazarbayev.html"),
        ("https://example.org/story?page=1", "https://example.org/story"),
    ],
)
def test_a_claim_on_the_same_host_that_can_be_an_article_is_followed(url, declared):
    found = of(url, declared)
    assert found.url == declared
    assert [evidence.chosen for evidence in found.evidence] == [True]


def test_other_spellings_of_the_same_url_need_no_evidence():
    found = of("http://www.example.org/a/", "https://example.org/a")
    assert (found.url, found.evidence, found.choices) == ("https://example.org/a", (), ())


def test_og_url_is_recorded_and_never_followed():
    found = of(URL, meta={"og:url": ["https://writer.example.org/2024/06/other-wagons.html"]})
    assert found.url == URL
    assert [(one.source, one.chosen) for one in found.evidence] == [("meta:og:url", False)]


def test_the_documents_of_a_page_belong_to_the_url_that_was_fetched():
    head = '<link rel="canonical" href="https://victim.example.org/2024/05/on-tea-alone.html">'
    html = page(f"<article><h1>No ferry</h1>{paragraphs(ENGLISH)}</article>", title="No ferry", head=head)
    (document,) = extract(capture(html, url=URL)).documents
    assert (document.article_id, document.canonical_url) == (article_id(URL), URL)
    assert "https://victim.example.org/2024/05/on-tea-alone.html" in {one.value for one in document.evidence}


@pytest.mark.parametrize(
    ("url", "stated", "before"),
    [
        ("/story?page=2", {}, "/story"),
        ("/story?page=3", {}, "/story?page=2"),
        ("/story/page/4/", {}, "/story/page/3/"),
        ("/story/2/", {}, ""),  # nothing says that it is a page
        ("/story/2/", {"canonical": "/story/"}, "/story/"),
        ("/story/2/", {"previous": ["/story/"]}, "/story/"),
        ("/story/3/", {"numbered": {1: "/story/", 2: "/story/2/", 4: "/story/4/"}}, "/story/2/"),
        ("/part.aspx?x=b", {"canonical": "/part.aspx?x=a", "numbered": {1: "/part.aspx?x=a"}}, "/part.aspx?x=a"),
        ("/story", {"numbered": {2: "/story/2", 3: "/story/3"}}, ""),  # page 1
        ("/story", {"numbered": {1: "/news", 2: "/news?page=2"}}, ""),  # the pages of a list
        ("/a-story-of-wagons", {"previous": ["/a-story-of-tea"]}, ""),  # the article before
        ("/?p=12", {"canonical": "/"}, ""),
        ("/story?page=2", {"previous": ["https://other.example.org/story"]}, "/story"),
    ],
)
def test_a_later_page_names_the_page_before(url, stated, before):
    base = "https://example.org"
    assert of(base + url, **{"declared": stated.pop("canonical", ""), **stated}).continues == (before and base + before)


def test_the_links_of_a_pager_are_read_from_the_page():
    pager = "<div><a href='?page=1'>1</a> <b>2</b> <a href='?page=3'><span>3</span></a> <a href='/x'>Next</a></div>"
    html = page(f"<article><h1>No ferry</h1>{paragraphs(ENGLISH)}{pager}</article>", title="No ferry")
    (document,) = extract(capture(html, url="https://example.org/story?page=2")).documents
    assert document.continues == "https://example.org/story?page=1"


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        ("https://example.org/story/amp", "https://example.org/story", True),
        ("https://example.org/story.amp.html", "https://example.org/story.html", True),
        ("https://example.org/story?share=x", "https://example.org/story", True),
        ("https://example.org/view?id=1&print=y", "https://example.org/view?id=1", True),
        ("https://example.org/view?id=2", "https://example.org/view", False),
        ("https://example.org/story?page=2", "https://example.org/story", False),
        ("https://example.org/story-two", "https://example.org/story", False),
        ("https://a.example.org/story/amp", "https://example.org/story", False),
    ],
)
def test_forms_of_a_url(own, other, expected):
    assert is_variant(own, other) is expected


hosts = st.sampled_from(["example.org", "www.example.org", "a.example.org", "amp.a.example.org", "x.livejournal.com"])
paths = st.text("/abp2-_.é%&=?", max_size=20)
urls = st.builds("https://{}/{}".format, hosts, paths)


@given(
    urls, urls | st.text(max_size=30), st.lists(urls, max_size=2), st.dictionaries(st.integers(1, 5), urls, max_size=4)
)
def test_a_claim_never_leaves_its_host(own, declared, previous, numbered):
    try:
        found = of(own, declared, previous=previous, numbered=numbered)
    except InputError:
        return
    assert site_host(found.url) == site_host(canonicalize(own))
    assert canonicalize(found.url) == found.url
    if found.continues:
        assert site_host(found.continues) == site_host(canonicalize(own))
        assert article_key(found.continues) != article_key(own)


@pytest.mark.parametrize("part", ["/", "1", "-1", "a-", "page2/", "_p", ".", "=&", "id=1&", "/2024"])
def test_the_cost_of_a_long_url_is_bounded(part):
    own = canonicalize("https://example.org/" + part * (4_000 // len(part)))
    start = time.process_time()
    of(own, own + "/x?" + part * 100, previous=[own[:-9]], numbered={1: own[:-7], 2: own[:-8]})
    page_of_series(own)
    assert time.process_time() - start < 1
