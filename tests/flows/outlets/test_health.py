"""Health of outlets: held, silent, quiet, new or good, and the release of a quarantined run."""

import json
from datetime import date, timedelta

import pytest

from flows import cli
from flows import process as stages
from flows.outlets import health
from flows.outlets.health import OutletCondition
from spiders.outlets import load
from storage import quarantine
from storage.objects.directory import DirectoryStore
from storage.tables import packs
from storage.tables.state import State
from tests.flows.processing.test_quarantine import NEW, after_first_run, begun, crawl, page, urls  # noqa: F401  fixtures
from tests.flows.tables import Direct, context

TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def direct(monkeypatch):
    monkeypatch.setattr("flows.processing.table.Workers", Direct)


@pytest.fixture
def store(tmp_path):
    return DirectoryStore(tmp_path / "store")


def state(store, *lines: tuple[str, int, str, dict[str, float]]) -> State:
    """A table `health` with these lines: outlet, days ago, run, measures."""
    rows = [
        {"outlet": outlet, "day": TODAY - timedelta(days=ago), "run": run, "measure": measure, "value": float(value)}
        for outlet, ago, run, measures in lines
        for measure, value in measures.items()
    ]
    return State(files={"health": {ref.sha256: ref for ref in packs.write(store, "health", rows)}})


def of(store, *lines, name="tengrinews"):
    found = health.read(store, state(store, *lines), {name: load()[name]}, TODAY)
    return {one.name: one for one in found}[name]


def test_an_outlet_that_was_never_fetched_is_new(store):
    assert of(store).condition is OutletCondition.NEW


def test_an_outlet_that_publishes_is_good(store):
    found = of(store, ("tengrinews", 1, "a", {"sources": 3, "asked": 40, "kept": 3, "documents": 38, "titled": 38}))
    assert found.condition is OutletCondition.GOOD
    assert found.week["asked"] == 40
    assert found.share("titled") == 1.0
    assert found.share("dated") == 0.0


def test_an_outlet_without_new_articles_for_too_long_is_quiet(store):
    lines = ("tengrinews", 10, "a", {"sources": 3, "documents": 38}), ("tengrinews", 0, "b", {"sources": 3})
    assert of(store, *lines).condition is OutletCondition.QUIET
    assert of(store, *lines).why == f"no article since {TODAY - timedelta(days=10)}"


def test_the_time_until_quiet_depends_on_the_expected_articles(store):
    lines = ("turantoday", 6, "a", {"sources": 1, "documents": 1}), ("turantoday", 0, "b", {"sources": 1})
    assert of(store, *lines, name="turantoday").condition is OutletCondition.GOOD  # one article a day


def test_an_outlet_that_was_not_fetched_meanwhile_is_not_quiet(store):
    assert of(store, ("tengrinews", 10, "a", {"sources": 3, "documents": 38})).condition is OutletCondition.GOOD


def test_an_outlet_none_of_whose_sources_answers_is_silent(store):
    lines = ("tengrinews", 1, "a", {"sources": 3, "documents": 38}), ("tengrinews", 0, "b", {"sources_failed": 3})
    assert of(store, *lines).condition is OutletCondition.SILENT
    some = ("tengrinews", 0, "b", {"sources_failed": 2, "sources": 1})
    assert of(store, lines[0], some).condition is OutletCondition.GOOD


def test_a_quarantined_run_outranks_all_other_conditions(store):
    quarantine.change(
        store, lambda _: {("tengrinews", "b"): quarantine.QuarantineMark("tengrinews", "b", ("dated: 0%",), "r")}
    )
    found = of(store, ("tengrinews", 0, "b", {"sources_failed": 3}))
    assert found.condition is OutletCondition.HELD
    assert "dated: 0%" in found.why


def test_a_quarantined_run_is_listed_released_and_processed(request, tmp_path, capfd):
    store = request.getfixturevalue("begun")
    new = [page("steppe.example", n, NEW, 1) for n in range(30, 38)]
    crawl(store, tmp_path, "two", *new)
    at = ["--store", store.url]
    assert cli.run(["outlets", "list", "--ill", "--json", *at]) == 1
    (listed,) = json.loads(capfd.readouterr().out)
    assert (listed["name"], listed["condition"], listed["held"][0]["run"]) == ("steppe.example", "held", "two")
    assert cli.run(["outlets", "steppe.example", "vlast", *at]) == 0  # also a site without a file
    table = capfd.readouterr().out
    assert "held" in table
    assert "last article" in table
    assert "waiting" not in table  # a column that has nothing
    assert cli.run(["outlets", "release", "steppe.example", "three", *at]) == 2
    assert "run 'three' of steppe.example is not in quarantine; in quarantine: two" in capfd.readouterr().err
    assert cli.run(["outlets", "release", "steppe.example", *at]) == 0
    stages.process(context(store))
    assert {one.url for one in new} <= urls(store)
    assert cli.run(["outlets", "release", "steppe.example", *at]) == 2
    assert cli.run(["outlets", "list", "--ill", *at]) == 0
