"""Pages and sources that `outlets new`, `outlets check`, `learn` and `explain` read cost only themselves."""

import pytest

from articles.model import Reason
from articles.site import PLAIN, Selectors
from flows.processing import limited_pages
from flows.processing.limited_pages import MAX_LINKS, PageLinks, PageReader
from storage.captures.limited_process import EndedError
from tests.flows import stumbling
from tests.flows.making import SENTENCES, article, capture
from tests.stumbling import DIE, EAT, SPIN

FEED = b"<rss><channel><item><link>http://steppe.example/a</link></item></channel></rss>"


@pytest.fixture(scope="module")
def reader():
    with PageReader() as found:
        yield found


def test_a_page_is_read_as_processing_reads_it(reader):
    page = capture(body=article("A ferry", head='<link rel="canonical" href="http://steppe.example/b">'))
    outcome = reader.outcome(page)
    assert [document.title for document in outcome.documents] == ["A ferry"]
    assert reader.explanation(page, PLAIN).outcome == outcome
    assert reader.stated_addresses(page)[0] == "http://steppe.example/b"
    lines = reader.lines(page, Selectors())
    assert lines is not None
    assert len(lines.kept) == len(SENTENCES)


def test_links_and_entries_are_those_of_the_page(reader):
    page = capture(
        body=article("A ferry", '<a href="/1">one</a>', head='<link href="/feed" type="application/rss+xml">')
    )
    assert reader.links(page) == PageLinks(("/1",), (("/feed", "application/rss+xml"),))
    assert [entry.url for entry in reader.entries(capture(body=FEED), 10)] == ["http://steppe.example/a"]


def test_only_the_first_links_are_read(reader):
    links = [f'<p><a href="/{number}">x</a></p>' for number in range(MAX_LINKS + 5)]
    page = capture(body=article("A list", f'<a href="/{"x" * 3_000}">x</a>', *links))
    assert reader.links(page) == PageLinks(tuple(f"/{number}" for number in range(MAX_LINKS)))
    assert reader.links(capture(body=b"<p>" * 200_000)) == PageLinks()


@pytest.mark.parametrize(
    ("mark", "why"),
    [
        (SPIN, "reading took over 5 s of processor time"),
        (EAT, "reading took over 500 MB of memory"),
        (DIE, "reading ended the process, as too little memory does"),
    ],
)
def test_a_page_that_reaches_a_limit_is_refused_and_the_next_one_is_read(reader, monkeypatch, mark, why):
    monkeypatch.setattr(limited_pages, "send_outcome", stumbling.send_outcome)
    monkeypatch.setattr(limited_pages, "send_explanation", stumbling.send_explanation)
    poison, sound = capture(body=article("Poison") + mark), capture(body=article("Sound"))
    outcome = reader.outcome(poison)
    assert (outcome.reason, outcome.detail) == (Reason.TOO_COSTLY, why)
    assert len(reader.outcome(sound).documents) == 1
    if mark == DIE:
        assert reader.explanation(poison, PLAIN).outcome.reason is Reason.TOO_COSTLY


def test_a_source_that_reaches_a_limit_is_an_error_that_says_so(reader, monkeypatch):
    monkeypatch.setattr(limited_pages, "send_entries", stumbling.send_entries)
    with pytest.raises(EndedError, match="ended the process"):
        reader.entries(capture(body=FEED + DIE), 10)
    assert len(reader.entries(capture(body=FEED), 10)) == 1
