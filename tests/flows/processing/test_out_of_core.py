"""Joins out of core find the same pairs as the index in memory."""

from pathlib import Path

import numpy as np
import pytest

from articles.links import duplicates
from articles.links.duplicate_index import DuplicateEntry, DuplicateIndex
from articles.links.fingerprint import sketch
from articles.links.pair_budget import PairBudget
from flows import process as stages
from flows.processing.batch import DUPLICATE_KINDS
from flows.processing.out_of_core import links, with_blocks, with_dask, with_duckdb
from storage.tables import packs
from storage.tables import rows as table_rows
from storage.tables.state import State
from tests.flows.making import put, site_page
from tests.flows.tables import Direct, context, log_of, rows
from tests.site import manifest

ROWS = 3_000
VOCABULARY = np.array([f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in ("n", "r", "st", "ma", "lo")])


def corpus():
    """Texts of many lengths; one in three is a copy, an excerpt or an extension of an earlier one."""
    rng = np.random.default_rng(1)
    texts: list[str] = []
    for number in range(ROWS):
        words = rng.choice(VOCABULARY, int(rng.choice([3, 12, 40, 80, 200, 500])))
        if number % 3 == 0 and number:
            words = np.array(texts[rng.integers(number)].split())
            words[rng.random(len(words)) < rng.choice([0.0, 0.05, 0.1])] = "edit"
            words = np.concatenate([words[: int(len(words) * rng.choice([0.3, 0.8, 1.0]))], rng.choice(VOCABULARY, 20)])
        texts.append(" ".join(words.tolist()))
    return texts


@pytest.fixture(scope="module")
def sketched(tmp_path_factory):
    """A store with the sketches of the corpus in several packs, and the pairs that the index finds."""
    from storage.objects.directory import DirectoryStore  # noqa: PLC0415

    store = DirectoryStore(tmp_path_factory.mktemp("out-of-core") / "store")
    entries = [DuplicateEntry(f"{n:032x}", f"{n:016x}", "", f"{n}", sketch(text)) for n, text in enumerate(corpus())]
    refs = [
        ref
        for first in range(0, ROWS, 500)
        for ref in packs.write(
            store, "sketches", [table_rows.sketch_row(one.row_id, one.sketch) for one in entries[first : first + 500]]
        )
    ]
    index = DuplicateIndex()
    index.add(entries)
    found = sorted(
        tuple(sorted((index.row_ids[a], index.row_ids[b]))) for pairs in index.pairs(0, PairBudget()) for a, b in pairs
    )
    assert len(found) > 900
    return store, State(files={"sketches": {ref.sha256: ref for ref in refs}}), found


def test_duckdb_finds_the_same_pairs(sketched, tmp_path):
    store, state, expected = sketched
    paths = [Path(store.url) / ref.key for ref in state.live("sketches")]
    assert with_duckdb(paths, scratch=tmp_path, memory="200MB") == expected


@pytest.mark.parametrize("block", [1, 1_100, ROWS])
def test_blocks_find_the_same_pairs(sketched, block):
    store, state, expected = sketched
    assert with_blocks(store, state, block) == expected


def test_dask_finds_the_same_pairs(sketched):
    store, state, expected = sketched
    assert with_dask(store, state, 1_100, scheduler="threads", num_workers=2) == expected


def test_an_empty_table_has_no_pairs(directory_store, tmp_path):
    assert with_blocks(directory_store, State()) == []
    assert links(directory_store, State(), [], PairBudget()) == []


def test_links_are_those_that_processing_made(directory_store, tmp_path, monkeypatch):
    monkeypatch.setattr("flows.processing.table.Workers", Direct)
    pages = [page for page in manifest.pages() if page.documents][:40]
    put(directory_store, tmp_path / "spool", "run", (site_page(one.outlet, one.path) for one in pages), records=10)
    stages.process(context(directory_store, batch_captures=10))
    state = log_of(directory_store).state()
    stored = [one for one in map(table_rows.link_of, rows(directory_store, "links")) if one.kind in DUPLICATE_KINDS]
    assert len(stored) > 1
    found = links(directory_store, state, with_blocks(directory_store, state, 4), PairBudget())
    assert found == sorted(stored, key=lambda one: (one.a, one.b))
    assert duplicates.settle([], lambda _: {}, PairBudget()) == []
