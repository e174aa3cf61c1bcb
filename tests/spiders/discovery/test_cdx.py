import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.errors import SourceError
from spiders.discovery import cdx
from spiders.discovery.cdx import MAX_INDEX_PAGES, CdxPeriod, CdxRow
from spiders.discovery.source_form import MAX_JSON_VALUES

YEAR = CdxPeriod(datetime(2015, 1, 1, tzinfo=UTC), datetime(2015, 12, 31, 23, 59, 59, tzinfo=UTC))
ROW = CdxRow("http://n.example/1", "20150102030405", "200", "text/html", "D")


def test_both_dialects_give_the_same_capture():
    array = [
        ["timestamp", "original", "mimetype", "statuscode", "digest"],
        ["20150102030405", ROW.url, "text/html", "200", "D"],
    ]
    line = {"timestamp": "20150102030405", "url": ROW.url, "mime": "text/html", "status": "200", "digest": "D"}
    assert list(cdx.read_answer(json.dumps(array).encode())) == [ROW]
    assert list(cdx.read_answer(json.dumps(line).encode() + b"\n")) == [ROW]
    (located,) = cdx.read_answer(json.dumps(line | {"filename": "f", "offset": "7", "length": 9}).encode())
    assert (located.filename, located.offset, located.length) == ("f", 7, 9)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"[[]]", b"{}", b"null", b"[1, [2]]", b"<html>busy</html>", b'{"url": "ftp://x/", "timestamp": "20150102030405"}',
        b'{"url": "http://x/", "timestamp": "20151302030405"}', b'{"url": "http://x/", "timestamp": "2015"}',
        b'{"url": "http://x/", "timestamp": "20150102030405", "offset": "x"}', b'[["url", "timestamp"], ["http://x/"]]',
        b'{"url": "http://x/", "timestamp": "20150102030405", "offset": "-1"}',
        b'{"url": "http://x/", "timestamp": "20150102030405", "length": "%s"}' % (b"9" * 5000),
    ],
)  # fmt: skip
def test_rows_that_are_not_captures_are_skipped(body):
    assert list(cdx.read_answer(body)) == []


def test_costly_answers_are_refused_with_the_reason():
    with pytest.raises(SourceError, match="nested too deep"):
        list(cdx.read_answer(b"[" * 100_000))
    with pytest.raises(SourceError, match="values in JSON"):
        list(cdx.read_answer(b"[" + b"[]," * MAX_JSON_VALUES + b"[]]"))
    with pytest.raises(SourceError, match=r"1e\+12 pages"):
        cdx.page_count(b'{"pages": 1000000000000}')
    with pytest.raises(SourceError, match="1001 indices"):
        cdx.indices_for(json.dumps([{}] * 1001).encode(), YEAR)
    assert cdx.page_count(b'{"pages": 10000}') == MAX_INDEX_PAGES
    assert cdx.page_count(b'{"pages": %s}' % (b"9" * 5000)) == 0


@given(st.binary(max_size=200), st.sampled_from([b"", b"[", b"{"]))
def test_no_answer_raises(noise, head):
    assert all(row.url.startswith("http") for row in cdx.read_answer(head + noise))
    with suppress(SourceError):
        assert cdx.page_count(head + noise) >= 0
    assert isinstance(cdx.indices_for(head + noise, YEAR), list)


@pytest.mark.parametrize(
    ("status", "mime", "page"),
    [
        ("200", "text/html", True),
        ("200", "text/html; charset=utf-8", True),
        ("200", "application/pdf", False),
        ("301", "text/html", False),
        ("-", "warc/revisit", False),
    ],
)
def test_only_html_with_status_200_is_a_page(status, mime, page):
    assert CdxRow("http://n.example/1", "20150102030405", status, mime, "").page is page


def test_a_query_names_a_domain_or_a_url_prefix():
    query = cdx.query("https://a.example/cdx", "n.example", YEAR, limit="5")
    assert query == (
        "https://a.example/cdx?url=n.example&matchType=domain&from=20150101000000&to=20151231235959&output=json"
        "&filter=statuscode%3A200&limit=5"
    )
    assert "url=n.example%2Fnews%2F&matchType=prefix" in cdx.query("https://a.example/cdx", "n.example/news/", YEAR)


def test_the_halves_of_a_period_cover_it_down_to_the_minimum_length():
    todo, whole = [YEAR], []
    while todo:
        period = todo.pop()
        halves = period.halves()
        if not halves:
            whole.append(period)
            continue
        assert (halves[0].first, halves[1].last) == (period.first, period.last)
        assert halves[1].first - halves[0].last == cdx.SECOND
        todo.append(halves[1])
    assert all(period.last - period.first <= cdx.MIN_PERIOD for period in whole)


def test_the_indices_of_a_period_are_chosen_by_their_dates():
    collections = [
        {"id": "CC-2014", "cdx-api": "https://i.example/2014", "from": "2014-01-01T00:00:00", "to": "2014-12-01T00:00:00"},
        {"id": "CC-2015", "cdx-api": "https://i.example/2015", "from": "2015-03-01T00:00:00", "to": "2015-03-09T00:00:00"},
        {"id": "CC-20xx", "cdx-api": "https://i.example/undated"},
        {"id": "CC-2016", "cdx-api": "https://i.example/2016", "from": "2016-01-01T00:00:00", "to": "2016-12-01T00:00:00"},
        {"id": "CC-none"},
    ]  # fmt: skip
    assert cdx.indices_for(json.dumps(collections).encode(), YEAR) == [
        "https://i.example/2015",
        "https://i.example/undated",
    ]


def test_replay_urls_of_a_pywb_server():
    template = cdx.raw_template("http://127.0.0.1:8080/coll/cdx")
    assert cdx.replay_address(template, ROW) == "http://127.0.0.1:8080/coll/20150102030405id_/http://n.example/1"
