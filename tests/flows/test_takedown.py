"""`irtysh takedown`: proved by searching every byte of the store for the text."""

import contextlib
import io
import json
import random
import zlib

import pyarrow.parquet as pq
import pytest

from articles.errors import InputError, StoreError
from articles.model import Purpose
from articles.url import article_id, canonicalize
from flows import process as stages
from flows.cli import run
from flows.listener import SilentListener
from flows.release import release
from flows.takedown import takedown
from storage.captures.redact import redact
from storage.export.card import AS_PUBLISHED
from storage.objects.directory import DirectoryStore
from storage.snapshots import catalog
from tests.flows.making import NOON, SENTENCES, Seen, article, put, records
from tests.flows.searching import places
from tests.flows.tables import Direct, context, log_of, problems, rows
from tests.storage.history import START

GONE = "http://steppe.example/2026/gone"
SECRET = "Her name was given to the paper by a clerk who had no right to read the file in that locked drawer."
EDITED = SECRET.replace("clerk", "neighbour")
FEED = f"<rss><channel><item><link>{GONE}</link><description>&lt;p&gt;{SECRET}&lt;/p&gt;</description></item></channel></rss>"
SHIFTED = (
    "The drawer was opened on a Monday, when the archive in Kyzylorda was closed to visitors because of the heating.",
    "A photographer had come to take pictures of the stairs, and he left with a folder that was not his to carry.",
    "The court will hear the archivist in June, and the folder has been returned to the shelf from which it came.",
)

GONE_ID = article_id(canonicalize(GONE))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The objects of a store with an article in two versions, a feed that quotes it, a release, and a pending capture."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.processing.table.Workers", Direct)
        folder = tmp_path_factory.mktemp("made")
        store = DirectoryStore(folder / "store")
        others = [
            Seen(
                f"http://steppe.example/2026/{n}",
                article(f"Wagons of week {n}", *SENTENCES, f"Week {n} had {n * 7} wagons in all, it is said."),
            )
            for n in range(4)
        ]
        first = Seen(GONE, article("A file was read", *SHIFTED, SECRET))
        feed = Seen(
            "http://steppe.example/rss",
            FEED.encode(),
            headers=(("Content-Type", "application/rss+xml"),),
            purpose=Purpose.FEED,
        )
        put(store, folder / "one", "one", [*others[:2], first, feed, *others[2:]], records=3)
        stages.process(context(store))
        catalog.tag(log_of(store), "latest", "paper", "", NOON)
        for name, bare in (("data", False), ("words", True)):
            release(log_of(store), 0, name, note="", now=START, listener=SilentListener(), non_consumptive=bare)
        put(store, folder / "two", "two", [Seen(GONE, article("A file was read", *SHIFTED, EDITED), hour=48)])
        stages.process(context(store, seed=2))
        put(
            store,
            folder / "three",
            "three",
            [Seen(GONE + "?utm_source=x", article("A file was read", *SHIFTED, SECRET), hour=72)],
        )
    return {info.key: store.get(info.key) for info in store.list("")}


class Failing(DirectoryStore):
    """Fails at a given write."""

    left = 10**6

    def _count(self):
        self.left -= 1
        if self.left < 0:
            raise StoreError("the power is gone")

    def put(self, key, data):
        self._count()
        super().put(key, data)

    def put_new(self, key, data):
        self._count()
        super().put_new(key, data)

    def delete(self, key):
        self._count()
        super().delete(key)


@pytest.fixture
def store(made, tmp_path, monkeypatch):
    monkeypatch.setattr("flows.processing.table.Workers", Direct)
    store = Failing(tmp_path / "store")
    for key, data in made.items():
        DirectoryStore.put(store, key, data)
    return store


def do(store, *urls):
    rng = random.Random(5)  # noqa: S311  not a secret
    return takedown(store, urls or [GONE], "an order", clock=lambda: NOON, rng=rng, listener=SilentListener())


