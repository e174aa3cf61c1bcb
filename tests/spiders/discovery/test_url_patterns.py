import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.discovery.url_patterns import (
    MAX_HOSTS,
    MAX_PATTERN_CHARS,
    MAX_SEGMENTS,
    is_bounded,
    pattern,
    shape,
)

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


def test_an_expression_holds_no_more_of_the_urls_than_escaped_words():
    found, matching = pattern([f"https://n{n}.news.example/a+(b)*/[c-z]+/{n}{n}/" for n in range(1000, 1100)])
    assert len(matching) == MAX_HOSTS
    assert len(found) <= MAX_PATTERN_CHARS
    assert is_bounded(found)
    assert "a+" not in found
    assert all(re.fullmatch(found, url) for url in matching)


def test_a_path_of_too_many_segments_is_no_article():
    assert pattern([f"https://news.example/{'a/' * MAX_SEGMENTS}2022/", "https://news.example/"]) == ("", [])


@pytest.mark.parametrize("expression", ["(a+)+", "(a|aa)*b", "(?:a*){3,}", "(", r"([\]]a)+"])
def test_an_expression_that_repeats_a_group_is_not_bounded(expression):
    assert not is_bounded(expression)


@pytest.mark.parametrize("expression", [r"\)+", "[)]+", r"[\])]*a", "(a){2}(b)?"])
def test_an_expression_that_repeats_characters_is_bounded(expression):
    assert is_bounded(expression)


@given(st.lists(st.text(alphabet="ab-_0129./é%+()[]*", max_size=30), min_size=1, max_size=5))
def test_the_expression_of_any_paths_is_bounded(paths):
    found, matching = pattern([f"https://news.example/{path}" for path in paths])
    assert is_bounded(found)
    assert len(found) <= MAX_PATTERN_CHARS
    assert set(matching) <= {f"https://news.example/{path}" for path in paths}


@pytest.mark.parametrize("segment", ["a{}-", "{}_a", "-{}", "a-{}.", "1{}-2"])
def test_time_grows_with_the_length_of_a_segment(segment):
    """Cost per character at three sizes; 800,000 characters took the old form hours."""
    for size in (8_000, 80_000, 800_000):
        url = f"https://news.example/{segment.format('a' * size)}"
        started = time.process_time()
        shape(url)
        found, _ = pattern([url, "https://news.example/a-b-c-1/"])
        re.fullmatch(found, url)
        assert time.process_time() - started < 0.05 + size * 2e-6
