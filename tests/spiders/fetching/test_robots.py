"""Tests of robots.txt: encodings, line ends and delays as hosts write them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import Response

from articles.model import Reason
from spiders.fetching.robots import RobotsRules, read_robots
from spiders.fetching.robots_text import MAX_CRAWL_DELAY_SECONDS, text_of
from tests.site.wire import Answer
from tests.spiders.crawling import crawl
from tests.spiders.fetching.test_fetcher import serving

CASES = sorted((Path(__file__).parent / "robots_cases").iterdir())
RULES = "# правила\nUser-agent: *\nDisallow: /closed/\nDisallow: /закрыто/\n"
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "cp1251"]


def rules_of(body: bytes, content_type: str = "text/plain") -> RobotsRules:
    return read_robots(
        Response("https://x.kz/robots.txt", headers={"Content-Type": content_type}, body=body), "https://x.kz"
    )


def is_allowed(rules: RobotsRules, url: str) -> bool:
    return rules.against(url) is None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_rules_are_read_as_their_authors_meant_them(case):
    expected = json.loads((case / "expected.json").read_text())
    rules = rules_of((case / "robots.txt").read_bytes())
    assert is_allowed(rules, expected["url"]) == expected["allowed"]
    assert rules.delay == expected.get("delay", 0.0)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("declared", ["utf-8", "windows-1251", "utf-16", "no-such-charset", ""])
def test_rules_in_any_encoding_are_obeyed(encoding, line_end, declared):
    body = RULES.replace("\n", line_end).encode(encoding)
    rules = rules_of(body, f"text/plain; charset={declared}" if declared else "")
    assert not is_allowed(rules, "https://x.kz/closed/1")
    assert is_allowed(rules, "https://x.kz/open")
    if encoding != "cp1251" or declared == "windows-1251":
        assert not is_allowed(rules, "https://x.kz/закрыто/1")


@pytest.mark.parametrize("front", ["\ufeff\ufeff", "\ufeff\r\n", "\n\n\ufeff"])
def test_marks_before_the_first_rule_do_not_hide_it(front):
    assert not is_allowed(rules_of((front + RULES).encode()), "https://x.kz/closed/1")


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("2,5", 2.5), ("2.5", 2.5), (" 2,5 # slow", 2.5), ("2.5s", 2.5), ("10 seconds", 10.0), (".5", 0.5), ("+3", 3.0),
        ("0", 0.0), ("-5", 0.0), ("soon", 0.0), ("", 0.0), ("nan", 0.0), ("86400", MAX_CRAWL_DELAY_SECONDS),
        ("1e9", MAX_CRAWL_DELAY_SECONDS), ("inf", MAX_CRAWL_DELAY_SECONDS), ("9" * 5000, MAX_CRAWL_DELAY_SECONDS),
    ],
)  # fmt: skip
def test_a_crawl_delay_is_read_in_any_form_and_bounded(asked, seconds):
    assert rules_of(f"User-agent: *\nCrawl-delay: {asked}\nDisallow: /z".encode()).delay == seconds


def test_a_url_of_another_host_is_no_rule():
    rules = rules_of(b"User-agent: *\nDisallow: https://other.kz/\nDisallow: https://WWW.x.kz:443/closed/")
    assert is_allowed(rules, "https://x.kz/open")
    assert not is_allowed(rules, "https://x.kz/closed/1")


def test_a_request_rate_is_a_delay_too():
    assert rules_of(b"User-agent: *\nRequest-rate: 1/10\nCrawl-delay: 2").delay == 10.0


@given(st.binary(max_size=400), st.text(max_size=40))
def test_no_robots_txt_raises(body, content_type):
    text_of(body, content_type)
    rules_of(body).against("https://x.kz/a")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_a_disallowed_page_is_not_fetched_whatever_the_encoding_of_the_rules(tmp_path, encoding):
    body = "User-agent: *\r\nDisallow: /closed/\r\n".encode(encoding)
    with serving(robots_txt=Answer(200, [("Content-Type", "text/plain")], body)) as (site, pages):
        done = crawl(tmp_path, f"{site.base}/closed/a")
    assert done.event(f"{site.base}/closed/a").reason == Reason.ROBOTS_REFUSED
    assert "/closed/a" not in pages.paths()
