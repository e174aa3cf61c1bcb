"""`irtysh pull`: the format follows from the name of the file, and an empty result is reported."""

import json

import pytest

from flows import cli
from flows import process as stages
from storage.objects.directory import DirectoryStore
from tests.flows.processing.test_quarantine import OLD, crawl, page
from tests.flows.tables import Direct


@pytest.fixture
def store_option(tmp_path, monkeypatch):
    monkeypatch.setattr(stages, "Workers", Direct)
    store = DirectoryStore(tmp_path / "store")
    crawl(store, tmp_path, "one", page("steppe.example", 1, OLD, 0))
    return ["--store", store.url]


def test_a_name_that_ends_in_jsonl_gives_json_lines(store_option, tmp_path, capfd):
    assert cli.run(["pull", str(tmp_path / "all.jsonl"), *store_option]) == 0
    (line,) = (tmp_path / "all.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["lang"] == "en"
    assert cli.run(["pull", str(tmp_path / "as-told.jsonl"), "--format", "parquet", *store_option]) == 0
    assert (tmp_path / "as-told.jsonl").is_dir()
    capfd.readouterr()


def test_an_empty_result_is_reported(store_option, tmp_path, capfd):
    assert cli.run(["pull", str(tmp_path / "none.jsonl"), "--lang", "xx", *store_option]) == 0
    assert "no document of the snapshot matches" in capfd.readouterr().err
    assert cli.run(["bitext", str(tmp_path / "none.tmx"), "--pair", "xx-yy", *store_option]) == 0
    assert "the snapshot links no translation between xx and yy" in capfd.readouterr().err
