"""Stores written by earlier versions stay readable and are continued; newer ones are refused, with the reason."""

import json
import tarfile
from pathlib import Path

import pyarrow as pa
import pytest

from articles.errors import CorruptError, NewerStoreError
from storage.objects.directory import DirectoryStore
from storage.snapshots import catalog
from storage.snapshots.contents import load
from storage.snapshots.verify import verify
from storage.tables import delta
from storage.tables.log_reader import LogReader, entry_key
from storage.tables.schemas import SCHEMAS
from tests.flows.tables import log_of, no_progress
from tests.storage import corpus, history, samples

OLDER = sorted((Path(__file__).parent / "older").glob("*.tar.xz"))  # one for each of four points of the history


def unpacked(path, folder):
    with tarfile.open(path) as archive:
        if hasattr(tarfile, "data_filter"):
            archive.extractall(folder, filter="data")
        else:  # Python 3.11.2, as of Debian 12
            archive.extractall(folder)  # noqa: S202  the archives are ours
    return DirectoryStore(folder)


def test_there_are_four():
    assert len(OLDER) == 4


@pytest.mark.parametrize("path", OLDER, ids=lambda path: path.name)
def test_a_store_of_an_earlier_version_is_read_checked_and_continued(path, tmp_path):
    store = unpacked(path, tmp_path / "store")
    log = log_of(store)
    assert log.head() == 2
    assert catalog.resolve(log, "paper") == 1
    assert len(load(store, log.state()).view.documents) == 5
    found = verify(log_of(store), 2, no_progress)
    assert (found.findings, found.learned) == ((), 3)
    assert verify(log_of(store), 2, no_progress).learned == 0
    corpus.add(log_of(store), [corpus.Sighting(7, samples.document(7))])
    assert len(load(store, log_of(store).state()).view.documents) == 6
    assert len(load(store, log_of(store).state(1)).view.documents) == 4
    assert verify(log_of(store), 3, no_progress).findings == ()


@pytest.fixture
def newer(directory_store):
    """A store that newer code has continued, with the features that its entry is given."""
    corpus.build(log_of(directory_store))

    def change(**features):
        actions = [json.loads(line) for line in directory_store.get(entry_key(2)).splitlines()]
        actions[0]["commitInfo"]["irtysh"]["format"] |= {"version": 9} | features
        directory_store.put(entry_key(2), "\n".join(map(json.dumps, actions)).encode())
        for info in list(directory_store.list("index/heads/")):
            directory_store.delete(info.key)
        return directory_store

    return change


def test_a_store_with_a_feature_that_readers_must_know_is_refused_with_its_name(newer):
    store = newer(reads=["segment-sums", "fur"])
    with pytest.raises(NewerStoreError, match=r"log entry 2 has format 9 with the feature fur.*upgrade Irtysh"):
        LogReader(store).state()


def test_a_store_with_a_feature_that_writers_must_know_is_read_but_not_continued(newer):
    store = newer(writes=["claws", "fur"])
    assert len(load(store, LogReader(store).state()).view.documents) == 5
    with pytest.raises(NewerStoreError, match=r"the features claws, fur.*must not add to it"):
        corpus.add(log_of(store), [corpus.Sighting(7, samples.document(7))])
    assert log_of(store).head() == 2


def test_code_of_version_1_refuses_an_entry_of_version_2(directory_store):
    corpus.build(log_of(directory_store))
    own = json.loads(directory_store.get(entry_key(0)).split(b"\n")[0])["commitInfo"]["irtysh"]
    assert "captures" not in own  # version 1 reads this field, and takes an entry without it for damaged
    del own["segments"]
    with pytest.raises(CorruptError):
        delta.decode(0, json.dumps({"commitInfo": {"irtysh": own}}).encode())


def test_columns_that_newer_code_added_survive_a_commit(directory_store, monkeypatch):
    ours = SCHEMAS["documents"]
    monkeypatch.setitem(SCHEMAS, "documents", ours.append(pa.field("mood", pa.string())))
    newer = log_of(directory_store)
    newer.append(history.draft(directory_store, -1, [1], tables=[]), lambda _: None)
    assert '"mood"' in (newer.state().metadata or {})["schemaString"]
    monkeypatch.setitem(SCHEMAS, "documents", ours)
    corpus.add(log_of(directory_store), [corpus.Sighting(7, samples.document(7))])
    assert '"mood"' in (log_of(directory_store).state().metadata or {})["schemaString"]
