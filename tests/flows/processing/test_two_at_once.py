"""Two processes that process one store at the same time lose nothing and duplicate nothing."""

import subprocess
import sys

from flows import process as stages
from storage.objects.directory import DirectoryStore
from tests.flows.making import put
from tests.flows.processing.test_incremental import captures
from tests.flows.tables import Direct, contents, context, log_of, problems, rows


def test_two_processes_at_once_give_the_same_as_one(store, tmp_path, monkeypatch):
    keys = put(store, tmp_path / "spool", "run", captures(), records=1)
    command = [sys.executable, "-m", "tests.flows.process_store", store.url, "5"]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(2)]
    assert [(one.communicate()[1].decode(), one.returncode) for one in running] == [("", 0), ("", 0)]

    log = log_of(store)
    consumed = [key for number in range(log.head() + 1) for key in log.read(number).captures]
    assert sorted(consumed) == sorted(keys)  # each segment once
    assert problems(store) == []
    ids = [row["row_id"] for row in rows(store, "documents", "row_id")]
    assert len(ids) == len(set(ids))
    records = [row["capture_record_id"] for row in rows(store, "fetches", "capture_record_id")]
    assert len(records) == len(set(records)) == len(keys)

    alone = DirectoryStore(tmp_path / "alone")
    put(alone, tmp_path / "spool", "run", captures(), records=1)
    monkeypatch.setattr("flows.processing.table.Workers", Direct)
    stages.process(context(alone))
    assert contents(store, tmp_path) == contents(alone, tmp_path)


def test_captures_consumed_by_another_process_meanwhile_are_dropped(directory_store, tmp_path, monkeypatch):
    """The other process commits between our extraction and our commit: first a part of our batch is left, then nothing."""
    monkeypatch.setattr("flows.processing.table.Workers", Direct)
    keys = put(directory_store, tmp_path / "spool", "run", captures(), records=1)
    with stages.Processor(context(directory_store)) as ours:
        state = ours.log.state()
        segment_batch = ours.reader.read_batch(keys, ours._index, 1000)
        with stages.Processor(context(directory_store, seed=2, batch_captures=5)) as other:
            other.step()
        report = ours._commit(segment_batch)
        assert state.number == -1
        assert report is not None
        assert (report.snapshots, report.segments) == ((1,), len(keys) - 5)
        assert ours._commit(segment_batch) is None
    assert log_of(directory_store).head() == 1
    ids = [row["row_id"] for row in rows(directory_store, "documents", "row_id")]
    assert len(ids) == len(set(ids))
