"""One limit for all names of one machine: hosts that resolve to the same address share its delay and connections.

The queue and Scrapy's slots limit the requests to each name. Twelve names of one server would get twelve times as many. The
price is that unrelated sites behind one address of a content delivery network wait for each other; `hosts_per_address` is
then the number of hosts whose share such an address may get.
"""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator

from scrapy.core.downloader import Downloader

from spiders.fetching.address_rules import address_of
from spiders.fetching.guard import Guard

JITTER_SHARE = 0.3  # of the delay, as between two requests to one name
EXTRA_REQUESTS = 1  # per address, beyond its connections, so that no connection waits for the next request


class AddressLimits:
    """The addresses of a crawl's hosts, and whose turn it is at each of them."""

    def __init__(self, guard: Guard, delay: float, connections: int, hosts: int) -> None:
        """`delay` (seconds) and `connections` are those of one host, `hosts` is how many an address may get at once."""
        self._guard = guard
        self._delay = delay
        self.spacing = delay / hosts  # seconds between requests to two of its names
        self._connections = connections * hosts
        self.max_active = (connections + EXTRA_REQUESTS) * hosts  # requests in the downloader
        self._addresses: dict[str, str] = {}  # host -> address
        self._joined: dict[str, str] = {}  # address -> the other address of the same machine that stands for it
        self._turns: dict[str, asyncio.Semaphore] = {}
        self._first: dict[str, str] = {}  # address -> its host that was asked first
        self._shared: set[str] = set()  # addresses of which several hosts were asked
        self._last: dict[str, float] = {}  # address -> time of the last request

    def of(self, host: str) -> str:
        """Return the address of a host, or its name as long as the address is not known.

        An IPv4 and an IPv6 address that one name has are one machine, so one of them stands for both.
        """
        address = self._addresses.get(host, host)
        while address in self._joined:
            address = self._joined[address]
        return address

    def busy(self, downloader: Downloader) -> Counter[str]:
        """Return the number of requests in the downloader by address, without those that only wait for a Crawl-delay."""
        found = Counter(self.of(request.meta["download_slot"]) for request in downloader.active)
        for host, slot in downloader.slots.items():
            if slot.delay > self._delay:
                found[self.of(host)] -= len(slot.queue)
        return found

    async def locate(self, host: str) -> None:
        """Look up the address of a host, once. A host without one has a limit of its own."""
        if host in self._addresses:
            return
        literal = address_of(host)
        addresses = [host if literal is None else str(literal)]
        if literal is None:
            with contextlib.suppress(OSError, ValueError):  # fetching will fail, and says why
                found = sorted(str(each["host"]) for each in await self._guard.resolve(host))
                ends = [next(filter(is_of, found), "") for is_of in (_is_ipv4, _is_ipv6)]
                addresses = list(filter(None, ends)) or addresses
        self._addresses.setdefault(host, addresses[0])
        for other in addresses[1:]:
            self._join(self.of(host), other)

    def _join(self, address: str, other: str) -> None:
        """Let one address stand for another one of the same machine, with the requests that it got so far."""
        while other in self._joined:
            other = self._joined[other]
        if other == address:
            return
        self._joined[other] = address
        if (first := self._first.pop(other, "")) and self._first.setdefault(address, first) != first:
            self._shared.add(address)
        self._last[address] = max(self._last.get(address, 0.0), self._last.pop(other, 0.0))

    @contextlib.asynccontextmanager
    async def turn(self, host: str, stopping: asyncio.Event) -> AsyncIterator[None]:
        """Wait until a host's address may be asked, and hold one of its connections; a stop ends the waiting."""
        await self.locate(host)
        address = self.of(host)
        async with self._turns.setdefault(address, asyncio.Semaphore(self._connections)):
            now = asyncio.get_running_loop().time
            if self._first.setdefault(address, host) != host:
                self._shared.add(address)
            jitter = random.uniform(1 - JITTER_SHARE, 1 + JITTER_SHARE)  # noqa: S311 - no secret
            due = self._last.get(address, 0.0) + self.spacing * jitter
            if address in self._shared and due > now():  # requests to one name alone are spaced by Scrapy
                await happens_within(stopping, due - now())
            self._last[address] = now()
            yield


def _is_ipv4(address: str) -> bool:
    return ":" not in address


def _is_ipv6(address: str) -> bool:
    return ":" in address


async def happens_within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event; return whether it was set within so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
