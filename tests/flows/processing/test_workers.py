"""The worker pool: a hostile page costs only its own result."""

import os
import subprocess
import sys
from array import array
from pathlib import Path

import pytest

from articles.errors import IrtyshError
from articles.model import Reason
from articles.pipeline import extractor_key
from articles.profile import sealed
from articles.site import PLAIN, Profile, Selectors, Site, folded_line
from flows.processing import workers
from flows.processing.workers import READER_FAILED, Workers
from tests.flows import stumbling
from tests.flows.making import article, capture
from tests.stumbling import DIE, EAT, HANG, SPIN, STUMBLE


def no_file(spec):
    return ""


@pytest.fixture
def pool():
    found = Workers(no_file, count=1)
    yield found
    found.close(at_once=True)


def pages(*marks):
    """Pages for two chunks and one more, some of them with a mark."""
    return [
        capture(f"http://steppe.example/{number}", article(f"Wagon {number}") + dict(marks).get(number, b""), number)
        for number in range(2 * workers.MAX_CHUNK_CAPTURES + 1)
    ]


def test_results_come_in_the_order_of_the_captures(pool):
    found = list(pool.read(iter(pages())))
    assert [one.fetch.url for one in found] == [one.url for one in pages()]
    assert all(one.rows and not one.fetch.reason for one in found)


def test_each_page_is_extracted_with_the_rules_of_its_site():
    creed = (
        "The Monitor is written by people who have crossed the river at every season and have the boots to prove it."
    )
    known = Site(
        Selectors(strip=(".boots",)), sealed(Profile(9, {folded_line(creed): 9}, array("Q", range(1, 100_000))))
    )
    tail = f"<p>{creed}</p><p class='boots'>Boots of the editorial staff are for sale at the door of the ferry.</p>"
    html = article("Wagons").replace(b"</article>", tail.encode() + b"</article>")
    captures = [capture(f"http://{host}.example/{number}", html, number) for number in range(3) for host in ("a", "b")]
    found = Workers(no_file, 1, lambda one: known if "//a." in one.url else PLAIN)
    try:
        readings = list(found.read(captures))
    finally:
        found.close()
    removed = [[row.rule for row in one.removals if row.rule.startswith(("site:", "outlet:"))] for one in readings]
    assert removed == [["site:line 9 of 9", "outlet:strip .boots"], []] * 3
    rules = [one.fetch.extractor for one in readings]
    assert rules == [extractor_key(captures[0], known), extractor_key(captures[1])] * 3


@pytest.mark.parametrize(
    ("mark", "patience", "says"),
    [
        (HANG, 3, "took over 3 s by the clock"),
        (SPIN, 60, "took over 1 s of processor time"),
        (DIE, 60, "ended the process"),
        (EAT, 60, "took over 500 MB of memory"),
    ],
)
def test_a_page_that_hangs_or_kills_its_worker_costs_no_other_page(pool, monkeypatch, mark, patience, says):
    monkeypatch.setattr(workers, "read_chunk", stumbling.read_chunk)
    monkeypatch.setattr(workers, "MAX_PAGE_CPU_SECONDS", 1.0)
    monkeypatch.setattr(workers, "CLOCK_FACTOR", patience)
    monkeypatch.setattr(workers, "MAX_CHUNK_CAPTURES", 2)
    hostile = 3
    found = list(pool.read(pages((hostile, mark))))
    assert [one.fetch.url for one in found] == [one.url for one in pages()]
    refused = found.pop(hostile)
    assert refused.fetch.reason == Reason.TOO_COSTLY
    assert says in refused.fetch.detail
    assert not refused.rows
    assert {one.fetch.reason for one in found} == {""}


def test_a_page_on_which_our_code_raises_an_error_costs_no_other_page(pool, monkeypatch):
    monkeypatch.setattr(workers, "read_chunk", stumbling.read_chunk)
    found = list(pool.read(pages((3, STUMBLE))))
    refused = found.pop(3)
    assert refused.fetch.reason == Reason.UNREADABLE
    assert refused.fetch.detail == f"{READER_FAILED}: LookupError: an address that is none"
    assert {one.fetch.reason for one in found} == {""}


def test_workers_that_cannot_start_end_the_run_with_an_error(pool, monkeypatch):
    monkeypatch.setattr(workers, "_start_worker", stumbling.exit_at_once)
    with pytest.raises(IrtyshError, match="end before they start working"):
        list(pool.read(pages()[:1]))


def test_captures_are_read_only_a_few_chunks_ahead(pool):
    taken = 0

    def counted():
        nonlocal taken
        for one in [capture(number=number) for number in range(20 * workers.MAX_CHUNK_CAPTURES)]:
            taken += 1
            yield one

    stream = pool.read(counted())
    next(stream)
    assert taken == workers.CHUNKS_PER_WORKER * workers.MAX_CHUNK_CAPTURES
    stream.close()


def test_workers_run_the_code_of_their_parent_whatever_the_current_folder_holds(tmp_path):
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "__init__.py").write_text("raise SystemExit('somebody else calls a package flows too')\n")
    program = (
        "import sys\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from tests.flows.making import article, capture\n"
        "from flows.processing.workers import Workers\n"
        "pool = Workers(lambda spec: '', count=1)\n"
        "print(len(next(pool.read([capture(body=article('Wagons'))])).rows))\n"
        "pool.close()\n"
    )
    command = [sys.executable, "-P", "-c", program, str(Path(__file__).parents[3])]
    environment = {**os.environ, "PYTHONPATH": "."}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("1\n", 0), done.stderr
