"""Tests of fetching: failures below HTTP, delays per host, robots.txt, archiving, and Retry-After."""

import asyncio
import gzip
import itertools
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from articles.model import Reason
from spiders.fetching.exchange import retry_after
from spiders.fetching.redirects import text_of
from tests.site import RunningSite
from tests.site.wire import Answer, Request
from tests.spiders.crawling import crawl

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOTHING = b"User-agent: *\nDisallow: /\n"
PAGE = Answer(200, [("Content-Type", "text/html")], b"<p>one</p>")


class Pages:
    """A site that answers every path with a page, except for the planted ones; it records the requests."""

    edition = 1

    def __init__(self, **planted: Answer) -> None:
        self.planted = {f"/{path.replace('_', '.')}": answer for path, answer in planted.items()}
        self.planted.setdefault("/robots.txt", Answer(404))
        self.asked: list[tuple[datetime, str, str]] = []
        self.at_once = 0

    def answer(self, request: Request) -> Answer:
        self.asked.append((datetime.now(UTC), request.host, request.path))
        return self.planted.get(request.path, PAGE)

    def paths(self) -> list[str]:
        return [path for _, _, path in self.asked]


@contextmanager
def serving(**planted: Answer) -> Iterator[tuple[RunningSite, Pages]]:
    pages = Pages(**planted)
    with RunningSite(pages) as site:  # type: ignore[arg-type]  # answers as the local web does
        yield site, pages


def robots(text: str, status: int = 200) -> Answer:
    return Answer(status, [("Content-Type", "text/plain")], text.encode())


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port at which nobody listens: as long as it is bound, no other process gets it."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        yield int(nobody.getsockname()[1])


def test_an_unreachable_host_has_a_reason(tmp_path, closed_port):
    refused, nowhere = f"http://127.0.0.1:{closed_port}/a", "http://no-such-host.invalid/a"
    done = crawl(tmp_path, refused, nowhere, retries=1)
    assert done.event(refused).reason == Reason.CONNECT_ERROR
    assert done.event(nowhere).reason == Reason.DNS_ERROR
    assert done.failure(refused).reason is Reason.CONNECT_ERROR
    assert done.failure(nowhere).outlet == "no-such-host.invalid"
    assert done.result.finished


