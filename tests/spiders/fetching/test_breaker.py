"""A host that refuses again and again is left alone, and what was not asked for is named."""

from articles.model import Reason
from spiders.fetching.breaker import COOL_DOWN_SECONDS, MAX_COOL_DOWN_SECONDS, REFUSALS_TO_OPEN, Breaker
from tests.site.wire import Answer
from tests.spiders.crawling import crawl
from tests.spiders.fetching.test_fetcher import serving

HOST = "news.example"


def refused(times: int, now: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(times):
        breaker.answered(HOST, 429, now)
    return breaker


def test_a_host_is_barred_after_so_many_refusals_and_others_are_not():
    assert refused(REFUSALS_TO_OPEN - 1).bars(HOST, 0) == ""
    breaker = refused(REFUSALS_TO_OPEN)
    assert "429" in breaker.bars(HOST, 0)
    assert breaker.bars("other.example", 0) == ""


def test_one_answer_closes_the_circuit():
    breaker = refused(REFUSALS_TO_OPEN - 1)
    breaker.answered(HOST, 404, 0)
    breaker.silent(HOST, "timeout", 0)
    assert breaker.bars(HOST, 0) == ""


def test_after_a_while_one_request_tries_for_all_and_a_refusal_makes_it_longer():
    breaker = refused(REFUSALS_TO_OPEN)
    assert breaker.bars(HOST, COOL_DOWN_SECONDS - 1)
    assert breaker.bars(HOST, COOL_DOWN_SECONDS) == ""
    assert breaker.bars(HOST, COOL_DOWN_SECONDS)  # the next waits for what comes of the first
    breaker.answered(HOST, 503, COOL_DOWN_SECONDS)
    assert breaker.bars(HOST, 2 * COOL_DOWN_SECONDS)
    assert breaker.bars(HOST, 3 * COOL_DOWN_SECONDS) == ""
    breaker.answered(HOST, 200, 3 * COOL_DOWN_SECONDS)
    assert breaker.bars(HOST, 3 * COOL_DOWN_SECONDS) == ""


def test_it_never_waits_longer_than_an_hour():
    breaker, now = refused(REFUSALS_TO_OPEN), 0.0
    for _ in range(20):
        now += MAX_COOL_DOWN_SECONDS
        assert breaker.bars(HOST, now) == ""
        breaker.answered(HOST, 403, now)


def test_a_crawl_stops_asking_a_host_that_refuses_and_names_what_it_did_not_ask_for(tmp_path):
    refusing = {f"p{number}": Answer(403) for number in range(30)}
    with serving(**refusing) as (site, pages):
        urls = [f"{site.base}/p{number}" for number in range(30)]
        done = crawl(tmp_path / "store", *urls, concurrency=1)
        asked = [path for path in pages.paths() if path != "/robots.txt"]
    assert len(asked) == REFUSALS_TO_OPEN
    barred = [event for event in done.of("failed") if event.reason == Reason.HOST_SUSPENDED]
    assert len(barred) == len(urls) - REFUSALS_TO_OPEN
    assert {event.text for event in [*barred, *done.of("fetched")]} == set(urls)
