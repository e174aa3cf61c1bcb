"""Tests of signals on the use of pages: kept with the captures, obeyed on request; 402 ends the requests to a host."""

import json
from typing import Any

import pytest

from articles.model import Capture, Purpose, Reason
from articles.pipeline import read_capture
from articles.topics import topic
from tests.site import RunningSite
from tests.site.wire import Answer, Request
from tests.spiders.crawling import Crawled, crawl
from tests.spiders.fetching.test_fetcher import Pages, robots

STORY = "The ministers met in Astana and spoke about the price of wheat, barley and rye for more than three hours. " * 8
HTML = ("Content-Type", "text/html; charset=utf-8")


def page(*headers: tuple[str, str], head: str = "", status: int = 200) -> Answer:
    text = f"<html lang=en><head><title>Wheat</title>{head}</head><body><article><h1>Wheat</h1><p>{STORY}</p></article>"
    return Answer(status, [HTML, *headers], text.encode())


def tdmrep(rules: object) -> Answer:
    return Answer(200, [("Content-Type", "application/json")], json.dumps(rules).encode())


class Story(Pages):
    """A site of one story, with the rules of `planted`."""

    def __init__(self, story: Answer, **planted: Answer) -> None:
        super().__init__(**planted)
        self.planted["/.well-known/tdmrep.json"] = planted.get("tdm", Answer(404))
        self.story = story

    def answer(self, request: Request) -> Answer:
        super().answer(request)
        return self.planted.get(request.path, self.story)


def asked(tmp_path, pages: Story, *paths: str, **options: Any) -> Crawled:
    with RunningSite(pages) as site:  # type: ignore[arg-type]  # answers as the local web does
        return crawl(tmp_path, *(f"http://127.0.0.1:{site.port}{path}" for path in paths or ("/a",)), **options)


def only(done: Crawled) -> Capture:
    """Return the only page of a crawl that answered."""
    records = (one for records in done.records.values() for one in records if one.purpose is Purpose.PAGE)
    (found,) = (one for one in records if isinstance(one, Capture))
    return found


RULES = (
    "User-agent: *\nContent-Signal: search=yes, ai-train=no\nContent-Usage: /a train-ai=n\nLicense: https://x/l.xml\n"
)
SIGNALS = {  # a site, and the statement that its document carries
    "content-signal": (Story(page(), robots_txt=robots(RULES)), ("content-signal", "robots.txt")),
    "content-usage": (
        Story(page(), robots_txt=robots("User-agent: irtysh\nContent-Usage: /a train-ai=n\n")),
        ("content-usage", "robots.txt"),
    ),
    "usage header": (Story(page(("Content-Usage", "train-ai=n"))), ("content-usage", "header:content-usage")),
    "signal header": (Story(page(("Content-Signal", "ai-train=no"))), ("content-signal", "header:content-signal")),
    "tdmrep": (
        Story(page(), tdm=tdmrep([{"location": "/", "tdm-reservation": 1}])),
        ("tdm-reservation", "tdmrep.json"),
    ),
    "tdm header": (Story(page(("tdm-reservation", "1"))), ("tdm-reservation", "header:tdm-reservation")),
    "tdm meta": (
        Story(page(head='<meta name="tdm-reservation" content="1">')),
        ("tdm-reservation", "meta:tdm-reservation"),
    ),
    "noai meta": (Story(page(head='<meta name="robots" content="noai, noimageai">')), ("robots", "meta:robots")),
    "noai header": (Story(page(("X-Robots-Tag", "noai"))), ("robots", "header:x-robots-tag")),
}


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_is_kept_with_the_document_and_obeyed_on_request(tmp_path, name):
    pages, (kind, where) = SIGNALS[name]
    capture = only(asked(tmp_path / "record", pages))
    (row,) = read_capture(capture, {"any": topic.builtin("any")}).rows
    assert (kind, where) in {(right.kind, right.where) for right in row.document.rights}

    done = asked(tmp_path / "skip", pages, reserved_use="training")
    (event,) = [event for event in done.events if event.text.endswith("/a")]
    if where.startswith("meta:"):
        result = read_capture(only(done), {"any": topic.builtin("any")})
        assert (result.rows, result.fetch.reason) == ((), Reason.RESERVED)
        assert kind in result.fetch.detail
    else:
        assert event.reason == Reason.RESERVED
        assert kind in event.detail
        assert not [
            one
            for records in done.records.values()
            for one in records
            if isinstance(one, Capture) and STORY.encode() in one.body
        ]
    assert (pages.paths().count("/a") == 1) == (where in {"robots.txt", "tdmrep.json"})


def test_rsl_is_recorded_and_reserves_nothing(tmp_path):
    head = '<link rel="license" type="application/rsl+xml" href="https://x.example/page.xml">'
    pages = Story(page(head=head), robots_txt=robots("License: https://x.example/l.xml\n"))
    capture = only(asked(tmp_path, pages, reserved_use="training"))
    (row,) = read_capture(capture, {"any": topic.builtin("any")}).rows
    assert {(right.kind, right.value) for right in row.document.rights} == {
        ("rsl", "https://x.example/l.xml"),
        ("rsl", "https://x.example/page.xml"),
    }


def test_signals_without_a_reservation_of_the_use_do_not_stop_a_page(tmp_path):
    pages = Story(page(("Content-Usage", "search=n, train-ai=y")), robots_txt=robots(RULES.replace("/a", "/b")))
    assert only(asked(tmp_path, pages, reserved_use="research")).status == 200


def test_tdmrep_is_fetched_once_for_each_site_and_never_where_robots_txt_disallows_it(tmp_path):
    pages = Story(page(), tdm=Answer(503))
    asked(tmp_path / "one", pages, "/a", "/b", "/c")
    assert pages.paths().count("/.well-known/tdmrep.json") == 1
    closed = Story(page(), robots_txt=robots("User-agent: *\nDisallow: /.well-known/\n"))
    asked(tmp_path / "two", closed, "/a")
    assert "/.well-known/tdmrep.json" not in closed.paths()


def test_a_price_is_recorded_never_retried_and_ends_the_requests_to_its_host(tmp_path):
    pages = Story(page(("crawler-price", "USD 0.01"), status=402))
    done = asked(tmp_path, pages, *(f"/{number}" for number in range(6)))
    assert len([path for path in pages.paths() if path[1:].isdigit()]) == 1
    result = read_capture(only(done), {"any": topic.builtin("any")})
    assert (result.fetch.reason, result.fetch.detail) == (Reason.PAYMENT_REQUIRED, "USD 0.01")
    assert ("price", "USD 0.01") in {(right.kind, right.value) for right in result.fetch.rights}
    later = done.of("failed")
    assert {event.reason for event in later} == {Reason.HOST_SUSPENDED}
    assert len(later) == 5
    assert all("USD 0.01" in event.detail for event in later)


def test_no_request_pretends_to_be_a_browser(tmp_path):
    agents = []

    class Listening(Story):
        def answer(self, request: Request) -> Answer:
            agents.append(request.headers["user-agent"])
            return super().answer(request)

    asked(tmp_path, Listening(page()), "/a", "/b")
    assert len(agents) == 4  # robots.txt, tdmrep.json and two pages
    assert all(agent.startswith("irtysh/") and agent.endswith("(+mailto:tests@irtysh.example)") for agent in agents)
    assert not any(
        name in agent for agent in agents for name in ("Mozilla", "Chrome", "Safari", "Gecko", "AppleWebKit")
    )
