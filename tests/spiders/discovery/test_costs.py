"""Every parser and regular expression of the spiders takes time linear in its input, and raises only our own errors."""

import gzip
import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

import spiders
from articles import dates
from articles.errors import InputError, SourceError
from articles.harmless import without_passwords, without_user
from articles.metadata import alternates, rights
from articles.metadata.reservations import USES, reservation
from articles.metadata.site_rules import of_robots, of_tdmrep
from spiders.date_window import DateWindow, span_of
from spiders.discovery import cdx, sitemap_index
from spiders.discovery.answers import DateFilter, SourceBody, read
from spiders.discovery.cdx import CdxPeriod
from spiders.discovery.entries import SourceEntry
from spiders.discovery.feeds import read_source
from spiders.discovery.listings import charset_of, read_json, read_page
from spiders.discovery.paging import PageStep, steps
from spiders.fetching import cookies, robots_lines, robots_text
from spiders.fetching.address_rules import RefusedError, address_of
from spiders.fetching.exchange import retry_after
from spiders.fetching.redirects import text_of
from spiders.fetching.url_lines import fetchable, read_list
from spiders.sources import JsonListing, Listing, RobotsTxt

NOW = datetime(2026, 11, 20, tzinfo=UTC)
BASE = "http://n.example/"
PERIOD = CdxPeriod(datetime(2015, 1, 1, tzinfo=UTC), datetime(2016, 1, 1, tzinfo=UTC))
SIZES = (1, 2, 4)  # times the smallest size
SMALL_BYTES = 3_000
MAX_GROWTH = 9.0  # of the time from the smallest to the largest size: 4 is linear, 16 quadratic
MIN_SECONDS = 0.025  # of the largest size: less is too short to compare; 0.2 ns for each pair of its bytes
OURS = (SourceError, InputError, RefusedError)

# Repeated, these make a careless parser or pattern go back from every byte.
PUMPS = (
    b" ", b"\xef\xbb\xbf ", b"<", b"<a ", b"<a x=", b"<a ='", b"<a>", b"</a>", b"<!--", b"<!", b"<?", b"<?xml ", b"<![CDATA[", b"]]>",
    b"&", b"&a;", b"<item>", b"<url><url>", b"<entry a=1>", b"<item/>", b"<item><link>/1</link></item>", b"<a href=/1>", b"<base href=/a>",
    b"<a href='", b"<time>1 May 2024</time>", b"<div><a href=/1>2024-01-01</a>", b"[", b"{", b"[]," , b'{"a":', b'["', b'"', b"1", b"1.", b"-",
    b"1e", b"a", b"a-", b"_", b"/", b"2024/", b"20", b".", b"%", b"%4", b":", b"\0", b"\xff", b"\n", b"\r\n", b"http://a/\n",
    b"Sitemap: /a\n", b"User-agent: a\n", b"User-agent:*\n", b"user agent a*\n", b"Disallow: /*a*a$\n", b"Allow:a\n", b"charset", b"charset=",
    b"charset ", b"encoding ", b"<?xml encoding", b"GMT ", b"1 May ", b"1 Jan 2024 ", b"+00", b",", b"#", b"?", b"@", b"[::", b"xmlns:a='b' ",
    b"http:", b"http://a", b"//a:b", b"@", b"a@", b"<a>; ", b"<a>;rel=license", b"; ", b"=", b"a=", b"train-ai=n,", b"noai,",
    b'{"url": "http://a/", "timestamp": "20150102030405"}\n', "Жж".encode(), "\u2028".encode(),
)  # fmt: skip
HEADS = (b"", b"<rss>", b"<item ", b"[", b"http://n.example/")


def window() -> DateWindow:
    return DateWindow(NOW, datetime(2024, 1, 1, tzinfo=UTC))


def filtered(body: bytes) -> list[object]:
    """Read a feed as the spider does: select by dates, then choose the sitemaps."""
    found = list(read_source(body, BASE))
    chosen = DateFilter(window(), lambda _: None)
    return [*filter(chosen.take, found), *chosen.rest(), sitemap_index.wanted(found, window(), NOW)]


def listing(body: bytes) -> object:
    return read_page(body, BASE, Listing(BASE, links="div a", next="a.next"))


def cards(body: bytes) -> object:
    return read_page(body, BASE, Listing(BASE, cards="div", date="time"))


