import re

import pytest

from spiders.discovery.url_patterns import pattern

ARTICLES = {
    "dated": [
        f"https://news.example/{y}/{m}/0{n}/how-the-ferry-went-{n}/" for y, m, n in [(2022, 11, 1), (2023, 10, 4)]
    ],
    "numbered": [f"https://www.news.example/world/{n}" for n in (873001, 873002, 12345)],
    "paged": [f"https://news.example/politics/{w}.html" for w in ("ferry", "mill-at-night")],
    "slugs": ["https://news.example/how-the-ferry-went", "https://news.example/a-mill-at-night-and-day"],
    "one date": [
        "https://news.example/cis/2026-09-29/5_uzbek.html",
        "https://news.example/cis/2026-09-28/1_ferry.html",
    ],
    "eight digits": [
        "https://ru.news.example/20221124/ferry-1834.html",
        "https://news.example/20221125/mill-1835.html",
    ],
}
SECTIONS = [
    "https://news.example/", "https://news.example/politics", "https://news.example/about/contacts/",
    "https://news.example/tag/ferry/", "https://elsewhere.example/2022/11/01/how-the-ferry-went/",
]  # fmt: skip


@pytest.mark.parametrize("form", ARTICLES)
def test_a_pattern_matches_articles_and_no_sections(form):
    found, matching = pattern([*ARTICLES[form], *SECTIONS[:-1]])
    assert matching == sorted(ARTICLES[form])
    compiled = re.compile(found)
    assert all(compiled.fullmatch(url) for url in ARTICLES[form])
    assert not any(compiled.fullmatch(url) for url in SECTIONS)


def test_dates_are_named_groups():
    found, _ = pattern(ARTICLES["dated"])
    matched = re.fullmatch(found, ARTICLES["dated"][0])
    assert matched is not None
    assert matched.groupdict() == {"y": "2022", "m": "11", "d": "01"}
    found, _ = pattern(ARTICLES["eight digits"])
    assert re.compile(found).groupindex.keys() == {"ymd"}


def test_sections_alone_give_no_pattern():
    assert pattern(SECTIONS[:-1]) == ("", [])
    assert pattern([]) == ("", [])
