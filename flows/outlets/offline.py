"""Tell a machine without network from outlets that do not answer: before a run, at least one host must have an address."""

import ipaddress
import socket
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

from articles.counting import many
from articles.errors import OfflineError
from spiders.outlets import find
from spiders.spec import CrawlSpec

MIN_OUTLETS = 2  # of one outlet, nobody can tell whether this machine or its domain is the reason
WAIT_SECONDS = 6.0  # in all, for the first address: more than one try of glibc's resolver, 5 s (resolv.conf(5))


def check_online(spec: CrawlSpec, names: Sequence[str]) -> None:
    """Raise OfflineError if no host of several outlets has an address. Nothing is requested from the hosts."""
    if len(names) < MIN_OUTLETS or spec.from_archive:
        return
    hosts = sorted({host for name in names for host in _hosts(name, spec.outlets)})
    if not set(hosts).isdisjoint(spec.resolve):
        return
    answers: SimpleQueue[bool] = SimpleQueue()
    for host in hosts:  # daemons: one that hangs does not hold up the exit
        threading.Thread(target=lambda name=host: answers.put(_resolves(name)), daemon=True).start()
    until = time.monotonic() + WAIT_SECONDS
    with suppress(Empty):
        for _ in hosts:
            if answers.get(timeout=max(0.0, until - time.monotonic())):
                return
    raise OfflineError(
        f"offline: none of {many(len(hosts), 'host')} of {many(len(names), 'outlet')} has an address; nothing was asked. "
        "Check the network, and run the same command again"
    )


def public_addresses(hosts: Iterable[str], resolve: Mapping[str, str]) -> set[str]:
    """Return the first public address of each host that has one. `resolve` gives addresses that are not looked up."""
    found: set[str] = set()
    for host in hosts:
        with suppress(OSError, ValueError):
            known = resolve.get(host)
            first = known or min(str(one[4][0]) for one in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
            if ipaddress.ip_address(first).is_global:  # servers on this machine or network are not strangers'
                found.add(first)
    return found


def _hosts(name: str, outlets: str) -> set[str]:
    outlet = find(name, outlets)
    named = {urlsplit(source.address).hostname or "" for source in outlet.sources} - {""}
    return named or {domain.partition(":")[0] for domain in outlet.domains}


def _resolves(host: str) -> bool:
    try:
        return bool(socket.getaddrinfo(host, None))
    except (OSError, UnicodeError):
        return False
