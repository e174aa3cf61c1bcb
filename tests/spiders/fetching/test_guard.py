import asyncio
import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.errors import InputError
from articles.model import Reason
from spiders.fetching.address_rules import RefusedError, address_of, forbidden
from spiders.fetching.guard import Guard

STRICT = Guard(allow_private=False, resolve={})

LOOPBACK = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0X7F.1",
    "0x7f.0x0.0x0.0x1",
    "0177.0.0.1",
    "017700000001",
    "0177.0x0.1",
    "127.000.000.001",
    "%31%32%37.0.0.1",
    "127%2e0%2e0%2e1",
    "①②⑦.⓪.⓪.①",
    "１２７.０.０.１",
    "127。0。0。1",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:0001]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
]
FORBIDDEN = [
    "0.0.0.0",
    "0",
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "169.254.169.254",
    "0xA9FEA9FE",
    "2852039166",
    "172.16.0.1",
    "192.0.0.192",
    "192.168.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "[::]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fd00:ec2::254]",
    "[fec0::1]",
    "[::127.0.0.1]",
    "[ff02::1]",
    "[100::1]",
    "[2001:db8::1]",
    "[2001::1]",
    "[64:ff9b:1::a9fe:a9fe]",
    "[::ffff:169.254.169.254]",
]
PUBLIC = ["93.184.215.14", "8.8.8.8", "[2606:2800:21f:cb07:6820:80da:af6b:8b2c]", "[::ffff:8.8.8.8]", "0x08080808"]
NAMES = ["example.org", "1.example", "0x.example.org", "127.0.0.1.example.org", "1.2.3.4.5", "256.1.1.1", "08.0.0.1"]


@pytest.mark.parametrize("host", LOOPBACK + FORBIDDEN)
def test_every_notation_of_a_forbidden_address_is_refused(host):
    with pytest.raises(RefusedError) as caught:
        STRICT.check(f"http://{host}/page")
    assert caught.value.reason is Reason.ADDRESS_REFUSED


@pytest.mark.parametrize("host", LOOPBACK)
def test_loopback_passes_if_private_hosts_are_allowed(host):
    Guard(allow_private=True, resolve={}).check(f"http://{host}:8080/page")


@pytest.mark.parametrize("host", ["10.1.2.3", "172.16.0.1", "192.168.1", "100.64.0.1", "[fd12::1]"])
def test_intranet_addresses_pass_if_private_hosts_are_allowed(host):
    Guard(allow_private=True, resolve={}).check(f"http://{host}/page")


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "0xA9FEA9FE",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "[fd00:ec2::254]",
        "[fd00:ec2::253]",
        "[fd00:ec2:1::1]",
        "[fd20:ce::254]",
        "[fd20:ce:ffff::1]",
        "[fd00:c1::a9fe:a9fe]",
        "[fd00:42::42]",
        "[fd12:3456:789a::a9fe:a9fe]",
        "[fc00::169.254.169.253]",
        "[::ffff:100.100.100.200]",
        "[::ffff:c000:c0]",
        "[64:ff9b::6464:64c8]",
        "[64:ff9b::192.0.0.192]",
        "[64:ff9b:1::a9fe:a9fe]",
        "[64:ff9b:1:a9fe:a9:fe00:808:808]",
        "[64:ff9b:1:0:a9:fea9:fe00:808]",
        "[2002:a9fe:a9fe::1]",
        "[::ffff:0:169.254.169.254]",
        "[::169.254.169.254]",
        "[fe80::1]",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "224.0.0.1",
        "255.255.255.255",
        "0.0.0.0",
        "[::]",
        "[ff02::1]",
    ],
)
def test_metadata_services_are_always_refused(host):
    with pytest.raises(RefusedError):
        Guard(allow_private=True, resolve={}).check(f"http://{host}/page")