def robots_sitemaps(body: bytes) -> list[object]:
    source = RobotsTxt(BASE)
    step: PageStep = next(steps(source, window()))
    return list(read(step, SourceBody(BASE, body)).entries)


def robots(body: bytes) -> object:
    decoded = robots_text.text_of(body)
    rules = Protego.parse(robots_lines.relevant(decoded, "irtysh"))
    of_robots(decoded, "irtysh").of("http://n.example/a/b?c")
    of_tdmrep(body)
    return robots_text.delay_of(rules, "irtysh"), rules.can_fetch("http://n.example/a/b?c", "irtysh")


def one_sitemap_name(body: bytes) -> object:
    name = SourceEntry(BASE + body.decode("latin-1")[:8_000], modified=body.decode("latin-1"), nested=True)
    return sitemap_index.wanted([name], window(), NOW)


def fields(body: bytes) -> object:
    """Read the header fields of a response that say something."""
    value = body.decode("latin-1")
    names = ("Link", "X-Robots-Tag", "Content-Usage", "Content-Signal", "TDM-Reservation", "Crawler-Price")
    headers = [(name, value) for name in names]
    stated = rights.of_response(headers)
    return alternates.of_response(headers), [reservation(stated, use) for use in USES]


def text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


PARSERS: dict[str, Callable[[bytes], object]] = {
    "feed": lambda body: list(read_source(body, BASE)),
    "feed with texts": lambda body: list(read_source(body, BASE, full_text=True)),
    "gzipped feed": lambda body: list(read_source(gzip.compress(body, 1), BASE)),
    "feed of members": lambda body: list(read_source(gzip.compress(body[:10]) * (len(body) // 30), BASE)),
    "filtered": filtered,
    "listing": listing,
    "cards": cards,
    "JSON": lambda body: read_json(body, BASE, JsonListing(BASE, items="a", link="b", date="c", next="d")),
    "captures": lambda body: list(cdx.read_answer(body)),
    "pages": cdx.page_count,
    "indices": lambda body: cdx.indices_for(body, PERIOD),
    "sitemaps of robots.txt": robots_sitemaps,
    "robots.txt": robots,
    "sitemap's name": one_sitemap_name,
    "lines": lambda body: list(read_list(text(body).splitlines())),
    "URL": lambda body: fetchable(text(body)),
    "redirect": text_of,
    "cookie": lambda body: cookies.updated((), BASE, [b"a=" + body[: cookies.MAX_COOKIE_CHARS] + b"\x01", body]),
    "fields": fields,
    "passwords": lambda body: (without_passwords("@ " + text(body)), without_user(f"@{text(body)} @")),
    "host": lambda body: address_of(text(body)),
    "Retry-After": lambda body: retry_after(body, NOW),
    "charset": lambda body: charset_of(body.decode("latin-1")),
    "date": lambda body: (span_of(text(body)), dates.parse(text(body))),
}


def seconds(parse: Callable[[bytes], object], body: bytes) -> float:
    """Return the processor time of a parser; errors that are not our own go on."""
    began = time.thread_time()
    with suppress(*OURS):
        parse(body)
    return time.thread_time() - began


def assert_linear(parse: Callable[[bytes], object], make: Callable[[int], bytes]) -> None:
    """Fail if the time grows much faster than the size. A measurement that other work disturbed is repeated."""
    spent: list[float] = []
    if seconds(parse, make(SMALL_BYTES * SIZES[-1])) < MIN_SECONDS:
        return
    for _ in range(3):
        spent = [seconds(parse, make(SMALL_BYTES * size)) for size in SIZES]
        if spent[-1] < MIN_SECONDS or spent[-1] < MAX_GROWTH * spent[0]:
            return
    pytest.fail(f"{make(50)!r}: {spent} s for {SIZES}")


def repeated(head: bytes, pump: bytes) -> Callable[[int], bytes]:
    return lambda size: head + pump * (size // len(pump))


@pytest.mark.no_cover  # a tracer doubles the time
@pytest.mark.parametrize("name", PARSERS)
def test_parsers_are_linear_and_raise_only_our_own_errors(name):
    for head in HEADS:
        for pump in PUMPS:
            assert_linear(PARSERS[name], repeated(head, pump))


@pytest.mark.parametrize("name", PARSERS)
@given(st.lists(st.sampled_from([*PUMPS, *HEADS]) | st.binary(max_size=20), max_size=30).map(b"".join))
def test_no_parser_raises_anything_else(name, body):
    with suppress(*OURS):
        PARSERS[name](body)


def distinct_attributes(size: int) -> bytes:
    return b"<rss><item " + b" ".join(b'a%d="1"' % number for number in range(size // 9)) + b">"


@pytest.mark.parametrize("name", ["feed", "feed with texts", "listing", "cards"])
def test_many_attributes_cost_little(name):
    assert_linear(PARSERS[name], lambda size: distinct_attributes(20 * size))
    assert_linear(PARSERS[name], lambda size: distinct_attributes(20 * size).replace(b'"1"', b'">"'))
    assert_linear(PARSERS[name], lambda size: distinct_attributes(20 * size).replace(b'" ', b'"'))
    assert_linear(PARSERS[name], lambda size: distinct_attributes(20 * size).replace(b" a", b" xmlns:a"))


def test_agents_times_rules_cost_little():
    def make(size: int) -> bytes:
        return b"".join(b"User-agent: a%d\n" % n for n in range(size // 30)) + b"Allow: /a\n" * (size // 20)

    assert_linear(PARSERS["robots.txt"], make)


def patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Yield all regular expressions of the package: module attributes, also inside of tuples."""
    for module in pkgutil.walk_packages(spiders.__path__, "spiders."):
        if module.name.startswith(("spiders.outlets.", "spiders.process.child", "spiders.fetching.browser")):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, re.Pattern):
                yield f"{module.name}.{name}", value


def searched(name: str) -> bool:
    """Return whether a pattern is used to search, not only to match from the beginning of a text."""
    module, _, short = name.rpartition(".")
    source = Path(importlib.import_module(module).__file__ or "").read_text("utf-8")
    return re.search(rf"\b{short}\b(?!\.(?:match|fullmatch)\b)(?! = )", source) is not None


@pytest.mark.no_cover  # a tracer doubles the time
@pytest.mark.parametrize(("name", "pattern"), sorted(patterns()))
def test_patterns_are_linear(name: str, pattern: re.Pattern[Any]) -> None:
    searches = searched(name)

    def apply(body: bytes) -> None:
        subject = body.decode("latin-1") if isinstance(pattern.pattern, str) else body
        pattern.match(subject)
        pattern.fullmatch(subject)
        if searches:
            pattern.search(subject)
            pattern.sub("" if isinstance(subject, str) else b"", subject)

    for head in HEADS:
        for pump in PUMPS:
            for tail in (b"", b"\n!"):
                assert_linear(apply, lambda size, head=head, pump=pump, tail=tail: repeated(head, pump)(size) + tail)  # type: ignore[misc]  # a lambda with defaults


@pytest.mark.parametrize(
    "value",
    [
        "Mon, 1 Jan 99999999999999999999 00:00:00 GMT", "Mon, 1 Jan 2024 00:00:00 +9999999999", "1 Jan 0 00:00 GMT", "9" * 5000, "٣" * 10,
        "Mon, 1 Jan 9999 23:59:59 -2359", "1 Jan 1 0:0 +2359", "Mon, 99999999999999999999 Jan 2024 00:00:00 GMT", "2024-01-01T00:00:00+99:99",
        "0001-01-01", "9999-12-31T23:59:59-23:59", "1 1 99999999999999999999 1:1", "9" * 70_000, "-1", "inf", "nan",
    ],
)  # fmt: skip
def test_dates_beyond_all_years_are_no_dates(value):
    assert retry_after(value.encode(), NOW) >= 0
    assert isinstance(dates.parse(value), str)
    span = span_of(value)
    assert span is None or isinstance(span.first.date(), date)


def test_a_request_rate_of_hundreds_of_digits_is_kept_as_the_longest_delay():
    rules = Protego.parse(f"User-agent: *\nRequest-rate: 1/{'9' * 400}\n")
    assert robots_text.delay_of(rules, "irtysh") == robots_text.MAX_CRAWL_DELAY_SECONDS


def test_an_honest_retry_after_is_read():
    assert retry_after(b"120", NOW) == 120
    assert retry_after(format_datetime(NOW.replace(second=30), usegmt=True).encode(), NOW) == 30
