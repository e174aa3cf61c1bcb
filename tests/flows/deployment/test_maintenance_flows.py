"""The flow that joins small files, without a server."""

import pytest

from flows import process as stages
from flows.deployment.maintenance_flows import optimize
from storage.objects.directory import DirectoryStore
from tests.flows.making import Seen, article, put
from tests.flows.tables import Direct, context, log_of, rows


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setattr("flows.processing.table.Workers", Direct)
    return DirectoryStore(tmp_path / "store")


def test_optimize_joins_the_files_of_small_runs_once(store, tmp_path):
    assert optimize.fn(store=store.url).message.endswith("is empty: there is nothing to join.")
    for number in range(3):
        seen = Seen(f"http://steppe.example/{number}", article(f"The bridge, part {number}"), hour=number)
        put(store, tmp_path / "spool", f"r{number}", [seen])
        stages.process(context(store))
    before = sorted(row["row_id"] for row in rows(store, "documents", "row_id"))
    state = optimize.fn(store=store.url)
    assert state.is_completed()
    assert state.message.endswith("in snapshot 3.")
    assert sorted(row["row_id"] for row in rows(store, "documents", "row_id")) == before
    assert len(log_of(store).state().live("documents")) == 1
    assert optimize.fn(store=store.url).message.startswith("There is nothing to join")