@pytest.fixture
def tls_port(tmp_path) -> Iterator[int]:
    """Port of a server with a self-signed certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
    pem = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    pem += key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    Path(tmp_path / "pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pem")
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(asyncio.Protocol, "127.0.0.1", 0, ssl=context))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield server.sockets[0].getsockname()[1]
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    server.close()
    loop.run_until_complete(server.wait_closed())
    loop.close()


def test_an_untrusted_certificate_is_a_tls_error(tmp_path, tls_port):
    done = crawl(tmp_path / "store", f"https://127.0.0.1:{tls_port}/a")
    (event,) = done.of("failed")
    assert event.reason == Reason.TLS_ERROR


def test_robots_txt_is_fetched_once_per_site_and_obeyed(tmp_path):
    rules = "User-agent: *\nDisallow: /all/\n\nUser-agent: irtysh\nDisallow: /ours/\nAllow: /ours/open\n"
    with serving(robots_txt=robots(rules)) as (site, pages):
        urls = [site.base + path for path in ("/ours/a", "/ours/open", "/all/b", "/c")]
        done = crawl(tmp_path, *urls)
    assert pages.paths().count("/robots.txt") == 1
    assert done.event(urls[0]).reason == Reason.ROBOTS_REFUSED
    assert done.failure(urls[0]).reason is Reason.ROBOTS_REFUSED
    assert [done.event(url).kind for url in urls] == ["failed", "fetched", "fetched", "fetched"]
    assert "/ours/a" not in pages.paths()
    assert done.purposes(f"{site.base}/robots.txt") == ["robots"]


def test_the_target_of_a_redirect_has_its_own_robots_txt(tmp_path):
    with serving(robots_txt=robots("User-agent: *\nDisallow: /")) as (closed, asked):
        target = f"{closed.base}/secret"
        with serving(away=Answer(302, [("Location", target)])) as (site, _):
            done = crawl(tmp_path, f"{site.base}/away")
    assert asked.paths() == ["/robots.txt"]
    assert done.event(f"{site.base}/away").reason == Reason.ROBOTS_REFUSED
    assert done.failure(target).reason is Reason.ROBOTS_REFUSED


RULES = {  # the response to robots.txt, and the reason why a page of the site is not fetched
    "missing": (robots("gone", 404), ""),
    "forbidden": (robots("no", 403), ""),
    "broken": (robots("broken", 500), Reason.ROBOTS_REFUSED),
    "hasty": (robots("slow down", 429), Reason.ROBOTS_REFUSED),
    "garbage": (robots("\x00\xff garbage : : \n" * 50), ""),
    "moved": (Answer(302, [("Location", "/rules")]), Reason.ROBOTS_REFUSED),
    "loop": (Answer(302, [("Location", "/robots.txt")]), ""),
    "packed": (Answer(200, [("Content-Encoding", "gzip")], gzip.compress(NOTHING)), Reason.ROBOTS_REFUSED),
    "bomb": (
        Answer(200, [("Content-Encoding", "gzip")], gzip.compress(NOTHING + bytes(90 << 20))),
        Reason.ROBOTS_REFUSED,
    ),
}


class Hosts(Pages):
    """One site per entry of `RULES`."""

    def answer(self, request: Request) -> Answer:
        super().answer(request)
        if request.path == "/robots.txt":
            return RULES[request.host.partition(".")[0]][0]
        return robots(NOTHING.decode()) if request.path == "/rules" else PAGE


def test_responses_to_robots_txt_are_read_as_in_rfc_9309(tmp_path):
    hosts = Hosts()
    with RunningSite(hosts) as site:  # type: ignore[arg-type]  # answers as the local web does
        urls = {name: f"http://{name}.example:{site.port}/a" for name in RULES}
        resolve = {f"{name}.example": "127.0.0.1" for name in RULES}
        done = crawl(tmp_path, *urls.values(), retries=0, resolve=resolve)
    asked = {host.partition(".")[0] for _, host, path in hosts.asked if path == "/a"}
    assert asked == {name for name, (_, reason) in RULES.items() if not reason}
    assert {name: done.event(url).reason for name, url in urls.items()} == {
        name: reason for name, (_, reason) in RULES.items()
    }


def test_a_crawl_delay_is_obeyed_and_delays_no_other_host(tmp_path):
    with serving(robots_txt=robots("User-agent: *\nCrawl-delay: 0.5")) as (site, pages):
        slow = [f"{site.base}/{number}" for number in range(4)]
        with serving() as (other, others):
            fast = [f"http://other.example:{other.port}/{number}" for number in range(20)]
            crawl(tmp_path, *slow, *fast, resolve={"other.example": "127.0.0.1"})
    times = [moment for moment, _, path in pages.asked if path != "/robots.txt"]
    gaps = [(after - before).total_seconds() for before, after in itertools.pairwise(times)]
    assert min(gaps) >= 0.5 * 0.69  # the delay varies by up to three tenths
    assert max(moment for moment, *_ in others.asked) < times[2]


def test_the_delay_between_requests_to_a_host_is_kept(tmp_path):
    with serving() as (site, pages):
        crawl(tmp_path, *(f"{site.base}/{number}" for number in range(5)), delay=0.3)
    times = [moment for moment, _, _ in pages.asked]
    gaps = [(after - before).total_seconds() for before, after in itertools.pairwise(times)]
    assert min(gaps) >= 0.3 * 0.5  # the delay varies by up to three tenths, and a busy machine answers late
    assert sum(gaps) >= 0.3 * 0.7 * len(gaps)


def test_an_exchange_is_archived_as_received_and_no_proxy_is_used(tmp_path, monkeypatch, closed_port):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port}")
    packed = gzip.compress(b"<p>one</p>")
    fields = [("content-type", "text/html"), ("X-ODD-Case", "a"), ("Set-Cookie", "b=1"), ("x-odd-case", "c")]
    with serving(page=Answer(200, [*fields, ("content-encoding", "gzip")], packed)) as (site, _):
        done = crawl(tmp_path, f"{site.base}/page")
    assert done.capture(f"{site.base}/page").headers[:4] == tuple(fields)
    assert done.capture(f"{site.base}/page").body == b"<p>one</p>"
    assert done.event(f"{site.base}/page").size == len(packed)
    assert any("http_proxy" in event.detail for event in done.of("log"))
    (segment,) = tmp_path.rglob("*.warc.gz")
    with segment.open("rb") as file:
        records = [(one.rec_type, one.raw_stream.read()) for one in ArchiveIterator(file, no_record_parse=True)]
    (response,) = (block for kind, block in records if kind == "response" and b"odd-case" in block)
    assert response.startswith(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nX-ODD-Case: a\r\n")
    assert response.endswith(b"\r\n\r\n" + packed)


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (b" /a b ", "/a b"),
        ("/путь".encode(), "/путь"),
        ("/путь?a=b%20c".encode("cp1251"), "/%EF%F3%F2%FC?a=b%20c"),
        (b"", ""),
    ],
)
def test_a_location_is_decoded_as_browsers_do(sent, meant):
    assert text_of(sent) == meant


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"7", 7.0),
        (b" 120 ", 120.0),
        (b"Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        (b"Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        (b"soon", 0.0),
        (b"", 0.0),
        (b"-5", 0.0),
        (b"1e9", 0.0),
        ("²".encode("latin-1"), 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(value, seconds):
    assert retry_after(value, NOW) == seconds


@given(st.binary(max_size=60))
def test_no_retry_after_raises(value):
    assert retry_after(value, NOW) >= 0
