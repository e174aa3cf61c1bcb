"""Tests of the circuit breaker: a refusing host gets no requests, and its URLs are reported."""

import asyncio
from typing import Any

from articles.model import Reason
from spiders.fetching.breaker import COOL_DOWN_SECONDS, MAX_COOL_DOWN_SECONDS, REFUSALS_TO_OPEN, Breaker
from tests.site.wire import Answer, Connection
from tests.spiders.crawling import crawl
from tests.spiders.fetching.test_fetcher import serving

HOST = "news.example"


def refused(times: int, now: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(times):
        breaker.answered(HOST, 429, now)
    return breaker


def test_the_breaker_of_a_host_opens_after_enough_refusals():
    assert refused(REFUSALS_TO_OPEN - 1).refusal(HOST, 0) == ""
    breaker = refused(REFUSALS_TO_OPEN)
    assert "429" in breaker.refusal(HOST, 0)
    assert breaker.refusal("other.example", 0) == ""


def test_one_response_resets_the_count():
    breaker = refused(REFUSALS_TO_OPEN - 1)
    breaker.answered(HOST, 404, 0)
    breaker.no_answer(HOST, "timeout", 0)
    assert breaker.refusal(HOST, 0) == ""


def test_after_the_cool_down_one_attempt_passes_and_a_refusal_doubles_it():
    breaker = refused(REFUSALS_TO_OPEN)
    assert breaker.refusal(HOST, COOL_DOWN_SECONDS - 1)
    assert breaker.refusal(HOST, COOL_DOWN_SECONDS) == ""
    assert breaker.refusal(HOST, COOL_DOWN_SECONDS)  # while the attempt runs, no other request passes
    breaker.answered(HOST, 503, COOL_DOWN_SECONDS)
    assert breaker.refusal(HOST, 2 * COOL_DOWN_SECONDS)
    assert breaker.refusal(HOST, 3 * COOL_DOWN_SECONDS) == ""
    breaker.answered(HOST, 200, 3 * COOL_DOWN_SECONDS)
    assert breaker.refusal(HOST, 3 * COOL_DOWN_SECONDS) == ""


def test_the_cool_down_is_at_most_an_hour():
    breaker, now = refused(REFUSALS_TO_OPEN), 0.0
    for _ in range(20):
        now += MAX_COOL_DOWN_SECONDS
        assert breaker.refusal(HOST, now) == ""
        breaker.answered(HOST, 403, now)


def test_a_crawl_stops_at_a_refusing_host_and_reports_the_rest(tmp_path):
    refusing = {f"p{number}": Answer(403) for number in range(30)}
    with serving(**refusing) as (site, pages):
        urls = [f"{site.base}/p{number}" for number in range(30)]
        done = crawl(tmp_path / "store", *urls, concurrency=1)
        asked = [path for path in pages.paths() if path.startswith("/p")]
    assert len(asked) == REFUSALS_TO_OPEN
    suspended = [event for event in done.of("failed") if event.reason == Reason.HOST_SUSPENDED]
    assert len(suspended) == len(urls) - REFUSALS_TO_OPEN
    assert {event.text for event in [*suspended, *done.of("fetched")]} == set(urls)


def test_a_host_that_sends_its_pages_byte_by_byte_is_suspended(tmp_path):
    async def drip(connection: Connection) -> None:
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000000\r\n\r\n")
        while True:  # until the client has gone
            await connection.send(b"<")
            await asyncio.sleep(0.02)

    count = REFUSALS_TO_OPEN + 5
    dripping: Any = {f"p{number}": drip for number in range(count)}  # a script in place of an answer
    with serving(**dripping) as (site, pages):
        urls = [f"{site.base}/p{number}" for number in range(count)]
        done = crawl(tmp_path / "store", *urls, concurrency=5, timeout=1.0)
        asked = [path for path in pages.paths() if path.startswith("/p")]
    assert len(asked) < count
    assert {event.reason for event in done.of("failed")} == {Reason.HOST_SUSPENDED}
    assert {event.detail for event in done.of("fetched")} == {"time"}
