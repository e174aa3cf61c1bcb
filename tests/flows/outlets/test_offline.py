"""A machine without network is recognised before any outlet is asked."""

import socket
import threading

import pytest

from articles.errors import OfflineError
from flows.cli import run
from flows.outlets import offline
from flows.outlets.offline import check_online
from flows.side_by_side import SharedHosts
from spiders.spec import CrawlSpec

SPEC = CrawlSpec("", "")


@pytest.fixture
def asked(monkeypatch):
    """Names that are looked up; only those of `orda` have an address if `online` is set."""
    names: list[str] = []

    def look_up(host, *_, **__):
        names.append(host)
        if "orda" in host and online:
            return [("address",)]
        raise socket.gaierror(socket.EAI_NONAME, "no address")

    online: list[bool] = []
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return names, online


def test_without_any_address_nothing_is_asked_and_one_line_says_so(asked, tmp_path, capsys):
    with pytest.raises(OfflineError, match=r"offline: none of \d+ hosts of 2 outlets has an address"):
        check_online(SPEC, ["orda", "vlast"])
    assert run(["ingest", "orda", "vlast", "--no-prefect", f"--store={tmp_path}"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert not list(tmp_path.glob("captures"))


def test_one_address_is_enough(asked):
    names, online = asked
    online.append(True)
    check_online(SPEC, ["orda", "vlast"])
    assert names


def test_a_single_outlet_an_archive_and_given_addresses_are_asked_in_any_case(asked):
    names, _ = asked
    check_online(SPEC, ["orda"])
    check_online(CrawlSpec("", "", from_archive="wayback"), ["orda", "vlast"])
    host = next(iter(offline._hosts("orda", "")))
    check_online(CrawlSpec("", "", resolve={host: "127.0.0.1"}), ["orda", "vlast"])
    assert names == []


@pytest.mark.parametrize(
    ("address", "spec", "waits"),
    [
        ("8.8.4.4", SPEC, True),
        ("8.8.4.4", CrawlSpec("", "", hosts_per_address=2), False),
        ("192.168.3.4", SPEC, False),  # of this network
    ],
)
def test_outlets_on_one_public_address_take_turns(monkeypatch, address, spec, waits):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", (address, 0))])
    hosts, turn = SharedHosts(spec), threading.Event()

    def ask():
        with hosts.of("vlast"):
            turn.set()

    with hosts.of("orda"):
        asking = threading.Thread(target=ask)
        asking.start()
        assert turn.wait(0.1 if waits else 10) is not waits
    asking.join(10)
    assert turn.is_set()
