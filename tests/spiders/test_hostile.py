"""Crawl every bad behaviour of the local web, over real HTTP and in a real child process."""

import json
from collections.abc import Iterator

import pytest
from warcio.archiveiterator import ArchiveIterator

from articles.model import Capture, Failure, Purpose, Reason
from spiders.process.parent import CrawlHandle
from tests.site import RunningSite, serve
from tests.site.hostile import FORBIDDEN, RESOURCES
from tests.spiders.crawling import Crawled, crawl

ALONE = {"429-always", "delay", "secret"}  # they delay all other requests to their host, or have their own test
CRAWL_STATES = {
    Reason.ADDRESS_REFUSED,
    Reason.BAD_URL,
    Reason.CONNECT_ERROR,
    Reason.DNS_ERROR,
    Reason.FETCH_ERROR,
    Reason.REDIRECT_LOOP,
    Reason.TIMEOUT,
    Reason.TLS_ERROR,
}
CUT = {"length": Reason.TOO_LARGE, "time": Reason.TIMEOUT, "disconnect": Reason.PARTIAL_BODY}


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSite]:
    with serve() as site:
        yield site


@pytest.fixture(scope="module")
def everything(running: RunningSite, tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """Crawl all hostile resources once."""
    urls = [url(running, name) for name in RESOURCES if name not in ALONE]
    resolve = dict(pair.split("=") for pair in running.resolve)
    store = tmp_path_factory.mktemp("hostile") / "store"
    return crawl(store, *urls, resolve=resolve, concurrency=8, timeout=8.0)


def url(site: RunningSite, name: str) -> str:
    return site.url("hostile", RESOURCES[name].sample, by_host=True)


@pytest.mark.parametrize("name", sorted(RESOURCES.keys() - ALONE))
def test_every_hostile_url_ends_in_the_warc_once(everything: Crawled, running: RunningSite, name: str):
    asked = url(running, name)
    records = [one for one in everything.records[asked] if one.purpose is Purpose.PAGE]
    responses = [one for one in records if isinstance(one, Capture)]
    failures = [one for one in records if isinstance(one, Failure)]
    assert len(responses) + len(failures) == 1 or failures[0].reason is Reason.REDIRECT_LOOP
    assert len(responses) <= 1
    if failures:
        assert failures[0].reason in RESOURCES[name].reasons
    elif (cut := responses[0].truncated) in CUT:
        assert CUT[cut] in RESOURCES[name].reasons
    else:
        assert RESOURCES[name].document or not RESOURCES[name].reasons <= CRAWL_STATES - {Reason.FETCH_ERROR}
    assert everything.event(asked).kind in {"fetched", "failed", "repeated"}


def test_the_crawl_of_hostile_urls_finishes(everything: Crawled):
    assert everything.result.finished
    assert not everything.of("error")
    assert [event.detail for event in everything.of("log")] == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("to", Reason.ADDRESS_REFUSED),
        ("to-garbage", Reason.BAD_URL),
        ("to-nowhere", Reason.DNS_ERROR),
        ("loop", Reason.REDIRECT_LOOP),
        ("self", Reason.REDIRECT_LOOP),
        ("maze", Reason.REDIRECT_LOOP),
        ("chain", Reason.REDIRECT_LOOP),
        ("drop", Reason.CONNECT_ERROR),
        ("bad-status-line", Reason.FETCH_ERROR),
        ("endless-head", Reason.FETCH_ERROR),
    ],
)
def test_each_failure_is_reported_with_reason_and_url(
    everything: Crawled, running: RunningSite, name: str, reason: Reason
):
    event = everything.event(url(running, name))
    assert (event.kind, event.reason) == ("failed", reason.value)
    assert event.detail
    assert everything.failure(event.url).reason is reason


def test_a_redirect_to_a_metadata_service_is_never_followed(everything: Crawled, running: RunningSite):
    asked = url(running, "to")
    assert everything.capture(asked).status == 302
    assert everything.failure(FORBIDDEN["metadata"]).reason is Reason.ADDRESS_REFUSED


@pytest.mark.parametrize(
    ("name", "cut", "most"),
    [("endless", "length", 16 << 20), ("large", "length", 0), ("drip", "time", 40), ("partial", "disconnect", 1 << 20)],
)
def test_a_truncated_body_is_kept_up_to_the_cut(
    everything: Crawled, running: RunningSite, name: str, cut: str, most: int
):
    capture = everything.capture(url(running, name))
    assert capture.truncated == cut
    assert len(capture.body) <= most
    assert everything.event(capture.url).detail == cut


@pytest.mark.parametrize(
    ("name", "purposes", "status"),
    [
        ("500-then-200", ["attempt", "page"], 200),
        ("503-then-200", ["attempt", "attempt", "page"], 200),
        ("429", ["attempt", "page"], 200),
        ("drop-then-200", ["page"], 200),
        ("status", ["attempt", "attempt", "page"], 503),
        ("missing", ["page"], 404),
    ],
)
def test_attempts_are_archived_and_only_the_last_is_the_page(
    everything: Crawled, running: RunningSite, name: str, purposes: list[str], status: int
):
    asked = url(running, name)
    assert everything.purposes(asked) == purposes
    assert everything.capture(asked).status == everything.event(asked).status == status


