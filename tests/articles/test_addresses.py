"""One canonical form of an outlet's article URLs, the day in them, and addresses that are no article's."""

import pytest

from articles.addresses import Addresses, section_address

DATED = Addresses(
    r"https?://www\.steppe\.example/[a-z]+/(?P<d>\d\d)/(?P<m>\d\d)/(?P<y>\d{4})/[0-9a-f]{8}",
    drop=("from",),
    hosts=("old-steppe.example=steppe.example",),
)
FLAT = Addresses(r"https://([a-z]+\.)?flat\.example/[a-z]+/\d{8}/[^/?#]+\.html")
STORY = "https://www.steppe.example/politics/24/10/2017/59ef091c"


@pytest.mark.parametrize(
    "url",
    [
        STORY,
        f"{STORY}?from=newsfeed",
        f"{STORY}?utm_source=x&from=main",
        f"{STORY}/amp",
        f"{STORY}/?amp=1",
        "https://m.steppe.example/politics/24/10/2017/59ef091c",
        "https://steppe.example/politics/24/10/2017/59ef091c/",
        "https://www.old-steppe.example/politics/24/10/2017/59ef091c",
    ],
)
def test_all_forms_of_an_articles_url_have_one_canonical_form(url):
    assert DATED.own(url) == STORY
    assert DATED.own(DATED.own(url)) == STORY
    assert DATED.day(url) == "2017-10-24"


def test_a_mobile_host_that_the_pattern_allows_is_still_another_form():
    assert FLAT.own("https://m.flat.example/news/20250402/a-1.html") == "https://flat.example/news/20250402/a-1.html"
    assert FLAT.own("https://sport.flat.example/news/20250402/a-1.html").startswith("https://sport.")


@pytest.mark.parametrize("url", ["https://www.steppe.example/politics/44/10/2017/59ef091c", "https://steppe.example/"])
def test_a_url_without_a_valid_day_has_none(url):
    assert DATED.day(url) == ""


def test_without_knowledge_a_url_keeps_its_parameters():
    assert Addresses().own(f"{STORY}?print=1&from=x") == f"{STORY}?from=x&print=1"
    assert Addresses().day(STORY) == ""


@pytest.mark.parametrize(
    ("url", "is_section"),
    [
        ("https://www.steppe.example/", True),
        ("https://style.steppe.example/", True),
        ("https://www.steppe.example/politics/", True),
        ("https://www.steppe.example/news/politics", True),
        (STORY, False),
        ("https://www.steppe.example/news/631766.html", False),  # an old form of articles
        ("https://www.steppe.example/a-story-of-words/", False),
    ],
)
def test_home_pages_and_sections_of_a_known_outlet_are_no_articles(url, is_section):
    assert bool(section_address(url, DATED)) is is_section
    assert section_address(url, Addresses()) == ""
