"""Tests of cookies within a chain of redirects, and of the limit on one address with several names."""

import asyncio
import itertools
import threading
import time
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from articles.model import Reason
from spiders.fetching.addresses import AddressLimits
from spiders.fetching.cookies import header, updated
from storage.captures.segments import list_segments
from storage.objects import open_store
from tests.site import RunningSite
from tests.site.wire import Answer, Request
from tests.spiders.crawling import crawl
from tests.spiders.fetching.test_fetcher import Pages, serving

NAMES = [f"name{number}.example" for number in range(12)]
OUTLET = """
from spiders.outlet import Outlet


class Own(Outlet):
    domains = ("127.0.0.1",)
    languages = ("en",)
    article = r"http://127.+"
    cookies = False
"""


class Walled(Pages):
    """A site that redirects until the client sends a cookie back, and notes the cookies that it gets."""

    def __init__(self, *hops: str, value: str = "seen=1; Path=/") -> None:
        super().__init__()
        self.hops = hops or ("/story",)
        self.value = value
        self.cookies: list[tuple[str, str, str]] = []
        self.elsewhere = ""

    def answer(self, request: Request) -> Answer:
        cookie = request.headers.get("cookie", "")
        self.cookies.append((request.host.partition(":")[0], request.path, cookie))
        if request.path.startswith(("/robots", "/.well")):
            return Answer(404)
        if ("seen=1" in cookie and request.path == self.hops[0]) or request.path == "/plain":
            return Answer(200, [("Content-Type", "text/html")], b"<p>at last</p>")
        place = self.hops.index(request.path) if request.path in self.hops else 0
        location = self.elsewhere or self.hops[(place + 1) % len(self.hops)]
        return Answer(302, [("Location", location), ("Set-Cookie", self.value)])


@pytest.mark.parametrize("hops", [("/story",), ("/story", "/check")])
def test_a_cookie_is_kept_for_its_chain_only_and_never_archived(tmp_path, hops):
    pages = Walled(*hops)
    with RunningSite(pages) as site:  # type: ignore[arg-type]  # answers as the local web does
        done = crawl(tmp_path, f"{site.base}/story", f"{site.base}/plain")
    assert [capture.status for capture in done.records[f"{site.base}/story"]][-1] == 200
    assert done.event(f"{site.base}/story").status == 200
    assert {cookie for _, path, cookie in pages.cookies if path in {"/plain", "/robots.txt"}} == {""}
    store = open_store(str(tmp_path))
    for key in list_segments(store):
        (tmp_path / "segment").write_bytes(store.get(key))
        with (tmp_path / "segment").open("rb") as file:
            for record in ArchiveIterator(file):
                if record.rec_type == "request":
                    assert record.http_headers.get_header("cookie") is None


def test_a_page_that_sets_the_same_cookie_for_ever_is_a_loop(tmp_path):
    with RunningSite(pages := Walled(value="other=1; Path=/")) as site:  # type: ignore[arg-type]
        done = crawl(tmp_path, f"{site.base}/story")
    assert done.event(f"{site.base}/story").reason == Reason.REDIRECT_LOOP
    assert [cookie for _, path, cookie in pages.cookies if path == "/story"] == ["", "other=1"]


def test_a_cookie_goes_to_no_other_host(tmp_path):
    there = Walled()
    with RunningSite(there) as other:  # type: ignore[arg-type]
        here = Walled(value="seen=1; Domain=example; Path=/")
        here.elsewhere = f"http://two.example:{other.port}/story"
        with RunningSite(here) as site:  # type: ignore[arg-type]
            resolve = dict.fromkeys(("one.example", "two.example"), "127.0.0.1")
            crawl(tmp_path, f"http://one.example:{site.port}/story", resolve=resolve)
    assert [cookie for host, path, cookie in there.cookies if path == "/story"] == ["", "seen=1"]  # its own


def test_an_outlet_can_opt_out_of_cookies(tmp_path):
    (tmp_path / "own.py").write_text(OUTLET)
    with RunningSite(pages := Walled()) as site:  # type: ignore[arg-type]
        done = crawl(tmp_path / "store", f"{site.base}/story", outlets=str(tmp_path / "own.py"))
    assert done.event(f"{site.base}/story").reason == Reason.REDIRECT_LOOP
    assert {cookie for *_, cookie in pages.cookies} == {""}


@pytest.mark.parametrize(
    ("field", "url", "sent"),
    [
        (b"a=1; Path=/", "https://x.kz/b", "a=1"),
        (b"a=1; Path=/deep", "https://x.kz/b", ""),
        (b"a=1; Path=/b", "https://x.kz/bc", ""),
        (b"a=1; Secure", "http://x.kz/a/b", ""),
        (b"a=1; Max-Age=0; Path=/", "https://x.kz/b", ""),
        (b"a=1; Domain=.kz; Path=/", "https://y.kz/b", ""),
        (b"a=\r\nX: 1", "https://x.kz/a/b", ""),
        (b"no pair", "https://x.kz/a/b", ""),
        (b"a=" + b"1" * 5000, "https://x.kz/a/b", ""),
    ],
)
def test_a_cookie_is_sent_where_it_belongs(field, url, sent):
    assert header(updated((), "https://x.kz/a/story", [field]), url) == sent