def check_gone(store, made):
    assert places(store, SECRET[:50]) == places(store, EDITED[:70]) == []
    assert problems(store) == []
    for info in store.list("releases/"):
        if info.key.endswith(".parquet"):
            named = str(pq.read_table(io.BytesIO(store.get(info.key))).to_pylist())
            assert GONE not in named, info.key
            assert GONE_ID not in named, info.key
        if info.key.endswith("/coverage.parquet"):
            folder = info.key.removesuffix("coverage.parquet")
            files = [store.get(one.key) for one in store.list(f"{folder}documents-")]
            left = sum(pq.read_table(io.BytesIO(data)).num_rows for data in files)
            assert sum(pq.read_table(io.BytesIO(store.get(info.key)))["documents"].to_pylist()) == left == 4
            assert AS_PUBLISHED in store.get(f"{folder}README.md").decode()
        if info.key.endswith("croissant.json"):
            assert json.loads(store.get(info.key))["version"] in ("2.0.0", "3.0.0")  # recorded twice if interrupted
    assert log_of(store).state().number == 2
    assert {row["url"] for row in rows(store, "documents", "url")} == {
        f"http://steppe.example/2026/{n}" for n in range(4)
    }
    assert catalog.resolve(log_of(store), "paper") == 0  # its digest still holds
    old = catalog.digest(log_of(store).state(0))
    assert old == json.loads(made["tags/paper.json"])["digest"]
    assert stages.process(context(store, seed=3)).counts.get("steppe.example", {}).get("kept", 0) == 0


def test_an_article_leaves_every_byte_of_the_store(store, made, capsys):
    assert len(places(store, SECRET[:50])) >= 5  # two segments, packs of two kinds, a release
    assert run(["takedown", GONE, "--reason", "an order", "--store", store.url]) == 2
    assert "--confirm" in capsys.readouterr().err
    before = len(records(store))
    assert run(["takedown", GONE, "--reason", "an order", "--confirm", "--store", store.url]) == 0
    assert "2 documents and 4 records" in capsys.readouterr().out
    assert len(records(store)) == before - 4
    check_gone(store, made)
    assert run(["verify", "paper", "--store", store.url]) == 0
    assert "(an order)" in capsys.readouterr().out
    (record,) = (store.get(info.key) for info in store.list("redactions/"))
    assert GONE.encode() not in record
    assert run(["takedown", "http://steppe.example/none", "--reason", "x", "--confirm", "--store", store.url]) == 2


def test_an_article_that_was_taken_down_does_not_come_back(store, tmp_path):
    do(store)
    again = Seen(GONE + "?utm_source=mail", article("A file was read", *SHIFTED, SECRET), hour=96)
    put(store, tmp_path, "four", [again])
    stages.process(context(store, seed=4))
    (fetch,) = [row for row in rows(store, "fetches", "url", "reason", "body_sha256") if "gone" in row["url"]]
    assert (fetch["reason"], fetch["body_sha256"]) == ("taken_down", "")
    assert all("gone" not in row["url"] for row in rows(store, "documents", "url"))
    assert problems(store) == []


def test_a_takedown_that_was_interrupted_at_any_write_is_completed_by_the_same_command(store, made):
    for steps in (0, 1, 3, 5, 8, 11, 14, 17, 20, 23, 26):
        for info in list(store.list("")):
            DirectoryStore.delete(store, info.key)
        for key, data in made.items():
            DirectoryStore.put(store, key, data)
        store.left = steps
        with contextlib.suppress(StoreError):  # the power is gone
            do(store)
        store.left = 10**6
        with contextlib.suppress(InputError):  # all was done before the end
            do(store)
        check_gone(store, made)


def test_a_record_is_replaced_by_one_of_the_same_length(made):
    key, data = next((key, data) for key, data in made.items() if key.startswith("captures/"))
    changed, count = redact(data, key, lambda record: b"msgtype=response" in record)
    assert count
    assert len(changed) == len(data)
    assert zlib.decompressobj(31).decompress(changed).startswith(b"WARC/1.1")


@pytest.mark.parametrize(
    ("file", "data"), [("links.parquet", None), ("data/SHA256SUMS", b""), ("links.parquet", b"PAR1 damaged")]
)
def test_a_damaged_release_blocks_no_takedown_and_is_not_deleted(store, file, data):
    (key,) = (info.key for info in store.list("releases/data/") if info.key.endswith(file))
    before = len(list(store.list("releases/data/")))
    DirectoryStore.delete(store, key) if data is None else DirectoryStore.put(store, key, data)
    found = do(store)
    assert places(store, SECRET[:50]) == []
    assert found.unread == (() if data == b"" else (key,))
    assert len(list(store.list("releases/data/"))) == before - (data is None)
