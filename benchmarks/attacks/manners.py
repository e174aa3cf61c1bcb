"""Attacks on where a crawl goes and how it behaves: addresses, robots.txt, names of one machine."""

import itertools
import threading
import time
from pathlib import Path

from articles.model import Reason
from benchmarks.attacks.measure import Attack
from spiders.fetching.address_rules import RefusedError
from spiders.fetching.guard import Guard
from spiders.fetching.robots_text import delay_of, text_of
from tests.site import RunningSite
from tests.site.wire import Answer, Request
from tests.spiders.crawling import crawl

METADATA = (
    "169.254.169.254", "[fd00:ec2::254]", "[fd00:ec2:1::1]", "[fd20:ce::254]", "100.100.100.200", "192.0.0.192",
    "168.63.129.16", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::1]", "2852039166", "0xa9fea9fe",
    "[fd00:c1::a9fe:a9fe]", "[fd00:42::42]",
)  # fmt: skip
NAMES = tuple(f"name{number}.example" for number in range(12))
DELAY_SECONDS = 0.2
JITTER = 0.5  # of the delay, at least, between two requests


class _Site:
    """A site in the interface of the local web that notes when it is asked."""

    edition = 1

    def __init__(self, robots: bytes = b"") -> None:
        self.robots = robots
        self.asked: list[tuple[float, str]] = []
        self.lock = threading.Lock()

    def answer(self, request: Request) -> Answer:
        if request.path == "/robots.txt":
            return Answer(200, [("Content-Type", "text/plain")], self.robots)
        if request.path.startswith("/.well-known/"):
            return Answer(404)
        with self.lock:
            self.asked.append((time.monotonic(), request.path))
        return Answer(200, [("Content-Type", "text/html")], f"<p>{request.path}</p>".encode())


def _metadata(_: Path) -> str:
    guard = Guard(allow_private=True, resolve={})
    for host in METADATA:
        try:
            guard.check(f"http://{host}/latest")
        except RefusedError:
            continue
        raise AssertionError(f"{host} may be asked")
    return f"refused: {len(METADATA)} addresses, with --allow-private-hosts"


def _robots(folder: Path, encoding: str) -> str:
    site = _Site("User-agent: *\r\nDisallow: /closed/\r\n".encode(encoding))
    with RunningSite(site) as web:  # type: ignore[arg-type]  # answers as the local web does
        done = crawl(folder / "store", f"{web.base}/closed/a")
    assert not site.asked, "the page was fetched"
    (failed,) = done.of("failed")
    assert failed.reason == Reason.ROBOTS_REFUSED, failed.reason
    return f"held: {failed.reason}"


def _comma(_: Path) -> str:
    from protego import Protego  # noqa: PLC0415  as `spiders.fetching.robots` uses it

    delay = delay_of(Protego.parse(text_of(b"User-agent: *\nCrawl-delay: 2,5\n")), "irtysh")
    assert delay == 2.5, delay
    return f"held: {delay} s"


def _names(folder: Path) -> str:
    site = _Site()
    with RunningSite(site) as web:  # type: ignore[arg-type]  # answers as the local web does
        urls = [f"http://{name}:{web.port}/a" for name in NAMES]
        crawl(folder / "store", *urls, resolve=dict.fromkeys(NAMES, "127.0.0.1"), delay=DELAY_SECONDS)
    moments = sorted(moment for moment, _ in site.asked)
    assert len(moments) == len(urls), f"{len(moments)} requests"
    shortest = min(after - before for before, after in itertools.pairwise(moments))
    assert shortest >= JITTER * DELAY_SECONDS, f"{shortest:.2f} s between two requests"
    return f"held: at least {shortest:.2f} s between requests, delay {DELAY_SECONDS} s"


ATTACKS = (
    Attack("metadata services in all notations", "fd00:ec2::/32 and fd20:ce::/32 were asked", _metadata),
    Attack("robots.txt with a byte order mark", "not obeyed", lambda folder: _robots(folder, "utf-8-sig")),
    Attack("robots.txt in UTF-16", "not obeyed", lambda folder: _robots(folder, "utf-16")),
    Attack("Crawl-delay: 2,5", "not obeyed", _comma),
    Attack("12 names of one machine", "12 requests at once", _names),
)
