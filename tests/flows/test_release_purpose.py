"""A release for a purpose holds no document whose publisher reserves that purpose."""

import json

import pyarrow.parquet as pq
import pytest

from articles.errors import CorruptError
from articles.metadata.reservations import Use, reservation
from flows import cli, release
from flows import process as stages
from storage.objects.directory import DirectoryStore
from storage.tables.log_reader import LogReader
from storage.tables.rows import rights_of
from tests.flows.making import HTML, Seen, article, put
from tests.flows.tables import Direct, context
from tests.site import bulk

NAMES = ("free", "mined", "trained", "archived", "later")


def story(name: str, *headers: tuple[str, str], hour: int = 0, head: str = "") -> Seen:
    made = bulk.article(NAMES.index(name) * 20)  # English, and unlike the others
    body = article(made.title, *made.paragraphs, head=head)
    return Seen(f"http://steppe.example/{name}", body, headers=(*HTML, *headers), hour=hour)


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setattr("flows.processing.table.Workers", Direct)
    store = DirectoryStore(tmp_path / "store")
    first = [
        story("free"),
        story("mined", ("tdm-reservation", "1")),
        story("trained", head='<meta name="robots" content="noai">'),
        story("archived", ("X-Robots-Tag", "noarchive")),
        story("later"),
    ]
    put(store, tmp_path / "spool", "one", first)
    put(store, tmp_path / "spool", "two", [story("later", ("Content-Usage", "train-ai=n"), hour=30)])
    stages.process(context(store))
    return store


def published(store, tmp_path, name, *options):
    assert cli.run(["release", "latest", name, *options, "--store", store.url]) == 0
    (folder,) = {
        line.split("  ")[1].split("/")[0] for line in store.get(f"releases/{name}/SHA256SUMS").decode().splitlines()
    }
    prefix = f"releases/{name}/{folder}/"
    rows = []
    for found in store.list(prefix):
        if "/documents-" in found.key:  # the other tables of a release have no texts
            path = tmp_path / "read.parquet"
            store.download(found.key, path)
            rows += pq.read_table(path, columns=["url", "rights"]).to_pylist()
    return rows, store.get(f"{prefix}README.md").decode(), json.loads(store.get(f"{prefix}croissant.json"))


EXPECTED = {
    "archive": {"free", "mined", "trained", "later"},
    "research": {"free", "trained", "later"},
    "training": {"free"},
}


@pytest.mark.parametrize("purpose", EXPECTED)
def test_no_reserved_document_is_in_a_release_for_a_purpose(store, tmp_path, purpose):
    rows, card, croissant = published(store, tmp_path, "made", "--purpose", purpose)
    assert {row["url"].rpartition("/")[2] for row in rows} == EXPECTED[purpose]
    assert not [row for row in rows if reservation(rights_of(row["rights"]), Use(purpose))]
    assert f"No document in this data set is reserved against {purpose}" in card
    assert f"{5 - len(EXPECTED[purpose])} documents of the snapshot are left out" in croissant["usageInfo"]


def test_a_release_without_a_purpose_holds_all_and_states_nothing(store, tmp_path):
    rows, card, croissant = published(store, tmp_path, "whole")
    assert len(rows) == 5
    assert "reserved against" not in card
    assert "usageInfo" not in croissant


def test_a_release_is_refused_if_a_reserved_document_has_got_into_its_files(store, tmp_path, monkeypatch):
    monkeypatch.setattr("storage.export.pull.reserved_documents", lambda *_: {})
    with pytest.raises(CorruptError, match="is reserved against training"):
        published_directly(store)
    assert not [found.key for found in store.list("releases/") if found.key.endswith("SHA256SUMS")]


def published_directly(store):
    log = LogReader(store)
    release.release(
        log, 0, "bad", note="", now=context(store).clock(), listener=context(store).listener, purpose=Use.TRAINING
    )


def test_a_pull_for_a_purpose_leaves_out_the_same(store, tmp_path):
    assert cli.run(["pull", str(tmp_path / "t.jsonl"), "--purpose", "training", "--store", store.url]) == 0
    (line,) = (tmp_path / "t.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["url"].endswith("/free")