@pytest.mark.parametrize("host", PUBLIC + NAMES)
def test_public_addresses_and_names_pass_the_url_check(host):
    STRICT.check(f"https://{host}/page")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/x",
        "file:///etc/passwd",
        "data:text/html,x",
        "gopher://example.org/",
        "javascript:alert(1)",
        "//example.org/",
        "example.org/x",
        "http:///x",
        "http://",
        "http://[::1",
        "http://example.org:0/",
        "http://example.org:70000/",
        "http://user@example.org/",
        "http://user:word@example.org/",
        "http://example.org@127.0.0.1/",
    ],
)
@pytest.mark.parametrize("allow_private", [False, True])
def test_other_schemes_and_malformed_urls_are_always_refused(url, allow_private):
    with pytest.raises(RefusedError) as caught:
        Guard(allow_private=allow_private, resolve={}).check(url)
    assert caught.value.reason is Reason.BAD_URL


@given(st.integers(0, 2**32 - 1), st.sampled_from(["d", "x", "o", "dots", "mixed", "mapped", "short"]))
def test_ipv4_notations_are_read_as_by_the_c_library(value, notation):
    address = ipaddress.IPv4Address(value)
    octets = address.packed
    spelled = {
        "d": str(value),
        "x": hex(value),
        "o": f"0{value:o}",
        "dots": str(address),
        "mixed": f"{octets[0]:#x}.0{octets[1]:o}.{octets[2]}.{octets[3]:#X}",
        "mapped": f"::ffff:{address}",
        "short": f"{octets[0]}.{octets[1]}.{value & 0xFFFF}",
    }[notation]
    read = address_of(spelled)
    if notation == "mapped":
        assert isinstance(read, ipaddress.IPv6Address)
        assert bool(forbidden(read)) == bool(forbidden(address))
    else:
        assert read == address
        assert socket.inet_aton(spelled) == address.packed


@given(st.integers(0, 2**32 - 1).map(ipaddress.IPv4Address))
def test_no_ipv4_address_is_allowed_that_is_not_global(address):
    if not address.is_global or address.is_multicast or address.is_reserved:
        assert forbidden(address)


@given(st.integers(0, 2**128 - 1).map(ipaddress.IPv6Address))
def test_no_ipv6_address_is_allowed_that_is_not_global(address):
    if not address.is_global or address.is_multicast or address.is_site_local:
        assert forbidden(address)


def test_a_name_that_resolves_to_a_private_address_is_refused():
    with pytest.raises(RefusedError) as caught:
        asyncio.run(STRICT.resolve("localhost", 80))
    assert caught.value.reason is Reason.ADDRESS_REFUSED
    assert "localhost" in caught.value.detail


def test_a_mapped_name_reaches_a_private_address_only_if_allowed():
    mapping = {"News.Example.": "127.0.0.1", "v6.example": "[::1]"}
    with pytest.raises(RefusedError):
        asyncio.run(Guard(allow_private=False, resolve=mapping).resolve("news.example", 80))
    answers = asyncio.run(Guard(allow_private=True, resolve=mapping).resolve("NEWS.example", 80))
    assert [(answer["host"], answer["port"], answer["family"]) for answer in answers] == [
        ("127.0.0.1", 80, socket.AF_INET)
    ]
    assert asyncio.run(Guard(allow_private=True, resolve=mapping).resolve("v6.example", 1))[0]["host"] == "::1"


def test_forbidden_addresses_are_removed_from_a_dns_answer(monkeypatch):
    async def both(*_):
        return [ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("8.8.8.8")]

    monkeypatch.setattr(STRICT, "_look_up", both)
    answers = asyncio.run(STRICT.resolve("rebinding.example", 80))
    assert [answer["host"] for answer in answers] == ["8.8.8.8"]


def test_no_socket_is_created_for_a_forbidden_address():
    with pytest.raises(RefusedError):
        STRICT.socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80)))
    with pytest.raises(RefusedError):
        STRICT.socket((socket.AF_INET6, socket.SOCK_STREAM, 0, "", ("fe80::1%lo", 80, 0, 1)))
    with STRICT.socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("8.8.8.8", 80))) as made:
        assert made.family is socket.AF_INET


def test_a_mapping_to_an_invalid_address_is_named():
    with pytest.raises(InputError, match="nonsense"):
        Guard(allow_private=True, resolve={"a.example": "nonsense"})
