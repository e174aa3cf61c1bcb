"""Reads that break are tried again, silent servers are given up, and wrong clocks are refused."""

import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import IncompleteReadError, ReadTimeoutError

from articles.errors import ClockError, UnreachableError
from flows.cli import run
from storage.clock import check_clock
from storage.objects import open_store, patience, s3


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(patience, "FIRST_PAUSE_SECONDS", 0.001)


class Stumbling:
    """A body that breaks off a number of times."""

    def __init__(self, times, error):
        self.times, self.error = times, error

    def read(self):
        self.times -= 1
        if self.times >= 0:
            raise self.error
        return b"whole"


BREAKS = [
    ReadTimeoutError(endpoint_url="http://x"),
    IncompleteReadError(actual_bytes=1, expected_bytes=2),
]


@pytest.mark.parametrize("error", BREAKS, ids=lambda error: type(error).__name__)
def test_a_read_that_breaks_off_is_tried_again(s3_store, monkeypatch, error):
    body = Stumbling(3, error)
    monkeypatch.setattr(s3_store._client, "get_object", lambda **_: {"Body": body})
    assert s3_store.get("key") == b"whole"
    body.times = 3
    assert s3_store.get_range("key", 0, 9) == b"whole"
    body.times = 99
    with pytest.raises(UnreachableError, match="cannot reach"):
        s3_store.get("key")
    assert body.times == 99 - patience.MAX_ATTEMPTS


def test_no_attempt_begins_after_the_stated_time(monkeypatch):
    body = Stumbling(99, BREAKS[0])
    monkeypatch.setattr(patience, "MAX_READ_SECONDS", -1)
    with pytest.raises(ReadTimeoutError):
        patience.retried(body.read)
    assert body.times == 98


def test_all_waiting_for_a_silent_server_fits_in_a_minute():
    pauses = sum(2**attempt for attempt in range(patience.MAX_ATTEMPTS - 1))  # botocore's longest
    assert patience.MAX_ATTEMPTS * patience.READ_TIMEOUT_SECONDS + pauses <= 60


@pytest.fixture
def silent():
    """The address of a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        kept = []

        def accept():
            while True:
                try:
                    kept.append(server.accept())
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        for connection, _ in kept:
            connection.close()


def test_an_outage_has_an_exit_code_of_its_own(s3_url, monkeypatch, silent, capsys):
    monkeypatch.setattr(s3, "READ_TIMEOUT_SECONDS", 0.1)
    for endpoint in (silent, "http://127.0.0.1:9"):
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
        start = time.monotonic()
        assert run(["snapshots", "--store", s3_url]) == 4
        assert time.monotonic() - start < 20
        assert "cannot reach" in capsys.readouterr().err
    assert run(["snapshots", "--store", "s3://"]) == 2


def test_a_clock_far_from_that_of_the_store_is_refused_with_the_difference(store):
    here = datetime.now(UTC)
    check_clock(store, here)
    with pytest.raises(ClockError, match=r"clock is 2 h 3 min ahead of that of"):
        check_clock(store, here + timedelta(hours=2, minutes=3))
    with pytest.raises(ClockError, match=r"clock is 1 d behind"):
        check_clock(store, here - timedelta(days=1))


def test_a_store_that_cannot_be_written_has_no_time_to_compare(directory_store, monkeypatch):
    def refuse(*_args):
        raise PermissionError(13, "no")

    monkeypatch.setattr(type(directory_store), "_make_directory", refuse)
    check_clock(directory_store, datetime(2000, 1, 1, tzinfo=UTC))


def test_a_server_that_closes_the_connection_is_an_outage(s3_url, monkeypatch):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # while it is bound, no other process listens there
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        with pytest.raises(UnreachableError):
            open_store(s3_url)
