"""Past fetches of an outlet: the same rows with and without an index, and few packs read."""

from dataclasses import replace
from datetime import timedelta

import pytest

from flows.outlets import past_fetches
from flows.outlets.past_fetches import PastFetches
from storage.objects.directory import DirectoryStore
from storage.tables import packs
from storage.tables.file_ref import FileRef
from storage.tables.log import CommitDraft
from storage.tables.schemas import SCHEMAS
from tests.flows.making import NOON
from tests.flows.tables import log_of

OUTLETS = ("one", "other")


def row(outlet: str, number: int) -> dict:
    usual = {field.name: None for field in SCHEMAS["fetches"]}
    return {
        **usual, "outlet": outlet, "url": f"https://{outlet}.example/{number}", "fetched": NOON + timedelta(minutes=number),
        "status": 200, "reason": "", "rows": [], "purpose": "page", "capture_key": f"captures/{outlet}/{number}",
        "capture_offset": number,
    }  # fmt: skip


def commit(log, number: int, **more) -> None:
    files = tuple(packs.write(log.store, "fetches", [row(outlet, number) for outlet in OUTLETS]))
    draft = CommitDraft(
        base=log.state().number, operation="process", run="r", batch="", code="c", config_sha256="", captures=frozenset(),
        add=files, replaces=False, counts={},
    )  # fmt: skip
    log.append(replace(draft, **more), lambda state: replace(draft, base=state.number))


@pytest.fixture
def log(directory_store, monkeypatch):
    monkeypatch.setattr(past_fetches, "MIN_READ_ROWS", 4)
    made = log_of(directory_store)
    for number in range(3):
        commit(made, number)
    return made


def noted(monkeypatch) -> list[FileRef]:
    """Return the packs that are read from now on."""
    read: list[FileRef] = []
    reading = packs.read

    def note(store, ref, columns=None):
        read.append(ref)
        return reading(store, ref, columns)

    monkeypatch.setattr(packs, "read", note)
    return read


def urls(store, outlet="one") -> list[str]:
    return sorted(PastFetches(store).rows(outlet)["url"].to_pylist())


def wanted(*numbers: int) -> list[str]:
    return [f"https://one.example/{number}" for number in numbers]


def test_after_an_index_only_the_packs_of_later_commits_are_read(log, directory_store: DirectoryStore, monkeypatch):
    assert urls(directory_store) == wanted(0, 1, 2)
    assert [found.key for found in directory_store.list("index/fetches/")] == [f"index/fetches/one/{2:020}.parquet"]
    commit(log, 3)
    read = noted(monkeypatch)
    assert urls(directory_store) == wanted(0, 1, 2, 3)
    assert len(read) == 1
    assert urls(directory_store, "unknown") == []


def test_an_index_that_grew_old_is_written_again_and_the_old_one_is_deleted(log, directory_store):
    urls(directory_store)
    for number in (3, 4):
        commit(log, number)
    assert urls(directory_store) == wanted(0, 1, 2, 3, 4)
    assert [found.key for found in directory_store.list("index/fetches/one/")] == [f"index/fetches/one/{4:020}.parquet"]


def test_a_rebuild_or_a_damaged_index_makes_all_packs_be_read(log, directory_store):
    urls(directory_store)
    commit(log, 7, replaces=True)
    assert urls(directory_store) == wanted(7)
    (index,) = directory_store.list("index/fetches/one/")
    directory_store.put(index.key, b"damaged")
    assert urls(directory_store) == wanted(7)


def test_several_outlets_share_what_was_read(log, directory_store, monkeypatch):
    read = noted(monkeypatch)
    past = PastFetches(directory_store)
    assert [past.rows(outlet).num_rows for outlet in OUTLETS] == [3, 3]
    assert len(read) == 3
