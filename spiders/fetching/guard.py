"""Guard against server-side request forgery: decide which addresses a crawl may connect to.

A list of URLs is untrusted, so no URL may reach this machine, its network or a cloud's metadata service. There are three
checks:

1. `Guard.check` reads the URL before anything is sent: scheme, user name, and a host that is an address in any notation
   that the C library's `inet_aton` accepts (decimal, octal, hexadecimal, short, full-width digits, IPv6 with an IPv4
   address inside).
2. `Guard.resolve` resolves names. The connection uses its result: the name is looked up once, forbidden addresses are
   removed from the result, and no second look-up can replace them (DNS rebinding).
3. `Guard.socket` creates every socket, and checks the address that it will connect to.

`--allow-private-hosts` allows loopback and intranet addresses only. Metadata services of clouds, link-local, multicast
and reserved addresses, and schemes other than http and https, are always refused.

Redirects and robots.txt pass the same three checks, since they are ordinary requests. Proxies named by the environment
(`http_proxy`, `all_proxy` …) are never used: behind a proxy, the address of the connection cannot be checked.

The rules are in `spiders.fetching.address_rules`.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv6Address

from aiohttp.abc import AbstractResolver, ResolveResult

from articles.errors import InputError
from spiders.fetching import address_rules
from spiders.fetching.address_rules import RefusedError, address_of, host_key, split

MAX_LOOK_UPS = 32  # at a time; one thread each, created as needed


class Guard(AbstractResolver):
    """Checks URLs, resolves names and creates sockets, all by the same rules."""

    def __init__(self, *, allow_private: bool, resolve: Mapping[str, str]) -> None:
        """`resolve` maps host names to addresses, as curl's --resolve; `InputError` if a value is not an address."""
        self.allow_private = allow_private
        # Its own threads: look-ups that never return must block neither other look-ups nor the end of the crawl.
        self._look_ups = ThreadPoolExecutor(MAX_LOOK_UPS, thread_name_prefix="look-up")
        self._fixed = {host_key(host): _parse(host, address) for host, address in resolve.items()}

    def check(self, url: str) -> None:
        """Raise `RefusedError` if the text of a URL shows that it must not be requested."""
        host = split(url).hostname or ""
        address = address_of(host)
        if address is not None:
            self._check_address(address, host)

    def _check_address(self, address: IPv4Address | IPv6Address, host: str) -> None:
        why = address_rules.forbidden(address, allow_private=self.allow_private)
        if why:
            raise RefusedError(f"{host} is {address}: {why}" if host != str(address) else f"{address}: {why}")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the allowed addresses of a name; `RefusedError` if all are forbidden, OSError if there are none."""
        fixed = self._fixed.get(host_key(host))
        found = [fixed] if fixed is not None else await self._look_up(host, port, family)
        allowed: list[ResolveResult] = []
        refused: RefusedError | None = None
        for address in found:
            try:
                self._check_address(address, host)
            except RefusedError as error:
                refused = error
            else:
                allowed.append(_answer(host, port, address))
        if not allowed:
            raise refused or OSError(f"no address for {host}")
        return allowed

    async def _look_up(self, host: str, port: int, family: socket.AddressFamily) -> list[IPv4Address | IPv6Address]:
        infos = await asyncio.get_running_loop().run_in_executor(
            self._look_ups, socket.getaddrinfo, host, port, family, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG
        )
        return [ipaddress.ip_address(str(info[4][0]).partition("%")[0]) for info in infos]

    async def close(self) -> None:
        """Cancel the look-ups without waiting for them."""
        self._look_ups.shutdown(wait=False, cancel_futures=True)

    def socket(self, info: tuple[int, int, int, str, tuple[str | int | bytes, ...]]) -> socket.socket:
        """Return a socket for what `getaddrinfo` describes; `RefusedError` if its address is forbidden."""
        family, kind, proto, _, sockaddr = info
        host = str(sockaddr[0])
        self._check_address(ipaddress.ip_address(host.partition("%")[0]), host)
        return socket.socket(family=family, type=kind, proto=proto)


def _parse(host: str, text: str) -> IPv4Address | IPv6Address:
    try:
        return ipaddress.ip_address(text.strip().strip("[]"))
    except ValueError as error:
        raise InputError(f"--resolve {host}={text}: {text!r} is not an IP address") from error


def _answer(host: str, port: int, address: IPv4Address | IPv6Address) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=str(address),
        port=port,
        family=socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6,
        proto=0,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )
