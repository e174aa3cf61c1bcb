"""Tests of which uses a statement reserves."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.metadata.reservations import USES, Use, reservation
from articles.metadata.site_rules import of_robots, of_tdmrep
from articles.model import Right

URL = "https://x.kz/news/1?print=1"


def reserved(kind: str, value: str, where: str = "robots.txt") -> list[str]:
    return [use.value for use in USES if reservation([Right(kind, value, where)], use)]


@pytest.mark.parametrize(
    ("kind", "value", "where", "uses"),
    [
        ("robots", "noarchive", "meta:robots", ["archive", "research", "training"]),
        ("robots", "noai", "header:x-robots-tag", ["training"]),
        ("robots", "noai", "meta:googlebot", []),
        ("robots", "noai", "meta:irtysh", ["training"]),
        ("robots", "noimageai", "meta:robots", []),
        ("robots", "noindex", "meta:robots", []),
        ("tdm-reservation", "1", "meta:tdm-reservation", ["research", "training"]),
        ("tdm-reservation", "0", "tdmrep.json", []),
        ("content-usage", "train-ai=n", "robots.txt", ["training"]),
        ("content-usage", "/ train-ai=n", "robots.txt", ["training"]),
        ("content-usage", "/a,b train-ai=n;x=1, search=y", "robots.txt", ["training"]),
        ("content-usage", "bots=n, train-ai=y", "robots.txt", ["research", "training"]),
        ("content-usage", "train-ai=y, ai-use=n, search=n", "robots.txt", []),
        ("content-usage", "train-ai", "robots.txt", []),
        ("content-usage", "do not train on this", "robots.txt", []),
        ("content-signal", "search=yes,ai-train=no", "robots.txt", ["training"]),
        ("content-signal", "ai-train=yes, ai-input=no", "robots.txt", []),
        ("rsl", "https://x.kz/license.xml", "robots.txt", []),
        ("licence", "https://creativecommons.org/licenses/by/4.0/", "link:license", []),
        ("price", "USD 0.01", "header:crawler-price", ["archive", "research", "training"]),
    ],
)
def test_only_what_is_understood_reserves_a_use(kind, value, where, uses):
    assert reserved(kind, value, where) == uses


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("User-agent: *\nContent-Usage: / train-ai=n\nContent-Usage: /news/ train-ai=y\n", ["/news/ train-ai=y"]),
        ("User-agent: *\nContent-Usage: / train-ai=n\nUser-agent: irtysh\nDisallow: /x\n", []),
        ("User-agent: a\nUser-agent: Irtysh\nContent-Usage: train-ai=n\n", ["train-ai=n"]),
        ("User-agent: a\nDisallow: /\nUser-agent: *\nContent-Usage: /*?print= train-ai=n\n", ["/*?print= train-ai=n"]),
        ("Content-Signal: ai-train=no\nUser-agent: *\nDisallow: /x\n", ["ai-train=no"]),
        ("User-agent: *\nCONTENT-SIGNAL : ai-train=no # no\n", ["ai-train=no"]),
        ("User-agent: *\nContent-Usage: /news/1$ train-ai=n\nContent-Usage: /other train-ai=n\n", []),
    ],
)
def test_the_lines_of_our_group_and_path_apply(text, values):
    assert [right.value for right in of_robots(text, "irtysh").of(URL)] == values


@pytest.mark.parametrize(
    "line", ["User-agent: a\n", "User-agent: *\n", "Content-Usage: /*a*a*a*b train-ai=n\n", " " * 14, "\r"]
)
def test_reading_a_robots_txt_takes_time_linear_in_its_size(line):
    def seconds(size: int) -> float:
        text = "User-agent: *\n" + line * (size // len(line))
        start = time.process_time()
        of_robots(text, "irtysh").of(f"https://x.kz/{'a' * 8000}")
        return time.process_time() - start

    small = max(0.02, min(seconds(128 << 10) for _ in range(3)))
    assert min(seconds(512 << 10) for _ in range(3)) < 4 * 3 * small


def test_the_longest_location_of_tdmrep_applies():
    rules = b'[{"location": "/", "tdm-reservation": 0}, {"location": "/news/*", "tdm-reservation": 1}]'
    (right,) = of_tdmrep(rules).of(URL)
    assert (right.kind, right.value, right.where) == ("tdm-reservation", "1", "tdmrep.json")


@pytest.mark.parametrize(
    "body", [b"", b"[" * 100_000, b"{}", b"[1, null]", b'[{"location": 5}]', b"\xff\xfe", b"9" * 9_000]
)
def test_a_tdmrep_of_another_form_states_nothing(body):
    assert of_tdmrep(body).of(URL) == ()


@given(st.text(max_size=300), st.text(max_size=60))
def test_no_robots_txt_and_no_value_raises(text, value):
    for use in Use:
        reservation(of_robots(f"User-agent: *\nContent-Usage: {value}\n{text}", "irtysh").of(URL), use)
