"""Writers and readers behind a network and a server that fail in every way: nothing is lost, doubled or half visible.

Two writers commit through a proxy that does one fault to a share of the requests. The gate runs a short form;
`make faults` sets IRTYSH_FAULT_COMMITS.
"""

import os
import random
import threading
import time

import pytest

from articles.errors import StoreError
from storage.objects import open_store, patience
from storage.snapshots.verify import verify
from storage.tables import packs
from storage.tables.log_reader import LogReader
from tests.faulty_proxy import OF_GET, OF_PUT, Fault, faulty
from tests.storage.history import draft, ids, log_of, row_ids

# In the gate two writers and all faults in turn; `make faults` sets more, and tries each fault alone.
COMMITS = int(os.environ.get("IRTYSH_FAULT_COMMITS", "3"))  # of each writer
WRITERS = int(os.environ.get("IRTYSH_FAULT_WRITERS", "2"))
IN_TURN = "all in turn"
PLANS = [IN_TURN, *(Fault if "IRTYSH_FAULT_COMMITS" in os.environ else ())]
SHARE = 0.25  # of the requests that a fault may hit
FLIPPED_SHARE = 0.03  # a flipped answer is found, and ends a command; a command reads every entry of the log
MAX_RUNS = 100  # of one writer's command, until it succeeds


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    real = time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: real(min(seconds, 0.01)))  # botocore's pauses and ours
    monkeypatch.setattr(patience, "FIRST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr("storage.objects.s3.READ_TIMEOUT_SECONDS", 0.5)


def fits(fault, method):
    return not ((fault in OF_PUT and method != "PUT") or (fault in OF_GET and method != "GET"))


def planned(wanted, rng):
    """Return a plan that hits a share of the requests with one fault, or with all of them in turn."""
    waiting: list[Fault] = []
    lock = threading.Lock()

    def plan(method, _path):
        with lock:
            if rng.random() >= (FLIPPED_SHARE if wanted is Fault.FLIPPED else SHARE):
                return None
            if wanted != IN_TURN:
                return wanted if fits(wanted, method) else None
            waiting.extend(fault for fault in rng.sample(list(Fault), len(Fault)) if len(waiting) < len(Fault))
            found = next((fault for fault in waiting if fits(fault, method)), None)
            if found is not None:
                waiting.remove(found)
            return found

    return plan


def until_it_succeeds(command, failures):
    """Run a command again until it succeeds, as a scheduler does, and return its result."""
    for _ in range(MAX_RUNS):
        try:
            return command()
        except StoreError as error:
            failures.append(error)
    raise AssertionError(f"no success in {MAX_RUNS} runs, the last one failed with {failures[-1]!r}")


def write(url, writer, failures):
    """Commit rows, each by a command that is run again until it succeeds."""
    store = until_it_succeeds(lambda: open_store(url), failures)
    for row in range(writer * COMMITS, (writer + 1) * COMMITS):
        key = f"captures/steppe.example/{row:05}"

        def fresh(state, row=row, key=key):
            return None if key in state.captures else draft(store, state.number, [row], key=key)

        def commit(fresh=fresh):
            log = log_of(store, seed=writer)
            if (made := fresh(log.state())) is not None:
                log.append(made, fresh)

        until_it_succeeds(commit, failures)


@pytest.mark.parametrize("wanted", PLANS, ids=str)
def test_nothing_is_lost_doubled_or_half_visible(s3_url, s3_store, s3_server, monkeypatch, wanted):
    rng = random.Random(str(wanted))  # noqa: S311  the same faults every time
    failures: list[Exception] = []
    expected = ids(range(WRITERS * COMMITS))
    with faulty(s3_server.endpoint) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.endpoint)
        proxy.plan = planned(wanted, rng)
        threads = [threading.Thread(target=write, args=(s3_url, writer, failures)) for writer in range(WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        through = until_it_succeeds(lambda: open_store(s3_url), failures)  # reads go through the proxy, too
        assert until_it_succeeds(lambda: row_ids(through, LogReader(through).state()), failures) == expected
        assert proxy.done.keys() == (set(Fault) if wanted == IN_TURN else {wanted})
    log = log_of(s3_store)
    state = log.state()
    assert row_ids(s3_store, state) == expected  # none lost, none doubled
    assert state.number == WRITERS * COMMITS - 1
    for number in range(state.number + 1):
        for table in ("documents", "links", "fetches"):  # each snapshot whole, in all tables
            assert packs.read_all(s3_store, log.state(number).live(table), table).num_rows >= number + 1
    problems = verify(log, state.number, lambda *_: None).problems
    assert [one for one in problems if not one.startswith("captures/")] == []  # the rows name captures that are none
    print(  # noqa: T201  for `make faults`
        f"{wanted}: {sum(proxy.done.values())} faults, {WRITERS * COMMITS} commits of {WRITERS} writers, {len(failures)} "
        "commands failed and ran again: 0 lost, 0 doubled, 0 half visible"
    )
