"""Leases: one holder at a time, expiry after a crash, and nothing left to clean up."""

import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from articles.errors import CorruptError, InUseError
from storage import leases
from storage.leases import LEASE_TIME, acquire, current, held
from storage.objects.directory import DirectoryStore

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def test_one_of_many_gets_a_lease_and_the_next_one_gets_it_after_its_release(store):
    won, lost = [], []
    start = threading.Barrier(8)

    def contend(number):
        start.wait()
        try:
            won.append(acquire(store, "tengrinews", f"run {number}", NOW))
        except InUseError as error:
            lost.append(str(error))

    threads = [threading.Thread(target=contend, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 7)
    assert f"in use by {won[0].record.holder} on " in lost[0]
    won[0].release(NOW)
    assert current(store, "tengrinews", NOW) is None
    again = acquire(store, "tengrinews", "another", NOW)
    assert [found.key for found in store.list("leases/")] == [again.key]  # earlier ones are deleted


def test_a_lease_that_is_not_renewed_expires(directory_store, monkeypatch):
    monkeypatch.setattr(leases, "_is_alive", lambda _process: True)  # on another machine nobody knows
    lease = acquire(directory_store, "a", "one", NOW)
    lease.renew(NOW + LEASE_TIME / 2)
    with pytest.raises(InUseError):
        acquire(directory_store, "a", "two", NOW + LEASE_TIME)
    taken = acquire(directory_store, "a", "two", NOW + 1.5 * LEASE_TIME)
    lease.renew(NOW + 1.5 * LEASE_TIME)
    assert lease.lost.is_set()
    lease.release(NOW)
    assert current(directory_store, "a", NOW + 2 * LEASE_TIME) == taken.record


def test_the_lease_of_a_killed_process_is_free_at_once(directory_store):
    program = (
        "import os, sys; from datetime import datetime, UTC; from storage.leases import acquire;"
        "from storage.objects import open_store;"
        f"acquire(open_store({directory_store.url!r}), 'a', 'one', datetime.now(UTC));"
        "sys.stdout.write('held'); sys.stdout.flush(); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.read(4) == b"held"
        with pytest.raises(InUseError, match="in use by one"):
            acquire(directory_store, "a", "two", datetime.now(UTC))
        process.kill()
        process.wait()
        acquire(directory_store, "a", "two", datetime.now(UTC))


def test_a_reboot_frees_the_leases_of_its_machine_and_no_others(directory_store):
    lease = acquire(directory_store, "a", "one", NOW)
    boot, *rest = lease.record.process.split()
    before = replace(lease.record, process=" ".join(["another-boot", *rest]))
    assert lease.record.in_force(NOW)
    assert not before.in_force(NOW)
    assert replace(before, host="elsewhere").in_force(NOW)
    assert replace(lease.record, process=f"{boot} pid:[1] 1 1").in_force(NOW)  # of another container: unknown


def test_a_held_lease_is_renewed_and_released(directory_store, monkeypatch):
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.001)
    ticks = iter(range(1_000_000))
    renewed = threading.Event()

    def clock():
        tick = next(ticks)
        if tick > 3:
            renewed.set()
        return NOW + timedelta(seconds=tick)

    with held(directory_store, "a b/c", "one", clock) as lease:
        assert renewed.wait(10)
        assert lease.key == "leases/a_b_c/0000000000.json"
        assert current(directory_store, "a b/c", NOW + LEASE_TIME) is not None
    assert current(directory_store, "a b/c", clock()) is None


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"holder": 1}', b"x"])
def test_a_damaged_lease_is_named(tmp_path, body):
    store = DirectoryStore(tmp_path)
    store.put("leases/a/0000000000.json", body)
    with pytest.raises(CorruptError, match=r"leases/a/0000000000\.json"):
        acquire(store, "a", "one", NOW)
