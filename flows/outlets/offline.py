"""Tell a machine without network from outlets that do not answer: before a run, at least one host must have an address."""

import socket
import threading
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

from articles.errors import OfflineError
from spiders.outlets import find
from spiders.spec import CrawlSpec

MIN_OUTLETS = 2  # of one outlet, nobody can tell whether this machine or its domain is the reason
WAIT_SECONDS = 10.0  # two tries of glibc's resolver, 5 s each (resolv.conf(5))


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
    try:
        if any(answers.get(timeout=WAIT_SECONDS) for _ in hosts):
            return
    except Empty:
        pass
    raise OfflineError(
        f"offline: none of {len(hosts)} hosts of {len(names)} outlets has an address; nothing was asked. "
        "Check the network, and run the same command again"
    )


def _hosts(name: str, outlets: str) -> set[str]:
    outlet = find(name, outlets)
    named = {urlsplit(source.address).hostname or "" for source in outlet.sources} - {""}
    return named or {domain.partition(":")[0] for domain in outlet.domains}


def _resolves(host: str) -> bool:
    try:
        return bool(socket.getaddrinfo(host, None))
    except (OSError, UnicodeError):
        return False
