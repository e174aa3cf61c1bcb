"""A machine without network is recognised before any outlet is asked."""

import socket

import pytest

from articles.errors import OfflineError
from flows.cli import run
from flows.outlets import offline
from flows.outlets.offline import check_online
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