class Timed(Pages):
    """A site that notes when it is asked, and how many requests it answers at once."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []
        self.lock = threading.Lock()

    def answer(self, request: Request) -> Answer:
        self.times.append(time.monotonic())
        return super().answer(request)


def gaps_of(tmp_path, **options: Any) -> list[float]:
    with RunningSite(pages := Timed()) as site:  # type: ignore[arg-type]  # answers as the local web does
        urls = [f"http://{name}:{site.port}/{number}" for number in range(2) for name in NAMES[:6]]
        done = crawl(tmp_path, *urls, resolve=dict.fromkeys(NAMES, "127.0.0.1"), **options)
        assert len(done.of("fetched")) == len(urls)
    return [after - before for before, after in itertools.pairwise(sorted(pages.times))]


def test_names_of_one_address_share_the_delay_of_one_host(tmp_path):
    gaps = gaps_of(tmp_path, delay=0.2)
    assert min(gaps) >= 0.2 * 0.5  # the delay varies by up to three tenths, and a busy machine answers late
    assert sum(gaps) >= 0.2 * 0.7 * len(gaps)


def test_an_address_may_get_the_share_of_several_hosts(tmp_path):
    assert sum(gaps_of(tmp_path, delay=0.2, hosts_per_address=6)) < 0.2 * 24 / 2


def test_a_host_at_another_address_does_not_wait(tmp_path):
    with serving() as (site, _):
        urls = [f"http://{name}:{site.port}/a" for name in NAMES]
        done = crawl(tmp_path, *urls, f"http://127.0.0.1:{site.port}/b", resolve=dict.fromkeys(NAMES, "127.0.0.1"))
    assert len(done.of("fetched")) == len(NAMES) + 1


class Leading(Pages):
    """A site whose pages lead on by `<meta http-equiv="refresh">`, as their paths say."""

    def answer(self, request: Request) -> Answer:
        if request.path.startswith(("/robots", "/.well")):
            return Answer(404)
        to = {"/old": "/new", "/a": "/b", "/b": "/a", "/odd": "javascript:go()"}.get(request.path, "")
        head = f'<meta http-equiv="refresh" content="0; url={to}">' if to else ""
        return Answer(200, [("Content-Type", "text/html")], f"<html><head>{head}</head><p>at last</p></html>".encode())


def test_a_page_that_leads_on_is_followed_like_a_redirect(tmp_path):
    with RunningSite(Leading()) as site:  # type: ignore[arg-type]  # answers as the local web does
        done = crawl(tmp_path, *(f"{site.base}{path}" for path in ("/old", "/a", "/odd")))
    assert done.capture(f"{site.base}/old").status == done.capture(f"{site.base}/new").status == 200
    assert done.capture(f"{site.base}/odd").status == 200
    assert done.event(f"{site.base}/a").reason == Reason.REDIRECT_LOOP
    assert done.event(f"{site.base}/old").url == f"{site.base}/new"


class Names:
    """A resolver with fixed answers."""

    def __init__(self, **answers: tuple[str, ...]) -> None:
        self.answers = answers

    async def resolve(self, host: str) -> list[dict[str, str]]:
        return [{"host": address} for address in self.answers[host]]


def located(order: tuple[str, ...], **answers: tuple[str, ...]) -> dict[str, str]:
    async def locate() -> dict[str, str]:
        limits = AddressLimits(Names(**answers), 1.0, 1, 1)  # type: ignore[arg-type]  # all that is used of a guard
        for host in order:
            await limits.locate(host)
        return {host: limits.of(host) for host in order}

    return asyncio.run(locate())


@pytest.mark.parametrize("order", list(itertools.permutations(("four", "six", "both"))))
def test_both_addresses_of_a_name_are_one_machine(order):
    found = located(order, four=("9.9.9.9",), six=("2a00::9",), both=("2a00::9", "9.9.9.9"))
    assert len(set(found.values())) == 1


def test_addresses_that_no_name_joins_are_apart():
    found = located(
        ("a", "b", "c", "d"), a=("9.9.9.9",), b=("2a00::9",), c=("9.9.9.8", "9.9.9.9"), d=("2a00::7", "9.9.9.7")
    )
    assert len(set(found.values())) == 4
    chain = located(("a", "b", "c"), a=("9.9.9.1", "2a00::1"), b=("9.9.9.2", "2a00::1"), c=("9.9.9.2", "2a00::3"))
    assert len(set(chain.values())) == 1


def test_a_machine_with_two_addresses_gets_the_delay_of_one_host():
    async def spaces() -> float:
        names = Names(four=("9.9.9.9",), both=("2a00::9", "9.9.9.9"), six=("2a00::9",))
        limits = AddressLimits(names, 0.2, 1, 1)  # type: ignore[arg-type]
        began = asyncio.get_running_loop().time()
        for host in ("four", "six", "both", "six"):
            async with limits.turn(host, asyncio.Event()):
                pass
        return asyncio.get_running_loop().time() - began

    assert asyncio.run(spaces()) >= 0.2 * 0.7 * 2  # the first two names are not known to be one machine yet
