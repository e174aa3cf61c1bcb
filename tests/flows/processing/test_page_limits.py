"""Hostile pages are extracted or rejected for their form, before they reach the limits on time and memory."""

import time

import pytest

from articles import pipeline
from articles.model import Reason
from flows.processing import workers
from flows.processing.workers import Workers
from tests.flows.making import article, capture
from tests.site import costly

EXPECTED = {"", Reason.TOO_COSTLY, Reason.NO_ARTICLE, Reason.UNREADABLE, Reason.NOT_HTML}
# 58 kB: a pattern that takes a nanosecond for each pair of characters reaches this limit, as one of 87 kB reaches that of 5 s.
PUMP_SCALE = 0.02
PUMP_CPU_SECONDS = 2.5
SCALES = (0.1, 0.5)  # of pages whose times are compared; the full sizes are in `benchmarks.hostile`
MAX_TRIES = 3  # other work on the machine disturbs some measurements
BACKSTOPS = ("reading took", "reading ended", "the reader failed")


@pytest.fixture(scope="module")
def pool():
    found = Workers(lambda _: "", count=1)
    yield found
    found.close(at_once=True)


def read_all(pool, pages):
    """Extract pages in a real pool, with an article last; return reason and detail by name."""
    names = list(pages)
    captures = [capture(f"http://steppe.example/{at}", pages[name], at) for at, name in enumerate(names)]
    captures.append(capture("http://steppe.example/last", article("The last wagon"), len(names)))
    *found, last = pool.read(captures)
    assert last.rows
    return {name: (one.fetch.reason, one.fetch.detail) for name, one in zip(names, found, strict=True)}


def surprises(found):
    return {
        name: result for name, result in found.items() if result[0] not in EXPECTED or result[1].startswith(BACKSTOPS)
    }


def test_every_costly_kind_of_page_is_extracted_or_rejected_for_its_form(pool):
    found = read_all(pool, {name: build(0.05) for name, build in costly.KINDS.items()})
    assert surprises(found) == {}
    assert {reason for reason, _ in found.values()} >= {"", Reason.TOO_COSTLY, Reason.NO_ARTICLE}


def test_the_detail_names_what_a_page_has_too_much_of(pool):
    details = {
        "nested tags": "tags",
        "nested inline": "nested too deeply",
        "siblings": "blocks of text",
        "attributes": "attributes",
        "nested below the limit": "elements deep",
        "one paragraph": "characters of text",
    }
    pages = {kind: costly.KINDS[kind](1.0) for kind in details if kind in costly.KINDS}
    pages["one paragraph"] = costly.page(f"<p>{costly.repeated(costly.SENTENCE, 0.3)} Nothing more.</p>")
    found = read_all(pool, pages)
    assert {kind: reason for kind, (reason, _) in found.items() if reason != Reason.TOO_COSTLY} == {}
    assert {kind: detail for kind, (_, detail) in found.items() if details[kind] not in detail} == {}


def test_a_body_too_large_to_parse_is_rejected_with_every_status(pool):
    hostile = b"<html><body>" + b"<div>" * 2_500_000
    statuses = {200: Reason.TOO_COSTLY, 403: Reason.HTTP_ERROR, 503: Reason.HTTP_ERROR}
    pages = [capture("http://steppe.example/a", hostile, at, status=status) for at, status in enumerate(statuses)]
    assert [reading.fetch.reason for reading in pool.read(pages)] == list(statuses.values())


@pytest.mark.slow
@pytest.mark.parametrize("half", [0, 1])
def test_no_string_makes_a_regular_expression_backtrack_too_long(pool, half, monkeypatch):
    monkeypatch.setattr(workers, "MAX_PAGE_CPU_SECONDS", PUMP_CPU_SECONDS)
    pumps = list(costly.PUMPS.items())[half::2]
    pages = {f"{name}: {place}": page for name, pump in pumps for place, page in costly.pump_pages(pump, PUMP_SCALE)}
    assert surprises(read_all(pool, pages)) == {}


def is_in_proportion(short, long):
    return long < 8 * short + 0.4


def seconds(page):
    started = time.process_time()
    pipeline.read_chunk([page], {"any": ""})
    return time.process_time() - started


@pytest.mark.no_cover  # a tracer doubles the time
@pytest.mark.slow
@pytest.mark.parametrize("kind", costly.KINDS)
def test_the_time_of_every_costly_kind_grows_with_its_size(kind):
    """A page of five times the size takes about five times as long; what is quadratic takes twenty-five times as long."""
    pipeline.warm_up()
    pages = [capture(body=costly.KINDS[kind](scale)) for scale in SCALES]
    measured: list[tuple[float, float]] = []
    while len(measured) < MAX_TRIES and not any(is_in_proportion(*one) for one in measured):
        measured.append((seconds(pages[0]), seconds(pages[1])))
    assert is_in_proportion(*measured[-1]), measured