def test_retry_after_is_obeyed(everything: Crawled, running: RunningSite):
    first, second = everything.records[url(running, "429")]
    assert (second.fetched - first.fetched).total_seconds() >= 1


@pytest.mark.parametrize("name", ["gzip-bomb", "deflate-bomb", "gzip-twice-bomb"])
def test_a_zip_bomb_is_archived_compressed(everything: Crawled, running: RunningSite, name: str):
    capture = everything.capture(url(running, name))
    assert capture.truncated == "length"  # truncated on reading, not by the crawl
    assert everything.event(capture.url).size < 1 << 20
    assert everything.event(capture.url).detail == ""


def test_another_warc_reader_accepts_the_segments(everything: Crawled):
    kinds: dict[str, int] = {}
    for path in sorted(everything.store.rglob("*.warc.gz")):
        with path.open("rb") as file:
            for record in ArchiveIterator(file, check_digests="raise"):
                kinds[record.rec_type] = kinds.get(record.rec_type, 0) + 1
                body = record.content_stream().read()
                if record.rec_type == "metadata":
                    assert set(json.loads(body)) == {"reason", "detail"}
    assert kinds["response"] == kinds["request"] == everything.result.counts["responses"]
    assert kinds["metadata"] == everything.result.counts["failed"]


def test_header_fields_are_kept_as_they_were_sent(everything: Crawled, running: RunningSite):
    flood = everything.capture(url(running, "cookie-flood"))
    assert sum(name == "Set-Cookie" for name, _ in flood.headers) == 200
    path = next(everything.store.rglob("*hostile.example*/**/*.warc.gz"))
    with path.open("rb") as file:
        record = next(record for record in ArchiveIterator(file) if record.rec_type == "request")
        assert record.http_headers.get_header("User-Agent").startswith("irtysh/")
        assert "(+mailto:tests@irtysh.example)" in record.http_headers.get_header("User-Agent")
        assert record.http_headers.get_header("Cookie") is None
        assert record.http_headers.get_header("Referer") is None


def test_a_long_retry_after_is_not_waited_for(running: RunningSite, tmp_path):
    done = crawl(tmp_path, running.url("hostile", "/429-always?once"), timeout=2.0)
    assert done.result.seconds < 10
    assert [event.status for event in done.of("fetched")] == [429]


def test_no_response_is_a_timeout_after_two_attempts(running: RunningSite, tmp_path):
    done = crawl(tmp_path, running.url("hostile", "/delay/30"), timeout=1.0)
    (event,) = done.of("failed")
    assert event.reason == Reason.TIMEOUT
    assert 2 <= done.result.seconds < 10
    assert done.result.counts["retries"] == 1


PUBLIC = """
import ipaddress, sys
from spiders.fetching import address_rules
real = address_rules.forbidden
address_rules.forbidden = lambda address, **kw: None if str(address) == "127.0.0.1" else real(address, **kw)
from spiders.process.child import main
sys.exit(main())
"""  # a child for which the test server's address is public, unlike other loopback addresses


def test_redirects_and_names_never_lead_to_private_addresses(tmp_path):
    names = sorted(name for name, target in FORBIDDEN.items() if "://127.0.0.1:" not in target)
    same = {"decimal", "hex", "hex-parts", "octal", "short", "localhost", "localhost-dot", "fullwidth", "userinfo"}
    same |= {"ipv6-mapped", "ipv6-mapped-hex", "ipv6-nat64"}  # all of them the server's own address
    with serve() as site:
        urls = [site.url("hostile", f"/to/{name}") for name in names if name not in same]
        local = ["http://127.8.8.8:1/", f"http://[::1]:{site.port}/", "http://internal.example/", "http://10.0.0.1/"]
        done = crawl(
            tmp_path,
            *urls,
            *local,
            child=CrawlHandle("-c", PUBLIC),
            allow_private_hosts=False,
            resolve={"internal.example": "10.1.2.3", "metadata.google.internal": "169.254.169.254"},
            retries=0,
        )
        assert site.web.hits["hostile/secret"] == 0
    reasons = {event.text: event.reason for event in done.of("failed")}
    same_address = {event.text for event in done.of("repeated")}  # 0 is 0.0.0.0, which one of them was refused as
    assert len(same_address) <= 1
    assert {*reasons, *same_address} == {*urls, *local}
    assert set(reasons.values()) == {Reason.ADDRESS_REFUSED, Reason.BAD_URL}
    assert all(reasons[one] == Reason.ADDRESS_REFUSED for one in local)
    assert {event.status for event in done.of("fetched")} == set()


def test_without_allow_private_hosts_this_machine_gets_no_request(tmp_path):
    with serve() as site:
        urls = [
            site.url("hostile", "/secret"),
            f"http://localhost:{site.port}/hostile/secret",
            f"http://0x7f.1:{site.port}/",
        ]
        done = crawl(
            tmp_path,
            *urls,
            site.url("hostile", "/secret", by_host=True),
            allow_private_hosts=False,
            resolve={"hostile.example": "127.0.0.1"},
        )
        assert sum(site.web.hits.values()) == 0
    assert [event.reason for event in done.of("failed")] == [Reason.ADDRESS_REFUSED] * 4
