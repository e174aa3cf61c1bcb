"""Commits of several writers, and of one that dies: rebasing, lost answers, retries, races, crashes."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from articles.errors import ContendedError, ExistsError, StoreError
from storage.objects.directory import DirectoryStore
from storage.tables import log
from storage.tables import state as states
from storage.tables.listed import LOG_PREFIX
from tests.storage.history import commit, draft, ids, log_of, row_ids


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(log, "FIRST_WAIT_SECONDS", 0.001)


def test_a_draft_is_rebased_after_another_writers_commit(store):
    one, other = log_of(store, 1), log_of(store, 2)
    commit(one, [0])
    stale = draft(store, 0, [5])
    commit(other, [1])
    seen = []

    def rebase(state):
        seen.append(state.number)
        return replace(stale, base=state.number)

    assert one.append(stale, rebase).number == 2
    assert seen == [1]
    assert row_ids(store, log_of(store).state()) == ids([0, 1, 5])
    assert one.append(draft(store, 1, [6]), lambda _state: None) is None
    assert one.head() == 2
    with pytest.raises(StoreError, match="cannot follow"):
        one.append(stale, lambda _state: stale)


class RunsBeforeWrite(DirectoryStore):
    """Runs `before` once, just before the next create-only write."""

    before = staticmethod(lambda: None)

    def put_new(self, key, data):
        call, self.before = self.before, lambda: None
        call()
        super().put_new(key, data)


def test_a_race_lost_at_the_final_write_is_rebased(tmp_path):
    store = RunsBeforeWrite(tmp_path)
    one, other = log_of(store, 1), log_of(DirectoryStore(tmp_path), 2)
    commit(one, [0])
    store.before = lambda: commit(other, [1])
    mine = draft(store, 0, [2])
    made = one.append(mine, lambda state: replace(mine, base=state.number))
    assert made.number == 2
    assert row_ids(store, log_of(store).state()) == ids([0, 1, 2])


class LosesAnswers(DirectoryStore):
    """A store like S3 when an answer is lost: the retried PUT finds the object that the first one created."""

    def put_new(self, key, data):
        super().put_new(key, data)
        raise ExistsError(key)


def test_a_commit_whose_answer_was_lost_is_recognised(tmp_path):
    store = LosesAnswers(tmp_path)
    writer = log_of(store)
    for number in range(3):
        assert commit(writer, [number]).number == number
    assert row_ids(store, writer.state()) == ids(range(3))


def test_a_write_is_retried_after_409(directory_store, monkeypatch):
    put_new, answers = directory_store.put_new, [1, 1, 0, 0]

    def contended(key, data):
        if key.startswith(LOG_PREFIX) and answers.pop(0):
            raise ContendedError(key)
        put_new(key, data)

    monkeypatch.setattr(directory_store, "put_new", contended)
    monkeypatch.setattr(log, "MAX_COMMIT_ATTEMPTS", 3)
    writer = log_of(directory_store)
    assert commit(writer, [0]).number == 0
    assert commit(writer, [1]).number == 1
    answers.extend([1] * 9)
    with pytest.raises(ContendedError, match="3 times"):
        commit(writer, [2])
    assert log_of(directory_store).head() == 1


def test_a_writer_that_always_loses_gives_up(directory_store, monkeypatch):
    monkeypatch.setattr(log, "MAX_COMMIT_ATTEMPTS", 4)
    one, other = log_of(directory_store, 1), log_of(directory_store, 2)
    numbers = iter(range(100))

    def rebase(state):
        commit(other, [next(numbers)])
        return draft(directory_store, state.number, [999])

    commit(other, [next(numbers)])
    with pytest.raises(ContendedError, match="4 times"):
        one.append(draft(directory_store, -1, [999]), rebase)
    assert row_ids(directory_store, log_of(directory_store).state()) == ids(range(5))


def race(make_log, writer, turns):
    """Run one of several writers. Each turn commits a capture of its own and tries to consume one that all writers want."""
    mine = make_log(writer)
    taken = 0
    for turn in range(turns):
        key = f"captures/shared/{turn:05}"

        def make(state, key=key, turn=turn):
            if key in state.captures:
                return None
            return draft(mine.store, state.number, [turn], key=key)

        first = make(mine.state())
        taken += first is not None and mine.append(first, make) is not None

        def own(state, turn=turn):
            return draft(mine.store, state.number, [1000 + 100 * writer + turn])

        assert mine.append(own(mine.state()), own) is not None
    return taken


def check_race(store, taken, writers, turns):
    assert sum(taken) == turns
    final = log_of(store)
    assert final.head() + 1 == writers * turns + turns
    expected = ids(range(turns)) | ids(1000 + 100 * writer + turn for writer in range(writers) for turn in range(turns))
    assert row_ids(store, final.state()) == expected
    entries = [final.read(number) for number in range(final.head() + 1)]
    consumed = [key for entry in entries for key in entry.captures]
    assert len(consumed) == len(set(consumed)) == writers * turns + turns
    times = [entry.timestamp for entry in entries]
    assert times == sorted(set(times))
    assert states.advance(states.State(), entries) == final.state()


def test_racing_threads_lose_no_commit(store):
    with ThreadPoolExecutor(3) as pool:
        taken = list(pool.map(lambda writer: race(lambda seed: log_of(store, seed), writer, 4), range(3)))
    check_race(store, taken, 3, 4)


def race_in_a_process(root, writer, turns, results):
    store = DirectoryStore(Path(root))
    results.put(race(lambda seed: log_of(store, seed), writer, turns))


def test_racing_processes_lose_no_commit(tmp_path):
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    workers = [context.Process(target=race_in_a_process, args=(tmp_path, n, 10, results)) for n in range(4)]
    for worker in workers:
        worker.start()
    taken = [results.get(timeout=120) for _ in workers]
    for worker in workers:
        worker.join()
    results.close()
    check_race(DirectoryStore(tmp_path), taken, 4, 10)


class Crash(BaseException):
    """Stands for the death of the process; no code may catch it."""


class DiesAtWrite(DirectoryStore):
    """A store that dies at its n-th write, before or after the write."""

    def __init__(self, root, steps, *, after):
        super().__init__(root)
        self.steps = steps
        self.after = after

    def _step(self, write):
        self.steps -= 1
        if self.steps < 0 and not self.after:
            raise Crash
        write()
        if self.steps < 0:
            raise Crash

    def put(self, key, data):
        self._step(lambda: super(DiesAtWrite, self).put(key, data))

    def put_new(self, key, data):
        self._step(lambda: super(DiesAtWrite, self).put_new(key, data))

    def delete(self, key):
        self._step(lambda: super(DiesAtWrite, self).delete(key))


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_between_any_two_steps_leaves_a_consistent_state(tmp_path, monkeypatch, after):
    monkeypatch.setattr(log, "INDEX_INTERVAL_COMMITS", 2)
    monkeypatch.setattr(log, "KEPT_INDEXES", 1)
    monkeypatch.setattr(log, "KEPT_INDEX_INTERVAL_COMMITS", 4)
    writes = 0
    while True:
        root = tmp_path / f"{writes}"
        for number in range(5):
            commit(log_of(DirectoryStore(root)), [number])
        crashed = False
        try:
            commit(log_of(DiesAtWrite(root, writes, after=after)), [5, 6], key="captures/last")
        except Crash:
            crashed = True
        store = DirectoryStore(root)
        state = log_of(store).state()
        assert state.number in {4, 5}
        assert row_ids(store, state) == ids(range(7) if state.number == 5 else range(5))
        assert ("captures/last" in state.captures) == (state.number == 5)
        if "captures/last" not in state.captures:  # what the next `process` does
            commit(log_of(store), [5, 6], key="captures/last")
        assert row_ids(store, log_of(store).state()) == ids(range(7))
        commit(log_of(store), [8])
        assert log_of(store).state() == log_of(store).reindex()
        writes += 1
        if not crashed:
            break
    assert writes > 7  # three packs, the entry, the checkpoint, the pointer, the index, a deleted index
