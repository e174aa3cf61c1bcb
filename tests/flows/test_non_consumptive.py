"""Releases without running text, and the texts put back from captures, through the command line."""

import errno
import hashlib
import json
import os
import re
import shutil
from collections import Counter

import pyarrow.parquet as pq
import pytest

from flows import process as stages
from flows import rebuilt_release
from flows.cli import run
from storage.export.non_consumptive import FULL_SUMS_FILE, WORD, WORDS
from storage.export.wanted_texts import RUNNING_TEXT, SCHEMA
from storage.objects.directory import DirectoryStore
from tests.flows.making import put, site_page
from tests.flows.tables import Direct, context
from tests.site import manifest

PAGES = [page for page in manifest.pages() if page.documents][:16]


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A store with a release of each kind, and their folders."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.processing.table.Workers", Direct)
        folder = tmp_path_factory.mktemp("released")
        store = DirectoryStore(folder / "store")
        put(store, folder / "spool", "run", (site_page(one.outlet, one.path) for one in PAGES), records=8)
        stages.process(context(store, batch_captures=8))
        assert run(["release", "latest", "full", "--no-prefect", "--store", store.url]) == 0
        assert run(["release", "latest", "words", "--non-consumptive", "--no-prefect", "--store", store.url]) == 0
    return store, *(folder / "store" / "releases" / name for name in ("full", "words"))


@pytest.fixture(autouse=True)
def direct(monkeypatch):
    monkeypatch.setattr(rebuilt_release, "Workers", Direct)


def files(release, pattern):
    return sorted(release.glob(f"*/{pattern}"))


def table(release, pattern):
    return pq.read_table(files(release, pattern)[0]).to_pylist()


def test_a_release_without_texts_holds_no_sentence_and_counts_words(released):
    _, full, words = released
    whole, bare = table(full, "documents-*.parquet"), table(words, "documents-*.parquet")
    assert len(whole) == len(bare) > 5
    for one, other in zip(whole, bare, strict=True):
        assert {name: other[name] for name in RUNNING_TEXT} == dict.fromkeys(RUNNING_TEXT)
        kept = one.keys() - set(RUNNING_TEXT)
        assert {name: one[name] for name in kept} == {name: other[name] for name in kept}
    counted = {(row["document_id"], row["word"]): row["count"] for row in table(words, WORDS)}
    for one in whole:
        own = Counter(WORD.findall(one["text"].casefold()))
        assert own == Counter({word: count for (doc, word), count in counted.items() if doc == one["document_id"]})
    content = b"".join(path.read_bytes() for path in words.rglob("*") if path.is_file() and path.suffix != ".parquet")
    for one in whole:
        assert one["text"].split("\n\n")[0][:60].encode() not in content
    card = files(words, "README.md")[0].read_text("utf-8")
    assert "without their texts" in card
    assert "--from-release" in card
    assert WORDS in card
    assert "as clean text" in files(full, "README.md")[0].read_text("utf-8")


def test_the_texts_come_back_byte_for_byte(released, tmp_path, capsys):
    store, full, words = released
    out = tmp_path / "texts"
    before = {info.key for info in store.list("")}
    assert run(["rebuild", "--from-release", str(words), "--to", str(out), "--store", store.url]) == 0
    assert "byte for byte" in capsys.readouterr().out
    for path in files(full, "documents-*.parquet"):
        assert (out / path.name).read_bytes() == path.read_bytes()
    listed = files(words, FULL_SUMS_FILE)[0].read_text("utf-8").split()
    assert listed[0] == hashlib.sha256((out / listed[1]).read_bytes()).hexdigest()
    assert {info.key for info in store.list("")} == before


def test_what_the_captures_do_not_give_is_named_and_stays_empty(released, tmp_path, capsys):
    _, _, words = released
    store = DirectoryStore(tmp_path / "other")  # only half of the pages, fetched by another run
    put(store, tmp_path / "spool", "again", (site_page(one.outlet, one.path) for one in PAGES[::2]), records=8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.processing.table.Workers", Direct)
        stages.process(context(store))
    out = tmp_path / "texts"
    assert run(["rebuild", "--from-release", str(words), "--to", str(out), "--json", "--store", store.url]) == 1
    report = json.loads(capsys.readouterr().out)
    rows = pq.read_table(out).to_pylist()
    there = [row for row in rows if row["text"] is not None]
    assert 0 < len(there) == report["rebuilt"] < report["documents"] == len(rows)
    assert {row["url"] for row in rows if row["text"] is None} == {*report["missing"], *report["other"]}
    assert not report["ok"]
    assert not report["same_files"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--from-release", "{full}", "--to", "{new}"], "no non-consumptive release"),
        (["--from-release", "{words}"], "belong together"),
        (["--from-release", "{words}", "--to", "{full}"], "exists already"),
        (["--from-release", "{words}", "--to", "{new}", "--compare"], "changes nothing in the store"),
        (["--from-release", "{new}/none", "--to", "{new}"], "no non-consumptive release"),
    ],
)
def test_what_cannot_be_rebuilt_is_refused(released, tmp_path, capsys, words, said):
    store, full, bare = released
    places = {"full": full, "words": bare, "new": tmp_path / "new"}
    assert run(["rebuild", *(word.format(**places) for word in words), "--store", store.url]) != 0
    assert said in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "new").exists()


def full_disk(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    "place_and_full",
    [
        ("storage.export.wanted_texts.SCHEMA", f"PRAGMA max_page_count = 3; {SCHEMA}"),
        ("storage.export.non_consumptive.put_texts_back", full_disk),
    ],
)
def test_a_full_disk_is_named_and_leaves_nothing(released, tmp_path, capsys, monkeypatch, place_and_full):
    store, _, words = released
    monkeypatch.setattr(*place_and_full)
    assert run(["rebuild", "--from-release", str(words), "--to", str(tmp_path / "new"), "--store", store.url]) == 1
    assert re.search("cannot write .*(is full|No space left)", " ".join(capsys.readouterr().err.split()))
    assert list(tmp_path.iterdir()) == []


def test_damage_is_named_and_a_file_that_is_no_release_is_refused(released, tmp_path, capsys):
    store, _, words = released
    harmed = DirectoryStore(tmp_path / "harmed")
    for info in store.list(""):
        harmed.put(info.key, store.get(info.key))
    key = min(info.key for info in store.list("captures/"))
    harmed.put(key, store.get(key)[:-400])
    command = ["rebuild", "--from-release", str(words), "--store", harmed.url, "--to"]
    assert run([*command, str(tmp_path / "texts")]) == 1
    assert f"{key} is lost or damaged" in capsys.readouterr().out
    copied = tmp_path / "copied"
    shutil.copytree(files(words, FULL_SUMS_FILE)[0].parent, copied)
    command[2] = str(copied)
    (copied / "documents-00000.parquet").write_bytes((copied / WORDS).read_bytes())
    assert run([*command, str(tmp_path / "one")]) == 1
    assert "does not have the columns" in capsys.readouterr().err
    (copied / FULL_SUMS_FILE).write_text(f"{'0' * 64}  ../documents-00000.parquet\n")
    assert run([*command, str(tmp_path / "two")]) != 0
    assert "is no list of checksums" in capsys.readouterr().err
    assert not (tmp_path / "one").exists()
