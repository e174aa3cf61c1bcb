"""A page may cost its own reading, and nothing else."""

import pytest

from articles.errors import IrtyshError
from articles.model import Reason
from flows import workers
from flows.workers import READER_FAILED, Workers
from tests.flows import stumbling
from tests.flows.making import article, capture


def no_file(spec):
    return ""


@pytest.fixture
def pool():
    found = Workers(no_file, count=1)
    yield found
    found.close(at_once=True)


def pages(*marks):
    """As many pages as it takes for two chunks and a bit, some of them marked."""
    return [
        capture(f"http://steppe.example/{number}", article(f"Wagon {number}") + dict(marks).get(number, b""), number)
        for number in range(2 * workers.CHUNK + 1)
    ]


def test_readings_come_in_the_order_of_the_captures(pool):
    found = list(pool.read(iter(pages())))
    assert [one.fetch.url for one in found] == [one.url for one in pages()]
    assert all(one.rows and not one.fetch.reason for one in found)


@pytest.mark.parametrize(
    ("mark", "patience", "says"),
    [
        (stumbling.HANG, 3, "took over 3 s by the clock"),
        (stumbling.SPIN, 60, "took over 1 s of processor time"),
        (stumbling.DIE, 60, "ended the process"),
        (stumbling.EAT, 60, "took over 500 MB of memory"),
    ],
)
def test_a_page_that_hangs_kills_or_eats_its_reader_costs_nothing_else(pool, monkeypatch, mark, patience, says):
    monkeypatch.setattr(workers, "read_chunk", stumbling.read_chunk)
    monkeypatch.setattr(workers, "PAGE_SECONDS", 1.0)
    monkeypatch.setattr(workers, "PATIENCE", patience)
    monkeypatch.setattr(workers, "CHUNK", 2)
    hostile = 3
    found = list(pool.read(pages((hostile, mark))))
    assert [one.fetch.url for one in found] == [one.url for one in pages()]
    refused = found.pop(hostile)
    assert refused.fetch.reason == Reason.TOO_COSTLY
    assert says in refused.fetch.detail
    assert not refused.rows
    assert {one.fetch.reason for one in found} == {""}


def test_a_page_over_which_our_own_code_stumbles_is_named_and_costs_nothing_else(pool, monkeypatch):
    monkeypatch.setattr(workers, "read_chunk", stumbling.read_chunk)
    found = list(pool.read(pages((3, stumbling.STUMBLE))))
    refused = found.pop(3)
    assert refused.fetch.reason == Reason.UNREADABLE
    assert refused.fetch.detail == f"{READER_FAILED}: LookupError: an address that is none"
    assert {one.fetch.reason for one in found} == {""}


def test_processes_that_cannot_even_begin_end_the_run_in_words(pool, monkeypatch):
    monkeypatch.setattr(workers, "_begin", stumbling.give_up)
    with pytest.raises(IrtyshError, match="end before they have begun"):
        list(pool.read(pages()[:1]))


def test_captures_are_taken_no_further_than_a_few_chunks_ahead(pool):
    taken = 0

    def counted():
        nonlocal taken
        for one in [capture(number=number) for number in range(20 * workers.CHUNK)]:
            taken += 1
            yield one

    stream = pool.read(counted())
    next(stream)
    assert taken == workers.AHEAD * workers.CHUNK
    stream.close()
