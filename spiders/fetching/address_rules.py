"""Which URLs and IP addresses must not be requested: the rules of `spiders.fetching.guard`, without a connection.

A host may be an address in any notation that the C library's `inet_aton` accepts (decimal, octal, hexadecimal, short,
full-width digits), or an IPv6 address with an IPv4 address inside.

Source of the networks: the IANA IPv4 and IPv6 Special-Purpose Address Registries; multicast, class E and anything
outside of 2000::/3 are refused as a whole.
"""

import ipaddress
import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import SplitResult, unquote, urlsplit

import idna

from articles.model import Reason

SCHEMES = frozenset(("http", "https"))

# Kinds of addresses in an intranet; all other addresses that are not public are refused even with allow_private.
PRIVATE_KINDS = frozenset(("loopback", "private", "shared by carriers", "benchmarking"))
FORBIDDEN_V4 = tuple(
    (ipaddress.IPv4Network(network), why)
    for network, why in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.100.100.200/32", "cloud metadata"),  # Alibaba's
        ("100.64.0.0/10", "shared by carriers"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local, cloud metadata"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.192/32", "cloud metadata"),  # Oracle's
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "reserved"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("168.63.129.16/32", "cloud metadata"),  # Azure's platform address, though public by number
    )
)
FORBIDDEN_V6 = tuple(
    (ipaddress.IPv6Network(network), why)
    for network, why in (
        ("2001::/23", "reserved"),  # Teredo among them
        ("2001:db8::/32", "documentation"),
        ("3fff::/20", "documentation"),
        ("fe80::/10", "link-local"),
        ("fd00:ec2::/32", "cloud metadata"),  # Amazon's: instance data, DNS and time
        ("fd20:ce::/32", "cloud metadata"),  # Google's
        ("fd00:c1::/32", "cloud metadata"),  # Oracle's
        ("fd00:42::/32", "cloud metadata"),  # Scaleway's
        ("fc00::/7", "private"),
        ("ff00::/8", "multicast"),
        ("::1/128", "loopback"),
    )
)
GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
# IPv6 networks whose addresses contain an IPv4 address, and the number of bits to the right of it.
NETWORKS_WITH_IPV4 = tuple(
    (ipaddress.IPv6Network(network), shift)
    for network, shift in (
        ("::ffff:0:0/96", 0),  # IPv4-mapped
        ("::ffff:0:0:0/96", 0),  # IPv4-translated
        ("64:ff9b::/96", 0),  # NAT64
        (
            "64:ff9b:1::/96",
            0,
        ),  # NAT64, local use; what else is in its /48 may hold an IPv4 address anywhere, so it is refused
        ("2002::/16", 80),  # 6to4
    )
)
HOST_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")
LINK_LOCAL_V4 = ipaddress.IPv4Network(
    "169.254.0.0/16"
)  # clouds also write its addresses at the end of a private IPv6 one
IPV4_PARTS = 4  # of an IPv4 address
MAX_HOST_CHARS = 255  # RFC 1035 §2.3.4


class RefusedError(OSError):
    """Raised for a URL, name or address that must not be requested. An OSError, as aiohttp expects."""

    def __init__(self, detail: str, reason: Reason = Reason.ADDRESS_REFUSED) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def split(url: str) -> SplitResult:
    """Return the parts of an http(s) URL with a host and without a user; `RefusedError` with `BAD_URL` otherwise."""
    try:
        parts = urlsplit(url)
        has_host, port = bool(parts.hostname), parts.port
    except ValueError as error:
        raise RefusedError(f"not a URL: {error}", Reason.BAD_URL) from error
    if not parts.scheme:
        raise RefusedError("no scheme: a URL begins with http:// or https://", Reason.BAD_URL)
    if parts.scheme not in SCHEMES:
        raise RefusedError(f"scheme {parts.scheme!r}: only http and https are fetched", Reason.BAD_URL)
    if not has_host:
        raise RefusedError("no host in the URL", Reason.BAD_URL)
    if port == 0:
        raise RefusedError("port 0", Reason.BAD_URL)
    if parts.username is not None or parts.password is not None:
        raise RefusedError("a user name or password in the URL", Reason.BAD_URL)
    return parts


def host_key(host: str) -> str:
    """Return a normalised host name: ASCII, lower case, without the trailing dot."""
    host = host.strip().lower()
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode().lower()
        except idna.IDNAError:
            return host  # not a valid name, so never resolved
    return host.removesuffix(".")


@lru_cache(maxsize=4096)
def address_of(host: str) -> IPv4Address | IPv6Address | None:
    """Return the IP address that a host is, in any notation; None if it is a name."""
    if ":" in host:
        try:
            return IPv6Address(host.strip("[]").partition("%")[0])
        except ValueError:
            return None
    parts = host_key(unquote(host)).split(".")
    if len(host) > MAX_HOST_CHARS or len(parts) > IPV4_PARTS or not all(HOST_NUMBER.fullmatch(part) for part in parts):
        return None
    numbers = [_number(part) for part in parts]
    if None in numbers:
        return None
    *leading, last = [number for number in numbers if number is not None]
    free = 8 * (IPV4_PARTS - len(leading))
    if any(number > 0xFF for number in leading) or last >> free:  # noqa: PLR2004 - the largest byte
        return None
    value = sum(number << (8 * (IPV4_PARTS - 1 - place)) for place, number in enumerate(leading)) + last
    return IPv4Address(value)


def _number(text: str) -> int | None:
    """Parse a number as `inet_aton` does: 0x… hexadecimal, 0… octal, else decimal; None if it is invalid."""
    if text[:2].lower() == "0x":
        return int(text[2:] or "0", 16)
    if text.startswith("0") and len(text) > 1:
        return int(text, 8) if not set(text) & {"8", "9"} else None
    return int(text)


def forbidden(address: IPv4Address | IPv6Address, *, allow_private: bool = False) -> str | None:
    """Return why an address must not be connected to, or None if it may be."""
    permitted = PRIVATE_KINDS if allow_private else frozenset()
    if isinstance(address, IPv4Address):
        why = next((why for network, why in FORBIDDEN_V4 if address in network), None)
        return None if why in permitted else why
    for network, shift in NETWORKS_WITH_IPV4:
        if address in network:
            inner = IPv4Address(int(address) >> shift & 0xFFFFFFFF)
            why = forbidden(inner, allow_private=allow_private)
            return f"{why} ({inner} inside)" if why else None
    why = next((why for network, why in FORBIDDEN_V6 if address in network), None)
    if why in PRIVATE_KINDS and IPv4Address(int(address) & 0xFFFFFFFF) in LINK_LOCAL_V4:
        why = "cloud metadata"
    why = why or (None if address in GLOBAL_V6 else "reserved")
    return None if why in permitted else why
