"""`irtysh pull` as a command: the form by the name, and a word where nothing fits."""

import json

import pytest

from flows import cli
from flows import process as stages
from storage.objects.directory import DirectoryStore
from tests.flows.processing.test_quarantine import OLD, crawl, page
from tests.flows.tables import Direct


@pytest.fixture
def at(tmp_path, monkeypatch):
    monkeypatch.setattr(stages, "Workers", Direct)
    store = DirectoryStore(tmp_path / "store")
    crawl(store, tmp_path, "one", page("steppe.example", 1, OLD, 0))
    return ["--store", store.url]


def test_a_file_that_ends_in_jsonl_is_one_of_json_lines(at, tmp_path, capfd):
    assert cli.run(["pull", str(tmp_path / "all.jsonl"), *at]) == 0
    (line,) = (tmp_path / "all.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["lang"] == "en"
    assert cli.run(["pull", str(tmp_path / "as-told.jsonl"), "--format", "parquet", *at]) == 0
    assert (tmp_path / "as-told.jsonl").is_dir()
    capfd.readouterr()


def test_where_nothing_fits_that_is_said(at, tmp_path, capfd):
    assert cli.run(["pull", str(tmp_path / "none.jsonl"), "--lang", "xx", *at]) == 0
    assert "nothing in the snapshot fits" in capfd.readouterr().err
    assert cli.run(["bitext", str(tmp_path / "none.tmx"), "--pair", "xx-yy", *at]) == 0
    assert "no translation in the snapshot joins xx and yy" in capfd.readouterr().err
